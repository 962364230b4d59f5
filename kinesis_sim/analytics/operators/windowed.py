"""Windows of a time: rows assigned to them, and aggregates given when a window closes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any

from kinesis_sim.analytics.aggregates.calls import Gathering
from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.operators.assigners import Assigner
from kinesis_sim.analytics.operators.operator import NEVER, Operator
from kinesis_sim.analytics.sql.fields import CLOCK


class WindowAssignment(Operator):
    """TUMBLE, HOP or CUMULATE without an aggregate: each row once for each of its windows.

    Adds window_start, window_end and window_time (the last millisecond).
    """

    title = "window"

    def __init__(self, assign: Assigner) -> None:
        super().__init__()
        self.assign = assign

    def take(self, kind: int, row: Row) -> None:
        """Hand the row on with each of its windows."""
        windows = self.assign(row)
        self.budget.toil(len(windows))
        for start, end in windows:
            self.emit(kind, (*row, start, end, end - 1))


class WindowBuffer(Operator):
    """What windows have in common: something kept by end and key, given out when time passes.

    boundary: how far apart windows close, in ms, where they are cut in advance. last: of a window
    that stands in its row, the end of the last one that its slice is in: Flink's metric counts a
    late row only when that has passed, too (measured on 1.20.3).

    A row is late for a window whose last millisecond has passed; Flink tests it before the
    watermark moves with that row. ``lost`` counts rows that no window took, ``late_pairs`` rows
    times windows missed. Flink's metric counts less where it aggregates in two phases: late rows
    of one key and window that come between two closings are one record by then.
    """

    title = "window"

    def __init__(
        self,
        assign: Assigner,
        time: str,
        boundary: int | None = None,
        last: Callable[[int, int], int] | None = None,
    ) -> None:
        super().__init__()
        self.last = last
        self.assign = assign
        self.boundary = boundary
        self.set_apart = 0
        self.time = time
        self.windows: dict[int, dict[Row, Any]] = {}
        self.ends: list[int] = []
        self.mark = NEVER
        self.late_pairs = 0
        self.late_groups: set[Row] = set()

    kept = ("windows", "ends", "mark", "late_pairs", "late_groups")

    def open_windows(self, row: Row) -> list[tuple[int, int]]:
        """The windows that still take a row."""
        found = self.assign(row)
        mark = self.mark + 1
        if found[0][1] > mark:
            return found
        still = [pair for pair in found if pair[1] > mark]
        self.late_pairs += len(found) - len(still)
        if not still:
            group = self.group(row, found[0][1])
            gone = self.last is None or self.last(*found[0]) <= mark
            self.drop(counted=gone and group not in self.late_groups)
            self.late_groups.add(group)
        return still

    def group(self, row: Row, end: int) -> Row:
        """What of a late row Flink counts once between two closings."""
        self.set_apart += 1
        return (self.set_apart,)

    def groups(self, end: int) -> dict[Row, Any]:
        """What is kept for windows of this end."""
        found = self.windows.get(end)
        if found is None:
            found = self.windows[end] = {}
            heappush(self.ends, end)
        return found

    def advance(self, time: str, at: int) -> None:
        """Close the windows whose last millisecond has passed."""
        if time == self.time and at > self.mark:
            apart = self.boundary
            if self.late_groups and apart and (at + 1) // apart > (self.mark + 1) // apart:
                self.late_groups = set()
            self.mark = at
            ends = self.ends
            while ends and ends[0] - 1 <= at:
                end = heappop(ends)
                self.close(end, self.windows.pop(end))
        self.next.advance(time, at)

    def due(self) -> int | None:
        """The end of the window that closes next, by the clock."""
        return self.ends[0] if self.ends and self.time == CLOCK else None

    def close(self, end: int, groups: dict[Row, Any]) -> None:
        """Give out what the windows of an end come to."""
        raise NotImplementedError

    def size(self) -> int:
        """Groups in open windows."""
        return sum(map(len, self.windows.values()))


class WindowAggregate(WindowBuffer):
    """One row for each key and window: keys, window_start, window_end, window_time, aggregates."""

    def __init__(
        self,
        assign: Assigner,
        time: str,
        keys: Sequence[Callable[[Row], Any]],
        gathering: Gathering,
        boundary: int | None = None,
        last: Callable[[int, int], int] | None = None,
    ) -> None:
        super().__init__(assign, time, boundary, last)
        self.keys = list(keys)
        self.gathering = gathering

    def take(self, kind: int, row: Row) -> None:
        """Count a row in."""
        key = tuple([key(row) for key in self.keys])
        windows = self.open_windows(row)
        if len(windows) > 1:
            self.budget.toil(len(windows))
        for start, end in windows:
            groups = self.windows.get(end)
            if groups is None:
                groups = self.groups(end)
            group = (start, *key)
            accs = groups.get(group)
            if accs is None:
                accs = groups[group] = self.gathering.new()
                self.budget.keep()
            self.gathering.add(accs, row)

    def group(self, row: Row, end: int) -> Row:
        """Key and slice, where the windows are cut in advance and pre-aggregated."""
        if self.boundary is None:
            return super().group(row, end)
        return (end, *[key(row) for key in self.keys])

    def close(self, end: int, groups: dict[Row, Any]) -> None:
        """Give one row for each group."""
        self.budget.used_state -= len(groups)
        for group, accs in groups.items():
            values = self.gathering.values(accs)
            self.emit(INSERT, (*group[1:], group[0], end, end - 1, *values))


class WindowRank(WindowBuffer):
    """The first rows of each key and window by an order, given when the window closes.

    rank: whether the place, from 1, is added.
    """

    title = "window top n"

    def __init__(
        self,
        assign: Assigner,
        time: str,
        keys: Sequence[Callable[[Row], Any]],
        order: Callable[[Row], Any],
        ranks: range,
    ) -> None:
        super().__init__(assign, time)
        self.keys = list(keys)
        self.order = order
        self.ranks = ranks

    def take(self, kind: int, row: Row) -> None:
        """Keep a row until its window closes."""
        key = tuple([key(row) for key in self.keys])
        for start, end in self.open_windows(row):
            self.budget.keep()
            self.groups(end).setdefault((start, *key), []).append(row)

    def close(self, end: int, groups: dict[Row, Any]) -> None:
        """Give the first rows of each group, with their place."""
        for rows in groups.values():
            self.budget.used_state -= len(rows)
            rows.sort(key=self.order)
            for rank, row in enumerate(rows, 1):
                if rank in self.ranks:
                    self.emit(INSERT, (*row, rank))
