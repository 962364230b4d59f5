"""What a subquery reads, and how what it says of the query around ties it to that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.planning import joining, sources, trees
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.expressions import Expressions
from kinesis_sim.analytics.sql.fields import Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported
from kinesis_sim.analytics.sql.typed import Typed, column

Pair = tuple[Typed, Typed]
_PLAIN = ("expressions", "distinct", "from_", "joins", "laterals", "where")
"""Clauses of a subquery that may look at the query around it."""


@dataclass(frozen=True, slots=True)
class Inner:
    """What a subquery reads. columns: what it shows; ties: terms that look at the query around it.

    Where there are such terms, the relation is its FROM, and columns are over all of that. pairs:
    what of both is equal, where the terms are done with.
    """

    relation: Relation
    columns: list[Typed]
    ties: list[exp.Expr]
    pairs: list[Pair] | None = None

    @property
    def is_alone(self) -> bool:
        """Whether it looks at nothing but what it reads itself."""
        return not self.ties and self.pairs is None

    def tied(
        self, planner: Planner, left: Fields, right: Fields
    ) -> tuple[list[Pair], list[Callable[..., Any]]]:
        """What ties it to the query around: see the function of this name."""
        return tied(planner, left, right, self.ties) if self.pairs is None else (self.pairs, [])


def bare(query: exp.Expr) -> exp.Expr:
    """A query without brackets around it."""
    while isinstance(query, exp.Subquery):
        only(query, "this")
        query = query.this
    return query


def inner(planner: Planner, outside: Fields, node: exp.Expr, query: exp.Expr) -> Inner:
    """What a subquery reads, as far as it stands by itself."""
    from kinesis_sim.analytics.planning import select

    query = bare(query)
    if not isinstance(query, exp.Select) or query.args.get("with_") is not None:
        return _alone(planner.query(query))
    with planner.within(query):
        relation, wanted = select.begun(planner, query)
        ties = [term for term in wanted if looks_out(term, relation.fields, outside)]
        if not ties:
            return _alone(select.finished(planner, query, relation, wanted))
        own = [term for term in wanted if term not in ties]
        if query.args.get("group") or query.args.get("having"):
            only(query, *_PLAIN, "group", "having")
            relation = sources.materialised(planner, select.filtered(planner, relation, own))
            return _of_groups(planner, outside, node, query, relation, ties)
        if query.args.get("limit"):
            raise unsupported(
                query.args["limit"],
                "LIMIT in a subquery that looks outside, which Flink takes of all its rows,",
            )
        only(query, *_PLAIN)
        found = next(trees.aggregates(exp.Tuple(expressions=query.expressions)), None)
        if found is not None:
            raise unsupported(found, "An aggregate here, in a subquery that looks outside,")
        relation = sources.materialised(planner, select.filtered(planner, relation, own))
    here = planner.expressions(relation.fields)
    constants = isinstance(node, exp.Exists)
    listed = [] if constants else select.listed(query, relation.fields)
    return Inner(relation, [here(one.node) for one in listed], ties)


def _of_groups(
    planner: Planner,
    outside: Fields,
    node: exp.Expr,
    query: exp.Select,
    relation: Relation,
    ties: list[exp.Expr],
) -> Inner:
    """A subquery with GROUP BY or HAVING, which it comes to for each key it is tied by."""
    from kinesis_sim.analytics.planning import keyed, select

    keys = keyed.keys(ties, relation.fields)
    if keys is None:
        raise unsupported(ties[0], "GROUP BY or HAVING beside a tie other than equality")
    group, having = query.args.get("group"), query.args.get("having")
    if having is not None:
        own = list(group.expressions) if group is not None else []
        names = {trees.canonical(one, relation.fields) for one in (*keys[1], *own)}
        if not own or len(names) > 1:  # measured on 1.20.3: other rows, or a planner that fails
            raise unsupported(
                having,
                "HAVING in a subquery that looks outside, other than behind GROUP BY of the one "
                "column it is tied by,",
            )
    listed = [] if isinstance(node, exp.Exists) else select.listed(query, relation.fields)
    made = keyed.gathered(planner, relation, query, keys[1], [one.node for one in listed])
    pairs = keyed.met(planner, outside, node, keys[0], made.fields)
    shown = list(enumerate(made.fields))[len(keys[1]) :]
    return Inner(made, [column(one.kind, at) for at, one in shown], [], pairs)


def _alone(relation: Relation) -> Inner:
    """A subquery that looks at nothing but what it reads itself."""
    columns = [column(one.kind, at) for at, one in enumerate(relation.fields) if not one.hidden]
    return Inner(relation, columns, [])


def looks_out(term: exp.Expr, inside: Fields, outside: Fields) -> bool:
    """Whether a term names a column that only the query around has."""
    return not trees.held(term) and any(
        not _known(one, inside) and _known(one, outside) for one in term.find_all(exp.Column)
    )


def _known(node: exp.Column, fields: Fields) -> bool:
    """Whether a column, or a field of a row, is among these."""
    table = node.table or None
    return bool(fields.places(node.name, table)) or bool(table and fields.places(table))


def side(node: exp.Expr, inside: Fields) -> int | None:
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


def moved(part: Typed, width: int) -> Typed:
    """An expression over the right row, as one over both."""
    if part.place is not None:
        return column(part.kind, width + part.place, part.time)
    of = part.of
    return replace(part, of=lambda row: of(row[width:]))


def alike(here: Expressions, node: exp.Expr, one: Typed, other: Typed) -> Pair:
    """Two expressions, brought to a type that they have in common."""
    first, second = here.alike(node, [one, other])
    return first, second


def tied(
    planner: Planner, left: Fields, right: Fields, ties: list[exp.Expr]
) -> tuple[list[Pair], list[Callable[..., Any]]]:
    """Terms that look outside: equal pairs of both rows, and tests of both together."""
    here = _both(planner, left, right)
    pairs: list[Pair] = []
    tests: list[Callable[..., Any]] = []
    for term in ties:
        sides = (
            [side(part, right) for part in (term.this, term.expression)]
            if isinstance(term, exp.EQ)
            else []
        )
        if sorted(one for one in sides if one is not None) == [0, 1]:
            parts = [term.this, term.expression]
            if sides[0] == 1:
                parts.reverse()
            pairs.append(alike(here, term, *here.all(parts)))
        else:
            tests.append(here.condition(term).of)
    return pairs, tests


def paired(
    left: Relation,
    right: Relation,
    pairs: list[Pair],
    tests: list[Callable[..., Any]],
    kind: str,
) -> Pairing:
    """What a join knows of equal pairs, tests of both rows, and what it keeps."""
    width = len(left.fields)
    return Pairing(
        ([one.of for one, _ in pairs], [joining.of_right(other, width) for _, other in pairs]),
        (width, len(right.fields)),
        (lambda row: all(test(row) is True for test in tests)) if tests else None,
        kind=kind,
    )
