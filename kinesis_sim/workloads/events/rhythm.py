"""A day's rhythm: when things happen at Pedala, and how instants are written in its events.

The figures are invented to be plausible: no fact of AWS is among them. Times of day are UTC.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from kinesis_sim.instants import DAY, HOUR, to_datetime

RHYTHM = (1, 1, 1, 1, 1, 3, 8, 16, 20, 10, 6, 6, 8, 7, 6, 6, 9, 18, 22, 13, 8, 5, 3, 2)
"""How much starts in each hour of the day, in proportion: two rush hours, a quiet night."""


def starts(begin: int, end: int, per_day: int, chance: random.Random) -> Iterator[int]:
    """When things start, between two instants (epoch ms), hour by hour after the day's rhythm."""
    for hour in range(begin // HOUR, -(-end // HOUR)):
        expected = per_day * RHYTHM[hour % 24] / sum(RHYTHM)
        now = int(expected) + (chance.random() < expected % 1)
        times = sorted(hour * HOUR + chance.randrange(HOUR) for _ in range(now))
        yield from (at for at in times if begin <= at < end)


def rush(at: int) -> float:
    """How busy the hour of an instant is: 1 in the busiest hour of the day."""
    return RHYTHM[at % DAY // HOUR] / max(RHYTHM)


def iso(at: int) -> str:
    """An instant (epoch ms) as events carry it: ISO 8601, UTC, with milliseconds."""
    return to_datetime(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
