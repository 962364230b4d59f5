"""How full queues are, looked at when a minute ends, while there is something in them to look at.

The gauges of facts/data-streams §7. A queue that is empty in every way is not looked at (model's
choice; whether AWS reports zeros is not known), so that an idle year costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.account.metrics import Metric, Metrics
from kinesis_sim.events import Event
from kinesis_sim.instants import MINUTE
from kinesis_sim.streams.events import QueueUsed, RecordsPut
from kinesis_sim.streams.metrics import NAMESPACE

if TYPE_CHECKING:
    from kinesis_sim.streams.catalog import StreamCatalog

MOST_VISIBLE = 1_000_000
"""VisibleQueueRecords reports no more than this (facts/data-streams §7)."""


class QueueGauges:
    """Watches the queues of one account."""

    def __init__(self, kinesis: StreamCatalog, metrics: Metrics) -> None:
        self._kinesis = kinesis
        self._metrics = metrics
        self._watching = False
        kinesis.events.subscribe(self._hear, QueueUsed, RecordsPut)

    def _hear(self, event: Event) -> None:
        if self._kinesis.queues and not self._watching:
            self._watch()

    def _watch(self) -> None:
        """Look when this minute ends; its gauges belong to it."""
        self._watching = True
        clock = self._kinesis.clock
        minute = clock.now - clock.now % MINUTE
        clock.schedule(minute + MINUTE, lambda: self._look(minute))

    def _look(self, minute: int) -> None:
        self._watching = False
        for queue in self._kinesis.queues.values():
            counts = queue.counts(self._kinesis.clock.now)
            if not any(counts.values()):
                continue
            for name, count in counts.items():
                metric = Metric.of(
                    NAMESPACE, name, (("QueueId", queue.id), ("QueueName", queue.name))
                )
                value = min(count, MOST_VISIBLE) if name == "VisibleQueueRecords" else count
                self._metrics.put(metric, "Count", minute, value, value, value, 1)
            if not self._watching:
                self._watch()
