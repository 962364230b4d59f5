"""CloudWatch as its operations see it."""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_sim.account.alarms import Alarms
from kinesis_sim.account.metrics import Metrics
from kinesis_sim.clock import Clock
from kinesis_sim.events import EventLog


@dataclass(frozen=True, slots=True)
class CloudWatch:
    """Metrics and alarms of one account in one Region."""

    clock: Clock
    metrics: Metrics
    alarms: Alarms
    account: str
    events: EventLog
