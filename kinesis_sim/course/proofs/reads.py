"""Proofs about iterators: how long one lives, where it begins, which shard is read first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kinesis_sim.course.proofs.bench import (
    KEY,
    STREAM,
    came_true,
    iterator,
    put,
    refusal,
    shard_ids,
    stream,
)
from kinesis_sim.workloads.readers.read import read


def after_lunch() -> tuple[str, ...]:
    """K22: five records read, eight minutes of two each, and what each cure reads then."""
    sim, kinesis = stream()
    numbers = put(kinesis, *(b"%d" % n for n in range(5)))
    answer = kinesis.get_records(ShardIterator=iterator(kinesis))
    old = answer["NextShardIterator"]
    for minute in range(8):
        put(kinesis, b"%d" % (5 + minute))
        sim.advance(minutes=1)
    assert refusal(kinesis.get_records, ShardIterator=old) == "ExpiredIteratorException"
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=168)
    longer = refusal(kinesis.get_records, ShardIterator=old)
    sim.advance(minutes=1)
    later = refusal(kinesis.get_records, ShardIterator=old)
    after = {"StartingSequenceNumber": numbers[-1]}
    missed = [b"%d" % (5 + minute) for minute in range(8)]
    return came_true(
        {
            "again": _data(kinesis, iterator(kinesis, "AFTER_SEQUENCE_NUMBER", **after)) == missed,
            "retention": not longer,
            "retry": not later,
            "latest": _data(kinesis, iterator(kinesis, "LATEST")) == missed,
        }
    )


def _data(kinesis: Any, of: str) -> list[bytes]:
    return [row["Data"] for row in kinesis.get_records(ShardIterator=of)["Records"]]


def how_long() -> tuple[str, ...]:
    """K22: an iterator that is used a little before and after each age."""
    ages = {"second": 1, "five": 300, "day": 86_400}
    usable = []
    for name, seconds in ages.items():
        before, after = (_usable(seconds + more) for more in (-0.5, 1))
        usable += [name] if before and not after else []
    return tuple(usable) or ("closed",)


def _usable(seconds: float) -> bool:
    sim, kinesis = stream()
    old = iterator(kinesis)
    sim.clock.run_until(sim.clock.now + int(seconds * 1_000))
    return not refusal(kinesis.get_records, ShardIterator=old)


def only_new() -> tuple[str, ...]:
    """K21: five records, an iterator of each type, three more."""
    _, kinesis = stream()
    numbers = put(kinesis, *(b"old",) * 5)
    starts = {
        "latest": iterator(kinesis, "LATEST"),
        "horizon": iterator(kinesis),
        "at": iterator(kinesis, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[-1]),
    }
    put(kinesis, *(b"new",) * 3)
    read_by = {name: _data(kinesis, start) for name, start in starts.items()}
    typeless = refusal(kinesis.get_shard_iterator, StreamName=STREAM, ShardId=shard_ids(kinesis)[0])
    happened = {name: found == [b"new"] * 3 for name, found in read_by.items()}
    return came_true({**happened, "none": not typeless})


def parent_first() -> tuple[str, ...]:
    """K23: ten records of one key, a split, ten more; each way's sequence."""
    sim, kinesis = stream()
    put(kinesis, *(b"%02d" % n for n in range(10)))
    [parent] = shard_ids(kinesis)
    kinesis.split_shard(StreamName=STREAM, ShardToSplit=parent, NewStartingHashKey=str(1 << 127))
    sim.run_until(sim.now + timedelta(minutes=1))
    put(kinesis, *(b"%02d" % n for n in range(10, 20)))
    children = shard_ids(kinesis)[1:]
    old = [row["Data"] for row in read(sim, STREAM, shards=[parent])]
    new = [row["Data"] for child in children for row in read(sim, STREAM, shards=[child])]
    right = [b"%02d" % n for n in range(20)]
    assert {row["PartitionKey"] for row in read(sim, STREAM)} == {KEY}
    mixed = [data for pair in zip(old, new, strict=True) for data in pair]
    return came_true(
        {
            "parent": old + new == right,
            "children": new == right,
            "together": mixed == right,
            "horizon": len(new) == 20,
        }
    )
