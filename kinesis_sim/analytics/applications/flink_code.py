"""A Flink SQL script that runs in an application: a job of the clock, set as its settings say."""

from __future__ import annotations

from collections.abc import Callable

from kinesis_sim.analytics.applications.application import AnalyticsApplication
from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.on_clock.flink_job import FlinkJob
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.state.snapshot import Snapshot

LAB_GROUP = "kinesis-lab"
"""The group of properties that this model reads: ``watermarks`` may be ``per-shard``, and
``rows-per-second-and-kpu`` says what fills a KPU (see ``scaling``)."""


class FlinkCode:
    """What an application runs. job: to be looked at; ``job.fail()`` loses a task manager."""

    def __init__(
        self,
        ports: AnalyticsPorts,
        application: AnalyticsApplication,
        script: str,
        kept: Snapshot | None,
        failed: Callable[[str], None],
        took: Callable[[int], None],
    ) -> None:
        session = FlinkSession(by_split=_per_shard(application))
        session.execute(script)
        self.job = FlinkJob(
            ports,
            session,
            name=application.name,
            checkpoint_ms=_checkpoint_ms(application),
            failed=failed,
            took=took,
        )
        self.job.start(kept, allow_non_restored=application.allow_non_restored)

    def snapshot(self) -> Snapshot:
        """A savepoint, before which all that waits was sent."""
        self.job.checkpoint()
        return self.job.savepoint()

    def left(self) -> None:
        """Without a snapshot a job begins from nothing."""

    def last(self) -> Snapshot | None:
        """Its last checkpoint."""
        return self.job.checkpoints[-1][1] if self.job.checkpoints else None

    def stop(self) -> None:
        """Read no more."""
        if self.job.state == "RUNNING":
            self.job.stop(savepoint=False)


def lab_properties(application: AnalyticsApplication) -> dict[str, str]:
    """The properties that this model reads, by name."""
    part = application.configuration.get("EnvironmentPropertyDescriptions", {})
    for group in part.get("PropertyGroupDescriptions", []):
        if group["PropertyGroupId"] == LAB_GROUP:
            return dict(group["PropertyMap"])
    return {}


def _per_shard(application: AnalyticsApplication) -> bool:
    """Whether each shard has a watermark of its own, as in Flink's DataStream API.

    The SQL connector has one over all shards.
    """
    return lab_properties(application).get("watermarks") == "per-shard"


def _checkpoint_ms(application: AnalyticsApplication) -> int:
    """Milliseconds between two checkpoints; 0 for none."""
    flink = application.configuration.get("FlinkApplicationConfigurationDescription", {})
    part = flink.get("CheckpointConfigurationDescription", {})
    return int(part.get("CheckpointInterval", 60_000)) if part.get("CheckpointingEnabled") else 0
