"""The event log: what happened, in order, and what was folded away.

The domain appends frozen events that carry counts, bytes and places, never payloads. Metrics, bill,
audit trail, history and pictures are folds over this log; nothing else feeds them.

Laws
1. A change of state is kept whole for ever. There are few, and every picture rests on them.
2. Chatter (``chatter``: puts, reads, deliveries) is kept whole while there is room. Room is a
   matter of size, and of all classes and streams the one that takes most gives way: no reader's
   polls push out another stream's puts.
3. What gives way survives in sums per minute, coarser with age, and never changes in total. Of what
   tells a place (``place``: a checkpoint, an outcome), the newest of each place stays whole.
4. What found nothing (``idle``: an empty read) is counted at once, and never kept one by one.
5. Whoever listens cannot undo what happened: an error of theirs is noted (``mishaps``), the others
   hear of the event all the same, and whoever appended it goes on.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import count
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar, TypeVar

from kinesis_sim.folded import Number, Sums
from kinesis_sim.instants import MINUTE
from kinesis_sim.mishaps import Mishaps

if TYPE_CHECKING:
    from kinesis_sim.journal.inputs import Inputs, Told

Labels = tuple[tuple[str, str], ...]
KEEP = 400_000
"""How much chatter stays whole, in plain events of about 200 bytes: some 80 MB."""
_FIRST = itemgetter(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. at: epoch milliseconds on the simulator's clock.

    chatter: whether it is traffic, which gives way when there is too much of it; else a change of
    state, which is kept.
    """

    chatter: ClassVar[bool] = False
    at: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """What a per-minute row keeps: labels (where) and measures to add up (how much)."""
        yield (), {"count": 1}

    @property
    def units(self) -> int:
        """How much room it takes, in plain events."""
        return 1

    @property
    def idle(self) -> bool:
        """Whether it tells that nothing was found: such events are counted, not kept."""
        return False

    @property
    def place(self) -> tuple[object, ...] | None:
        """Whose place or outcome it tells, of which the newest stays; None for what tells none."""
        return None


E_ = TypeVar("E_", bound=Event)
Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class MinuteRow:
    """All events of one kind with the same labels in one stretch of time, added up.

    minute: epoch ms of its start; kind: the event class's name; width: its length in ms, a minute,
    or more for what is old.
    """

    minute: int
    kind: str
    labels: Labels
    measures: dict[str, Number]
    width: int = MINUTE


class _Shelf:
    """The events of one class about one stream that are whole, in order, with their numbers."""

    __slots__ = ("events", "folded_until", "latest", "numbers", "units")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.numbers = array("Q")
        self.units = 0
        self.folded_until: int | None = None
        self.latest: dict[tuple[object, ...], tuple[int, Event]] = {}

    def rows(self) -> Iterator[tuple[int, Event]]:
        """Numbers and events, in order; the newest of each place before the rest."""
        if self.latest:
            yield from sorted(self.latest.values(), key=_FIRST)
        yield from zip(self.numbers[:], self.events[:], strict=True)

    def give(self, units: int) -> list[Event]:
        """Let go of the oldest events, so many units at least."""
        gone = 0
        for place, event in enumerate(self.events):
            if gone >= units:
                break
            gone += event.units
            if (whose := event.place) is not None:
                self.latest[whose] = self.numbers[place], event
        else:
            place = len(self.events)
        given = self.events[:place]
        del self.events[:place], self.numbers[:place]
        self.units -= gone
        self.folded_until = given[-1].at
        return given


