"""Fires the clock's due actions while nobody calls: streams become ACTIVE, records expire.

Only a clock that follows the wall needs it. It sleeps until the next action is due, and is woken
when an earlier one is scheduled, from whichever thread.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

_LOG = logging.getLogger("kinesis_sim.server")


class Ticker:
    """Keeps one simulator's clock firing. ``run()`` goes on until cancelled."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._due: int | None = None

    async def run(self) -> None:
        """Fire, sleep, fire again."""
        clock = self._sim.clock
        before, clock.on_schedule = clock.on_schedule, self._heard
        try:
            while True:
                self._woken.clear()
                await self._sleep(self._fire())
        finally:
            clock.on_schedule = before

    def _fire(self) -> float | None:
        """Fire what is due; the seconds until the next action, None if there is none to await."""
        clock = self._sim.clock
        with self._sim.lock:
            try:
                clock.catch_up()
            except Exception:
                _LOG.exception("A scheduled action failed.")
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
        if (self._due is None or at < self._due) and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)
