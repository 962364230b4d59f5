"""CloudWatch's samples of one shard, as AWS recorded them on 2026-09-19.

Source: radkawar/stackd, testdata/aws/kinesis/metric_depth.json (us-east-1; records of 3, 5, 7, 11
and 13 bytes with the one-byte partition key "p"). Rows: minute, then SampleCount, Sum, Minimum,
Maximum. Latencies are the network's and not compared, nor is the minute in which the client left.
"""

from __future__ import annotations

from functools import partial
from itertools import takewhile
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.instants import MINUTE, SECOND, to_datetime, to_ms

STREAM, READER, SHARD = "medidas", "leitor", "shardId-000000000000"
STATISTICS = ("SampleCount", "Sum", "Minimum", "Maximum")
OF_STREAM = {"StreamName": STREAM}
OF_SHARD = {"StreamName": STREAM, "ShardId": SHARD}
OF_READER = {"StreamName": STREAM, "ConsumerName": READER}
PUTS = {20: (2, 18, 4, 14), 23: (2, 26, 12, 14)}
READS = {21: (3, 18, 0, 14)}
PUSHES = {22: (12, 18, 0, 18), 23: (12, 26, 0, 14), 24: (12, 0, 0, 0)}
RECORDED: list[tuple[str, dict[str, str], dict[int, tuple[int, ...]]]] = [
    ("IncomingBytes", OF_STREAM, PUTS),
    ("IncomingRecords", OF_STREAM, {20: (2, 3, 1, 2), 23: (2, 2, 1, 1)}),
    ("GetRecords.Bytes", OF_STREAM, READS),
    ("GetRecords.Records", OF_STREAM, {21: (3, 3, 0, 2)}),
    ("GetRecords.IteratorAgeMilliseconds", OF_STREAM, {21: (3, 60_000, 0, 60_000)}),
    ("GetRecords.Success", OF_STREAM, {21: (3, 3, 1, 1)}),
    ("PutRecord.Success", OF_STREAM, {20: (1, 1, 1, 1), 23: (2, 2, 1, 1)}),
    ("PutRecord.Bytes", OF_STREAM, {20: (1, 4, 4, 4), 23: (2, 26, 12, 14)}),
    ("PutRecords.Success", OF_STREAM, {20: (1, 1, 1, 1)}),
    ("PutRecords.Bytes", OF_STREAM, {20: (1, 14, 14, 14)}),
    ("OutgoingBytes", OF_STREAM, {}),
    ("OutgoingRecords", OF_STREAM, {}),
    ("SubscribeToShardEvent.Bytes", OF_STREAM, {}),
    ("SubscribeToShardEvent.MillisBehindLatest", OF_STREAM, {}),
    ("SubscribeToShard.Success", OF_STREAM, {}),
    ("IncomingBytes", OF_SHARD, {20: (3, 18, 4, 8), 23: (2, 26, 12, 14)}),
    ("IncomingRecords", OF_SHARD, {20: (2, 3, 1, 2), 23: (2, 2, 1, 1)}),
    ("OutgoingBytes", OF_SHARD, READS | PUSHES),
    (
        "OutgoingRecords",
        OF_SHARD,
        {
            21: (3, 3, 0, 2),
            22: (12, 3, 0, 3),
            23: (12, 2, 0, 1),
            24: (12, 0, 0, 0),
        },
    ),
    ("IteratorAgeMilliseconds", OF_SHARD, {21: (3, 60_000, 0, 60_000)}),
    ("ReadProvisionedThroughputExceeded", OF_SHARD, {21: (3, 0, 0, 0)}),
    ("WriteProvisionedThroughputExceeded", OF_SHARD, {20: (3, 0, 0, 0), 23: (2, 0, 0, 0)}),
    ("SubscribeToShard.Success", OF_READER, {22: (1, 1, 1, 1)}),
    ("SubscribeToShard.RateExceeded", OF_READER, {22: (1, 0, 0, 0)}),
    ("SubscribeToShard.Latency", OF_READER, {}),
    ("SubscribeToShardEvent.Bytes", OF_READER, PUSHES),
    (
        "SubscribeToShardEvent.Records",
        OF_READER,
        {22: (12, 3, 0, 3), 23: (12, 2, 0, 1), 24: (12, 0, 0, 0)},
    ),
    (
        "SubscribeToShardEvent.Success",
        OF_READER,
        {22: (12, 12, 1, 1), 23: (12, 12, 1, 1), 24: (12, 12, 1, 1)},
    ),
    (
        "SubscribeToShardEvent.MillisBehindLatest",
        OF_READER,
        {22: (12, 0, 0, 0), 23: (12, 0, 0, 0), 24: (12, 0, 0, 0)},
    ),
    ("SubscribeToShardEvent.Latency", OF_READER, {}),
    ("SubscribeToShard.Success", {**OF_SHARD, "ConsumerName": READER}, {}),
    ("SubscribeToShardEvent.Bytes", {**OF_SHARD, "ConsumerName": READER}, {}),
    ("SubscribeToShardEvent.Records", {**OF_SHARD, "ConsumerName": READER}, {}),
]


