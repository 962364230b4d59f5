"""Work that waits for the world outside: done in threads, without the simulator's lock.

The result comes back as an event of the clock, at the time that it then is. Time that follows the
wall goes on meanwhile. Time that is being moved stands still at the errand until it is back, so a
real endpoint's answer takes 0 ms of simulated time, as it always did; the lock is free while the
move waits, and the move can be stopped.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from kinesis_sim.clock import Clock

Found = TypeVar("Found")
_THREADS = 16
_LOOK_SECONDS = 0.1
"""How often a move that waits looks up, so that Ctrl+C and ``clock.stop()`` are heard."""
_LOG = logging.getLogger("kinesis_sim.errands")


class Errands:
    """The errands of one simulator. out: how many are under way."""

    def __init__(self, clock: Clock, lock: threading.RLock) -> None:
        self._clock = clock
        self._home = threading.Condition(lock)
        self.out = 0

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_THREADS, thread_name_prefix="errand")

    def run(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        """Do ``work`` in a thread; hand its result to ``done`` on the clock.

        What work raises is logged, and done is not called: work says in its result what went wrong.
        """
        with self._home:
            self.out += 1
            self._clock.before_step = self.wait
        self._threads.submit(self._carry, work, done)

    def wait(self) -> bool:
        """Wait until all are back, letting the lock go meanwhile, or until the clock is stopped.

        Returns whether all are back.
        """
        with self._home:
            while self.out and not self._clock.is_stopping:
                self._home.wait(_LOOK_SECONDS)
            return not self.out

    def _carry(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        try:
            found = work()
        except Exception:
            _LOG.exception("An errand failed.")
            self._back(lambda: None)
        else:
            self._back(lambda: done(found))

    def _back(self, action: Callable[[], None]) -> None:
        with self._home:
            self.out -= 1
            self._clock.schedule(self._clock.now, action)
            self._home.notify_all()
