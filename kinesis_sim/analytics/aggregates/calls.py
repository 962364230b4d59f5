"""Several aggregates over the rows of one operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kinesis_sim.analytics.aggregates.aggregate import Accumulator, Aggregate
from kinesis_sim.analytics.changelog import Row

Step = Callable[[Accumulator, Row], None]


@dataclass(frozen=True, slots=True)
class AggregateCall:
    """argument: gives the value of a row, None for all rows; filter: a condition on rows."""

    function: Aggregate
    argument: Callable[[Row], Any] | None = None
    filter: Callable[[Row], Any] | None = None

    def step(self, change: Callable[[Accumulator, Any], None]) -> Step:
        """A function that has an accumulator take, or give back, a row."""
        argument, condition = self.argument, self.filter
        if argument is None:

            def plain(acc: Accumulator, row: Row) -> None:
                change(acc, None)

            made: Step = plain
        else:
            of = argument

            def valued(acc: Accumulator, row: Row) -> None:
                value = of(row)
                if value is not None:
                    change(acc, value)

            made = valued
        if condition is None:
            return made
        wanted = condition

        def filtered(acc: Accumulator, row: Row) -> None:
            if wanted(row) is True:
                made(acc, row)

        return filtered


class Gathering:
    """The accumulators of several calls, as one list."""

    def __init__(self, calls: Sequence[AggregateCall]) -> None:
        self.calls = tuple(calls)
        self._new = [call.function.new for call in calls]
        self._adds = [call.step(call.function.add) for call in calls]
        self._takes = [call.step(call.function.take) for call in calls]
        self._values = [call.function.value for call in calls]
        self._growing = [at for at, call in enumerate(calls) if call.function.grows]

    def new(self) -> list[Accumulator]:
        """Accumulators of no rows."""
        return [new() for new in self._new]

    def add(self, accs: list[Accumulator], row: Row) -> None:
        """Take a row in."""
        for add, acc in zip(self._adds, accs, strict=True):
            add(acc, row)

    def take(self, accs: list[Accumulator], row: Row) -> None:
        """Give a row back."""
        for take, acc in zip(self._takes, accs, strict=True):
            take(acc, row)

    def toil(self, values: Row) -> int:
        """Steps that making these values took: a member each, or 64 characters of a text."""
        grown = [value for at in self._growing if (value := values[at]) is not None]
        return sum(len(one) >> 6 if isinstance(one, str) else len(one) for one in grown)

    def values(self, accs: list[Accumulator]) -> Row:
        """What they come to."""
        return tuple([value(acc) for value, acc in zip(self._values, accs, strict=True)])
