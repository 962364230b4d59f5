"""What happens to faults on purpose, so that whoever reads the log can tell them from accidents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kinesis_sim.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultBegan(Event):
    """A fault is in force from now on. fault: its id."""

    fault: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultEnded(Event):
    """A fault is in force no more. struck: how often it struck."""

    fault: str
    kind: str
    target: str
    struck: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultStruck(Event):
    """A fault struck. where: what it struck; what: the call, or what else was under way."""

    chatter: ClassVar[bool] = True
    fault: str
    kind: str
    where: str
    what: str
