"""A compiled expression: a function of a row, with its type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.types.sqltype import SqlType

Evaluation = Callable[[Row], Any]


@dataclass(frozen=True, slots=True)
class Typed:
    """of: gives the value for a row, None for NULL. constant: the same for every row.

    place: the column that it only hands on; time: of a time attribute, EVENT or CLOCK.
    """

    kind: SqlType
    of: Evaluation
    constant: bool = False
    place: int | None = None
    time: str | None = None

    @property
    def value(self) -> Any:
        """The value of a constant."""
        return self.of(())


def constant(kind: SqlType, value: Any) -> Typed:
    """An expression that is the same for every row."""
    return Typed(kind, lambda row: value, constant=True)


def column(kind: SqlType, place: int, time: str | None = None) -> Typed:
    """The value of a column."""
    return Typed(kind, lambda row: row[place], place=place, time=time)


def settled(made: Typed, parts: Sequence[Typed]) -> Typed:
    """A function of constants is computed once; what it raises, it raises for each row."""
    if not all(part.constant for part in parts):
        return made
    try:
        return constant(made.kind, made.of(()))
    except (ArithmeticError, ValueError):
        return replace(made, constant=False)


def lifted(kind: SqlType, function: Callable[..., Any], *parts: Typed) -> Typed:
    """A function of values that is NULL when one of them is."""
    return settled(Typed(kind, _lifted(function, parts)), parts)


def _lifted(function: Callable[..., Any], parts: Sequence[Typed]) -> Evaluation:
    if len(parts) == 1:
        return _of_one(function, parts[0].of)
    if len(parts) == 2:
        first, second = parts
        if second.constant and second.value is not None:
            return _of_one_and_constant(function, first.of, second.value)
        return _of_two(function, first.of, second.of)
    evaluations = [part.of for part in parts]

    def of(row: Row) -> Any:
        values = [evaluate(row) for evaluate in evaluations]
        return None if None in values else function(*values)

    return of


def _of_one(function: Callable[..., Any], one: Evaluation) -> Evaluation:
    def of(row: Row) -> Any:
        value = one(row)
        return None if value is None else function(value)

    return of


def _of_one_and_constant(function: Callable[..., Any], one: Evaluation, other: Any) -> Evaluation:
    def of(row: Row) -> Any:
        value = one(row)
        return None if value is None else function(value, other)

    return of


def _of_two(function: Callable[..., Any], one: Evaluation, other: Evaluation) -> Evaluation:
    def of(row: Row) -> Any:
        left = one(row)
        if left is None:
            return None
        right = other(row)
        return None if right is None else function(left, right)

    return of
