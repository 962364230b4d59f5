"""What only OVER computes: the place of a row among those before it, and the rows before it.

ROW_NUMBER and LAG count row by row, RANK and DENSE_RANK answer all rows of one time together.
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.analytics.aggregates.aggregate import Accumulator, Aggregate
from kinesis_sim.analytics.types.sqltype import BIGINT, SqlType

BY_ROW = ("ROW_NUMBER", "LAG")
BY_TIME = ("RANK", "DENSE_RANK")
NAMES = (*BY_ROW, *BY_TIME)


def place(*, dense: bool) -> Aggregate:
    """RANK: rows of earlier times, and one; DENSE_RANK: earlier times, and one. Of the time."""

    def add(acc: Accumulator, at: Any) -> None:
        rows, times, _, last = acc
        if at != last:
            acc[1], acc[2], acc[3] = times + 1, rows + 1, at
        acc[0] = rows + 1

    return Aggregate(
        BIGINT, lambda: [0, 0, 0, None], add, _never, lambda acc: acc[1] if dense else acc[2]
    )


def before(kind: SqlType, number: int, default: Any) -> Aggregate:
    """LAG: the value of so many rows before, which is given in a tuple, for it may be NULL.

    The default stands for such a NULL, too, as Flink has it (measured on 1.20.3).
    """

    def add(acc: Accumulator, value: Any) -> None:
        acc.append(value[0])
        del acc[: -number - 1]

    def value(acc: Accumulator) -> Any:
        found = acc[0] if len(acc) > number else None
        return default if found is None else found

    return Aggregate(kind, list, add, _never, value)


def _never(acc: Accumulator, value: Any) -> None:
    raise AssertionError("a frame that begins with the first row lets none go")
