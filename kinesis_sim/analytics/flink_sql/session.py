"""A session of Flink SQL: statements one after another, and the job that its inserts make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kinesis_sim.analytics.answer import SqlAnswer
from kinesis_sim.analytics.flink_sql.tables import CONNECTORS, FlinkCatalog, FlinkTable
from kinesis_sim.analytics.job import Job
from kinesis_sim.analytics.operators.ends import ResultLog
from kinesis_sim.analytics.operators.operator import Budget
from kinesis_sim.analytics.planning import select
from kinesis_sim.analytics.planning.planner import Planned, Planner
from kinesis_sim.analytics.planning.relation import Reference, Relation
from kinesis_sim.analytics.refusals import NotSupportedInSql, SqlLimitExceeded, SqlValidationError
from kinesis_sim.analytics.sql.expressions import Surround
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.sql.reading import read
from kinesis_sim.analytics.sql.statements import (
    CreateTable,
    CreateView,
    DropObject,
    InsertStatement,
    QueryStatement,
    SetOption,
    SqlStatement,
    StatementSet,
    placed,
)
from kinesis_sim.analytics.types.incoming import reader
from kinesis_sim.analytics.types.sqltype import BOOLEAN, SqlType
from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError


class FlinkSession:
    """Tables, views and settings; ``job`` runs what INSERT INTO and SELECT said.

    functions: the learner's own, by name: a callable and its result's type. by_split: one
    watermark per shard, as the DataStream API has it, instead of one per source subtask. batch:
    watermarks come only when the input ends, as in batch mode.
    """

    def __init__(
        self,
        *,
        functions: Mapping[str, tuple[Callable[..., Any], SqlType]] | None = None,
        budget: Budget | None = None,
        by_split: bool = False,
        batch: bool = False,
    ) -> None:
        if functions is not None and not isinstance(functions, Mapping):
            raise UsageError(f"functions={said(functions)}: give a dict of functions by name.")
        own = {name.upper(): made for name, made in (functions or {}).items()}
        self.around = Surround(kinesis=False, functions=own)
        self.budget = budget or Budget()
        self.catalog = FlinkCatalog(by_split=by_split, batch=batch)
        self.options: dict[str, str] = {}
        self.answers: list[SqlAnswer] = []
        self.texts: list[str] = []
        self._planned: list[Planned] = []

    def execute(self, text: str) -> list[SqlAnswer]:
        """Run the statements of a text; the answers of its queries and inserts, empty until fed.

        Raises SqlError.
        """
        before = len(self.answers)
        self.texts.append(text)
        try:
            for statement in read(text, "flink"):
                with placed(statement):
                    self._execute(statement)
        except RecursionError:
            raise SqlLimitExceeded("The SQL nests too deeply; write it in steps.") from None
        return self.answers[before:]

    def look_up(self, name: str, columns: Mapping[str, SqlType], rows: list[Any]) -> None:
        """Have a table that joins look up: reference data that stands still."""
        fields = Fields(Field(one, kind) for one, kind in columns.items())
        readers = [reader(kind) for kind in columns.values()]
        made = tuple(
            tuple(read_(row.get(one)) for one, read_ in zip(columns, readers, strict=True))
            for row in rows
        )
        self.catalog.references[name] = Reference(fields, made)

    def job(self) -> Job:
        """All inserts and queries so far, as one job over the same tables."""
        return Job(self._planned, self.around)

    # --- statements -----------------------------------------------------------------------------

    def _execute(self, statement: SqlStatement) -> None:
        if isinstance(statement, CreateTable):
            self._create_table(statement)
        elif isinstance(statement, CreateView):
            self._create_view(statement)
        elif isinstance(statement, QueryStatement):
            self._run(f"query {len(self.answers) + 1}", statement, None)
        elif isinstance(statement, InsertStatement):
            self._insert(statement)
        elif isinstance(statement, StatementSet):
            for one in statement.inserts:
                self._insert(one)
        elif isinstance(statement, SetOption):
            self.options[statement.key] = statement.value
        elif isinstance(statement, DropObject):
            self._drop(statement)
        else:
            raise NotSupportedInSql(f"{type(statement).__name__} is no statement of Flink SQL.")

    def _create_table(self, statement: CreateTable) -> None:
        connector = statement.options.get("connector", "")
        if connector and connector not in CONNECTORS:
            raise NotSupportedInSql(
                f"Connector {connector!r} is not supported; there are {', '.join(CONNECTORS)}.",
                line=statement.line,
                column=1,
                construct=connector,
            )
        if not self._free(statement.name, statement.if_not_exists):
            return
        self.catalog.tables[statement.name] = FlinkTable.of(statement)
        # a watermark or computed column that does not fit is told now, not at the first query
        from sqlglot import exp

        scratch = Planner(self.catalog, self.around, Budget())
        try:
            self.catalog.relation(scratch, exp.to_table(f'"{statement.name}"'))
        except Exception:
            del self.catalog.tables[statement.name]
            raise

    def _create_view(self, statement: CreateView) -> None:
        if not self._free(statement.name, statement.if_not_exists):
            return
        Planner(self.catalog, self.around, Budget()).query(statement.query)
        self.catalog.views[statement.name] = statement

    def _free(self, name: str, quietly: bool) -> bool:
        if name not in self.catalog.tables and name not in self.catalog.views:
            return True
        if quietly:
            return False
        raise SqlValidationError(f"{name!r} exists already; drop it first.")

    def _drop(self, statement: DropObject) -> None:
        kept: dict[str, Any] = dict(
            self.catalog.tables if statement.kind == "TABLE" else self.catalog.views
        )
        if statement.name not in kept and not statement.if_exists:
            raise SqlValidationError(f"{statement.kind} {statement.name!r} is not there.")
        which = self.catalog.tables if statement.kind == "TABLE" else self.catalog.views
        which.pop(statement.name, None)

    def _insert(self, statement: InsertStatement) -> None:
        table = self.catalog.tables.get(statement.target)
        if table is None:
            raise SqlValidationError(
                f"INSERT INTO {statement.target!r}: there is no such table.",
                line=statement.line,
                column=1,
                construct=statement.target,
            )
        self._run(statement.target, statement, table)

    def _run(
        self, name: str, statement: QueryStatement | InsertStatement, target: FlinkTable | None
    ) -> None:
        planner = Planner(
            self.catalog, self.around, self.budget, prefix=f"{len(self._planned) + 1}."
        )
        relation = planner.query(statement.query)
        if target is not None and isinstance(statement, InsertStatement):
            relation = _fitted(planner, statement, relation, target)
        results = ResultLog()
        relation = planner.add(relation, results, relation.fields, form="")
        planned = planner.planned(relation)
        self._planned.append(planned)
        self.answers.append(
            SqlAnswer(name, relation.fields, results, planned.operators, changing=relation.changing)
        )


def _fitted(
    planner: Planner, statement: InsertStatement, relation: Relation, target: FlinkTable
) -> Relation:
    """The query's columns as the target's. Raises SqlValidationError where they do not fit."""
    wanted = target.written()
    names = [one.name for one in wanted]
    given = list(statement.columns) or names
    unknown = next((name for name in given if name not in names), None)
    if unknown is not None:
        raise SqlValidationError(f"Table {target.name} has no column {unknown!r} to insert into.")
    if len(given) != len(relation.fields):
        shown = ", ".join(f"{one.name} {one.kind}" for one in relation.fields)
        raise SqlValidationError(
            f"INSERT INTO {target.name}: the query gives {len(relation.fields)} columns ({shown}), "
            f"{len(given)} are wanted ({', '.join(given)}).",
            line=statement.line,
            column=1,
        )
    kinds = {one.name: one.kind or BOOLEAN for one in wanted}
    fields = Fields(
        replace(one, name=name, kind=kinds[name], table=None)
        for one, name in zip(relation.fields, given, strict=True)
    )
    made = select.cast_to(planner, statement.query, relation, fields)
    if given == names:
        return made
    return _ordered(planner, made, wanted, given)


def _ordered(planner: Planner, made: Relation, wanted: list[Any], given: list[str]) -> Relation:
    """Columns in the table's order, NULL for those that were not named."""
    from kinesis_sim.analytics.sql.typed import column, constant

    parts, fields = [], []
    for one in wanted:
        kind = one.kind or BOOLEAN
        at = given.index(one.name) if one.name in given else None
        parts.append(constant(kind, None) if at is None else column(kind, at))
        fields.append(Field(one.name, kind))
    return select.projected(planner, made, Fields(fields), parts)
