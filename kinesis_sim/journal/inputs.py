"""Keeping account of what comes in from outside: calls, answers of the world, moves, native puts.

The simulator is deterministic: the same inputs at the same instants, in the same places between the
clock's actions, give the same state. So what has to be kept is the inputs, each with its place.

Laws
1. Every input runs within ``taken``: time stands still, so that it sees one instant.
2. What runs within an input, or within an action that an input scheduled, is no input itself.
3. What changes the domain past all inputs (a function of the learner's, an action that a notebook
   scheduled and that puts events into the log by itself) cannot be brought back. It is noted by
   name in ``strange``, and whoever wants to save hears of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sys import exc_info
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import UsageError
from kinesis_sim.journal.entry import AFTER_STEP, SETTLED, Entry, encoded

if TYPE_CHECKING:
    from kinesis_sim.clock import Action, Clock
    from kinesis_sim.events import Event, EventLog
    from kinesis_sim.seed import Seed

Write = Callable[[bytes, bool], None]
"""Takes an entry as bytes, and whether an answer has to wait until it is safe."""


class Inputs:
    """The inputs of one simulator. count: how many there were. strange: what cannot be kept.

    write: takes each; None while none are kept. before: called before each; what it raises refuses
    the input.
    """

    def __init__(self, clock: Clock, events: EventLog, chance: Seed) -> None:
        self._clock, self._events, self._chance = clock, events, chance
        self._slot = AFTER_STEP
        self._slots = 0
        self.before: Callable[[], None] | None = None
        self.write: Write | None = None
        self.count = 0
        self.strange: dict[str, None] = {}

    def start(self, write: Write) -> None:
        """Keep account from now on."""
        self.write = write
        self._clock.inputs = self._events.inputs = self
        self._events.subscribe(self._look_at)

    def resume(self, write: Write, count: int, slots: int) -> None:
        """As ``start``, after ``count`` inputs that were replayed."""
        self.count, self._slots = count, slots
        self.start(write)

    @property
    def now(self) -> int:
        """The instant of the input that is under way (epoch ms)."""
        return self._clock.now

    def place(self, kind: str, given: list[Any]) -> Entry:
        """An entry for what comes in here and now."""
        clock = self._clock
        slot = self._slot if clock.is_firing else SETTLED
        at, drawn = clock.now, self._chance.drawn
        return Entry(kind, at, clock.steps, slot, drawn, self._events.appended, given)

    @property
    def is_taken(self) -> bool:
        """Whether what runs now belongs to an input that is kept already, or nothing is kept."""
        return self.write is None or self._clock.is_within

    @contextmanager
    def taken(self, kind: str, *given: Any, safe: bool = True, must: bool = False) -> Iterator[int]:
        """An input; its number.

        safe: whether its answer has to wait until it is kept. must: it has happened already, and
        cannot be refused.

        Raises what ``before`` raises, and what an action raised that came due first.
        """
        if self.is_taken:
            yield self.count
            return
        number = self.enter(kind, list(given), safe=safe, must=must)
        try:
            yield number
        finally:
            self.leave()

    def enter(self, kind: str, given: list[Any], *, safe: bool, must: bool = False) -> int:
        """As ``taken``, which costs more; ``leave`` has to follow."""
        if self.before is not None and not must:
            self.before()
        self._clock.stand()
        return self._keep(kind, given, safe)

    def leave(self) -> None:
        """The input is over."""
        self._clock.stand_no_more()
        error = exc_info()[1]
        if error is not None and not isinstance(error, Exception):
            self.strange["a call that was interrupted halfway"] = None

    def _keep(self, kind: str, given: list[Any], safe: bool) -> int:
        assert self.write is not None
        try:
            data = encoded(self.place(kind, given))
        except (UsageError, TypeError, ValueError, RecursionError):
            self.strange[f"an input of the kind {kind!r} with a value that is not plain"] = None
        else:
            self.write(data, safe)
        self.count += 1
        return self.count - 1

    def _look_at(self, event: Event) -> None:
        if not self._clock.is_within and self.write is not None:
            self.strange[
                f"what was done to the simulator's parts directly ({type(event).__name__})"
            ] = None

    def mark(self, what: str) -> None:
        """Something came in that cannot be kept."""
        if self.write is not None:
            self.strange[what] = None

    def note(self, kind: str, *given: Any, safe: bool = False) -> int:
        """An input that nothing runs in; its number."""
        return self.count if self.write is None else self._keep(kind, list(given), safe)

    # --- the clock's foreign actions ----------------------------------------------------------

    def scheduled(self, at: int) -> int:
        """A foreign action was scheduled: a slot is kept for it."""
        if self.write is None:
            return -1
        self.note("slot", at)
        self._slots += 1
        return self._slots - 1

    def repeated(self) -> None:
        """A foreign action was scheduled that repeats itself, and may be skipped."""
        if self.write is not None:
            self.strange["a reader that this process keeps on the clock (a worker or poller)"] = (
                None
            )

    def fire(self, slot: int, action: Action) -> None:
        """Run a foreign action: what comes in from it belongs to its slot."""
        before, self._slot = self._slot, slot
        try:
            action()
        finally:
            self._slot = before
