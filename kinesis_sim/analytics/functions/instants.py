"""Functions of time. What time it is, is what the simulated clock shows."""

from __future__ import annotations

from math import fmod

from sqlglot import exp

from kinesis_sim.analytics.functions import patterns
from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.arithmetic import UNITS_MONTHS, UNITS_MS
from kinesis_sim.analytics.sql.expressions import Expressions, compiles, converted
from kinesis_sim.analytics.sql.nodes import only, wrong
from kinesis_sim.analytics.sql.typed import Typed, lifted
from kinesis_sim.analytics.types import calendar
from kinesis_sim.analytics.types.sqltype import (
    BIGINT,
    DATE,
    INTEGER,
    INTERVAL_MONTHS,
    STRING,
    TIME,
    TIMESTAMP,
    TIMESTAMP_LTZ,
    SqlType,
)
from kinesis_sim.instants import DAY, SECOND

FUNCTIONS = FunctionTable()


def _clock(kind: SqlType, step: int = 1, within: int = 0) -> object:
    def made(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
        around = here.around
        if within:
            return Typed(kind, lambda row: around.now % within)
        return Typed(kind, lambda row: around.now // step)

    return made


for _name, _made in {
    "LOCALTIMESTAMP": _clock(TIMESTAMP),
    "CURRENT_DATE": _clock(DATE, DAY),
    "CURRENT_TIME": _clock(TIME, within=DAY),
    "LOCALTIME": _clock(TIME, within=DAY),
}.items():
    FUNCTIONS.function(_name, least=0)(_made)  # type: ignore[arg-type]


@FUNCTIONS.function("CURRENT_TIMESTAMP", "CURRENT_ROW_TIMESTAMP", "NOW", least=0)
def _current(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    around = here.around
    kind = TIMESTAMP if around.kinesis else TIMESTAMP_LTZ
    return Typed(kind, lambda row: around.now)


@FUNCTIONS.function("TIMESTAMPADD", least=3)
def _add(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    unit = _unit(node, args[0])
    when = args[2] if not args[2].kind.character else converted(node, args[2], TIMESTAMP)
    day = DAY if when.kind.name == "DATE" else 1  # ms that the value counts in
    if unit in UNITS_MONTHS:
        step = UNITS_MONTHS[unit]
        return lifted(
            when.kind, lambda n, at: calendar.add_months(at * day, n * step) // day, args[1], when
        )
    if day == DAY and UNITS_MS[unit] % DAY:
        when, day = converted(node, when, TIMESTAMP), 1
    return lifted(when.kind, lambda n, at: at + n * UNITS_MS[unit] // day, args[1], when)


@FUNCTIONS.function("TIMESTAMPDIFF", least=3)
def _difference(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    unit = _unit(node, args[0])
    start, end = (converted(node, arg, TIMESTAMP) for arg in args[1:])
    return lifted(INTEGER, lambda one, other: calendar.between(unit, one, other), start, end)


def _unit(node: exp.Expr, word: Typed) -> str:
    unit = str(word.value).removeprefix("SQL_TSI_")
    if unit not in calendar.UNITS:
        raise wrong(node, f"{unit} is no unit; give one of {', '.join(calendar.UNITS)}.")
    return unit


@compiles(exp.Extract)
def _extract(here: Expressions, node: exp.Extract) -> Typed:
    only(node, "this", "expression")
    unit, when = node.this.name.upper(), here(node.expression)
    if calendar.part(0, unit) is None:
        raise wrong(node, f"{unit} is no part of a time.")
    if when.kind.interval:
        return _of_interval(node, unit, when)
    if when.kind.name == "DATE":
        return lifted(BIGINT, lambda day: calendar.part(day * DAY, unit), when)
    if not when.kind.instant and when.kind.name != "TIME":
        raise wrong(node, f"{when.kind} has no {unit}.")
    return lifted(BIGINT, lambda ms: calendar.part(ms, unit), when)


_WITHIN = {"SECOND": 60, "MINUTE": 60, "HOUR": 24, "DAY": None}
"""How many of a unit there are in the next greater one of an interval."""


def _of_interval(node: exp.Expr, unit: str, when: Typed) -> Typed:
    """EXTRACT from an interval: days and what is left of them, or years and months."""
    if when.kind == INTERVAL_MONTHS and unit in ("YEAR", "MONTH"):
        year = unit == "YEAR"
        return lifted(BIGINT, lambda n: int(n / 12) if year else int(fmod(n, 12)), when)
    if when.kind == INTERVAL_MONTHS or unit not in _WITHIN:
        raise wrong(node, f"{when.kind} has no {unit}.")
    step, most = UNITS_MS[unit], _WITHIN[unit]
    return lifted(BIGINT, lambda ms: int(fmod(int(ms / step), most or 10**12)), when)


for _unit_name in (
    "YEAR",
    "QUARTER",
    "MONTH",
    "WEEK",
    "DAYOFYEAR",
    "DAYOFMONTH",
    "DAYOFWEEK",
    "HOUR",
    "MINUTE",
    "SECOND",
):
    _part = "DAY" if _unit_name == "DAYOFMONTH" else _unit_name
    FUNCTIONS.plain(_unit_name, [TIMESTAMP], BIGINT, lambda ms, part=_part: calendar.part(ms, part))


@FUNCTIONS.function("UNIX_TIMESTAMP", least=0, most=2)
def _unix(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    around = here.around
    if not args:
        return Typed(BIGINT, lambda row: around.now // SECOND)
    if around.kinesis:  # of a TIMESTAMP, in milliseconds (facts/analytics §4)
        return lifted(BIGINT, lambda ms: ms, converted(node, args[0], TIMESTAMP))
    pattern = str(args[1].value) if args[1:] else "yyyy-MM-dd HH:mm:ss"
    text = converted(node, args[0], STRING)
    return lifted(BIGINT, lambda one: _seconds(one, pattern), text)


def _seconds(text: str, pattern: str) -> int:
    """UNIX_TIMESTAMP of a text; of what does not fit Flink's Long.MIN_VALUE (measured)."""
    try:
        return patterns.read(text, pattern) // SECOND
    except ValueError:
        return -(1 << 63)
