"""How much simulated time a call takes a caller in this process.

AWS publishes no such figures for calls; these are this model's choice of round numbers, the same
for every call of a kind, so that a loop of calls makes time pass as it does on AWS.
``latency=None`` makes calls take no time. Over HTTP time passes by itself and nothing is added.
"""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_sim.instants import milliseconds
from kinesis_sim.words import Speaking, spoken


@dataclass(frozen=True, slots=True)
class Latency(Speaking):
    """Milliseconds per call: ``data`` for reading and writing records, ``control`` for all else.

    Which operations those are, each service says (``Service.data_plane``).
    """

    data: int = 10
    control: int = 50

    def __post_init__(self) -> None:
        for name in ("data", "control"):
            milliseconds(name, getattr(self, name))

    def said(self) -> str:
        """Both in words."""
        return spoken("aws").say("latency", data=self.data, control=self.control)

    def of(self, data_plane: bool) -> int:
        """Milliseconds that a call takes which reads or writes records, or one that does not."""
        return self.data if data_plane else self.control
