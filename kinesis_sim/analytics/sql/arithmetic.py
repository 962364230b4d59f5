"""Numbers, intervals and literals, calculated as Java and Flink do.

Whole numbers stay whole and wrap around, DECIMALs take the digits that SQL derives and become NULL
where they have too many, doubles go to Infinity. In Kinesis SQL a division by zero is an error of
the row (facts/analytics §5).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from math import fmod, inf, nan
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.sql.expressions import Expressions, compiles, converted
from kinesis_sim.analytics.sql.nodes import TimeDifference, only, wrong
from kinesis_sim.analytics.sql.typed import Typed, constant, lifted
from kinesis_sim.analytics.types import calendar
from kinesis_sim.analytics.types.casts import NUMBERS, fit_decimal, wrap
from kinesis_sim.analytics.types.sqltype import (
    APPROXIMATE,
    BIGINT,
    DOUBLE,
    INTEGER,
    INTEGERS,
    INTERVAL_MONTHS,
    INTERVAL_MS,
    MOST_DIGITS,
    NULL,
    TIMESTAMP,
    SqlType,
    as_decimal,
    common,
    decimal,
    varchar,
)
from kinesis_sim.analytics.types.values import concatenated
from kinesis_sim.instants import DAY, HOUR, MINUTE, SECOND

_CODE = re.compile(r"\\([0-9A-Fa-f]{4})")
Calculation = Callable[[Any, Any], Any]
UNITS_MS = {"SECOND": SECOND, "MINUTE": MINUTE, "HOUR": HOUR, "DAY": DAY, "WEEK": 7 * DAY}
UNITS_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_LEAST_SCALE = 6
"""Digits behind the point that a DECIMAL too wide keeps at least."""


# --- literals -----------------------------------------------------------------------------------


@compiles(exp.Literal)
def _literal(here: Expressions, node: exp.Literal) -> Typed:
    text = str(node.this)
    if node.is_string:
        return constant(varchar(len(text)), text)
    if "e" in text.lower():
        return constant(DOUBLE, float(text))
    number = Decimal(text)
    if "." in text:
        digits, scale = len(text.replace(".", "").lstrip("0") or "0"), len(text.partition(".")[2])
        return constant(decimal(max(digits, scale, 1), scale), number)
    if len(text.lstrip("0")) > MOST_DIGITS:
        raise wrong(node, f"A number of more than {MOST_DIGITS} digits is none of SQL's.")
    whole = int(number)
    for kind, bits in ((INTEGER, 32), (BIGINT, 64)):
        if whole < 1 << bits - 1:
            return constant(kind, whole)
    return constant(decimal(len(text), 0), number)


@compiles(exp.Null)
def _null(here: Expressions, node: exp.Null) -> Typed:
    return constant(NULL, None)


@compiles(exp.Interval)
def _interval(here: Expressions, node: exp.Interval) -> Typed:
    only(node, "this", "unit")
    return constant(*interval_value(node))


def interval_value(node: exp.Expr) -> tuple[SqlType, int]:
    """The type of an interval, and its milliseconds or months. Raises SqlValidationError."""
    if not isinstance(node, exp.Interval) or not isinstance(node.this, exp.Literal):
        raise wrong(node, "Expected an interval such as INTERVAL '1' MINUTE.")
    text, unit = node.this.name.strip(), node.args.get("unit")
    if isinstance(unit, exp.IntervalSpan):
        return _span(node, text, unit.this.name.upper(), unit.expression.name.upper())
    name = (unit.name if unit is not None else "").upper().removesuffix("S")
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise wrong(node, f"{text!r} is no number of an interval.") from None
    if name in UNITS_MONTHS:
        return INTERVAL_MONTHS, int(number) * UNITS_MONTHS[name]
    if name not in UNITS_MS or not number.is_finite() or abs(number) > 10**9:
        raise wrong(node, f"INTERVAL {text!r} {name or '…'} is no interval; units: YEAR to SECOND.")
    return INTERVAL_MS, int(number * UNITS_MS[name])


def _span(node: exp.Expr, text: str, first: str, last: str) -> tuple[SqlType, int]:
    """``'1:30' HOUR TO MINUTE`` and its like."""
    order = ("DAY", "HOUR", "MINUTE", "SECOND")
    if (first, last) == ("YEAR", "MONTH"):
        years, _, months = text.partition("-")
        return INTERVAL_MONTHS, int(years) * 12 + int(months or 0)
    if first not in order or last not in order[order.index(first) :]:
        raise wrong(node, f"An interval goes from a unit to a smaller one, not {first} TO {last}.")
    units = order[order.index(first) : order.index(last) + 1]
    sign, text = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    parts = text.replace(" ", ":").split(":")
    if len(parts) != len(units):
        raise wrong(node, f"{text!r} has not the {len(units)} parts of {first} TO {last}.")
    ms = sum(Decimal(part) * UNITS_MS[unit] for part, unit in zip(parts, units, strict=True))
    return INTERVAL_MS, sign * int(ms)


@compiles(exp.HexString)
def _bytes(here: Expressions, node: exp.HexString) -> Typed:
    """``X'6162'``."""
    only(node, "this", "is_integer")
    try:
        value = bytes.fromhex(str(node.this))
    except ValueError:
        raise wrong(node, "X'…' holds pairs of the digits 0 to 9 and A to F.") from None
    return constant(SqlType("BINARY", len(value)), value)


@compiles(exp.UnicodeString)
def _escaped(here: Expressions, node: exp.UnicodeString) -> Typed:
    r"""``U&'\00e9'``."""
    only(node, "this")
    text = _CODE.sub(lambda found: chr(int(found[1], 16)), str(node.this))
    return constant(varchar(len(text)), text)


# --- calculations -------------------------------------------------------------------------------


@compiles(exp.Neg)
def _negative(here: Expressions, node: exp.Neg) -> Typed:
    made = here(node.this)
    if not made.kind.numeric and not made.kind.interval:
        raise wrong(node, f"{made.kind} has no sign.")
    return lifted(made.kind, operator.neg, made)


@compiles(exp.DPipe)
def _joined(here: Expressions, node: exp.DPipe) -> Typed:
    parts = [as_text(here, node, here(side)) for side in (node.this, node.expression)]
    length = sum(part.kind.precision or 1 for part in parts)
    return lifted(varchar(min(length, 2_147_483_647)), concatenated, *parts)


def as_text(here: Expressions, node: exp.Expr, part: Typed) -> Typed:
    """An expression as a text. Flink joins nothing else; Kinesis SQL casts what is none."""
    if part.kind.character:
        return part
    if not here.around.kinesis and part.kind != NULL:
        raise wrong(
            node,
            f"A text stands here; this is {part.kind}. Flink makes none of it by itself: write "
            "CAST(… AS STRING).",
        )
    from kinesis_sim.analytics.types.sqltype import STRING

    return converted(node, part, STRING)


@compiles(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
def _calculation(here: Expressions, node: exp.Binary) -> Typed:
    left, right = here(node.this), here(node.expression)
    told = here.around.kinesis
    left, right = (
        _numbered(node, one, other, reads=told) for one, other in ((left, right), (right, left))
    )
    if left.kind.numeric and right.kind.numeric:
        return _numbers(here, node, left, right)
    made = _times(node, left, right, reads=told)
    spans = left.kind.instant or left.kind.name == "DATE"
    if made is not None and made.kind.interval and spans and not told:
        raise wrong(
            node,
            f"Flink takes no {right.kind} from a {left.kind} as it stands: write (a - b) SECOND, "
            "or TIMESTAMPDIFF(SECOND, b, a).",
        )
    if made is None:
        word = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}.get(type(node), "%")
        raise wrong(node, f"{left.kind} {word} {right.kind} is no calculation; use CAST.")
    return made


def _numbered(node: exp.Expr, one: Typed, other: Typed, *, reads: bool) -> Typed:
    """A NULL takes the other's type; reads: whether a text beside a number is read as one."""
    if one.kind == NULL:
        return Typed(other.kind if other.kind != NULL else INTEGER, one.of, one.constant)
    if reads and one.kind.character and other.kind.numeric:
        return converted(node, one, DOUBLE)
    return one


