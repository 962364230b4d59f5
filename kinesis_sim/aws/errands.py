"""Work that waits for the world outside: done in threads, without the simulator's lock.

The result comes back as an event of the clock, at the time that it then is. Time that follows the
wall goes on meanwhile. Time that is being moved stands still at the errand until it is back, so a
real endpoint's answer takes 0 ms of simulated time, as it always did; the lock is free while the
move waits, and the move can be stopped.

What came back is an input: it is kept, and when inputs are replayed nobody outside is asked again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from kinesis_sim.firehose.destinations.tape import Row, Tape, running

if TYPE_CHECKING:
    from kinesis_sim.clock import Clock
    from kinesis_sim.journal.inputs import Inputs

Found = TypeVar("Found")
_THREADS = 16
_LOOK_SECONDS = 0.1
"""How often a move that waits looks up, so that Ctrl+C and ``clock.stop()`` are heard."""


class Errands:
    """The errands of one simulator.

    out: how many are under way. replaying: whether inputs are being replayed, so that nobody is to
    be sent.
    """

    def __init__(self, clock: Clock, lock: threading.RLock, inputs: Inputs) -> None:
        self._clock = clock
        self._inputs = inputs
        self._begun = 0
        self._held: dict[int, tuple[Callable[[], Any], Callable[[Any], None]]] = {}
        self.replaying = False
        self._home = threading.Condition(lock)
        self.out = 0

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_THREADS, thread_name_prefix="errand")

    def run(self, work: Callable[[], Found], done: Callable[[Found], None]) -> None:
        """Do ``work`` in a thread; hand its result to ``done`` on the clock.

        What work raises is a mishap, and done is not called: work says in its result what went
        wrong.
        """
        with self._home:
            number, self._begun = self._begun, self._begun + 1
            if self.replaying:
                self._held[number] = work, done
                return
            self._send(number, work, done)

    def tell(self, work: Callable[[], object]) -> None:
        """Do ``work`` in a thread; nobody waits for its result, and nothing here depends on it."""
        if not self.replaying:
            with self._home:
                self._send(None, work, None)

    def _send(self, number: int | None, work: Callable[[], Any], done: Any) -> None:
        self.out += 1
        self._clock.before_step = self.wait
        self._threads.submit(self._carry, number, work, done)

    def wait(self) -> bool:
        """Wait until all are back, letting the lock go meanwhile, or until the clock is stopped.

        Returns whether all are back.
        """
        with self._home:
            while self.out and not self._clock.is_stopping:
                self._home.wait(_LOOK_SECONDS)
            return not self.out

    def _carry(self, number: int | None, work: Callable[[], Any], done: Any) -> None:
        tape = Tape()
        action: Callable[[], None] | None = None
        try:
            with running(tape):
                found = work()
            if done is not None:
                action = lambda: done(found)  # noqa: E731
        except Exception as error:
            self._clock.mishaps.note(error, "an errand")
        with self._home:
            self.out -= 1
            if number is not None:
                self._come_home(number, tape.rows, action)
            self._home.notify_all()

    def _come_home(self, number: int, rows: list[Row], action: Callable[[], None] | None) -> None:
        """Put the result on the clock. What comes due first and raises is nobody's here to hear."""
        while True:
            try:
                with self._inputs.taken("errand", number, rows, must=True), self._clock.standing():
                    if action is not None:
                        self._clock.schedule(self._clock.now, action)
            except Exception as error:
                self._clock.mishaps.note(error, "a scheduled action")
            else:
                return

    # --- replaying ----------------------------------------------------------------------------

    def replayed(self, number: int, rows: list[Row]) -> None:
        """An errand of the inputs is back: what it was told is on its tape.

        Raises LookupError for one that was never sent.
        """
        work, done = self._held.pop(number)
        try:
            with running(Tape(rows)):
                found = work()
        except Exception as error:
            self._clock.mishaps.note(error, "an errand")
        else:
            self._clock.schedule(self._clock.now, lambda: done(found))

    def go_on(self) -> None:
        """Inputs were replayed; those who were not back then are sent again."""
        self.replaying = False
        with self._home:
            held, self._held = self._held, {}
            for number, (work, done) in held.items():
                self._send(number, work, done)
