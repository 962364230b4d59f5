"""A Flink SQL script that runs in an application: sources, a job, sinks, checkpoints.

State is exactly once, the sinks are at least once: a job that fails goes on from its last
checkpoint, reads again what came since, and writes again what it had written (facts/analytics §9).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.service import Surroundings
from kinesis_sim.analytics.applications import writing
from kinesis_sim.analytics.applications.application import AnalyticsApplication
from kinesis_sim.analytics.applications.reading import StreamReader, Take
from kinesis_sim.analytics.applications.writing import Sink, Values
from kinesis_sim.analytics.changelog import ADDS
from kinesis_sim.analytics.events import JobFailed, JobRead, JobWrote
from kinesis_sim.analytics.flink_sql.records import RecordReader
from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.flink_sql.tables import FlinkTable
from kinesis_sim.analytics.job import Job
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.analytics.types.texts import read_instant
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.instants import SECOND

TICK_MS = SECOND
RESTART_MS = 10 * SECOND
"""From a failure to the next attempt (model's choice)."""
_STARTS = {"LATEST": "LATEST", "TRIM_HORIZON": "TRIM_HORIZON", "AT_TIMESTAMP": "AT_TIMESTAMP"}


@dataclass(frozen=True)
class Kept:
    """A checkpoint or savepoint: the job's state, and how far each table's stream was read."""

    state: Any
    positions: Mapping[str, Mapping[str, str]]
    at: int


class FlinkCode:
    """A script that runs. failed: called with the reason when it cannot go on."""

    def __init__(
        self,
        around: Surroundings,
        application: AnalyticsApplication,
        script: str,
        kept: Kept | None,
        failed: Callable[[str], None],
    ) -> None:
        self._around, self._application, self._script = around, application, script
        self._failed = failed
        self.restarts = 0
        self.checkpoints = 0
        self._timers: dict[str, ScheduledAction] = {}
        self._interval = _checkpoint_interval(application)
        self._began = around.clock.now
        self._readers: dict[str, StreamReader] = {}
        self._last = kept
        self._open(kept)

    # --- what can be looked at ----------------------------------------------------------------

    @property
    def late(self) -> int:
        """numLateRecordsDropped: rows that operators dropped as late."""
        return sum(self.job.late.values())

    @property
    def watermark(self) -> int | None:
        """currentInputWatermark (epoch ms); None before the first."""
        return self.job.watermark

    @property
    def behind(self) -> int:
        """millisBehindLatest, over all sources."""
        return max((reader.behind for reader in self._readers.values()), default=0)

    # --- what is done to it -------------------------------------------------------------------

    def snapshot(self) -> Kept:
        """A copy of its state and places."""
        self._flush()
        places = {name: reader.positions for name, reader in self._readers.items()}
        return Kept(self.job.snapshot(), places, self._around.clock.now)

    def stop(self) -> None:
        """Read and write no more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers = {}
        for reader in self._readers.values():
            reader.stop()

    def crash(self, reason: str = "A task manager was lost.") -> None:
        """Fail now; the job goes on from its last checkpoint, ten seconds later."""
        self.stop()
        self.restarts += 1
        self._tell_failed(reason, restarts=True)
        last = self._last

        def again() -> None:
            if self._application.running is not self:
                return
            try:
                self._open(last)
            except Exception as error:  # a stream may be gone by now
                self._failed(f"{reason} It could not restart: {error}")

        self._later("restart", self._around.clock.now + RESTART_MS, again)

    # --- how it runs --------------------------------------------------------------------------

    def _open(self, kept: Kept | None) -> None:
        session = FlinkSession(by_split=_per_shard(self._application))
        session.execute(self._script)
        tables = session.catalog.tables
        self.sinks: dict[str, Sink] = {}
        for number, answer in enumerate(session.answers):
            table = tables.get(answer.name)
            sink = self._sink(table, answer.types)
            if answer.changing and table is not None and table.connector in ("kinesis", "firehose"):
                raise SqlValidationError(
                    f"The sink {answer.name} takes rows and takes none back, and its query changes "
                    "rows that it gave: aggregate over a window, or write to another sink."
                )
            self.sinks[answer.name if table is not None else f"query {number + 1}"] = sink
            answer.hear(_into(sink))
        self.job: Job = session.job()
        if kept is not None:
            allow = self._application.allow_non_restored
            self.job.restore(kept.state, allow_non_restored=allow)
        self._read(tables, kept)
        if "PROCTIME" in self._script.upper():
            self._tick()

    def _read(self, tables: Mapping[str, FlinkTable], kept: Kept | None) -> None:
        self._readers = {}
        for name, table in tables.items():
            if table.connector != "kinesis" or name not in self.job.entries:
                continue
            options = table.statement.options
            take = self._taker(name, RecordReader(table))
            self._readers[name] = StreamReader(
                self._around, stream_name(options), _start(options), take, self._broken
            )
        for name, reader in self._readers.items():
            reader.begin(None if kept is None else kept.positions.get(name))
            for watermarks in self.job.watermarks_of(name):
                watermarks.know(reader.shards)

    def _taker(self, name: str, read: RecordReader) -> Take:
        def take(shard: str, records: list[Request]) -> None:
            now, late = self._around.clock.now, self.late
            for record in records:
                row = read(shard, record)
                if row is not None:
                    self.job.put(name, row, at=now, split=shard)
            self._around.events.append(
                JobRead(
                    at=now,
                    application=self._application.name,
                    table=name,
                    shard=shard,
                    rows=len(records),
                    late=self.late - late,
                    behind=self.behind,
                    watermark=self.watermark,
                )
            )
            self._flush()
            self._check_next()

        return take

    def _sink(self, table: FlinkTable | None, types: Mapping[str, str]) -> Sink:
        if table is None or table.connector not in ("kinesis", "firehose"):
            return writing.Nowhere()
        options = table.statement.options
        encode = writing.to_json(options, types)
        if table.connector == "firehose":
            return writing.to_firehose(self._around, options["delivery-stream"], encode)
        keys = table.statement.partitioned_by
        return writing.to_stream(self._around, stream_name(options), keys, encode)

    def _later(self, name: str, at: int, action: Callable[[], None]) -> None:
        """Do something at a time, once, unless it is planned already."""
        if name in self._timers:
            return

        def act() -> None:
            del self._timers[name]
            try:
                action()
            except Exception as error:
                self._broken(error)

        self._timers[name] = self._around.clock.schedule(at, act)

    def _tick(self) -> None:
        """Let processing time go on, for windows that close by it."""
        self._later("tick", self._around.clock.now + TICK_MS, self._tick)
        self.job.tick(self._around.clock.now)
        self._flush()

    def _check_next(self) -> None:
        """Plan the checkpoint after something came; those of idle times would say the same."""
        if self._interval:
            now = self._around.clock.now
            at = now + self._interval - (now - self._began) % self._interval
            self._later("checkpoint", at, self._check)

    def _check(self) -> None:
        self._last = self.snapshot()
        self.checkpoints += 1

    def _flush(self) -> None:
        for name, sink in self.sinks.items():
            before = len(sink.held)
            sink.flush()
            gone = before - len(sink.held)
            if gone:
                self._tell_written(name, gone)

    def _tell_written(self, name: str, rows: int) -> None:
        self._around.events.append(
            JobWrote(
                at=self._around.clock.now,
                application=self._application.name,
                table=name,
                rows=rows,
            )
        )

    def _tell_failed(self, reason: str, *, restarts: bool) -> None:
        self._around.events.append(
            JobFailed(
                at=self._around.clock.now,
                application=self._application.name,
                reason=reason,
                restarts=restarts,
            )
        )

    def _broken(self, error: Exception) -> None:
        """The job failed by itself: it would fail again, so the application stops."""
        self.stop()
        reason = f"{type(error).__name__}: {error}"
        self._tell_failed(reason, restarts=False)
        self._failed(reason)


def _into(sink: Sink) -> Callable[[int, dict[str, Any]], None]:
    """Rows that are added go to a sink; what is taken back is for sinks that show it."""

    def heard(kind: int, row: dict[str, Any]) -> None:
        if ADDS[kind]:
            sink.add(row)

    return heard


def _per_shard(application: AnalyticsApplication) -> bool:
    """Whether its watermarks are of each shard: the property ``watermarks`` says ``per-shard``.

    In the group ``kinesis-lab``; the SQL connector of Flink has one watermark over all shards, its
    DataStream API one for each.
    """
    part = application.configuration.get("EnvironmentPropertyDescriptions", {})
    for group in part.get("PropertyGroupDescriptions", []):
        if group["PropertyGroupId"] == "kinesis-lab":
            return bool(group["PropertyMap"].get("watermarks") == "per-shard")
    return False


def _checkpoint_interval(application: AnalyticsApplication) -> int:
    """Milliseconds between two checkpoints; 0 for none."""
    flink = application.configuration.get("FlinkApplicationConfigurationDescription", {})
    part = flink.get("CheckpointConfigurationDescription", {})
    return int(part.get("CheckpointInterval", 60_000)) if part.get("CheckpointingEnabled") else 0


def stream_name(options: Values) -> str:
    """The stream's name, by its name or its ARN. Raises SqlValidationError for options without."""
    named = options.get("stream") or str(options.get("stream.arn", "")).rpartition("/")[2]
    if not named:
        raise SqlValidationError("A table of the connector kinesis names its 'stream' in WITH.")
    return str(named)


def _start(options: Values) -> Request:
    """Where reading begins. Raises SqlValidationError for a place that is none."""
    said = str(
        options.get("source.init.position") or options.get("scan.stream.initpos") or "LATEST"
    )
    kind = _STARTS.get(said.upper().replace("-", "_"))
    if kind is None:
        raise SqlValidationError(f"Initial position {said!r}: choose one of {', '.join(_STARTS)}.")
    if kind != "AT_TIMESTAMP":
        return {"ShardIteratorType": kind}
    text = options.get("source.init.timestamp") or options.get("scan.stream.initpos-timestamp")
    try:
        return {"ShardIteratorType": kind, "Timestamp": read_instant(str(text))}
    except ValueError:
        raise SqlValidationError(f"AT_TIMESTAMP needs a time; {text!r} is none.") from None
