"""SELECT, clause by clause, in the order in which SQL evaluates them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from kinesis_sim.analytics.aggregates.calls import Gathering
from kinesis_sim.analytics.operators.calc import Projection, RowFilter
from kinesis_sim.analytics.operators.grouping import GroupAggregate
from kinesis_sim.analytics.planning import (
    grouping,
    joining,
    matching,
    merging,
    over,
    ranking,
    sorting,
    sources,
    subqueries,
    trees,
)
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.expressions import Expressions, converted
from kinesis_sim.analytics.sql.fields import MERGED, Field, Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, column

ROWTIME = "ROWTIME"
"""The hidden column of Kinesis SQL that every relation has."""
MOST_TABLES = 50
"""Joined in one query (the model's choice): the work of planning grows with their square."""
_CLAUSES = (
    "expressions", "distinct", "from_", "joins", "laterals", "where", "group", "having", "windows",
    "order", "limit", "offset", "match", "cluster",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """An expression of the SELECT list with the name of its column."""

    node: exp.Expr
    name: str


def planned(planner: Planner, node: exp.Select) -> Relation:
    """The relation of a SELECT."""
    relation, wanted = begun(planner, node)
    return finished(planner, node, relation, wanted)


def begun(planner: Planner, node: exp.Select) -> tuple[Relation, list[exp.Expr]]:
    """FROM with its joins, and the terms of WHERE that no join took."""
    only(node, *_CLAUSES)
    ranks = ranking.of_outer(node)
    wanted = trees.terms(node.args["where"].this) if node.args.get("where") else []
    if ranks is not None:
        wanted = [term for term in wanted if term not in ranks.terms]
    return _from(planner, node, wanted, ranks), wanted


def finished(
    planner: Planner, node: exp.Select, relation: Relation, wanted: list[exp.Expr]
) -> Relation:
    """The relation of a SELECT whose FROM is planned."""
    return _shown(planner, node, filtered(planner, relation, wanted))


def _from(
    planner: Planner,
    node: exp.Select,
    wanted: list[exp.Expr],
    ranks: ranking.OuterRanks | None,
) -> Relation:
    """FROM with its joins; terms of WHERE that a join takes are removed from ``wanted``."""
    from_ = node.args.get("from_")
    if from_ is None:
        if planner.around.kinesis:
            raise wrong(node, "A query reads FROM something.")
        return planner.tell(lambda: [()], Fields([]))
    if ranks is not None:
        inner = ranking.planned(planner, from_.this.this, ranks, _shown_ranked)
        relation = sources.aliased(from_.this, inner)
    else:
        relation = sources.source(planner, from_.this)
    more = [*(from_.this.args.get("joins") or []), *(node.args.get("joins") or [])]
    apart = [term for term in wanted if trees.held(term)]
    wanted[:] = [term for term in wanted if term not in apart]
    if len(more) >= MOST_TABLES:
        raise unsupported(more[MOST_TABLES - 1], f"A join of more than {MOST_TABLES} tables")
    for join in [*more, *(node.args.get("laterals") or [])]:
        relation = joining.joined(planner, relation, from_.this, join, wanted)
    wanted += apart
    match = node.args.get("match")
    if match is not None and planner.around.kinesis:
        raise unsupported(match, "MATCH_RECOGNIZE")
    return matching.matched(planner, relation, match) if match is not None else relation


def filtered(planner: Planner, relation: Relation, wanted: list[exp.Expr]) -> Relation:
    """Terms of WHERE: those with a subquery last, for each becomes a join, which keeps rows."""
    for term in wanted:
        merging.check(term, relation.fields)
    relation = kept(planner, relation, [term for term in wanted if not trees.held(term)])
    for term in wanted:
        if trees.held(term):
            relation = subqueries.applied(planner, relation, term)
    return relation


def kept(planner: Planner, relation: Relation, wanted: list[exp.Expr]) -> Relation:
    """Rows of which terms are true; a window's bounds are written where they are asked about."""
    condition = trees.together(wanted)
    if condition is None:
        return relation
    found = next(trees.aggregates(condition), None)
    if found is not None:
        raise wrong(found, "An aggregate cannot stand in WHERE; use HAVING.")
    bounds = relation.bounds
    if bounds is not None and any(
        at >= bounds.start for at in trees.places(condition, relation.fields)
    ):
        relation = sources.materialised(planner, relation)
    made = planner.expressions(relation.fields).condition(condition)
    return planner.add(relation, RowFilter(made.of), relation.fields)


def _shown_ranked(planner: Planner, node: exp.Select, ranks: ranking.OuterRanks) -> Relation:
    """A subquery whose ROW_NUMBER the outer query bounds."""
    only(node, *_CLAUSES)
    wanted = trees.terms(node.args["where"].this) if node.args.get("where") else []
    relation = filtered(planner, _from(planner, node, wanted, None), wanted)
    return _shown(planner, node, relation, ranks)


def _shown(
    planner: Planner,
    node: exp.Select,
    relation: Relation,
    ranks: ranking.OuterRanks | None = None,
) -> Relation:
    """GROUP BY, HAVING, OVER, ORDER BY, SELECT, DISTINCT, LIMIT."""
    node = _grouped_windows(_aliased(node), relation)
    grouped = grouping.grouped(planner, node, relation)
    if grouped is not None and ranks is None and subqueries.beside(planner, node):
        relation, node, wanted = subqueries.over_groups(planner, grouped, node, relation)
        relation, grouped = filtered(planner, relation, wanted), None
    if grouped is None:
        relation = sources.materialised(planner, relation)
        relation, node = subqueries.shown(planner, relation, node)
    shown = listed(node, relation.fields)
    if grouped is not None:
        compiled: Expressions = grouped.expressions
        parts = [grouped.expressions(one.node) for one in shown]
        having = node.args.get("having")
        condition = grouped.expressions.condition(having.this) if having is not None else None
        orders = sorting.compiled(node, shown_nodes(shown), compiled, planner.around.kinesis)
        relation = grouped.finished()
        if condition is not None:
            relation = planner.add(relation, RowFilter(condition.of), relation.fields)
        if ranks is not None:
            relation, parts = ranking.over_groups(planner, relation, shown, parts, ranks, compiled)
    else:
        if node.args.get("having") is not None:
            raise wrong(node.args["having"], "HAVING needs GROUP BY.")
        relation, compiled = over.added(planner, node, relation, ranks)
        parts = [compiled(one.node) for one in shown]
        orders = sorting.compiled(node, shown_nodes(shown), compiled, planner.around.kinesis)
    if orders is not None:
        relation = sorting.sorted_by(planner, node, relation, orders)
    relation = _projected(planner, relation, shown, parts)
    if node.args.get("distinct"):
        only(node.args["distinct"])
        relation = distinct(planner, relation)
    return relation


def _aliased(node: exp.Select) -> exp.Select:
    """The SELECT with a subquery's alias outside of it, where sqlglot has put it within."""
    if not any(isinstance(one, exp.Subquery) and one.alias for one in node.expressions):
        return node
    copy, parts = node.copy(), []
    for one in node.expressions:
        bare = one.copy()
        if isinstance(one, exp.Subquery) and one.alias:
            bare.set("alias", None)
            bare = exp.Alias(this=bare, alias=exp.to_identifier(one.alias, quoted=True))
        parts.append(bare)
    copy.set("expressions", parts)
    return copy


def _grouped_windows(node: exp.Select, relation: Relation) -> exp.Select:
    """SELECT DISTINCT of a window's bounds as GROUP BY, by which its windows close."""
    bounds = relation.bounds
    if bounds is None or not node.args.get("distinct") or node.args.get("group"):
        return node
    shown = [one.node for one in listed(node, relation.fields)]
    columns = [one for one in shown if isinstance(one, exp.Column)]
    places = {trees.place(one, relation.fields) for one in columns}
    if len(columns) < len(shown) or not {bounds.start, bounds.end} <= places:
        return node
    copy = node.copy()
    copy.set("distinct", None)
    copy.set("group", exp.Group(expressions=[one.copy() for one in shown]))
    return copy


def shown_nodes(shown: list[Shown]) -> dict[str, exp.Expr]:
    """What each name of the SELECT list stands for."""
    return {one.name: one.node for one in shown}


def listed(node: exp.Select, fields: Fields) -> list[Shown]:
    """The SELECT list with ``*`` written out and every column named."""
    found: list[Shown] = []
    for one in node.expressions:
        if isinstance(one, exp.Star):
            only(one)
            if node.args.get("from_") is None:
                raise wrong(one, "SELECT * reads FROM something.", construct="*")
            found += _all(fields, None)
        elif isinstance(one, exp.Column) and isinstance(one.this, exp.Star):
            only(one, "this", "table")
            only(one.this)
            if one.table not in {column.table for column in fields}:
                raise wrong(one, f"Table {one.table!r} is not in FROM.", construct=f"{one.table}.*")
            found += _all(fields, one.table)
        elif isinstance(one, exp.Alias):
            found.append(Shown(one.this, one.alias))
        else:
            name = one.name if isinstance(one, exp.Column | exp.Dot) else f"EXPR${len(found)}"
            found.append(Shown(one, name))
    return found


def _all(fields: Fields, table: str | None) -> list[Shown]:
    """All columns, or all of a table, those that USING made one among them."""
    merged = {one.name for one in fields if one.table == MERGED}
    return [
        Shown(
            exp.column(exp.to_identifier(one.name, quoted=True), table=one.table, quoted=True),
            one.name,
        )
        for one in fields
        if (not one.hidden and table is None)
        or (one.table == table and table and (not one.hidden or one.name in merged))
    ]


def _projected(
    planner: Planner, relation: Relation, shown: list[Shown], parts: list[Typed]
) -> Relation:
    """The SELECT list as the relation's columns; Kinesis SQL's keep their ROWTIME."""
    columns = [
        Field(one.name, part.kind, time=part.time) for one, part in zip(shown, parts, strict=True)
    ]
    if planner.around.kinesis:
        at = rowtime(relation.fields)
        columns = [replace(relation.fields[at], hidden=True, table=None), *columns]
        parts = [column(relation.fields[at].kind, at), *parts]
    return projected(planner, relation, Fields(columns), parts)


def projected(planner: Planner, relation: Relation, fields: Fields, parts: list[Typed]) -> Relation:
    """A relation of computed columns; a window's bounds stay where its columns are handed on."""
    operator = Projection([part.of for part in parts], [part.place for part in parts])
    made = planner.add(relation, operator, fields)
    bounds = relation.bounds
    if bounds is None:
        return made
    where = {part.place: at for at, part in reversed(list(enumerate(parts)))}
    start, end = where.get(bounds.start), where.get(bounds.end)
    if start is None or end is None:
        return replace(made, bounds=None)
    return replace(made, bounds=replace(bounds, start=start, end=end))


def rowtime(fields: Fields) -> int:
    """Where Kinesis SQL's ROWTIME stands."""
    return next(at for at, one in enumerate(fields) if one.hidden and one.name == ROWTIME)


def cast_to(planner: Planner, node: exp.Expr, relation: Relation, fields: Fields) -> Relation:
    """The relation with its columns as other types, one by one."""
    parts = [
        converted(node, column(one.kind, at, one.time), wanted.kind)
        for at, (one, wanted) in enumerate(zip(relation.fields, fields, strict=True))
    ]
    if all(part.place is not None for part in parts):
        return replace(relation, fields=fields)
    return projected(planner, relation, fields, parts)


def distinct(planner: Planner, relation: Relation) -> Relation:
    """Each row once: a changelog where rows are taken back, else each row when it first comes."""
    keys = [column(one.kind, at).of for at, one in enumerate(relation.fields)]
    operator = GroupAggregate(keys, Gathering([]))
    return planner.add(relation, operator, relation.fields.without_time())
