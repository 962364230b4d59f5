"""Reading: everything once, in the order of each shard, parents before children."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.workloads.readers.read import read

STREAM = "pedala-rides"


@pytest.fixture
def filled(sim: Simulator, kinesis: Any) -> Simulator:
    """Three records, a split, three more."""
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    put(kinesis, 1, 2, 3)
    sim.advance(hours=1)
    kinesis.split_shard(
        StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127)
    )
    put(kinesis, 4, 5, 6)
    return sim


def put(kinesis: Any, *numbers: int) -> None:
    for number in numbers:
        kinesis.put_record(StreamName=STREAM, PartitionKey="bike-0042", Data=b"%d" % number)


def numbers(records: list[dict[str, Any]]) -> list[int]:
    return [int(record["Data"]) for record in records]


def test_all_records_parents_first(filled: Simulator) -> None:
    assert numbers(read(filled, STREAM)) == [1, 2, 3, 4, 5, 6]


def test_from_a_time_on(filled: Simulator) -> None:
    assert numbers(read(filled, STREAM, start=filled.now)) == [4, 5, 6]


def test_only_the_shards_named(filled: Simulator) -> None:
    shards = [f"shardId-{index:012d}" for index in (2, 1, 0)]
    assert numbers(read(filled, STREAM, shards=shards)) == [4, 5, 6, 1, 2, 3]


def test_latest_is_what_has_not_come_yet(filled: Simulator) -> None:
    assert read(filled, STREAM, start="LATEST") == []


def test_more_than_one_page(sim: Simulator, kinesis: Any) -> None:
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    for _ in range(24):
        entries = [{"PartitionKey": "k", "Data": bytes(1_000)}] * 500
        kinesis.put_records(StreamName=STREAM, Records=entries)
    assert len(read(sim, STREAM)) == 12_000
