"""SIMILAR TO: SQL's own regular expressions, of the whole text."""

from __future__ import annotations

import re

from sqlglot import exp

from kinesis_sim.analytics.functions.regexes import Regex
from kinesis_sim.analytics.functions.registry import FunctionTable
from kinesis_sim.analytics.sql.expressions import Expressions, compiles
from kinesis_sim.analytics.sql.nodes import wrong
from kinesis_sim.analytics.sql.typed import Typed, lifted
from kinesis_sim.analytics.types.sqltype import BOOLEAN

FUNCTIONS = FunctionTable()


@compiles(exp.SimilarTo)
def _similar_to(here: Expressions, node: exp.SimilarTo) -> Typed:
    return similar(here, node, None)


def similar(here: Expressions, node: exp.SimilarTo, escape: exp.Expr | None) -> Typed:
    """A SIMILAR TO, with what stands behind its ESCAPE."""
    text, pattern = here(node.this), here(node.expression)
    for part in (text, pattern):
        if not part.kind.character and part.kind.name != "NULL":
            raise wrong(node, f"SIMILAR TO compares texts; this is {part.kind}.")
    mark = str(here(escape).value) if escape is not None else None

    if pattern.constant and pattern.value is not None:
        try:
            regex = Regex(similar_regex(pattern.value, mark))
        except ValueError as error:
            raise wrong(node, f"SIMILAR TO: {error}.") from None
        return lifted(BOOLEAN, lambda value: _is_whole(regex, value), text)
    return lifted(
        BOOLEAN,
        lambda value, given: _is_whole(Regex.of(similar_regex(given, mark)), value),
        text,
        pattern,
    )


def _is_whole(regex: Regex, text: str) -> bool:
    found = regex.search(text)
    return found is not None and found[1] == len(text)


_CHARACTER_SETS = {
    "ALPHA": "a-zA-Z",
    "UPPER": "A-Z",
    "LOWER": "a-z",
    "DIGIT": "0-9",
    "ALNUM": "a-zA-Z0-9",
    "SPACE": " ",
    "WHITESPACE": " \\t\\n\\r\\f",
}
"""Of SQL's SIMILAR TO, by name."""


def similar_regex(pattern: str, escape: str | None) -> str:
    """A pattern of SIMILAR TO as a regular expression of the whole text. Raises ValueError.

    As Flink was seen to read it: a dot is any sign but a line's end, as ``_`` is; ``^`` is the
    text's beginning; a backslash and ``$`` are themselves.
    """
    made, at = ["^(?:"], 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == escape:
            made.append(_escaped(pattern, at, sign))
            at += 1
        elif sign == "[":
            part, at = _character_set(pattern, at, escape)
            made.append(part)
        else:
            made.append(_SIMILAR.get(sign, sign))
    return "".join([*made, ")$"])


_SIMILAR = {"_": ".", "%": "[\\s\\S]*", "$": "\\$", "\\": "\\\\"}
_SPECIAL = frozenset("[]()|^-+*_%?{}")
"""What SIMILAR TO gives a meaning; nothing else may follow an escape."""


def _escaped(pattern: str, at: int, escape: str) -> str:
    sign = pattern[at : at + 1]
    if not sign or (sign not in _SPECIAL and sign != escape):
        raise ValueError(f"an escape stands before nothing to escape, {sign!r}")
    return "\\" + sign


def _character_set(pattern: str, at: int, escape: str | None) -> tuple[str, int]:
    """A set from behind its bracket on, and the place behind its end."""
    made = ["["]
    while at < len(pattern):
        sign = pattern[at]
        named = _CLASS.match(pattern, at)
        name = (named[1] or named[2]).upper() if named else ""
        if sign == "]":
            return "".join([*made, "]"]), at + 1
        if sign == escape:
            made.append(_escaped(pattern, at + 1, sign))
            at += 2
        elif named is not None and name in _CHARACTER_SETS:
            made.append(_CHARACTER_SETS[name])
            at = named.end()
        elif sign in _SPECIAL - {"^", "-"}:
            raise ValueError(f"{sign!r} in a set of characters stands without its escape")
        else:
            made.append("\\\\" if sign == "\\" else sign)
            at += 1
    raise ValueError("a set of characters has no end")


_CLASS = re.compile(r"\[:([A-Za-z]+):\]|:([A-Za-z]+):")
