"""Nodes that sqlglot's trees lack, and where in the text a node stands."""

from __future__ import annotations

from typing import ClassVar

from sqlglot import exp

from kinesis_sim.analytics.refusals import (
    NotSupportedInSql,
    SqlError,
    SqlValidationError,
    shortened,
)

AT, TEXT = "at", "text"
"""Keys of a node's meta: the offset where it begins, and the text it was read from."""


class TableFunction(exp.Expression):
    """``TABLE(function(…)) [AS alias]`` in FROM."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "alias": False}


class TableArgument(exp.Expression):
    """``TABLE name [PARTITION BY …]`` as an argument of a function."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "expressions": False}


class CursorArgument(exp.Expression):
    """``CURSOR(SELECT …)`` as an argument of a function."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True}


class TimeDifference(exp.Expression):
    """``(a - b) SECOND``."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "expression": True, "unit": True}


class Stagger(exp.Expression):
    """``WINDOWED BY STAGGER (PARTITION BY … RANGE interval)``."""

    arg_types: ClassVar[dict[str, bool]] = {"expressions": True, "this": True}


class Matching(exp.Expression):
    """``MATCH_RECOGNIZE (…)``; pattern: its text; within: an interval."""

    arg_types: ClassVar[dict[str, bool]] = {
        "partition_by": False,
        "order": True,
        "measures": True,
        "after": False,
        "pattern": True,
        "within": False,
        "define": True,
        "alias": False,
    }


def begins(node: exp.Expr) -> int | None:
    """The offset in the text where a node begins; None for one that was never read."""
    found = [
        offset
        for one in node.walk()
        if (offset := one.meta.get("start", one.meta.get(AT))) is not None
    ]
    return min(found, default=None)


def source(node: exp.Expr) -> str:
    """The whole text that a node was read from."""
    return next((str(one.meta[TEXT]) for one in node.walk() if TEXT in one.meta), "")


def quoted(node: exp.Expr) -> str:
    """The words of a node as they stand in the text."""
    text = source(node)
    ends = [one.meta["end"] for one in node.walk() if "end" in one.meta]
    start = begins(node)
    if not text or start is None:
        return shortened(node.sql())
    end = max([start, *ends]) + 1
    tail = text[end : end + 1]
    return shortened(text[start:end] + (tail if tail == ")" and "(" in text[start:end] else ""))


def located(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


def wrong(
    node: exp.Expr, problem: str, kind: type[SqlError] = SqlValidationError, construct: str = ""
) -> SqlError:
    """The error that a node makes, with its place."""
    offset = begins(node)
    said = construct or quoted(node)
    if offset is None:
        return kind(problem, construct=said)
    line, column = located(source(node), offset)
    return kind(problem, line=line, column=column, construct=said)


def unsupported(node: exp.Expr, what: str = "") -> SqlError:
    """The error of a construct that is not compiled."""
    said = what or _named(node)
    return wrong(node, f"{said} is not supported by this engine.", NotSupportedInSql, said)


def _named(node: exp.Expr) -> str:
    """A construct as it stands in the text; with its name, where the text begins behind that."""
    text = quoted(node)
    if isinstance(node, exp.Subquery):
        return f"A subquery as a value ({text})"
    name = node.key.upper()
    known = isinstance(
        node,
        exp.Cube
        | exp.Rollup
        | exp.GroupingSets
        | exp.Lambda
        | exp.Placeholder
        | exp.Parameter
        | exp.JSONExtract
        | exp.Values,
    )
    return f"{name} ({text})" if known else text


def only(node: exp.Expr, *known: str) -> None:
    """Refuse a node that holds more than what is compiled. Raises NotSupportedInSql."""
    for name, value in node.args.items():
        if value not in (None, False, []) and name not in known:
            culprit = value[0] if isinstance(value, list) else value
            where = (
                culprit if isinstance(culprit, exp.Expr) and begins(culprit) is not None else node
            )
            word = name.rstrip("_").replace("_", " ").upper()
            raise unsupported(where, f"{word} here ({quoted(where)})")
