"""Aggregates that no text can name: what a subquery comes to beside the row that asks it."""

from __future__ import annotations

from typing import Any

from kinesis_sim.analytics.aggregates.aggregate import Accumulator, Aggregate
from kinesis_sim.analytics.refusals import RowFault
from kinesis_sim.analytics.types.sqltype import BOOLEAN, SqlType

SINGLE_VALUE = "$SINGLE_VALUE"
"""The name by which a planner calls ``single``; a dollar sign begins no name in a text."""
MATCH, PERHAPS = 1, 0
"""What ``matches`` takes: a match, or a comparison with NULL, which may be one."""


def single(kind: SqlType) -> Aggregate:
    """The value of the one row of a subquery; each is given in brackets, for it may be NULL.

    A second row stops the job, as Flink's SINGLE_VALUE does, with RowFault.
    """

    def add(acc: Accumulator, value: Any) -> None:
        if acc:
            raise RowFault(
                "A subquery as a value has given more than one row, which stops the job in Flink; "
                "let it give one: an aggregate, or LIMIT 1."
            )
        acc.append(value)

    def take(acc: Accumulator, value: Any) -> None:
        acc.remove(value)

    return Aggregate(kind, list, add, take, lambda acc: acc[0][0] if acc else None)


def matches() -> Aggregate:
    """Whether any of the given is a MATCH; unknown where there are only such as may be one."""

    def change(acc: Accumulator, value: Any, step: int) -> None:
        acc[value] += step

    def verdict(acc: Accumulator) -> bool | None:
        if acc[MATCH]:
            return True
        return None if acc[PERHAPS] else False

    return Aggregate(
        BOOLEAN,
        lambda: [0, 0],
        lambda acc, value: change(acc, value, 1),
        lambda acc, value: change(acc, value, -1),
        verdict,
    )
