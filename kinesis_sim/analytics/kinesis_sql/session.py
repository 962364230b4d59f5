"""An application's SQL: its in-application streams, its pumps, and time as the clock has it.

``put`` gives a row of the input, ``tick`` lets the clock go on. What comes due on the way happens
in the order of its time, each at its own instant, so that a pump that reads another's stream sees
rows as they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp

from kinesis_sim.analytics.forest.choice import Forests
from kinesis_sim.analytics.kinesis_sql.streams import (
    ERROR_COLUMNS,
    ERROR_STREAM,
    ROWTIME_FIELD,
    InAppStream,
    PumpEnd,
    RowGuard,
    error_row,
    shown_row,
)
from kinesis_sim.analytics.operators.ends import ResultLog
from kinesis_sim.analytics.operators.operator import NEVER, Budget, Operator
from kinesis_sim.analytics.operators.sessions import StaggerAggregate
from kinesis_sim.analytics.operators.windowed import WindowBuffer
from kinesis_sim.analytics.planning import select
from kinesis_sim.analytics.planning.planner import Planned, Planner
from kinesis_sim.analytics.planning.relation import Reference, Relation
from kinesis_sim.analytics.refusals import (
    NotSupportedInSql,
    SqlLimitExceeded,
    SqlValidationError,
    shortened,
)
from kinesis_sim.analytics.sql.expressions import Surround
from kinesis_sim.analytics.sql.fields import CLOCK, Field, Fields
from kinesis_sim.analytics.sql.nodes import wrong
from kinesis_sim.analytics.sql.reading import read
from kinesis_sim.analytics.sql.statements import (
    AlterPump,
    CreatePump,
    CreateStream,
    DropObject,
    InsertStatement,
    QueryStatement,
    SqlStatement,
    placed,
)
from kinesis_sim.analytics.state.snapshot import Snapshot
from kinesis_sim.analytics.types.incoming import reader
from kinesis_sim.analytics.types.sqltype import BOOLEAN, SqlType


class Pump:
    """A continuous INSERT INTO; a stopped one takes no rows."""

    def __init__(self, name: str, planned: Planned, target: str) -> None:
        self.name = name
        self.planned = planned
        self.target = target


class KinesisPlanner(Planner):
    """A planner that guards what can fail for a row."""

    def __init__(self, session: KinesisSession, pump: str) -> None:
        super().__init__(session, session.around, session.budget, prefix=f"{pump}.")
        self.session = session
        self.pump = pump

    def add(
        self, relation: Relation, operator: Operator, fields: Fields, *, form: str | None = None
    ) -> Relation:
        """The relation behind an operator; what a closing window's row raises is caught there."""
        made = super().add(relation, operator, fields, form=form)
        if isinstance(operator, WindowBuffer | StaggerAggregate):
            made = super().add(made, RowGuard(self.pump, self.session.failed), fields)
        return made


