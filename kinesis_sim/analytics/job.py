"""A running job: planned statements that rows and time are given to.

``put`` gives a row of a table, ``tick`` lets the clock go on, ``finish`` ends the input: a bounded
source's last watermark closes all windows. Nothing happens by itself, and nothing asks what time it
is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.operators.ends import TableEntry, ToldRows, Watermarks
from kinesis_sim.analytics.operators.operator import FOREVER, NEVER, Inlet, Operator
from kinesis_sim.analytics.planning.planner import Planned
from kinesis_sim.analytics.sql.expressions import Surround
from kinesis_sim.analytics.sql.fields import CLOCK, EVENT
from kinesis_sim.analytics.state.snapshot import HeldRows, Snapshot


class Job:
    """Statements that run together over the same tables."""

    def __init__(self, statements: Iterable[Planned], around: Surround) -> None:
        self.around = around
        self.operators: dict[str, Operator] = {}
        self.entries: dict[str, list[TableEntry]] = {}
        self.clock = NEVER
        self.told: list[ToldRows] = []
        for statement in statements:
            self.operators.update(statement.operators)
            self.told += statement.told
            for table, entries in statement.entries.items():
                self.entries.setdefault(table, []).extend(entries)
        self._watermarks = [one for one in self.operators.values() if isinstance(one, Watermarks)]

    def put(self, table: str, row: Row, *, at: int | None = None, split: str = "") -> None:
        """Give a row of a table. at: when it comes (epoch ms), never earlier than the one before.

        split: the shard that it comes from.
        """
        if at is not None:
            self.tick(at)
        if self.told:
            self.begin()
        if split:
            for one in self._watermarks:
                one.split = split
        for entry in self.entries.get(table, ()):
            entry.take(INSERT, row)

    def watermarks_of(self, table: str) -> list[Watermarks]:
        """What makes the watermarks of a table's rows."""
        found: list[Watermarks] = []
        for entry in self.entries.get(table, ()):
            at: Operator | Inlet = entry
            while isinstance(at, Operator) and not isinstance(at, Watermarks):
                at = at.next
            if isinstance(at, Watermarks):
                found.append(at)
        return found

    def begin(self) -> None:
        """Have the rows come that statements tell themselves; put, tick and finish do it, too."""
        for one in self.told:
            one.begin()

    def tick(self, now: int) -> None:
        """Let the clock show a time: what was to happen before it, happens."""
        if now <= self.clock:
            return
        self.clock = self.around.now = now
        self.begin()
        for one in self.told:
            one.advance(CLOCK, now - 1)
        for entries in self.entries.values():
            for entry in entries:
                entry.advance(CLOCK, now - 1)

    def finish(self) -> None:
        """The input has ended: the last watermark comes."""
        self.begin()
        for entries in self.entries.values():
            for entry in entries:
                entry.advance(EVENT, FOREVER)

    def end(self, table: str) -> None:
        """The input of one table has ended; those of others go on."""
        for entry in self.entries.get(table, ()):
            entry.advance(EVENT, FOREVER)

    # --- what is known of it --------------------------------------------------------------------

    @property
    def late(self) -> dict[str, int]:
        """Rows that each operator dropped as late, as Flink's metric counts them."""
        return {name: one.late for name, one in self.operators.items() if one.late}

    @property
    def lost(self) -> dict[str, int]:
        """The same, each row counted."""
        return {name: one.lost for name, one in self.operators.items() if one.lost}

    @property
    def watermark(self) -> int | None:
        """The lowest watermark of its sources (epoch ms); None before the first."""
        marks = [one.mark for one in self._watermarks]
        return min(marks) if marks and min(marks) > NEVER else None

    def sizes(self) -> Mapping[str, int]:
        """Rows and keys that each operator keeps, roughly."""
        return {name: one.size() for name, one in self.operators.items() if one.kept}

    def snapshot(
        self,
        positions: dict[str, Any] | None = None,
        *,
        held: dict[str, HeldRows] | None = None,
    ) -> Snapshot:
        """All its state, copied, beside what its sources and sinks keep."""
        return Snapshot.of(self.operators, positions, clock=self.clock, held=held)

    def restore(self, kept: Snapshot, *, allow_non_restored: bool = False) -> None:
        """Go on from a snapshot."""
        kept.restore(self.operators, allow_non_restored=allow_non_restored)
        self.clock = kept.clock
        self.around.now = max(0, self.clock)
