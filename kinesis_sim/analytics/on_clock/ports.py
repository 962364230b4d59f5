"""What a running query needs of its surroundings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kinesis_sim.account.service import Surroundings
from kinesis_sim.account.storage import Store
from kinesis_sim.account.tips import Rests
from kinesis_sim.clock import Clock
from kinesis_sim.events import EventLog

Call = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""A service, an operation and its request."""


@dataclass(frozen=True, slots=True)
class AnalyticsPorts:
    """call: any service of the account; store: S3, read; write: an object of S3.

    new_id: ids in the form of a UUID.
    events: where what happens is told; rests: lets a reader at a data stream's tip rest.
    """

    clock: Clock
    call: Call
    store: Call
    write: Store
    new_id: Callable[[], str]
    events: EventLog
    rests: Rests

    @staticmethod
    def of(around: Surroundings) -> AnalyticsPorts:
        """The ports that surroundings fill."""

        def call(service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
            return dict(around.call(service, operation, request))

        def store(service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
            return dict(around.elsewhere(service, operation, request))

        return AnalyticsPorts(
            around.clock,
            call,
            store,
            around.store,
            around.chance.new_id,
            around.events,
            around.rests,
        )
