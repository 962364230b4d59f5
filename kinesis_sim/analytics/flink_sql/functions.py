"""Functions that only Flink SQL has, or has in its own way."""

from __future__ import annotations

from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

from sqlglot import exp

from kinesis_sim.analytics.flink_sql import arrays, chance, codes
from kinesis_sim.analytics.functions import patterns
from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.expressions import Expressions, converted
from kinesis_sim.analytics.sql.fields import CLOCK
from kinesis_sim.analytics.sql.nodes import unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, lifted
from kinesis_sim.analytics.types import texts
from kinesis_sim.analytics.types.sqltype import (
    BIGINT,
    DATE,
    INTEGER,
    STRING,
    TIMESTAMP,
    TIMESTAMP_LTZ,
)
from kinesis_sim.instants import DAY, SECOND, to_datetime

FUNCTIONS = FunctionTable()
FUNCTIONS.update(codes.FUNCTIONS)
FUNCTIONS.update(arrays.FUNCTIONS)
FUNCTIONS.update(chance.FUNCTIONS)


def _read(text: str, pattern: str = "yyyy-MM-dd HH:mm:ss") -> int | None:
    """TO_TIMESTAMP: NULL for what does not fit, as in Flink."""
    try:
        if pattern == "yyyy-MM-dd HH:mm:ss":
            return None if "T" in text else texts.read_instant(text)
        return patterns.read(text, pattern)
    except ValueError:
        return None


def _day(text: str, pattern: str = "") -> int | None:
    """TO_DATE: NULL for what does not fit, as in Flink."""
    try:
        return patterns.read(text, pattern) // DAY if pattern else texts.read_date(text)
    except ValueError:
        return None


def _zoned(text: str, source: str, target: str) -> str:
    """CONVERT_TZ, of a text such as 2026-01-01 00:00:00."""
    ms = texts.read_instant(text)
    utc = ms - _offset(ms, source)
    return texts.instant_text(utc + _offset(utc, target), 0)


def _offset(ms: int, zone: str) -> int:
    try:
        place: tzinfo = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return 0  # as java.util.TimeZone, for which what it does not know is GMT
    shift = to_datetime(ms).astimezone(place).utcoffset() or timedelta()
    return int(shift.total_seconds()) * SECOND


FUNCTIONS.plain("TO_TIMESTAMP", [STRING, STRING], TIMESTAMP, _read, least=1)
FUNCTIONS.plain("TO_DATE", [STRING, STRING], DATE, _day, least=1)
FUNCTIONS.plain("CONVERT_TZ", [STRING, STRING, STRING], STRING, _zoned)
FUNCTIONS.plain(
    "FROM_UNIXTIME",
    [BIGINT, STRING],
    STRING,
    lambda seconds, pattern="yyyy-MM-dd HH:mm:ss": patterns.write(seconds * SECOND, pattern),
    least=1,
)


@FUNCTIONS.function("DATE_FORMAT", least=2)
def _format(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    when = converted(node, args[0], TIMESTAMP) if args[0].kind.character else args[0]
    if not when.kind.instant:
        raise wrong(node, f"DATE_FORMAT is of timestamps; this is {when.kind}.")
    return lifted(STRING, patterns.write, when, converted(node, args[1], STRING))


@FUNCTIONS.function("TO_TIMESTAMP_LTZ", least=1, most=2)
def _epoch(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    if args[0].kind.character:
        return lifted(TIMESTAMP_LTZ, _read, args[0])
    digits = args[1].value if args[1:] and args[1].constant else 3
    if digits not in (0, 3):
        raise wrong(node, "TO_TIMESTAMP_LTZ takes 0 (seconds) or 3 (milliseconds).")
    factor = SECOND if digits == 0 else 1
    return lifted(TIMESTAMP_LTZ, lambda value: int(value * factor), args[0])


@FUNCTIONS.function("PROCTIME", least=0)
def _proctime(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    around = here.around
    return Typed(TIMESTAMP_LTZ, lambda row: around.now, time=CLOCK)


@FUNCTIONS.function("CURRENT_WATERMARK", least=1)
def _watermark(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    raise unsupported(node, "CURRENT_WATERMARK")


FUNCTIONS.plain("TO_EPOCH_MILLI", [TIMESTAMP_LTZ], BIGINT, lambda ms: ms)
FUNCTIONS.plain("HASH_CODE", [STRING], INTEGER, lambda text: _java_hash(text))


def _java_hash(text: str) -> int:
    """Java's String.hashCode."""
    value = 0
    for sign in text:
        value = (31 * value + ord(sign)) & 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value
