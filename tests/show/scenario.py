"""A known history: two shards, three records, a split, one record more, and a day."""

from __future__ import annotations

from kinesis_sim import Simulator

STREAM = "meu-stream"
BEGIN = 1_767_225_600_000  # 2026-01-01T00:00:00Z
SPLIT_AT = BEGIN + 40_000
DAY = 86_400_000


def split_in_the_morning() -> Simulator:
    """Records at seconds 10, 20 and 30, a split of shard 0 at 40, a record at 50."""
    sim = Simulator(latency=None, delays="instant", limits="off")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    for place in (0, 2**127, 1):
        sim.advance(seconds=10)
        put(sim, place)
    sim.advance(seconds=10)
    kinesis.split_shard(
        StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**126)
    )
    sim.advance(seconds=10)
    put(sim, 2**126)
    return sim


def put(sim: Simulator, place: int, size: int = 98) -> None:
    """One record of ``size`` bytes and a key of 2, at a place of the hash space."""
    sim.client("kinesis").put_record(
        StreamName=STREAM, PartitionKey="pk", ExplicitHashKey=str(place), Data=b"." * size
    )
