"""Reading the event log in batches: folds are kept up to date when somebody asks, or when a batch
is full, so that a put costs one append."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kinesis_sim.events import Event, EventLog

Fold = Callable[[Iterable[Event]], None]
BATCH = 20_000


class Follower:
    """Hears every event from now on, and hands batches of them to its folds, in order.

    batch: how many events wait at most; the log itself keeps more than that whole.
    """

    def __init__(self, events: EventLog, batch: int = BATCH) -> None:
        self._waiting: list[Event] = []
        self._folds: list[Fold] = []
        self._batch = batch
        events.subscribe(self._hear)

    def feed(self, fold: Fold) -> None:
        """Hand events to ``fold`` too, from the next one on."""
        self.catch_up()
        self._folds.append(fold)

    def catch_up(self) -> None:
        """Have every fold know all that happened."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for fold in self._folds:
                fold(waiting)

    def _hear(self, event: Event) -> None:
        self._waiting.append(event)
        if len(self._waiting) >= self._batch:
            self.catch_up()
