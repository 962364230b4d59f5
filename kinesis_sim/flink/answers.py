"""What Flink answered to a statement: its changes, in order, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import UsageError

if TYPE_CHECKING:
    import pandas

Change = tuple[str, tuple[Any, ...]]
"""A kind ("+I", "-U", "+U" or "-D") and the values of a row."""


@dataclass
class Answer:
    """The changes of one statement.

    columns: their names. changes: what was told, in order; at most as many as were asked for.
    total: how many there were. late: rows that an operator dropped for they came behind the
    watermark (Flink's numLateRecordsDropped). ended: whether the statement came to its end.
    """

    statement: str
    columns: tuple[str, ...] = ()
    changes: list[Change] = field(default_factory=list)
    total: int = 0
    late: int = 0
    ended: bool = False

    def __repr__(self) -> str:
        end = "" if self.ended else ", not ended"
        return f"<{self.statement}: {self.total} changes, {self.late} rows late{end}>"

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """What the changes come to: the rows that nothing took back, in order of their coming."""
        return folded(self.changes)

    def frame(self) -> pandas.DataFrame:
        """The changes as a DataFrame, with the kind in the column "change"."""
        import pandas

        rows = [(kind, *values) for kind, values in self.changes]
        return pandas.DataFrame(rows, columns=["change", *self.columns])


def folded(changes: Iterable[Change]) -> list[tuple[Any, ...]]:
    """What a changelog comes to. Raises UsageError for a row taken back that is not there."""
    standing: dict[int, tuple[Any, ...]] = {}
    places: dict[str, list[int]] = {}
    for number, (kind, values) in enumerate(changes):
        key = repr(values)
        if kind in ("+I", "+U"):
            standing[number] = values
            places.setdefault(key, []).append(number)
        elif places.get(key):
            del standing[places[key].pop()]
        else:
            raise UsageError(f"The changes take back {values}, which is not there.")
    return list(standing.values())
