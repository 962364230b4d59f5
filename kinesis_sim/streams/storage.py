"""How many byte-milliseconds a stream kept beyond a day, and beyond a week, and on which terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from kinesis_sim.instants import DAY, HOUR

WEEK = 7 * DAY
Terms = tuple[int, str, int]
"""From when on (epoch ms), which tier of prices holds, and the retention (ms)."""


class Storage:
    """Bytes by the hour they arrived in, and the terms that held while they were kept."""

    def __init__(self) -> None:
        self._arrived: dict[int, int] = defaultdict(int)
        self._terms: list[Terms] = []
        self._ended: int | None = None

    def add(self, at: int, size: int) -> None:
        """Bytes arrived at ``at`` (epoch ms)."""
        self._arrived[at // HOUR] += size

    def terms(self, at: int, tier: str, retention: int) -> None:
        """From ``at`` on these terms hold."""
        self._terms.append((at, tier, retention))

    def end(self, at: int) -> None:
        """The stream is deleted: nothing is kept from ``at`` on."""
        self._ended = at

    def kept(self, now: int) -> Iterator[tuple[str, int, int]]:
        """Per stretch of terms: the tier, byte-ms at an age of 1 to 7 days, and of more."""
        if all(retention <= DAY for _, _, retention in self._terms):
            return
        until = now if self._ended is None else self._ended
        stretches = [(*row, until) for row in self._terms]
        stretches = [
            (start, tier, retention, following[0])
            for (start, tier, retention, _), following in pairwise(
                [*stretches, (until, "", 0, until)]
            )
        ]
        ends = {hour: _gone(hour * HOUR, stretches, until) for hour in self._arrived}
        for start, tier, _, end in stretches:
            extended = long_term = 0
            for hour, size in self._arrived.items():
                born, gone = hour * HOUR, min(ends[hour], end)
                extended += size * _overlap(born + DAY, born + WEEK, start, gone)
                long_term += size * _overlap(born + WEEK, gone, start, gone)
            yield tier, extended, long_term


def _gone(born: int, stretches: list[tuple[int, str, int, int]], until: int) -> int:
    """When what was born at an instant is trimmed; what is trimmed never comes back."""
    for start, _, retention, end in stretches:
        if end <= born:
            continue
        if born + retention <= max(start, born):
            return max(start, born)
        if born + retention < end:
            return born + retention
    return until


def _overlap(low: int, high: int, start: int, end: int) -> int:
    return max(0, min(high, end) - max(low, start))
