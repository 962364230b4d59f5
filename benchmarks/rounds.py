"""Side by side: contestants take turns, A B C then C B A, so that a busy moment hits them all.

The first turn of each warms up and is not counted. A ratio is worked out in every round for itself
and then its median is taken: what the machine did meanwhile cancels out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

Turn = Callable[[], float]
"""Does some work once and says what one unit of it cost, usually in seconds."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What was seen over all rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    def map(self, change: Callable[[float], float]) -> Spread:
        """The same in another unit."""
        return Spread(tuple(map(change, self.values)))

    def text(self, form: str = ",.0f") -> str:
        """Median and, in brackets, least and most."""
        low, high = min(self.values), max(self.values)
        return f"{self.median:{form}} [{low:{form}}–{high:{form}}]"


def interleave(
    title: str, turns: Mapping[str, Turn], rounds: int, warm_up: bool = True
) -> dict[str, Spread]:
    """Let all take turns ``rounds`` times; what each turn cost, by contestant."""
    costs: dict[str, list[float]] = {name: [] for name in turns}
    order = list(turns)
    for number in range(-1 if warm_up else 0, rounds):
        for name in order:
            stage = "warming up" if number < 0 else f"round {number + 1} of {rounds}"
            progress(f"{title}: {stage}, {name}")
            cost = turns[name]()
            if number >= 0:
                costs[name].append(cost)
        order.reverse()
    progress("")
    return {name: Spread(tuple(values)) for name, values in costs.items()}


def ratio(mine: Spread, other: Spread) -> Spread:
    """Mine over the other's, round by round."""
    return Spread(tuple(a / b for a, b in zip(mine.values, other.values, strict=True)))


def progress(text: str) -> None:
    """Show what is going on; on a terminal the line is written over, in a log it stays."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)
