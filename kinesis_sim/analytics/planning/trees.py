"""Looking at trees: terms of a condition, columns used, expressions that are the same."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from kinesis_sim.analytics.aggregates.registry import is_aggregate
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.analytics.sql.fields import Fields
from kinesis_sim.analytics.sql.quantified import is_word


def terms(condition: exp.Expr | None) -> list[exp.Expr]:
    """What a condition joins by AND."""
    if condition is None:
        return []
    if isinstance(condition, exp.Paren) and isinstance(condition.this, exp.And | exp.Paren):
        return terms(condition.this)
    if isinstance(condition, exp.And):
        return [*terms(condition.this), *terms(condition.expression)]
    return [condition]


def together(parts: list[exp.Expr]) -> exp.Expr | None:
    """Terms as one condition; None of none."""
    if not parts:
        return None
    made = parts[0].copy()
    for part in parts[1:]:
        made = exp.And(this=made, expression=part.copy())
    return made


def places(node: exp.Expr, fields: Fields) -> set[int]:
    """The columns that a node reads; those it names wrongly are left to whoever compiles it."""
    found: set[int] = set()
    for one in node.find_all(exp.Column):
        at = place(one, fields)
        if at is not None:
            found.add(at)
    return found


def place(node: exp.Column, fields: Fields) -> int | None:
    """The column that a node is; None when it is none, or not clear."""
    table = node.table or None
    try:
        return fields.find(node, node.name, table)
    except SqlValidationError:
        if table is not None and len(found := fields.places(table)) == 1:
            return found[0]
        return None


def canonical(node: exp.Expr, fields: Fields) -> str:
    """A text that two nodes share when they say the same of the same columns."""
    copy = node.copy()
    while isinstance(copy, exp.Paren):
        copy = copy.this
    if isinstance(copy, exp.Column):
        return _named(copy, fields)
    for one in list(copy.find_all(exp.Column)):
        one.replace(exp.Var(this=_named(one, fields)))
    return said(copy)


def said(node: exp.Expr) -> str:
    """What a node says, whatever its comments, its spaces and the case of its functions."""
    copy = node.copy()
    for one in copy.walk():
        one.comments = None
        if isinstance(one, exp.Anonymous):
            one.set("this", str(one.this).upper())
    return repr(copy)


def _named(node: exp.Column, fields: Fields) -> str:
    at = place(node, fields)
    return f"#{at}" if at is not None else repr(node)


def is_call(node: exp.Expr) -> bool:
    """Whether a node is the call of an aggregate, without FILTER."""
    named = isinstance(node, exp.Anonymous) and is_aggregate(str(node.this).upper())
    return named and not is_word(node)


def held(term: exp.Expr) -> bool:
    """Whether a subquery stands in a term."""
    return term.find(exp.Query, exp.Exists, exp.Values) is not None


def aggregates(node: exp.Expr) -> Iterator[exp.Expr]:
    """Calls of aggregates in a node, those of OVER left out."""
    if isinstance(node, exp.Window | exp.Query):
        return
    if is_call(node):
        yield node
        return
    for one in node.iter_expressions():
        yield from aggregates(one)


def overs(node: exp.Expr) -> Iterator[exp.Window]:
    """OVER expressions in a node."""
    if isinstance(node, exp.Query):
        return
    if isinstance(node, exp.Window):
        yield node
        return
    for one in node.iter_expressions():
        yield from overs(one)