class KinesisSession:
    """The SQL of one application. It is the catalog of its own queries.

    forest_seed: what the random cut forests draw from; forest: "python", or "krcf", which is much
    faster and whose digits are others. Raises UsageError for another.
    """

    def __init__(
        self, *, budget: Budget | None = None, forest_seed: int = 0, forest: str = "python"
    ) -> None:
        self.around = Surround(kinesis=True)
        self.budget = budget or Budget()
        self.forests = Forests(forest_seed, forest)
        self.streams: dict[str, InAppStream] = {}
        self.pumps: dict[str, Pump] = {}
        self.references: dict[str, Reference] = {}
        self.clock = NEVER
        self._stream(ERROR_STREAM, ERROR_COLUMNS)

    # --- what there is --------------------------------------------------------------------------

    def _stream(self, name: str, fields: Fields) -> InAppStream:
        log = ResultLog()
        log.budget = self.budget
        made = self.streams[name] = InAppStream(name, fields, log)
        return made

    def declare(self, name: str, columns: Mapping[str, SqlType]) -> None:
        """An input's stream, with APPROXIMATE_ARRIVAL_TIME beside its columns, as AWS names it."""
        from kinesis_sim.analytics.types.sqltype import TIMESTAMP

        fields = [ROWTIME_FIELD, *(Field(one, kind) for one, kind in columns.items())]
        if "APPROXIMATE_ARRIVAL_TIME" not in columns:
            fields.append(Field("APPROXIMATE_ARRIVAL_TIME", TIMESTAMP, hidden=True))
        self._stream(name, Fields(fields))

    def refer(
        self, name: str, columns: Mapping[str, SqlType], rows: Iterable[Mapping[str, Any]]
    ) -> None:
        """Reference data; given again, it replaces what was there (facts/analytics §5)."""
        readers = [reader(kind) for kind in columns.values()]
        made = tuple(
            tuple(take(row.get(one)) for one, take in zip(columns, readers, strict=True))
            for row in rows
        )
        before = self.references.get(name)
        if before is not None:
            before.rows = made
        else:
            fields = Fields(Field(one, kind) for one, kind in columns.items())
            self.references[name] = Reference(fields, made)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows that came into a stream, each with its ROWTIME. Raises SqlValidationError."""
        stream = self._known(name)
        return [shown_row(stream.fields, row) for _, row in stream.log.changes]

    def _known(self, name: str) -> InAppStream:
        if name not in self.streams:
            known = ", ".join(self.streams)
            raise SqlValidationError(f"Stream {name!r} is not there; there are: {known}.")
        return self.streams[name]

    # --- the catalog of its queries -------------------------------------------------------------

    def relation(self, planner: Planner, node: exp.Table) -> Relation:
        """A stream by its name. Raises SqlValidationError."""
        name = node.name
        if name.lower() == ERROR_STREAM and name not in self.streams:
            name = ERROR_STREAM
        stream = self.streams.get(name)
        if stream is None:
            known = ", ".join(f'"{one}"' for one in self.streams)
            raise wrong(
                node,
                f"Stream {name!r} is not there; there are: {known}. A name without double quotes "
                "is read in capitals.",
            )
        relation = Relation(fields=stream.fields, tail=planner.entry(name))
        if isinstance(planner, KinesisPlanner):
            guard = RowGuard(planner.pump, self.failed)
            relation = planner.add(relation, guard, relation.fields)
        return relation

    def reference(self, name: str) -> Reference | None:
        """Reference data of a name."""
        return self.references.get(name)

    def table_function(self, planner: Planner, node: exp.Expr, call: exp.Anonymous) -> Relation:
        """RANDOM_CUT_FOREST and its like."""
        from kinesis_sim.analytics.kinesis_sql.table_functions import table_function

        return table_function(planner, node, call, self.forests)

    # --- statements -----------------------------------------------------------------------------

    def execute(self, text: str) -> None:
        """Run the statements of an application's code. Raises SqlError."""
        try:
            for statement in read(text, "kinesis"):
                with placed(statement):
                    self._execute(statement)
        except RecursionError:
            raise SqlLimitExceeded("The SQL nests too deeply; write it in steps.") from None

    def _execute(self, statement: SqlStatement) -> None:
        if isinstance(statement, CreateStream):
            self._create_stream(statement)
        elif isinstance(statement, CreatePump):
            self._create_pump(statement)
        elif isinstance(statement, InsertStatement):
            self._pump(f"pump {len(self.pumps) + 1}", statement, started=True)
        elif isinstance(statement, AlterPump):
            for name in statement.names:
                self._alter(name, statement.started)
        elif isinstance(statement, DropObject):
            self._drop(statement)
        elif isinstance(statement, QueryStatement):
            raise NotSupportedInSql(
                "A SELECT by itself has nowhere to go; write CREATE PUMP … AS INSERT INTO … SELECT "
                "STREAM ….",
                line=statement.line,
                column=1,
                construct=shortened(statement.text),
            )

    def _create_stream(self, statement: CreateStream) -> None:
        if statement.name in self.streams and not statement.replace:
            raise SqlValidationError(
                f"Stream {statement.name!r} exists already; write CREATE OR REPLACE STREAM."
            )
        columns = [Field(one.name, one.kind or BOOLEAN) for one in statement.columns]
        names = [one.name for one in columns]
        double = next((name for name in names if names.count(name) > 1), None)
        if double is not None:
            raise SqlValidationError(f"Stream {statement.name} has two columns {double!r}.")
        self._stream(statement.name, Fields([ROWTIME_FIELD, *columns]))

    def _create_pump(self, statement: CreatePump) -> None:
        if statement.name in self.pumps:
            if not statement.replace:
                raise SqlValidationError(f"Pump {statement.name!r} exists already.")
            self._alter(statement.name, started=False)
        self._pump(statement.name, statement.insert, started=not statement.stopped)

    def _pump(self, name: str, insert: InsertStatement, *, started: bool) -> None:
        if insert.target not in self.streams or insert.target == ERROR_STREAM:
            raise SqlValidationError(
                f"Pump {name}: stream {insert.target!r} is not there to insert into."
            )
        planner = KinesisPlanner(self, name)
        relation = _fitted(planner, planner.query(insert.query), insert, self.streams)
        relation.tail.feed(PumpEnd(self.streams[insert.target]))
        self.pumps[name] = Pump(name, planner.planned(relation), insert.target)
        if started:
            self._alter(name, started=True)

    def _alter(self, name: str, started: bool) -> None:
        pump = self.pumps.get(name)
        if pump is None:
            raise SqlValidationError(f"Pump {name!r} is not there.")
        for stream, entries in pump.planned.entries.items():
            for entry in entries:
                readers = self._known(stream).entries
                if started and entry not in readers:
                    readers.append(entry)
                if not started and entry in readers:
                    readers.remove(entry)

    def _drop(self, statement: DropObject) -> None:
        kept: dict[str, Any] = self.pumps if statement.kind == "PUMP" else self.streams
        if statement.name not in kept:
            if statement.if_exists:
                return
            raise SqlValidationError(f"{statement.kind} {statement.name!r} is not there.")
        if statement.kind == "PUMP":
            self._alter(statement.name, started=False)
        del kept[statement.name]

    # --- rows and time --------------------------------------------------------------------------

    def put(self, name: str, values: Mapping[str, Any], at: int) -> None:
        """Give an input's stream a row at an instant (epoch ms), which is its ROWTIME.

        What does not fit a column goes to error_stream, as coercion errors do.
        """
        self.tick(at)
        stream = self._known(name)
        row = [at]
        for one in list(stream.fields)[1:]:
            value = values.get(one.name)
            if one.hidden and value is None:
                value = at
            try:
                row.append(reader(one.kind)(value))
            except ValueError as error:
                self.failed(name, (at, *values.values()), error)
                return
        stream.put(tuple(row))

    def failed(self, pump: str, row: tuple[Any, ...], error: Exception) -> None:
        """Tell error_stream of a row that failed."""
        self.streams[ERROR_STREAM].put(error_row(pump, row, error, self.around.now))

    def tick(self, now: int) -> None:
        """Let the clock show a time; what comes due before happens one after another."""
        while True:
            due = self.due()
            step = now if due is None or due > now else max(due, self.clock + 1)
            if step <= self.clock:
                return
            self.clock = self.around.now = step
            for pump in self._in_order():
                for entries in pump.planned.entries.values():
                    for entry in entries:
                        entry.advance(CLOCK, step - 1)
            if step == now:
                return

    def due(self) -> int | None:
        """When a window closes next (epoch ms); None when none is open."""
        found = [
            due
            for pump in self.pumps.values()
            for operator in pump.planned.operators.values()
            if (due := operator.due()) is not None
        ]
        return min(found, default=None)

    def _in_order(self) -> list[Pump]:
        """Pumps, those that feed a stream before those that read it."""
        left, done = list(self.pumps.values()), []
        while left:
            fed = {pump.target for pump in left}
            ready = [pump for pump in left if not fed & set(pump.planned.entries)] or left[:1]
            done += ready
            left = [pump for pump in left if pump not in ready]
        return done

    def finish(self) -> None:
        """Let the clock go on until no window is open."""
        while (due := self.due()) is not None:
            self.tick(due)

    def snapshot(self) -> Snapshot:
        """All its state, copied."""
        return Snapshot.of(self._operators(), clock=self.clock)

    def restore(self, kept: Snapshot) -> None:
        """Go on from a snapshot."""
        kept.restore(self._operators())
        self.clock = kept.clock
        self.around.now = max(0, self.clock)

    def _operators(self) -> dict[str, Operator]:
        found: dict[str, Operator] = {}
        for pump in self.pumps.values():
            found.update(pump.planned.operators)
        return found


