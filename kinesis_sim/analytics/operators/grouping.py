"""GROUP BY without a window, and DISTINCT: a result that is never final, hence a changelog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kinesis_sim.analytics.aggregates.calls import Gathering
from kinesis_sim.analytics.changelog import (
    ADDS,
    DELETE,
    INSERT,
    UPDATE_AFTER,
    UPDATE_BEFORE,
    Row,
)
from kinesis_sim.analytics.operators.operator import Operator


class GroupAggregate(Operator):
    """Keys and aggregates: +I for a new key, −U and +U for other values, −D when its rows are gone.

    As Flink without state retention: nothing is said when values stay as they were.
    """

    title = "group"

    def __init__(self, keys: Sequence[Callable[[Row], Any]], gathering: Gathering) -> None:
        super().__init__()
        self.keys = list(keys)
        self.gathering = gathering
        self.groups: dict[Row, list[Any]] = {}

    kept = ("groups",)

    def take(self, kind: int, row: Row) -> None:
        """Count a row in, or out."""
        key = tuple([key(row) for key in self.keys])
        group = self.groups.get(key)
        adds = ADDS[kind]
        if group is None:
            if not adds:
                return  # Flink ignores what takes away a row it does not know
            group = self.groups[key] = [0, self.gathering.new(), None]
            self.budget.keep()
        if adds:
            group[0] += 1
            self.gathering.add(group[1], row)
        else:
            group[0] -= 1
            self.gathering.take(group[1], row)
        self._tell(key, group)

    def _tell(self, key: Row, group: list[Any]) -> None:
        before = group[2]
        if group[0] <= 0:
            del self.groups[key]
            self.budget.used_state -= 1
            if before is not None:
                self.emit(DELETE, key + before)
            return
        after = self.gathering.values(group[1])
        if steps := self.gathering.toil(after):
            self.budget.toil(steps)
        if before is None:
            self.emit(INSERT, key + after)
        elif before != after:
            self.emit(UPDATE_BEFORE, key + before)
            self.emit(UPDATE_AFTER, key + after)
        group[2] = after
