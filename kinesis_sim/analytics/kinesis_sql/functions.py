"""Functions that only Kinesis SQL has, or has in its own way (facts/analytics §4)."""

from __future__ import annotations

from sqlglot import exp

from kinesis_sim.analytics.functions import patterns, regexes
from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.expressions import Expressions, converted
from kinesis_sim.analytics.sql.nodes import wrong
from kinesis_sim.analytics.sql.typed import Typed, lifted
from kinesis_sim.analytics.types import calendar
from kinesis_sim.analytics.types.sqltype import (
    BIGINT,
    DATE,
    DOUBLE,
    INTEGER,
    INTERVAL_MONTHS,
    STRING,
    TIME,
    TIMESTAMP,
    SqlType,
    varchar,
)
from kinesis_sim.analytics.types.texts import whole_number
from kinesis_sim.instants import DAY

FUNCTIONS = FunctionTable()


@FUNCTIONS.function("STEP", least=2)
def _step(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    """The largest multiple of a step, counted from 1970, that is not beyond the value."""
    value, by = args
    if value.kind.instant and by.kind.interval:
        if by.kind == INTERVAL_MONTHS:
            return lifted(value.kind, _step_months, value, by)
        return lifted(value.kind, lambda ms, size: ms - ms % size, value, by)
    if not value.kind.numeric or not by.kind.numeric:
        raise wrong(node, f"STEP({value.kind} BY {by.kind}) does not go together.")
    kind = value.kind if value.kind.integer and by.kind.integer else DOUBLE
    parts = [converted(node, part, kind) for part in args]
    return lifted(kind, lambda one, size: one // size * size, *parts)


def _step_months(ms: int, size: int) -> int:
    months = calendar.between("MONTH", 0, calendar.floor(ms, "MONTH"))
    return calendar.add_months(0, months - months % size)


FUNCTIONS.plain("TSDIFF", [TIMESTAMP, TIMESTAMP], BIGINT, lambda one, other: abs(other - one))
# the format comes first (facts/analytics §4); its letters are Java's
for _name, _kind, _unit in (("TIMESTAMP", TIMESTAMP, 1), ("DATE", DATE, DAY), ("TIME", TIME, 1)):
    FUNCTIONS.plain(
        f"{_name}_TO_CHAR",
        [STRING, _kind],
        STRING,
        lambda pattern, value, unit=_unit: patterns.write(value * unit, pattern),
    )
    FUNCTIONS.plain(
        f"CHAR_TO_{_name}",
        [STRING, STRING],
        _kind,
        lambda pattern, text, unit=_unit: patterns.read(text, pattern) // unit,
    )
FUNCTIONS.plain("TO_TIMESTAMP", [BIGINT], TIMESTAMP, lambda ms: ms)
FUNCTIONS.plain(
    "REGEX_REPLACE",
    [STRING, STRING, STRING, INTEGER, INTEGER],
    STRING,
    lambda text, pattern, new, start=1, occurrence=0: regexes.replaced(
        pattern, text, new, max(0, start - 1), occurrence
    ),
    least=3,
)


# --- log parsers --------------------------------------------------------------------------------


def _record(names: list[str], kinds: list[SqlType]) -> SqlType:
    return SqlType("ROW", parts=tuple(kinds), names=tuple(names))


def _text_constant(node: exp.Expr, made: Typed) -> str:
    if not made.constant or not isinstance(made.value, str):
        raise wrong(node, "A log parser's pattern is a text that is written out.")
    return made.value


@FUNCTIONS.function("REGEX_LOG_PARSE", least=2)
def _regex_log(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    """COLUMN1 to COLUMNn, the groups of a pattern; NULL where it does not match."""
    pattern = _text_constant(node, args[1])
    try:
        number = regexes.Regex.of(pattern).groups
    except ValueError as error:
        raise wrong(node, str(error)) from None
    kind = _record([f"COLUMN{at}" for at in range(1, number + 1)], [varchar(1_024)] * number)
    return lifted(kind, lambda text: _row(regexes.groups(pattern, text)), args[0])


def _row(values: list[str | None] | None) -> tuple[str | None, ...] | None:
    return None if values is None else tuple(values)


_W3C = {
    "COMMON": r'(\S+) (\S+) (\S+) \[([^\]]+)\] "([^"]*)" (\S+) (\S+)',
    "COMBINED": r'(\S+) (\S+) (\S+) \[([^\]]+)\] "([^"]*)" (\S+) (\S+) "([^"]*)" "([^"]*)"',
}


@FUNCTIONS.function("W3C_LOG_PARSE", least=2)
def _w3c(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    name = _text_constant(node, args[1]).upper()
    if name not in _W3C:
        raise wrong(node, f"W3C_LOG_PARSE knows the formats {' and '.join(_W3C)}.")
    pattern = _W3C[name]
    number = pattern.count("(")
    kind = _record([f"COLUMN{at}" for at in range(1, number + 1)], [varchar(1_024)] * number)
    return lifted(kind, lambda text: _row(regexes.groups(pattern, text)), args[0])


@FUNCTIONS.function("VARIABLE_COLUMN_LOG_PARSE", least=3, most=5)
def _variable(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    """Columns between separators, each named and typed: ``'COL_1 TYPE VARCHAR(16), …'``."""
    listed, separator = _text_constant(node, args[1]), _text_constant(node, args[2])
    names, kinds = [], []
    for one in regexes_split(listed):
        words = one.split()
        if len(words) != 3 or words[1].upper() != "TYPE":
            raise wrong(node, f"{one!r} is not as COL TYPE VARCHAR(16).")
        names.append(words[0].upper())
        kinds.append(_named_type(node, words[2]))
    width = len(names)

    def parse(text: str) -> tuple[str | None, ...]:
        parts: list[str | None] = [part.strip() for part in text.split(separator)]
        return tuple([*parts, *[None] * width][:width])

    texts_only = [kind if kind.character else varchar(64) for kind in kinds]
    return lifted(_record(names, texts_only), parse, args[0])


def regexes_split(listed: str) -> list[str]:
    """A list at its commas outside brackets."""
    found, depth, start = [], 0, 0
    for at, sign in enumerate(listed):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            found.append(listed[start:at].strip())
            start = at + 1
    return [one for one in [*found, listed[start:].strip()] if one]


def _named_type(node: exp.Expr, text: str) -> SqlType:
    name, _, rest = text.upper().partition("(")
    digits = rest.rstrip(")")
    length = whole_number(digits)
    if name in ("VARCHAR", "CHAR") and length is not None:
        return varchar(length)
    if name in ("INTEGER", "INT", "BIGINT", "DOUBLE", "TIMESTAMP"):
        return SqlType({"INT": "INTEGER"}.get(name, name))
    raise wrong(node, f"{text!r} is no type of a log's column.")
