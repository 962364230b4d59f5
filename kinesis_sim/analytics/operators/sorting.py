"""ORDER BY with a time in front: rows wait until nothing can come before them any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.operators.operator import NEVER, Operator


class TimeSort(Operator):
    """Rows sorted within each step of a time.

    step: of a row, what its time is cut to, such as the second; reached: the step up to which rows
    are complete once time has passed an instant; ends: when a step is over, by the clock.
    """

    title = "sort"

    def __init__(
        self,
        step: Callable[[Row], Any],
        reached: Callable[[int], Any],
        order: Callable[[Row], Any],
        time: str,
        ends: Callable[[Any], int] | None = None,
    ) -> None:
        super().__init__()
        self.step = step
        self.reached = reached
        self.order = order
        self.time = time
        self.ends = ends
        self.rows: dict[Any, list[Row]] = {}
        self.given = NEVER

    kept = ("rows", "given")

    def take(self, kind: int, row: Row) -> None:
        """Keep a row, or drop it when its step was already given."""
        step = self.step(row)
        if step <= self.given:
            self.drop(counted=False)  # Flink's sort keeps no count of them
            return
        self.budget.keep()
        self.rows.setdefault(step, []).append(row)

    def advance(self, time: str, at: int) -> None:
        """Give the steps that are complete."""
        if time == self.time:
            limit = self.reached(at)
            for step in sorted(one for one in self.rows if one <= limit):
                rows = self.rows.pop(step)
                self.budget.used_state -= len(rows)
                self.given = step
                for row in sorted(rows, key=self.order):
                    self.emit(INSERT, row)
        self.next.advance(time, at)

    def due(self) -> int | None:
        """When the earliest step is complete, by the clock."""
        return self.ends(min(self.rows)) if self.rows and self.ends is not None else None
