"""Where rows enter a query, where watermarks are made, and where results are gathered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.analytics.changelog import INSERT, Change, Row
from kinesis_sim.analytics.operators.operator import FOREVER, NEVER, Operator
from kinesis_sim.analytics.refusals import RowFault, SqlLimitExceeded
from kinesis_sim.analytics.sql.fields import EVENT


class TableEntry(Operator):
    """Rows of a table, as they come."""

    title = "source"

    def take(self, kind: int, row: Row) -> None:
        """Hand a row on, counting it."""
        self.budget.toil(1)
        self.emit(kind, row)


class ToldRows(TableEntry):
    """Rows that the statement itself tells: VALUES. They come once, before any other, and end."""

    title = "values"

    def __init__(self, rows: Callable[[], list[Row]]) -> None:
        super().__init__()
        self.rows = rows
        self.told = False

    kept = ("told",)

    def begin(self) -> None:
        """Hand the rows on, unless that was done before the snapshot that it goes on from."""
        if not self.told:
            self.told = True
            for row in self.rows():
                self.take(INSERT, row)
            self.advance(EVENT, FOREVER)


class Watermarks(Operator):
    """Makes the watermark of one source subtask: after each row, as far as its expression says.

    One watermark runs over all that the subtask reads, as Flink's SQL connector for Kinesis has it
    (facts: measured, reviews of November 2026): a shard that is behind is late without anybody
    saying so. With ``by_split`` each shard has its own, and the one furthest behind counts; one
    that is idle does not.
    """

    title = "watermark"

    def __init__(
        self,
        when: Callable[[Row], Any],
        mark: Callable[[Row], Any],
        *,
        by_split: bool = False,
        said: str = "",
    ) -> None:
        super().__init__()
        self.said = said
        self.when = when
        self.mark_of = mark
        self.by_split = by_split
        self.mark = NEVER
        self.splits: dict[str, int] = {}
        self.idle: set[str] = set()
        self.split = ""

    kept = ("mark", "splits", "idle", "said")

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a copy, if it is of the same declaration."""
        if kept["said"] == self.said:
            super().restore(kept)

    def take(self, kind: int, row: Row) -> None:
        """Hand a row on, then move the watermark. Raises RowFault for a row without a time."""
        if self.when(row) is None:
            raise RowFault(
                "A row has NULL in its time attribute; Flink stops the job. Leave such rows out, "
                "or give them a time with COALESCE."
            )
        self.emit(kind, row)
        at = self.mark_of(row)
        if at is None:
            return
        if self.by_split:
            self._of_split(at)
        elif at > self.mark:
            self.mark = at
            self.next.advance(EVENT, at)

    def _of_split(self, at: int) -> None:
        self.idle.discard(self.split)
        if at > self.splits.get(self.split, NEVER):
            self.splits[self.split] = at
            self._lowest()

    def _lowest(self) -> None:
        marks = [at for split, at in self.splits.items() if split not in self.idle]
        if marks and min(marks) > self.mark:
            self.mark = min(marks)
            self.next.advance(EVENT, self.mark)

    def know(self, splits: list[str]) -> None:
        """Hear which shards there are; one that has given no row yet holds the watermark back."""
        for split in splits:
            self.splits.setdefault(split, NEVER)

    def rest(self, split: str) -> None:
        """A shard is idle from now on, until its next row: it does not hold the others back."""
        if split not in self.idle:
            self.idle.add(split)
            self._lowest()


class ResultLog(Operator):
    """Gathers a query's changes. heard: told of each as it comes."""

    title = "result"

    def __init__(self, heard: Callable[[int, Row], None] | None = None) -> None:
        super().__init__()
        self.changes: list[Change] = []
        self.heard = heard
        self.mark: dict[str, int] = {}

    kept = ("mark",)

    def take(self, kind: int, row: Row) -> None:
        """Keep a change. Raises SqlLimitExceeded beyond the budget's rows."""
        if self.heard is not None:
            self.heard(kind, row)
            return
        if len(self.changes) >= self.budget.rows:
            raise SqlLimitExceeded(
                f"The query gives more than {self.budget.rows:,} rows; filter or group, or raise "
                "the limit `rows`."
            )
        self.changes.append(Change(kind, row))

    def advance(self, time: str, at: int) -> None:
        """Remember how far time is."""
        self.mark[time] = at
