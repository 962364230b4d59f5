"""What a stream keeps, what is gone, and where its readers stand, as plain rows.

A fold over the event log: records by when they arrived, the trim horizon over time, and readers by
their checkpoints (``ShardCheckpointed``). A what-if is the same fold with one more change of the
retention in it; pictures only lay these rows out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from kinesis_sim.account.bill import Line
from kinesis_sim.account.prices import Price, PriceList
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import DAY, HOUR, MINUTE
from kinesis_sim.show.kit.history import History, Horizon
from kinesis_sim.show.kit.shares import Share, Tally
from kinesis_sim.streams import sequence
from kinesis_sim.streams.events import ShardCheckpointed

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

WIDTHS = (MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY)
MOST_SPANS = 96
MOST_READERS = 6
SHARD_END = "SHARD_END"
TIERS = (DAY, 7 * DAY, 365 * DAY)
"""Up to which retention (ms) each band of prices reaches (facts/data-streams §5)."""
LEAST_HOURS, MOST_HOURS = 24, 8_760


class Arrivals(Tally):
    """What one shard stored, by time and by number."""

    def when(self, number: int) -> int:
        """When the ``number``-th record arrived, from 1 (epoch ms); the last one's for more."""
        return self._times[min(bisect_left(self._counts, number), len(self._counts) - 1)]

    @cached_property
    def _counts(self) -> list[int]:
        return [records for records, _ in self._sums[1:]]


@dataclass(frozen=True, slots=True)
class Span:
    """Records that arrived within ``width`` ms from ``at`` (epoch ms) on."""

    at: int
    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a reader stands at an instant. Times: epoch ms.

    place: when the last record it read arrived, or the instant itself when it has read all. lost:
    records that were trimmed before it read them, in the stretches ``gaps``. waiting: what it can
    still read. fallen: its checkpoint is behind the trim horizon, and there were records between.
    """

    place: int
    lost: int
    gaps: tuple[tuple[int, int], ...]
    waiting: int
    fallen: bool


class Reader:
    """A reader of one shard. marks: (when it wrote a checkpoint, how many records it had read)."""

    def __init__(
        self, name: str, shard: int, marks: Iterable[tuple[int, int]], arrivals: Arrivals
    ) -> None:
        self.name, self.shard = name, shard
        self.marks = tuple(marks)
        self._arrivals = arrivals
        self._times = [at for at, _ in self.marks]

    def path(self, horizon: Horizon) -> Path:
        """Its way under a trim horizon."""
        return Path(self, self._arrivals, horizon)

    def newest(self, at: int) -> int:
        """Which mark is the newest at an instant; -1 before the first."""
        return bisect_right(self._times, at) - 1


class Path:
    """A reader's way under one trim horizon: what it read, and what was trimmed before it could."""

    def __init__(self, reader: Reader, arrivals: Arrivals, horizon: Horizon) -> None:
        self.reader = reader
        self._arrivals, self._horizon = arrivals, horizon
        self._read: list[int] = []
        self._gaps: list[tuple[tuple[int, int, int], ...]] = []
        read = 0
        gaps: tuple[tuple[int, int, int], ...] = ()
        for number, (at, index) in enumerate(reader.marks):
            gaps = (*gaps, *self._missed(read, at)) if number else ()
            read = max(read, index)
            self._read.append(read)
            self._gaps.append(gaps)

    def at(self, instant: int) -> Standing | None:
        """Where it stands at an instant (epoch ms); None before its first checkpoint."""
        newest = self.reader.newest(instant)
        if newest < 0:
            return None
        read, arrivals = self._read[newest], self._arrivals
        missed = tuple(self._missed(read, instant))
        gaps = (*self._gaps[newest], *missed)
        trimmed = arrivals.before(self._horizon.at(instant))
        waiting = arrivals.until(instant)[0] - max(read, trimmed)
        caught_up = waiting <= 0 and not missed
        return Standing(
            place=instant if caught_up else arrivals.when(read),
            lost=sum(count for _, _, count in gaps),
            gaps=tuple((begin, end) for begin, end, _ in gaps),
            waiting=max(waiting, 0),
            fallen=bool(missed),
        )

    def falls(self) -> int | None:
        """When the record after its last checkpoint is trimmed (epoch ms).

        None when it has read all.
        """
        read = self._read[-1]
        if read >= self._arrivals.until(self._arrivals.last)[0]:
            return None
        return self._horizon.passes(self._arrivals.when(read + 1))

    def _missed(self, read: int, instant: int) -> Iterator[tuple[int, int, int]]:
        """The stretch trimmed by ``instant`` after what was read, if any, and its records."""
        horizon = self._horizon.at(instant)
        count = self._arrivals.before(horizon) - read
        if count > 0:
            yield self._arrivals.when(max(read, 1)), min(horizon, instant), count


