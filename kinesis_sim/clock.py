"""The one owner of "now".

Laws
1. Time is an ``int`` of milliseconds since the Unix epoch and never runs backwards.
2. Nothing else in the package reads a wall clock or sleeps. A clock that follows the wall is handed
   its source here; everybody else asks ``clock.now``.
3. Due actions fire in the order of (time, order of scheduling), each seeing its own due time as
now.
   An action may schedule further ones; those due within the same move fire within it.
4. An action that raises stops the move at its own time; what is still due stays scheduled.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from kinesis_sim.errors import UsageError
from kinesis_sim.instants import to_ms

Action = Callable[[], None]

DEFAULT_START = "2026-01-01T00:00:00Z"


def _wall_ms() -> int:
    """Milliseconds of the machine's clock since the Unix epoch: the only wall-clock read there
    is."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True, eq=False)
class ScheduledAction:
    """One entry of the clock's heap; ``cancel()`` keeps it from firing."""

    at: int
    action: Action | None

    def cancel(self) -> None:
        """Forget the action; cancelling twice, or after it fired, changes nothing."""
        self.action = None


class Clock:
    """A clock that stands still until moved (the default), or follows the wall at a rate.

    start: where time begins: ISO 8601 text, an aware datetime or epoch milliseconds.
    rate: 0 stands still; 1 runs with the wall clock; 60 makes a minute of every second.
    source: who tells the wall's milliseconds to a clock with a rate; the machine unless given.
    """

    def __init__(
        self,
        start: str | datetime | int = DEFAULT_START,
        *,
        rate: float = 0,
        source: Callable[[], int] = _wall_ms,
    ) -> None:
        if rate < 0:
            raise UsageError(f"rate={rate}: a clock cannot run backwards; give 0 or more.")
        self._base = to_ms(start)
        self._fired = self._base
        self._source = source
        self._anchor = source() if rate else 0
        self._rate = rate
        self._heap: list[tuple[int, int, ScheduledAction]] = []
        self._order = count()
        self._firing = False
        self.on_schedule: Callable[[int], None] | None = None

    @classmethod
    def wall(cls, source: Callable[[], int] = _wall_ms) -> Clock:
        """A clock that shows the machine's time, or another source's, and runs with it."""
        return cls(source(), rate=1, source=source)

    @property
    def is_manual(self) -> bool:
        """Whether time stands still between moves."""
        return self._rate == 0

    @property
    def rate(self) -> float:
        """Simulated seconds per wall second; 0 for a manual clock."""
        return self._rate

    @property
    def is_firing(self) -> bool:
        """Whether a scheduled action is running: time stands still until it is done."""
        return self._firing

    @property
    def now(self) -> int:
        """Milliseconds since the Unix epoch. Reading it fires nothing (see ``catch_up``)."""
        if self._firing or not self._rate:
            return self._fired
        return max(self._fired, self._reading())

    def schedule(self, at_ms: int, action: Action) -> ScheduledAction:
        """Have ``action`` fire when time reaches ``at_ms``; a time already past fires at the next
        move."""
        entry = ScheduledAction(max(at_ms, self._fired), action)
        heapq.heappush(self._heap, (entry.at, next(self._order), entry))
        if self.on_schedule is not None:
            self.on_schedule(entry.at)
        return entry

    def after(self, ms: int, action: Action) -> ScheduledAction | None:
        """Have ``action`` fire ``ms`` from now; 0 fires it at once, within the caller's own
        step."""
        if ms <= 0:
            action()
            return None
        return self.schedule(self.now + ms, action)

    def next_due(self) -> int | None:
        """When the earliest scheduled action fires (epoch ms), or None when nothing is
        scheduled."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def advance(self, ms: int) -> None:
        """Move ``ms`` milliseconds forward, firing what comes due. Raises UsageError when
        negative."""
        if ms < 0:
            raise UsageError(f"advance({ms} ms): time only runs forward; give 0 or more.")
        self.run_until(self.now + ms)

    def run_until(self, at_ms: int) -> None:
        """Move to ``at_ms``, firing what comes due. Raises UsageError when that lies in the
        past."""
        now = self.now
        if at_ms < now:
            raise UsageError(
                f"run_until({at_ms}): that is {now - at_ms} ms in the past; time only runs forward."
            )
        if self._firing:
            raise UsageError("The clock is already moving: an action cannot move it further.")
        self._base += at_ms - now
        self._fire(at_ms)

    def pause(self, ms: int) -> None:
        """Let ``ms`` pass for a caller who waits: a manual clock moves, another lets the wall run.

        Inside a scheduled action time stands still, so nothing passes there.
        """
        if self._firing or ms <= 0:
            return
        if self._rate:
            self.rest(ms)
            self.catch_up()
        else:
            self.advance(ms)

    def rest(self, ms: int) -> None:
        """Sleep while ``ms`` of a clock that follows the wall pass, firing nothing."""
        if self._rate and ms > 0:
            time.sleep(ms / 1000 / self._rate)

    def catch_up(self) -> int:
        """Fire what has come due on a clock that follows the wall; returns now (epoch ms)."""
        if self._rate and not self._firing:
            self._fire(self.now)
        return self._fired

    def _reading(self) -> int:
        if not self._rate:
            return self._base
        return self._base + int((self._source() - self._anchor) * self._rate)

    def _fire(self, until: int) -> None:
        heap = self._heap
        self._firing = True
        try:
            while heap and heap[0][0] <= until:
                at, _, entry = heapq.heappop(heap)
                if entry.action is None:
                    continue
                if at > self._fired:
                    self._fired = at
                action, entry.action = entry.action, None
                action()
            self._fired = max(self._fired, until)
        finally:
            self._firing = False
