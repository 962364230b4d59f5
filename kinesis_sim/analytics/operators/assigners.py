"""Which windows a row falls into: functions from a row to (start, end) pairs, ends ascending."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.analytics.changelog import Row

Windows = list[tuple[int, int]]
Assigner = Callable[[Row], Windows]
Instant = Callable[[Row], Any]


def tumble(when: Instant, size: int, offset: int = 0) -> Assigner:
    """Windows side by side."""

    def assign(row: Row) -> Windows:
        at = when(row)
        start = at - (at - offset) % size
        return [(start, start + size)]

    return assign


def hop(when: Instant, slide: int, size: int, offset: int = 0) -> Assigner:
    """Windows that begin every ``slide`` and last ``size``."""

    def assign(row: Row) -> Windows:
        at = when(row)
        last = at - (at - offset) % slide
        starts = range(last, at - size, -slide)
        return [(start, start + size) for start in reversed(starts)]

    return assign


def cumulate(when: Instant, step: int, longest: int, offset: int = 0) -> Assigner:
    """Windows of one beginning that grow by ``step`` up to ``longest``."""

    def assign(row: Row) -> Windows:
        at = when(row)
        start = at - (at - offset) % longest
        first = start + ((at - start) // step + 1) * step
        return [(start, end) for end in range(first, start + longest + 1, step)]

    return assign


def attached(start: int, end: int) -> Assigner:
    """Windows that an operator before has written into the row."""
    return lambda row: [(row[start], row[end])]
