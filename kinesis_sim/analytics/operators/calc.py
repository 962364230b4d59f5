"""WHERE and SELECT: rows left out, columns made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.operators.operator import Operator

Evaluation = Callable[[Row], Any]


class RowFilter(Operator):
    """Rows whose condition is true, not false and not unknown."""

    title = "filter"

    def __init__(self, condition: Evaluation) -> None:
        super().__init__()
        self.condition = condition

    def take(self, kind: int, row: Row) -> None:
        """Hand a row on, or not."""
        if self.condition(row) is True:
            self.emit(kind, row)


class Projection(Operator):
    """Columns computed from each row."""

    title = "project"

    def __init__(self, columns: Sequence[Evaluation], places: Sequence[int | None] = ()) -> None:
        super().__init__()
        self.columns = list(columns)
        known = [place for place in places if place is not None]
        self._pick = itemgetter(*known) if len(known) == len(columns) and len(known) > 1 else None

    def take(self, kind: int, row: Row) -> None:
        """Hand the new row on."""
        if self._pick is not None:
            self.emit(kind, self._pick(row))
        else:
            self.emit(kind, tuple([column(row) for column in self.columns]))


class Expansion(Operator):
    """Each row once for each grouping set: with its keys, NULL for those left out, and its number.

    sets: of each, a function of the row for every key; None for one that it leaves out.
    """

    title = "expand"

    def __init__(self, sets: Sequence[Sequence[Evaluation | None]]) -> None:
        super().__init__()
        self.sets = list(sets)

    def take(self, kind: int, row: Row) -> None:
        """Hand the row on, set by set."""
        self.budget.toil(len(self.sets))
        for number, keys in enumerate(self.sets):
            values = [None if key is None else key(row) for key in keys]
            self.emit(kind, (*row, *values, number))


class Correlation(Operator):
    """A table function of each row, whose rows stand beside it.

    outer: a row without any is kept, with NULLs; width: columns of the function.
    """

    title = "table function"

    def __init__(
        self, function: Callable[[Row], Iterable[Row]], width: int, *, outer: bool = False
    ) -> None:
        super().__init__()
        self.function = function
        self.width = width
        self.outer = outer

    def take(self, kind: int, row: Row) -> None:
        """Hand on the row with each row of the function."""
        made = list(self.function(row))
        self.budget.toil(len(made))
        for one in made:
            self.emit(kind, row + one)
        if not made and self.outer:
            self.emit(kind, row + (None,) * self.width)
