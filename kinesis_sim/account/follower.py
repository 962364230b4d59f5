"""Reading the event log in batches.

Folds are kept up to date when somebody asks, or when a batch is full, so that a put costs one
append.
"""

from __future__ import annotations

from collections.abc import Callable

from kinesis_sim.account.fold import Fold
from kinesis_sim.events import Event, EventLog

BATCH = 20_000


class Follower:
    """Hears the events that its folds want from now on, and hands them over in batches, in order.

    batch: how many events wait at most; the log itself keeps more than that whole. before: what is
    called before folds are to know all: those who sleep say then what they would have done.
    """

    def __init__(self, events: EventLog, batch: int = BATCH) -> None:
        self._events = events
        self._waiting: list[Event] = []
        self._folds: list[Fold] = []
        self._batch = batch
        self._before: list[Callable[[], None]] = []
        self._end: Callable[[], None] = lambda: None

    def feed(self, fold: Fold, now: int) -> None:
        """Start a fold with the domain as it is now (epoch ms), and hand it what comes later."""
        self.catch_up()
        fold.start(now)
        self._folds.append(fold)
        self._end()
        kinds = {kind for each in self._folds for kind in each.kinds}
        self._end = self._events.subscribe(self._hear, *kinds)

    def before_reading(self, settle: Callable[[], None]) -> None:
        """Have ``settle`` called before folds are brought up to date for somebody who asks."""
        self._before.append(settle)

    def catch_up(self) -> None:
        """Have every fold know all that happened."""
        for settle in self._before:
            settle()
        self._hand_over()

    def _hand_over(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            there = tuple(set(map(type, waiting)))
            for fold in self._folds:
                if any(issubclass(kind, fold.kinds) for kind in there):
                    fold.take(waiting)

    def _hear(self, event: Event) -> None:
        self._waiting.append(event)
        if len(self._waiting) >= self._batch:
            self._hand_over()