class EventLog:
    """A bounded, ordered log of events with subscribers.

    keep: how much chatter stays whole, in plain events. mishaps: where errors of listeners are
    noted. appended: how many events there were.
    """

    def __init__(self, keep: int = KEEP, mishaps: Mishaps | None = None) -> None:
        self._keep = keep
        self._mishaps = mishaps or Mishaps()
        self._units = 0
        self._shelves: dict[tuple[type[Event], str], _Shelf] = {}
        self._sums: dict[tuple[str, Labels], Sums] = {}
        self._listeners: dict[int, tuple[Tell, tuple[type[Event], ...]]] = {}
        self._told: dict[type[Event], tuple[Tell, ...]] = {}
        self._order = count()
        self.appended = 0
        self.inputs: Inputs | None = None
        """Who keeps account of what comes in past AWS's API."""
        self.found: Callable[[Told], None] = lambda effect: None
        """Told what a call came to that can be had again more shortly (``journal.folding``)."""

    def append(self, event: Event) -> None:
        """Add an event, and tell those who listen for its class."""
        kind = type(event)
        self.appended += 1
        if kind.chatter and event.idle:
            self._fold(event)
        else:
            key = (kind, getattr(event, "stream", ""))
            shelf = self._shelves.get(key)
            if shelf is None:
                shelf = self._shelves[key] = _Shelf()
            shelf.events.append(event)
            shelf.numbers.append(self.appended)
            if kind.chatter:
                size = event.units
                shelf.units += size
                self._units += size
                if self._units > self._keep:
                    self._give_way()
        self._tell(event, kind)

    def count(self, event: Event, times: int, said: Event) -> None:
        """Have appended an idle event so many times in its minute; listeners hear ``said`` once."""
        self.appended += times
        self._fold(event, times)
        self._tell(said, type(said))

    def _tell(self, event: Event, kind: type[Event]) -> None:
        told = self._told.get(kind)
        if told is None:
            told = self._told[kind] = self._listening_for(kind)
        for tell in told:
            try:
                tell(event)
            except Exception as error:
                self._mishaps.note(error, f"a listener to {kind.__name__}")

    def subscribe(self, tell: Tell, *kinds: type[Event]) -> Callable[[], None]:
        """Call ``tell`` with events of some classes from now on; returns the call that ends it.

        kinds: classes and their subclasses; all when none is named. What ``tell`` raises is noted
        and told once, with its traceback (``sim.clock.mishaps``); the event stands.
        """
        number = next(self._order)
        self._listeners[number] = tell, kinds or (Event,)
        self._told.clear()

        def end() -> None:
            if self._listeners.pop(number, None) is not None:
                self._told.clear()

        return end

    def _listening_for(self, kind: type[Event]) -> tuple[Tell, ...]:
        return tuple(tell for tell, kinds in self._listeners.values() if issubclass(kind, kinds))

    # --- reading ------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Event]:
        return iter(self.of(Event))

    def __len__(self) -> int:
        return sum(len(shelf.events) + len(shelf.latest) for shelf in self._shelves.values())

    def of(self, *kinds: type[E_], stream: str | None = None) -> list[E_]:
        """The events of some classes that are whole, oldest first.

        stream: those about the stream of this name only.
        """
        shelves = list(self._of(kinds, stream))
        if len(shelves) == 1:
            return [event for _, event in shelves[0].rows()]  # type: ignore[misc]
        rows = merge(*(shelf.rows() for shelf in shelves), key=_FIRST)
        return [event for _, event in rows]  # type: ignore[misc]

    def whole_from(self, *kinds: type[Event], stream: str | None = None) -> int | None:
        """From which full minute on (epoch ms) every event of some classes is whole.

        None for all of them, from the beginning.
        """
        ends = [
            shelf.folded_until
            for shelf in self._of(kinds, stream)
            if shelf.folded_until is not None
        ]
        return max(ends) // MINUTE * MINUTE + MINUTE if ends else None

    def minutes(self, *kinds: type[Event], stream: str | None = None) -> list[MinuteRow]:
        """Every event ever appended as per-minute rows, folded ones and whole ones alike.

        kinds: classes (without their subclasses); all when none is named. stream: rows about the
        stream of this name only.
        """
        label = ("stream", stream)
        names = {kind.__name__ for kind in kinds}
        rows: dict[tuple[int, str, Labels, int], dict[str, Number]] = {}
        for (kind, labels), sums in self._sums.items():
            if (not names or kind in names) and (stream is None or label in labels):
                for width, at, measures in sums:
                    rows[at, kind, labels, width] = dict(measures)
        for (event_kind, about), shelf in self._shelves.items():
            if (not names or event_kind.__name__ in names) and stream in (None, about):
                for event in shelf.events:
                    _add(rows, event)
        return [
            MinuteRow(at, kind, labels, measures, width)
            for (at, kind, labels, width), measures in sorted(rows.items(), key=_FIRST)
        ]

    def _of(self, kinds: tuple[type[Event], ...], stream: str | None) -> Iterator[_Shelf]:
        for (kind, about), shelf in self._shelves.items():
            if issubclass(kind, kinds) and stream in (None, about):
                yield shelf

    # --- giving way ---------------------------------------------------------------------------

    def _give_way(self) -> None:
        """Let go of the oldest of what takes most room, a little more than must be."""
        spare = max(1, self._keep // 64)
        while self._units > self._keep:
            heaviest = max(self._shelves.values(), key=lambda shelf: shelf.units)
            before = heaviest.units
            for event in heaviest.give(min(spare, before)):
                self._fold(event)
            self._units -= before - heaviest.units

    def _fold(self, event: Event, times: int = 1) -> None:
        kind, minute = type(event).__name__, event.at - event.at % MINUTE
        for labels, measures in event.parts():
            if times > 1:
                measures = {name: amount * times for name, amount in measures.items()}
            sums = self._sums.get((kind, labels))
            if sums is None:
                sums = self._sums[kind, labels] = Sums()
            sums.add(minute, measures)


def _add(rows: dict[tuple[int, str, Labels, int], dict[str, Number]], event: Event) -> None:
    minute, kind = event.at - event.at % MINUTE, type(event).__name__
    for labels, measures in event.parts():
        row = rows.setdefault((minute, kind, labels, MINUTE), {})
        for name, amount in measures.items():
            row[name] = row.get(name, 0) + amount
