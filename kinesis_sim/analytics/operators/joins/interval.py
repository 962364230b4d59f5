"""A join of rows whose times lie within an interval of one another.

Nothing is late here by itself: a row that comes late is joined with what the other side still
keeps, and what it keeps is cleaned up lazily, as read in Flink's source (release 2.x,
operators/join/interval/TimeIntervalJoin).
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, ClassVar

from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.operators.operator import NEVER, Junction

Cache = dict[int, list[list[Any]]]
"""Rows by their time, each with whether it was joined."""


class IntervalJoin(Junction):
    """``left.time BETWEEN right.time + lower AND right.time + upper``.

    when: gives the time of a left, and of a right row. In event time the watermark that goes on is
    held back by the interval, for rows of that age may still come out.
    """

    title = "interval join"

    def __init__(
        self,
        pairing: Pairing,
        when: tuple[Callable[[Row], Any], Callable[[Row], Any]],
        lower: int,
        upper: int,
        time: str,
    ) -> None:
        super().__init__(2)
        self.pairing = pairing
        self.when = when
        self.sizes = (-lower, upper)
        self.time = time
        self.caches: list[dict[Row | None, Cache]] = [{}, {}]
        self.timed: list[dict[Row | None, bool]] = [{}, {}]
        self.expired = [0, 0]
        self.timers: list[tuple[int, int, int, Row | None]] = []
        self.set = 0

    kept: ClassVar[tuple[str, ...]] = (
        *Junction.kept,
        "caches",
        "timed",
        "expired",
        "timers",
        "set",
    )

    @property
    def now(self) -> int:
        """The operator's time; before any watermark it is 0, as in Flink."""
        return max(0, self.reached.get(self.time, NEVER))

    def take_from(self, side: int, kind: int, row: Row) -> None:
        """Join a row with the other side's rows, and keep it where more may come."""
        at = self.when[side](row)
        key = self.pairing.key(side, row)
        mine, theirs = self.sizes[side], self.sizes[1 - side]
        lowest, highest = at - theirs, at + mine
        joined = False
        if key is not None and self.expired[1 - side] < highest:
            self.expired[1 - side] = self.now - theirs - 1
            joined = self._join(side, key, row, lowest, highest)
        if key is not None and self.now < highest:
            self.caches[side].setdefault(key, {}).setdefault(at, []).append([row, joined])
            self.budget.keep()
            if not self.timed[side].get(key):
                self._set_timer(side, key, at)
        elif not joined and self.pairing.outer[side]:
            self.emit(INSERT, self.pairing.alone(side, row))

    def _join(self, side: int, key: Row, row: Row, lowest: int, highest: int) -> bool:
        """Join a row with what the other side keeps; what has expired there is let go."""
        cache = self.caches[1 - side].get(key, {})
        joined = False
        for time in list(cache):
            self.budget.toil(1)
            if lowest <= time <= highest:
                self.budget.toil(len(cache[time]))
                for entry in cache[time]:
                    both = self.pairing.joined(side, row, entry[0])
                    if both is not None:
                        entry[1] = joined = True
                        self.emit(INSERT, both)
            if time <= self.expired[1 - side]:
                self._let_go(1 - side, cache.pop(time))
        return joined

    def _let_go(self, side: int, entries: list[list[Any]]) -> None:
        self.budget.used_state -= len(entries)
        if self.pairing.outer[side]:
            for row, joined in entries:
                if not joined:
                    self.emit(INSERT, self.pairing.alone(side, row))

    def _set_timer(self, side: int, key: Row, at: int) -> None:
        """One timer a key and side; it comes when no partner of the row can come in time."""
        self.timed[side][key] = True
        self.set += 1
        due = at + self.sizes[side] + 1
        heappush(self.timers, (due, self.set, side, key))

    def advance(self, time: str, at: int) -> None:
        """Clean up what can find no partner any more, then tell the one behind."""
        if time == self.time:
            while self.timers and self.timers[0][0] <= at:
                _, _, side, key = heappop(self.timers)
                self.timed[side].pop(key, None)
                self.expired[side] = self.now - self.sizes[side] - 1
                self._clean(side, key)
            at -= max(0, *self.sizes)
        self.next.advance(time, at)

    def _clean(self, side: int, key: Row | None) -> None:
        cache = self.caches[side].get(key, {})
        for time in [one for one in cache if one <= self.expired[side]]:
            self._let_go(side, cache.pop(time))
        if cache:
            self._set_timer(side, key, min(cache))  # type: ignore[arg-type]
        else:
            self.caches[side].pop(key, None)
