"""Subqueries of WHERE and of the SELECT list: each becomes a join with what it reads.

IN and EXISTS keep the rows that have a match, NOT IN and NOT EXISTS those that have none; a
subquery as a value is a column of the row that it comes to. What a subquery says of the query
around it becomes the join's condition; a join by both windows' start and end is one within windows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.operators.joins.regular import RegularJoin
from kinesis_sim.analytics.operators.joins.windowed import WindowJoin
from kinesis_sim.analytics.planning import grouping, joining, sources, trees
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Bounds, Relation
from kinesis_sim.analytics.sql.expressions import Expressions
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported, wrong
from kinesis_sim.analytics.sql.typed import Typed, column

Pair = tuple[Typed, Typed]
_PLAIN = ("expressions", "distinct", "from_", "joins", "laterals", "where")
"""Clauses of a subquery that may look at the query around it."""
_REJECTS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
_CARRIES = (exp.Paren, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Cast)


@dataclass(frozen=True, slots=True)
class Inner:
    """What a subquery reads. columns: what it shows; ties: terms that look at the query around it.

    Where there are such terms, the relation is its FROM, and columns are over all of that.
    """

    relation: Relation
    columns: list[Typed]
    ties: list[exp.Expr]


def held(term: exp.Expr) -> bool:
    """Whether a subquery stands in a term."""
    return term.find(exp.Query, exp.Exists) is not None


def applied(planner: Planner, left: Relation, term: exp.Expr) -> Relation:
    """The rows of which a term of WHERE with a subquery is true."""
    if planner.around.kinesis:
        raise unsupported(term, "A subquery in WHERE")
    asked, negated = _asked(term)
    if isinstance(asked, exp.Exists):
        return _matched(planner, left, asked, asked.this, [], negated=negated)
    if isinstance(asked, exp.In) and asked.args.get("query") is not None:
        only(asked, "this", "query")
        what = asked.this
        values = list(what.expressions) if isinstance(what, exp.Tuple) else [what]
        return _matched(planner, left, asked, asked.args["query"], values, negated=negated)
    from kinesis_sim.analytics.planning.select import kept

    made, (condition,) = _valued(planner, left, [term], inner=_rejects(term))
    return kept(planner, made, [condition])


def shown(planner: Planner, relation: Relation, node: exp.Select) -> tuple[Relation, exp.Select]:
    """The SELECT with its list's subqueries as columns of the relation."""
    if planner.around.kinesis or not any(map(held, node.expressions)):
        return relation, node
    over = next((one for part in node.expressions for one in trees.overs(part)), None)
    if over is not None:
        raise unsupported(over, "OVER beside a subquery as a value")
    relation, parts = _valued(planner, relation, node.expressions, inner=False)
    copy = node.copy()
    copy.set("expressions", parts)
    return relation, copy


def _asked(term: exp.Expr) -> tuple[exp.Expr, bool]:
    """A term without NOT and brackets around it, and whether NOT turns it round."""
    negated = False
    while isinstance(term, exp.Paren | exp.Not):
        negated ^= isinstance(term, exp.Not)
        term = term.this
    return term, negated


# --- what a subquery reads ----------------------------------------------------------------------


def _inner(planner: Planner, outside: Fields, node: exp.Expr, query: exp.Expr) -> Inner:
    """What a subquery reads, as far as it stands by itself."""
    from kinesis_sim.analytics.planning import select

    while isinstance(query, exp.Subquery):
        only(query, "this")
        query = query.this
    if not isinstance(query, exp.Select) or query.args.get("with_") is not None:
        return _alone(planner.query(query))
    with planner.within(query):
        relation, wanted = select.begun(planner, query)
        ties = [term for term in wanted if _looks_out(term, relation.fields, outside)]
        if not ties:
            return _alone(select.finished(planner, query, relation, wanted))
        only(query, *_PLAIN)
        found = next(trees.aggregates(exp.Tuple(expressions=query.expressions)), None)
        if found is not None:
            raise unsupported(found, "An aggregate here, in a subquery that looks outside,")
        own = [term for term in wanted if term not in ties]
        relation = sources.materialised(planner, select.filtered(planner, relation, own))
    here = planner.expressions(relation.fields)
    constants = isinstance(node, exp.Exists)
    listed = [] if constants else select.listed(query, relation.fields)
    return Inner(relation, [here(one.node) for one in listed], ties)


def _alone(relation: Relation) -> Inner:
    """A subquery that looks at nothing but what it reads itself."""
    columns = [column(one.kind, at) for at, one in enumerate(relation.fields) if not one.hidden]
    return Inner(relation, columns, [])


def _looks_out(term: exp.Expr, inside: Fields, outside: Fields) -> bool:
    """Whether a term names a column that only the query around has."""
    return not held(term) and any(
        not _known(one, inside) and _known(one, outside) for one in term.find_all(exp.Column)
    )


