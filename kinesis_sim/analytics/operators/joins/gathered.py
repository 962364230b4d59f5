"""A join in which each left row stands once, beside what its matches come to."""

from __future__ import annotations

from typing import Any, ClassVar

from kinesis_sim.analytics.aggregates.calls import Gathering
from kinesis_sim.analytics.changelog import ADDS, DELETE, INSERT, Row
from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.operators.operator import Junction


class GatheredJoin(Junction):
    """EXISTS, IN and aggregates of a subquery that looks outside, as columns of the left row.

    gathering: over both rows as one. Without a match stands what it comes to over none. A value
    that changes takes the row back (−D) and brings it again (+I), as Flink's outer join does.
    waits: whether left rows are held back until the right side has had a row, as those of Flink
    are where it joins them with the number of rows of the subquery, which is told with the first.
    """

    title = "join"

    def __init__(self, pairing: Pairing, gathering: Gathering, *, waits: bool = False) -> None:
        super().__init__(2)
        self.pairing = pairing
        self.gathering = gathering
        self.waiting = waits
        self.lefts: dict[Row | None, dict[Row, list[Any]]] = {}
        self.rights: dict[Row | None, dict[Row, int]] = {}

    kept: ClassVar[tuple[str, ...]] = (*Junction.kept, "lefts", "rights", "waiting")

    def take_from(self, side: int, kind: int, row: Row) -> None:
        """A left row comes or goes with its values; a right one changes those of left rows."""
        key = self.pairing.key(side, row)
        if side == 0:
            self._left(kind, key, row)
        else:
            self._right(kind, key, row)

    def _left(self, kind: int, key: Row | None, row: Row) -> None:
        """State of a left row: how often it is there, its accumulators, its values."""
        kept = self.lefts.setdefault(key, {})
        entry = kept.get(row)
        if entry is None:
            if not ADDS[kind]:
                return
            accs = self._gathered(key, row)
            entry = kept[row] = [0, accs, self.gathering.values(accs)]
        entry[0] += 1 if ADDS[kind] else -1
        self.budget.keep(1 if ADDS[kind] else -1)
        if entry[0] <= 0:
            del kept[row]
        if not self.waiting:
            self.emit(kind, row + entry[2])

    def _gathered(self, key: Row | None, row: Row) -> list[Any]:
        accs = self.gathering.new()
        others = self.rights.get(key, {}) if key is not None else {}
        self.budget.toil(len(others))
        for other, number in others.items():
            both = self.pairing.joined(0, row, other)
            if both is not None:
                for _ in range(number):
                    self.gathering.add(accs, both)
        return accs

    def _right(self, kind: int, key: Row | None, row: Row) -> None:
        kept = self.rights.setdefault(key, {})
        if not ADDS[kind] and row not in kept:
            return
        kept[row] = kept.get(row, 0) + (1 if ADDS[kind] else -1)
        self.budget.keep(1 if ADDS[kind] else -1)
        if not kept[row]:
            del kept[row]
        change = self.gathering.add if ADDS[kind] else self.gathering.take
        others = self.lefts.get(key, {}) if key is not None else {}
        self.budget.toil(len(others))
        for other, entry in others.items():
            both = self.pairing.joined(1, row, other)
            if both is not None:
                change(entry[1], both)
                self._told(other, entry)
        if self.waiting:
            self._begin()

    def _told(self, row: Row, entry: list[Any]) -> None:
        before, entry[2] = entry[2], self.gathering.values(entry[1])
        if before != entry[2] and not self.waiting:
            for _ in range(entry[0]):
                self.emit(DELETE, row + before)
                self.emit(INSERT, row + entry[2])

    def _begin(self) -> None:
        self.waiting = False
        for kept in self.lefts.values():
            for row, entry in kept.items():
                for _ in range(entry[0]):
                    self.emit(INSERT, row + entry[2])
