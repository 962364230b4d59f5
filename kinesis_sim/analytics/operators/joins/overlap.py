"""Kinesis SQL's join of streams: each row is joined with what the other side's window holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.operators.operator import NEVER, Junction


class OverlapJoin(Junction):
    """Joins rows whose windows overlap.

    ranges: how long each side's rows stay, in ms; 0 for a stream without OVER, whose rows are
    joined only with what is there at the same time (facts/analytics §3).

    An outer row without a match is given when it leaves its window: the model's choice.
    """

    title = "stream join"

    def __init__(
        self,
        pairing: Pairing,
        when: tuple[Callable[[Row], Any], Callable[[Row], Any]],
        ranges: tuple[int, int],
        time: str,
    ) -> None:
        super().__init__(2)
        self.pairing = pairing
        self.when = when
        self.ranges = ranges
        self.time = time
        self.windows: list[list[list[Any]]] = [[], []]

    kept: ClassVar[tuple[str, ...]] = (*Junction.kept, "windows")

    def take_from(self, side: int, kind: int, row: Row) -> None:
        """Join a row with the other side's window."""
        at, key = self.when[side](row), self.pairing.key(side, row)
        entry = [at, key, row, False]
        self.budget.toil(len(self.windows[1 - side]))
        for other in self.windows[1 - side]:
            if other[1] != key or key is None or other[0] < at - self.ranges[1 - side]:
                continue
            both = self.pairing.joined(side, row, other[2])
            if both is not None:
                entry[3] = other[3] = True
                self.emit(INSERT, both)
        self.windows[side].append(entry)
        self.budget.keep()

    def advance(self, time: str, at: int) -> None:
        """Let go what has left its window."""
        if time == self.time and at > NEVER:
            for side in (0, 1):
                self._expire(side, at - self.ranges[side])
        self.next.advance(time, at)

    def _expire(self, side: int, oldest: int) -> None:
        window, gone = self.windows[side], 0
        while gone < len(window) and window[gone][0] <= oldest:
            _, _, row, joined = window[gone]
            if not joined and self.pairing.outer[side]:
                self.emit(INSERT, self.pairing.alone(side, row))
            gone += 1
        del window[:gone]
        self.budget.used_state -= gone
