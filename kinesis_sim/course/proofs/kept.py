"""Proofs about how long a stream keeps records, and that nothing but time removes one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.proofs.bench import KEY, STREAM, came_true, put, refusal, shard_ids, stream
from kinesis_sim.workloads.readers.read import read

HOURS = {"day": 24, "week": 168, "year": 8_760}


def by_default() -> tuple[str, ...]:
    """K16: a record of a stream as it was created, an hour before and after each age."""
    sim, kinesis = stream()
    put(kinesis, b"ride")
    begin, read_at = sim.now, []
    assert read(sim, STREAM), "and reading it removes nothing"
    for hours in HOURS.values():
        for at in (hours - 1, hours + 1):
            sim.run_until(begin + timedelta(hours=at))
            if read(sim, STREAM):
                read_at.append(at)
    oldest = max(read_at, default=0)
    return came_true({name: oldest == hours - 1 for name, hours in HOURS.items()}) or ("read",)


def read_again() -> tuple[str, ...]:
    """K16: an event that was read, and what an hour later gives it once more."""
    sim, kinesis = stream()
    put(kinesis, b"event")
    first = read(sim, STREAM)
    sim.advance(hours=1)
    again = read(sim, STREAM)
    operations = kinesis.meta.service_model.operation_names
    return came_true(
        {
            "again": again == first and len(first) == 1,
            "removed": not again,
            "backup": any("Backup" in name or "Snapshot" in name for name in operations),
            "support": False,  # no call of any service does that
        }
    )


def at_most() -> tuple[str, ...]:
    """K16: which of the numbers of hours can be set, and no larger one of them."""
    hours = {"week": 168, "fortnight": 336, "year": 8_760, "ten": 87_600}
    able = [name for name, most in hours.items() if not refusal(*_raise(most))]
    return (max(able, key=lambda name: hours[name]),)


def _raise(hours: int) -> tuple[Any]:
    _, kinesis = stream()

    def call() -> None:
        kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=hours)

    return (call,)


def wrong_record() -> tuple[str, ...]:
    """K19: two records of one key; what leaves the other one only."""
    names = Simulator().client("kinesis").meta.service_model.operation_names
    happened = {
        "delete": "DeleteRecord" in names,
        "again": _left(_put_again) == [b"good"],
        "merge": _left(_merge) == [b"good"],
    }
    return came_true(happened) or ("cannot",)


def _left(change: Any) -> list[bytes]:
    """What a stream of two shards holds after the change, of a good and a wrong record."""
    sim, kinesis = stream(2)
    put(kinesis, b"good", b"wrong")
    change(sim, kinesis)
    sim.advance(minutes=1)
    return [row["Data"] for row in read(sim, STREAM) if row["Data"]]


def _put_again(sim: Simulator, kinesis: Any) -> None:
    kinesis.put_record(StreamName=STREAM, PartitionKey=KEY, Data=b"")


def _merge(sim: Simulator, kinesis: Any) -> None:
    one, other = shard_ids(kinesis)
    kinesis.merge_shards(StreamName=STREAM, ShardToMerge=one, AdjacentShardToMerge=other)