@dataclass(frozen=True)
class Retention:
    """All that the retention picture shows of a stream, from its creation to ``history.now``.

    horizon: the trim horizon that is drawn; what_if: (since when, hours) when it is one that might
    have been. spans: records by arrival, each ``width`` ms wide. hidden: readers left out. bill:
    the stream's lines up to now; shards: how many are open now. whole_from: since when readers'
    checkpoints are all known (epoch ms), None for all of them: losses count from there.
    """

    history: History
    horizon: Horizon
    what_if: tuple[int, int] | None
    readers: tuple[Reader, ...]
    hidden: int
    width: int
    spans: tuple[Span, ...]
    bill: tuple[Line, ...]
    prices: PriceList
    tier_items: tuple[str, str]
    shards: int
    whole_from: int | None

    @cached_property
    def all(self) -> Tally:
        """Every record the stream ever stored."""
        return Tally(self.history.shares)

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The readers' ways under the horizon that is drawn."""
        return tuple(reader.path(self.horizon) for reader in self.readers)

    @property
    def total(self) -> Decimal:
        """USD up to now."""
        return sum((line.amount for line in self.bill), Decimal(0))

    @property
    def tiers(self) -> tuple[Price, Price]:
        """What the second and the third band of retention cost."""
        extended, long_term = (self.prices[item] for item in self.tier_items)
        return extended, long_term

    def gone(self, at: int) -> int:
        """Records that were trimmed by an instant (epoch ms)."""
        return self.all.before(min(self.horizon.at(at), at))

    def supposing(self, since: int, hours: int) -> Retention:
        """The same stream, had its retention been set to ``hours`` at ``since`` and left so.

        since: epoch ms, from the stream's creation on. UsageError for hours that AWS would refuse.
        """
        if not LEAST_HOURS <= hours <= MOST_HOURS:
            raise UsageError(f"hours={hours}: a retention is {LEAST_HOURS} to {MOST_HOURS} hours.")
        changes = [change for change in self.history.horizon.changes if change[0] <= since]
        horizon = Horizon([*changes, (since, hours * HOUR)])
        return replace(self, horizon=horizon, what_if=(since, hours))


def retention(sim: Simulator, stream: str) -> Retention:
    """The rows of a stream now; UsageError when there is no such stream."""
    with sim.lock:
        history = sim.show.history(stream)
        bill = sim.bill()
        found = sim.streams[stream]
        marks = _marks(sim, history)
        tier = "advantage" if sim.streams.commitment.active else "on_demand"
        tier = tier if found.on_demand else "provisioned"
        readers = tuple(_readers(history, marks))
        width, spans = _spans(history)
        return Retention(
            history=history,
            horizon=history.horizon,
            what_if=None,
            readers=readers[:MOST_READERS],
            hidden=max(len(readers) - MOST_READERS, 0),
            width=width,
            spans=spans,
            bill=bill.of(stream).rows,
            prices=bill.prices,
            tier_items=(f"{tier}.extended_retention", f"{tier}.long_term_retention"),
            shards=len(found.open_shards),
            whole_from=sim.events.whole_from(ShardCheckpointed, stream=stream),
        )


def _marks(sim: Simulator, history: History) -> dict[tuple[str, int], list[tuple[int, str]]]:
    """(When, checkpoint) by reader and shard, in the order in which readers appeared."""
    marks: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for event in sim.events.of(ShardCheckpointed, stream=history.stream):
        if event.at >= history.begin:
            place = event.application, event.shard
            marks.setdefault(place, []).append((event.at, event.checkpoint))
    return marks


def _readers(
    history: History, marks: dict[tuple[str, int], list[tuple[int, str]]]
) -> Iterator[Reader]:
    shares: dict[int, list[Share]] = {}
    for share in history.shares:
        shares.setdefault(share.shard, []).append(share)
    arrivals = {shard: Arrivals(own) for shard, own in shares.items()}
    for (name, shard), own in marks.items():
        if shard in arrivals:
            stored = arrivals[shard].until(history.now)[0]
            read = [(at, count) for at, text in own if (count := _count(text, stored)) is not None]
            if read:
                yield Reader(name, shard, read, arrivals[shard])


def _count(checkpoint: str, stored: int) -> int | None:
    """How many records of its shard a checkpoint has behind it; None for one that names none."""
    if checkpoint == SHARD_END:
        return stored
    return sequence.parse(checkpoint).index if checkpoint.isdecimal() else None


def _spans(history: History) -> tuple[int, tuple[Span, ...]]:
    length = max(history.now - history.begin, MINUTE)
    width = next((w for w in WIDTHS if length <= MOST_SPANS * w), length // MOST_SPANS)
    sums: dict[int, list[int]] = {}
    for share in history.shares:
        cell = sums.setdefault(share.at // width * width, [0, 0])
        cell[0] += share.records
        cell[1] += share.bytes
    return width, tuple(Span(at, *cell) for at, cell in sorted(sums.items()) if cell[0])


def tier_of(hours: int) -> int:
    """Which band of prices a retention falls in: 0 included, 1 extended, 2 long-term."""
    return next(tier for tier, most in enumerate(TIERS) if hours * HOUR <= most)
