"""A stream's history as plain rows: lanes, dots, the trim horizon. Pictures only lay these out.

A fold over the event log and the stream's own list of shards; nothing here draws, and nothing that
draws computes hashes, routes or retention again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import sqrt

from kinesis_sim.account.hashing import HASH_SPACE, hash_key
from kinesis_sim.events import EventLog
from kinesis_sim.instants import HOUR
from kinesis_sim.show.kit.shares import MOST_DOTS, Dot, Share, thinned
from kinesis_sim.streams.events import RecordsPut, RetentionChanged, StatusChanged, StreamEvent
from kinesis_sim.streams.shard import Shard
from kinesis_sim.streams.stream import Stream

MOST_LANES = 24


@dataclass(frozen=True, slots=True)
class Lane:
    """A shard's life. Times: epoch ms, None while they lie ahead; start, end: hash keys."""

    shard: int
    start: int
    end: int
    opened: int
    closed: int | None
    expires: int | None
    parents: tuple[int, ...]

    def state(self, at: int) -> str:
        """ "open", "closed" or "expired" at an instant (epoch ms) at which it exists."""
        if self.expires is not None and self.expires <= at:
            return "expired"
        return "closed" if self.closed is not None and self.closed <= at else "open"


@dataclass(frozen=True, slots=True)
class Beat:
    """A reshard: at ``at``, the shards ``old`` closed and the shards ``new`` opened."""

    at: int
    old: tuple[int, ...]
    new: tuple[int, ...]

    @property
    def kind(self) -> str:
        """ "split" or "merged"."""
        return "split" if len(self.old) == 1 else "merged"


@dataclass(frozen=True, slots=True)
class Pin:
    """Where a partition key lands. hash: its hash key; homes: (since when, shard), oldest first."""

    key: str
    hash: int
    homes: tuple[tuple[int, int], ...]

    def home(self, at: int) -> int | None:
        """The shard that the key goes to at an instant (epoch ms); None before the first shard."""
        reached = [shard for since, shard in self.homes if since <= at]
        return reached[-1] if reached else None


class Horizon:
    """The trim horizon over time: what arrived before it is gone. It never moves back.

    changes: (since when, retention in ms), oldest first, the stream's creation included.
    """

    def __init__(self, changes: Iterable[tuple[int, int]]) -> None:
        self.changes = tuple(changes)

    def at(self, instant: int) -> int:
        """The horizon at an instant (both epoch ms)."""
        ends = [since for since, _ in self.changes[1:]] + [instant]
        spans = zip(self.changes, ends, strict=True)
        return max(min(end, instant) - kept for (since, kept), end in spans if since <= instant)

    def passes(self, instant: int) -> int:
        """When the horizon has passed what happened at ``instant``, as retention stands now."""
        ends = [since for since, _ in self.changes[1:]]
        for (since, kept), end in zip(self.changes, ends, strict=False):
            if (passed := max(since, instant + kept + 1)) <= end:
                return passed
        since, kept = self.changes[-1]
        return max(since, instant + kept + 1)

    def hours(self, instant: int) -> int:
        """The retention in force at an instant, in hours."""
        return [kept for since, kept in self.changes if since <= instant][-1] // HOUR


@dataclass(frozen=True, slots=True)
class History:
    """All that the shard map shows of a stream, from its creation (``begin``) to ``now``.

    width: ms of time that one dot adds up, 0 when every dot is one put. hidden: lanes left out.
    statuses: (since when, status, why). lanes: from top to bottom, children under their parents.
    """

    stream: str
    mode: str
    begin: int
    now: int
    lanes: tuple[Lane, ...]
    hidden: int
    shares: tuple[Share, ...]
    dots: tuple[Dot, ...]
    width: int
    horizon: Horizon
    statuses: tuple[tuple[int, str, str], ...]
    beats: tuple[Beat, ...]
    retentions: tuple[RetentionChanged, ...]

    def open_at(self, at: int) -> list[Lane]:
        """The shards open at an instant, by hash range."""
        lanes = [
            lane
            for lane in self.lanes
            if lane.opened <= at and (lane.closed is None or at < lane.closed)
        ]
        return sorted(lanes, key=lambda lane: lane.start)

    def pin(self, key: str) -> Pin:
        """Where a partition key landed and lands (facts/data-streams §2.1)."""
        place = hash_key(key)
        lanes = [lane for lane in self.lanes if lane.start <= place <= lane.end]
        homes = sorted((lane.opened, lane.shard) for lane in lanes)
        return Pin(key, place, tuple(homes))


