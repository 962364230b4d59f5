"""What CREATE TABLE and CREATE VIEW declare, and how a table's rows enter a query."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from kinesis_sim.analytics.operators.calc import Projection
from kinesis_sim.analytics.operators.ends import Watermarks
from kinesis_sim.analytics.planning import trees
from kinesis_sim.analytics.planning.planner import Planner
from kinesis_sim.analytics.planning.relation import Reference, Relation
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.analytics.sql.expressions import Expressions
from kinesis_sim.analytics.sql.fields import EVENT, Field, Fields
from kinesis_sim.analytics.sql.nodes import unsupported, wrong
from kinesis_sim.analytics.sql.statements import ColumnDefinition, CreateTable, CreateView
from kinesis_sim.analytics.types.incoming import Reader, reader
from kinesis_sim.analytics.types.sqltype import BOOLEAN

CONNECTORS = ("kinesis", "firehose", "filesystem", "print", "blackhole", "datagen")
"""Connectors that a table may name; without any, rows are given by whoever runs the query."""


@dataclass(frozen=True, slots=True)
class FlinkTable:
    """A table as declared. given: the columns that rows bring; readers: of their values."""

    statement: CreateTable
    given: tuple[ColumnDefinition, ...]
    readers: tuple[Reader, ...]

    @staticmethod
    def of(statement: CreateTable) -> FlinkTable:
        """A table of a statement. Raises SqlValidationError."""
        names = [column.name for column in statement.columns]
        double = next((name for name in names if names.count(name) > 1), None)
        if double is not None:
            raise SqlValidationError(f"Table {statement.name} has two columns {double!r}.")
        given = tuple(column for column in statement.columns if column.kind is not None)
        kinds = [column.kind or BOOLEAN for column in given]
        return FlinkTable(statement, given, tuple(map(reader, kinds)))

    @property
    def name(self) -> str:
        """Its name."""
        return self.statement.name

    @property
    def connector(self) -> str:
        """Its connector; empty when it names none."""
        return self.statement.options.get("connector", "")

    def fields(self) -> Fields:
        """The columns that rows bring."""
        return Fields(Field(one.name, one.kind or BOOLEAN) for one in self.given)

    def written(self) -> list[ColumnDefinition]:
        """The columns that INSERT INTO fills."""
        return [one for one in self.given if not one.virtual]


class FlinkCatalog:
    """Tables and views of a session; by_split, batch: see ``FlinkSession``."""

    def __init__(self, *, by_split: bool = False, batch: bool = False) -> None:
        self.tables: dict[str, FlinkTable] = {}
        self.views: dict[str, CreateView] = {}
        self.references: dict[str, Reference] = {}
        self.by_split = by_split
        self.batch = batch

    def reference(self, name: str) -> Reference | None:
        """A table that is looked up."""
        return self.references.get(name)

    def table_function(self, planner: Planner, node: exp.Expr, call: exp.Anonymous) -> Relation:
        """Flink's windows are known already; there are no others. Raises NotSupportedInSql."""
        raise unsupported(node, f"Table function {call.this}")

    def relation(self, planner: Planner, node: exp.Table) -> Relation:
        """A table, with its computed columns and watermark, or a view."""
        if node.name in self.views:
            return self._view(planner, node, self.views[node.name])
        if node.name in self.references:
            raise unsupported(node, "A lookup table other than on the right of a join")
        table = self.tables.get(node.name)
        if table is None:
            known = ", ".join([*self.tables, *self.views]) or "none"
            raise wrong(node, f"Table {node.name!r} is not there; there are: {known}.")
        return _opened(planner, table, self.by_split, self.batch)

    def _view(self, planner: Planner, node: exp.Table, view: CreateView) -> Relation:
        outside = planner.named
        planner.named = {}
        try:
            made = planner.query(view.query)
        finally:
            planner.named = outside
        if not view.columns:
            return made
        if len(view.columns) != len(made.fields):
            raise wrong(node, f"View {view.name} names {len(view.columns)} columns.")
        pairs = zip(made.fields, view.columns, strict=True)
        return replace(made, fields=Fields(replace(one, name=name) for one, name in pairs))


def _opened(planner: Planner, table: FlinkTable, by_split: bool, batch: bool) -> Relation:
    """Where a table's rows go in, and what is computed of them."""
    fields = table.fields()
    relation = Relation(fields=fields, tail=planner.entry(table.name))
    if len(table.given) < len(table.statement.columns):
        relation = _computed(planner, table, relation)
    if table.statement.watermark is None:
        return relation
    name, expression = table.statement.watermark
    at = relation.fields.find(expression, name)
    kind = relation.fields[at].kind
    if not kind.instant or (kind.precision or 0) > 3:
        raise SqlValidationError(
            f"Table {table.name}: column {name} is {kind}; a watermark is for TIMESTAMP(3) or "
            "TIMESTAMP_LTZ(3)."
        )
    mark = planner.expressions(relation.fields)(expression)
    if not mark.kind.instant:
        raise wrong(expression, f"A watermark is a timestamp; this is {mark.kind}.")
    columns = [
        replace(one, time=EVENT) if place == at else one
        for place, one in enumerate(relation.fields)
    ]
    moves = (lambda row: None) if batch else mark.of
    said = f"{table.name}.{name}: {trees.canonical(expression, relation.fields)}"
    operator = Watermarks(lambda row: row[at], moves, by_split=by_split, said=said)
    return planner.add(relation, operator, Fields(columns), form="")


def _computed(planner: Planner, table: FlinkTable, relation: Relation) -> Relation:
    here: Expressions = planner.expressions(relation.fields)
    parts, columns = [], []
    for one in table.statement.columns:
        if one.computed is not None:
            made = here(one.computed)
            columns.append(Field(one.name, made.kind, time=made.time))
        else:
            at = relation.fields.places(one.name)[0]
            made = here.place(one.name, exp.column(one.name))
            columns.append(relation.fields[at])
        parts.append(made)
    operator = Projection([part.of for part in parts], [part.place for part in parts])
    return planner.add(relation, operator, Fields(columns))
