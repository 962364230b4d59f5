"""Pedala's events: a day of a bike-sharing service that does not exist, the same for every seed.

Each function stands for one stream of the course and yields ``Arrival`` in the order of time.
Nothing here knows a stream or moves a clock; ``feed`` does. The figures (a day's rhythm, a busy
station, speeds) are invented to be plausible: no fact of AWS is among them. Times of day are UTC.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from kinesis_sim.clock import DEFAULT_START
from kinesis_sim.instants import HOUR, MINUTE, SECOND, to_ms
from kinesis_sim.workloads.events.app_clicks import app_clicks
from kinesis_sim.workloads.events.arrival import Arrival, keyed
from kinesis_sim.workloads.events.face import source
from kinesis_sim.workloads.events.payments import fraud_labels, payments
from kinesis_sim.workloads.events.rhythm import RHYTHM, iso, rush, starts
from kinesis_sim.workloads.events.service_logs import service_logs
from kinesis_sim.workloads.events.stock_ticks import stock_ticks

__all__ = [
    "BUSY_SHARE",
    "BUSY_STATION",
    "RHYTHM",
    "app_clicks",
    "bike_telemetry",
    "fraud_labels",
    "payments",
    "rides",
    "service_logs",
    "stock_ticks",
]

BUSY_STATION, BUSY_SHARE = "station-09", 0.4
"""The station at the railway: this share of all rides starts there, and as many end there."""

CENTRE = (-23.5505, -46.6333)  # latitude, longitude


@source
def rides(
    start: str | datetime | int = DEFAULT_START,
    *,
    hours: float = 24,
    per_day: int = 2_000,
    bikes: int = 120,
    stations: int = 24,
    key: str | Sequence[str] = "station_id",
    seed: int = 0,
) -> Iterator[Arrival]:
    """``pedala-rides``: an unlock and a lock for each ride that starts within ``hours``.

    Fields: ride_id, event ("unlock" or "lock"), bike_id, rider_id, station_id, event_time. key: the
    field, or fields, that become the partition key. A bike is unlocked where it was last locked.
    """
    chance = random.Random(f"rides/{seed}")
    begin, serial = to_ms(start), count(1)
    docks = _Docks(bikes, stations, chance)
    riding: list[tuple[int, int, dict[str, Any]]] = []  # rides under way, by the time they end
    for at in starts(begin, begin + round(hours * HOUR), per_day, chance):
        while riding and riding[0][0] <= at:
            yield _locked(heapq.heappop(riding), docks, key)
        taken = docks.take()
        if taken is None:  # every bike is out: nobody can start a ride
            continue
        station, bike = taken
        number = next(serial)
        names = {"ride_id": f"ride-{number:06d}", "event": "unlock", "bike_id": bike}
        rider = {"rider_id": f"rider-{chance.randrange(5_000):04d}"}
        yield keyed({**names, **rider, **_place_and_time(station, at)}, key, at)
        end = at + round(chance.triangular(4, 40, 12) * MINUTE)
        lock = {**names, "event": "lock", **rider, **_place_and_time(docks.any_station(), end)}
        heapq.heappush(riding, (end, number, lock))
    while riding:
        yield _locked(heapq.heappop(riding), docks, key)


@source
def bike_telemetry(
    start: str | datetime | int = DEFAULT_START,
    *,
    hours: float = 1,
    bikes: int = 60,
    key: str | Sequence[str] = "bike_id",
    seed: int = 0,
) -> Iterator[Arrival]:
    """``pedala-telemetry``: every bike reports every 10 s, each in a moment of its own.

    Fields: bike_id, lat, lon, speed_kmh, battery_pct, locked, event_time. A bike moves while it is
    ridden and rests between rides; more of them are out in the rush hours.
    """
    chance = random.Random(f"telemetry/{seed}")
    begin = to_ms(start)
    fleet = [_Bike(f"bike-{number:04d}", chance) for number in range(1, bikes + 1)]
    for tick in range(begin, begin + round(hours * HOUR), 10 * SECOND):
        for number, bike in enumerate(fleet):
            at = tick + number * 10 * SECOND // bikes
            yield keyed(bike.report(at), key, at)


# --- rides ----------------------------------------------------------------------------------------


class _Docks:
    """Which bikes stand where. Places are drawn so that one station is as busy as it is."""

    def __init__(self, bikes: int, stations: int, chance: random.Random) -> None:
        self._chance = chance
        self._others = [
            name for n in range(1, stations + 1) if (name := _station(n)) != BUSY_STATION
        ]
        self._bikes: dict[str, list[str]] = {name: [] for name in (*self._others, BUSY_STATION)}
        for number in range(1, bikes + 1):
            self.put(self.any_station(), f"bike-{number:04d}")

    def any_station(self) -> str:
        """The busy station as often as ``BUSY_SHARE`` says, else one of the others."""
        busy = self._chance.random() < BUSY_SHARE or not self._others
        return BUSY_STATION if busy else self._chance.choice(self._others)

    def put(self, station: str, bike: str) -> None:
        self._bikes[station].append(bike)

    def take(self) -> tuple[str, str] | None:
        """A station and one of its bikes; where none stands, the next station that has one."""
        wanted = self.any_station()
        if not self._bikes[wanted]:
            wanted = next((name for name, here in self._bikes.items() if here), "")
        here = self._bikes.get(wanted)
        return (wanted, here.pop(self._chance.randrange(len(here)))) if here else None


def _station(number: int) -> str:
    return f"station-{number:02d}"


def _place_and_time(station: str, at: int) -> dict[str, str]:
    return {"station_id": station, "event_time": iso(at)}


def _locked(
    ride: tuple[int, int, dict[str, Any]], docks: _Docks, key: str | Sequence[str]
) -> Arrival:
    at, _number, event = ride
    docks.put(event["station_id"], event["bike_id"])
    return keyed(event, key, at)


# --- telemetry ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Bike:
    """One bike: where it is, how fast, and how much charge its lock has left."""

    id: str
    chance: random.Random
    lat: float = field(init=False)
    lon: float = field(init=False)
    battery: float = field(init=False)
    speed: float = 0.0
    ridden_until: int = 0

    def __post_init__(self) -> None:
        self.lat = CENTRE[0] + self.chance.uniform(-0.04, 0.04)
        self.lon = CENTRE[1] + self.chance.uniform(-0.04, 0.04)
        self.battery = self.chance.uniform(40, 100)

    def report(self, at: int) -> dict[str, Any]:
        """What the bike says at an instant (epoch ms), having moved since its last report."""
        self._live(at)
        return {
            "bike_id": self.id,
            "lat": round(self.lat, 5),
            "lon": round(self.lon, 5),
            "speed_kmh": round(self.speed, 1),
            "battery_pct": round(self.battery),
            "locked": at >= self.ridden_until,
            "event_time": iso(at),
        }

    def _live(self, at: int) -> None:
        chance = self.chance
        if at >= self.ridden_until and chance.random() < 0.008 * rush(at):
            self.ridden_until = at + round(chance.triangular(4, 40, 12) * MINUTE)
        riding = at < self.ridden_until
        self.speed = chance.triangular(0, 28, 16) if riding else 0.0
        self.battery = max(self.battery - (0.02 if riding else 0.001), 5.0)
        step = self.speed / 3_600 * 10 / 111  # degrees in ten seconds, a degree being 111 km
        self.lat += chance.uniform(-step, step)
        self.lon += chance.uniform(-step, step)
