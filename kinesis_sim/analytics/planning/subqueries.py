"""Subqueries of WHERE, HAVING and the SELECT list: each becomes a join with what it reads.

As a term of WHERE, IN and EXISTS keep the rows that have a match, NOT IN and NOT EXISTS those that
have none; anywhere else they are a column that is true, false or unknown, as a subquery as a value
is a column of what it comes to. What a subquery says of the query around it becomes the join's
condition; a join by both windows' start and end is one within windows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.operators.joins.regular import RegularJoin
from kinesis_sim.analytics.operators.joins.windowed import WindowJoin
from kinesis_sim.analytics.planning import sources, trees
from kinesis_sim.analytics.planning.correlation import (
    Pair,
    alike,
    inner,
    moved,
    paired,
)
from kinesis_sim.analytics.planning.grouping import Grouped
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Bounds, Relation
from kinesis_sim.analytics.planning.subquery_values import Asked, asked, is_one_row, valued
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported
from kinesis_sim.analytics.sql.typed import Typed

_REJECTS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
_CARRIES = (exp.Paren, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Cast)


def applied(planner: Planner, left: Relation, term: exp.Expr) -> Relation:
    """The rows of which a term of WHERE with a subquery is true."""
    if planner.around.kinesis:
        raise unsupported(term, "A subquery in WHERE")
    node, negated = _bare(term)
    found = asked(node)
    if found is not None and found.compared is exp.EQ and not is_one_row(found.query):
        return _matched(planner, left, node, found, negated=negated ^ found.negated)
    from kinesis_sim.analytics.planning.select import kept

    made, (condition,) = valued(planner, left, [term], inner=_rejects(term))
    return kept(planner, made, [condition])


def shown(planner: Planner, relation: Relation, node: exp.Select) -> tuple[Relation, exp.Select]:
    """The SELECT with its list's subqueries as columns of the relation."""
    if planner.around.kinesis or not any(map(trees.held, node.expressions)):
        return relation, node
    over = next((one for part in node.expressions for one in trees.overs(part)), None)
    if over is not None:
        raise unsupported(over, "OVER beside a subquery as a value")
    relation, parts = valued(planner, relation, node.expressions, inner=False)
    copy = node.copy()
    copy.set("expressions", parts)
    return relation, copy


def _bare(term: exp.Expr) -> tuple[exp.Expr, bool]:
    """A term without NOT and brackets around it, and whether NOT turns it round."""
    negated = False
    while isinstance(term, exp.Paren | exp.Not):
        negated ^= isinstance(term, exp.Not)
        term = term.this
    return term, negated


def _rejects(term: exp.Expr) -> bool:
    """Whether a term is not true where its subquery gives NULL."""
    node, _ = _bare(term)
    if not isinstance(node, _REJECTS):
        return False
    for found in node.find_all(exp.Subquery):
        at = found.parent
        while at is not node:
            if not isinstance(at, _CARRIES):
                return False
            at = at.parent
    return True


# --- IN, EXISTS as terms of WHERE ----------------------------------------------------------------


def _matched(
    planner: Planner, left: Relation, node: exp.Expr, what: Asked, *, negated: bool
) -> Relation:
    """Left rows that have a match; negated: that have none."""
    left = sources.materialised(planner, left)
    read = inner(planner, left.fields, node, what.query)
    right = sources.materialised(planner, read.relation)
    what.check(node, len(read.columns))
    width = len(left.fields)
    outer = planner.expressions(left.fields)
    compared = [
        alike(outer, node, outer(value), moved(shown, width))
        for value, shown in zip(what.values, read.columns, strict=False)
    ]
    pairs, tests = read.tied(planner, left.fields, right.fields)
    if negated:  # NULL on either side is a match that cannot be ruled out
        tests += [_maybe_equal(*pair) for pair in compared]
    else:
        pairs = compared + pairs
    kind = "anti" if negated else "semi"
    windowed = _windows(left, right, pairs)
    if windowed is not None:
        pairs, operator_bounds, time = windowed
        operator = WindowJoin(paired(left, right, pairs, tests, kind), operator_bounds, time)
        made = planner.join(operator, [left, right], left.fields.without_time())
        (start, end), _ = operator_bounds
        return replace(made, bounds=Bounds(start, end, time))
    joined = RegularJoin(paired(left, right, pairs, tests, kind))
    made = planner.join(joined, [left, right], left.fields.without_time())
    return replace(made, changing=left.changing or right.changing or negated)


