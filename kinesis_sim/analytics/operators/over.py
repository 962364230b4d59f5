"""OVER: for every row, an aggregate of the rows before it.

In event time rows wait for the watermark and come out in the order of their times; by the clock
each row is answered at once. What is late depends on the frame, as read in Flink's source (release
2.x, operators/over): with a bounded frame a row is late when its own key has already been answered
up to that time; without a bound, when the watermark has reached it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any

from kinesis_sim.analytics.aggregates.calls import Gathering
from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.operators.operator import NEVER, Operator
from kinesis_sim.analytics.sql.fields import EVENT


class OverEvent(Operator):
    """Base of the frames in event time: rows by key and time, and timers."""

    title = "over"

    def __init__(
        self,
        when: Callable[[Row], Any],
        keys: Sequence[Callable[[Row], Any]],
        gathering: Gathering,
    ) -> None:
        super().__init__()
        self.when = when
        self.keys = list(keys)
        self.gathering = gathering
        self.states: dict[Row, dict[str, Any]] = {}
        self.timers: list[tuple[int, int, Row]] = []
        self.set = 0
        self.mark = NEVER

    kept = ("states", "timers", "set", "mark")

    def take(self, kind: int, row: Row) -> None:
        """Keep a row until the watermark reaches it, or drop it as late."""
        at = self.when(row)
        key = tuple([key(row) for key in self.keys])
        state = self.states.get(key)
        if state is None:
            state = self.states[key] = self.fresh()
        if self.is_late(state, at):
            self.drop()
            return
        rows = state["rows"].get(at)
        self.budget.keep()
        if rows is None:
            state["rows"][at] = [row]
            self.set_timer(at, key)
        else:
            rows.append(row)
        self.stored(state, at, key)

    def fresh(self) -> dict[str, Any]:
        """State of a key that is new."""
        return {
            "rows": {},
            "accs": self.gathering.new(),
            "last": 0,
            "cleanup": None,
            "frame": deque(),
        }

    def is_late(self, state: dict[str, Any], at: int) -> bool:
        """Whether a row comes too late."""
        return bool(at <= state["last"])

    def stored(self, state: dict[str, Any], at: int, key: Row) -> None:
        """A row was kept."""

    def set_timer(self, at: int, key: Row) -> None:
        """Have a time of a key come due."""
        self.set += 1
        heappush(self.timers, (at, self.set, key))

    def advance(self, time: str, at: int) -> None:
        """Answer the rows that the watermark has reached, in the order of their times."""
        if time == EVENT and at > self.mark:
            self.mark = at
            while self.timers and self.timers[0][0] <= at:
                when, _, key = heappop(self.timers)
                state = self.states.get(key)
                if state is not None:
                    self.answer(state, when, key)
        self.next.advance(time, at)

    def answer(self, state: dict[str, Any], at: int, key: Row) -> None:
        """A time of a key has come."""
        raise NotImplementedError

    def answered(self, rows: list[Row], values: Row) -> None:
        """Give rows with one value for all."""
        for row in rows:
            self.emit(INSERT, row + values)


class OverRange(OverEvent):
    """RANGE of so many milliseconds before each row, rows of the same time included."""

    def __init__(
        self,
        when: Callable[[Row], Any],
        keys: Sequence[Callable[[Row], Any]],
        gathering: Gathering,
        preceding: int,
    ) -> None:
        super().__init__(when, keys, gathering)
        self.preceding = preceding

    def stored(self, state: dict[str, Any], at: int, key: Row) -> None:
        """Flink forgets a key, and when it was last answered, once half a frame more has passed."""
        cleanup = state["cleanup"]
        if cleanup is None or cleanup < at + self.preceding + 1:
            state["cleanup"] = at + self.preceding * 3 // 2 + 1
            self.set_timer(state["cleanup"], key)

    def answer(self, state: dict[str, Any], at: int, key: Row) -> None:
        """Answer the rows of a time, after giving back those that have left the frame."""
        if state["cleanup"] is not None and state["cleanup"] <= at:
            self.budget.used_state -= sum(map(len, state["rows"].values()))
            del self.states[key]
            return
        rows = state["rows"].get(at)
        if rows is not None:
            accs = state["accs"]
            frame = state["frame"]
            while frame and at - frame[0] > self.preceding:
                for row in state["rows"].pop(frame.popleft()):
                    self.gathering.take(accs, row)
                    self.budget.used_state -= 1
            for row in rows:
                self.gathering.add(accs, row)
            frame.append(at)
            self.answered(rows, self.gathering.values(accs))
        state["last"] = at


class OverRows(OverEvent):
    """ROWS: so many rows before each row, and the row itself."""

    def __init__(
        self,
        when: Callable[[Row], Any],
        keys: Sequence[Callable[[Row], Any]],
        gathering: Gathering,
        preceding: int,
    ) -> None:
        super().__init__(when, keys, gathering)
        self.preceding = preceding

    def answer(self, state: dict[str, Any], at: int, key: Row) -> None:
        """Answer the rows of a time one after another."""
        accs, frame = state["accs"], state["frame"]
        for row in state["rows"].pop(at, ()):
            if len(frame) > self.preceding:
                self.gathering.take(accs, frame.popleft())
                self.budget.used_state -= 1
            frame.append(row)
            self.gathering.add(accs, row)
            self.emit(INSERT, row + self.gathering.values(accs))
        state["last"] = at


class OverUnbounded(OverEvent):
    """UNBOUNDED PRECEDING; peers: rows of one time are answered together (RANGE)."""

    def __init__(
        self,
        when: Callable[[Row], Any],
        keys: Sequence[Callable[[Row], Any]],
        gathering: Gathering,
        *,
        peers: bool,
    ) -> None:
        super().__init__(when, keys, gathering)
        self.peers = peers

    def is_late(self, state: dict[str, Any], at: int) -> bool:
        """Whether the watermark has reached it, whatever its key."""
        return at <= self.mark

    def answer(self, state: dict[str, Any], at: int, key: Row) -> None:
        """Answer the rows of a time, together or one after another."""
        rows = state["rows"].pop(at, ())
        self.budget.used_state -= len(rows)
        accs = state["accs"]
        for row in rows:
            self.gathering.add(accs, row)
            if not self.peers:
                self.emit(INSERT, row + self.gathering.values(accs))
        if self.peers:
            self.answered(list(rows), self.gathering.values(accs))


class OverClock(Operator):
    """Frames by the clock, or over rows in order: each row is answered at once.

    range_ms: RANGE so far back; rows: ROWS so many back; neither: all rows. inclusive: whether a
    row exactly so old is still in the frame. Flink's clock keeps it; the picture in Kinesis SQL's
    guide leaves it out (facts/analytics §3).
    """

    title = "over"

    def __init__(
        self,
        when: Callable[[Row], Any],
        keys: Sequence[Callable[[Row], Any]],
        gathering: Gathering,
        *,
        range_ms: int | None = None,
        rows: int | None = None,
        inclusive: bool = True,
    ) -> None:
        super().__init__()
        self.when = when
        self.keys = list(keys)
        self.gathering = gathering
        self.range_ms = range_ms
        self.rows = rows
        self.inclusive = inclusive
        self.states: dict[Row, tuple[deque[tuple[int, Row]], list[Any]]] = {}

    kept = ("states",)

    def take(self, kind: int, row: Row) -> None:
        """Answer a row."""
        key = tuple([key(row) for key in self.keys])
        state = self.states.get(key)
        if state is None:
            state = self.states[key] = (deque(), self.gathering.new())
        frame, accs = state
        gathering = self.gathering
        if self.range_ms is not None:
            now = self.when(row)
            oldest = now - self.range_ms + (0 if self.inclusive else 1)
            while frame and frame[0][0] < oldest:
                gathering.take(accs, frame.popleft()[1])
                self.budget.used_state -= 1
            frame.append((now, row))
            self.budget.keep()
        elif self.rows is not None:
            if len(frame) > self.rows:
                gathering.take(accs, frame.popleft()[1])
            else:
                self.budget.keep()
            frame.append((0, row))
        gathering.add(accs, row)
        self.emit(kind, row + gathering.values(accs))
