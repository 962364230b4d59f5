"""A heat map's rows: how full each shard was in each stretch of time, and what it refused.

A fold over the puts of a stream's history; pictures only lay these rows out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from kinesis_sim.instants import DAY, HOUR, MINUTE, SECOND
from kinesis_sim.show.kit.history import History
from kinesis_sim.show.kit.shares import Share
from kinesis_sim.streams.limits import ShardLimits

FAR_FROM_FULL = 0.25
"""Below this part of a limit everywhere, shades compare the shards with one another."""
UNEVEN = 1.5
"""Times its even share from which a shard's part of the records is worth a sentence."""
MOST_COLUMNS = 60
FEWEST_COLUMNS = 10
WIDTHS = (
    *(SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE),
    *(HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY),
)
"""Lengths in ms that a column may have."""
Limit = Literal["records", "bytes"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one shard stored and refused in one column. Bytes: data and partition keys.

    records_part, bytes_part: stored ones as a part of what the shard takes in that time, 0 to 1;
    0 where the simulator's limits are off.
    """

    shard: int
    column: int
    records: int
    bytes: int
    throttled: int
    records_part: float
    bytes_part: float

    @property
    def full(self) -> float:
        """How full the shard was, by the limit that is nearer."""
        return max(self.records_part, self.bytes_part)

    @property
    def limit(self) -> Limit:
        """The limit that is nearer."""
        return "records" if self.records_part >= self.bytes_part else "bytes"

    @property
    def refused(self) -> float:
        """The part of the records that came and were refused, 0 to 1."""
        return self.throttled / max(1, self.records + self.throttled)


@dataclass(frozen=True, slots=True)
class Sums:
    """One shard over the whole map.

    fullest: the cell in which it came nearest to a limit, one that refused something before others.
    hit: the limits that it was at when it refused.
    """

    shard: int
    records: int
    throttled: int
    fullest: Cell | None
    hit: frozenset[Limit]

    @property
    def refused(self) -> float:
        """The part of the records that came and were refused, 0 to 1."""
        return self.throttled / max(1, self.records + self.throttled)


@dataclass(frozen=True)
class HeatMap:
    """Shards by columns of time. begin: epoch ms of the first column; width: ms of each.

    shards: numbers of those that have a lane, from top to bottom; hidden: how many have none.
    limits: what a shard takes, None where the simulator's limits are off. pins: (partition key, the
    number of the shard that takes it now).
    """

    stream: str
    begin: int
    width: int
    columns: int
    shards: tuple[int, ...]
    hidden: int
    cells: tuple[Cell, ...]
    now: int
    limits: ShardLimits | None
    pins: tuple[tuple[str, int], ...] = ()

    @property
    def top(self) -> float:
        """How full a shard is at the strongest shade: 1, or less where all are far from full.

        They are so too where a second's rush was refused in a column of many quiet ones.
        """
        fullest = max((cell.full for cell in self.cells), default=0)
        return fullest if 0 < fullest < FAR_FROM_FULL else 1

    @property
    def end(self) -> int:
        """The end of the last column (epoch ms)."""
        return self.begin + self.columns * self.width

    @property
    def sums(self) -> list[Sums]:
        """Each shard's whole row, from top to bottom."""
        return [self._sum(shard) for shard in self.shards]

    def _sum(self, shard: int) -> Sums:
        own = [cell for cell in self.cells if cell.shard == shard]
        return Sums(
            shard,
            sum(cell.records for cell in own),
            sum(cell.throttled for cell in own),
            max(own, key=lambda cell: (cell.throttled > 0, cell.full), default=None),
            frozenset(cell.limit for cell in own if cell.throttled),
        )


def heat_map(
    history: History, limits: ShardLimits | None, pins: Sequence[tuple[str, int]] = ()
) -> HeatMap:
    """The puts of a stream, from the first to the last, in at most ``MOST_COLUMNS`` columns.

    Columns are a second long or more, as limits are per second; longer ones show averages.
    """
    shares = history.shares
    first = min((share.at for share in shares), default=history.now)
    last = max((share.at for share in shares), default=history.now)
    width = next((w for w in WIDTHS if _columns(first, last, w) <= MOST_COLUMNS), WIDTHS[-1])
    lanes = tuple(sorted(lane.shard for lane in history.lanes))
    columns = max(FEWEST_COLUMNS, _columns(first, last, width))
    begin = (last // width + 1 - columns) * width  # few columns stand at the right, beside now
    return HeatMap(
        stream=history.stream,
        begin=begin,
        width=width,
        columns=columns,
        shards=lanes,
        hidden=history.hidden,
        cells=tuple(_cells(shares, begin, width, limits, lanes)),
        now=history.now,
        limits=limits,
        pins=tuple(pins),
    )


def _columns(first: int, last: int, width: int) -> int:
    return last // width - first // width + 1


def _cells(
    shares: Iterable[Share],
    begin: int,
    width: int,
    limits: ShardLimits | None,
    lanes: Sequence[int],
) -> Iterable[Cell]:
    sums: dict[tuple[int, int], list[int]] = {}
    for share in shares:
        cell = sums.setdefault((share.shard, (share.at - begin) // width), [0, 0, 0])
        cell[0] += share.records
        cell[1] += share.bytes
        cell[2] += share.throttled
    seconds = width / SECOND
    for (shard, column), (records, size, throttled) in sorted(sums.items()):
        parts = (0.0, 0.0)
        if limits is not None:
            parts = (
                records / (limits.write_records * seconds),
                size / (limits.write_bytes * seconds),
            )
        if shard in lanes:
            yield Cell(shard, column, records, size, throttled, *parts)
