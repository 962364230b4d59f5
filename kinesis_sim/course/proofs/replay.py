"""Proofs about keeping records, losing them, and reading them again."""

from datetime import UTC, datetime, timedelta
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.instants import HOUR
from kinesis_sim.workloads.readers.read import read

STREAM = "pedala-payments"
TWO, HALF_PAST, THREE = (
    datetime(2026, 1, 5, hour, minute, tzinfo=UTC) for hour, minute in ((14, 0), (14, 30), (15, 0))
)


def ninety_days() -> tuple[str, ...]:
    """K16: what makes a record readable 90 days after it was put; each way tried."""
    happened = {
        "raise": _kept_for_ninety_days(_raise_to_2160),
        "archive": not _raise_to_2160(_stream()[1]),
        "shards": _kept_for_ninety_days(_double_the_shards),
        "reader": _kept_for_ninety_days(None, read_daily=True),
    }
    return tuple(option for option, true in happened.items() if true)


def _kept_for_ninety_days(change: Any, *, read_daily: bool = False) -> bool:
    sim, kinesis = _stream()
    if change is not None:
        change(kinesis)
    kinesis.put_record(StreamName=STREAM, PartitionKey="card", Data=b"charge")
    for _day in range(89):
        if read_daily:
            read(sim, STREAM)
        sim.advance(days=1)
    return bool(read(sim, STREAM))


def _raise_to_2160(kinesis: Any) -> bool:
    """Whether the service takes it: a limit of seven days would refuse."""
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=2_160)
    return True


def _double_the_shards(kinesis: Any) -> None:
    kinesis.update_shard_count(StreamName=STREAM, TargetShardCount=2, ScalingType="UNIFORM_SCALING")


def crash_and_again() -> int:
    """K20: 600 records of an hour; a consumer that appends reads half of it, then all of it."""
    sim, kinesis = _stream(TWO - timedelta(seconds=3))
    for number in range(700):
        sim.run_until(TWO + timedelta(seconds=6 * number))
        kinesis.put_record(StreamName=STREAM, PartitionKey="card", Data=b"%d" % number)
    lines = []
    for end in (HALF_PAST, THREE):
        found = read(sim, STREAM, start=TWO)
        lines += [each for each in found if each["ApproximateArrivalTimestamp"] < end]
    assert len({line["SequenceNumber"] for line in lines}) == 600
    return len(lines)


def which_alarm() -> tuple[str, ...]:
    """M05: a consumer slower than its stream; which measure had moved before a record was lost."""
    sim, kinesis = _stream()
    [shard] = kinesis.list_shards(StreamName=STREAM)["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName=STREAM, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    behind = 0
    while behind < 23 * HOUR:  # two come, one is read, every three minutes: nothing lost yet
        for _ in range(2):
            kinesis.put_record(StreamName=STREAM, PartitionKey="card", Data=b"charge")
        sim.advance(minutes=3)
        answer = kinesis.get_records(ShardIterator=iterator, Limit=1)
        iterator, behind = answer["NextShardIterator"], answer["MillisBehindLatest"]
    age = _seen(sim, "GetRecords.IteratorAgeMilliseconds", "Maximum")
    coming = _seen(sim, "IncomingRecords", "Sum")
    happened = {
        "age": max(age) > 12 * HOUR,
        "writes": any(_seen(sim, "WriteProvisionedThroughputExceeded", "Sum")),
        "reads": any(_seen(sim, "ReadProvisionedThroughputExceeded", "Sum")),
        "coming": min(coming) == 0,
    }
    return tuple(option for option, true in happened.items() if true)


def _seen(sim: Simulator, metric: str, statistic: str) -> list[float]:
    frame = sim.metrics(metric=metric, period=3_600, StreamName=STREAM)
    return [float(value) for value in frame[statistic]]


def what_the_bill_gains() -> tuple[str, ...]:
    """P04: a provisioned stream goes from 24 h to 48 h; which items its bill has only then."""
    before, after = _items(24), _items(48)
    extended = {"provisioned.extended_retention"}
    happened = {
        "shard-hours": after - before == extended,
        "nothing": after == before,
        "stored": "provisioned.long_term_retention" in after,
        "read": "provisioned.long_term_retrieval" in after,
    }
    return tuple(option for option, true in happened.items() if true)


def _items(hours: int) -> set[str]:
    sim, kinesis = _stream()
    if hours > 24:
        kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=hours)
    kinesis.put_record(StreamName=STREAM, PartitionKey="card", Data=bytes(100_000))
    sim.advance(hours=36)
    read(sim, STREAM)
    return {line.item for line in sim.bill().rows}


def closed_shard() -> tuple[str, ...]:
    """K16: a record at 09:30, a split at 10:00, and a look at 09:00 on the next day."""
    sim, kinesis = _stream("2026-01-05T09:30:00Z")
    stored = kinesis.put_record(StreamName=STREAM, PartitionKey="card", Data=b"charge")
    sim.run_until("2026-01-05T10:00:00Z")
    kinesis.split_shard(
        StreamName=STREAM, ShardToSplit=stored["ShardId"], NewStartingHashKey=str(2**127)
    )
    sim.run_until("2026-01-06T09:00:00Z")
    listed = [shard["ShardId"] for shard in kinesis.list_shards(StreamName=STREAM)["Shards"]]
    parent, *children = listed
    in_parent = bool(read(sim, STREAM, shards=[parent]))
    in_child = any(read(sim, STREAM, shards=[child]) for child in children)
    happened = {
        "parent": parent == stored["ShardId"] and in_parent and not in_child,
        "child": in_child,
        "gone": not in_parent and not in_child,
        "hidden": stored["ShardId"] not in listed,
    }
    return tuple(option for option, true in happened.items() if true)


def _stream(start: str | datetime = "2026-01-05T00:00:00Z") -> tuple[Simulator, Any]:
    sim = Simulator(start=start, delays="instant", latency=None)
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    return sim, kinesis
