"""Samples that are all alike and come at a steady pace: a stretch in which nothing happened.

A year of polls that find nothing is one row here, worked out into points when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from kinesis_sim.instants import MINUTE


@dataclass(frozen=True, slots=True)
class Run:
    """``count`` samples of ``value``, from ``since`` (epoch ms) on, ``every`` ms apart."""

    since: int
    every: int
    count: int
    value: float

    @property
    def last(self) -> int:
        """When its last sample was taken (epoch ms)."""
        return self.since + (self.count - 1) * self.every

    def within(self, low: int, high: int) -> int:
        """How many samples were taken in [low, high)."""
        first = max(0, -((self.since - low) // self.every))
        end = min(self.count, -((self.since - high) // self.every))
        return max(0, end - first)

    def by_minute(self) -> Iterator[tuple[int, int]]:
        """Each minute (its start, epoch ms) with its number of samples."""
        for minute in range(self.since - self.since % MINUTE, self.last + 1, MINUTE):
            if count := self.within(minute, minute + MINUTE):
                yield minute, count


def spread(runs: list[Run], low: int, high: int, period: int) -> dict[tuple[int, float], int]:
    """Samples of runs by the start of the period they were taken in and by value.

    Periods of ``period`` ms begin at ``low``; a sample belongs to the period in which its minute
    begins, and minutes that do not begin in [low, high) are left out.
    """
    found: dict[tuple[int, float], int] = {}
    steps: dict[tuple[int, float], list[int]] = {}
    size = -(-(high - low) // period)
    for run in runs:
        if run.last < low - low % MINUTE or run.since >= high:
            continue
        first = (max(low, run.since - run.since % MINUTE) - low) // period
        last = (min(high - 1, run.last - run.last % MINUTE) - low) // period
        steady = last - first > 4 and period % MINUTE == 0 == MINUTE % run.every
        for number in range(first, last + 1):
            if steady and first + 1 < number < last - 1:
                continue
            begin, end = _minutes(low + number * period, min(low + (number + 1) * period, high))
            if count := run.within(begin, end):
                key = low + number * period, run.value
                found[key] = found.get(key, 0) + count
        if steady:  # the same number in each period between: one step up, one down
            change = steps.setdefault((period // run.every, run.value), [0] * (size + 1))
            change[first + 2] += 1
            change[last - 1] -= 1
    for (count, value), change in steps.items():
        for number, layers in enumerate(accumulate(change)):
            if layers:
                key = low + number * period, value
                found[key] = found.get(key, 0) + layers * count
    return found


def _minutes(begin: int, end: int) -> tuple[int, int]:
    """The stretch of all minutes that begin in [begin, end)."""
    return -(-begin // MINUTE) * MINUTE, -(-end // MINUTE) * MINUTE
