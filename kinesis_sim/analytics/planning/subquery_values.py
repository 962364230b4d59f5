"""Subqueries as values: IN and EXISTS that are more than a term of WHERE, and the row of a query.

Each becomes a hidden column that the row has gained. What gives one row by what it says, an
aggregate, is joined as it is; any other query may give none, which is NULL, and stops the job where
it gives two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.aggregates.calls import AggregateCall, Gathering
from kinesis_sim.analytics.aggregates.registry import is_aggregate
from kinesis_sim.analytics.aggregates.subqueries import (
    MATCH,
    PERHAPS,
    SINGLE_VALUE,
    matches,
    single,
)
from kinesis_sim.analytics.operators.grouping import GroupAggregate
from kinesis_sim.analytics.operators.joins.gathered import GatheredJoin
from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.operators.joins.regular import RegularJoin
from kinesis_sim.analytics.planning import joining, keyed, sources, trees
from kinesis_sim.analytics.planning.correlation import (
    Pair,
    alike,
    bare,
    inner,
    looks_out,
    moved,
    paired,
)
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.conditions import COMPARED
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong
from kinesis_sim.analytics.sql.quantified import quantified
from kinesis_sim.analytics.sql.typed import Typed, column
from kinesis_sim.analytics.types.sqltype import BOOLEAN

_TIED = ("expressions", "from_", "joins", "laterals", "where")
"""Clauses of a subquery as a value that may look at the query around it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """IN, EXISTS, or a comparison with ANY or ALL, of a query.

    wanted: what is looked for; None: whether there is any row. compared: how it is looked for;
    negated: whether the answer is turned round.
    """

    query: exp.Expr
    wanted: list[exp.Expr] | None
    compared: type[exp.Expr] = exp.EQ
    negated: bool = False

    @property
    def values(self) -> list[exp.Expr]:
        """What is looked for."""
        return self.wanted or []

    def check(self, node: exp.Expr, columns: int) -> None:
        """Raises SqlValidationError where values and columns do not pair."""
        if self.wanted is not None and len(self.wanted) != columns:
            raise wrong(node, f"{len(self.wanted)} values IN a list of {columns} columns.")


def asked(node: exp.Expr) -> Asked | None:
    """What IN, EXISTS, ANY or ALL asks; None for any other node, and where it is of a list."""
    if (found := quantified(node)) is not None:
        return Asked(found.query, [found.value], found.compared, found.negated)
    if isinstance(node, exp.Exists):
        return Asked(node.this, None)
    if isinstance(node, exp.Anonymous) and str(node.this).upper() == "EXISTS":
        inside = node.expressions
        return Asked(inside[0], None) if len(inside) == 1 and trees.held(inside[0]) else None
    if not isinstance(node, exp.In):
        return None
    query, listed = node.args.get("query"), node.expressions
    if query is None and len(listed) == 1 and isinstance(listed[0], exp.Values):
        query = listed[0]
    if query is None:
        return None
    only(node, "this", "query", "expressions")
    what = node.this
    return Asked(query, list(what.expressions) if isinstance(what, exp.Tuple) else [what])


def valued(
    planner: Planner, relation: Relation, nodes: list[exp.Expr], *, inner: bool
) -> tuple[Relation, list[exp.Expr]]:
    """The nodes with their subqueries as columns that the relation has gained."""
    made = []
    for node in nodes:
        copy = exp.Paren(this=node.copy())
        for found in values(copy.this):
            relation, replaced = _column(planner, relation, found, inner=inner)
            found.replace(replaced)
        made.append(copy.this)
    return relation, made


def alone(
    planner: Planner, left: Relation, nodes: list[exp.Expr], tables: set[str | None]
) -> tuple[Relation, list[exp.Expr]]:
    """As ``valued``, where no subquery may look at these tables."""
    made = []
    for node in nodes:
        copy = exp.Paren(this=node.copy())
        for found in values(copy.this) if trees.held(node) else ():
            outside = _outside(found, tables)
            if outside is not None:
                raise unsupported(
                    outside, "A subquery in ON that looks outside, where Flink gives other rows,"
                )
            left, replaced = _column(planner, left, found, inner=False)
            found.replace(replaced)
        made.append(copy.this)
    return left, made


def _outside(query: exp.Expr, tables: set[str | None]) -> exp.Expr | None:
    """A column of another's table in a subquery; None without."""
    tables = tables - {one.alias_or_name for one in query.find_all(exp.Table, exp.Subquery)}
    return next((one for one in query.find_all(exp.Column) if (one.table or "") in tables), None)


def values(node: exp.Expr) -> list[exp.Expr]:
    """Subqueries as values, outermost ones; of IN, what is looked for comes first."""
    what = asked(node)
    if what is not None:
        return [found for one in what.values for found in values(one)] + [node]
    if isinstance(node, exp.Subquery):
        return [node]
    return [found for one in node.iter_expressions() for found in values(one)]


