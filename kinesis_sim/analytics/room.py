"""Streaming SQL of one account: ``sim.analytics``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinesis_sim.analytics.applications.catalog import ApplicationCatalog
from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.kinesis_sql.mapping import RecordSchema
from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.analytics.on_clock.flink_job import FlinkJob
from kinesis_sim.analytics.on_clock.kinesis_job import Deliver, KinesisSqlJob
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.operators.operator import Budget
from kinesis_sim.analytics.running import Feed, Ran, run
from kinesis_sim.analytics.state.snapshot import Snapshot
from kinesis_sim.analytics.types.sqltype import SqlType
from kinesis_sim.signatures import faced

Functions = Mapping[str, tuple[Callable[..., Any], SqlType]]


@faced
class StreamingSql:
    """Runs SQL over rows (``sql``), or as a job on the clock (``start``).

    applications: those of Managed Service for Apache Flink, by name.
    """

    def __init__(self, ports: AnalyticsPorts, applications: ApplicationCatalog) -> None:
        self._ports = ports
        self.applications = applications
        self.jobs: list[FlinkJob] = []

    def sql(self, text: str, feed: Feed, **more: Any) -> Ran:
        """Flink SQL over rows; see ``running.run``. Raises SqlError, UsageError."""
        return run(text, feed, **more)

    def start(
        self,
        text: str,
        *,
        by_shard: bool = False,
        functions: Functions | None = None,
        limits: Budget | None = None,
        snapshot: Snapshot | None = None,
        allow_non_restored: bool = False,
    ) -> FlinkJob:
        """A Flink SQL script as a job: its Kinesis tables are read from now on.

        by_shard: a watermark for each shard, as the DataStream API has it, not one for all, as the
        SQL connector has. snapshot: of another job, from which this one goes on;
        allow_non_restored: state in it that this job has no place for is lost. Raises SqlError,
        ServiceError where a stream is not there.
        """
        session = FlinkSession(functions=functions, budget=limits, by_split=by_shard)
        session.execute(text)
        job = FlinkJob(self._ports, session)
        job.start(snapshot, allow_non_restored=allow_non_restored)
        self.jobs.append(job)
        return job

    def application(
        self,
        code: str,
        stream: str,
        schema: RecordSchema,
        outputs: Mapping[str, str | Deliver],
        *,
        limits: Budget | None = None,
        seed: int = 0,
        forest: str = "python",
        **more: Any,
    ) -> KinesisSqlJob:
        """An application of Kinesis SQL that reads a stream from now on; see ``KinesisSqlJob``.

        seed, forest: see ``kinesis_sql``. Raises SqlError, UsageError, ServiceError where the
        stream is not there.
        """
        session = self.kinesis_sql(limits=limits, seed=seed, forest=forest)
        return KinesisSqlJob(self._ports, session, code, stream, schema, outputs, **more).start()

    def kinesis_sql(
        self, *, limits: Budget | None = None, seed: int = 0, forest: str = "python"
    ) -> KinesisSession:
        """A session of Kinesis SQL; rows and time are given to it by hand.

        seed: what random cut forests draw from. forest: "python", or "krcf" (the extra ``forest``),
        some thirty times as fast, whose digits are others.
        """
        return KinesisSession(budget=limits, forest_seed=seed, forest=forest)
