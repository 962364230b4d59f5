"""Functions of texts. Places in a text count from 1."""

from __future__ import annotations

from sqlglot import exp

from kinesis_sim.analytics.functions import regexes
from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.arithmetic import as_text
from kinesis_sim.analytics.sql.expressions import Expressions, compiles, converted
from kinesis_sim.analytics.sql.nodes import only
from kinesis_sim.analytics.sql.typed import Typed, constant, lifted
from kinesis_sim.analytics.types.sqltype import BOOLEAN, INTEGER, STRING
from kinesis_sim.analytics.types.values import concatenated

FUNCTIONS = FunctionTable()
LONGEST_MADE = regexes.LONGEST_MADE


def substring(text: str, start: int, length: int | None = None) -> str | None:
    """SUBSTRING: from a place that counts from 1, from the end when negative."""
    if length is not None and length < 0:
        return None
    begin = start - 1 if start > 0 else (len(text) + start if start < 0 else 0)
    if begin < 0 or begin > len(text):
        return ""
    return text[begin : None if length is None else begin + length]


def padded(text: str, length: int, fill: str, left: bool) -> str | None:
    """LPAD and RPAD: to a length, cut off when longer."""
    if length < 0 or not fill or length > LONGEST_MADE:
        return None
    missing = length - len(text)
    if missing <= 0:
        return text[:length]
    added = (fill * (missing // len(fill) + 1))[:missing]
    return added + text if left else text + added


def repeated(text: str, times: int) -> str:
    """REPEAT. Raises ValueError beyond ``LONGEST_MADE`` characters."""
    if times * len(text) > LONGEST_MADE:
        raise ValueError(f"REPEAT would make more than {LONGEST_MADE:,} characters")
    return text * max(0, times)


def replaced(text: str, old: str, new: str) -> str:
    """REPLACE. Raises ValueError beyond ``LONGEST_MADE`` characters more than before."""
    if len(new) * text.count(old) > LONGEST_MADE:
        raise ValueError(f"REPLACE would make more than {LONGEST_MADE:,} characters")
    return text.replace(old, new) if old else text


def overlaid(text: str, new: str, start: int, length: int | None = None) -> str:
    """OVERLAY: some characters replaced by others."""
    size = len(new) if length is None else length
    if start <= 0 or start > len(text):
        return text
    return concatenated(text[: start - 1], new, text[start - 1 + size :])


def _is_found(pattern: str, text: str) -> bool:
    """REGEXP: false for a pattern that is none, as in Flink (measured)."""
    try:
        regexes.Regex.of(pattern)
    except ValueError:
        return False
    return regexes.found(pattern, text)


def _first_byte(text: str) -> int:
    """ASCII: the first byte of a text, which Java reads with a sign."""
    byte = text[:1].encode()[:1]
    return int.from_bytes(byte, signed=True)


def split_part(text: str, separator: str, at: int) -> str | None:
    """SPLIT_INDEX: a part, counted from 0; None where there is none."""
    if not text:
        return None
    parts = text.split(separator) if separator else [text]
    return parts[at] if 0 <= at < len(parts) else None


for _name, _function in {
    "UPPER": str.upper,
    "LOWER": str.lower,
    "INITCAP": str.title,
    "REVERSE": lambda text: text[::-1],
}.items():
    FUNCTIONS.plain(_name, [STRING], STRING, _function)
for _name, _side in {"LTRIM": str.lstrip, "RTRIM": str.rstrip, "BTRIM": str.strip}.items():
    FUNCTIONS.plain(
        _name,
        [STRING, STRING],
        STRING,
        lambda text, signs=" ", side=_side: side(text, signs) if signs else text,
        least=1,
    )
for _name in ("CHAR_LENGTH", "CHARACTER_LENGTH"):
    FUNCTIONS.plain(_name, [STRING], INTEGER, len)
FUNCTIONS.plain("SUBSTRING", [STRING, INTEGER, INTEGER], STRING, substring, least=2)
FUNCTIONS.plain("SUBSTR", [STRING, INTEGER, INTEGER], STRING, substring, least=2)
FUNCTIONS.plain("LEFT", [STRING, INTEGER], STRING, lambda text, n: text[: max(0, n)])
FUNCTIONS.plain(
    "RIGHT",
    [STRING, INTEGER],
    STRING,
    lambda text, n: text[max(0, len(text) - n) :] if n > 0 else "",
)
FUNCTIONS.plain(
    "LPAD", [STRING, INTEGER, STRING], STRING, lambda text, n, by: padded(text, n, by, True)
)
FUNCTIONS.plain(
    "RPAD", [STRING, INTEGER, STRING], STRING, lambda text, n, by: padded(text, n, by, False)
)
FUNCTIONS.plain("REPEAT", [STRING, INTEGER], STRING, repeated)
FUNCTIONS.plain("REPLACE", [STRING, STRING, STRING], STRING, replaced)
FUNCTIONS.plain("OVERLAY", [STRING, STRING, INTEGER, INTEGER], STRING, overlaid, least=3)
FUNCTIONS.plain("SPLIT_INDEX", [STRING, STRING, INTEGER], STRING, split_part)
FUNCTIONS.plain("INSTR", [STRING, STRING], INTEGER, lambda text, what: text.find(what) + 1)
FUNCTIONS.plain(
    "LOCATE",
    [STRING, STRING, INTEGER],
    INTEGER,
    lambda what, text, start=1: text.find(what, start - 1) + 1 if start > 0 else 0,
    least=2,
)
FUNCTIONS.plain("ASCII", [STRING], INTEGER, lambda text: _first_byte(text))
FUNCTIONS.plain("REGEXP", [STRING, STRING], BOOLEAN, lambda text, pattern: _is_found(pattern, text))
FUNCTIONS.plain(
    "REGEXP_EXTRACT",
    [STRING, STRING, INTEGER],
    STRING,
    lambda text, pattern, group=0: regexes.extracted(pattern, text, group),
    least=2,
)
FUNCTIONS.plain(
    "REGEXP_REPLACE",
    [STRING, STRING, STRING],
    STRING,
    lambda text, pattern, new: regexes.replaced(pattern, text, new),
)


@FUNCTIONS.function("CONCAT", least=1, most=None)
def _concat(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    return lifted(STRING, concatenated, *[as_text(here, node, arg) for arg in args])


@FUNCTIONS.function("CONCAT_WS", least=2, most=None)
def _concat_ws(here: Expressions, node: exp.Expr, args: list[Typed]) -> Typed:
    between, *parts = [as_text(here, node, arg).of for arg in args]

    def joined(row: tuple[object, ...]) -> str | None:
        by = between(row)
        values = [part(row) for part in parts]
        if by is None:
            return None
        told = [value for value in values if value is not None]
        return concatenated(*(piece for one in told for piece in (by, one)))[len(by) :]

    return Typed(STRING, joined)


@compiles(exp.StrPosition)
def _position(here: Expressions, node: exp.StrPosition) -> Typed:
    only(node, "this", "substr")
    what = as_text(here, node, here(node.args["substr"]))
    text = as_text(here, node, here(node.this))
    return lifted(INTEGER, lambda one, within: within.find(one) + 1, what, text)


@compiles(exp.Trim)
def _trim(here: Expressions, node: exp.Trim) -> Typed:
    only(node, "this", "expression", "position")
    text = as_text(here, node, here(node.this))
    given = node.args.get("expression")
    what = converted(node, here(given), STRING) if given is not None else constant(STRING, " ")
    side = str(node.args.get("position") or "BOTH").upper()
    function = {"LEADING": str.lstrip, "TRAILING": str.rstrip}.get(side, str.strip)
    return lifted(STRING, function, text, what)
