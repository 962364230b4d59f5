"""Functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.expressions import Expressions, compiles
from kinesis_sim.analytics.sql.nodes import only, wrong
from kinesis_sim.analytics.sql.typed import Typed, lifted
from kinesis_sim.analytics.types import calendar
from kinesis_sim.analytics.types.casts import NUMBERS, without_sign
from kinesis_sim.analytics.types.sqltype import DOUBLE, decimal
from kinesis_sim.instants import DAY

FUNCTIONS = FunctionTable()
_E = Decimal(1)


def _nan_for_errors(function: Any) -> Callable[..., float]:
    """Java's Math gives NaN or Infinity where Python raises."""

    def made(*values: float) -> float:
        try:
            return float(function(*values))
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return math.nan

    return made


def _log(*values: float) -> float:
    if len(values) == 1:
        return math.log(values[0]) if values[0] > 0 else (-math.inf if values[0] == 0 else math.nan)
    return math.log(values[1]) / math.log(values[0])


for _name, _function in {
    "SQRT": math.sqrt,
    "EXP": math.exp,
    "LN": _log,
    "LOG10": math.log10,
    "LOG2": math.log2,
    "SIN": math.sin,
    "COS": math.cos,
    "TAN": math.tan,
    "COT": lambda value: 1 / math.tan(value),
    "SINH": math.sinh,
    "COSH": math.cosh,
    "TANH": math.tanh,
    "ASIN": math.asin,
    "ACOS": math.acos,
    "ATAN": math.atan,
    "DEGREES": math.degrees,
    "RADIANS": math.radians,
}.items():
    FUNCTIONS.plain(_name, [DOUBLE], DOUBLE, _nan_for_errors(_function))
FUNCTIONS.plain("LOG", [DOUBLE, DOUBLE], DOUBLE, _nan_for_errors(_log), least=1)
FUNCTIONS.plain("POWER", [DOUBLE, DOUBLE], DOUBLE, _nan_for_errors(math.pow))
FUNCTIONS.plain("ATAN2", [DOUBLE, DOUBLE], DOUBLE, math.atan2)
FUNCTIONS.plain("PI", [], DOUBLE, lambda: math.pi)
FUNCTIONS.plain("E", [], DOUBLE, lambda: math.e)


@FUNCTIONS.function("ABS", least=1)
def _abs(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    if not args[0].kind.numeric and not args[0].kind.interval:
        raise wrong(node, f"ABS is of numbers; this is {args[0].kind}.")
    return lifted(args[0].kind, abs, args[0])


@FUNCTIONS.function("SIGN", least=1)
def _sign(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    kind = args[0].kind
    make: Any = {"DOUBLE": float, "FLOAT": float, "DECIMAL": Decimal}.get(kind.name, int)
    return lifted(kind, lambda value: make((value > 0) - (value < 0)), args[0])


@FUNCTIONS.function("MOD", least=2)
def _mod(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    one, other = node.args["expressions"]
    return here(exp.Mod(this=one.copy(), expression=other.copy()))


@FUNCTIONS.function("ROUND", least=1, most=2)
def _round(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    return _scaled(node, args, ROUND_HALF_UP)


@FUNCTIONS.function("TRUNCATE", least=1, most=2)
def _truncate(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    return _scaled(node, args, "ROUND_DOWN")


def _scaled(node: exp.Expr, args: list[Typed], rounding: str) -> Typed:
    kind = args[0].kind
    if not kind.numeric:
        raise wrong(node, f"Only numbers are rounded; this is {kind}.")
    digits = args[1:] and args[1]

    def rounded(value: Any, places: int = 0) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            return value
        exact = value if isinstance(value, Decimal) else Decimal(repr(value))
        made = exact.quantize(Decimal(1).scaleb(-max(-300, min(300, places))), rounding, NUMBERS)
        return without_sign(made) if isinstance(value, Decimal) else type(value)(made)

    if kind.name == "DECIMAL":
        scale = 0 if not digits else int(digits.value) if digits.constant else kind.scale or 0
        scale = max(0, min(scale, kind.scale or 0))
        whole = (kind.precision or 38) - (kind.scale or 0)
        kind = decimal(whole + scale + 1, scale)
    return lifted(kind, rounded, *args)


@compiles(exp.Floor, exp.Ceil)
def _floor(here: Expressions, node: exp.Floor | exp.Ceil) -> Typed:
    only(node, "this", "to")
    made, unit, down = here(node.this), node.args.get("to"), isinstance(node, exp.Floor)
    if unit is not None:
        return _floor_to(node, made, unit.name.upper(), calendar.floor if down else calendar.ceil)
    if made.kind.integer:
        return made
    if made.kind.name == "DECIMAL":
        rounding = ROUND_FLOOR if down else ROUND_CEILING
        kind = decimal(made.kind.precision or 38, 0)
        return lifted(kind, lambda value: without_sign(value.quantize(_E, rounding, NUMBERS)), made)
    if not made.kind.numeric:
        raise wrong(
            node, f"FLOOR and CEIL are of numbers, or TO a unit of time; this is {made.kind}."
        )
    function = math.floor if down else math.ceil
    return lifted(
        made.kind, lambda value: float(function(value)) if math.isfinite(value) else value, made
    )


def _floor_to(node: exp.Expr, made: Typed, unit: str, function: Callable[[int, str], int]) -> Typed:
    if unit not in (known := (*calendar.UNITS, *calendar.LONG)):
        raise wrong(node, f"{unit} is no unit of time; give one of {', '.join(known)}.")
    if made.kind.instant:
        return lifted(made.kind, lambda ms: function(ms, unit), made)
    if made.kind.name == "DATE":
        return lifted(made.kind, lambda day: function(day * DAY, unit) // DAY, made)
    if made.kind.name == "TIME":
        return lifted(made.kind, lambda ms: function(ms, unit), made)
    raise wrong(node, f"{made.kind} cannot be cut to a unit of time.")
