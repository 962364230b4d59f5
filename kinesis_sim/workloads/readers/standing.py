"""A lease table that stands still but for renewals: what its workers need not do, and what counts.

While every lease is held by a worker that renews it, and nothing else is written, looking at the
table finds nothing, and a renewal only moves a counter on. The clock skips both (``Clock.repeat``);
counters are moved on when somebody looks: another worker, a checkpoint, or a caller of DynamoDB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

_TABLES = "lease tables"
"""A simulator's companion. Kept here by simulator, tables would keep theirs alive for ever."""

Moment = tuple[int, int]
"""An instant (epoch ms), and its place among those of the same millisecond."""


class LeaseStanding:
    """What all who use one lease table in one simulator know of it.

    version: grows with every write but a renewal or a checkpoint, and with every worker that comes
    or goes; moved: when each lease's counter last moved.
    """

    def __init__(self) -> None:
        self.version = 0
        self.moved: dict[str, Moment] = {}
        self._order = count()
        self._settlers: dict[int, Callable[[], None]] = {}
        self._inside = False

    @classmethod
    def of(cls, sim: Simulator, table: str) -> LeaseStanding:
        """What is known of a table; callers of DynamoDB are looked out for from the first time."""
        tables: dict[str, LeaseStanding] | None = sim.companions.get(_TABLES)
        if tables is None:
            found = tables = sim.companions[_TABLES] = {}

            def visited() -> None:
                for each in found.values():
                    each.visited()

            sim.clients.before_calls("dynamodb", visited)
        if table not in tables:
            tables[table] = cls()
        return tables[table]

    def moment(self, at: int) -> Moment:
        """An instant (epoch ms) that is told now: of two alike, what is told later came later."""
        return at, next(self._order)

    def changed(self) -> None:
        """Something else than a renewal or a checkpoint happened: everybody is to look again."""
        self.version += 1

    def visited(self) -> None:
        """Somebody calls DynamoDB: they find counters as they are, and may change anything."""
        if not self._inside:
            self.settle()
            self.changed()

    def renewing(self, settle: Callable[[], None]) -> None:
        """Have ``settle`` called when skipped renewals are to be written."""
        self._settlers[id(settle.__self__)] = settle  # type: ignore[attr-defined]

    def settle(self) -> None:
        """Have all skipped renewals written."""
        for settle in tuple(self._settlers.values()):
            settle()

    def __enter__(self) -> LeaseStanding:
        """Within, calls of DynamoDB are the table's own."""
        self._inside = True
        return self

    def __exit__(self, *_: object) -> None:
        self._inside = False


@dataclass(slots=True)
class Chore:
    """Something that a worker does again and again.

    It says whether it would find nothing, and what is to be noted when it was skipped.
    """

    still: Callable[[], bool]
    note: Callable[[int, int], None]

    def quiet(self, at: int) -> bool:
        """Whether it would find nothing."""
        return self.still()

    def skip(self, first: int, every: int, count: int) -> None:
        """Note how often it was skipped, and when last."""
        self.note(first + (count - 1) * every, count)