def _numbers(here: Expressions, node: exp.Binary, left: Typed, right: Typed) -> Typed:
    kind = common(left.kind, right.kind) or DOUBLE
    if kind.integer:
        return lifted(kind, _whole(node, kind), left, right)
    if kind.name in APPROXIMATE:
        parts = [converted(node, part, DOUBLE) for part in (left, right)]
        return lifted(kind, _doubles(here, node), *parts)
    one, other = as_decimal(left.kind), as_decimal(right.kind)
    result = derived(type(node), one, other)
    parts = [converted(node, left, one), converted(node, right, other)]
    return lifted(result, _decimals(node, result), *parts)


def _whole(node: exp.Binary, kind: SqlType) -> Calculation:
    bits = INTEGERS[kind.name]
    top = (1 << bits - 1) - 1
    plain = {exp.Add: operator.add, exp.Sub: operator.sub, exp.Mul: operator.mul}.get(type(node))
    if plain is None:
        made = _quotient if isinstance(node, exp.Div) else _remainder
        return lambda one, other: wrap(made(one, other), bits)

    def calculate(one: int, other: int) -> int:
        value: int = plain(one, other)
        return value if -top <= value <= top else wrap(value, bits)

    return calculate


def _quotient(one: int, other: int) -> int:
    if not other:
        raise ZeroDivisionError("/ by zero")
    value = abs(one) // abs(other)
    return value if (one < 0) == (other < 0) else -value


