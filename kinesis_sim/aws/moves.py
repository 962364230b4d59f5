"""Moves of the clock over HTTP: in a thread, so that everybody else is answered meanwhile.

A move lets go of the simulator's lock again and again between two actions; calls that come then are
answered at the time that the move has reached. It ends early, between two actions, when its caller
leaves or when the server stops.

A clock that follows the wall and has fallen behind it, as on a laptop that slept, catches up in the
same manner; what is due in the normal course fires at once, in the event loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

from kinesis_sim.aws.exchange import Gone, Receive
from kinesis_sim.clock import Clock
from kinesis_sim.watch import MoveProgress, Watch

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

AT_A_TIME_MS = 20
"""Wall time for which a move keeps the lock at most, if no single action takes longer."""
_BREATH_SECONDS = 0.001
LATE_SECONDS = 1
"""Wall time by which the next action is overdue when catching up is taken to be long."""


class Moves:
    """The moves of one simulator's clock. progress: of the one under way, None without."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._free = threading.Condition(sim.lock)
        self._wall = Clock.wall()
        self._watches: set[Watch] = set()
        self._closed = False
        self._since = 0
        self.progress: MoveProgress | None = None

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(4, thread_name_prefix="clock")

    async def catch_up(self) -> None:
        """Fire what has come due on a clock that follows the wall; in a thread if that may be long.

        Raises what it raises; MoveStopped when the server stops.
        """
        clock = self._sim.clock
        if clock.is_firing:
            return
        with self._sim.lock:
            if not self._is_late():
                clock.catch_up()
                return
        watch = self._watch()
        try:
            catch_up = clock.catch_up
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._threads, self._move, catch_up, watch)
        finally:
            self._watches.discard(watch)

    def _is_late(self) -> bool:
        """Whether the clock has fallen behind the wall, and nobody makes up for it yet."""
        clock = self._sim.clock
        if clock.is_manual or clock.is_firing:
            return False
        due = clock.next_due()
        return due is not None and clock.now - due > 1000 * LATE_SECONDS * clock.rate

    def _watch(self) -> Watch:
        watch = Watch(self._look_on, every=1)
        self._watches.add(watch)
        if self._closed:
            watch.stop()
        return watch

    def close(self) -> None:
        """The server stops: end what is under way, between two actions."""
        self._closed = True
        for watch in tuple(self._watches):
            watch.stop()

    async def run(self, move: Callable[[], None], receive: Receive) -> None:
        """Move as ``move`` does, in a thread.

        Raises what it raises; MoveStopped when the server stops, Gone when the caller leaves.
        """
        loop = asyncio.get_running_loop()
        watch = self._watch()
        left = asyncio.create_task(_left(receive))
        try:
            moving = loop.run_in_executor(self._threads, self._move, move, watch)
            await asyncio.wait({moving, left}, return_when=asyncio.FIRST_COMPLETED)
            gone = not moving.done()
            if gone:
                watch.stop()
                await asyncio.wait({moving})
            error = moving.exception()
            if gone:
                raise Gone("The client went away.")
            if error is not None:
                raise error
        finally:
            left.cancel()
            self._watches.discard(watch)

    def _move(self, move: Callable[[], object], watch: Watch) -> None:
        with self._free:
            self._since = self._wall.now
            try:
                with self._sim.clock.watched(watch):
                    move()
            finally:
                self.progress = None
                self._wake_ticker()

    def _look_on(self, progress: MoveProgress) -> None:
        """Between two actions: say how far it is, and let others at the lock now and then."""
        self.progress = progress
        if self._wall.now - self._since >= AT_A_TIME_MS:
            self._free.wait(_BREATH_SECONDS)
            self._since = self._wall.now

    def _wake_ticker(self) -> None:
        """What follows the wall slept while time was moved."""
        clock = self._sim.clock
        due = clock.next_due()
        if due is not None and clock.on_schedule is not None:
            clock.on_schedule(due)


async def _left(receive: Receive) -> None:
    """Return when the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
