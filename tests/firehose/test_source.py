"""A data stream as source (facts/firehose §1.6)."""

from __future__ import annotations

from typing import Any

from botocore.config import Config

from kinesis_sim import Simulator
from kinesis_sim.account.aggregation import UserRecord, aggregate
from tests.firehose.calls import NAME, ROLE, bucket, delivered, processing
from tests.streams.calls import refused


def from_stream(sim: Simulator, shards: int = 1, **options: Any) -> None:
    """A data stream ``s`` and a Firehose stream that reads it; options: of the S3 block."""
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=shards)
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=NAME,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": sim.streams.arn("s"),
            "RoleARN": ROLE,
        },
        ExtendedS3DestinationConfiguration=bucket(**options),
    )


def put(sim: Simulator, data: bytes, key: str = "k") -> None:
    sim.client("kinesis").put_record(StreamName="s", PartitionKey=key, Data=data)


def test_it_starts_at_latest(sim: Simulator) -> None:
    sim.client("kinesis").create_stream(StreamName="t", ShardCount=1)
    from_stream(sim)
    put(sim, b"after")
    sim.advance(minutes=6)
    assert list(delivered(sim).values()) == [b"after"]


def test_nothing_is_backfilled(sim: Simulator) -> None:
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    put(sim, b"before")
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=NAME,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": sim.streams.arn("s"),
            "RoleARN": ROLE,
        },
        ExtendedS3DestinationConfiguration=bucket(),
    )
    put(sim, b"after")
    sim.advance(minutes=6)
    assert list(delivered(sim).values()) == [b"after"]


def test_each_shard_has_a_buffer_of_its_own(sim: Simulator) -> None:
    from_stream(sim, shards=4)
    for number in range(40):
        put(sim, b"x", key=f"bike-{number}")
    sim.advance(minutes=6)
    assert len(delivered(sim)) == 4


def test_it_follows_a_split(sim: Simulator) -> None:
    from_stream(sim)
    put(sim, b"a")
    sim.client("kinesis").split_shard(
        StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127)
    )
    for number in range(10):
        put(sim, b"b", key=f"k{number}")
    sim.advance(minutes=6)
    assert b"".join(delivered(sim).values()).count(b"b") == 10
    assert sim.firehose[NAME].tally.delivered == 11


def test_aggregates_are_opened(sim: Simulator) -> None:
    from_stream(sim)
    put(sim, aggregate([UserRecord("a", b"1"), UserRecord("b", b"2")]))
    sim.advance(minutes=6)
    assert list(delivered(sim).values()) == [b"12"]
    assert sim.firehose[NAME].tally.delivered == 2


def test_it_shares_the_shards_five_reads_a_second() -> None:
    """Firehose takes one of five; a poller gets four, and with full backup three."""
    for backup, left in ((False, 4), (True, 3)):
        sim = Simulator(latency=None, delays="instant", account="210987654321")
        sim.functions.register("f", lambda event: {"records": []})
        options = processing(("Lambda", {"LambdaArn": sim.functions.arn("f")})) if backup else {}
        if backup:
            options |= {"S3BackupMode": "Enabled", "S3BackupConfiguration": bucket("reserva")}
        from_stream(sim, **options)
        sim.advance(seconds=10)
        kinesis = sim.client("kinesis")
        once = sim.client("kinesis", config=Config(retries={"max_attempts": 0}))
        iterator = kinesis.get_shard_iterator(
            StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="LATEST"
        )["ShardIterator"]
        for _ in range(left):
            iterator = once.get_records(ShardIterator=iterator)["NextShardIterator"]
        with refused("ProvisionedThroughputExceededException"):
            once.get_records(ShardIterator=iterator)


def test_the_description_names_the_source(sim: Simulator) -> None:
    from_stream(sim)
    told = sim.client("firehose").describe_delivery_stream(DeliveryStreamName=NAME)
    source = told["DeliveryStreamDescription"]["Source"]["KinesisStreamSourceDescription"]
    assert source["KinesisStreamARN"] == sim.streams.arn("s")
    assert source["DeliveryStartTimestamp"] == sim.now
