"""Proofs about splits and merges."""

from collections import Counter
from itertools import combinations
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.workloads.readers.read import read

STREAM = "pedala-rides"


def after_a_split() -> tuple[str, ...]:
    """K23: a thousand records, a split, and what each of the three shards gives."""
    sim, kinesis = _stream(1)
    for first in (0, 500):
        entries = [{"PartitionKey": f"k{first + n}", "Data": b"ride"} for n in range(500)]
        kinesis.put_records(StreamName=STREAM, Records=entries)
    sim.advance(seconds=1)
    [parent] = _ids(kinesis)
    kinesis.split_shard(StreamName=STREAM, ShardToSplit=parent, NewStartingHashKey=str(1 << 127))
    counts = Counter({shard: len(read(sim, STREAM, shards=[shard])) for shard in _ids(kinesis)})
    in_parent, in_children = counts[parent], counts.total() - counts[parent]
    happened = {
        "halves": in_parent == 0 and in_children == 1_000,
        "parent": in_parent == 1_000 and in_children == 0,
        "copied": in_parent == 1_000 and in_children == 1_000,
        "gone": in_parent == 0 and in_children == 0,
    }
    return tuple(option for option, true in happened.items() if true)


def two_pairs() -> tuple[str, ...]:
    """K24: every pair but the middle one, tried on a stream of its own."""
    pairs = {(0, 3): "ends", (0, 1): "first", (0, 2): "even", (2, 3): "last", (1, 3): "odd"}
    able = [pair for pair in combinations(range(4), 2) if _merges(*pair)]
    return tuple(pairs[pair] for pair in able if pair in pairs)


def _merges(one: int, other: int) -> bool:
    _sim, kinesis = _stream(4)
    ids = _ids(kinesis)
    try:
        kinesis.merge_shards(
            StreamName=STREAM, ShardToMerge=ids[one], AdjacentShardToMerge=ids[other]
        )
    except kinesis.exceptions.InvalidArgumentException:
        return False
    return True


def _stream(shards: int) -> tuple[Simulator, Any]:
    sim = Simulator(delays="instant", latency=None)
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=shards)
    return sim, kinesis


def _ids(kinesis: Any) -> list[str]:
    return [shard["ShardId"] for shard in kinesis.list_shards(StreamName=STREAM)["Shards"]]
