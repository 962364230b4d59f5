"""``pedala-payments``: charges, of which one in two hundred is fraud by one of four patterns.

The labels are kept apart, as they are in life: the events do not tell, ``fraud_labels`` does. All
figures are invented.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

from kinesis_sim.clock import DEFAULT_START
from kinesis_sim.instants import HOUR, MINUTE, SECOND, to_ms
from kinesis_sim.workloads.events.arrival import Arrival, keyed
from kinesis_sim.workloads.events.face import source
from kinesis_sim.workloads.events.rhythm import iso, starts

FRAUD_SHARE = 0.005
CITIES = ("São Paulo", "Campinas", "Santos", "Rio de Janeiro")
FAR_CITY = "Manaus"
PATTERNS: dict[str, int] = {
    "card testing": 6,
    "impossible travel": 1,
    "big ticket": 1,
    "stolen account": 4,
}
"""Charges of one incident. Card testing: tiny charges on one card, seconds apart. Impossible
travel: the card of a charge just made is used far away minutes later. Big ticket: one charge forty
times the usual. Stolen account: a rider's known card on a new device, four fares in ten minutes."""


class _Charge(NamedTuple):
    at: int
    order: int
    fields: dict[str, Any]
    pattern: str | None


@source
def payments(
    start: str | datetime | int = DEFAULT_START,
    *,
    hours: float = 24,
    per_day: int = 10_000,
    riders: int = 5_000,
    key: str | Sequence[str] = "card_id",
    seed: int = 0,
) -> Iterator[Arrival]:
    """``pedala-payments``: one charge per ride that ends within ``hours``, and some fraud.

    Fields: payment_id, rider_id, card_id, device_id, amount_brl, city, event_time.
    """
    for number, charge in enumerate(_charges(start, hours, per_day, riders, seed), 1):
        yield keyed({"payment_id": _id(number), **charge.fields}, key, charge.at)


@source
def fraud_labels(
    start: str | datetime | int = DEFAULT_START,
    *,
    hours: float = 24,
    per_day: int = 10_000,
    riders: int = 5_000,
    seed: int = 0,
) -> dict[str, str]:
    """Which of the payments with the same arguments are fraud: payment_id → pattern."""
    charges = _charges(start, hours, per_day, riders, seed)
    return {_id(n): charge.pattern for n, charge in enumerate(charges, 1) if charge.pattern}


def _id(number: int) -> str:
    return f"payment-{number:07d}"


def _charges(
    start: str | datetime | int, hours: float, per_day: int, riders: int, seed: int
) -> Iterator[_Charge]:
    """All charges in the order of time, honest ones and others."""
    chance = random.Random(f"payments/{seed}")
    begin, order = to_ms(start), count()
    owed, patterns = 0.0, _patterns(chance)  # owed: charges by which fraud is behind its share
    pattern = next(patterns)
    waiting: list[_Charge] = []
    for at in starts(begin, begin + round(hours * HOUR), per_day, chance):
        while waiting and waiting[0].at <= at:
            yield heapq.heappop(waiting)
        honest = _fare(chance.randrange(riders), at, chance)
        heapq.heappush(waiting, _Charge(at, next(order), honest, None))
        owed += FRAUD_SHARE / (1 - FRAUD_SHARE)
        if owed >= PATTERNS[pattern] and chance.random() < 0.2:
            owed -= PATTERNS[pattern]
            for when, fields in _fraud(pattern, honest, at, chance):
                fields["event_time"] = iso(when)
                heapq.heappush(waiting, _Charge(when, next(order), fields, pattern))
            pattern = next(patterns)
    while waiting:
        yield heapq.heappop(waiting)


def _patterns(chance: random.Random) -> Iterator[str]:
    """Each pattern once a round, in an order of its own."""
    while True:
        yield from chance.sample(list(PATTERNS), len(PATTERNS))


def _fare(rider: int, at: int, chance: random.Random) -> dict[str, Any]:
    """An honest charge. A rider has one card, one device and a home city."""
    return {
        "rider_id": f"rider-{rider:04d}",
        "card_id": f"card-{rider * 7919 % 100_000:05d}",
        "device_id": f"device-{rider * 104_729 % 1_000_000:06d}",
        "amount_brl": round(chance.triangular(4, 30, 9), 2),
        "city": CITIES[min(rider % 10, len(CITIES) - 1)],
        "event_time": iso(at),
    }


def _fraud(
    pattern: str, honest: dict[str, Any], at: int, chance: random.Random
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The charges of one incident that begins after an honest charge."""
    when = at + chance.randint(1, 5) * MINUTE
    device = f"device-{chance.randrange(1_000_000):06d}"
    for number in range(PATTERNS[pattern]):
        fields = dict(honest)
        if pattern == "card testing":
            fields |= {"amount_brl": round(chance.uniform(0.5, 1.5), 2), "device_id": device}
            when += chance.randint(3, 12) * SECOND
        elif pattern == "impossible travel":
            fields |= {"city": FAR_CITY, "device_id": device}
        elif pattern == "big ticket":
            fields |= {"amount_brl": round(honest["amount_brl"] * chance.uniform(35, 45), 2)}
        else:
            fields |= {"device_id": device, "amount_brl": round(chance.uniform(25, 40), 2)}
            when += (number > 0) * chance.randint(90, 180) * SECOND
        yield when, fields
