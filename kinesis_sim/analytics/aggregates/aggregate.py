"""One aggregate function: how its accumulator begins, takes rows, gives them back, is read."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import isqrt, sqrt
from typing import Any

from kinesis_sim.analytics.types.casts import NUMBERS, fit_decimal, wrap
from kinesis_sim.analytics.types.sqltype import INTEGERS, MOST_DIGITS, SqlType, decimal
from kinesis_sim.analytics.types.values import bounded_members, bounded_text

Accumulator = list[Any]
_LEAST_AVERAGE_SCALE = 6


@dataclass(frozen=True, slots=True)
class Aggregate:
    """kind: of its result. new, add, take, value: of an accumulator.

    ``take`` undoes an ``add`` of the same value; ``add`` gets no NULL. merges: whether Flink puts
    accumulators together, so that it aggregates windows in two phases. grows: whether the
    value is made anew of all rows each time.
    """

    kind: SqlType
    new: Callable[[], Accumulator]
    add: Callable[[Accumulator, Any], None]
    take: Callable[[Accumulator, Any], None]
    value: Callable[[Accumulator], Any]
    merges: bool = True
    grows: bool = False


def count(kind: SqlType) -> Aggregate:
    """COUNT: of values, which are never NULL here."""

    def add(acc: Accumulator, value: Any) -> None:
        acc[0] += 1

    def take(acc: Accumulator, value: Any) -> None:
        acc[0] -= 1

    return Aggregate(kind, lambda: [0], add, take, lambda acc: acc[0])


def _add(acc: Accumulator, value: Any) -> None:
    acc[0] += value
    acc[1] += 1


def _take(acc: Accumulator, value: Any) -> None:
    acc[0] -= value
    acc[1] -= 1


def total(argument: SqlType) -> Aggregate:
    """SUM, of the argument's type, as Flink has it; a DECIMAL gets all digits.

    Doubles that leave a window are subtracted, as Flink does, so a sum can drift in its last
    digits.
    """
    zero: Any = Decimal(0) if argument.name == "DECIMAL" else 0
    if argument.name == "DECIMAL":
        kind = decimal(MOST_DIGITS, argument.scale or 0)
        read: Callable[[Any], Any] = lambda value: fit_decimal(value, kind)  # noqa: E731
    elif argument.integer:
        kind, bits = argument, INTEGERS[argument.name]
        read = lambda value: wrap(value, bits)  # noqa: E731
    else:
        kind, read, zero = argument, lambda value: value, 0.0
        if argument.interval:
            zero = 0
    return Aggregate(
        kind,
        lambda: [zero, 0],
        _add,
        _take,
        lambda acc: read(acc[0]) if acc[1] else None,
    )


def average(argument: SqlType) -> Aggregate:
    """AVG, of the argument's type: of whole numbers it is whole, cut towards zero."""
    if argument.name == "DECIMAL":
        scale = argument.scale or 0
        kind = decimal(MOST_DIGITS, max(_LEAST_AVERAGE_SCALE, scale))
        zero: Any = Decimal(0)

        def mean(total: Any, number: int) -> Any:
            return fit_decimal(NUMBERS.divide(total, Decimal(number)), kind)

    elif argument.integer:
        kind, zero = argument, 0

        def mean(total: Any, number: int) -> Any:
            return int(abs(total) // number) * (1 if total >= 0 else -1)

    else:
        kind, zero = argument, 0.0

        def mean(total: Any, number: int) -> Any:
            return total / number

    return Aggregate(
        kind,
        lambda: [zero, 0],
        _add,
        _take,
        lambda acc: mean(acc[0], acc[1]) if acc[1] else None,
    )


def extreme(kind: SqlType, largest: bool) -> Aggregate:
    """MIN or MAX of rows that may be taken back: all values are kept, in order."""

    def take(acc: Accumulator, value: Any) -> None:
        at = bisect_left(acc, value)
        if at < len(acc) and acc[at] == value:
            del acc[at]

    at = -1 if largest else 0
    return Aggregate(kind, list, insort, take, lambda acc: acc[at] if acc else None)


def running_extreme(kind: SqlType, largest: bool) -> Aggregate:
    """MIN or MAX of rows that are never taken back: one value is kept."""
    if largest:

        def add(acc: Accumulator, value: Any) -> None:
            if acc[0] is None or value > acc[0]:
                acc[0] = value

    else:

        def add(acc: Accumulator, value: Any) -> None:
            if acc[0] is None or value < acc[0]:
                acc[0] = value

    return Aggregate(kind, lambda: [None], add, _never, lambda acc: acc[0])


def _never(acc: Accumulator, value: Any) -> None:
    raise AssertionError("this accumulator takes nothing back")


def _remove(acc: Accumulator, value: Any) -> None:
    if value in acc:
        acc.remove(value)


def first(kind: SqlType) -> Aggregate:
    """FIRST_VALUE, of the rows that are not NULL."""
    return Aggregate(kind, list, list.append, _remove, lambda acc: acc[0] if acc else None)


def last(kind: SqlType) -> Aggregate:
    """LAST_VALUE, of the rows that are not NULL."""

    def take(acc: Accumulator, value: Any) -> None:
        for at in range(len(acc) - 1, -1, -1):
            if acc[at] == value:
                del acc[at]
                return

    return Aggregate(kind, list, list.append, take, lambda acc: acc[-1] if acc else None)


def collected(kind: SqlType) -> Aggregate:
    """ARRAY_AGG, of values in brackets, for they may be NULL."""

    def value(acc: Accumulator) -> Any:
        return bounded_members(tuple([one for (one,) in acc])) if acc else None

    return Aggregate(kind, list, list.append, _remove, value, grows=True)


def listed(kind: SqlType, separator: str) -> Aggregate:
    """LISTAGG: texts with something between."""

    def value(acc: Accumulator) -> str | None:
        return bounded_text(separator.join(acc)) if acc else None

    return Aggregate(kind, list, list.append, _remove, value, grows=True)


def whole_spread(kind: SqlType, sample: bool, root: bool) -> Aggregate:
    """The same of whole numbers, as Flink has it: whole in every step, cut off where divided."""

    def add(acc: Accumulator, value: Any) -> None:
        acc[0] += 1
        acc[1] += value
        acc[2] += value * value

    def take(acc: Accumulator, value: Any) -> None:
        acc[0] -= 1
        acc[1] -= value
        acc[2] -= value * value

    def value(acc: Accumulator) -> int | None:
        number = acc[0]
        least = number - 1 if sample else number
        if least <= 0:
            return None
        found = (acc[2] - acc[1] * acc[1] // number) // least
        return isqrt(found) if root else found

    return Aggregate(kind, lambda: [0, 0, 0], add, take, value)


def spread(kind: SqlType, sample: bool, root: bool) -> Aggregate:
    """VAR_POP, VAR_SAMP, STDDEV_POP, STDDEV_SAMP, from the sums of values and of their squares."""

    def add(acc: Accumulator, value: Any) -> None:
        acc[0] += 1
        acc[1] += float(value)
        acc[2] += float(value) * float(value)

    def take(acc: Accumulator, value: Any) -> None:
        acc[0] -= 1
        acc[1] -= float(value)
        acc[2] -= float(value) * float(value)

    def value(acc: Accumulator) -> float | None:
        number = acc[0]
        least = number - 1 if sample else number
        if least <= 0:
            return None
        found = max(0.0, (acc[2] - acc[1] * acc[1] / number) / least)
        return sqrt(found) if root else found

    return Aggregate(kind, lambda: [0, 0.0, 0.0], add, take, value)


def truth(kind: SqlType, every: bool) -> Aggregate:
    """EVERY and SOME: counts of trues and falses."""

    def add(acc: Accumulator, value: Any) -> None:
        acc[bool(value)] += 1

    def take(acc: Accumulator, value: Any) -> None:
        acc[bool(value)] -= 1

    def read(acc: Accumulator) -> bool | None:
        if not acc[0] and not acc[1]:
            return None
        return bool(acc[0] == 0 if every else acc[1] > 0)

    return Aggregate(kind, lambda: [0, 0], add, take, read)


def weighted(kind: SqlType, alpha: float) -> Aggregate:
    """EXP_AVG of values in order: each new one weighs ``alpha``."""

    def value(acc: Accumulator) -> float | None:
        if not acc:
            return None
        found = float(acc[0])
        for one in acc[1:]:
            found = alpha * float(one) + (1 - alpha) * found
        return found

    return Aggregate(kind, list, list.append, _remove, value)


def distinct(inner: Aggregate) -> Aggregate:
    """An aggregate of each value once, however often it comes."""

    def add(acc: Accumulator, value: Any) -> None:
        seen = acc[0]
        seen[value] = seen.get(value, 0) + 1
        if seen[value] == 1:
            inner.add(acc[1], value)

    def take(acc: Accumulator, value: Any) -> None:
        seen = acc[0]
        left = seen.get(value, 0) - 1
        if left > 0:
            seen[value] = left
        elif left == 0:
            del seen[value]
            inner.take(acc[1], value)

    return Aggregate(
        inner.kind,
        lambda: [{}, inner.new()],
        add,
        take,
        lambda acc: inner.value(acc[1]),
        inner.merges,
        inner.grows,
    )
