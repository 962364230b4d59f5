"""SIMILAR TO: SQL's own regular expressions, of the whole text."""

from __future__ import annotations

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
    """A pattern of SIMILAR TO as a regular expression of the whole text. Raises ValueError."""
    made, at = ["^(?:"], 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == escape:
            if at == len(pattern):
                raise ValueError("nothing follows the escape character")
            made.append("\\" + pattern[at])
            at += 1
        elif sign == "[":
            end = _end_of_set(pattern, at)
            made.append(_character_set(pattern[at:end]))
            at = end + 1
        else:
            made.append(_SIMILAR.get(sign, sign))
    return "".join([*made, ")$"])


_SIMILAR = {"_": "[\\s\\S]", "%": "[\\s\\S]*", **{sign: "\\" + sign for sign in ".^$\\"}}


def _end_of_set(pattern: str, at: int) -> int:
    depth = 1
    for place in range(at, len(pattern)):
        depth += {"[": 1, "]": -1}.get(pattern[place], 0)
        if not depth:
            return place
    raise ValueError("a set of characters has no end")


def _character_set(inner: str) -> str:
    for name, signs in _CHARACTER_SETS.items():
        for written in (f"[:{name}:]", f":{name}:"):
            inner = inner.replace(written, signs).replace(written.lower(), signs)
    return f"[{inner}]"
