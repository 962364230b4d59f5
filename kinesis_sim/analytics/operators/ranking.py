"""Top-N and deduplication: the first rows of a key by an order, as a changelog."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from kinesis_sim.analytics.changelog import (
    ADDS,
    DELETE,
    INSERT,
    UPDATE_AFTER,
    UPDATE_BEFORE,
    Row,
)
from kinesis_sim.analytics.operators.operator import Operator


class Backwards:
    """A value that sorts the other way round, for DESC."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: Backwards) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Backwards) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash(self.value)


def ordering(parts: Sequence[tuple[Callable[[Row], Any], bool, bool]]) -> Callable[[Row], Any]:
    """A sort key of (value of a row, descending, NULLs first) parts."""

    def key(row: Row) -> Any:
        made: list[Any] = []
        for of, descending, nulls_first in parts:
            value = of(row)
            if value is None:
                made.append((0 if nulls_first else 2, 0))
            else:
                made.append((1, Backwards(value) if descending else value))
        return made

    return key


class TopN(Operator):
    """The rows of some ranks in each key.

    ranked: whether the rank is a column; then a row that comes in between moves all below it, each
    with −U and +U, as it does where the first ranks are left out. Else only what comes and goes is
    told, −D before +I. retracts: whether rows may be taken back, so that all have to be kept.
    """

    title = "top n"

    def __init__(
        self,
        keys: Sequence[Callable[[Row], Any]],
        order: Callable[[Row], Any],
        ranks: range,
        *,
        ranked: bool,
        retracts: bool,
    ) -> None:
        super().__init__()
        self.keys = list(keys)
        self.order = order
        self.ranks = ranks
        self.ranked = ranked
        self.retracts = retracts
        self.rows: dict[Row, list[Row]] = {}

    kept = ("rows",)

    def take(self, kind: int, row: Row) -> None:
        """Put a row in its place, or take it away."""
        key = tuple([key(row) for key in self.keys])
        rows = self.rows.setdefault(key, [])
        most = self.ranks.stop - 1
        before = rows[:most]
        if ADDS[kind]:
            at = bisect_right(rows, self.order(row), key=self.order)
            rows.insert(at, row)
            self.budget.keep()
            if not self.retracts and len(rows) > most:
                rows.pop()
                self.budget.used_state -= 1
        elif row in rows:
            rows.remove(row)
            self.budget.used_state -= 1
        self._tell(before, rows[:most])

    def _tell(self, before: list[Row], after: list[Row]) -> None:
        first = self.ranks.start - 1
        old, new = before[first:], after[first:]
        if self.ranked or first:
            self._moved(old, new)
        else:
            self._changed(old, new)

    def _moved(self, old: list[Row], new: list[Row]) -> None:
        for at in range(max(len(old), len(new))):
            rank = (self.ranks.start + at,) if self.ranked else ()
            if at >= len(old):
                self.emit(INSERT, new[at] + rank)
            elif at >= len(new):
                self.emit(DELETE, old[at] + rank)
            elif old[at] != new[at]:
                self.emit(UPDATE_BEFORE, old[at] + rank)
                self.emit(UPDATE_AFTER, new[at] + rank)

    def _changed(self, old: list[Row], new: list[Row]) -> None:
        left, come = list(old), []
        for row in new:
            if row in left:
                left.remove(row)
            else:
                come.append(row)
        for row in left:
            self.emit(DELETE, row)
        for row in come:
            self.emit(INSERT, row)


class Deduplication(Operator):
    """The first, or the last, row of each key by a time: rank 1 over a time attribute."""

    title = "deduplicate"

    def __init__(
        self,
        keys: Sequence[Callable[[Row], Any]],
        when: Callable[[Row], Any],
        *,
        last: bool,
    ) -> None:
        super().__init__()
        self.keys = list(keys)
        self.when = when
        self.last = last
        self.rows: dict[Row, Row] = {}

    kept = ("rows",)

    def take(self, kind: int, row: Row) -> None:
        """Keep the row where it is earlier, or as late, as the one before."""
        key = tuple([key(row) for key in self.keys])
        before = self.rows.get(key)
        if before is None:
            self.rows[key] = row
            self.budget.keep()
            self.emit(INSERT, row)
            return
        old, new = self.when(before), self.when(row)
        if new >= old if self.last else new < old:
            self.rows[key] = row
            self.emit(UPDATE_BEFORE, before)
            self.emit(UPDATE_AFTER, row)
