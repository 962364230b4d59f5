"""Pedala's events: the same for every seed, in order, with a rhythm and one busy station."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import HOUR, to_ms
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.events.generators import (
    BUSY_SHARE,
    BUSY_STATION,
    bike_telemetry,
    rides,
)
from kinesis_sim.workloads.scenes.feed import Fed, feed

DAY = list(rides())
RIDE = ["ride_id", "event", "bike_id", "rider_id", "station_id", "event_time"]
REPORT = ["bike_id", "lat", "lon", "speed_kmh", "battery_pct", "locked", "event_time"]


@pytest.mark.parametrize("generator", [rides, bike_telemetry])
def test_the_seed_decides_everything(generator: Any) -> None:
    first = list(islice(generator(seed=1), 200))
    assert first == list(islice(generator(seed=1), 200))
    assert first != list(islice(generator(seed=2), 200))


@pytest.mark.parametrize(("arrivals", "fields"), [(DAY, RIDE), (list(bike_telemetry()), REPORT)])
def test_events_have_their_fields_and_come_in_order(
    arrivals: list[Arrival], fields: list[str]
) -> None:
    assert all(list(arrival.event) == fields for arrival in islice(arrivals, 500))
    assert all(one.at <= other.at for one, other in pairwise(arrivals))
    assert all(to_ms(arrival.event["event_time"]) == arrival.at for arrival in arrivals)


def test_a_ride_is_an_unlock_and_a_lock_of_one_bike_by_one_rider() -> None:
    by_ride: dict[str, list[dict[str, Any]]] = {}
    for arrival in DAY:
        by_ride.setdefault(arrival.event["ride_id"], []).append(arrival.event)
    for unlock, lock in by_ride.values():
        assert (unlock["event"], lock["event"]) == ("unlock", "lock")
        assert all(unlock[name] == lock[name] for name in ("bike_id", "rider_id"))


def test_a_bike_starts_where_it_was_left() -> None:
    left: dict[str, str] = {}
    for event in (arrival.event for arrival in DAY):
        if event["event"] == "lock":
            left[event["bike_id"]] = event["station_id"]
        else:
            assert left.get(event["bike_id"], event["station_id"]) == event["station_id"]
            left[event["bike_id"]] = "riding"


def test_the_day_has_rush_hours_and_a_quiet_night() -> None:
    hours = Counter(arrival.at // HOUR % 24 for arrival in DAY)
    assert {hour for hour, _ in hours.most_common(4)} == {7, 8, 17, 18}
    assert hours[3] < hours[18] / 10


def test_one_station_is_the_natural_hot_key() -> None:
    stations = Counter(arrival.key for arrival in DAY)
    (busiest, most), (_, second) = stations.most_common(2)
    assert busiest == BUSY_STATION
    assert abs(most / len(DAY) - BUSY_SHARE) < 0.05
    assert most > 10 * second


def test_the_key_is_a_field_or_several() -> None:
    [by_bike] = islice(rides(key="bike_id"), 1)
    [by_both] = islice(rides(key=("station_id", "bike_id")), 1)
    event = by_bike.event
    assert by_bike.key == event["bike_id"]
    assert by_both.key == f"{event['station_id']}/{event['bike_id']}"


@pytest.mark.parametrize("key", ["station", (), ("bike_id", "colour")])
def test_a_wrong_key_is_explained(key: Any) -> None:
    with pytest.raises(UsageError, match="it has ride_id, event, bike_id"):
        next(rides(key=key))


@pytest.mark.parametrize("key", [None, 7])
def test_a_key_that_names_nothing_is_explained(key: Any) -> None:
    with pytest.raises(UsageError, match="the name of a field, or a list of names"):
        next(rides(key=key))


def test_a_city_without_a_free_bike_has_no_ride() -> None:
    events = [arrival.event["event"] for arrival in rides(bikes=1)]
    assert events == ["unlock", "lock"] * (len(events) // 2)


def test_feeding_moves_the_clock_and_keeps_what_it_stored() -> None:
    sim = Simulator(delays="instant")
    sim.client("kinesis").create_stream(StreamName="pedala-rides", ShardCount=2)
    arrivals = list(rides(hours=9))
    assert feed(sim, "pedala-rides", arrivals) == Fed(stored=len(arrivals), refused=0)
    assert sim.clock.now >= arrivals[-1].at
    assert sum(shard.log.end for shard in sim.streams["pedala-rides"].shards) == len(arrivals)


def test_what_the_shard_refuses_is_counted() -> None:
    sim = Simulator(delays="instant", latency=None)
    sim.client("kinesis").create_stream(StreamName="pedala-rides", ShardCount=1)
    burst = [Arrival("one-key", b"{}", sim.clock.now) for _ in range(1_200)]
    assert feed(sim, "pedala-rides", burst) == Fed(stored=1_000, refused=200)
