"""A Flink SQL job on the simulated clock: sources polled, checkpoints taken, failures replayed.

What the SQL connector for Kinesis does, measured on Flink 1.20 and 2.3 (November 2026): one
watermark over all shards that a subtask reads, so that a backfill over two shards loses the rows of
the one that is read later. ``by_shard`` gives each shard its own, as the DataStream API does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinesis_sim.analytics.answer import SqlAnswer
from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.events import JobFailed, JobRead, JobWrote
from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.flink_sql.tables import FlinkTable
from kinesis_sim.analytics.idleness import IDLE_TIMEOUT
from kinesis_sim.analytics.job import Job
from kinesis_sim.analytics.on_clock import options
from kinesis_sim.analytics.on_clock.files import FileReader
from kinesis_sim.analytics.on_clock.json_rows import JsonRows
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.on_clock.reader import MOST_RECORDS, Record, StreamReader
from kinesis_sim.analytics.on_clock.sinks import RowSink, sink_of, stream_name
from kinesis_sim.analytics.operators.ends import Watermarks
from kinesis_sim.analytics.operators.operator import Operator
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.analytics.state.snapshot import HeldRows, Snapshot
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import UsageError

POLL_MS = 1_000
"""How often each shard is looked at, unless the table says otherwise (the model's choice)."""
CHECKPOINT_MS = 60_000
"""Between two checkpoints in Managed Service for Apache Flink (facts/analytics §9)."""
_POLL = "scan.shard.getrecords.intervalmillis"
_LIMIT = "scan.shard.getrecords.maxrecordcount"
_START = ("scan.stream.initpos", "source.init.position")
_STARTS = ("LATEST", "TRIM_HORIZON", "AT_TIMESTAMP")
_INTERVAL = "execution.checkpointing.interval"
_SINKS = ("firehose", "print", "blackhole")
_SINCE = ("scan.stream.initpos-timestamp", "source.init.timestamp")


class FlinkJob:
    """A script's inserts, running.

    state: "RUNNING", "FAILED" or "STOPPED". checkpoints: completed ones, the last of which a
    failure goes back to. restarts: how often it did. name: in the events that tell of it.
    checkpoint_ms: between two checkpoints, where the script does not say; 0: none. failed: told
    why it cannot go on; took: told how many rows came at a look.
    At the tips of its streams a job rests, and what did not change is not
    checkpointed again. Where all its tables are files, and read, it takes a last checkpoint and
    stays as it is (Flink ends such a job; that an application's status would stay is the model's
    choice).
    """

    def __init__(
        self,
        ports: AnalyticsPorts,
        session: FlinkSession,
        *,
        name: str = "",
        checkpoint_ms: int = CHECKPOINT_MS,
        failed: Callable[[str], None] | None = None,
        took: Callable[[int], None] | None = None,
    ) -> None:
        self._ports = ports
        self.name = name
        self._checkpoint_ms = options.duration(session.options, _INTERVAL, checkpoint_ms)
        self._idle_ms = options.duration(session.options, IDLE_TIMEOUT)
        self._failed, self._took = failed, took
        self._began = ports.clock.now
        self._never_rests = _looks_at_the_clock(session)
        self._session = session
        self.state = "STOPPED"
        self.why: str | None = None
        self.checkpoints: list[tuple[int, Snapshot]] = []
        self.restarts = 0
        self.sinks: dict[str, RowSink] = {}
        self._timers: dict[str, ScheduledAction] = {}
        self._seen: dict[str, int] = {}
        self._job: Job = session.job()
        self._attach()
        self._sources = {
            name: self._source(session.catalog.tables[name]) for name in self._job.entries
        }
        self._polls = {name: self._every(name) for name in self._sources}
        self._fresh = self._job.snapshot()

    # --- life -----------------------------------------------------------------------------------

    def start(self, snapshot: Snapshot | None = None, *, allow_non_restored: bool = False) -> None:
        """Run, from the beginning or from a snapshot.

        Raises ServiceError where a stream is not there, SqlValidationError where the snapshot has
        state of an operator that is gone.
        """
        if self.state == "RUNNING":
            raise UsageError("The job runs already; stop it first.")
        if snapshot is not None:
            self._job.restore(snapshot, allow_non_restored=allow_non_restored)
        held = self._held(snapshot, allow_non_restored)
        for name, sink in self.sinks.items():
            sink.begin(held.get(name, ()))
        for name, source in self._sources.items():
            kept = snapshot.positions.get(name) if snapshot is not None else None
            if kept:
                source.go_to(kept)
            else:
                source.begin()
            self._know_shards(name, source)
            self._schedule(name, self._polls[name])
        self.state, self.why, self._began = "RUNNING", None, self._ports.clock.now
        self._job.begin()
        self._flush()
        if snapshot is not None and not self.checkpoints:
            # What a job was started from is its first checkpoint: a failure goes back to it.
            self.checkpoints = [(self._ports.clock.now, snapshot)]

    def stop(self, *, savepoint: bool = True, drain: bool = False) -> Snapshot | None:
        """Stop, with a savepoint or without (force); drain: as if the input had ended."""
        if drain:
            self._job.finish()
        made = self.savepoint() if savepoint else None
        if not savepoint:
            self._flush()
        self._halt("STOPPED")
        return made

    def fail(self, why: str = "failed on purpose") -> None:
        """Fail, and restart from the last checkpoint: what came after it comes again."""
        self._halt("FAILED")
        self.why = why
        self._tell_failed(why, restarts=True)
        last = self.checkpoints[-1][1] if self.checkpoints else None
        self._job.restore(last or self._fresh)
        self.restarts += 1
        if last is None:
            self._sources = {
                name: self._source(self._session.catalog.tables[name]) for name in self._sources
            }
        self.start(last)

    def savepoint(self) -> Snapshot:
        """A snapshot of state and positions, now; sinks that commit, commit with it.

        What sinks could not send yet is in it: the positions lie past the records it was made of.
        """
        self._flush()
        for sink in self.sinks.values():
            sink.committed()
        return self._job.snapshot(
            {name: source.positions() for name, source in self._sources.items()},
            held={
                name: HeldRows(sink.columns, sink.unsent)
                for name, sink in self.sinks.items()
                if sink.unsent
            },
        )

    def checkpoint(self) -> None:
        """A savepoint that a failure goes back to."""
        self.checkpoints = [*self.checkpoints[-9:], (self._ports.clock.now, self.savepoint())]

    # --- what is seen of it ---------------------------------------------------------------------

    @property
    def late(self) -> int:
        """Rows dropped as late: numLateRecordsDropped of all operators."""
        return sum(self._job.late.values())

    @property
    def lost(self) -> int:
        """Rows dropped as late, each counted."""
        return sum(self._job.lost.values())

    @property
    def watermark(self) -> int | None:
        """The lowest watermark (epoch ms)."""
        return self._job.watermark

    @property
    def positions(self) -> dict[str, dict[str, Any]]:
        """How far its sources have read: by table, then by shard, with the last taken ``after``."""
        return {name: source.positions() for name, source in self._sources.items()}

    @property
    def behind(self) -> int:
        """millisBehindLatest of the source that is furthest behind."""
        return max((source.behind for source in self._sources.values()), default=0)

    @property
    def answers(self) -> list[SqlAnswer]:
        """Answers of the script's queries."""
        return self._session.answers

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows that have left for a table. Raises UsageError for one that is not written."""
        if table not in self.sinks:
            raise UsageError(f"{table!r} is no table that the job writes: {', '.join(self.sinks)}.")
        return list(self.sinks[table].rows)

    def sizes(self) -> dict[str, int]:
        """Rows and keys that each operator keeps."""
        return dict(self._job.sizes())

    # --- inner workings -------------------------------------------------------------------------

    def _attach(self) -> None:
        """Have each insert's changes go to its table's sink."""
        for answer in self._session.answers:
            table = self._session.catalog.tables.get(answer.name)
            if table is None:
                continue
            sink = self.sinks.get(answer.name) or sink_of(table, self._ports)
            if sink.appends_only and answer.changing:
                raise SqlValidationError(
                    f"Table {table.name} ({table.connector}) takes no updates, which the query "
                    "gives; aggregate within windows, or write to a sink that takes them."
                )
            answer.tell(sink.take)
            sink.fields = answer.fields
            self.sinks[answer.name] = sink

    def _held(
        self, snapshot: Snapshot | None, allow_non_restored: bool
    ) -> Mapping[str, tuple[tuple[int, Row], ...]]:
        """Rows that sinks are to begin with. Raises SqlValidationError for those of no sink."""
        held = {} if snapshot is None else snapshot.held
        columns = {name: sink.columns for name, sink in self.sinks.items()}
        lost = sorted(name for name, kept in held.items() if columns.get(name) != kept.columns)
        if lost and not allow_non_restored:
            raise SqlValidationError(
                f"The snapshot holds rows not yet sent to {', '.join(lost)}, which the job no "
                "longer writes so; allow non-restored state to start without them."
            )
        return {name: kept.rows for name, kept in held.items() if name not in lost}

    def _source(self, table: FlinkTable) -> StreamReader | FileReader:
        """Its reader. Raises SqlValidationError for a table that cannot be read here."""
        if table.connector in _SINKS:
            raise SqlValidationError(
                f"Connector '{table.connector}' can only be used as a sink. It cannot be used as a "
                f"source: read table {table.name} from a stream."
            )
        if table.connector == "filesystem":
            return FileReader(self._ports, table, lambda row: self._put(table, row, ""))
        if table.connector != "kinesis":
            raise SqlValidationError(
                f"Table {table.name} has {table.connector or 'no'} connector: a job on the clock "
                "reads tables of 'kinesis' and 'filesystem' only; give other rows to "
                "sim.analytics.sql."
            )
        given, rows = table.statement.options, JsonRows(table)

        def take(shard: str, record: Record) -> None:
            row = rows.row(shard, record)
            if row is not None:
                self._put(table, row, shard)

        return StreamReader(
            self._ports,
            stream_name(table),
            take,
            start=options.word(given, _START, _STARTS) or "LATEST",
            since=options.instant(given, _SINCE),
            limit=options.whole_number(given, _LIMIT, MOST_RECORDS, least=1, most=MOST_RECORDS),
        )

    def _put(self, table: FlinkTable, row: Row, split: str) -> None:
        self._seen[split] = self._ports.clock.now
        self._job.put(table.name, row, at=self._ports.clock.now, split=split)

    def _every(self, name: str) -> int:
        every = self._sources[name].every
        if every is not None:
            return max(200, every)
        given = self._session.catalog.tables[name].statement.options
        return max(200, options.whole_number(given, _POLL, POLL_MS))

    def _schedule(self, name: str, ms: int) -> None:
        clock = self._ports.clock
        waits = self._never_rests or any(sink.unsent for sink in self.sinks.values())
        tips = None if waits else self._sources[name].rest(ms)
        if tips is None:
            self._timers[name] = clock.schedule(clock.now + ms, lambda: self._look(name))
        else:
            self._timers[name] = clock.repeat(clock.now + ms, ms, lambda: self._look(name), tips)

    def _look(self, name: str) -> None:
        """One look at a table's shards; the next is planned whatever comes.

        Whatever goes wrong in it fails the job: a record that is no row, a stream that is gone.
        """
        source, late = self._sources[name], self.late
        source.wake()
        try:
            rows = source.look()
            self._know_shards(name, source)
            self._rest_idle()
            self._job.tick(self._ports.clock.now)
            if source.ended:
                self._job.end(name)
            if rows:
                self._tell_read(name, rows, self.late - late)
                if self._took is not None:
                    self._took(rows)
                self._plan_checkpoint()
            self._flush()
            if source.ended and all(one.ended for one in self._sources.values()):
                self.checkpoint()
        except Exception as error:
            self._break(error)
        else:
            if not source.ended:
                self._schedule(name, self._polls[name])

    def _flush(self) -> None:
        for table, sink in self.sinks.items():
            before = len(sink.rows)
            sink.flush()
            if len(sink.rows) > before:
                self._ports.events.append(
                    JobWrote(
                        at=self._ports.clock.now,
                        application=self.name,
                        table=table,
                        rows=len(sink.rows) - before,
                    )
                )

    def _break(self, error: Exception) -> None:
        """The job failed by itself and would fail again."""
        self._halt("FAILED")
        self.why = str(error)
        self._tell_failed(self.why, restarts=False)
        if self._failed is not None:
            self._failed(self.why)

    def _tell_read(self, table: str, rows: int, late: int) -> None:
        self._ports.events.append(
            JobRead(
                at=self._ports.clock.now,
                application=self.name,
                table=table,
                rows=rows,
                late=late,
                behind=self.behind,
                watermark=self.watermark,
            )
        )

    def _tell_failed(self, reason: str, *, restarts: bool) -> None:
        self._ports.events.append(
            JobFailed(
                at=self._ports.clock.now,
                application=self.name,
                reason=reason,
                restarts=restarts,
            )
        )

    def _marks(self) -> list[Watermarks]:
        operators: list[Operator] = list(self._job.operators.values())
        return [one for one in operators if isinstance(one, Watermarks) and one.by_split]

    def _know_shards(self, name: str, source: StreamReader | FileReader) -> None:
        for shard in source.places:
            self._seen.setdefault(shard, self._ports.clock.now)
        for one in self._marks():
            one.know([shard for shard, place in source.places.items() if not place.ended])
            for shard, place in source.places.items():
                if place.ended:
                    one.rest(shard)

    def _rest_idle(self) -> None:
        """Shards without a row for as long as ``table.exec.source.idle-timeout`` says."""
        if not self._idle_ms:
            return
        now = self._ports.clock.now
        for one in self._marks():
            for shard in list(one.splits):
                if now - self._seen.get(shard, now) >= self._idle_ms:
                    one.rest(shard)

    def _plan_checkpoint(self) -> None:
        """Plan the next one after something came; those of idle times would say the same."""
        if not self._checkpoint_ms or "checkpoint" in self._timers:
            return
        clock = self._ports.clock

        def due() -> None:
            del self._timers["checkpoint"]
            try:
                self.checkpoint()
            except Exception as error:
                self._break(error)

        since = (clock.now - self._began) % self._checkpoint_ms
        at = clock.now + self._checkpoint_ms - since
        self._timers["checkpoint"] = clock.schedule(at, due)

    def _halt(self, state: str) -> None:
        for timer in self._timers.values():
            timer.cancel()
        for source in self._sources.values():
            source.wake()
        self._timers = {}
        self.state = state


def _looks_at_the_clock(session: FlinkSession) -> bool:
    """Whether something happens in it that no row brings about.

    Windows that close by processing time, shards that become idle.
    """
    timed = IDLE_TIMEOUT in session.options
    return timed or any("PROCTIME" in text.upper() for text in session.texts)
