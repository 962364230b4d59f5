"""Pollers of one shard: in turn, impatient, and beside one that is pushed to; what each gets.

Rates, sizes and pauses are this model's choices, so that each limit is met alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_sim.instants import SECOND
from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.subscriber import Subscriber
from kinesis_sim.workloads.scenes.ages import Ages
from kinesis_sim.workloads.scenes.drip import Drip

SHARD = "shardId-000000000000"
EVERY_MS, MINUTE_S = 50, 60
BUSY_BYTES = 52_000
"""Of a record that comes twenty times a second: nearly what a shard takes."""
PHOTO_BYTES, PHOTOS = 1_000_000, 15


@dataclass(frozen=True, slots=True)
class Turns:
    """A minute of several pollers on one shard.

    oldest: the age (ms) of the oldest record that any of them got; answered, refused: calls.
    """

    oldest: int
    answered: int
    refused: int

    @property
    def refused_share(self) -> float:
        """How many of all calls were refused, 0 to 1."""
        return self.refused / max(self.answered + self.refused, 1)


@typed
def put_rides(sim: Simulator, stream: str, count: int) -> None:
    """Put some rides of one bike, one call each."""
    kinesis = sim.client("kinesis")
    for _ in range(count):
        kinesis.put_record(StreamName=stream, PartitionKey="bike-0042", Data=b"ride")


@typed
def take_turns(sim: Simulator, stream: str, pause_ms: int, pollers: int = 3) -> Turns:
    """Let some pollers read small records of one shard for a minute, each ``pause_ms`` apart."""
    drip = Drip(sim, stream, every_ms=EVERY_MS)
    ages = [Ages(sim) for _ in range(pollers)]
    running = []
    for each in ages:
        reader = Poller(sim, stream, each, start="LATEST", every_ms=pause_ms)
        running.append(reader.start())
        sim.advance(milliseconds=pause_ms // pollers)
    sim.advance(seconds=MINUTE_S)
    for poller in running:
        poller.stop()
    drip.stop()
    counted = [poller.reading for poller in running]
    return Turns(
        oldest=max(each.oldest for each in ages),
        answered=sum(reading.calls for reading in counted),
        refused=sum(reading.throttled for reading in counted),
    )


@typed
def silence_after_a_large_read(sim: Simulator, stream: str) -> float:
    """Seconds until a shard answers again that has given as much as one answer may hold."""
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    sim.advance(seconds=30)
    photos = Drip(sim, stream, every_ms=SECOND, size=PHOTO_BYTES)
    sim.advance(seconds=PHOTOS)
    photos.stop()
    first = kinesis.get_shard_iterator(
        StreamName=stream, ShardId=SHARD, ShardIteratorType="TRIM_HORIZON"
    )
    answer = kinesis.get_records(ShardIterator=first["ShardIterator"])
    begun = sim.clock.now
    while True:
        sim.advance(milliseconds=100)
        try:
            kinesis.get_records(ShardIterator=answer["NextShardIterator"])
        except kinesis.exceptions.ProvisionedThroughputExceededException:
            continue
        return (sim.clock.now - begun) / SECOND


class Crowd:
    """Four pollers and one registered consumer on a shard that is nearly full, for a minute.

    alerts: the registered consumer; pushed: how old its records were.
    """

    @typed
    def __init__(self, sim: Simulator, stream: str) -> None:
        sim.client("kinesis").create_stream(StreamName=stream, ShardCount=1)
        sim.advance(seconds=30)
        self.stream = stream
        self.pushed = Ages(sim)
        self.alerts = Subscriber(sim, stream, self.pushed, name="alerts").start()
        pauses = {"map": 1_000, "stats": 1_070, "archive": 1_130, "audit": 1_190}
        for name, pause in pauses.items():
            Poller(sim, stream, Ages(sim), name=name, every_ms=pause).start()
        telemetry = Drip(sim, stream, every_ms=EVERY_MS, size=BUSY_BYTES)
        sim.advance(seconds=MINUTE_S)
        telemetry.stop()
