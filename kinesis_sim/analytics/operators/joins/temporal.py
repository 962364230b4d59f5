"""Joins with the version that a table had at a row's time, and with a table that stands still."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from kinesis_sim.analytics.changelog import ADDS, INSERT, UPDATE_BEFORE, Row
from kinesis_sim.analytics.operators.joins.pairing import Pairing
from kinesis_sim.analytics.operators.operator import Junction, Operator


class TemporalJoin(Junction):
    """``JOIN versions FOR SYSTEM_TIME AS OF left.time``: left rows wait for the watermark.

    One that is late waits for the next one: none is dropped (measured on 1.20.3).
    """

    title = "temporal join"

    def __init__(
        self,
        pairing: Pairing,
        when: tuple[Callable[[Row], Any], Callable[[Row], Any]],
        time: str,
    ) -> None:
        super().__init__(2)
        self.pairing = pairing
        self.when = when
        self.time = time
        self.waiting: list[tuple[int, int, Row]] = []
        self.came = 0
        self.versions: dict[Row, list[tuple[int, Row | None]]] = {}

    kept: ClassVar[tuple[str, ...]] = (*Junction.kept, "waiting", "came", "versions")

    def take_from(self, side: int, kind: int, row: Row) -> None:
        """Keep a row until its time has come, or a version."""
        at = self.when[side](row)
        self.budget.keep()
        if side == 0:
            self.came += 1
            self.waiting.append((at, self.came, row))
            return
        key = self.pairing.key(1, row)
        if key is None or kind == UPDATE_BEFORE:
            return
        versions = self.versions.setdefault(key, [])
        place = bisect_right(versions, at, key=lambda version: version[0])
        versions.insert(place, (at, row if ADDS[kind] else None))

    def advance(self, time: str, at: int) -> None:
        """Join the left rows whose time has come."""
        if time == self.time:
            due = sorted(one for one in self.waiting if one[0] <= at)
            self.waiting = [one for one in self.waiting if one[0] > at]
            self.budget.used_state -= len(due)
            for when, _, row in due:
                self._join(row, self._version(row, when))
            self._forget(at)
        self.next.advance(time, at)

    def _version(self, row: Row, at: int) -> Row | None:
        key = self.pairing.key(0, row)
        versions = self.versions.get(key, []) if key is not None else []
        place = bisect_right(versions, at, key=lambda version: version[0])
        return versions[place - 1][1] if place else None

    def _join(self, row: Row, version: Row | None) -> None:
        both = self.pairing.joined(0, row, version) if version is not None else None
        if both is not None:
            self.emit(INSERT, both)
        elif self.pairing.outer[0]:
            self.emit(INSERT, self.pairing.alone(0, row))

    def _forget(self, at: int) -> None:
        """Versions that no row can ask for any more."""
        for versions in self.versions.values():
            place = bisect_right(versions, at, key=lambda version: version[0])
            if place > 1:
                self.budget.used_state -= place - 1
                del versions[: place - 1]


class LookupJoin(Operator):
    """A join with a table that stands still: reference data, or a lookup at processing time.

    rows: gives the table's rows now; they are read again when there are others.
    """

    title = "lookup join"

    def __init__(self, pairing: Pairing, rows: Callable[[], Iterable[Row]]) -> None:
        super().__init__()
        self.pairing = pairing
        self.rows = rows
        self._read: object = None
        self._keyed: dict[Row, list[Row]] = {}

    def take(self, kind: int, row: Row) -> None:
        """Hand on the row with each of the table's that fits."""
        rows = self.rows()
        if rows is not self._read:
            self._read, self._keyed = rows, {}
            for one in rows:
                key = self.pairing.key(1, one)
                if key is not None:
                    self._keyed.setdefault(key, []).append(one)
        key = self.pairing.key(0, row)
        found = self._keyed.get(key, []) if key is not None else []
        self.budget.toil(len(found))
        pairs = [both for one in found if (both := self.pairing.joined(0, row, one)) is not None]
        for both in pairs:
            self.emit(kind, both)
        if not pairs and self.pairing.outer[0]:
            self.emit(kind, self.pairing.alone(0, row))