def history(stream: Stream, events: EventLog, now: int) -> History:
    """Fold what happened to a stream until ``now`` (epoch ms) into rows."""
    own = [
        event
        for event in events.of(StatusChanged, RetentionChanged, RecordsPut, stream=stream.name)
        if _concerns(event, stream)
    ]
    retentions = [event for event in own if isinstance(event, RetentionChanged)]
    horizon = Horizon(_retention(stream, retentions))
    puts = [event for event in own if isinstance(event, RecordsPut)]
    shares = tuple(shares_of(stream, events, puts))
    dots, width = thinned(shares, MOST_DOTS)
    lanes = _lanes(stream, horizon, now)
    shown = _most(lanes, MOST_LANES)
    statuses = [(e.at, e.became or "", e.why) for e in own if isinstance(e, StatusChanged)]
    return History(
        stream=stream.name,
        mode=stream.settings.mode,
        begin=stream.created_at,
        now=now,
        lanes=tuple(shown),
        hidden=len(lanes) - len(shown),
        shares=shares,
        dots=dots,
        width=width,
        horizon=horizon,
        statuses=((stream.created_at, "CREATING", "CreateStream"), *statuses),
        beats=tuple(_beats(stream)),
        retentions=tuple(retentions),
    )


def _concerns(event: StreamEvent, stream: Stream) -> bool:
    """Whether an event is this stream's, and not that of a deleted namesake."""
    return event.stream == stream.name and event.at >= stream.created_at


def _retention(stream: Stream, changes: list[RetentionChanged]) -> Iterator[tuple[int, int]]:
    first = changes[0].was if changes else stream.settings.retention_hours
    yield stream.created_at, first * HOUR
    for change in changes:
        yield change.at, change.became * HOUR


def shares_of(stream: Stream, events: EventLog, puts: list[RecordsPut]) -> Iterator[Share]:
    """Shares of a stream's puts: of each put that is whole, of minutes and more before that."""
    whole_from = events.whole_from(RecordsPut, stream=stream.name) or 0
    if whole_from:
        yield from _folded(stream, events, whole_from)
    for event in puts:
        if event.at >= whole_from:
            for part in event.shares:
                yield Share(
                    event.at,
                    part.shard,
                    part.records,
                    part.bytes,
                    part.throttled,
                    part.throttled_bytes,
                )


def _folded(stream: Stream, events: EventLog, until: int) -> Iterator[Share]:
    """Minutes of which at least some events are kept only as rows."""
    for row in events.minutes(RecordsPut, stream=stream.name):
        labels = dict(row.labels)
        if row.minute >= until or "shard" not in labels:
            continue
        if labels["stream"] == stream.name and row.minute + row.width > stream.created_at:
            at = max(row.minute, stream.created_at)
            names = ("records", "bytes", "throttled", "throttled_bytes")
            yield Share(at, int(labels["shard"]), *(int(row.measures[name]) for name in names))


def _lanes(stream: Stream, horizon: Horizon, now: int) -> list[Lane]:
    return [_lane(shard, horizon, now) for shard in in_lineage(stream.shards)]


def _lane(shard: Shard, horizon: Horizon, now: int) -> Lane:
    closed, expires = shard.closed_at, None
    if closed is not None and (passed := horizon.passes(closed)) <= now:
        expires = passed
    parents = tuple(int(parent.rpartition("-")[2]) for parent in shard.parents)
    hashes = shard.hashes
    return Lane(shard.index, hashes.start, hashes.end, shard.created_at, closed, expires, parents)


def in_lineage(shards: list[Shard]) -> list[Shard]:
    """Shards from top to bottom: by hash range, each child right under the last of its parents."""
    children: dict[str, list[Shard]] = {}
    for shard in shards:
        if shard.parents:
            last = max(shard.parents, key=lambda parent: _start(shards, parent))
            children.setdefault(last, []).append(shard)
    roots = sorted((s for s in shards if not s.parents), key=lambda s: s.hashes.start, reverse=True)
    order: list[Shard] = []
    while roots:  # a stack, not recursion: a lineage may be thousands of reshards deep
        shard = roots.pop()
        order.append(shard)
        below = children.get(shard.id, [])
        roots += sorted(below, key=lambda child: child.hashes.start, reverse=True)
    return order


def _start(shards: list[Shard], shard_id: str) -> int:
    return shards[int(shard_id.rpartition("-")[2])].hashes.start


def _most(lanes: list[Lane], most: int) -> list[Lane]:
    """The lanes to draw: expired ones go first, then closed ones, the oldest first."""

    def worth(lane: Lane) -> tuple[bool, bool, int]:
        return lane.closed is None, lane.expires is None, lane.shard

    kept = {lane.shard for lane in sorted(lanes, key=worth, reverse=True)[:most]}
    return [lane for lane in lanes if lane.shard in kept]


def _beats(stream: Stream) -> Iterator[Beat]:
    """Reshards, told from the shards themselves: children of the same parents belong together."""
    born = [shard for shard in stream.shards if shard.parents]
    for parents, group in groupby(born, key=lambda shard: shard.parents):
        shards = list(group)
        old = tuple(int(parent.rpartition("-")[2]) for parent in parents)
        yield Beat(shards[0].created_at, old, tuple(shard.index for shard in shards))


def largest_dot(history: History) -> float:
    """The radius of the dot with the most bytes, in px: less as a lane gets fuller."""
    counts = [sum(dot.share.shard == lane.shard for dot in history.dots) for lane in history.lanes]
    return round(max(3.2, min(6.5, 6.5 * sqrt(40 / max([1, *counts])))), 2)


def fraction(hash_key: int) -> float:
    """A hash key's place in the hash space, 0 to 1, for drawing only."""
    return hash_key / HASH_SPACE
