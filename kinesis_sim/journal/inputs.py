"""Keeping account of what comes in from outside: calls, answers of the world, moves, native puts.

The simulator is deterministic: the same inputs at the same instants, in the same places between the
clock's actions, give the same state. So what has to be kept is the inputs, each with its place.

Laws
1. Every input runs within ``taken``: time stands still, so that it sees one instant.
2. What runs within an input, or within an action that an input scheduled, is no input itself.
3. Simulators on one clock (other Regions, other accounts of a server) write into one book: what
   came into one of them may have changed another.
4. What changes the domain past all inputs (a function of the learner's, an action that a notebook
   scheduled and that puts events into the log by itself) cannot be brought back. It is noted by
   name in ``strange``, and whoever wants to save hears of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sys import exc_info
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import UsageError
from kinesis_sim.journal.entry import AFTER_STEP, MIDWAY, SETTLED, Entry, encoded
from kinesis_sim.journal.folding import IDLE
from kinesis_sim.journal.images import Effect

if TYPE_CHECKING:
    from kinesis_sim.clock import Action, Clock
    from kinesis_sim.events import Event, EventLog
    from kinesis_sim.seed import Seed

Write = Callable[[bytes, bool], int | None]
"""Takes an entry as bytes, and whether an answer has to wait until it is safe; returns the number
that it has where it is kept, if that matters."""
Told = Effect | Callable[[], Effect | None] | None
"""What an input came to, or what can say it."""
Found = Callable[[int, Effect], None]
"""Told what an input of a number came to (``folding``)."""


class Book:
    """What those who keep account on one clock share: an order for all that comes in anywhere.

    count: how many inputs there were; slot: the foreign action that is running; slots: how many
    were scheduled. found: told what inputs came to; under: the number of the one that is under way,
    for whoever keeps it. The rest is as in ``Inputs``.
    """

    def __init__(self) -> None:
        self.before: Callable[[], None] | None = None
        self.write: Write | None = None
        self.is_full: Callable[[], bool] = lambda: False
        self.count = 0
        self.strange: dict[str, None] = {}
        self.slot = AFTER_STEP
        self.slots = 0
        self.parts: list[Inputs] = []
        self.found: Found | None = None
        self._under: int | None = None
        self._came_to: Effect | None = None
        self._is_plain = True

    def begin(self, number: int | None) -> None:
        """An input begins; its number, where somebody is told of it."""
        self._under = None if self.found is None else number
        self._came_to, self._is_plain = None, True

    def note(self, effect: Told) -> None:
        """What the input that is under way came to; None for more than can be said."""
        if self._under is not None:
            effect = effect() if callable(effect) else effect
            self._is_plain = self._is_plain and effect is not None and self._came_to is None
            self._came_to = effect

    def end(self, appended: int) -> None:
        """It is over, without an error; so many events were appended meanwhile."""
        number, effect = self._under, self._came_to
        self._under = None
        if number is None or effect is None or not self._is_plain or self.found is None:
            return
        if appended == (effect[0] == IDLE):
            self.found(number, effect)


class Inputs:
    """The inputs of one simulator, in a book that it may share with others on its clock.

    write: takes each; None while none are kept. before: called before each; what it raises refuses
    the input. count: how many there were in the book. strange: what cannot be kept. place: where
    they come in, ``account/region``; empty where the book began.
    """

    def __init__(
        self,
        clock: Clock,
        events: EventLog,
        chance: Seed,
        book: Book | None = None,
        place: str = "",
    ) -> None:
        self._clock, self._events, self._chance = clock, events, chance
        self._book = book or Book()
        self._book.parts.append(self)
        self._then = 0
        self.place_name = place
        events.found = self.found
        if self._book.write is not None:
            self._listen()

    @property
    def write(self) -> Write | None:
        """Who takes each input of the book."""
        return self._book.write

    @write.setter
    def write(self, write: Write | None) -> None:
        self._book.write = write

    @property
    def count(self) -> int:
        """How many inputs the book has."""
        return self._book.count

    @property
    def strange(self) -> dict[str, None]:
        """What came in anywhere and cannot be kept, by name."""
        return self._book.strange

    def elsewhere(self, events: EventLog, chance: Seed, place: str) -> Inputs:
        """The inputs of another simulator on this clock, in the same book."""
        return Inputs(self._clock, events, chance, self._book, place)

    def start(self, write: Write) -> None:
        """Keep account from now on."""
        self._book.write = write
        self._clock.inputs = self
        for part in self._book.parts:
            part._listen()

    def end_when(self, is_full: Callable[[], bool]) -> None:
        """Encode nothing more once ``is_full`` says that ``write`` keeps nothing any longer."""
        self._book.is_full = is_full

    def _listen(self) -> None:
        self._events.inputs = self
        self._events.subscribe(self._look_at)

    def tell_found(self, found: Found | None) -> None:
        """Have ``found`` told what inputs came to, those that are replayed as those to come."""
        self._book.found = found

    def found(self, effect: Told) -> None:
        """What the input that is under way came to, all of it (``folding``).

        None for what is more than it seems. A function is asked where somebody wants to know.
        """
        self._book.note(effect)

    def begin(self, number: int | None) -> None:
        """An input begins, kept under a number."""
        self._then = self._events.appended
        self._book.begin(number)

    def end(self) -> None:
        """It is over; ``found`` is told what it came to, if that was said."""
        self._book.end(self._events.appended - self._then)

    def resume(
        self, write: Write, count: int, slots: int, before: Callable[[], None] | None = None
    ) -> None:
        """As ``start``, after ``count`` inputs that were replayed. before: see ``Book``."""
        self._book.count, self._book.slots, self._book.before = count, slots, before
        self.start(write)

    @property
    def now(self) -> int:
        """The instant of the input that is under way (epoch ms)."""
        return self._clock.now

    def place(self, kind: str, given: list[Any]) -> Entry:
        """An entry for what comes in here and now."""
        clock = self._clock
        settled = MIDWAY if clock.is_midway else SETTLED
        slot = self._book.slot if clock.is_firing else settled
        at, drawn, appended = clock.now, self._chance.drawn, self._events.appended
        return Entry(kind, at, clock.steps, slot, drawn, appended, given, self.place_name)

    @property
    def is_taken(self) -> bool:
        """Whether what runs now belongs to an input that is kept already, or nothing is kept."""
        return self._book.write is None or self._clock.is_within

    @contextmanager
    def taken(self, kind: str, *given: Any, safe: bool = True, must: bool = False) -> Iterator[int]:
        """An input; its number.

        safe: whether its answer has to wait until it is kept. must: it has happened already, and
        cannot be refused.

        Raises what ``before`` raises, and what an action raised that came due first.
        """
        if self.is_taken:
            yield self._book.count
            return
        number = self.enter(kind, list(given), safe=safe, must=must)
        try:
            yield number
        finally:
            self.leave()

    def enter(self, kind: str, given: list[Any], *, safe: bool, must: bool = False) -> int:
        """As ``taken``, which costs more; ``leave`` has to follow."""
        if self._book.before is not None and not must:
            self._book.before()
        self._clock.stand()
        number, kept_as = self._keep(kind, given, safe)
        self.begin(kept_as)
        return number

    def leave(self) -> None:
        """The input is over."""
        self._clock.stand_no_more()
        error = exc_info()[1]
        if error is None:
            self.end()
        elif not isinstance(error, Exception):
            self.strange["a call that was interrupted halfway"] = None

    def _keep(self, kind: str, given: list[Any], safe: bool) -> tuple[int, int | None]:
        """The number of an input, and the one under which it is kept."""
        write, book = self._book.write, self._book
        assert write is not None
        number, book.count = book.count, book.count + 1
        if book.is_full():
            return number, None
        try:
            data = encoded(self.place(kind, given))
        except (UsageError, TypeError, ValueError, RecursionError):
            self.strange[f"an input of the kind {kind!r} with a value that is not plain"] = None
        else:
            return number, write(data, safe)
        return number, None

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
        return self.count if self.write is None else self._keep(kind, list(given), safe)[0]

    def moved(self) -> None:
        """Time was moved to here: it is to stand here again, also if nothing else comes in."""
        with self.taken("move", must=True):
            pass

    # --- the clock's foreign actions ----------------------------------------------------------

    def scheduled(self, at: int) -> int:
        """A foreign action was scheduled: a slot is kept for it."""
        if self.write is None:
            return -1
        self.note("slot", at)
        self._book.slots += 1
        return self._book.slots - 1

    def repeated(self) -> None:
        """A foreign action was scheduled that repeats itself, and may be skipped."""
        if self.write is not None:
            self.strange["a reader that this process keeps on the clock (a worker or poller)"] = (
                None
            )

    def fire(self, slot: int, action: Action) -> None:
        """Run a foreign action: what comes in from it belongs to its slot."""
        before, self._book.slot = self._book.slot, slot
        try:
            action()
        finally:
            self._book.slot = before