def _maybe_equal(one: Typed, other: Typed) -> Callable[..., Any]:
    left, right = one.of, other.of

    def test(row: tuple[Any, ...]) -> bool:
        first, second = left(row), right(row)
        return first is None or second is None or first == second

    return test


Places = tuple[int, int]


def _windows(
    left: Relation, right: Relation, pairs: list[Pair]
) -> tuple[list[Pair], tuple[Places, Places], str] | None:
    """Pairs without those of both windows' bounds, where they say that the windows are one."""
    one, other = left.bounds, right.bounds
    if one is None or other is None:
        return None
    width = len(left.fields)
    wanted = {(one.start, other.start + width), (one.end, other.end + width)}
    bound = [pair for pair in pairs if (pair[0].place, pair[1].place) in wanted]
    if len(bound) != 2:
        return None
    rest = [pair for pair in pairs if pair not in bound]
    return rest, ((one.start, one.end), (other.start, other.end)), one.time


# --- beside GROUP BY ----------------------------------------------------------------------------


def beside(planner: Planner, node: exp.Select) -> bool:
    """Whether a subquery stands in the list or the HAVING of a SELECT that groups."""
    if planner.around.kinesis:
        return False
    having = node.args.get("having")
    return any(map(trees.held, [*node.expressions, *([having] if having is not None else [])]))


def over_groups(
    planner: Planner, grouped: Grouped, node: exp.Select, relation: Relation
) -> tuple[Relation, exp.Select, list[exp.Expr]]:
    """The groups as rows, and the SELECT over them, with the terms of HAVING to keep them by.

    A key that is a column keeps its name, by which a subquery may look at it.
    """
    from kinesis_sim.analytics.planning import select

    only(node, "expressions", "from_", "joins", "laterals", "where", "group", "having", "distinct")
    having = node.args.get("having")
    parts: dict[str, tuple[Field, Typed]] = {}
    copy = node.copy()
    listed: list[exp.Expr] = []
    for one in select.listed(node, relation.fields):
        made = _of_group(grouped, one.node.copy(), relation.fields, parts)
        listed.append(exp.Alias(this=made, alias=exp.to_identifier(one.name, quoted=True)))
    terms = [
        _of_group(grouped, term.copy(), relation.fields, parts)
        for term in (trees.terms(having.this) if having is not None else [])
    ]
    for key in grouped.named_keys():
        _part(grouped, key, relation.fields, parts)
    for name in ("group", "having", "where"):
        copy.set(name, None)
    copy.set("expressions", listed)
    fields = Fields(field for field, _ in parts.values())
    typed = [part for _, part in parts.values()]
    return select.projected(planner, grouped.finished(), fields, typed), copy, terms


def _of_group(
    grouped: Grouped, node: exp.Expr, fields: Fields, parts: dict[str, tuple[Field, Typed]]
) -> exp.Expr:
    """A node in which keys and aggregates are columns of the groups; subqueries stay."""
    if isinstance(node, exp.Query | exp.Exists | exp.Values):
        return node
    if (found := _part(grouped, node, fields, parts)) is not None:
        found.meta.update(node.meta)
        return found
    for one in list(node.iter_expressions()):
        made = _of_group(grouped, one, fields, parts)
        if made is not one:
            one.replace(made)
    return node


def _part(
    grouped: Grouped, node: exp.Expr, fields: Fields, parts: dict[str, tuple[Field, Typed]]
) -> exp.Expr | None:
    """The column of a key, a window's bound or an aggregate; None where a node is none of these."""
    made = grouped.found(node)
    if made is None:
        return None
    name = trees.canonical(node, fields)
    if name not in parts:
        at = trees.place(node, fields) if isinstance(node, exp.Column) else None
        field = fields[at] if at is not None else Field(f"$group{len(parts)}", made.kind, "$group")
        parts[name] = replace(field, kind=made.kind, time=made.time), made
    field = parts[name][0]
    return exp.column(field.name, table=field.table, quoted=True)
