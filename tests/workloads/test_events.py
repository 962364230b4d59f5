"""Pedala's other events: clicks, payments with labelled fraud, logs with a bad deploy, ticks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from kinesis_sim.errors import UsageError
from kinesis_sim.instants import MINUTE, to_ms
from kinesis_sim.workloads.events.app_clicks import NEXT
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.events.generators import (
    app_clicks,
    fraud_labels,
    payments,
    service_logs,
    stock_ticks,
)
from kinesis_sim.workloads.events.payments import FAR_CITY, PATTERNS

NOON = "2026-01-01T12:00:00Z"
GENERATORS: list[Callable[..., Iterator[Arrival]]] = [
    app_clicks,
    payments,
    service_logs,
    stock_ticks,
]


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_seed_gives_the_same_events_in_the_order_of_time(
    generator: Callable[..., Iterator[Arrival]],
) -> None:
    first, again, other = (list(generator(NOON, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) > 100
    times = [arrival.at for arrival in first]
    assert times == sorted(times)
    assert times[0] >= to_ms(NOON)


@pytest.mark.parametrize("generator", GENERATORS)
def test_keys_are_fields_of_the_event(generator: Callable[..., Iterator[Arrival]]) -> None:
    arrival = next(generator(NOON, key="event_time"))
    assert arrival.key == arrival.event["event_time"]
    with pytest.raises(UsageError, match="no field 'colour'"):
        next(generator(NOON, key="colour"))


def test_sessions_walk_the_table_of_taps() -> None:
    sessions: dict[str, list[str]] = defaultdict(list)
    for arrival in app_clicks(NOON, hours=2):
        sessions[arrival.event["session_id"]].append(arrival.event["action"])
    for actions in sessions.values():
        assert actions[0] == "open"
        for here, there in pairwise(actions):
            assert there in dict(NEXT[here])


def test_one_payment_in_two_hundred_is_fraud_and_none_says_so() -> None:
    charges = [arrival.event for arrival in payments(per_day=20_000)]
    labels = fraud_labels(per_day=20_000)
    assert len(labels) / len(charges) == pytest.approx(0.005, rel=0.1)
    assert set(labels.values()) == set(PATTERNS)
    assert {tuple(charge) for charge in charges} == {tuple(charges[0])}
    assert labels.keys() <= {charge["payment_id"] for charge in charges}
    assert not any("fraud" in field or "label" in field for field in charges[0])


def by_pattern() -> dict[str, list[dict[str, Any]]]:
    labels, found = fraud_labels(), defaultdict(list)
    for arrival in payments():
        event = arrival.event
        found[labels.get(event["payment_id"], "honest")].append({**event, "at": arrival.at})
    return found


def test_each_pattern_of_fraud_is_what_it_says() -> None:
    rows = by_pattern()
    assert max(row["amount_brl"] for row in rows["card testing"]) <= 1.5
    assert {row["city"] for row in rows["impossible travel"]} == {FAR_CITY}
    assert min(row["amount_brl"] for row in rows["big ticket"]) > 35 * 4
    assert FAR_CITY not in {row["city"] for row in rows["honest"]}
    assert max(row["amount_brl"] for row in rows["honest"]) <= 30
    cards = Counter(row["card_id"] for row in rows["stolen account"])
    assert all(count % PATTERNS["stolen account"] == 0 for count in cards.values())
    devices = {row["card_id"]: row["device_id"] for row in rows["honest"]}
    stolen = rows["stolen account"]
    assert all(devices.get(row["card_id"]) != row["device_id"] for row in stolen)


def test_one_deploy_goes_wrong_and_is_rolled_back() -> None:
    events = [(arrival.at, arrival.event) for arrival in service_logs(NOON, per_second=40)]
    start = to_ms(NOON)
    failing: dict[bool, list[bool]] = {True: [], False: []}
    for at, event in events:
        bad = 20 <= (at - start) / MINUTE < 35 and event["service"] == "payments"
        assert (event["version"] == "2.4.0") == bad
        failing[bad].append(event["status"] == 500)
    assert sum(failing[True]) / len(failing[True]) == pytest.approx(0.5, abs=0.05)
    assert sum(failing[False]) / len(failing[False]) < 0.01
    with pytest.raises(UsageError, match="lies before"):
        next(service_logs(deploy_minute=5, rollback_minute=1))


def test_prices_walk_without_jumps() -> None:
    prices: dict[str, list[float]] = defaultdict(list)
    for arrival in stock_ticks(minutes=20):
        prices[arrival.key].append(arrival.event["price"])
    assert len(prices) == 5
    for walk in prices.values():
        assert all(abs(b / a - 1) < 0.02 for a, b in pairwise(walk))
    with pytest.raises(UsageError, match="per_second=0"):
        next(stock_ticks(per_second=0))
