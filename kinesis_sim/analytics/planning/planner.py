"""The way from a query to its operators.

A ``Planner`` plans one statement: ``query`` gives the relation of a tree, ``add`` puts an operator
behind it. Operators are numbered as they are made, and named by what they are, so that a snapshot
knows them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Protocol

from sqlglot import exp

from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.functions.registry import functions
from kinesis_sim.analytics.operators.ends import TableEntry, ToldRows
from kinesis_sim.analytics.operators.operator import Budget, Junction, Operator
from kinesis_sim.analytics.planning import trees
from kinesis_sim.analytics.planning.relation import Reference, Relation
from kinesis_sim.analytics.sql.expressions import Expressions, Hook, Surround
from kinesis_sim.analytics.sql.fields import Fields
from kinesis_sim.analytics.sql.nodes import only, unsupported


class Catalog(Protocol):
    """What names in FROM mean; each language has its own."""

    def relation(self, planner: Planner, node: exp.Table) -> Relation:
        """The relation of a table, view or stream. Raises SqlValidationError for unknown ones."""

    def reference(self, name: str) -> Reference | None:
        """A table that stands still; None when the name is another's."""

    def table_function(self, planner: Planner, node: exp.Expr, call: exp.Anonymous) -> Relation:
        """``TABLE(f(…))`` in FROM, where f is no window. Raises NotSupportedInSql."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A statement's operators, by their names in a snapshot, and where rows of tables go in.

    told: where rows go in that the statement tells itself.
    """

    relation: Relation
    operators: dict[str, Operator]
    entries: dict[str, list[TableEntry]]
    told: list[ToldRows]


class Planner:
    """Plans one statement. prefix: begins the names of its operators."""

    def __init__(
        self, catalog: Catalog, around: Surround, budget: Budget, prefix: str = ""
    ) -> None:
        self.catalog = catalog
        self.around = around
        self.budget = budget
        self.prefix = prefix
        self.operators: dict[str, Operator] = {}
        self.entries: dict[str, list[TableEntry]] = {}
        self.told: list[ToldRows] = []
        self.named: dict[str, exp.Expr] = {}
        self._within: list[exp.Expr] = []
        _load(around.kinesis)

    def planned(self, relation: Relation) -> Planned:
        """All that was made on the way to a relation."""
        return Planned(relation, self.operators, self.entries, self.told)

    def expressions(self, fields: Fields, hook: Hook | None = None) -> Expressions:
        """A compiler of expressions over these columns."""
        return Expressions(fields, self.around, hook)

    def entry(self, table: str) -> TableEntry:
        """A new place where rows of a table go in."""
        made = TableEntry()
        self.know(made, "")
        self.entries.setdefault(table, []).append(made)
        return made

    def tell(self, rows: Callable[[], list[Row]], fields: Fields) -> Relation:
        """The relation of rows that the statement tells itself."""
        made = ToldRows(rows)
        self.know(made, "")
        self.told.append(made)
        return Relation(fields=fields, tail=made)

    def know(self, operator: Operator, form: str | None) -> None:
        """Give an operator its name, what its state is of, and its share of the budget."""
        operator.budget = self.budget
        if operator.kept:
            operator.form = self._form() if form is None else form
        number = len(self.operators) + 1
        self.operators[f"{self.prefix}{number} {operator.title}"] = operator

    def _form(self) -> str:
        """What the query says that is being planned, however it is written."""
        return trees.said(self._within[-1]) if self._within else ""

    def add(
        self, relation: Relation, operator: Operator, fields: Fields, *, form: str | None = None
    ) -> Relation:
        """The relation behind an operator; bounds stay only where nobody says otherwise.

        form: what its state is of, where that is less than all that its query says.
        """
        self.know(operator, form)
        relation.tail.feed(operator)
        return replace(relation, tail=operator, fields=fields)

    def join(
        self,
        junction: Junction,
        relations: list[Relation],
        fields: Fields,
        *,
        form: str | None = None,
    ) -> Relation:
        """The relation of several that meet. form: see ``add``."""
        self.know(junction, form)
        for inlet, relation in zip(junction.inlets, relations, strict=True):
            relation.tail.feed(inlet)
        return Relation(fields=fields, tail=junction)

    # --- queries --------------------------------------------------------------------------------

    def query(self, node: exp.Expr) -> Relation:
        """The relation of a query. Raises NotSupportedInSql, SqlValidationError."""
        from kinesis_sim.analytics.planning import select, sets, sources

        with self.within(node):
            with_ = node.args.get("with_")
            if with_ is not None:
                return self._with(node, with_)
            if isinstance(node, exp.Subquery):
                only(node, "this", "alias")
                return self.query(node.this)
            if isinstance(node, exp.SetOperation):
                return sets.planned(self, node)
            if isinstance(node, exp.Select):
                return select.planned(self, node)
            if isinstance(node, exp.Values):
                return sources.told(self, node)
            raise unsupported(node)

    @contextmanager
    def within(self, node: exp.Expr) -> Iterator[None]:
        """While a query is planned. Raises NotSupportedInSql for one that is nested too deeply."""
        if len(self._within) >= 50:
            raise unsupported(node, "A query nested deeper than 50")
        self._within.append(node)
        try:
            yield
        finally:
            self._within.pop()

    def _with(self, node: exp.Expr, with_: exp.Expr) -> Relation:
        if with_.args.get("recursive"):
            raise unsupported(with_, "WITH RECURSIVE")
        before = dict(self.named)
        for one in with_.expressions:
            self.named[one.alias] = _renamed(one)
        rest = node.copy()
        rest.set("with_", None)
        try:
            return self.query(rest)
        finally:
            self.named = before


def _renamed(one: exp.CTE) -> exp.Expr:
    """The query of a name in WITH, under the columns' names where it gives them."""
    if not one.args["alias"].args.get("columns"):
        return one.this  # type: ignore[no-any-return]
    inner = exp.Subquery(this=one.this.copy(), alias=one.args["alias"].copy())
    renamed = exp.Select(expressions=[exp.Star()], from_=exp.From(this=inner))
    renamed.meta.update(one.meta)
    return renamed


@cache
def _load(kinesis: bool) -> None:
    """Have all that compiles expressions register itself."""
    for module in ("arithmetic", "conditions", "expressions"):
        import_module(f"kinesis_sim.analytics.sql.{module}")
    functions(kinesis)
