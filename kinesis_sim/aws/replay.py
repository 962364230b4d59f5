"""The way back: every input again, at its instant and in its place, on a simulator that is new.

What an input raised was told to somebody then; here only the state counts. An input that does not
find things as it found them (a later version computes something in another way, an entry is not
what it was) ends the replay: better no state than another one.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from kinesis_sim.account.calls import Caller
from kinesis_sim.account.faults.plan import PLANNED
from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError
from kinesis_sim.journal.entry import AFTER_STEP, MIDWAY, SETTLED, Damaged, Entry
from kinesis_sim.journal.folding import GAP, IDLE, MINUTES, WAITED, weight

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


_THRESHOLDS = (50_000, 20, 20)
"""When garbage is looked for meanwhile: nearly all that is made stays, and looking costs a fifth of
the time otherwise."""


class Differs(UsageError):
    """A replay came to another state than the one that was kept."""


class OutsideWorld(Protocol):
    """What the simulator has of the world outside while inputs are replayed."""

    def answer(self, sim: Simulator, kind: str, given: list[Any]) -> None:
        """Take an input that came from there to a simulator."""


class Replay:
    """Replays the inputs of a simulator, and of those that share its clock.

    entries: how many; slots: how many of them were slots.

    outside: takes the kinds ``errand`` and ``neighbour``. look: called between two entries; what it
    raises ends the replay.
    """

    def __init__(
        self, sim: Simulator, outside: OutsideWorld, look: Callable[[Entry], None] | None = None
    ) -> None:
        self._home, self._outside, self._look = sim, outside, look
        self._sim = sim
        self._takes: dict[str, Callable[[int, list[Any]], Any]] = {
            "call": self._call,
            "open": self._converse,
            "take": lambda number, given: self._open[given[0]].take(given[1]),
            "finish": lambda number, given: self._open[given[0]].finish(),
            "attempt": self._attempt,
            "next": lambda number, given: self._open[given[0]].next_event(),
            "close": lambda number, given: self._open.pop(given[0]).close(given[1]),
            "room": lambda number, given: self._sim.services[given[0]],
            "settle": lambda number, given: self._sim.settle(),
            "move": lambda number, given: None,
            "end": lambda number, given: None,
            "begin": lambda number, given: None,
            "fault": self._fault,
            "put": self._put,
            "slot": self._slot,
            "key": lambda number, given: self._sim.keys.set_state(*given),
            "new key": lambda number, given: self._sim.keys.create_key(*given),
            "gone key": lambda number, given: self._sim.keys.delete_key(*given),
            "bucket": self._bucket,
            IDLE: self._idle,
            MINUTES: self._minutes,
            GAP: lambda number, given: None,
        }
        self._open: dict[int, Any] = {}
        self.entries = 0
        self.slots = 0
        self.at = sim.clock.now

    def run(self, entries: Iterable[Entry]) -> None:
        """Take them all. Raises Differs, Damaged, and what ``look`` raises."""
        thresholds = gc.get_threshold()
        gc.set_threshold(*_THRESHOLDS)
        try:
            self._run(entries)
        finally:
            gc.set_threshold(*thresholds)

    def _run(self, entries: Iterable[Entry]) -> None:
        place: str | None = None
        for entry in entries:
            if self._look is not None:
                self._look(entry)
            if entry.place != place:
                self._sim, place = self._at(entry.place), entry.place
            if entry.kind not in WAITED:
                self._go_to(entry)
            self._take(entry)
            self.entries += weight(entry)

    def _at(self, place: str) -> Simulator:
        try:
            return self._home.accounts.at(place)
        except UsageError as error:
            raise Damaged(f"Entry {self.entries} came in nowhere: {error}") from None

    def end_streams(self) -> None:
        """Whoever took event streams and waited for answers is gone."""
        for source in self._open.values():
            close = getattr(source, "close", None)
            if close is not None:
                close("server stopped")

    @property
    def open_streams(self) -> list[int]:
        """The numbers of the calls whose event streams have not ended."""
        return [n for n, source in self._open.items() if hasattr(source, "next_event")]

    # --- the place ----------------------------------------------------------------------------

    def _go_to(self, entry: Entry) -> None:
        sim = self._sim
        clock = sim.clock
        if entry.slot == SETTLED:
            if clock.is_due(entry.at):
                clock.fire_until(entry.at, lambda: False)
            clock.stand_at(entry.at)
        elif entry.slot == MIDWAY:
            clock.fire_midway(entry.at, entry.steps)
            clock.stand_at(entry.at)
        elif entry.slot == AFTER_STEP:
            clock.fire_until(entry.at, lambda: clock.steps >= entry.steps)
        else:
            clock.fire_until(entry.at, lambda: clock.last_slot == entry.slot)
        sim.chance.drawn = entry.drawn
        found = clock.now, clock.steps, sim.events.appended
        if found != (entry.at, entry.steps, entry.appended):
            raise Differs(
                f"Entry {self.entries} ({entry.kind}) finds another state than it was made in "
                f"(instant, actions, events: {found}, not "
                f"{(entry.at, entry.steps, entry.appended)}): it was kept by another version, or "
                "is damaged."
            )
        self.at = entry.at

    # --- the inputs ---------------------------------------------------------------------------

    def _take(self, entry: Entry) -> None:
        take, clock = self._takes.get(entry.kind), self._sim.clock
        inputs = self._sim.inputs
        clock.stand()
        inputs.begin(self.entries)
        try:
            if take is None:
                self._outside.answer(self._sim, entry.kind, entry.given)
            else:
                take(self.entries, entry.given)
            inputs.end()
        except (LookupError, TypeError, ValueError) as error:
            raise Damaged(f"Entry {self.entries} cannot be taken: {error}.") from None
        finally:
            clock.stand_no_more()

    def _call(self, number: int, given: list[Any]) -> None:
        service, operation, params, caller = given
        who = None if caller is None else Caller(*caller)
        gate = self._sim.gate
        if service not in gate.services() or not isinstance(params, dict):
            raise ValueError(f"there is no service {service!r}")
        answer: Any = {}
        try:
            answer = gate.again(service, operation, params, who)
        except Exception:
            return
        if not answer:
            return
        if not isinstance(answer, dict):
            self._open[number] = answer
            return
        for value in answer.values():
            if hasattr(value, "next_event"):
                self._open[number] = value

    def _idle(self, number: int, given: list[Any]) -> None:
        _, service, rows = given
        room, now = self._sim.services[service], self._sim.clock.now
        if room.found_nothing is None:
            raise ValueError(f"{service} counts nothing")
        room.found_nothing(room.state, now, rows)

    def _minutes(self, number: int, given: list[Any]) -> None:
        _, service, rows = given
        room = self._sim.services[service]
        if room.put_back is None:
            raise ValueError(f"{service} has nothing to put back")
        room.put_back(room.state, rows)

    def _converse(self, number: int, given: list[Any]) -> None:
        service, talk, params, caller = given
        who = None if caller is None else Caller(*caller)
        with suppress(Exception):
            self._open[number] = self._sim.gate.converse(service, talk, params, who)

    def _attempt(self, number: int, given: list[Any]) -> None:
        pending, answer = self._open[given[0]], None
        with suppress(Exception):
            answer = pending.attempt(self._sim.clock.now)
        if answer is not None:
            del self._open[given[0]]

    def _put(self, number: int, given: list[Any]) -> None:
        room, name, records, api = given
        with suppress(Exception):
            if room == "streams":
                entries = [(data, key, explicit) for data, key, explicit in records]
                self._sim.streams[name].put(entries, self._sim.clock.now, api)
            else:
                self._sim.firehose[name].put(records, api)

    def _bucket(self, number: int, given: list[Any]) -> None:
        name, code = given
        buckets = self._sim.buckets
        buckets.accept(name) if code is None else buckets.refuse(name, code)

    def _fault(self, number: int, given: list[Any]) -> None:
        change, settings = given
        if change not in PLANNED:
            raise ValueError(f"no fault is planned by {change!r}")
        with suppress(UsageError):
            getattr(self._sim.faults, change)(**settings)

    def _slot(self, number: int, given: list[Any]) -> None:
        at, slot = given[0], self.slots
        if type(at) is not int:
            raise ValueError(f"a slot at {said(at)}")
        self.slots += 1
        self._sim.clock.keep_slot(at, slot)
