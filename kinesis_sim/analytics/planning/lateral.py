"""LATERAL (SELECT …): a subquery in FROM that may look at the tables named before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from kinesis_sim.analytics.operators.joins.regular import RegularJoin
from kinesis_sim.analytics.planning import keyed, sources, trees
from kinesis_sim.analytics.planning.correlation import Pair, bare, looks_out, paired, tied
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Relation
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported
from kinesis_sim.analytics.sql.typed import column

if TYPE_CHECKING:
    from kinesis_sim.analytics.planning.select import Shown

Test = Callable[..., Any]
_CLAUSES = ("expressions", "distinct", "from_", "joins", "where", "group", "having")
"""Those of a subquery that may look outside; Flink's planner fails on the others."""


class Lateral:
    """One such subquery beside the relation it looks at.

    outer: whether left rows without any of its rows are kept. Of what is gathered of no row there
    is none, a count of 0 neither, unless it is ``outer``, as Flink has it (measured on 1.20.3).
    """

    def __init__(self, planner: Planner, left: Relation, node: exp.Lateral, *, outer: bool) -> None:
        self.planner = planner
        self.left = sources.materialised(planner, left)
        self.node = node
        self.outer = outer

    def joined(self) -> Relation:
        """Left rows beside those of the subquery that are tied to them."""
        from kinesis_sim.analytics.planning import select

        query = bare(self.node.this)
        if not isinstance(query, exp.Select) or query.args.get("with_") is not None:
            return self._beside(self.planner.query(query), ([], []))
        with self.planner.within(query):
            relation, wanted = select.begun(self.planner, query)
            outside = self.left.fields
            for one in query.expressions:
                if looks_out(one, relation.fields, outside):
                    raise unsupported(one, "A column from outside in the list of LATERAL")
            ties = [term for term in wanted if looks_out(term, relation.fields, outside)]
            if not ties:
                alone = select.finished(self.planner, query, relation, wanted)
                return self._beside(alone, ([], []))
            only(query, *_CLAUSES)
            own = [term for term in wanted if term not in ties]
            kept = select.filtered(self.planner, relation, own)
            return self._tied(query, sources.materialised(self.planner, kept), ties)

    def _tied(self, query: exp.Select, relation: Relation, ties: list[exp.Expr]) -> Relation:
        """What is shown of rows, or gathered of them, for each left row."""
        from kinesis_sim.analytics.planning import select

        gathers = any(True for one in query.expressions for _ in trees.aggregates(one))
        grouped = bool(query.args.get("group") or query.args.get("having"))
        if not gathers and not grouped and not query.args.get("distinct"):
            found = tied(self.planner, self.left.fields, relation.fields, ties)
            return self._beside(_shown(self.planner, relation, query), found)
        shown = select.listed(query, relation.fields)
        keys = keyed.keys(ties, relation.fields)
        if gathers and not grouped and (self.outer or keys is None):
            return self._counted(relation, shown, ties)
        if keys is None:
            raise unsupported(
                ties[0], "LATERAL with GROUP BY, HAVING or DISTINCT and a tie other than equality"
            )
        nodes = [one.node for one in shown]
        made = keyed.gathered(self.planner, relation, query, keys[1], nodes)
        names = [None] * len(keys[1]) + [one.name for one in shown]
        fields = Fields(
            replace(one, hidden=True) if name is None else replace(one, name=name)
            for name, one in zip(names, made.fields, strict=True)
        )
        pairs = keyed.met(self.planner, self.left.fields, self.node, keys[0], fields)
        return self._beside(replace(made, fields=fields), (pairs, []))

    def _beside(self, right: Relation, found: tuple[list[Pair], list[Test]]) -> Relation:
        """The join of both. found: pairs that are equal, and tests of both rows."""
        left = self.left
        right = sources.aliased(self.node, sources.materialised(self.planner, right))
        pairing = replace(paired(left, right, *found, "inner"), outer=(self.outer, False))
        fields = left.fields.without_time() + right.fields.without_time()
        made = self.planner.join(RegularJoin(pairing), [left, right], fields)
        return replace(made, changing=left.changing or right.changing or self.outer)

    def _counted(self, right: Relation, shown: list[Shown], ties: list[exp.Expr]) -> Relation:
        """What each left row's own matches come to, be it none of them."""
        from kinesis_sim.analytics.planning import select

        nodes = [one.node for one in shown]
        some = not self.outer
        made, parts = keyed.beside(self.planner, self.left, right, nodes, ties, some=some)
        told = Relation(
            fields=Fields(
                Field(one.name, part.kind) for one, part in zip(shown, parts, strict=True)
            ),
            tail=made.tail,
        )
        fields = self.left.fields.without_time() + sources.aliased(self.node, told).fields
        own = [column(one.kind, at) for at, one in enumerate(self.left.fields)]
        return select.projected(self.planner, made, fields, [*own, *parts])


def _shown(planner: Planner, relation: Relation, query: exp.Select) -> Relation:
    """What a subquery shows, behind all that it reads, which the ties may need."""
    from kinesis_sim.analytics.planning import select

    here = planner.expressions(relation.fields)
    parts = [column(one.kind, at, one.time) for at, one in enumerate(relation.fields)]
    fields = [replace(one, name=f"${at}", hidden=True) for at, one in enumerate(relation.fields)]
    for one in select.listed(query, relation.fields):
        parts.append(here(one.node))
        fields.append(Field(one.name, parts[-1].kind))
    return select.projected(planner, relation, Fields(fields), parts)
