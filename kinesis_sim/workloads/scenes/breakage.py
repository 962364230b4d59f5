"""Faults of a Firehose stream's surroundings: its destination and its transform, to break and mend.

What is broken is the surroundings themselves (the bucket, the receiver, the warehouse, the
function), so a cell and a button see the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinesis_sim.errors import UsageError

if TYPE_CHECKING:
    from kinesis_sim.account.functions import Functions
    from kinesis_sim.firehose.destinations.switch import Switch
    from kinesis_sim.simulator import Simulator

PARTS = ("destination", "transform")


class Breakage:
    """Breaks and mends the "destination" and the "transform" of one stream.

    A bucket answers SlowDown, a warehouse is paused, a receiver answers 503, a function raises.
    UsageError when there is no such stream.
    """

    def __init__(self, sim: Simulator, stream: str) -> None:
        self._sim, self._stream = sim, sim.firehose[stream]

    def can(self, part: str) -> bool:
        """Whether there is something here that could be broken."""
        return self._switch(part) is not None

    def broken(self, part: str) -> bool:
        """Whether a part is broken now."""
        switch = self._switch(part)
        return switch is not None and switch.broken

    def toggle(self, part: str) -> bool:
        """Break what works, mend what is broken; True when it is broken now.

        UsageError for a part that is not there.
        """
        switch = self._switch(part)
        if switch is None:
            raise UsageError(f"{self._stream.name} has no {part} that could be broken here.")
        with self._sim.lock:
            breaking = not switch.broken
            switch.turn(breaking)
        return breaking

    def _switch(self, part: str) -> Switch | None:
        settings = self._stream.settings
        if part == "transform":
            step, functions = settings.transform, self._sim.functions
            known = step is not None and step.function in functions
            return _Function(functions, step.function) if step is not None and known else None
        return settings.kind.breaker(settings, self._sim) if part == "destination" else None


@dataclass(frozen=True, slots=True)
class _Function:
    functions: Functions
    arn: str

    @property
    def broken(self) -> bool:
        return self.functions.failing(self.arn)

    def turn(self, breaking: bool) -> None:
        (self.functions.fail if breaking else self.functions.mend)(self.arn)