@pytest.fixture(scope="module")
def lived() -> tuple[Simulator, int]:
    """The recorded quarter of an hour, call by call; the instant that was 10:00:00."""
    sim = Simulator(latency=None, delays="instant")
    origin = sim.clock.now // MINUTE * MINUTE + MINUTE

    def at(minute: int, second: float) -> int:
        return origin + minute * MINUTE + round(second * SECOND)

    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    kinesis.enable_enhanced_monitoring(StreamName=STREAM, ShardLevelMetrics=["ALL"])
    summary = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]
    reader = kinesis.register_stream_consumer(StreamARN=summary["StreamARN"], ConsumerName=READER)
    sim.run_until(at(20, 5))
    put(kinesis, 3)
    records = [{"Data": b"1" * size, "PartitionKey": "p"} for size in (5, 7)]
    kinesis.put_records(StreamName=STREAM, Records=records)
    place = {"StreamName": STREAM, "ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(**place)["ShardIterator"]
    for second, most in (5, 1), (15, 10), (25, 10):
        sim.run_until(at(21, second))
        answer = kinesis.get_records(ShardIterator=iterator, Limit=most)
        iterator = answer["NextShardIterator"]
    sim.run_until(at(22, 3.57))
    sim.clock.schedule(at(23, 10.49), partial(put, kinesis, 11))
    sim.clock.schedule(at(23, 25.48), partial(put, kinesis, 13))
    pushed = kinesis.subscribe_to_shard(
        ConsumerARN=reader["Consumer"]["ConsumerARN"],
        ShardId=SHARD,
        StartingPosition={"Type": "TRIM_HORIZON"},
    )["EventStream"]
    for _ in takewhile(lambda _: sim.clock.now < at(25, 6), pushed):
        pass
    return sim, origin


def put(kinesis: Any, size: int) -> None:
    kinesis.put_record(StreamName=STREAM, Data=b"1" * size, PartitionKey="p")


@pytest.mark.parametrize(("name", "dimensions", "recorded"), RECORDED)
def test_samples_are_those_that_aws_recorded(
    lived: tuple[Simulator, int],
    name: str,
    dimensions: dict[str, str],
    recorded: dict[int, tuple[int, ...]],
) -> None:
    sim, origin = lived
    points = sim.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Kinesis",
        MetricName=name,
        Dimensions=[{"Name": each, "Value": value} for each, value in dimensions.items()],
        StartTime=to_datetime(origin + 18 * MINUTE),
        EndTime=to_datetime(origin + 25 * MINUTE),
        Period=60,
        Statistics=list(STATISTICS),
    )["Datapoints"]
    found = {
        (to_ms(point["Timestamp"]) - origin) // MINUTE: tuple(point[each] for each in STATISTICS)
        for point in points
    }
    assert found == recorded


@pytest.mark.parametrize(("leaves_after", "zeros"), [(None, 1), (1, 0), (7, 0)])
def test_five_minutes_that_are_over_count_as_an_event_without_success(
    leaves_after: int | None, zeros: int
) -> None:
    """radkawar/stackd, efo_natural_end.json and efo_client_close.json: an empty shard.

    Events are 5.1 s apart there (59 in 300.6 s), 5 here; one that was on its way when the caller
    left counts there, and is not sent here.
    """
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"][
        "StreamARN"
    ]
    reader = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=READER)["Consumer"]
    began = sim.clock.now
    pushed = kinesis.subscribe_to_shard(
        ConsumerARN=reader["ConsumerARN"],
        ShardId=SHARD,
        StartingPosition={"Type": "LATEST"},
    )["EventStream"]
    events = 0
    for events, _ in enumerate(pushed, 1):
        if events == leaves_after:
            pushed.close()
            break
    sim.advance(minutes=16)

    def total(name: str, statistic: str) -> float:
        points = sim.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Kinesis",
            MetricName=f"SubscribeToShardEvent.{name}",
            Dimensions=[{"Name": key, "Value": value} for key, value in OF_READER.items()],
            StartTime=to_datetime(began - MINUTE),
            EndTime=to_datetime(sim.clock.now),
            Period=60,
            Statistics=[statistic],
        )["Datapoints"]
        return float(sum(point[statistic] for point in points))

    assert events == (leaves_after or 60)
    assert total("Success", "Sum") == events
    assert total("Success", "SampleCount") == events + zeros
    for name in ("Bytes", "Records", "MillisBehindLatest"):
        assert total(name, "SampleCount") == events
