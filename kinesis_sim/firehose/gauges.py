"""How old what waits is, looked at when a minute ends: DataFreshness of facts/firehose §7.

AWS publishes metrics every minute. A stream that holds nothing is not looked at (model's choice),
so that an idle year costs nothing; a delivery reports its own sample, see ``metrics``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.account.metrics import Metric, Metrics
from kinesis_sim.events import Event
from kinesis_sim.firehose.events import RecordsTaken, SourceRead
from kinesis_sim.firehose.metrics import NAMESPACE
from kinesis_sim.instants import MINUTE, SECOND

if TYPE_CHECKING:
    from kinesis_sim.firehose.catalog import FirehoseCatalog


class FreshnessGauge:
    """Watches the Firehose streams of one account."""

    def __init__(self, firehose: FirehoseCatalog, metrics: Metrics) -> None:
        self._firehose = firehose
        self._metrics = metrics
        self._watching = False
        firehose.ports.events.subscribe(self._hear, RecordsTaken, SourceRead)

    def _hear(self, event: Event) -> None:
        if not self._watching and isinstance(event, RecordsTaken | SourceRead) and event.records:
            self._watch()

    def _watch(self) -> None:
        """Look when this minute ends; its gauge belongs to it."""
        self._watching = True
        clock = self._firehose.ports.clock
        minute = clock.now - clock.now % MINUTE
        clock.schedule(minute + MINUTE, lambda: self._look(minute))

    def _look(self, minute: int) -> None:
        self._watching = False
        for stream in self._firehose:
            age = stream.freshness
            if not age:
                continue
            name = f"DeliveryTo{stream.settings.kind.metric}.DataFreshness"
            metric = Metric(NAMESPACE, name, (("DeliveryStreamName", stream.name),))
            value = age / SECOND
            self._metrics.put(metric, "Seconds", minute, value, value, value, 1)
            if not self._watching:
                self._watch()
