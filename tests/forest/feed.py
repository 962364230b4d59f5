"""Rows that AWS's forest and ours are both given, with what is odd among them.

The first is the guide's: heart rates of people at rest, one in a hundred far too high
(facts/analytics §7). Every number follows from a fixed seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

Point = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ForestFeed:
    """rows: points in order; odd: where the anomalies stand. decay, shingle: as of the function."""

    rows: list[Point]
    odd: frozenset[int]
    decay: int = 100_000
    shingle: int = 1


def heart_rates() -> ForestFeed:
    """A rate a row."""
    draw = Random(20261129)
    odd = frozenset(at for at in range(2_000) if at > 256 and draw.random() < 0.01)
    rates = [draw.randint(150, 200) if at in odd else draw.randint(60, 100) for at in range(2_000)]
    return ForestFeed([(float(rate),) for rate in rates], odd)


def pressures() -> ForestFeed:
    """Two columns that belong together, now and then too high or too low; soon forgotten."""
    draw = Random(7)
    odd = frozenset(at for at in range(1_200) if at > 256 and draw.random() < 0.01)
    rows = []
    for at in range(1_200):
        high, low = draw.gauss(120, 5), draw.gauss(80, 4)
        if at in odd:
            high, low = (high + 60, low + 30) if draw.random() < 0.5 else (high - 50, low - 40)
        rows.append((round(high, 2), round(low, 2)))
    return ForestFeed(rows, odd, decay=1_000)


def saw() -> ForestFeed:
    """A tooth of eight rows, one of which is missing now and then: four rows make a point."""
    draw = Random(11)
    odd = frozenset(at for at in range(800) if at > 300 and draw.random() < 0.01)
    rows = [(5.0 if at in odd else at % 8 + round(draw.gauss(0, 0.1), 3),) for at in range(800)]
    return ForestFeed(rows, odd, shingle=4)


FEEDS = {"heart rates": heart_rates, "pressures": pressures, "saw": saw}
