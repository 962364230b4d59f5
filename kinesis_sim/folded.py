"""What is left of events that are not kept whole: sums per minute, in columns, coarser with age.

A year of one put a minute over ten shards takes some 25 MB here. Minutes become 5 minutes after 15
days and hours after 63, as CloudWatch's do; sums stay exact for ever.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

from kinesis_sim.instants import DAY, HOUR, MINUTE

Number = int | float
WIDTHS = (MINUTE, 5 * MINUTE, HOUR)
"""Widths of a row in ms."""
KEPT = (15 * DAY, 63 * DAY)
"""For how long rows stay minutes, and then 5 minutes, counted back from the newest (ms)."""
SLACK = DAY
"""Rows are made coarser in runs of a day, so that it stays cheap per row."""


class Rows:
    """Sums of one width in order of time: a column of instants, and one per measure."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.at = array("q")
        self._columns: dict[str, array[int] | array[float]] = {}

    def add(self, at: int, measures: dict[str, Number]) -> None:
        """Add measures to the row that ``at`` (epoch ms) falls into."""
        at -= at % self.width
        place = len(self.at) if not self.at or at > self.at[-1] else bisect_left(self.at, at)
        if place == len(self.at) or self.at[place] != at:
            self.at.insert(place, at)
            for column in self._columns.values():
                column.insert(place, 0)
        for name, amount in measures.items():
            self._add(name, place, amount)

    def _add(self, name: str, place: int, amount: Number) -> None:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = array("q", bytes(8 * len(self.at)))
        if isinstance(amount, float) and column.typecode == "q":
            column = self._columns[name] = array("d", column)
        column[place] += amount  # type: ignore[assignment]

    def __iter__(self) -> Iterator[tuple[int, dict[str, Number]]]:
        names = tuple(self._columns)
        for at, *amounts in zip(self.at, *self._columns.values(), strict=True):
            yield at, dict(zip(names, amounts, strict=True))

    def take_before(self, end: int) -> list[tuple[int, dict[str, Number]]]:
        """Remove and return the rows that begin before ``end`` (epoch ms)."""
        count = bisect_left(self.at, end)
        names, columns = tuple(self._columns), self._columns.values()
        rows = zip(*(column[:count] for column in columns), strict=True)
        taken = [
            (at, dict(zip(names, row, strict=True)))
            for at, row in zip(self.at[:count], rows, strict=True)
        ]
        for column in (self.at, *columns):
            del column[:count]
        return taken


class Sums:
    """All rows of one kind of event with the same labels, in three widths."""

    def __init__(self) -> None:
        self._tiers = tuple(Rows(width) for width in WIDTHS)

    def add(self, at: int, measures: dict[str, Number]) -> None:
        """Add measures of ``at`` (epoch ms)."""
        minutes = self._tiers[0]
        minutes.add(at, measures)
        if minutes.at[-1] - minutes.at[0] > KEPT[0] + SLACK:
            self._age(minutes.at[-1])

    def __iter__(self) -> Iterator[tuple[int, int, dict[str, Number]]]:
        """Width, start (both ms) and sums of every row, oldest first."""
        for rows in reversed(self._tiers):
            for at, measures in rows:
                yield rows.width, at, measures

    def _age(self, newest: int) -> None:
        for rows, wider, kept in zip(self._tiers, self._tiers[1:], KEPT, strict=False):
            edge = newest - kept
            for at, measures in rows.take_before(edge - edge % wider.width):
                wider.add(at, measures)
