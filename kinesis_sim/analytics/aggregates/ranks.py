"""What only OVER computes: the place of a row among those before it, and the rows before it.

ROW_NUMBER counts row by row, the others answer all rows of one time together: LAG for the last of
them, and RANK and DENSE_RANK with their number. The latter two are one in Flink's streaming OVER,
ties or none (measured on 1.20.3); with a batch they would differ.
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.analytics.aggregates.aggregate import Accumulator, Aggregate
from kinesis_sim.analytics.types.sqltype import SqlType

BY_ROW = ("ROW_NUMBER",)
BY_TIME = ("RANK", "DENSE_RANK", "LAG")
NAMES = (*BY_ROW, *BY_TIME)


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
