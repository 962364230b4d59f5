"""What all joins know: keys, a further condition, which side is kept without a match."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kinesis_sim.analytics.changelog import Row

Evaluation = Callable[[Row], Any]


@dataclass(frozen=True, slots=True)
class Pairing:
    """keys: of the left and the right row, compared pairwise. condition: of the joined row.

    widths: columns of both sides. outer: whether left and right rows without a match are kept.
    kind: "inner" (with ``outer``), "semi" or "anti" (left rows that have a match, or none).
    nulls_meet: whether NULL equals NULL in a key, as where whole rows are compared.
    """

    keys: tuple[Sequence[Evaluation], Sequence[Evaluation]]
    widths: tuple[int, int]
    condition: Evaluation | None = None
    outer: tuple[bool, bool] = (False, False)
    kind: str = "inner"
    nulls_meet: bool = False

    def key(self, side: int, row: Row) -> Row | None:
        """The key of a row; None when a part is NULL, where NULL equals nothing."""
        key = tuple([of(row) for of in self.keys[side]])
        return None if None in key and not self.nulls_meet else key

    def joined(self, side: int, row: Row, other: Row) -> Row | None:
        """Both rows as one, left before right; None when the condition is not true."""
        both = row + other if side == 0 else other + row
        return both if self.condition is None or self.condition(both) is True else None

    def alone(self, side: int, row: Row) -> Row:
        """A row with NULLs where the other side's columns are."""
        return row + (None,) * self.widths[1] if side == 0 else (None,) * self.widths[0] + row
