"""Sessions: windows of a key that last as long as its rows are not further apart than a gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any

from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.operators.operator import NEVER, Operator
from kinesis_sim.analytics.sql.fields import CLOCK

Session = list[Any]
"""[start, end, rows]"""


class SessionAssignment(Operator):
    """Gives the rows of a session, with its bounds, when it closes.

    A row is late when the session that it would make, merged with those it touches, has passed:
    Flink's rule, measured on 2.3.0.
    """

    title = "session window"

    def __init__(
        self,
        when: Callable[[Row], Any],
        gap: int,
        keys: Sequence[Callable[[Row], Any]],
        time: str,
    ) -> None:
        super().__init__()
        self.when = when
        self.gap = gap
        self.keys = list(keys)
        self.time = time
        self.sessions: dict[Row, list[Session]] = {}
        self.timers: list[tuple[int, int, Row]] = []
        self.set = 0
        self.mark = NEVER

    kept = ("sessions", "timers", "set", "mark")

    def take(self, kind: int, row: Row) -> None:
        """Put a row into the session that it makes or joins."""
        at = self.when(row)
        key = tuple([key(row) for key in self.keys])
        sessions = self.sessions.get(key, [])
        start, end = at, at + self.gap
        touched = [one for one in sessions if one[0] <= end and start <= one[1]]
        if touched:
            start = min(start, *(one[0] for one in touched))
            end = max(end, *(one[1] for one in touched))
        if end - 1 <= self.mark:
            self.drop()
            return
        grows = all(one[1] != end for one in touched)
        self.sessions[key] = _merged(sessions, touched, [start, end, [row]])
        self.budget.keep()
        if grows:  # else the timer of its end is set
            self._set_timer(end, key)

    def _set_timer(self, end: int, key: Row) -> None:
        self.set += 1
        heappush(self.timers, (end, self.set, key))

    def advance(self, time: str, at: int) -> None:
        """Close the sessions whose end has passed."""
        if time == self.time and at > self.mark:
            self.mark = at
            while self.timers and self.timers[0][0] - 1 <= at:
                end, _, key = heappop(self.timers)
                self._close(end, key)
        self.next.advance(time, at)

    def due(self) -> int | None:
        """The end that comes next, by the clock."""
        return self.timers[0][0] if self.timers and self.time == CLOCK else None

    def _close(self, end: int, key: Row) -> None:
        sessions = self.sessions.get(key, [])
        due = [one for one in sessions if one[1] == end]
        if not due:
            return  # it grew, and has a later timer
        rest = [one for one in sessions if one[1] != end]
        if rest:
            self.sessions[key] = rest
        else:
            del self.sessions[key]
        for start, _, rows in due:
            self.budget.used_state -= len(rows)
            for row in rows:
                self.emit(INSERT, (*row, start, end, end - 1))


def _merged(sessions: list[Session], touched: list[Session], new: Session) -> list[Session]:
    """Sessions with those that a new one touches made one with it.

    The first of them takes the others' rows in, for a session may be long.
    """
    if not touched:
        return [*sessions, new]
    first, start, end = touched[0], new[0], new[1]
    for other in (*touched[1:], new):
        first[2].extend(other[2])
    first[0], first[1] = start, end
    gone = {id(one) for one in touched}
    return [*(one for one in sessions if id(one) not in gone), first]


class StaggerAggregate(Operator):
    """WINDOWED BY STAGGER: a key's window opens with its first row and closes after a fixed age.

    Gives keys, the window's start, end and last millisecond, and aggregates. gathering: a
    ``Gathering``.
    """

    title = "stagger window"

    def __init__(
        self,
        when: Callable[[Row], Any],
        age: int,
        keys: Sequence[Callable[[Row], Any]],
        gathering: Any,
        time: str,
    ) -> None:
        super().__init__()
        self.when = when
        self.age = age
        self.keys = list(keys)
        self.gathering = gathering
        self.time = time
        self.windows: dict[Row, list[Any]] = {}
        self.timers: list[tuple[int, int, Row]] = []
        self.set = 0

    kept = ("windows", "timers", "set")

    def take(self, kind: int, row: Row) -> None:
        """Count a row in."""
        key = tuple([key(row) for key in self.keys])
        window = self.windows.get(key)
        if window is None:
            start = self.when(row)
            window = self.windows[key] = [start, self.gathering.new()]
            self.budget.keep()
            self.set += 1
            heappush(self.timers, (start + self.age, self.set, key))
        self.gathering.add(window[1], row)

    def advance(self, time: str, at: int) -> None:
        """Close the windows that have come of age."""
        if time == self.time:
            while self.timers and self.timers[0][0] - 1 <= at:
                end, _, key = heappop(self.timers)
                start, accs = self.windows.pop(key)
                self.budget.used_state -= 1
                self.emit(INSERT, (*key, start, end, end - 1, *self.gathering.values(accs)))
        self.next.advance(time, at)

    def due(self) -> int | None:
        """The end of the window that closes next."""
        return self.timers[0][0] if self.timers and self.time == CLOCK else None