def _remainder(one: int, other: int) -> int:
    return one - other * _quotient(one, other)


def _doubles(here: Expressions, node: exp.Binary) -> Calculation:
    strict = here.around.kinesis
    if isinstance(node, exp.Div):
        return _strict_division if strict else _java_division
    if isinstance(node, exp.Mod):
        return lambda one, other: fmod(one, other) if other else nan
    made: Calculation = {exp.Add: operator.add, exp.Sub: operator.sub, exp.Mul: operator.mul}[
        type(node)
    ]
    return made


def _strict_division(one: float, other: float) -> float:
    if not other:
        raise ZeroDivisionError("division by zero")
    return one / other


def _java_division(one: float, other: float) -> float:
    if other:
        return one / other
    return nan if not one or one != one else (inf if (one > 0) == (str(other)[0] != "-") else -inf)


def _decimals(node: exp.Binary, kind: SqlType) -> Calculation:
    made: Calculation = {
        exp.Add: NUMBERS.add,
        exp.Sub: NUMBERS.subtract,
        exp.Mul: NUMBERS.multiply,
        exp.Div: NUMBERS.divide,
        exp.Mod: NUMBERS.remainder,
    }[type(node)]
    divides = isinstance(node, exp.Div | exp.Mod)

    def calculate(one: Decimal, other: Decimal) -> Decimal | None:
        if divides and not other:
            raise ZeroDivisionError("Division by zero")
        return fit_decimal(made(one, other), kind)

    return calculate


def derived(operation: type[exp.Expr], one: SqlType, other: SqlType) -> SqlType:
    """The DECIMAL that a calculation of two gives, as Flink derives it."""
    p1, s1, p2, s2 = one.precision or 1, one.scale or 0, other.precision or 1, other.scale or 0
    if operation is exp.Mul:
        return _fitting(p1 + p2 + 1, s1 + s2)
    if operation is exp.Div:
        scale = max(_LEAST_SCALE, s1 + p2 + 1)
        return _fitting(p1 - s1 + s2 + scale, scale)
    scale = max(s1, s2)
    if operation is exp.Mod:
        return _fitting(min(p1 - s1, p2 - s2) + scale, scale)
    return _fitting(max(p1 - s1, p2 - s2) + scale + 1, scale)


