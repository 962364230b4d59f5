"""What one shard holds: records in order of arrival, in columns, trimmed from the front by age.

Columns instead of objects keep a retained record at its payload plus some 60 bytes, and at some 50
more when its key is its own. Keys are kept as UTF-8, which is smaller than text; an empty one
stands for none, as a partition key has at least one character. Positions count from 0 over the
shard's whole life and never change; trimming only moves ``first``.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

_COMPACT_FROM = 4_096
"""Trimmed rows are cut off in runs of at least this many, so that cutting stays cheap per
record."""


class RecordLog:
    """An append-only log with a moving start. Times: epoch ms, never decreasing.

    Its shard appends to the three columns itself: it does so for every record there is.
    """

    __slots__ = ("_cut", "data", "first", "keys", "times")

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.keys: list[bytes] = []
        self.times = array("q")
        self.first = 0
        self._cut = 0

    @property
    def end(self) -> int:
        """The position the next record will get."""
        return self._cut + len(self.times)

    def __len__(self) -> int:
        return self.end - self.first

    def trim(self, horizon: int) -> None:
        """Let go of every record that arrived before ``horizon`` (epoch ms)."""
        rows = self.first - self._cut
        if rows == len(self.times) or self.times[rows] >= horizon:
            return
        rows = bisect_left(self.times, horizon, rows)
        self.first = self._cut + rows
        if rows >= _COMPACT_FROM or rows * 2 >= len(self.times):
            self._compact(rows)

    def at_or_after(self, instant: int) -> int:
        """The position of the first retained record from ``instant`` (epoch ms) on."""
        return self._cut + bisect_left(self.times, instant, self.first - self._cut)

    def time_at(self, position: int) -> int:
        """When the record at a retained position arrived (epoch ms)."""
        return self.times[position - self._cut]

    def rows(self, start: int, stop: int) -> tuple[list[bytes], list[bytes], array[int]]:
        """Data, keys and arrival times of the positions from ``start`` up to ``stop``."""
        low, high = start - self._cut, stop - self._cut
        return self.data[low:high], self.keys[low:high], self.times[low:high]

    def _compact(self, rows: int) -> None:
        del self.data[:rows], self.keys[:rows], self.times[:rows]
        self._cut += rows
