"""ORDER BY, LIMIT and OFFSET: by time, rows wait for it; with LIMIT, some as a changelog."""

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
from kinesis_sim.analytics.sql.nodes import begins, only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed
from kinesis_sim.analytics.types.texts import whole_number


@dataclass(frozen=True, slots=True)
class Orders:
    """ORDER BY, compiled.

    first: the node of its leading term; leading: that term, compiled. ranks: which rows in that
    order are wanted, from 1; None for all.
    """

    first: exp.Expr | None
    leading: Typed | None
    descending: bool
    parts: list[tuple[Callable[..., Any], bool, bool]]
    ranks: range | None


def compiled(
    node: exp.Select, names: dict[str, exp.Expr], here: Expressions, kinesis: bool
) -> Orders | None:
    """The ORDER BY, LIMIT and OFFSET of a SELECT; None without."""
    order, limit, offset = (node.args.get(name) for name in ("order", "limit", "offset"))
    if order is None and limit is None and offset is None:
        return None
    if limit is not None and kinesis:
        raise unsupported(limit, "LIMIT")
    if offset is not None and limit is None:  # neither does Flink's streaming job
        raise unsupported(offset, "OFFSET without LIMIT or FETCH")
    number = _ranks(limit, offset) if limit is not None else None
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


def _ranks(limit: exp.Expr, offset: exp.Expr | None) -> range:
    """The ranks behind OFFSET that LIMIT, or FETCH, leaves."""
    only(limit, "this", "expression", "count", "direction", "limit_options")
    first = 0
    if offset is not None:
        only(offset, "expression")
        if isinstance(limit, exp.Fetch) and (begins(offset) or 0) > (begins(limit) or 0):
            raise wrong(offset, "OFFSET stands before FETCH.")
        first = _whole(offset, "OFFSET", offset.args.get("expression"))
    name = "LIMIT" if isinstance(limit, exp.Limit) else "FETCH"
    number = _whole(limit, name, limit.args.get("expression") or limit.args.get("count"))
    if first + number > ranking.MOST_RANKS:
        raise wrong(limit, f"LIMIT and OFFSET come to {ranking.MOST_RANKS:,} rows at most.")
    return range(first + 1, first + number + 1)


def _whole(node: exp.Expr, name: str, value: exp.Expr | None) -> int:
    text = value.name if isinstance(value, exp.Literal) and not value.is_string else ""
    number = whole_number(text)
    if number is None:
        raise wrong(node, f"{name} takes a whole number.")
    return number


def sorted_by(planner: Planner, node: exp.Select, relation: Relation, orders: Orders) -> Relation:
    """The relation in that order. Raises SqlValidationError where a stream cannot be sorted so."""
    if orders.ranks is not None:
        operator = TopN(
            [], ordering(orders.parts), orders.ranks, ranked=False, retracts=relation.changing
        )
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
