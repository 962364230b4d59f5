"""Proofs about where records land."""

from hashlib import md5
from itertools import cycle
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.account.hashing import hash_key
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.scenes.feed import feed

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


def one_busy_key() -> tuple[str, ...]:
    """K09: 1,500 records of one key in a second, after each of four changes; what refuses none."""
    changes = {"double": _doubled, "split": _split, "on-demand": _on_demand, "salt": _unchanged}
    refused = {
        option: _burst(change(), salts=8 if option == "salt" else 1)
        for option, change in changes.items()
    }
    return tuple(option for option, count in refused.items() if count == 0)


def _burst(sim: Simulator, salts: int) -> int:
    """How many of 1,500 records the stream refuses; ``salts`` keys share them."""
    names = [KEY if salts == 1 else f"{KEY}-{number % salts}" for number in range(1_500)]
    return feed(sim, STREAM, [Arrival(name, b"{}", 0) for name in names]).refused


def _unchanged() -> Simulator:
    sim = Simulator(delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=4)
    return sim


def _doubled() -> Simulator:
    sim = _unchanged()
    sim.client("kinesis").update_shard_count(
        StreamName=STREAM, TargetShardCount=8, ScalingType="UNIFORM_SCALING"
    )
    return sim


def _split() -> Simulator:
    sim = _unchanged()
    shard = sim.streams[STREAM].shard_for(hash_key(KEY))
    middle = (shard.hashes.start + shard.hashes.end) // 2
    sim.client("kinesis").split_shard(
        StreamName=STREAM, ShardToSplit=shard.id, NewStartingHashKey=str(middle)
    )
    return sim


def _on_demand() -> Simulator:
    sim = _unchanged()
    sim.client("kinesis").update_stream_mode(
        StreamARN=sim.streams[STREAM].arn, StreamModeDetails={"StreamMode": "ON_DEMAND"}
    )
    return sim
