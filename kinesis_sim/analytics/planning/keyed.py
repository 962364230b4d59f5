"""What a subquery comes to for each value of what ties it to the query around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.aggregates.aggregate import count
from kinesis_sim.analytics.aggregates.calls import AggregateCall, Gathering
from kinesis_sim.analytics.operators.calc import RowFilter
from kinesis_sim.analytics.operators.joins.gathered import GatheredJoin
from kinesis_sim.analytics.planning import grouping, trees
from kinesis_sim.analytics.planning.correlation import Pair, alike, paired, side, tied
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.typed import Typed, column
from kinesis_sim.analytics.types.sqltype import BIGINT


def keys(ties: list[exp.Expr], inside: Fields) -> tuple[list[exp.Expr], list[exp.Expr]] | None:
    """Where all terms say that something outside equals something inside: both, term by term."""
    outer, within = [], []
    for term in ties:
        parts = [term.this, term.expression] if isinstance(term, exp.EQ) else []
        sides = [side(part, inside) for part in parts]
        if sides not in ([0, 1], [1, 0]):
            return None
        outer.append(parts[sides.index(0)])
        within.append(parts[sides.index(1)])
    return outer, within


def gathered(
    planner: Planner,
    relation: Relation,
    query: exp.Expr,
    inside: list[exp.Expr],
    nodes: list[exp.Expr],
) -> Relation:
    """A subquery's rows for each key it is tied by: the keys, then what the nodes say.

    A key with NULL in it meets none, so its rows are left out, as Flink's planner does. GROUP BY
    and HAVING are within each key; without an aggregate the rows are each told once.
    """
    from kinesis_sim.analytics.planning import select

    ties = [part.of for part in planner.expressions(relation.fields).all(inside)]
    filled = RowFilter(lambda row: all(of(row) is not None for of in ties))
    relation = planner.add(relation, filled, relation.fields)
    group, having = query.args.get("group"), query.args.get("having")
    if group is None and having is None and not any(map(_gathers, nodes)):
        return select.distinct(planner, _shown(planner, relation, [*inside, *nodes]))
    own = list(group.expressions) if group is not None else []
    grouped = grouping.Grouped(planner, relation, [*inside, *own], None)
    parts = grouped.expressions.all([*inside, *nodes])
    condition = grouped.expressions.condition(having.this) if having is not None else None
    made = grouped.finished()
    if condition is not None:
        made = planner.add(made, RowFilter(condition.of), made.fields)
    fields = Fields(Field(f"${at}", part.kind) for at, part in enumerate(parts))
    return select.projected(planner, made, fields, parts)


def _gathers(node: exp.Expr) -> bool:
    return any(True for _ in trees.aggregates(node))


def _shown(planner: Planner, relation: Relation, nodes: list[exp.Expr]) -> Relation:
    from kinesis_sim.analytics.planning import select

    parts = planner.expressions(relation.fields).all(nodes)
    fields = Fields(Field(f"${at}", part.kind) for at, part in enumerate(parts))
    return select.projected(planner, relation, fields, parts)


def met(
    planner: Planner, left: Fields, node: exp.Expr, outer: list[exp.Expr], right: Fields
) -> list[Pair]:
    """Pairs of what outer rows are looked up by and the keys that stand first on the right."""
    here, width = planner.expressions(left), len(left)
    return [
        alike(here, node, here(one), column(field.kind, width + at))
        for at, (one, field) in enumerate(zip(outer, right, strict=False))
    ]


def beside(
    planner: Planner,
    left: Relation,
    right: Relation,
    nodes: list[exp.Expr],
    ties: list[exp.Expr],
    *,
    some: bool = False,
) -> tuple[Relation, list[Typed]]:
    """Left rows with what their own matches come to, and the nodes over rows of that relation.

    some: only left rows that have a match.
    """
    width = len(left.fields)
    pairs, tests = tied(planner, left.fields, right.fields, ties)
    grouped = grouping.Grouped(planner, right, [], None)
    parts = grouped.expressions.all(nodes)
    calls = [_of_both(call, width) for call in grouped.calls]
    if some:
        calls.append(AggregateCall(count(BIGINT)))
    pairing = paired(left, right, pairs, tests, "inner")
    added = Fields(Field(f"$of{at}", one.function.kind) for at, one in enumerate(calls))
    fields = left.fields.without_time() + added
    made = planner.join(GatheredJoin(pairing, Gathering(calls)), [left, right], fields)
    if some:
        made = planner.add(made, RowFilter(lambda row: row[-1] > 0), fields)
    return replace(made, changing=True), [_behind(part, width) for part in parts]


def _behind(part: Typed, width: int) -> Typed:
    return Typed(part.kind, lambda row: part.of(row[width:]))


def _of_both(call: AggregateCall, width: int) -> AggregateCall:
    """A call over the right row, as one over both."""

    def behind(of: Callable[..., Any] | None) -> Callable[..., Any] | None:
        return None if of is None else lambda row: of(row[width:])

    return AggregateCall(call.function, behind(call.argument), behind(call.filter))
