"""The CloudWatch metrics of namespace AWS/KinesisAnalytics, folded from events into minutes.

Names: facts/analytics §11, of the level APPLICATION; the dimension is Application. A sample is one
read, write or failure (model's choice). containerCPUUtilization is reckoned from the rows
that came in a minute (``applications/scaling``), and has no sample where none did. Other metrics of
machines (memory, garbage collection), uptime and checkpoints' sizes are left out: nothing here has
any.
"""

from __future__ import annotations

from collections.abc import Iterable

from kinesis_sim.account.fold import FoldFromNow
from kinesis_sim.account.metrics import Metric, Metrics
from kinesis_sim.analytics.events import (
    ApplicationChanged,
    ApplicationEvent,
    ApplicationLoaded,
    JobFailed,
    JobRead,
    JobWrote,
)
from kinesis_sim.events import Event
from kinesis_sim.instants import MINUTE

NAMESPACE = "AWS/KinesisAnalytics"
_UNITS = {
    "millisBehindLatest": "Milliseconds",
    "currentInputWatermark": "Milliseconds",
    "containerCPUUtilization": "Percent",
}


class ApplicationMetrics(FoldFromNow):
    """The fold."""

    kinds = (ApplicationEvent,)

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def take(self, events: Iterable[Event]) -> None:
        """Take events in, in order."""
        for event in events:
            if isinstance(event, JobRead):
                self._read(event)
            elif isinstance(event, JobWrote):
                self._note(event, "numRecordsOut", event.rows)
            elif isinstance(event, JobFailed):
                self._note(event, "fullRestarts", int(event.restarts))
            elif isinstance(event, ApplicationLoaded):
                self._note(event, "containerCPUUtilization", event.percent, event.at - 1)
            elif isinstance(event, ApplicationChanged) and event.became == "RUNNING":
                self._note(event, "KPUs", event.kpus)

    def _read(self, event: JobRead) -> None:
        self._note(event, "numRecordsIn", event.rows)
        self._note(event, "numLateRecordsDropped", event.late)
        self._note(event, "millisBehindLatest", event.behind)
        if event.watermark is not None:
            self._note(event, "currentInputWatermark", event.watermark)

    def _note(
        self, event: ApplicationEvent, name: str, value: float, when: int | None = None
    ) -> None:
        metric = Metric(NAMESPACE, name, (("Application", event.application),))
        at = event.at if when is None else when
        at -= at % MINUTE
        self._metrics.put(metric, _UNITS.get(name, "Count"), at, value, value, value, 1)
