"""What became of every fragment of a video stream, by two clocks: a fold over the event log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from kinesis_sim.instants import HOUR
from kinesis_sim.video.events import (
    FragmentBegan,
    FragmentPersisted,
    FragmentReceived,
    FragmentsExpired,
    MediaConnectionChanged,
    MediaRefused,
    VideoRetentionChanged,
)

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

OfFragments = (
    FragmentBegan
    | FragmentReceived
    | FragmentPersisted
    | FragmentsExpired
    | MediaConnectionChanged
    | MediaRefused
    | VideoRetentionChanged
)
KINDS: tuple[type[OfFragments], ...] = get_args(OfFragments)
"""The classes of events that the fold takes."""
UNKNOWN_MS = 1_000
"""How long a fragment is drawn that nobody saw whole; a too long one as long as was looked at."""


@dataclass(slots=True)
class Shot:
    """One fragment. Times: epoch ms, None for what did not happen.

    produced: by the producer's clock; began: by the service's, its server timestamp; length: ms;
    error: why it was refused, "" when only its connection was lost. sequence: None for one that was
    refused before it had a number.
    """

    sequence: int | None
    produced: int
    began: int
    length: int = UNKNOWN_MS
    received: int | None = None
    persisted: int | None = None
    gone: int | None = None
    lost: int | None = None
    error: str = ""

    def state(self, at: int) -> str:
        """ "waiting", "held" (received only), "stored", "gone", "failed", "lost"; "" before."""
        if at < self.began:
            return ""
        if _past(self.lost, at):
            return "failed" if self.error else "lost"
        if _past(self.gone, at):
            return "gone"
        if _past(self.persisted, at):
            return "stored"
        return "held" if _past(self.received, at) else "waiting"

    @property
    def times(self) -> list[int]:
        """When something happened to it, in order (epoch ms)."""
        found = (self.began, self.received, self.persisted, self.gone, self.lost)
        return sorted(at for at in found if at is not None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An ERROR acknowledgement. at: epoch ms; error_id: None where AWS publishes none."""

    at: int
    error: str
    error_id: int | None


@dataclass(slots=True)
class Footage:
    """A stream's fragments since ``begin`` (epoch ms), in the order in which they came.

    made: when the stream was created (epoch ms). retentions: (since when, hours), oldest first.
    buffer_ms: how long media is there without retention; most_ms: how long a fragment may be.
    whole_from: since when all is known (epoch ms), None for always.
    """

    stream: str
    made: int
    begin: int
    now: int
    buffer_ms: int
    most_ms: int
    whole_from: int | None
    shots: list[Shot] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    retentions: list[tuple[int, int]] = field(default_factory=list)

    def hours(self, at: int) -> int:
        """The retention in force at an instant (epoch ms)."""
        return next((hours for since, hours in reversed(self.retentions) if since <= at), 0)

    def state(self, shot: Shot, at: int) -> str:
        """A fragment's state; without retention what was stored is there for live readers only."""
        state = shot.state(at)
        return "held" if state == "stored" and not self.hours(at) else state

    def edge(self, at: int) -> int:
        """What came in before it is gone at an instant (epoch ms)."""
        return at - (self.hours(at) * HOUR or self.buffer_ms)

    def refusal(self, at: int) -> Refusal | None:
        """The newest error at an instant (epoch ms)."""
        return next((each for each in reversed(self.refusals) if each.at <= at), None)


def footage(sim: Simulator, stream: str) -> Footage:
    """The fragments of a stream, from its creation to now; UsageError when there is none."""
    with sim.lock:
        video, now = sim.video[stream], sim.clock.now
        whole = sim.events.whole_from(*KINDS, stream=stream)
        begin = max(video.made, whole or 0)
        limits = sim.video.limits
        buffer_ms, most_ms = (
            1_000 * limits[f"video.{each}"] for each in ("buffer_seconds", "fragment_seconds")
        )
        rows = Footage(stream, video.made, begin, now, buffer_ms, most_ms, whole)
        events = [e for e in sim.events.of(*KINDS, stream=stream) if e.at >= video.made]
    changes = [event for event in events if isinstance(event, VideoRetentionChanged)]
    first = changes[0].was if changes else video.archive.retention
    rows.retentions = [(video.made, first), *((event.at, event.became) for event in changes)]
    fold = _Fold(rows)
    for event in events:
        if event.at >= begin:
            fold.take(event)
    return rows


class _Fold:
    """Takes one event after the other; what is open is the fragment that is coming in."""

    def __init__(self, rows: Footage) -> None:
        self._rows = rows
        self._open: Shot | None = None
        self._by_sequence: dict[int, Shot] = {}
        self._base: int | None = None

    def take(self, event: OfFragments) -> None:
        match event:
            case FragmentBegan():
                self._base = event.produced - event.timecode
                self._open = self._add(Shot(event.sequence, event.produced, event.at))
                self._by_sequence[event.sequence] = self._open
            case FragmentReceived(sequence=sequence) if sequence in self._by_sequence:
                shot, self._open = self._by_sequence[sequence], None
                shot.received, shot.length = event.at, max(event.length, 1)
            case FragmentPersisted(sequence=sequence) if sequence in self._by_sequence:
                self._by_sequence[sequence].persisted = event.at
            case FragmentsExpired():
                self._expire(event.up_to, event.at)
            case MediaRefused():
                self._refuse(event)
            case MediaConnectionChanged(api="PutMedia", became="closed"):
                self._lose(event.at)
                self._base = None
            case _:
                pass

    def _add(self, shot: Shot) -> Shot:
        self._rows.shots.append(shot)
        return shot

    def _expire(self, up_to: int, at: int) -> None:
        for sequence in [each for each in self._by_sequence if each <= up_to]:
            self._by_sequence.pop(sequence).gone = at

    def _refuse(self, event: MediaRefused) -> None:
        """The fragment that was open, or one that was refused before it had begun."""
        self._rows.refusals.append(Refusal(event.at, event.error, event.error_id))
        if self._open is None and event.timecode is not None:
            produced = event.at if self._base is None else self._base + event.timecode
            self._open = self._add(Shot(None, produced, event.at))
        self._lose(event.at, event.error)

    def _lose(self, at: int, error: str = "") -> None:
        shot, self._open = self._open, None
        if shot is None:
            return
        shot.lost, shot.error = at, error
        if error == "MAX_FRAGMENT_DURATION_REACHED":
            shot.length = self._rows.most_ms
        if shot.sequence is not None:
            self._by_sequence.pop(shot.sequence)


def _past(instant: int | None, at: int) -> bool:
    return instant is not None and instant <= at


def thinned(instants: Sequence[int], most: int) -> list[int]:
    """So many of the instants at most, evenly, the last one always among them."""
    if len(instants) <= most:
        return list(instants)
    step = len(instants) / most
    return [instants[min(len(instants) - 1, round((n + 1) * step) - 1)] for n in range(most)]
