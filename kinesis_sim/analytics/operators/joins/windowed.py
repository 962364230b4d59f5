"""A join within windows: rows of the same window and key, given when the window closes."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, ClassVar

from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.operators.operator import NEVER, Junction


class WindowJoin(Junction):
    """bounds: where window_start and window_end stand in the left and in the right row."""

    title = "window join"

    def __init__(
        self, pairing: Pairing, bounds: tuple[tuple[int, int], tuple[int, int]], time: str
    ) -> None:
        super().__init__(2)
        self.pairing = pairing
        self.bounds = bounds
        self.time = time
        self.windows: dict[int, dict[int, list[list[Row]]]] = {}
        self.ends: list[int] = []

    kept: ClassVar[tuple[str, ...]] = (*Junction.kept, "windows", "ends")

    def take_from(self, side: int, kind: int, row: Row) -> None:
        """Keep a row until its window closes, or drop it as late."""
        start, end = (row[at] for at in self.bounds[side])
        if end - 1 <= self.reached.get(self.time, NEVER):
            self.drop(counted=False)  # Flink counts these in metrics of each side, by other names
            return
        if end not in self.windows:
            self.windows[end] = {}
            heappush(self.ends, end)
        self.windows[end].setdefault(start, [[], []])[side].append(row)
        self.budget.keep()

    def advance(self, time: str, at: int) -> None:
        """Join the windows that have closed."""
        if time == self.time:
            while self.ends and self.ends[0] - 1 <= at:
                for left, right in self.windows.pop(heappop(self.ends)).values():
                    self.budget.used_state -= len(left) + len(right)
                    self._join(left, right)
        self.next.advance(time, at)

    def _join(self, left: list[Row], right: list[Row]) -> None:
        pairing = self.pairing
        keyed: dict[Row, list[tuple[int, Row]]] = {}
        for at, row in enumerate(right):
            key = pairing.key(1, row)
            if key is not None:
                keyed.setdefault(key, []).append((at, row))
        matched: set[int] = set()
        for row in left:
            key = pairing.key(0, row)
            others = keyed.get(key, []) if key is not None else []
            self.budget.toil(len(others))
            pairs = [
                (at, both)
                for at, other in others
                if (both := pairing.joined(0, row, other)) is not None
            ]
            matched.update(at for at, _ in pairs)
            self._tell(row, [both for _, both in pairs])
        if pairing.outer[1]:
            for at, row in enumerate(right):
                if at not in matched:
                    self.emit(INSERT, pairing.alone(1, row))

    def _tell(self, row: Row, pairs: list[Any]) -> None:
        if self.pairing.kind != "inner":
            if bool(pairs) is (self.pairing.kind == "semi"):
                self.emit(INSERT, row)
            return
        for both in pairs:
            self.emit(INSERT, both)
        if not pairs and self.pairing.outer[0]:
            self.emit(INSERT, self.pairing.alone(0, row))
