"""``pedala-clicks``: what riders do in the app."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from kinesis_sim.clock import DEFAULT_START
from kinesis_sim.instants import HOUR, SECOND, to_ms
from kinesis_sim.workloads.events.arrival import Arrival, keyed
from kinesis_sim.workloads.events.face import source
from kinesis_sim.workloads.events.rhythm import iso, starts

NEXT: dict[str, tuple[tuple[str, float], ...]] = {
    "open": (("search", 0.55), ("map", 0.40), ("leave", 0.05)),
    "search": (("station", 0.70), ("search", 0.20), ("leave", 0.10)),
    "map": (("station", 0.60), ("map", 0.25), ("leave", 0.15)),
    "station": (("unlock", 0.45), ("map", 0.30), ("offer", 0.15), ("leave", 0.10)),
    "offer": (("unlock", 0.50), ("station", 0.30), ("leave", 0.20)),
    "unlock": (("leave", 1.0),),
}
"""Where a tap leads to, and how often: a session walks this table from ``open`` to ``leave``."""

PLATFORMS = ("android", "android", "ios")


@source
def app_clicks(
    start: str | datetime | int = DEFAULT_START,
    *,
    hours: float = 1,
    sessions_per_day: int = 5_000,
    stations: int = 24,
    key: str | Sequence[str] = "session_id",
    seed: int = 0,
) -> Iterator[Arrival]:
    """``pedala-clicks``: taps of every session that starts within ``hours``, a few seconds apart.

    Fields: session_id, rider_id, platform, action, target (a station or None), event_time. key: the
    field, or fields, that become the partition key.
    """
    chance = random.Random(f"clicks/{seed}")
    begin = to_ms(start)
    waiting: list[tuple[int, int, dict[str, Any]]] = []  # taps to come, by their time
    end = begin + round(hours * HOUR)
    for number, at in enumerate(starts(begin, end, sessions_per_day, chance), 1):
        while waiting and waiting[0][0] <= at:
            yield _tap(heapq.heappop(waiting), key)
        for place, tap in enumerate(_session(number, at, stations, chance)):
            heapq.heappush(waiting, (tap[0], number * 1_000 + place, tap[1]))
    while waiting:
        yield _tap(heapq.heappop(waiting), key)


def _tap(row: tuple[int, int, dict[str, Any]], key: str | Sequence[str]) -> Arrival:
    return keyed(row[2], key, row[0])


def _session(
    number: int, at: int, stations: int, chance: random.Random
) -> Iterator[tuple[int, dict[str, Any]]]:
    who = {
        "session_id": f"session-{number:06d}",
        "rider_id": f"rider-{chance.randrange(5_000):04d}",
        "platform": chance.choice(PLATFORMS),
    }
    action = "open"
    for _ in range(40):  # nobody taps for ever
        if action == "leave":
            return
        named = action in ("station", "unlock")
        target = f"station-{chance.randint(1, stations):02d}" if named else None
        yield at, {**who, "action": action, "target": target, "event_time": iso(at)}
        at += round(chance.triangular(1, 20, 3) * SECOND)
        names, weights = zip(*NEXT[action], strict=True)
        [action] = chance.choices(names, weights)