def _known(node: exp.Column, fields: Fields) -> bool:
    """Whether a column, or a field of a row, is among these."""
    table = node.table or None
    return bool(fields.places(node.name, table)) or bool(table and fields.places(table))


def _side(node: exp.Expr, inside: Fields) -> int | None:
    """0 for an expression over the query around, 1 over the subquery, None over both or none."""
    sides = {int(_known(one, inside)) for one in node.find_all(exp.Column)}
    return sides.pop() if len(sides) == 1 else None


def _both(planner: Planner, left: Fields, right: Fields) -> Expressions:
    """A compiler over rows of both, in which names are the subquery's before the other's."""
    width = len(left)

    def hook(node: exp.Expr) -> Typed | None:
        if not isinstance(node, exp.Column) or not right.places(node.name, node.table or None):
            return None
        at = right.find(node, node.name, node.table or None)
        return column(right[at].kind, width + at, right[at].time)

    return planner.expressions(left + right, hook)


def _moved(part: Typed, width: int) -> Typed:
    """An expression over the right row, as one over both."""
    if part.place is not None:
        return column(part.kind, width + part.place, part.time)
    of = part.of
    return replace(part, of=lambda row: of(row[width:]))


# --- IN, EXISTS ---------------------------------------------------------------------------------


def _matched(
    planner: Planner,
    left: Relation,
    node: exp.Expr,
    query: exp.Expr,
    values: list[exp.Expr],
    *,
    negated: bool,
) -> Relation:
    """Left rows that have a match; negated: that have none."""
    left = sources.materialised(planner, left)
    inner = _inner(planner, left.fields, node, query)
    right = sources.materialised(planner, inner.relation)
    if values and len(values) != len(inner.columns):
        raise wrong(node, f"{len(values)} values IN a list of {len(inner.columns)} columns.")
    width = len(left.fields)
    outer = planner.expressions(left.fields)
    compared = [
        _alike(outer, node, outer(value), _moved(shown, width))
        for value, shown in zip(values, inner.columns, strict=False)
    ]
    pairs, tests = _tied(planner, left.fields, right.fields, inner.ties)
    if negated:  # NULL on either side is a match that cannot be ruled out
        tests += [_maybe_equal(*pair) for pair in compared]
    else:
        pairs = compared + pairs
    kind = "anti" if negated else "semi"
    windowed = _windows(left, right, pairs)
    if windowed is not None:
        pairs, operator_bounds, time = windowed
        operator = WindowJoin(_pairing(left, right, pairs, tests, kind), operator_bounds, time)
        made = planner.join(operator, [left, right], left.fields.without_time())
        (start, end), _ = operator_bounds
        return replace(made, bounds=Bounds(start, end, time))
    joined = RegularJoin(_pairing(left, right, pairs, tests, kind))
    made = planner.join(joined, [left, right], left.fields.without_time())
    return replace(made, changing=left.changing or right.changing or negated)


def _alike(here: Expressions, node: exp.Expr, one: Typed, other: Typed) -> Pair:
    first, second = here.alike(node, [one, other])
    return first, second


def _tied(
    planner: Planner, left: Fields, right: Fields, ties: list[exp.Expr]
) -> tuple[list[Pair], list[Callable[..., Any]]]:
    """Terms that look outside: equal pairs of both rows, and tests of both together."""
    here = _both(planner, left, right)
    pairs: list[Pair] = []
    tests: list[Callable[..., Any]] = []
    for term in ties:
        sides = (
            [_side(part, right) for part in (term.this, term.expression)]
            if isinstance(term, exp.EQ)
            else []
        )
        if sorted(side for side in sides if side is not None) == [0, 1]:
            parts = [term.this, term.expression]
            if sides[0] == 1:
                parts.reverse()
            pairs.append(_alike(here, term, *here.all(parts)))
        else:
            tests.append(here.condition(term).of)
    return pairs, tests


def _maybe_equal(one: Typed, other: Typed) -> Callable[..., Any]:
    left, right = one.of, other.of

    def test(row: tuple[Any, ...]) -> bool:
        first, second = left(row), right(row)
        return first is None or second is None or first == second

    return test


def _pairing(
    left: Relation,
    right: Relation,
    pairs: list[Pair],
    tests: list[Callable[..., Any]],
    kind: str,
) -> Pairing:
    width = len(left.fields)
    return Pairing(
        ([one.of for one, _ in pairs], [joining.of_right(other, width) for _, other in pairs]),
        (width, len(right.fields)),
        (lambda row: all(test(row) is True for test in tests)) if tests else None,
        kind=kind,
    )


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


# --- subqueries as values -----------------------------------------------------------------------


def _rejects(term: exp.Expr) -> bool:
    """Whether a term is not true where its subquery gives NULL."""
    asked, _ = _asked(term)
    if not isinstance(asked, _REJECTS):
        return False
    for found in asked.find_all(exp.Subquery):
        at = found.parent
        while at is not asked:
            if not isinstance(at, _CARRIES):
                return False
            at = at.parent
    return True


