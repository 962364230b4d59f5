"""A load that rises and falls on a stream: so many bytes per second, evenly spread, no retries.

Pedala's docks report for their bikes: records of 16 KiB, key included, 64 to a MiB, each from one
of 256 docks. The docks are chosen so that every 256th of the hash space has one, and take turns
in an order that jumps about. So what a stream refuses, it refuses for want of capacity; the luck
of the hash is lesson 02's. What was refused is counted and not sent again, so that a wave is no
higher than it is.
"""

from __future__ import annotations

from functools import cache
from hashlib import md5
from itertools import count
from typing import TYPE_CHECKING

from kinesis_sim.errors import UsageError
from kinesis_sim.instants import MINUTE, SECOND
from kinesis_sim.streams.stream import Entry
from kinesis_sim.units import MIB
from kinesis_sim.workloads.pipeline.pipeline import whole_minutes
from kinesis_sim.workloads.producers.producer import calls
from kinesis_sim.workloads.producers.shapes import Shape, shape
from kinesis_sim.workloads.scenes.feed import Fed

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

RECORD_BYTES = 16 * 1024
PER_MIB = MIB // RECORD_BYTES
DOCKS = 256


class Tide:
    """Docks that send to one stream, from the second in which this is made.

    height: MiB per second, a number or a shape (Steps, Daily, Ramp …). hot: the part of records
    that one dock sends under one key, 0 to 1. UsageError for a part that is none, or no such
    stream.
    """

    def __init__(
        self, sim: Simulator, stream: str, height: Shape | float, *, hot: float = 0
    ) -> None:
        if not 0 <= hot <= 1:
            raise UsageError(f"hot={hot}: give the hot key's part of all records, 0 to 1.")
        self._sim, self._stream = sim, sim.streams[stream]
        self._shape, self._hot = shape(height), hot
        self._begin = sim.clock.now - sim.clock.now % SECOND
        self._due = self._due_hot = 0.0
        self._turn = 0
        self._docks, self._busy = entries()

    @property
    def begin(self) -> int:
        """The second in which it was made (epoch ms)."""
        return self._begin

    @property
    def stream(self) -> str:
        """The stream's name."""
        return self._stream.name

    def height(self, at: int) -> float:
        """MiB per second at an instant (epoch ms)."""
        return self._shape.rate(at, self._begin)

    def play(self, *, minutes: float = 0, hours: float = 0) -> Fed:
        """Move the clock and send, second by second; what the stream stored and refused.

        It ends on a full minute since the tide began: up to half a minute sooner or later.
        Between seconds everything else of the account does its work: alarms, splits, changes.
        """
        with self._sim.lock:
            # Calls take some of the clock's time: end on a full minute of the tide all the same.
            passed = round((self._sim.clock.now - self._begin) / MINUTE)
            end = self._begin + (passed + whole_minutes(minutes, hours, 0)) * MINUTE
            stored = refused = 0
            while self._sim.clock.now < end:
                fed = self._second(end)
                stored, refused = stored + fed.stored, refused + fed.refused
        return Fed(stored, refused)

    def _second(self, end: int) -> Fed:
        clock = self._sim.clock
        before = clock.now
        now = min(before - before % SECOND + SECOND, end)
        clock.run_until(now)
        self._due += self.height((before + now) // 2) * PER_MIB * (now - before) / SECOND
        batch = self._take(int(self._due + 1e-9))
        refused = 0
        for portion in calls(batch):
            refused += sum(number is None for _, number in self._stream.put(portion, now))
        return Fed(len(batch) - refused, refused)

    def _take(self, amount: int) -> list[Entry]:
        self._due -= amount
        self._due_hot += amount * self._hot
        hot = int(self._due_hot + 1e-9)
        self._due_hot -= hot
        first = self._turn
        self._turn += amount - hot
        docks = [self._docks[turn % DOCKS] for turn in range(first, self._turn)]
        return [*docks, *[self._busy] * hot]


@cache
def entries() -> tuple[list[Entry], Entry]:
    """A record of each dock in the order of their turns, and one of the busy dock."""
    docks: dict[int, str] = {}
    for number in count(1):
        name = f"dock-{number:04d}"
        docks.setdefault(md5(name.encode(), usedforsecurity=False).digest()[0], name)
        if len(docks) == DOCKS:
            break
    order = (int(f"{turn:08b}"[::-1], 2) for turn in range(DOCKS))
    return [_record(docks[place]) for place in order], _record("dock-at-the-railway")


def _record(key: str) -> Entry:
    return bytes(RECORD_BYTES - len(key)), key, None
