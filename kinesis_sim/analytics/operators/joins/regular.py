"""A join that nothing bounds: both sides are kept for ever, and the result is a changelog."""

from __future__ import annotations

from typing import Any, ClassVar

from kinesis_sim.analytics.changelog import ADDS, DELETE, INSERT, Row
from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.operators.operator import Junction

Kept = dict[Row, list[int]]
"""Rows, each with how often it is there, and how many matches it has."""


class RegularJoin(Junction):
    """INNER, LEFT, RIGHT, FULL, SEMI and ANTI join of two changelogs.

    An outer row without a match stands with NULLs; the first match takes that row away (−D) and the
    last one to go brings it back (+I), as Flink's streaming join does.
    """

    title = "join"

    def __init__(self, pairing: Pairing) -> None:
        super().__init__(2)
        self.pairing = pairing
        self.sides: list[dict[Row | None, Kept]] = [{}, {}]

    kept: ClassVar[tuple[str, ...]] = (*Junction.kept, "sides")

    def take_from(self, side: int, kind: int, row: Row) -> None:
        """Join a change with what the other side keeps."""
        key = self.pairing.key(side, row)
        others = self.sides[1 - side].get(key, {}) if key is not None else {}
        self.budget.toil(len(others))
        matches = [
            (other, entry, both)
            for other, entry in others.items()
            if (both := self.pairing.joined(side, row, other)) is not None
        ]
        if self.pairing.kind != "inner":
            self._half(side, kind, key, row, matches)
        elif ADDS[kind]:
            self._added(side, kind, key, row, matches)
        else:
            self._taken(side, kind, key, row, matches)

    def _store(self, side: int, key: Row | None, row: Row, matches: int, step: int) -> None:
        kept = self.sides[side].setdefault(key, {})
        entry = kept.setdefault(row, [0, matches])
        entry[0] += step
        entry[1] = matches
        self.budget.keep(step)
        if entry[0] <= 0:
            del kept[row]
            if not kept:
                del self.sides[side][key]

    def _added(self, side: int, kind: int, key: Row | None, row: Row, matches: Any) -> None:
        mine, theirs = self.pairing.outer[side], self.pairing.outer[1 - side]
        number = sum(entry[0] for _, entry, _ in matches)
        self._store(side, key, row, number, 1)
        if not matches and mine:
            self.emit(INSERT, self.pairing.alone(side, row))
        for other, entry, both in matches:
            if theirs and entry[1] == 0:
                for _ in range(entry[0]):
                    self.emit(DELETE, self.pairing.alone(1 - side, other))
            entry[1] += 1
            for _ in range(entry[0]):
                self.emit(INSERT if mine or theirs else kind, both)

    def _taken(self, side: int, kind: int, key: Row | None, row: Row, matches: Any) -> None:
        if row not in self.sides[side].get(key, {}):
            return
        mine, theirs = self.pairing.outer[side], self.pairing.outer[1 - side]
        self._store(side, key, row, self.sides[side][key][row][1], -1)
        if not matches and mine:
            self.emit(DELETE, self.pairing.alone(side, row))
        for other, entry, both in matches:
            for _ in range(entry[0]):
                self.emit(DELETE if mine else kind, both)
            entry[1] -= 1
            if theirs and entry[1] == 0:
                for _ in range(entry[0]):
                    self.emit(INSERT, self.pairing.alone(1 - side, other))

    # --- semi and anti --------------------------------------------------------------------------

    def _half(self, side: int, kind: int, key: Row | None, row: Row, matches: Any) -> None:
        """Left rows that have a match (semi), or have none (anti).

        Where the right side brings a row in or takes it out, semi says so with the right one's own
        kind, as Flink's operator does; anti with +I and −D.
        """
        wanted = self.pairing.kind == "semi"
        if side == 0:
            number = sum(entry[0] for _, entry, _ in matches)
            if not ADDS[kind] and row not in self.sides[0].get(key, {}):
                return
            self._store(0, key, row, number, 1 if ADDS[kind] else -1)
            if (number > 0) is wanted:
                self.emit(kind, row)
            return
        if not ADDS[kind] and row not in self.sides[1].get(key, {}):
            return
        self._store(1, key, row, 0, 1 if ADDS[kind] else -1)
        for other, entry, _ in matches:
            had = entry[1] > 0
            entry[1] += 1 if ADDS[kind] else -1
            if had != (entry[1] > 0):
                told = kind if wanted else (DELETE if entry[1] > 0 else INSERT)
                for _ in range(entry[0]):
                    self.emit(told, other)