def _column(
    planner: Planner, left: Relation, node: exp.Expr, *, inner: bool
) -> tuple[Relation, exp.Expr]:
    """The relation with a subquery's value as a hidden column, and the node that reads it."""
    what = asked(node)
    if what is None:
        return _value(planner, left, node, inner=inner)
    if not is_one_row(what.query):
        return _mark(planner, left, node, what)
    if what.wanted is None:
        return left, _placed(exp.true(), node)
    what.check(node, len(bare(what.query).expressions))
    query = exp.Subquery(this=bare(what.query).copy())
    query.meta.update(node.meta)
    made, read = _value(planner, left, query, inner=False)
    return made, _answered(what.compared(this=what.values[0].copy(), expression=read), what, node)


def _placed(read: exp.Expr, node: exp.Expr) -> exp.Expr:
    """What reads a column, with the place of the subquery in the text."""
    read.meta.update(node.meta)
    return read


def _answered(verdict: exp.Expr, what: Asked, node: exp.Expr) -> exp.Expr:
    """A verdict, turned round where that is asked."""
    bracketed = exp.Paren(this=verdict)
    if not what.negated:
        return _placed(bracketed, node)
    return _placed(exp.Paren(this=exp.Not(this=_placed(bracketed, node))), node)


def _read(name: str, node: exp.Expr) -> exp.Expr:
    return _placed(exp.Paren(this=exp.column(name, table=name, quoted=True)), node)


# --- IN, EXISTS ---------------------------------------------------------------------------------


def _mark(
    planner: Planner, left: Relation, node: exp.Expr, what: Asked
) -> tuple[Relation, exp.Expr]:
    """Whether there is a match: true, false, or unknown where NULL may be one."""
    left = sources.materialised(planner, left)
    found = inner(planner, left.fields, node, what.query)
    right, columns = sources.materialised(planner, found.relation), found.columns
    what.check(node, len(columns))
    if found.is_alone:
        right, columns = _each_once(planner, right, columns if what.wanted is not None else [])
    width, outer = len(left.fields), planner.expressions(left.fields)
    compared = [
        alike(outer, node, outer(value), moved(shown, width))
        for value, shown in zip(what.values, columns, strict=False)
    ]
    pairs, tests = found.tied(planner, left.fields, right.fields)
    call = AggregateCall(matches(), _compared(compared, COMPARED[what.compared]))
    pairing = paired(left, right, pairs, tests, "inner")
    operator = GatheredJoin(
        pairing, Gathering([call]), waits=what.wanted is not None and found.is_alone
    )
    name = f"$value{width}"
    fields = left.fields.without_time() + Fields([Field(name, BOOLEAN, table=name, hidden=True)])
    made = replace(planner.join(operator, [left, right], fields), changing=True)
    return made, _answered(exp.column(name, table=name, quoted=True), what, node)


def _each_once(
    planner: Planner, right: Relation, columns: list[Typed]
) -> tuple[Relation, list[Typed]]:
    from kinesis_sim.analytics.planning import select

    fields = Fields(Field(f"${at}", one.kind) for at, one in enumerate(columns))
    made = select.distinct(planner, select.projected(planner, right, fields, columns))
    return replace(made, changing=right.changing), [
        column(one.kind, at) for at, one in enumerate(columns)
    ]


def _compared(pairs: list[Pair], compares: Callable[[Any, Any], bool]) -> Callable[..., int | None]:
    """Of a row of both sides, whether it is a match; None: it is none."""
    sides = [(one.of, other.of) for one, other in pairs]

    def compare(row: tuple[Any, ...]) -> int | None:
        verdict = MATCH
        for one, other in sides:
            first, second = one(row), other(row)
            if first is None or second is None:
                verdict = PERHAPS
            elif not compares(first, second):
                return None
        return verdict

    return compare


# --- a query's one row --------------------------------------------------------------------------


def _value(
    planner: Planner, left: Relation, node: exp.Expr, *, inner: bool
) -> tuple[Relation, exp.Expr]:
    """What a query comes to. inner: rows without it may be left out."""
    only(node, "this")
    query = bare(node.this)
    left = sources.materialised(planner, left)
    if not isinstance(query, exp.Select) or query.args.get("with_") is not None:
        return _joined(planner, left, node, _single(planner, node, planner.query(query)), [], inner)
    if len(query.expressions) != 1:
        raise wrong(node, f"A subquery as a value has one column, not {len(query.expressions)}.")
    from kinesis_sim.analytics.planning import select

    with planner.within(query):
        relation, wanted = select.begun(planner, query)
        ties = [term for term in wanted if looks_out(term, relation.fields, left.fields)]
        if not ties:
            made = select.finished(planner, query, relation, wanted)
            made = made if is_one_row(query) else _single(planner, node, made)
            return _joined(planner, left, node, made, [], inner)
        value = query.expressions[0]
        own = [term for term in wanted if term not in ties]
        keys = keyed.keys(ties, relation.fields)
        grouped = keys is not None and _one_of_each_key(query, keys[1], relation.fields)
        only(query, *_TIED, *(("group", "having") if grouped else ()))
        relation = sources.materialised(planner, select.filtered(planner, relation, own))
        if not grouped and not is_one_row(query):
            value = exp.Anonymous(this=SINGLE_VALUE, expressions=[value.unalias().copy()])
        if keys is None or not (grouped or _is_null_of_none(value)):
            return _gathered(planner, left, node, relation, value, ties)
        return _by_key(planner, left, node, relation, value, query, keys, inner)


