"""ORDER BY and LIMIT: by time, rows wait for it; with LIMIT, the first rows as a changelog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.operators.ranking import TopN, ordering
from kinesis_sim.analytics.operators.sorting import TimeSort
from kinesis_sim.analytics.planning import ranking, steps
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.expressions import Expressions
from kinesis_sim.analytics.sql.fields import Field
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed


@dataclass(frozen=True, slots=True)
class Orders:
    """ORDER BY, compiled. first: the node of its leading term; leading: that term, compiled."""

    first: exp.Expr | None
    leading: Typed | None
    descending: bool
    parts: list[tuple[Callable[..., Any], bool, bool]]
    limit: int | None


def compiled(
    node: exp.Select, names: dict[str, exp.Expr], here: Expressions, kinesis: bool
) -> Orders | None:
    """The ORDER BY and LIMIT of a SELECT; None without."""
    order, limit = node.args.get("order"), node.args.get("limit")
    if order is None and limit is None:
        return None
    if limit is not None and kinesis:
        raise unsupported(limit, "LIMIT")
    number = _limit(limit) if limit is not None else None
    if order is None:
        return Orders(None, None, False, [], number)
    only(order, "expressions")
    order = order.copy()
    for one in order.expressions:
        inner = one.this
        if isinstance(inner, exp.Column) and not inner.table and inner.name in names:
            one.set("this", names[inner.name].copy())
    first = order.expressions[0]
    return Orders(
        first.this,
        here(first.this),
        bool(first.args.get("desc")),
        ranking.order_parts(order, here),
        number,
    )


def _limit(node: exp.Expr) -> int:
    only(node, "this", "expression", "count", "direction", "limit_options")
    value = node.args.get("expression") or node.args.get("count")
    if not isinstance(value, exp.Literal) or not value.name.isdigit():
        raise wrong(node, "LIMIT takes a whole number.")
    number = int(value.name)
    if not 0 < number <= ranking.MOST_RANKS:
        raise wrong(node, f"LIMIT goes from 1 to {ranking.MOST_RANKS:,}.")
    return number


def sorted_by(planner: Planner, node: exp.Select, relation: Relation, orders: Orders) -> Relation:
    """The relation in that order. Raises SqlValidationError where a stream cannot be sorted so."""
    if orders.limit is not None:
        ranks = range(1, orders.limit + 1)
        operator = TopN([], ordering(orders.parts), ranks, ranked=False, retracts=relation.changing)
        made = planner.add(relation, operator, relation.fields.without_time(hidden=True))
        return replace(made, changing=True, bounds=None)
    if orders.first is None or relation.changing:
        raise wrong(node.args["order"], "A result that is updated cannot be sorted; add LIMIT.")
    return _by_time(planner, relation, orders)


def _by_time(planner: Planner, relation: Relation, orders: Orders) -> Relation:
    """A time attribute in front; in Kinesis SQL an expression of ROWTIME that only grows."""
    assert orders.first is not None
    assert orders.leading is not None
    fields, leading = relation.fields, orders.leading
    refused = wrong(
        orders.first,
        "A stream is sorted by time first: a time attribute, or, in Kinesis SQL, an expression of "
        "ROWTIME such as FLOOR(ROWTIME TO SECOND), ascending; or add LIMIT.",
    )
    if orders.descending:
        raise refused
    if leading.place is not None and leading.time is not None:
        return _sorting(planner, relation, orders, leading.of, lambda at: at, leading.time)
    if not planner.around.kinesis:
        raise refused
    from kinesis_sim.analytics.planning.select import rowtime

    at = rowtime(fields)
    cut = steps.monotonic(orders.first, fields, at)
    if cut is None:
        raise refused
    field: Field = fields[at]
    return _sorting(
        planner,
        relation,
        orders,
        lambda row: cut(row[at])[0],
        lambda reached: cut(reached + 1)[0] - 1,
        field.time or "",
        lambda step: cut(step)[1],
    )


def _sorting(
    planner: Planner,
    relation: Relation,
    orders: Orders,
    step: Callable[..., Any],
    reached: Callable[[int], Any],
    time: str,
    ends: Callable[[Any], int] | None = None,
) -> Relation:
    operator = TimeSort(step, reached, ordering(orders.parts), time, ends)
    return planner.add(relation, operator, relation.fields)
