"""The way back: every input again, at its instant and in its place, on a simulator that is new.

What an input raised was told to somebody then; here only the state counts. An input that does not
find things as it found them (a later version computes something in another way, an entry is not
what it was) ends the replay: better no state than another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from kinesis_sim.account.faults.plan import PLANNED
from kinesis_sim.errors import UsageError
from kinesis_sim.journal.entry import AFTER_STEP, MIDWAY, SETTLED, Damaged, Entry

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


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
        }
        self._open: dict[int, Any] = {}
        self.entries = 0
        self.slots = 0
        self.at = sim.clock.now

    def run(self, entries: Iterable[Entry]) -> None:
        """Take them all. Raises Differs, Damaged, and what ``look`` raises."""
        for entry in entries:
            if self._look is not None:
                self._look(entry)
            try:
                self._sim = self._home.accounts.at(entry.place)
            except UsageError as error:
                raise Damaged(f"Entry {self.entries} came in nowhere: {error}") from None
            self._go_to(entry)
            self._take(entry)
            self.entries += 1

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
        clock = self._sim.clock
        if entry.slot == SETTLED:
            clock.fire_until(entry.at, lambda: False)
            clock.stand_at(entry.at)
        elif entry.slot == MIDWAY:
            clock.fire_midway(entry.at, entry.steps)
            clock.stand_at(entry.at)
        elif entry.slot == AFTER_STEP:
            clock.fire_until(entry.at, lambda: clock.steps >= entry.steps)
        else:
            clock.fire_until(entry.at, lambda: clock.last_slot == entry.slot)
        self._sim.chance.drawn = entry.drawn
        found = clock.now, clock.steps, self._sim.events.appended
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
        take = self._takes.get(entry.kind)
        with self._sim.clock.standing():
            if take is None:
                self._outside.answer(self._sim, entry.kind, entry.given)
                return
            try:
                take(self.entries, entry.given)
            except (LookupError, TypeError, ValueError) as error:
                raise Damaged(f"Entry {self.entries} cannot be taken: {error}.") from None

    def _call(self, number: int, given: list[Any]) -> None:
        from kinesis_sim.account.calls import Caller

        service, operation, params, caller = given
        who = None if caller is None else Caller(*caller)
        if service not in self._sim.gate.services() or not isinstance(params, dict):
            raise ValueError(f"there is no service {service!r}")
        answer: Any = {}
        with suppress(Exception):
            answer = self._sim.gate.begin(service, operation, params, who)
        if not isinstance(answer, dict):
            self._open[number] = answer
            return
        for value in answer.values():
            if hasattr(value, "next_event"):
                self._open[number] = value

    def _converse(self, number: int, given: list[Any]) -> None:
        from kinesis_sim.account.calls import Caller

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
        slot = self.slots
        self.slots += 1
        self._sim.clock.keep_slot(given[0], slot)
