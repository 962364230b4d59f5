"""Columns of a relation while it is planned: their names, types and what time they tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from kinesis_sim.analytics.sql.nodes import wrong
from kinesis_sim.analytics.types.sqltype import SqlType

EVENT, CLOCK = "event", "clock"
"""The two times: what rows say of themselves, told by watermarks, and what the clock shows."""
MERGED = "$using"
"""The table of columns that USING or NATURAL made one; a dollar sign begins no name in a text."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column.

    table: the alias it can be called by; time: EVENT or CLOCK for a time attribute, by which
    windows can be cut. hidden: ``*`` leaves it out.
    """

    name: str
    kind: SqlType
    table: str | None = None
    time: str | None = None
    hidden: bool = False


class Fields:
    """Columns in order."""

    def __init__(self, columns: Iterable[Field]) -> None:
        self.columns = tuple(columns)
        self._named: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self.columns)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.columns)

    def __getitem__(self, at: int) -> Field:
        return self.columns[at]

    def __add__(self, other: Fields) -> Fields:
        return Fields(self.columns + other.columns)

    def of_table(self, table: str | None) -> Fields:
        """The same columns under a table's alias."""
        return Fields(replace(column, table=table) for column in self.columns)

    def without_time(self, *, hidden: bool = False) -> Fields:
        """The same columns, none of them telling time any more; hidden: but for a hidden one."""
        return Fields(
            column if hidden and column.hidden else replace(column, time=None)
            for column in self.columns
        )

    def places(self, name: str, table: str | None = None) -> list[int]:
        """Where columns of a name stand."""
        if not self._named:
            for at, column in enumerate(self.columns):
                self._named.setdefault(column.name, []).append(at)
        found = self._named.get(name, [])
        return [at for at in found if table is None or self.columns[at].table == table]

    def find(self, node: exp.Expr, name: str, table: str | None = None) -> int:
        """Where the one column of a name stands. Raises SqlValidationError."""
        found = self.places(name, table)
        if len(found) > 1:  # of several ROWTIMEs, the relation's own
            found = [at for at in found if self[at].hidden and self[at].time] or found
            found = [at for at in found if self[at].table == MERGED] or found
        if len(found) == 1:
            return found[0]
        said = f"{table}.{name}" if table else name
        if found:
            raise wrong(node, f"Column {said!r} is ambiguous; say which table's.", construct=said)
        tables = {column.table for column in self.columns}
        if table is not None and table not in tables:
            raise wrong(node, f"Table {table!r} is not in FROM.", construct=said)
        known = ", ".join(column.name for column in self.columns if not column.hidden)
        raise wrong(node, f"Column {said!r} is not there; the columns are {known}.", construct=said)

    def time(self) -> int | None:
        """Where the first time attribute stands; None without one."""
        return next((at for at, column in enumerate(self.columns) if column.time), None)