def _valued(
    planner: Planner, relation: Relation, nodes: list[exp.Expr], *, inner: bool
) -> tuple[Relation, list[exp.Expr]]:
    """The nodes with their subqueries as columns that the relation has gained."""
    made = []
    for node in nodes:
        copy = exp.Paren(this=node.copy())
        for found in _values(copy.this):
            relation, replaced = _column(planner, relation, found, inner=inner)
            found.replace(replaced)
        made.append(copy.this)
    return relation, made


def _values(node: exp.Expr) -> list[exp.Subquery]:
    """Subqueries as values, outermost ones; none that IN or EXISTS asks."""
    if isinstance(node, exp.Subquery):
        return [node]
    if isinstance(node, exp.Exists) or (isinstance(node, exp.In) and node.args.get("query")):
        raise unsupported(node, "IN (SELECT …) or EXISTS other than a term of WHERE")
    return [found for one in node.iter_expressions() for found in _values(one)]


def _column(
    planner: Planner, left: Relation, node: exp.Subquery, *, inner: bool
) -> tuple[Relation, exp.Expr]:
    """The relation with the value of a subquery as a hidden column, and the node that reads it."""
    only(node, "this")
    query = node.this
    if not isinstance(query, exp.Select) or not _is_one_row(query):
        raise unsupported(node, "A subquery as a value, other than an aggregate of all it reads,")
    if len(query.expressions) != 1:
        raise wrong(node, f"A subquery as a value has one column, not {len(query.expressions)}.")
    counts = _counts(query.expressions[0])
    left = sources.materialised(planner, left)
    right, pairs = _one_row(planner, left, node, query)
    if pairs and counts:
        if not _is_count(query.expressions[0]):
            raise unsupported(node, "COUNT within a calculation, in a subquery that looks outside,")
        inner = False
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
    return replace(made, changing=True), _reading(node, name, counts=bool(pairs and counts))


def _reading(node: exp.Expr, name: str, *, counts: bool) -> exp.Expr:
    """What reads the column, with the place of the subquery in the text."""
    read: exp.Expr = exp.Paren(this=exp.column(name, table=name, quoted=True))
    if counts:  # no row is a count of none
        parts = [read, exp.Literal.number(0)]
        read = exp.Anonymous(this="COALESCE", expressions=parts)
    read.meta.update(node.meta)
    return read


def _one_row(
    planner: Planner, left: Relation, node: exp.Expr, query: exp.Select
) -> tuple[Relation, list[Pair]]:
    """The one row of an aggregate; where it looks outside, one for each key that it is tied by."""
    from kinesis_sim.analytics.planning import select

    with planner.within(query):
        relation, wanted = select.begun(planner, query)
        ties = [term for term in wanted if _looks_out(term, relation.fields, left.fields)]
        if not ties:
            return select.finished(planner, query, relation, wanted), []
        only(query, "expressions", "from_", "joins", "laterals", "where")
        own = [term for term in wanted if term not in ties]
        relation = sources.materialised(planner, select.filtered(planner, relation, own))
        outer, keys = _keys(node, ties, relation.fields)
        grouped = grouping.Grouped(planner, relation, keys, None)
        parts = grouped.expressions.all([*keys, query.expressions[0]])
        gathered = grouped.finished()
        fields = Fields(Field(f"${at}", part.kind) for at, part in enumerate(parts))
        made = select.projected(planner, gathered, fields, parts)
    here = planner.expressions(left.fields)
    values = [here(one) for one in outer]
    width = len(left.fields)
    return made, [
        _alike(here, node, value, column(field.kind, width + at))
        for at, (value, field) in enumerate(zip(values, fields, strict=False))
    ]


def _keys(
    node: exp.Expr, ties: list[exp.Expr], inside: Fields
) -> tuple[list[exp.Expr], list[exp.Expr]]:
    """Of terms that say that something outside equals something inside: both. Else refused."""
    outer, inner = [], []
    for term in ties:
        parts = [term.this, term.expression] if isinstance(term, exp.EQ) else []
        sides = [_side(part, inside) for part in parts]
        if sides not in ([0, 1], [1, 0]):
            raise unsupported(term, "Looking outside other than by =, in a subquery as a value,")
        outer.append(parts[sides.index(0)])
        inner.append(parts[sides.index(1)])
    return outer, inner


def _is_one_row(query: exp.Select) -> bool:
    """Whether a query gives exactly one row: an aggregate without GROUP BY."""
    gathers = any(True for one in query.expressions for _ in trees.aggregates(one))
    return gathers and not any(query.args.get(name) for name in ("group", "having", "limit"))


def _counts(node: exp.Expr) -> bool:
    return any(str(one.this).upper() == "COUNT" for one in trees.aggregates(node))


def _is_count(node: exp.Expr) -> bool:
    inner = node.this if isinstance(node, exp.Alias) else node
    return isinstance(inner, exp.Anonymous) and str(inner.this).upper() == "COUNT"
