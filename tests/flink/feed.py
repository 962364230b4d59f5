"""The rows that real Flink and the simulator are both given: in arrival order, some of them late.

Every number follows from a fixed seed, so the file is the same wherever it is made.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

ROWS = 600
DOCKS = ("Centro", "Lapa", "Mercado", "Parque", "Porto", "Sé")
MIDNIGHT_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""


def rows() -> list[dict[str, Any]]:
    """Rides and repairs at six docks in five minutes, two a second, one in 25 of them late."""
    draw = Random(20261129)
    found, at = [], MIDNIGHT_MS
    for number in range(ROWS):
        at += draw.choice((0, 1, 40, 250, 500, 1_000, 1_700))
        if number in (200, 201, 400):
            at += 12_000  # a silence, in which sessions end
        late = draw.random() < 0.04
        when = at - (draw.randrange(6_000, 45_000) if late else draw.randrange(0, 2_000))
        found.append(
            {
                "id": number,
                "kind": "repair" if draw.random() < 0.15 else "ride",
                "dock": draw.choice(DOCKS),
                "bike": draw.randrange(40) if draw.random() > 0.03 else None,
                "minutes": round(draw.expovariate(1 / 12), 2) if draw.random() > 0.05 else None,
                "at": sql_time(when),
            }
        )
    return found


def lines() -> str:
    """The rows as lines of JSON."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows())


def sql_time(epoch_ms: int) -> str:
    """An instant as Flink's JSON format reads it."""
    from kinesis_sim.instants import to_datetime

    return to_datetime(epoch_ms).strftime("%Y-%m-%d %H:%M:%S.") + f"{epoch_ms % 1_000:03d}"
