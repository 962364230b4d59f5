"""What a running query needs of its surroundings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kinesis_sim.account.service import Surroundings
from kinesis_sim.clock import Clock

Call = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""A service, an operation and its request."""


@dataclass(frozen=True, slots=True)
class AnalyticsPorts:
    """call: any service of the account; new_id: ids in the form of a UUID."""

    clock: Clock
    call: Call
    new_id: Callable[[], str]

    @staticmethod
    def of(around: Surroundings) -> AnalyticsPorts:
        """The ports that surroundings fill."""

        def call(service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
            return dict(around.call(service, operation, request))

        return AnalyticsPorts(around.clock, call, around.chance.new_id)
