"""The event log: what happened, in order, and what was folded away.

The domain appends frozen events that carry counts, bytes and places, never payloads. Metrics, bill,
audit trail, history and pictures are folds over this log; nothing else feeds them. The log is
bounded:
past its horizon an event survives as part of a per-minute row, so a simulated year fits in memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

Number = int | float
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. at: epoch milliseconds on the simulator's clock."""

    at: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """What a per-minute row keeps of the event: labels (where) and measures to add up (how
        much)."""
        yield (), {"count": 1}


E_ = TypeVar("E_", bound=Event)


@dataclass(frozen=True, slots=True)
class MinuteRow:
    """All events of one kind with the same labels in one minute, added up.

    minute: epoch ms of the minute's start; kind: the event class's name.
    """

    minute: int
    kind: str
    labels: Labels
    measures: dict[str, Number]


class EventLog:
    """A bounded, ordered log of events with subscribers.

    keep: how many events stay whole; older ones are folded into per-minute rows.
    """

    def __init__(self, keep: int = 200_000) -> None:
        self._events: deque[Event] = deque()
        self._keep = keep
        self._folded: dict[tuple[int, str, Labels], dict[str, Number]] = {}
        self._told: dict[int, Callable[[Event], None]] = {}
        self._subscribers: tuple[Callable[[Event], None], ...] = ()
        self._numbers = count()
        self.folded_until: int | None = None  # epoch ms of the newest event that was folded away

    def append(self, event: Event) -> None:
        """Add an event and tell every subscriber."""
        self._events.append(event)
        if len(self._events) > self._keep:
            self._fold(self._events.popleft())
        for tell in self._subscribers:
            tell(event)

    def subscribe(self, tell: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``tell`` with every event from now on; returns the call that ends it."""
        number = next(self._numbers)
        self._told[number] = tell
        self._subscribers = tuple(self._told.values())

        def end() -> None:
            self._told.pop(number, None)
            self._subscribers = tuple(self._told.values())

        return end

    def __iter__(self) -> Iterator[Event]:
        return iter(tuple(self._events))

    def __len__(self) -> int:
        return len(self._events)

    def of(self, *kinds: type[E_]) -> list[E_]:
        """The whole events of the given classes, oldest first."""
        return [event for event in self._events if isinstance(event, kinds)]

    def minutes(self) -> list[MinuteRow]:
        """Every event ever appended as per-minute rows, folded ones and whole ones alike."""
        rows = {key: dict(measures) for key, measures in self._folded.items()}
        for event in self._events:
            _add(rows, event)
        return [
            MinuteRow(*key, measures) for key, measures in sorted(rows.items(), key=lambda r: r[0])
        ]

    def _fold(self, event: Event) -> None:
        self.folded_until = event.at
        _add(self._folded, event)


def _add(rows: dict[tuple[int, str, Labels], dict[str, Number]], event: Event) -> None:
    minute = event.at - event.at % 60_000
    kind = type(event).__name__
    for labels, measures in event.parts():
        row = rows.setdefault((minute, kind, labels), {})
        for name, amount in measures.items():
            row[name] = row.get(name, 0) + amount
