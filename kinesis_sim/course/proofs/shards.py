"""Proofs about shards: where records land, in which order, and which shards can become one."""

from __future__ import annotations

from hashlib import md5
from typing import Any

from kinesis_sim.course.proofs.bench import (
    KEY,
    STREAM,
    came_true,
    put,
    refusal,
    shard_ids,
    stream,
)
from kinesis_sim.workloads.readers.read import read

HALF = 1 << 127


def pin_a_shard() -> tuple[str, ...]:
    """K11: twenty keys with each help; what leads them all to the second of two shards."""
    _, kinesis = stream(2)
    second = shard_ids(kinesis)[1]
    number = put(kinesis, b"first", key="bike-0001")[0]
    ways: dict[str, dict[str, Any]] = {
        "hash": {"ExplicitHashKey": str(HALF)},
        "name": {"PartitionKey": second},
        "order": {"SequenceNumberForOrdering": number},
    }
    landed = {
        way: {_lands(kinesis, f"bike-{n}", **more) for n in range(20)} for way, more in ways.items()
    }
    bare = {"StreamName": STREAM, "Data": b"x", "ExplicitHashKey": str(HALF)}
    happened = {way: found == {second} for way, found in landed.items()}
    return came_true({**happened, "only": not refusal(kinesis.put_record, **bare)})


def _lands(kinesis: Any, key: str, **more: Any) -> str:
    request = {"StreamName": STREAM, "PartitionKey": key, "Data": b"x", **more}
    return str(kinesis.put_record(**request)["ShardId"])


def auto_distribution() -> tuple[str, ...]:
    """K35: twenty records of one key under AUTO, one without a key, and a provisioned stream."""
    sim, kinesis = stream(on_demand=True)
    arn = sim.streams[STREAM].arn
    set_to = kinesis.update_stream_record_distribution_strategy
    set_to(StreamARN=arn, RecordDistributionStrategy="AUTO")
    sim.advance(minutes=1)
    landed = [_lands(kinesis, KEY) for _ in range(20)]
    keyless = refusal(kinesis.put_record, StreamName=STREAM, Data=b"no key")
    keys = {row.get("PartitionKey") for row in read(sim, STREAM)}
    other, plain = stream()
    refused = refusal(
        plain.update_stream_record_distribution_strategy,
        StreamARN=other.streams[STREAM].arn,
        RecordDistributionStrategy="AUTO",
    )
    return came_true(
        {
            "spread": len(set(landed)) > 1,
            "keyless": not keyless,
            "order": len(set(landed)) == 1,
            "provisioned": not refused,
            "drop": KEY not in keys,
        }
    )


def two_keys_one_shard() -> tuple[str, ...]:
    """K06: where the two keys land, from two producers, and where their hashes and others' lie."""
    sim, kinesis = stream(2)
    others = sim.client("kinesis")
    landed = {key: _lands(kinesis, key) for key in ("bike-1", "bike-3")}
    assert len(set(landed.values())) == 1
    halves = {key: _half(key) for key in landed}
    same_letters = {_lands(kinesis, f"bike-{n}") for n in range(20)}
    one_producer = {_lands(others, f"key-{n}") for n in range(20)}
    first = _lands(kinesis, "bike-0")
    return came_true(
        {
            "half": len(set(halves.values())) == 1,
            "prefix": len(same_letters) == 1,
            "first": all(_lands(kinesis, f"bike-{n}") == first for n in range(9)),
            "producer": len(one_producer) == 1,
        }
    )


def _half(key: str) -> bool:
    return int(md5(key.encode(), usedforsecurity=False).hexdigest(), 16) >= HALF


def two_bikes() -> tuple[str, ...]:
    """K07: eight bikes in turn on four shards; and a batch whose middle entry is refused."""
    sim, kinesis = stream(4)
    bikes = [f"bike-{number % 8}" for number in range(80)]
    for number, bike in enumerate(bikes):
        put(kinesis, b"%02d" % number, key=bike)
    by_shard = [read(sim, STREAM, shards=[shard]) for shard in shard_ids(kinesis)]
    every = [row for rows in by_shard for row in rows]
    own = {bike: [row["Data"] for row in every if row["PartitionKey"] == bike] for bike in bikes}
    numbers = [[int(row["SequenceNumber"]) for row in rows] for rows in by_shard]
    landed = [shard for shard, rows in enumerate(by_shard) for _ in rows]
    return came_true(
        {
            "one": all(found == sorted(found) for found in own.values()),
            "shard": all(found == sorted(found) for found in numbers),
            "all": [row["Data"] for row in every] == sorted(row["Data"] for row in every),
            "turn": landed == [number % 4 for number in range(80)],
            "batch": not _stored_past_a_failure(),
        }
    )


def _stored_past_a_failure() -> bool:
    """Whether an entry is stored although an earlier one of its key was refused."""
    _, kinesis = stream()
    put(kinesis, bytes(300_000))
    sizes = (10, 900_000, 10)
    entries = [{"PartitionKey": KEY, "Data": bytes(size)} for size in sizes]
    told = kinesis.put_records(StreamName=STREAM, Records=entries)["Records"]
    return ["ErrorCode" in row for row in told] == [False, True, False]


def far_apart() -> tuple[str, ...]:
    """K24: the first and the last of four shards."""
    _, kinesis = stream(4)
    ids = shard_ids(kinesis)
    refused = refusal(
        kinesis.merge_shards,
        StreamName=STREAM,
        ShardToMerge=ids[0],
        AdjacentShardToMerge=ids[3],
    )
    now = kinesis.list_shards(StreamName=STREAM)["Shards"]
    return came_true(
        {
            "refused": refused == "InvalidArgumentException" and len(now) == 4,
            "merged": not refused and len(now) == 5,
            "all": len(now) > 5,
            "moved": [shard["ShardId"] for shard in now] != ids,
        }
    )
