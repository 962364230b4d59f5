"""``pedala-logs``: what Pedala's services write down, and one deploy that goes wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime

from kinesis_sim.clock import DEFAULT_START
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import MINUTE, SECOND, to_ms
from kinesis_sim.workloads.events.arrival import Arrival, keyed
from kinesis_sim.workloads.events.face import source
from kinesis_sim.workloads.events.rhythm import iso, rush

SERVICES = ("api", "rides", "payments", "docks", "maps")
BAD_SERVICE, BAD_VERSION, GOOD_VERSION = "payments", "2.4.0", "2.3.7"
MESSAGES = {
    200: "request served",
    404: "no such ride",
    500: "upstream timed out after 3000 ms",
}


@source
def service_logs(
    start: str | datetime | int = DEFAULT_START,
    *,
    minutes: float = 60,
    per_second: float = 5,
    deploy_minute: float = 20,
    rollback_minute: float = 35,
    key: str | Sequence[str] = "instance_id",
    seed: int = 0,
) -> Iterator[Arrival]:
    """``pedala-logs``: ``per_second`` lines in the busiest hour of the day, fewer in others.

    Fields: service, instance_id, version, level, status, latency_ms, message, event_time. From
    ``deploy_minute`` to ``rollback_minute`` the payments service runs version 2.4.0: it answers
    slowly, half of its requests fail, and it writes three times as many lines.
    """
    if rollback_minute < deploy_minute:
        raise UsageError(
            f"rollback_minute={rollback_minute} lies before deploy_minute={deploy_minute}."
        )
    chance = random.Random(f"logs/{seed}")
    begin = to_ms(start)
    at, end = float(begin), begin + round(minutes * MINUTE)
    bad = range(begin + round(deploy_minute * MINUTE), begin + round(rollback_minute * MINUTE))
    while per_second:
        at += chance.expovariate(max(0.05, rush(int(at))) * per_second) * SECOND
        if at >= end:
            return
        for row in _lines(int(at), int(at) in bad, chance):
            yield keyed(row, key, int(at))


def _lines(at: int, deployed: bool, chance: random.Random) -> Iterator[dict[str, object]]:
    """A line; three of a service that is in trouble: it retries."""
    service = chance.choice(SERVICES)
    broken = deployed and service == BAD_SERVICE
    for _ in range(3 if broken else 1):
        status = _status(0.5 if broken else 0.002, chance)
        latency = chance.triangular(900, 3_000, 3_000) if broken else chance.triangular(5, 120, 20)
        yield {
            "service": service,
            "instance_id": f"{service}-{chance.randint(1, 4)}",
            "version": BAD_VERSION if broken else GOOD_VERSION,
            "level": "ERROR" if status == 500 else "WARN" if status == 404 else "INFO",
            "status": status,
            "latency_ms": round(latency),
            "message": MESSAGES[status],
            "event_time": iso(at),
        }


def _status(failing: float, chance: random.Random) -> int:
    drawn = chance.random()
    return 500 if drawn < failing else 404 if drawn < failing + 0.01 else 200
