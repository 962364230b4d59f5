"""What the busy station and one bike of Pedala send: a train's riders, and reports in order."""

from __future__ import annotations

from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.scenes.feed import feed

RIDERS, STATION, BIKE = 1_500, "station-09", "bike-0042"


@typed
def train(*, by_bike: bool = False) -> list[Arrival]:
    """1,500 unlockings within a moment, all keyed by the station at the railway.

    by_bike: keyed by the bike instead, each another one.
    """
    keys = [f"bike-{number:04d}" if by_bike else STATION for number in range(RIDERS)]
    return [Arrival(key, b"unlocked", 0) for key in keys]


@typed
def report(sim: Simulator, stream: str, *numbers: int) -> None:
    """Let one bike send numbered reports, and give them time: ten minutes."""
    feed(sim, stream, [Arrival(BIKE, str(number).encode(), 0) for number in numbers])
    sim.advance(minutes=10)


@typed
def open_stream(sim: Simulator, name: str, shards: int) -> None:
    """Create a provisioned stream, and wait until it takes records."""
    sim.client("kinesis").create_stream(StreamName=name, ShardCount=shards)
    sim.advance(seconds=30)
