"""One CloudWatch metric's numbers over time: a row of statistics per minute, coarser as they age.

Source: botocore cloudwatch GetMetricStatistics (documentation): 1-minute points are kept for 15
days, 5-minute points for 63 days, 1-hour points for 455 days; finer points are aggregated into the
coarser ones. Sub-minute points are not modelled: they fall into their minute.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from kinesis_sim.account.percentiles import Bins, bins_of, both, percentile, rank
from kinesis_sim.account.runs import Run, spread
from kinesis_sim.instants import DAY, HOUR, MINUTE

LONG = 6 * HOUR
"""Longer runs of samples that are all alike stay as they are (``runs``); others become points."""
Pairs = list[list[float]]
"""Bins as JSON has them: numbers of bins, and how many values lie in each."""
Kept = tuple[int, float, float, float, float, Pairs | None]
"""A point as it is kept in a file: its beginning (epoch ms), low, high, total, count and bins."""
TIERS = ((MINUTE, 15 * DAY), (5 * MINUTE, 63 * DAY), (HOUR, 455 * DAY))
"""Width of a point and how long points of that width can be asked for, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Point:
    """The statistics of one period. at: its start, epoch ms; average: total by count.

    bins: how often which values came, where that is kept and known (``percentiles``).
    """

    at: int
    low: float
    high: float
    total: float
    count: float
    bins: Bins | None = None

    @property
    def average(self) -> float:
        """The mean of the samples."""
        return self.total / self.count

    def statistic(self, name: str) -> float:
        """One of botocore's Statistic values."""
        return {
            "Minimum": self.low,
            "Maximum": self.high,
            "Sum": self.total,
            "SampleCount": self.count,
            "Average": self.average,
        }[name]

    def value(self, name: str) -> float | None:
        """A Statistic value, or a percentile such as ``p99.9``; None where AWS has none."""
        asked = rank(name)
        if asked is None:
            return self.statistic(name)
        return percentile(asked, self.low, self.high, self.bins)


class Rows:
    """Points of one width in order of time, in columns: 40 bytes a point.

    spread: whether it is kept how often which values came, of points whose values differ.
    """

    def __init__(self, width: int, spread: bool) -> None:
        self.width = width
        self._spread = spread
        self._bins: dict[int, Bins] = {}
        self.at = array("q")
        self._low, self._high = array("d"), array("d")
        self._total, self._count = array("d"), array("d")

    def __len__(self) -> int:
        return len(self.at)

    def add(
        self,
        at: int,
        low: float,
        high: float,
        total: float,
        count: float,
        bins: Bins | None = None,
    ) -> None:
        """Add samples to the point that ``at`` (epoch ms) falls into.

        bins: None where the other numbers tell, if anything does.
        """
        at -= at % self.width
        if self._spread:
            self._add_bins(at, low, high, bins or bins_of(low, high, total, count))
        if not self.at or at > self.at[-1]:
            self._insert(len(self.at), (at, low, high, total, count))
            return
        place = bisect_left(self.at, at)
        if self.at[place] != at:
            self._insert(place, (at, low, high, total, count))
            return
        self._low[place] = min(self._low[place], low)
        self._high[place] = max(self._high[place], high)
        self._total[place] += total
        self._count[place] += count

    def _add_bins(self, at: int, low: float, high: float, bins: Bins | None) -> None:
        """Count values in; nothing is kept of a point whose values are alike, or not known."""
        place = bisect_left(self.at, at)
        if place < len(self.at) and self.at[place] == at:
            low, high = min(low, self._low[place]), max(high, self._high[place])
            bins = both(self._bins_of(place), bins)
        if bins is None or low == high:
            self._bins.pop(at, None)
        else:
            self._bins[at] = bins

    def _bins_of(self, place: int) -> Bins | None:
        row = self._low[place], self._high[place], self._total[place], self._count[place]
        return self._bins.get(self.at[place]) or bins_of(*row)

    def point(self, at: int) -> tuple[float, float, float, float, Pairs | None]:
        """Low, high, total, count and bins of the point that ``at`` (epoch ms) falls into.

        Bins as pairs of number and count, None where none are kept. Raises LookupError when there
        is no point.
        """
        at -= at % self.width
        place = bisect_left(self.at, at)
        if self.at[place] != at:
            raise LookupError(f"there is no point at {at}")
        bins = self._bins.get(at)
        kept = None if bins is None else [[number, often] for number, often in bins.items()]
        return self._low[place], self._high[place], self._total[place], self._count[place], kept

    def put_back(self, point: Kept) -> None:
        """Have a point be this, whether it was there or not."""
        at, low, high, total, count, bins = point
        self._bins.pop(at, None)
        if bins is not None and self._spread:
            self._bins[at] = {int(number): often for number, often in bins}
        place = bisect_left(self.at, at)
        if place == len(self.at) or self.at[place] != at:
            self._insert(place, (at, low, high, total, count))
            return
        self._low[place], self._high[place] = low, high
        self._total[place], self._count[place] = total, count

    def _insert(self, place: int, row: tuple[int, float, float, float, float]) -> None:
        self.at.insert(place, row[0])
        self._low.insert(place, row[1])
        self._high.insert(place, row[2])
        self._total.insert(place, row[3])
        self._count.insert(place, row[4])

    def between(self, start: int, end: int) -> Iterator[tuple[int, float, float, float, float]]:
        """The points that begin in [start, end), oldest first: at, low, high, total, count."""
        cut = slice(bisect_left(self.at, start), bisect_left(self.at, end))
        columns = (self.at, self._low, self._high, self._total, self._count)
        return zip(*(column[cut] for column in columns), strict=True)

    def bins(self, at: int, low: float, high: float, total: float, count: float) -> Bins | None:
        """How often which values came in a point; None where it is not known, or not kept."""
        if not self._spread:
            return None
        return self._bins.get(at) or bins_of(low, high, total, count)

    def take_before(self, end: int) -> list[tuple[int, float, float, float, float, Bins | None]]:
        """Remove and return the points that begin before ``end``, each with its bins."""
        taken = [(*row, self._bins.pop(row[0], None)) for row in self.between(0, end)]
        for column in (self.at, self._low, self._high, self._total, self._count):
            del column[: len(taken)]
        return taken


