"""A Firehose stream's buffers and objects as plain rows: a fold over the event log.

Pictures only lay these rows out: what fires first, what an object was closed by and what is behind
is worked out here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.events import (
    BufferFlushed,
    DeliveryStreamChanged,
    DeliveryTried,
    DestinationChanged,
    FirehoseEvent,
    ObjectWritten,
    RecordsBuffered,
    RecordsLost,
)
from kinesis_sim.instants import SECOND
from kinesis_sim.units import KIB, MIB

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

SIZES = (64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 64 * MIB)
"""Borders between the classes of the file-size histogram, in bytes."""
MOST_LEVELS = 400
"""Points of a buffer's level that are kept over the whole run."""


@dataclass(frozen=True, slots=True)
class Level:
    """What a buffer holds from ``at`` on (epoch ms).

    held: bytes; opened: when its first record came, None for an empty buffer.

    first: which scale fires next, "size" or "interval"; "backlog" while an earlier batch is in its
    way, "" for nothing. due: when, None where that is not known; past instants know what followed.
    fired: which scale emptied the buffer at ``at``, "" when none did.
    """

    at: int
    held: int
    opened: int | None
    first: str = ""
    due: int | None = None
    fired: str = ""


@dataclass(frozen=True, slots=True)
class Object:
    """An object in the lake.

    at: when it arrived (epoch ms); bytes: of its records; trigger: what closed its buffer; oldest:
    arrival of its oldest record; tries: writes it took.
    """

    at: int
    lane: int
    bytes: int
    records: int
    trigger: str
    oldest: int
    tries: int

    @property
    def wait(self) -> int:
        """How long its oldest record was on its way (ms): its freshness when it arrived."""
        return self.at - self.oldest

    @property
    def size_class(self) -> int:
        """Its place in the histogram."""
        return sum(self.bytes >= border for border in SIZES)


@dataclass(frozen=True, slots=True)
class Try:
    """A write that failed. again: when the next follows; code: as in the error log."""

    at: int
    lane: int
    code: str
    again: int | None


@dataclass(frozen=True, slots=True)
class Loss:
    """Records that grew too old."""

    at: int
    lane: int
    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Hinted:
    """Buffering hints since ``at`` (epoch ms). size: bytes; interval: ms, of zero buffering too."""

    at: int
    size: int
    interval: int


@dataclass(frozen=True, slots=True)
class Buffers:
    """All that the picture shows of a Firehose stream, from its first record, ``begin``, to now.

    lanes: names of its buffers, "" for the one of Direct PUT; levels: of each lane; backlog: (since
    when, bytes that are not in the lake), thinned like the levels. source: its kind. whole_from:
    since when all is known (epoch ms), None for all of it: objects and losses count from there.
    """

    stream: str
    source: str
    begin: int
    now: int
    hints: tuple[Hinted, ...]
    lanes: tuple[str, ...]
    levels: tuple[tuple[Level, ...], ...]
    objects: tuple[Object, ...]
    tries: tuple[Try, ...]
    losses: tuple[Loss, ...]
    backlog: tuple[tuple[int, int], ...]
    whole_from: int | None = None

    def level(self, lane: int, at: int) -> Level:
        """A buffer at an instant (epoch ms)."""
        rows = self.levels[lane]
        place = bisect_right(rows, at, key=lambda row: row.at)
        return rows[place - 1] if place else Level(self.begin, 0, None)

    def hinted(self, at: int) -> Hinted:
        """The hints in force at an instant (epoch ms)."""
        return next((row for row in reversed(self.hints) if row.at <= at), self.hints[0])

    def classes(self, at: int) -> list[int]:
        """Objects of each size class that are in the lake at an instant (epoch ms)."""
        counts = [0] * (len(SIZES) + 1)
        for each in self.objects:
            if each.at <= at:
                counts[each.size_class] += 1
        return counts


def buffers(sim: Simulator, name: str) -> Buffers:
    """The rows of a Firehose stream now.

    UsageError when there is none, or it delivers elsewhere than to S3.
    """
    with sim.lock:
        stream = sim.firehose[name]
        if stream.settings.kind.nested:
            raise UsageError(f"{name} delivers to {stream.settings.kind.name}, not to S3 objects.")
        whole_from = sim.events.whole_from(*_FOLDS, stream=name)
        fold = _Fold(whole_from)
        events: list[FirehoseEvent] = sim.events.of(*_FOLDS, stream=name)
        for event in events:
            if not event.chatter or event.at >= (whole_from or 0):
                _FOLDS[type(event)](fold, event)
        return fold.rows(name, stream.source.kind, stream.created_at, sim.clock.now)


@dataclass(slots=True)
class _Batch:
    """A batch between its buffer and the lake."""

    trigger: str
    bytes: int
    tries: int = 0


@dataclass(slots=True)
class _Lane:
    """One buffer, and the batches that left it, in order."""

    levels: list[Level] = field(default_factory=list)
    away: deque[_Batch] = field(default_factory=deque)
    flushed: list[tuple[int, str]] = field(default_factory=list)
    held: int = 0

    def put(self, level: Level) -> None:
        self.held = level.held
        self.levels.append(level)


