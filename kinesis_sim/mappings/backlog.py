"""The records of a lane that wait for the function, and the batches that they make.

A batch is due when it is full (BatchSize records, or 6 MB), when its first record has waited for
the batching window, or, with tumbling windows, at once but never across a window's end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from kinesis_sim.clock import Clock
from kinesis_sim.mappings.batch import LARGEST_PAYLOAD_BYTES, Batch, Record, payload_bytes
from kinesis_sim.mappings.terms import Terms
from kinesis_sim.mappings.window import TumblingWindow


class Backlog:
    """waiting: records in order; window: the tumbling window that is open."""

    def __init__(self, terms: Terms, clock: Clock) -> None:
        self.waiting: deque[Record] = deque()
        self.window: TumblingWindow | None = None
        self._terms, self._clock = terms, clock
        self._since: int | None = None

    def next_batch(self) -> Batch | None:
        """The next batch, if one is due: full, or old enough, or the last of its window."""
        settings, now = self._terms.settings, self._clock.now
        if settings.tumbling_s:
            return self._next_of_window(now)
        if not self.waiting:
            self._since = None
            return None
        self._since = now if self._since is None else self._since
        full = len(self.waiting) >= settings.batch_size or self._large()
        if not full and now - self._since < 1000 * settings.window_s:
            return None
        self._since = None
        return Batch(self._taken(lambda record: True))

    def _large(self) -> bool:
        return sum(map(payload_bytes, self.waiting)) >= LARGEST_PAYLOAD_BYTES

    def _taken(self, fits: Callable[[Record], bool]) -> list[Record]:
        """Records from the front: at most a batch, at most 6 MB, at least one."""
        taken: list[Record] = []
        size = 0
        while self.waiting and len(taken) < self._terms.settings.batch_size:
            record = self.waiting[0]
            size += payload_bytes(record)
            if not fits(record) or (taken and size > LARGEST_PAYLOAD_BYTES):
                break
            taken.append(self.waiting.popleft())
        return taken

    def _next_of_window(self, now: int) -> Batch | None:
        if self.window is None:
            if not self.waiting:
                return None
            arrived = self.waiting[0]["ApproximateArrivalTimestamp"]
            self.window = TumblingWindow.of(arrived, 1000 * self._terms.settings.tumbling_s)
        if self.window.burst:
            return Batch([], final=True, early=True)
        end = self.window.end
        records = self._taken(lambda record: record["ApproximateArrivalTimestamp"] < end)
        over = now >= end and not (
            self.waiting and self.waiting[0]["ApproximateArrivalTimestamp"] < end
        )
        return Batch(records, final=over) if records or over else None

    def turn(self, batch: Batch | None, answer: Any) -> None:
        """Keep the state of an answer, or close the window after its last batch.

        batch: None for one that only partly succeeded.
        """
        if self.window is None:
            return
        if batch is None or not batch.final:
            self.window.keep(answer["state"])
        else:
            self.close_window(early=batch.early)

    def close_window(self, *, early: bool) -> None:
        """The window is over; one that ended early goes on with a fresh state."""
        if early and self.window is not None:
            self.window.refresh()
        else:
            self.window = None