class Series:
    """The numbers of one metric in one unit. spread: whether percentiles can be asked for."""

    def __init__(self, spread: bool = False) -> None:
        self._tiers = tuple(Rows(width, spread) for width, _ in TIERS)
        self._spread = spread
        self._runs: list[Run] = []

    @property
    def newest(self) -> int:
        """When the newest point begins (epoch ms); -1 for an empty series."""
        ends = [run.last - run.last % MINUTE for run in self._runs]
        return max([*(rows.at[-1] for rows in self._tiers if rows), *ends], default=-1)

    def run(self, since: int, every: int, count: int, value: float) -> None:
        """Add ``count`` samples of one value, from ``since`` (epoch ms) on, ``every`` ms apart."""
        run = Run(since, every, count, value)
        if run.last - since > LONG:
            self._runs.append(run)
            return
        for minute, samples in run.by_minute():
            self.add(minute, value, value, value * samples, samples)

    def add(self, at: int, low: float, high: float, total: float, count: float) -> None:
        """Add samples that were taken in the minute of ``at`` (epoch ms)."""
        self._tiers[0].add(at, low, high, total, count)
        self._age_if_long()

    def minute(self, at: int) -> tuple[float, float, float, float, Pairs | None]:
        """Low, high, total, count and bins of the minute that ``at`` (epoch ms) falls into.

        Raises LookupError for one that nothing was added to lately.
        """
        return self._tiers[0].point(at)

    def put_back(self, minute: Kept) -> None:
        """Have a minute be this again."""
        self._tiers[0].put_back(minute)
        self._age_if_long()

    def _age_if_long(self) -> None:
        minutes = self._tiers[0]
        if len(minutes) > 2 * TIERS[0][1] // MINUTE:
            self._age(minutes.at[-1])

    def points(self, start: int, end: int, period: int, now: int) -> list[Point]:
        """The points of ``period`` ms that lie in [start, end), the first beginning at ``start``.

        Periods without samples are left out, and so is what is too old for the period at ``now``.
        """
        keep = max((keep for width, keep in TIERS if period % width == 0), default=0)
        found: dict[int, Point] = {}
        for rows in reversed(self._tiers):
            for at, low, high, total, count in rows.between(max(start, now - keep), end):
                bucket = at - (at - start) % period
                bins = rows.bins(at, low, high, total, count)
                have = found.get(bucket)
                if have is not None:
                    low, high = min(low, have.low), max(high, have.high)
                    total, count = total + have.total, count + have.count
                    bins = both(bins, have.bins)
                found[bucket] = Point(bucket, low, high, total, count, bins)
        if self._runs:
            self._fill(found, start, end, period, now - keep)
        return [found[at] for at in sorted(found)] if self._runs else list(found.values())

    def _fill(
        self, found: dict[int, Point], start: int, end: int, period: int, oldest: int
    ) -> None:
        """Add the samples of runs to points; of the oldest period only what is not too old."""
        newest = max(run.last for run in self._runs) // MINUTE * MINUTE + 1
        begin = max(start, oldest, min(run.since for run in self._runs) // MINUTE * MINUTE)
        low = start + (begin - start) // period * period
        runs = [run for run in self._runs if run.last >= oldest]
        for (at, value), count in spread(runs, low, min(end, newest), period).items():
            have = found.get(at)
            least = most = value
            total, samples = value * count, float(count)
            if have is not None:
                least, most = min(value, have.low), max(value, have.high)
                total, samples = total + have.total, samples + have.count
            found[at] = Point(at, least, most, total, samples)

    def _age(self, newest: int) -> None:
        """Fold what is too old for its width into the next one; drop what is older than all."""
        for rows, wider, (_, keep) in zip(self._tiers, self._tiers[1:], TIERS, strict=False):
            edge = newest - keep
            for row in rows.take_before(edge - edge % wider.width):
                wider.add(*row)
        self._tiers[-1].take_before(newest - TIERS[-1][1])
