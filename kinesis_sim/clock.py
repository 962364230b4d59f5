"""The one owner of "now".

Laws
1. Time is an ``int`` of milliseconds since the Unix epoch and never runs backwards.
2. Nothing else in the package reads a wall clock or sleeps. A clock that follows the wall is handed
   its source here; everybody else asks ``clock.now``.
3. Due actions fire in the order of (time, order of scheduling), each seeing its own due time as
   now. An action may schedule further ones; those due within the same move fire within it.
4. An action that raises stops the move at its own time; what is still due stays scheduled. It has
   itself been fired, so one that has a successor must see to it even then (``finally``).
5. An interruption falls between two actions: a SIGINT is noted while one runs and raised when it is
   done, a second one comes through (see ``interruption``). The move ends there, as it does when
   ``stop()`` or a ``Watch`` asks, from any thread; another move goes on from there.
6. What would find nothing need not fire (``repeat``): it fires again when it would find something,
   at the instants and in the order in which it would have, had it fired all along.
7. The calendar is that of the years 1970 to 9998: whatever looks a year ahead stays within what
   dates can say.
8. What is cancelled is let go: where more than half of what is scheduled fires nothing, scheduling
   something takes that out.
9. Within a ``standing()`` time stands still, whatever the wall does: an input sees one instant.
   What is scheduled outside of inputs and of what they scheduled is foreign: ``inputs`` is told of
   it, because nobody else could bring it back (see ``journal``).
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Protocol

from kinesis_sim.arguments import number, said, whole
from kinesis_sim.errors import MoveStopped, UsageError
from kinesis_sim.instants import LAST, milliseconds, on_calendar, to_ms, written
from kinesis_sim.interruption import Held, Hold, interruptible
from kinesis_sim.mishaps import Mishaps
from kinesis_sim.watch import Watch

Action = Callable[[], None]
Row = tuple[int, int, "ScheduledAction"]
"""When an action fires (epoch ms), and which of those of one instant comes first."""

_FEW = 64
"""Cancelled actions that may stay until they are due, however little else is scheduled."""
DEFAULT_START = "2026-01-01T00:00:00Z"


def _wall_ms() -> int:
    """Milliseconds of the machine's clock since 1970: the only wall-clock read there is."""
    return time.time_ns() // 1_000_000


def processor_seconds() -> float:
    """Seconds of processor time that this thread has taken: what work costs, no time of day."""
    return time.thread_time()


class Foreign(Protocol):
    """Whoever keeps an account of what comes from outside (``journal.inputs``)."""

    def scheduled(self, at: int) -> int:
        """A foreign action was scheduled for ``at``; returns a number for it."""

    def repeated(self) -> None:
        """A foreign action was scheduled that is repeated, and may be skipped."""

    def fire(self, slot: int, action: Action) -> None:
        """Run the foreign action of a number."""


class Idler(Protocol):
    """Whoever repeats an action that may find nothing."""

    def quiet(self, at: int) -> bool:
        """Whether the action would find nothing at ``at`` (epoch ms), as things are.

        And at every later instant of its own until something else fires. Changes nothing.
        """

    def skip(self, first: int, every: int, count: int) -> None:
        """``count`` firings were skipped, from ``first`` (epoch ms) on, ``every`` ms apart."""


@dataclass(slots=True, eq=False)
class Cancelled:
    """How many entries of a clock's heaps will fire nothing."""

    count: int = 0


@dataclass(slots=True, eq=False)
class ScheduledAction:
    """One entry of the clock's heap; ``cancel()`` keeps it from firing.

    idler, every: of an action that is repeated every so many ms and may find nothing. slot: the
    number of a foreign one; -1 of one that nobody counts, as it changes nothing; None of all
    others. cancelled: counts those of its clock that were cancelled before they were due.
    """

    at: int
    action: Action | None
    cancelled: Cancelled
    idler: Idler | None = None
    every: int = 0
    slot: int | None = None

    def cancel(self) -> None:
        """Forget the action; cancelling twice, or after it fired, changes nothing."""
        if self.action is not None:
            self.action = None
            self.cancelled.count += 1