def _one_of_each_key(query: exp.Expr, inside: list[exp.Expr], fields: Fields) -> bool:
    """Whether a query with GROUP BY or HAVING gives at most one row for what it is tied by."""
    group = query.args.get("group")
    if group is None:
        return query.args.get("having") is not None
    ties = {trees.canonical(one, fields) for one in inside}
    return all(trees.canonical(one, fields) in ties for one in group.expressions)


def _single(planner: Planner, node: exp.Expr, made: Relation) -> Relation:
    """The value of the one row that a query gives; NULL where it gives none."""
    made = sources.materialised(planner, made)
    shown = [at for at, one in enumerate(made.fields) if not one.hidden]
    if len(shown) != 1:
        raise wrong(node, f"A subquery as a value has one column, not {len(shown)}.")
    at = shown[0]
    kind = made.fields[at].kind
    operator = GroupAggregate([], Gathering([AggregateCall(single(kind), lambda row: (row[at],))]))
    gathered = planner.add(made, operator, Fields([Field(made.fields[at].name, kind)]))
    return replace(gathered, changing=True, bounds=None)


def _joined(
    planner: Planner,
    left: Relation,
    node: exp.Expr,
    right: Relation,
    pairs: list[Pair],
    inner: bool,
) -> tuple[Relation, exp.Expr]:
    """The relation beside the last column of what its rows are paired with."""
    width, name = len(left.fields), f"$value{len(left.fields)}"
    pairing = Pairing(
        ([one.of for one, _ in pairs], [joining.of_right(other, width) for _, other in pairs]),
        (width, len(right.fields)),
        outer=(not inner, False),
    )
    names = [f"{name}.{at}" for at in range(len(right.fields) - 1)] + [name]
    fields = Fields(
        Field(one, field.kind, table=name, hidden=True)
        for one, field in zip(names, right.fields, strict=True)
    )
    made = planner.join(RegularJoin(pairing), [left, right], left.fields.without_time() + fields)
    return replace(made, changing=True), _read(name, node)


def _by_key(
    planner: Planner,
    left: Relation,
    node: exp.Expr,
    relation: Relation,
    value: exp.Expr,
    query: exp.Expr,
    keys: tuple[list[exp.Expr], list[exp.Expr]],
    inner: bool,
) -> tuple[Relation, exp.Expr]:
    """One row for each key that the subquery is tied by, and the join with them."""
    outer, inside = keys
    right = keyed.gathered(planner, relation, query, inside, [value])
    pairs = keyed.met(planner, left.fields, node, outer, right.fields)
    return _joined(planner, left, node, right, pairs, inner)


def _gathered(
    planner: Planner,
    left: Relation,
    node: exp.Expr,
    right: Relation,
    value: exp.Expr,
    ties: list[exp.Expr],
) -> tuple[Relation, exp.Expr]:
    """What each row's own matches come to: of a count that is none, of ties other than by =."""
    from kinesis_sim.analytics.planning import select

    name = f"$value{len(left.fields)}"
    made, (part,) = keyed.beside(planner, left, right, [value], ties)
    plain = left.fields.without_time()
    parts = [*(column(one.kind, at) for at, one in enumerate(plain)), part]
    fields = plain + Fields([Field(name, part.kind, table=name, hidden=True)])
    return select.projected(planner, made, fields, parts), _read(name, node)


def is_one_row(query: exp.Expr) -> bool:
    """Whether a query gives exactly one row: an aggregate without GROUP BY."""
    query = bare(query)
    if not isinstance(query, exp.Select):
        return False
    gathers = any(True for one in query.expressions for _ in trees.aggregates(one))
    return gathers and not any(
        query.args.get(name) for name in ("group", "having", "limit", "offset", "with_")
    )


def _is_null_of_none(node: exp.Expr) -> bool:
    """Whether a value is nothing but an aggregate that is NULL of no rows."""
    node = node.unalias()
    name = str(node.this).upper() if isinstance(node, exp.Anonymous) else ""
    return is_aggregate(name) and name not in ("COUNT", "SUM0")
