"""How long a destination is tried, and with what pauses.

Source: facts/firehose §6. OpenSearch and Redshift: every five minutes, the first try counted.
HTTP endpoints: 1 s doubled each time, ±15 %, two minutes at most; only the pauses count towards the
duration, not the waits for answers. That Splunk, Snowflake and Iceberg pause as HTTP endpoints do
is the model's choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kinesis_sim.firehose.buffering import Shipment
from kinesis_sim.firehose.destinations.http_endpoint.adapter import backoff_ms
from kinesis_sim.firehose.settings import DestinationSettings

if TYPE_CHECKING:
    from random import Random

STEP_MS = 300_000


class Patience(Protocol):
    """When the next try of a batch is."""

    def pause(self, shipment: Shipment) -> int | None:
        """Milliseconds until the next try of a batch that just failed; None: no further one."""


@dataclass(frozen=True, slots=True)
class RetrySteps:
    """Every five minutes for ``duration`` ms from the first try on."""

    duration: int

    def pause(self, shipment: Shipment) -> int | None:
        """The next step, if the duration has room for it."""
        return STEP_MS if shipment.waited + STEP_MS <= self.duration else None


@dataclass(frozen=True, slots=True)
class BackOff:
    """Pauses that double, until they add up to ``duration`` ms; the last one is cut to fit."""

    duration: int
    random: Random

    def pause(self, shipment: Shipment) -> int | None:
        """The next pause, if the duration has room for any."""
        left = self.duration - shipment.waited
        if left <= 0:
            return None
        return min(left, backoff_ms(shipment.attempt - 1, self.random.random()))


def patience(settings: DestinationSettings, random: Random) -> Patience:
    """What a destination's settings ask for."""
    duration = settings.retry_seconds * 1_000
    return RetrySteps(duration) if settings.kind.steps else BackOff(duration, random)
