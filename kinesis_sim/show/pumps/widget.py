"""The picture of pumps as a widget: rows to put, in time and late, and time to move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinesis_sim.instants import SECOND
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Page
from kinesis_sim.show.kit.timeline import clock
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.pumps.fold import pumping
from kinesis_sim.show.pumps.scene import Picture

if TYPE_CHECKING:
    from kinesis_sim.workloads.scenes.unlocks import Unlocks

LATE_S, BURST, BURST_S = 50, 5, 2
STEPS = {"ten": 10, "minute": 60}


class PumpDesk(Desk):
    """An application that counts unlocks: each pump's windows, and rows to put."""

    def __init__(self, unlocks: Unlocks, words: Words) -> None:
        self._unlocks, self._sim, self._words = unlocks, unlocks.sim, words
        super().__init__("pumps")

    def advance(self, seconds: int) -> None:
        """Let simulated seconds pass."""
        self._sim.advance(seconds=seconds)
        self._say("moved")

    def put(self, what: str) -> None:
        """Put a "row" now, one that is "late", or a "burst" of five, two seconds apart."""
        sim = self._sim
        time = clock(sim.clock.now - LATE_S * SECOND)
        if what == "late":
            self._unlocks.late(LATE_S)
        for number in range(BURST if what == "burst" else what == "row"):
            sim.advance(seconds=BURST_S if number else 0)
            self._unlocks.put()
        sim.advance(seconds=1)  # the application asks once a second
        self._say(what, time=time)

    def _say(self, reply: str, **values: str) -> None:
        values.setdefault("time", clock(self._sim.clock.now))
        self.reply = self._words.say(f"reply.{reply}", **values)
        self.refresh()

    def _made(self) -> Page:
        with self._sim.lock:
            rows = pumping(self._unlocks.session, self._sim.clock.now)
        puts = [self._button(what, "put", "what") for what in ("row", "late", "burst")]
        controls = [*puts, *self._steps(STEPS, apart="ten")]
        return Picture(rows, self._words).page(self._unlocks.stream, controls)

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "advance", "step": str(step)} if step in STEPS:
                self.advance(STEPS[step])
            case {"kind": "put", "what": "row" | "late" | "burst" as what}:
                self.put(what)
