"""Comparisons with ANY, SOME and ALL, of a list or of a query, and of several values at once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

_OTHERWISE: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.GT: exp.LTE,
    exp.LTE: exp.GT,
    exp.LT: exp.GTE,
    exp.GTE: exp.LT,
}
"""A comparison, and the one that is true where it is false."""
_WORDS = ("ANY", "SOME", "ALL")


@dataclass(frozen=True, slots=True)
class Quantified:
    """``value op ANY (query)``: whether any row compares so; negated: whether none does.

    That every row compares so (ALL) is said as none comparing otherwise, which is the same, NULLs
    included.
    """

    value: exp.Expr
    compared: type[exp.Expr]
    query: exp.Expr
    negated: bool


def quantified(node: exp.Expr) -> Quantified | None:
    """A comparison with a query's rows; None for any other node."""
    of = node.args.get("expression") if type(node) in _OTHERWISE else None
    if not isinstance(of, exp.Any | exp.All):
        return None
    every = isinstance(of, exp.All)
    compared = _OTHERWISE[type(node)] if every else type(node)
    return Quantified(node.this, compared, of.this, every)


def is_word(node: exp.Expr) -> bool:
    """Whether what looks like a call is ANY, SOME or ALL of a list, behind a comparison."""
    return (
        isinstance(node, exp.Anonymous)
        and str(node.this).upper() in _WORDS
        and node.arg_key == "expression"
        and type(node.parent) in _OTHERWISE
    )


def of_list(node: exp.Expr) -> exp.Expr | None:
    """A comparison with a list's values, written out; None for any other node."""
    given = node.args.get("expression")
    if given is None or not is_word(given) or not given.expressions:
        return None
    every = str(given.this).upper() == "ALL"
    if isinstance(node, exp.NEQ if every else exp.EQ):
        listed = [one.copy() for one in given.expressions]
        made: exp.Expr = exp.In(this=node.this.copy(), expressions=listed)
        made = exp.Not(this=made) if every else made
    else:
        parts = [
            type(node)(this=node.this.copy(), expression=one.copy()) for one in given.expressions
        ]
        made = _tree(exp.And if every else exp.Or, parts)
    made.meta.update(node.meta)
    return made


def of_rows(node: exp.Expr) -> exp.Expr | None:
    """``(a, b) = (c, d)``, and IN with a list of such, value by value; None for any other node.

    Between = and <> a NULL is a value like any other, as Flink has it (measured on 1.20.3).
    """
    left = node.this
    if not isinstance(left, exp.Tuple):
        return None
    others = node.expressions if isinstance(node, exp.In) else [node.args.get("expression")]
    rows = [one.expressions for one in others if isinstance(one, exp.Tuple)]
    number = len(left.expressions)
    if len(rows) < len(others) or not rows or any(len(row) != number for row in rows):
        return None
    equal = exp.EQ if isinstance(node, exp.In) else exp.NullSafeEQ
    made = _tree(exp.Or, [_equal(equal, left.expressions, row) for row in rows])
    made = exp.Not(this=exp.Paren(this=made)) if isinstance(node, exp.NEQ) else made
    made.meta.update(node.meta)
    return made


def _equal(equal: type[exp.Expr], values: list[exp.Expr], others: list[exp.Expr]) -> exp.Expr:
    pairs = zip(values, others, strict=True)
    return _tree(exp.And, [equal(this=one.copy(), expression=two.copy()) for one, two in pairs])


def _tree(joined: type[exp.Expr], parts: list[exp.Expr]) -> exp.Expr:
    """Terms put together in halves, so that a long list makes no deep tree."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return joined(this=_tree(joined, parts[:half]), expression=_tree(joined, parts[half:]))
