"""CloudWatch as its operations see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kinesis_sim.account.alarms import Alarms
from kinesis_sim.account.metrics import Metrics
from kinesis_sim.clock import Clock
from kinesis_sim.errors import ServiceError


@dataclass(frozen=True, slots=True)
class CloudWatch:
    """Metrics and alarms of one account in one Region."""

    clock: Clock
    metrics: Metrics
    alarms: Alarms


def page(
    rows: list[Any], most: int, token: str | None, refuse: ServiceError
) -> tuple[list[Any], str | None]:
    """One page of rows, and the token of the next; raises ``refuse`` for a token nobody made."""
    start = 0
    if token is not None:
        if not (token.isascii() and token.isdecimal() and len(token) < 12):
            raise refuse
        start = int(token)
        if start > len(rows):
            raise refuse
    rest = start + most
    return rows[start:rest], str(rest) if rest < len(rows) else None
