"""What a query gave: its changes, the rows that they leave, and what was lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kinesis_sim.analytics.changelog import ADDS, SIGNS, Row
from kinesis_sim.analytics.operators.ends import ResultLog
from kinesis_sim.analytics.operators.operator import Operator
from kinesis_sim.analytics.sql.fields import Fields
from kinesis_sim.analytics.types.texts import shown

if TYPE_CHECKING:
    import pandas


class SqlAnswer:
    """The answer of one query or insert; it grows while rows are fed.

    name: of the table that it goes to, or "query 1". changing: whether rows are taken back.
    """

    def __init__(
        self,
        name: str,
        fields: Fields,
        results: ResultLog,
        operators: Mapping[str, Operator],
        *,
        changing: bool,
    ) -> None:
        self.name = name
        self.changing = changing
        self._fields = fields
        self._results = results
        self._operators = operators

    @property
    def fields(self) -> Fields:
        """Its columns, with what is known of them."""
        return self._fields

    def tell(self, heard: Callable[[int, Row], None]) -> None:
        """Have changes go to somebody as they come, instead of being kept here."""
        self._results.heard = heard

    @property
    def columns(self) -> list[str]:
        """Names of its columns."""
        return [one.name for one in self._fields]

    @property
    def types(self) -> dict[str, str]:
        """The SQL type of each column."""
        return {one.name: str(one.kind) for one in self._fields}

    @property
    def changelog(self) -> list[tuple[str, dict[str, Any]]]:
        """Every change as it came: "+I", "-U", "+U" or "-D", and the row."""
        return [(SIGNS[kind], self._shown(row)) for kind, row in self._results.changes]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows that the changes leave, in the order in which they came."""
        left: dict[Any, list[int]] = {}
        changes = self._results.changes
        for at, (kind, row) in enumerate(changes):
            places = left.setdefault(row, [])
            if ADDS[kind]:
                places.append(at)
            elif places:
                places.pop()
        order = sorted(at for places in left.values() for at in places)
        return [self._shown(changes[at].row) for at in order]

    @property
    def late(self) -> int:
        """Rows dropped as late, as Flink's metric numLateRecordsDropped adds them up."""
        return sum(one.late for one in self._operators.values())

    @property
    def lost(self) -> int:
        """Rows dropped as late, each counted."""
        return sum(one.lost for one in self._operators.values())

    @property
    def late_by_operator(self) -> dict[str, int]:
        """The same for each operator that dropped any."""
        return {name: one.late for name, one in self._operators.items() if one.late}

    def _shown(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return {
            one.name: shown(one.kind, value)
            for one, value in zip(self._fields, row, strict=True)
            if not one.hidden
        }

    def to_frame(self, *, changes: bool = False) -> pandas.DataFrame:
        """Its rows as a DataFrame; changes: every change, with its kind. Raises MissingPackage."""
        try:
            import pandas
        except ImportError:
            from kinesis_sim.errors import MissingPackage

            raise MissingPackage('DataFrames need pandas: pip install "kinesis-lab[lab]"') from None
        columns = [one.name for one in self._fields if not one.hidden]
        if not changes:
            return pandas.DataFrame(self.rows, columns=columns)
        return pandas.DataFrame(
            [{"op": sign, **row} for sign, row in self.changelog], columns=["op", *columns]
        )

    def __len__(self) -> int:
        return len(self._results.changes)

    def __repr__(self) -> str:
        return f"<SqlAnswer {self.name}: {len(self)} changes, {self.late} late>"