class _Fold:
    """One stream's events in order; a stream made anew under its name starts afresh."""

    def __init__(self, whole_from: int | None) -> None:
        self._whole_from = whole_from
        self._start()

    def _start(self) -> None:
        self.lanes: dict[str, _Lane] = {}
        self.hints: list[Hinted] = []
        self.objects: list[Object] = []
        self.tries: list[Try] = []
        self.losses: list[Loss] = []
        self.backlog: list[tuple[int, int]] = []
        self._outside = 0

    def rows(self, name: str, source: str, created: int, now: int) -> Buffers:
        begin = min((lane.levels[0].at for lane in self.lanes.values() if lane.levels), default=now)
        width = max((now - begin) // MOST_LEVELS, 1)
        names = sorted(self.lanes)
        place = {lane: number for number, lane in enumerate(self.lanes)}
        order = {place[lane]: number for number, lane in enumerate(names)}
        return Buffers(
            stream=name,
            source=source,
            begin=begin,
            now=now,
            hints=tuple(self.hints) or (Hinted(created, 5 * MIB, 300 * SECOND),),
            lanes=tuple(names),
            levels=tuple(tuple(self._told(self.lanes[lane], width, now)) for lane in names),
            objects=tuple(_moved(each, order) for each in self.objects),
            tries=tuple(_moved(each, order) for each in self.tries),
            losses=tuple(_moved(each, order) for each in self.losses),
            backlog=tuple(_thinned(self.backlog, width, lambda row: row[0])),
            whole_from=self._whole_from,
        )

    def _lane(self, name: str) -> _Lane:
        return self.lanes.setdefault(name, _Lane())

    def _place(self, name: str) -> int:
        self._lane(name)
        return list(self.lanes).index(name)

    # --- events -------------------------------------------------------------------------------

    def created(self, event: DeliveryStreamChanged) -> None:
        if event.was is None:
            self._start()

    def changed(self, event: DestinationChanged) -> None:
        self.hints.append(Hinted(event.at, event.size_bytes, event.interval_ms))

    def buffered(self, event: RecordsBuffered) -> None:
        lane = self._lane(event.lane)
        opened = event.opened_at if event.records else None
        last = lane.levels[-1] if lane.levels else None
        fired = last.fired if last is not None and last.at == event.at else ""
        lane.put(Level(event.at, event.held, opened, fired=fired))
        self._behind(event.at)

    def flushed(self, event: BufferFlushed) -> None:
        lane = self._lane(event.lane)
        lane.away.append(_Batch(event.trigger, event.bytes))
        lane.flushed.append((event.at, event.trigger))
        lane.put(Level(event.at, 0, None, fired=event.trigger))
        self._outside += event.bytes
        self._behind(event.at)

    def tried(self, event: DeliveryTried) -> None:
        if event.backup or not event.failed:
            return
        self.tries.append(Try(event.at, self._place(event.lane), event.code, event.again_at))
        away = self._lane(event.lane).away
        if away:
            away[0].tries += 1

    def written(self, event: ObjectWritten) -> None:
        if event.kind != "data":
            return
        away = self._lane(event.lane).away
        if not away and self._whole_from is not None:
            return  # its buffer was emptied before all is known
        batch = away.popleft() if away else _Batch("interval", event.bytes)
        self._outside -= batch.bytes
        self.objects.append(
            Object(
                event.at,
                self._place(event.lane),
                event.bytes,
                event.records,
                batch.trigger,
                event.oldest,
                batch.tries + 1,
            )
        )
        self._behind(event.at)

    def lost(self, event: RecordsLost) -> None:
        if event.reason == "deleted":  # with their stream, and so with this picture
            return
        self.losses.append(Loss(event.at, self._place(event.lane), event.records, event.bytes))
        away = self._lane(event.lane).away
        if away:
            away[0].bytes -= event.bytes
            self._outside -= event.bytes
            if away[0].bytes <= 0:
                away.popleft()
        self._behind(event.at)

    def _behind(self, at: int) -> None:
        held = self._outside + sum(lane.held for lane in self.lanes.values())
        self.backlog.append((at, held))

    # --- what fires next ----------------------------------------------------------------------

    def _told(self, lane: _Lane, width: int, now: int) -> Iterable[Level]:
        """Levels, fewer of them, each with what fires next."""
        rows = _thinned(lane.levels, width, lambda row: row.at)
        flushes, turn = lane.flushed, 0
        for row in rows:
            while turn < len(flushes) and flushes[turn][0] <= row.at:
                turn += 1
            if row.opened is None:
                yield row
            elif turn < len(flushes):
                at, trigger = flushes[turn]
                yield replace(row, first=trigger, due=at)
            elif lane.away:
                yield replace(row, first="backlog")
            else:
                yield self._expected(row)

    def _expected(self, row: Level) -> Level:
        """If traffic holds: the size at the pace since the buffer opened, or the interval."""
        assert row.opened is not None
        hints = self.hints[-1]
        timed = row.opened + hints.interval
        passed = row.at - row.opened
        filled = row.opened + hints.size * passed // row.held if passed and row.held else None
        if filled is not None and filled < timed:
            return replace(row, first="size", due=filled)
        return replace(row, first="interval", due=timed)


def _moved(row: Any, order: dict[int, int]) -> Any:
    """A row with the place that its lane has once lanes are sorted by name."""
    return replace(row, lane=order[row.lane])


def _thinned(rows: list[Any], width: int, at: Callable[[Any], int]) -> list[Any]:
    """The last row of each span of ``width`` ms, and both ends of every fall."""
    kept: list[Any] = []
    before = 0
    for row, following in zip_longest(rows, rows[1:]):
        amount = _amount(row)
        last = following is None or at(following) // width != at(row) // width
        if last or amount < before or _amount(following) < amount:
            kept.append(row)
        before = amount
    return kept


def _amount(row: Any) -> int:
    return row.held if isinstance(row, Level) else row[1]


_FOLDS: dict[type, Callable[[_Fold, Any], None]] = {
    DeliveryStreamChanged: _Fold.created,
    DestinationChanged: _Fold.changed,
    RecordsBuffered: _Fold.buffered,
    BufferFlushed: _Fold.flushed,
    DeliveryTried: _Fold.tried,
    ObjectWritten: _Fold.written,
    RecordsLost: _Fold.lost,
}
