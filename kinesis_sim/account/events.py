"""What can happen to the services that all others share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kinesis_sim.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmChanged(Event):
    """An alarm went from one state to another (OK, ALARM, INSUFFICIENT_DATA)."""

    alarm: str
    was: str
    became: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmActed(Event):
    """An alarm called an action. error: why the action failed; empty when it went well."""

    chatter: ClassVar[bool] = True
    alarm: str
    action: str
    error: str = ""
