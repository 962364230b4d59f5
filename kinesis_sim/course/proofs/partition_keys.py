"""Proofs about where records land."""

from hashlib import md5
from itertools import cycle
from typing import Any

from kinesis_sim import Simulator

STREAM, KEY = "pedala-telemetry", "bike-0042"
HALF = 1 << 127  # where the second of two even shards begins
PRODUCERS = {"north": 5, "centre": 3, "south": 1}  # producer -> records it sends in a row


def one_bike_many_producers() -> tuple[str, ...]:
    """K06: three producers send one key; other keys keep the key's own shard the busier one."""
    sim = Simulator(delays="instant")
    clients = {name: sim.client("kinesis") for name in PRODUCERS}
    clients["north"].create_stream(StreamName=STREAM, ShardCount=2)
    shards = [s["ShardId"] for s in clients["north"].list_shards(StreamName=STREAM)["Shards"]]
    by_hash = shards[int(md5(KEY.encode(), usedforsecurity=False).hexdigest(), 16) >= HALF]
    _load(clients["north"], by_hash)
    landed = {name: _landings(clients[name], count) for name, count in PRODUCERS.items()}
    every = [shard for found in landed.values() for shard in found]
    happened = {
        "in-turn": all(shard == due for shard, due in zip(every, cycle(shards), strict=False)),
        "hash": set(every) == {by_hash},
        "per-producer": len({found[0] for found in landed.values()}) > 1,
        "emptier": by_hash not in every,
    }
    return tuple(option for option, true in happened.items() if true)


def _load(kinesis: Any, shard: str) -> None:
    """Give ``shard`` 200 kB in the current second, so that it is not the emptier one."""
    start = kinesis.list_shards(StreamName=STREAM)["Shards"]
    range_of = {s["ShardId"]: s["HashKeyRange"]["StartingHashKey"] for s in start}
    kinesis.put_record(
        StreamName=STREAM, PartitionKey="load", ExplicitHashKey=range_of[shard], Data=bytes(200_000)
    )


def _landings(kinesis: Any, count: int) -> list[str]:
    answers = [
        kinesis.put_record(StreamName=STREAM, PartitionKey=KEY, Data=b"{}") for _ in range(count)
    ]
    return [answer["ShardId"] for answer in answers]