def _fitting(precision: int, scale: int) -> SqlType:
    if precision <= MOST_DIGITS:
        return decimal(precision, scale)
    whole = precision - scale
    return decimal(MOST_DIGITS, max(MOST_DIGITS - whole, min(scale, _LEAST_SCALE)))


@compiles(TimeDifference)
def _difference(here: Expressions, node: TimeDifference) -> Typed:
    """``(a - b) SECOND``: an interval; of months it counts those that are whole."""
    only(node, "this", "expression", "unit")
    parts = [here(node.this), here(node.expression)]
    if not all(part.kind.instant or part.kind.name == "DATE" for part in parts):
        raise wrong(node, f"{parts[0].kind} - {parts[1].kind} is no span of time.")
    later, earlier = (converted(node, part, TIMESTAMP) for part in parts)
    if node.text("unit") in UNITS_MONTHS:
        return lifted(
            INTERVAL_MONTHS, lambda one, two: calendar.between("MONTH", two, one), later, earlier
        )
    return lifted(INTERVAL_MS, operator.sub, later, earlier)


def in_units(span: Typed, kind: SqlType, unit: str) -> Typed:
    """A span of time as a number of whole units."""
    size = UNITS_MONTHS[unit] if unit in UNITS_MONTHS else UNITS_MS[unit]
    return lifted(kind, lambda value: int(value / size), span)


# --- times --------------------------------------------------------------------------------------


def _times(node: exp.Binary, left: Typed, right: Typed, *, reads: bool) -> Typed | None:
    """Instants and intervals, calculated. reads: as Kinesis SQL does; Flink divides no interval."""
    adds, takes = isinstance(node, exp.Add), isinstance(node, exp.Sub)
    if adds and left.kind.interval and not right.kind.interval:
        left, right = right, left
    if (adds or takes) and right.kind.interval:
        if left.kind == right.kind:
            return lifted(left.kind, operator.add if adds else operator.sub, left, right)
        return moved(left, right, 1 if adds else -1)
    if takes and left.kind.instant and right.kind.instant:
        return lifted(INTERVAL_MS, operator.sub, left, right)
    if takes and left.kind.name == right.kind.name == "DATE":
        return lifted(INTERVAL_MS, lambda one, other: (one - other) * DAY, left, right)
    if isinstance(node, exp.Mul) and left.kind.interval != right.kind.interval:
        kind = left.kind if left.kind.interval else right.kind
        return lifted(kind, lambda one, other: int(one * other), left, right)
    if reads and isinstance(node, exp.Div) and left.kind.interval and right.kind.numeric:
        return lifted(left.kind, lambda one, other: int(one / other), left, right)
    return None


def moved(when: Typed, by: Typed, sign: int) -> Typed | None:
    """An instant, day or time of day, moved by an interval."""
    months = by.kind == INTERVAL_MONTHS
    if when.kind.instant:
        if months:
            made = lambda ms, step: calendar.add_months(ms, sign * step)  # noqa: E731
        else:
            made = lambda ms, step: ms + sign * step  # noqa: E731
        return lifted(when.kind, made, when, by)
    if when.kind.name == "DATE":
        if months:
            return lifted(
                when.kind, lambda day, n: calendar.add_months(day * DAY, sign * n) // DAY, when, by
            )
        return lifted(when.kind, lambda day, ms: (day * DAY + sign * ms) // DAY, when, by)
    if when.kind.name == "TIME" and not months:
        return lifted(when.kind, lambda ms, step: (ms + sign * step) % DAY, when, by)
    return None


__all__ = ["UNITS_MONTHS", "UNITS_MS", "as_text", "derived", "interval_value", "moved"]
