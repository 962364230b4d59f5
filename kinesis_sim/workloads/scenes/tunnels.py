"""Pedala's rides as phones report them: a phone in a tunnel reports late.

Rides for a query (``two_late``, ``minutes``), in the order in which they come, and rides put into
the stream ``rides`` on the clock. A ride has bike and ended; ``ended`` is its event time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable

from kinesis_sim.account.hashing import even_ranges, hash_key
from kinesis_sim.analytics.running import FedRow
from kinesis_sim.instants import MINUTE, SECOND, to_datetime, to_ms
from kinesis_sim.simulator import Simulator

TABLE = STREAM = "rides"
OPENING = "2026-01-01T08:00:00Z"
SHARDS, BIKES = 2, 40
_TWO_LATE = (42, 47, 52, 56, 61, 64, 58, 65, 59, 70, 78, 86, 97, 109, 118, 127)
"""Seconds after eight at which rides ended, as they come; 58 and 59 are six seconds late."""
_SOON, _SOMETIMES = (0.0, 2.0), ((0.10, (4.0, 22.0)), (0.01, (22.0, 34.0)))
"""Seconds a report takes: nearly always, and with which chance it takes how long instead."""


def two_late() -> list[FedRow]:
    """Sixteen rides around two minutes; two of them come six seconds behind the newest."""
    newest, found = 0, []
    for number, ended in enumerate(_TWO_LATE):
        newest = max(newest, ended)
        found.append(_row(number % BIKES, to_ms(OPENING) + ended * SECOND, newest * SECOND + 1_000))
    return found


def minutes(count: float = 60, *, every_ms: int = 1_000, seed: int = 0) -> list[FedRow]:
    """Rides of some minutes, one every ``every_ms``; one of ten is reported late, up to 34 s."""
    chance = random.Random(f"tunnels/{seed}")
    found = []
    for at in range(0, round(count * MINUTE), every_ms):
        delay = chance.uniform(*_SOON)
        luck = chance.random()
        for share, span in reversed(_SOMETIMES):
            if luck < share:
                delay = chance.uniform(*span)
                break
        found.append(_row(chance.randrange(BIKES), to_ms(OPENING) + at, at + round(delay * SECOND)))
    return sorted(found, key=lambda row: row.at or 0)


def _row(bike: int, ended: int, arrives: int) -> FedRow:
    """A ride that ended (epoch ms), and comes so many ms after eight."""
    name = f"bike-{bike:04d}"
    return FedRow(TABLE, {"bike": name, "ended": said(ended)}, to_ms(OPENING) + arrives, home(name))


def said(instant: int) -> str:
    """An instant (epoch ms) as SQL writes it, in UTC: 2026-01-01 08:00:42.000."""
    return f"{to_datetime(instant):%Y-%m-%d %H:%M:%S}.{instant % 1000:03d}"


def home(bike: str) -> str:
    """The shard of a bike's rides, of two."""
    place = hash_key(bike)
    number = next(n for n, (_, last) in enumerate(even_ranges(SHARDS)) if place <= last)
    return f"shardId-{number:012d}"


class Tunnels:
    """The stream ``rides`` of two shards, and phones that put rides into it.

    A new stream each time: one that is there from an earlier run of a cell goes.
    """

    def __init__(self, sim: Simulator) -> None:
        self._sim, self._kinesis = sim, sim.client("kinesis")
        if STREAM in sim.streams.streams:
            self._kinesis.delete_stream(StreamName=STREAM)
            sim.advance(minutes=1)
        self._kinesis.create_stream(StreamName=STREAM, ShardCount=SHARDS)
        sim.advance(minutes=1)
        names = [f"bike-{number:04d}" for number in range(BIKES)]
        self._bikes = {shard: [n for n in names if int(home(n)[-1]) == shard] for shard in (0, 1)}

    def ride(self, *, minutes: float, shards: Iterable[int] = (0, 1)) -> int:
        """A ride ends every second and is reported at once, on these shards only; how many."""
        bikes = sorted(name for shard in shards for name in self._bikes[shard])
        count = round(minutes * 60)
        for number in range(count):
            bike, now = bikes[number * 7 % len(bikes)], self._sim.clock.now
            data = json.dumps({"bike": bike, "ended": said(now)}).encode()
            self._kinesis.put_record(StreamName=STREAM, PartitionKey=bike, Data=data)
            self._sim.advance(seconds=1)
        return count