def _meant(name: str, ms: int, action: Action) -> int:
    """Milliseconds of what is scheduled. Raises UsageError for none, and for no function."""
    if not callable(action):
        raise UsageError(f"{said(action)} cannot be called; give a function of no arguments.")
    return ms if ms.__class__ is int else whole(name, ms)


class Clock:
    """A clock that stands still until moved (the default), or follows the wall at a rate.

    start: where time begins: ISO 8601 text, an aware datetime or epoch milliseconds.
    rate: 0 stands still; 1 runs with the wall clock; 60 makes a minute of every second.
    source: who tells the wall's milliseconds to a clock with a rate; the machine unless given.
    ``mishaps``: errors that nobody expected, met by what runs from the clock on behalf of records.
    """

    def __init__(
        self,
        start: str | datetime | int = DEFAULT_START,
        *,
        rate: float = 0,
        source: Callable[[], int] = _wall_ms,
    ) -> None:
        number("rate", rate, least=0, why="a clock cannot run backwards")
        self._base = on_calendar(to_ms(start))
        self._fired = self._base
        self._source = source
        self._anchor = source() if rate else 0
        self._rate = self._rate_then = rate
        self._heap: list[Row] = []
        self._idle: list[Row] = []
        self._cancelled = Cancelled()
        self._order = count()
        self._firing = False
        self._cut = False
        self._leapt = 0
        self._watch: Watch | None = None
        self._standing = 0
        self._look: Action | None = None
        self._domains = False
        self._led = False
        self.inputs: Foreign | None = None
        self.steps = 0
        """How many actions fired that are not foreign."""
        self.is_midway = False
        """Whether a move ended between two actions that it had to make: more may be due by now."""
        self.last_slot = -1
        """The number of the foreign action that fired last."""
        self.mishaps = Mishaps()
        self.on_schedule: Callable[[int], None] | None = None
        self.before_step: Callable[[], bool] | None = None
        """Called before each step of a move, and at its end, to wait for what time has to wait for;
        whether all of it is there: if not, somebody stopped the move meanwhile."""

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
        if self._firing or self._standing or not self._rate:
            return self._fired
        return max(self._fired, min(self._reading(), LAST))

    def schedule(self, at_ms: int, action: Action) -> ScheduledAction:
        """Have ``action`` fire when time reaches ``at_ms``.

        A time already past fires at the next move. Raises UsageError for what is no whole number,
        or cannot be called.
        """
        at_ms = _meant("at_ms", at_ms, action)
        entry = ScheduledAction(max(at_ms, self._fired), action, self._cancelled)
        if self.inputs is not None and self._is_outside:
            entry.slot = self.inputs.scheduled(entry.at)
        return self._placed(self._heap, entry)

    def alarm(self, at_ms: int, wake: Action) -> ScheduledAction:
        """As ``schedule``, for what only wakes somebody outside, and changes nothing here."""
        at_ms = _meant("at_ms", at_ms, wake)
        entry = ScheduledAction(max(at_ms, self._fired), wake, self._cancelled, slot=-1)
        return self._placed(self._heap, entry)

    @property
    def _is_outside(self) -> bool:
        return not (self._standing or self._domains)

    def repeat(self, at_ms: int, every_ms: int, action: Action, idler: Idler) -> ScheduledAction:
        """As ``schedule``, for an action that schedules itself again every ``every_ms``.

        While ``idler`` says that it would find nothing it does not fire, and is told what was
        skipped instead: an idle year costs as much as an idle second. Raises as ``schedule``, and
        UsageError for less than a millisecond, or an idler that is none.
        """
        at_ms = _meant("at_ms", at_ms, action)
        if every_ms.__class__ is not int or every_ms < 1:
            every_ms = whole("every_ms", every_ms, least=1)
        if not callable(getattr(idler, "quiet", None)) or not callable(
            getattr(idler, "skip", None)
        ):
            raise UsageError(f"idler={said(idler)}: give an object with quiet() and skip().")
        entry = ScheduledAction(max(at_ms, self._fired), action, self._cancelled, idler, every_ms)
        if self.inputs is not None and self._is_outside:
            self.inputs.repeated()
        return self._placed(self._idle, entry)

    def _placed(self, heap: list[Row], entry: ScheduledAction) -> ScheduledAction:
        heapq.heappush(heap, (entry.at, next(self._order), entry))
        if self._cancelled.count > _FEW:
            self._let_go()
        if self.on_schedule is not None:
            self.on_schedule(entry.at)
        return entry

    def _let_go(self) -> None:
        """Take out what was cancelled where that is more than half; the order stays as it was."""
        if 2 * self._cancelled.count <= len(self._heap) + len(self._idle):
            return
        for heap in (self._heap, self._idle):
            heap[:] = [row for row in heap if row[2].action is not None]
            heapq.heapify(heap)
        self._cancelled.count = 0

    def after(self, ms: int, action: Action) -> ScheduledAction | None:
        """Have ``action`` fire ``ms`` from now.

        0 fires it at once, within the caller's own step. Raises as ``schedule``.
        """
        ms = _meant("ms", ms, action)
        if ms <= 0:
            action()
            return None
        return self.schedule(self.now + ms, action)

    def next_due(self) -> int | None:
        """When the earliest scheduled action fires (epoch ms); None when there is none."""
        for heap in (self._heap, self._idle):
            while heap and heap[0][2].action is None:
                heapq.heappop(heap)
                self._cancelled.count -= 1
        return min((heap[0][0] for heap in (self._heap, self._idle) if heap), default=None)

    def advance(self, ms: int) -> None:
        """Move ``ms`` milliseconds forward, firing what comes due.

        Raises UsageError when that is negative or beyond the calendar; MoveStopped.
        """
        now = self.now
        self._move(
            now, on_calendar(now + milliseconds("advance: ms", ms, "time only runs forward"))
        )

    def run_until(self, at_ms: int) -> None:
        """Move to ``at_ms``, firing what comes due.

        Raises UsageError when that lies in the past or beyond the calendar; MoveStopped.
        """
        at_ms, now = on_calendar(to_ms(at_ms)), self.now
        if at_ms < now:
            raise UsageError(
                f"run_until({at_ms}): that is {now - at_ms} ms in the past; time only runs forward."
            )
        self._move(now, at_ms)

    def _move(self, now: int, at_ms: int) -> None:
        if self._firing:
            raise UsageError("The clock is already moving: an action cannot move it further.")
        self._base += at_ms - now
        self._leapt = 0
        try:
            self._fire(at_ms, patient=True)
            while self._leapt:
                at_ms, self._leapt = on_calendar(at_ms + self._leapt), 0
                self._fire(at_ms, patient=True)
        except BaseException:
            self._base -= at_ms + self._leapt - self._fired  # time stands where it was stopped
            raise

    def leap(self, ms: int) -> None:
        """Have time go ``ms`` further than whoever moves it asked, once what is due is done.

        To be called from an action; outside of one it moves the clock, or lets it run from later
        on. Raises UsageError for less than nothing, or beyond the calendar.
        """
        milliseconds("leap: ms", ms, "time only runs forward")
        on_calendar(self.now + ms)
        if self._led:  # whoever leads it leads it there
            return
        if not self._firing and not self._rate:
            self.advance(ms)
            return
        self._base += ms
        self._leapt += ms

    # --- looking on ---------------------------------------------------------------------------

    @contextmanager
    def watched(self, watch: Watch) -> Iterator[Watch]:
        """Have ``watch`` look on at every move within: be told how far it is, stop it."""
        before, self._watch = self._watch, watch
        try:
            yield watch
        finally:
            self._watch = before

    def stop(self) -> bool:
        """End the move that is under way, if one is, between two actions; from any thread.

        Whoever moved the clock gets MoveStopped; what is due stays due.
        """
        self._cut = self._firing
        return self._cut

    @property
    def is_stopping(self) -> bool:
        """Whether the move that is under way is to end before its next step."""
        return self._cut or (self._watch is not None and self._watch.stopped)

    # --- inputs -------------------------------------------------------------------------------

    @contextmanager
    def standing(self) -> Iterator[int]:
        """Time stands still within, once what is due has fired: at this instant (epoch ms).

        An action of a manual clock that comes due fires at the next move, as ever.
        """
        self.stand()
        try:
            yield self._fired
        finally:
            self.stand_no_more()

    def stand(self) -> None:
        """As ``standing``, which costs more; ``stand_no_more`` has to follow."""
        if not self._standing:
            self.catch_up()
        self._standing += 1

    def stand_no_more(self) -> None:
        """The end of a ``stand``."""
        self._standing -= 1

    @property
    def rate_then(self) -> float:
        """The rate that ``hand_over`` goes back to."""
        return self._rate_then

    @property
    def is_standing(self) -> bool:
        """Whether an input is under way."""
        return self._standing > 0

    @property
    def is_within(self) -> bool:
        """Whether an input, or an action that one scheduled, is running."""
        return not self._is_outside

    def begin_at(self, at_ms: int) -> None:
        """Begin at an instant, before anything was scheduled; stand still until ``hand_over``."""
        if self._heap or self._idle:
            raise UsageError("Something is scheduled: this clock has begun already.")
        self._base = self._fired = on_calendar(at_ms)
        self._rate_then, self._rate = self._rate, 0.0
        self._led = True

    def fire_midway(self, at_ms: int, steps: int) -> None:
        """As ``fire_until``, up to where a move was stopped after so many actions in all."""
        self.fire_until(at_ms, lambda: self.steps >= steps and not self._foreign_next(at_ms))

    def _foreign_next(self, at_ms: int) -> bool:
        heap, idle = self._heap, self._idle
        if not heap or heap[0][0] > at_ms or (idle and idle[0] < heap[0]):
            return False
        return heap[0][2].slot is not None

    def fire_until(self, at_ms: int, stop: Callable[[], bool]) -> bool:
        """Fire what is due up to an instant until ``stop`` says so; whether it did.

        What actions raise was somebody else's to hear, when they first fired.
        """
        while not stop():
            if self._look is not None:
                self._look()
            if not self.is_due(at_ms):
                return False
            if self._idle and (not self._heap or self._idle[0] < self._heap[0]):
                self._skip(at_ms)
                continue
            self._firing = True
            try:
                self._step()
            except Exception:
                continue
            finally:
                self._firing = False
        return True

    @contextmanager
    def looked_at(self, look: Action) -> Iterator[None]:
        """Have ``look`` called before each step of ``fire_until``; what it raises ends that."""
        self._look = look
        try:
            yield
        finally:
            self._look = None

    def keep_slot(self, at_ms: int, slot: int) -> None:
        """Schedule, in its place, the foreign action of a number that is not there any more."""

        def fired() -> None:
            self.last_slot = slot

        entry = ScheduledAction(at_ms, fired, self._cancelled, slot=-1)
        heapq.heappush(self._heap, (at_ms, next(self._order), entry))

    def stand_at(self, at_ms: int) -> None:
        """Time is ``at_ms``, and all that was due has fired. Raises UsageError off the calendar."""
        self._fired = self._base = max(self._fired, on_calendar(at_ms))

    def hand_over(self, at_ms: int) -> None:
        """Go on from an instant as the clock would have gone on without ``begin_at``."""
        self._rate, self._led = self._rate_then, False
        self._base = max(self._fired, on_calendar(at_ms))
        if self._rate:
            self._anchor = self._source()
        else:
            self._fired = self._base

    # --- waiting ------------------------------------------------------------------------------

    def pause(self, ms: int) -> None:
        """Let ``ms`` pass for a caller who waits: a manual clock moves, another lets the wall run.

        Inside a scheduled action time stands still, so nothing passes there.
        """
        number("pause: ms", ms)
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

    def _fire(self, until: int, *, patient: bool = False) -> None:
        watch = self._watch
        if watch is not None and watch.stopped:
            raise self._stopped(until)
        if self.is_due(until) or (patient and self.before_step is not None):
            begun = self.steps
            try:
                with Held() as hold:
                    self._fire_held(until, hold, patient)
                if self._fired < until or self.is_due(until):
                    raise self._stopped(until)
            except BaseException:
                self.is_midway = self.is_midway or self.steps > begun
                raise
        self._fired = max(self._fired, until)
        self.is_midway = False

    def is_due(self, until: int) -> bool:
        """Whether something is scheduled for ``until`` (epoch ms), or earlier."""
        heap, idle = self._heap, self._idle
        return bool((heap and heap[0][0] <= until) or (idle and idle[0][0] <= until))

    def _fire_held(self, until: int, hold: Hold, patient: bool) -> None:
        """Fire what is due, but no further than somebody asks to stop."""
        heap, idle, watch = self._heap, self._idle, self._watch
        self._cut = False
        self._firing = True
        try:
            while self._all_there(patient):
                if not self.is_due(until):
                    self._fired = max(self._fired, until)
                    return
                if self._cut or hold.asked:
                    return
                # Skipping and the step that it leads to are one: whoever stops the move in between
                # would find readers ahead of time.
                while self.is_due(until) and idle and (not heap or idle[0] < heap[0]):
                    self._skip(until)
                if self.is_due(until):
                    self._step()
                if watch is not None:
                    self._look_on(watch, until)
        finally:
            self._firing = False

    def _all_there(self, patient: bool) -> bool:
        """Whether nothing is under way that a move waits for; else somebody stopped the wait."""
        if not patient or self.before_step is None:
            return True
        return bool(interruptible(self.before_step))

    def _step(self) -> None:
        at, _, entry = heapq.heappop(self._heap)
        if entry.action is None:
            self._cancelled.count -= 1
            return
        if at > self._fired:
            self._fired = at
        action, entry.action = entry.action, None
        if entry.slot is None:
            self.steps += 1
            self._domains = True
            try:
                action()
            finally:
                self._domains = False
        elif self.inputs is not None and entry.slot >= 0:
            self.inputs.fire(entry.slot, action)
            self.last_slot = entry.slot
        else:
            action()

    def _skip(self, until: int) -> None:
        """Skip what would find nothing before the next action fires, or ``until`` is over.

        Nothing changes meanwhile, so it is known where everybody stands then. Those that come to
        the same instant keep the order of their periods, the longest first; of one period, who was
        due last now comes first, for the others would have had to fire to get there.
        """
        quiet = self._quiet(until)
        first = self._heap[0] if self._heap and self._heap[0][0] <= until else None
        edge = until + 1 if first is None else first[0]
        moved = []
        for row in quiet:
            at, order, entry = row
            if first is not None and row > first:
                heapq.heappush(self._idle, row)
                continue
            assert entry.idler is not None
            times = max(1, -(-(edge - at) // entry.every))
            entry.idler.skip(at, entry.every, times)
            entry.at = at + times * entry.every
            moved.append((entry.at - entry.every, -entry.every, -at, order, entry))
        for *_, entry in sorted(moved, key=lambda each: each[:4]):
            heapq.heappush(self._idle, (entry.at, next(self._order), entry))

    def _quiet(self, until: int) -> list[Row]:
        """Take out what is due before anything else and would find nothing.

        What would find something is to fire as any other action.
        """
        heap, idle, found = self._heap, self._idle, list[Row]()
        while idle and idle[0][0] <= until and not (heap and heap[0] < idle[0]):
            row = heapq.heappop(idle)
            entry = row[2]
            if entry.action is None or entry.idler is None:
                self._cancelled.count -= 1
                continue
            if entry.idler.quiet(row[0]):
                found.append(row)
            else:
                heapq.heappush(heap, row)
        return found

    def _look_on(self, watch: Watch, until: int) -> None:
        interruptible(watch.count, self._fired, until)
        if watch.stopped:
            self._cut = True

    def _stopped(self, until: int) -> MoveStopped:
        return MoveStopped(
            f"The clock was stopped at {written(self._fired)}, on its way to {written(until)}; "
            "what is due stays due, and another move goes on from there.",
            self._fired,
            until,
        )
