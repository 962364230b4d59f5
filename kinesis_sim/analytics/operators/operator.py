"""What operators have in common: where changes go, how time passes, what a snapshot keeps."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, ClassVar

from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.refusals import SqlLimitExceeded

Emit = Callable[[int, Row], None]
NEVER = -(1 << 62)
"""A watermark before any other."""
FOREVER = 1 << 62
"""The watermark of an input that has ended."""


@dataclass(slots=True)
class Budget:
    """What a query may use, against runaways; the defaults are the model's choice.

    rows: that it may give; state: rows that its operators may keep; work: rows that its operators
    may take, all counted together. What was used is counted beside.
    """

    rows: int = 2_000_000
    state: int = 2_000_000
    work: int = 200_000_000
    used_state: int = 0
    used_work: int = 0

    def keep(self, number: int = 1) -> None:
        """Count rows that are kept from now on. Raises SqlLimitExceeded."""
        self.used_state += number
        if self.used_state > self.state:
            raise SqlLimitExceeded(
                f"The query keeps more than {self.state:,} rows; narrow its windows, bound its "
                "joins by time, or raise the limit `state`."
            )

    def toil(self, number: int) -> None:
        """Count rows that one row became. Raises SqlLimitExceeded."""
        self.used_work += number
        if self.used_work > self.work:
            raise SqlLimitExceeded(
                f"The query has taken more than {self.work:,} steps; a join or window multiplies "
                "its rows. Narrow it, or raise the limit `work`."
            )


class Inlet:
    """Where changes and time go in."""

    def take(self, kind: int, row: Row) -> None:
        """Take a change."""

    def advance(self, time: str, at: int) -> None:
        """Hear that a time has passed ``at``."""


NOWHERE = Inlet()


class Operator(Inlet):
    """An inlet that feeds another.

    lost: rows dropped as late. late: the same as Flink's metric numLateRecordsDropped counts them,
    which is not always by the row. form: what its state is of, in the words of the statement;
    empty where it keeps none that another statement's could be mistaken for.
    """

    kept: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str] = ""

    def __init__(self) -> None:
        self.next: Inlet = NOWHERE
        self.emit: Emit = NOWHERE.take
        self.late = 0
        self.lost = 0
        self.budget = Budget()
        self.form = ""

    def feed(self, following: Inlet) -> None:
        """Have changes and time go to another."""
        self.next = following
        self.emit = following.take

    def advance(self, time: str, at: int) -> None:
        """Tell the one behind, once there is nothing left to do at that time."""
        self.next.advance(time, at)

    def drop(self, *, counted: bool = True) -> None:
        """Lose a row that is late; counted: whether Flink's metric sees it."""
        self.lost += 1
        self.late += counted

    def due(self) -> int | None:
        """When the clock has to wake it next (epoch ms); None for never."""
        return None

    def snapshot(self) -> dict[str, Any]:
        """A copy of what it keeps."""
        return {name: deepcopy(getattr(self, name)) for name in (*self.kept, "late", "lost")}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from a copy; the copy stays as it is."""
        for name, value in kept.items():
            setattr(self, name, deepcopy(value))

    def size(self) -> int:
        """How many keys or rows it keeps, roughly, for pictures of state."""
        return sum(
            len(value) for name in self.kept if hasattr(value := getattr(self, name), "__len__")
        )


class Junction(Operator):
    """An operator of several inputs; its time is that of the input that is furthest behind."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.inlets = [JunctionSide(self, at) for at in range(inputs)]
        self.marks: dict[str, list[int]] = {}
        self.reached: dict[str, int] = {}

    kept: ClassVar[tuple[str, ...]] = ("marks", "reached")

    def take_from(self, side: int, kind: int, row: Row) -> None:
        """Take a change of one input."""
        self.emit(kind, row)

    def hear(self, side: int, time: str, at: int) -> None:
        """Hear how far one input is."""
        marks = self.marks.setdefault(time, [NEVER] * len(self.inlets))
        if at <= marks[side]:
            return
        marks[side] = at
        lowest = min(marks)
        if lowest > self.reached.get(time, NEVER):
            self.reached[time] = lowest
            self.advance(time, lowest)


class JunctionSide(Inlet):
    """One input of a junction."""

    def __init__(self, junction: Junction, at: int) -> None:
        self.junction = junction
        self.at = at

    def take(self, kind: int, row: Row) -> None:
        """Hand a change on, with where it came from."""
        self.junction.take_from(self.at, kind, row)

    def advance(self, time: str, at: int) -> None:
        """Hand time on, with where it came from."""
        self.junction.hear(self.at, time, at)
