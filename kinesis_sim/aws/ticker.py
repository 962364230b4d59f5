"""Fires the clock's due actions while nobody calls: streams become ACTIVE, records expire.

Only a clock that follows the wall needs it. It sleeps until the next action is due, and is woken
when an earlier one is scheduled, from whichever thread.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kinesis_sim.errors import MoveStopped

if TYPE_CHECKING:
    from kinesis_sim.aws.moves import Moves
    from kinesis_sim.simulator import Simulator


class Ticker:
    """Keeps one simulator's clock firing. ``run()`` goes on until cancelled."""

    def __init__(self, sim: Simulator, moves: Moves) -> None:
        self._sim = sim
        self._moves = moves
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._due: int | None = None
        self._called = False

    async def run(self) -> None:
        """Fire, sleep, fire again."""
        clock = self._sim.clock
        before, clock.on_schedule = clock.on_schedule, self._heard
        try:
            while True:
                self._woken.clear()
                self._called = False
                await self._fire()
                await self._sleep(self._until_due())
        finally:
            clock.on_schedule = before

    async def _fire(self) -> None:
        """Fire what is due; long work, as on a machine that slept, is no work of the event loop."""
        try:
            await self._moves.catch_up()
        except MoveStopped:  # by the server, which stops
            return
        except Exception as error:
            self._sim.clock.mishaps.note(error, "a scheduled action")

    def _until_due(self) -> float | None:
        """The seconds until the next action, None if there is none to await."""
        clock = self._sim.clock
        if clock.is_firing:
            self._due = None
            return None
        with self._sim.lock:
            self._due = clock.next_due()
            if self._due is None or clock.is_manual or clock.is_firing:
                self._due = None  # whoever moves the clock wakes us at the end
                return None
            return max(0.0, (self._due - clock.now) / 1000 / clock.rate)

    async def _sleep(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass

    def _heard(self, at: int) -> None:
        """Wake up for it; once is enough, however much a move schedules on its way."""
        if self._called or self._sim.clock.is_manual or self._loop.is_closed():
            return
        if self._due is None or at < self._due:
            self._called = True
            self._loop.call_soon_threadsafe(self._woken.set)