def _fitted(
    planner: Planner,
    relation: Relation,
    insert: InsertStatement,
    streams: Mapping[str, InAppStream],
) -> Relation:
    """The query's columns as the stream's; ROWTIME goes along by itself."""
    from kinesis_sim.analytics.sql.expressions import converted
    from kinesis_sim.analytics.sql.typed import Typed, column, constant

    target = streams[insert.target].fields
    wanted = [one for one in target if not one.hidden]
    names = list(insert.columns) or [one.name for one in wanted]
    places = [at for at, one in enumerate(relation.fields) if not one.hidden]
    if len(names) != len(places):
        raise SqlValidationError(
            f"INSERT INTO {insert.target}: the query gives {len(places)} columns, {len(names)} are "
            f"wanted ({', '.join(names)})."
        )
    unknown = next((name for name in names if name not in {one.name for one in wanted}), None)
    if unknown is not None:
        raise SqlValidationError(f"Stream {insert.target} has no column {unknown!r}.")
    given = dict(zip(names, places, strict=True))
    at = select.rowtime(relation.fields)
    parts: list[Typed] = [column(relation.fields[at].kind, at)]
    for one in wanted:
        if one.name in given:
            source = relation.fields[given[one.name]]
            part = column(source.kind, given[one.name])
            parts.append(converted(insert.query, part, one.kind))
        else:
            parts.append(constant(one.kind, None))
    return select.projected(planner, replace(relation, bounds=None), target, parts)
