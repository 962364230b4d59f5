"""How long state changes take: named sets, changes by name, and what cannot be."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.account.delays import Delays


def test_the_named_sets() -> None:
    assert Delays()["streams.create_stream"] == 4_000
    assert Delays("quick")["firehose.create_stream"] == 500
    assert Delays("instant")["mappings.event_source_mapping"] == 0


def test_some_can_be_changed_and_the_rest_stays() -> None:
    sim = Simulator(delays={"streams.create_stream": 1_000}, latency=None)
    assert sim.delays["streams.delete_stream"] == 4_000
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    sim.advance(milliseconds=999)
    assert sim.streams["s"].status.value == "CREATING"
    sim.advance(milliseconds=1)
    assert sim.streams["s"].status.value == "ACTIVE"


def test_a_set_can_be_changed_too() -> None:
    own = Delays("quick", {"streams.reshard": 7})
    sim = Simulator(delays=own)
    assert (sim.delays["streams.reshard"], sim.delays["streams.queue"]) == (7, 500)


@pytest.mark.parametrize(
    ("delays", "text"),
    [
        ("slow", "delays='slow': choose realistic, quick or instant"),
        ({"reshard": 5}, "delays has no 'reshard'; the names are: streams.create_stream"),
        ({"streams.reshard": -1}, "delays streams.reshard=-1: give whole milliseconds"),
        ({"streams.reshard": 0.5}, "delays streams.reshard=0.5: give whole milliseconds"),
    ],
)
def test_delays_that_cannot_be_say_which_and_why(delays: object, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        Simulator(delays=delays)  # type: ignore[arg-type]


STREAM = {"StreamName": "s"}
SHARD = "shardId-00000000000{}"
CHANGES: list[tuple[str, dict[str, object], int]] = [
    ("IncreaseStreamRetentionPeriod", {"RetentionPeriodHours": 25}, 3_500),
    ("EnableEnhancedMonitoring", {"ShardLevelMetrics": ["ALL"]}, 3_500),
    ("UpdateMaxRecordSize", {"MaxRecordSizeInKiB": 2_048}, 4_000),
    ("StartStreamEncryption", {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}, 3_500),
    ("UpdateStreamMode", {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}, 3_500),
    ("SplitShard", {"ShardToSplit": SHARD.format(0), "NewStartingHashKey": "9"}, 5_000),
    ("MergeShards", {"ShardToMerge": SHARD.format(0), "AdjacentShardToMerge": SHARD.format(1)},
     4_000),
    ("UpdateShardCount", {"TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"}, 17_000),
    ("UpdateShardCount", {"TargetShardCount": 1, "ScalingType": "UNIFORM_SCALING"}, 14_000),
]  # fmt: skip
BY_ARN = ("UpdateMaxRecordSize", "UpdateStreamMode")


@pytest.fixture
def sim() -> Simulator:
    return Simulator(latency=None)


def status(sim: Simulator) -> str:
    return sim.streams["s"].status.value


def takes(sim: Simulator, ms: int) -> None:
    """The stream changes for so long, to the millisecond."""
    sim.advance(milliseconds=ms - 1)
    assert status(sim) in ("CREATING", "UPDATING")
    sim.advance(milliseconds=1)
    assert status(sim) == "ACTIVE"


@pytest.mark.parametrize(("operation", "request_", "ms"), CHANGES, ids=[row[0] for row in CHANGES])
def test_a_change_of_a_stream_takes_so_long(
    sim: Simulator, operation: str, request_: dict[str, object], ms: int
) -> None:
    call = sim.gate.call
    call("kinesis", "CreateStream", {**STREAM, "ShardCount": 2})
    takes(sim, 4_000)
    named = {"StreamARN": sim.streams.arn("s")} if operation in BY_ARN else STREAM
    call("kinesis", operation, {**named, **request_})
    takes(sim, ms)


def test_a_stream_is_gone_after_four_seconds_and_a_consumer_there_after_three_and_a_half(
    sim: Simulator,
) -> None:
    call = sim.gate.call
    call("kinesis", "CreateStream", {**STREAM, "ShardCount": 1})
    sim.advance(seconds=4)
    arn = sim.streams.arn("s")
    call("kinesis", "RegisterStreamConsumer", {"StreamARN": arn, "ConsumerName": "c"})

    def consumers() -> list[str]:
        told = call("kinesis", "ListStreamConsumers", {"StreamARN": arn})["Consumers"]
        return [row["ConsumerStatus"] for row in told]

    sim.advance(milliseconds=3_499)
    assert consumers() == ["CREATING"]
    sim.advance(milliseconds=1)
    assert consumers() == ["ACTIVE"]
    call("kinesis", "DeregisterStreamConsumer", {"StreamARN": arn, "ConsumerName": "c"})
    sim.advance(milliseconds=2_999)
    assert consumers() == ["DELETING"]
    sim.advance(milliseconds=1)
    assert consumers() == []
    call("kinesis", "DeleteStream", STREAM)
    sim.advance(milliseconds=3_999)
    assert status(sim) == "DELETING"
    sim.advance(milliseconds=1)
    assert "s" not in sim.streams


@pytest.mark.parametrize(
    ("operation", "settles"), [("SplitShard", 29_000), ("MergeShards", 24_000)]
)
def test_parents_take_records_for_so_long(sim: Simulator, operation: str, settles: int) -> None:
    call, [request_] = sim.gate.call, [row[1] for row in CHANGES if row[0] == operation]
    call("kinesis", "CreateStream", {**STREAM, "ShardCount": 2})
    sim.advance(seconds=4)
    call("kinesis", operation, {**STREAM, **request_})

    def taken_by() -> str:
        record = {**STREAM, "PartitionKey": "k", "ExplicitHashKey": "0", "Data": b"x"}
        return str(call("kinesis", "PutRecord", record)["ShardId"])

    sim.advance(milliseconds=settles - 1)
    assert taken_by() == SHARD.format(0)
    sim.advance(milliseconds=1)
    assert taken_by() == SHARD.format(2)


def test_a_stream_is_warm_after_a_minute(sim: Simulator) -> None:
    call, wanted = sim.gate.call, {**STREAM, "WarmThroughputMiBps": 10}
    on = {"MinimumThroughputBillingCommitment": {"Status": "ENABLED"}}
    call("kinesis", "UpdateAccountSettings", on)
    mode = {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    call("kinesis", "CreateStream", {**STREAM, **mode})
    sim.advance(seconds=4)
    call("kinesis", "UpdateStreamWarmThroughput", wanted)
    takes(sim, 60_000)


def test_a_queue_and_a_channel_are_there_after_a_quarter_of_a_minute(sim: Simulator) -> None:
    call, mode = sim.gate.call, {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    call("kinesis", "CreateStream", {**STREAM, **mode})
    sim.advance(seconds=4)
    arn = sim.streams.arn("s")
    queue = {"QueueName": "q", "StreamConfigurationList": [{"StreamARN": arn}]}
    place = {"BucketARN": "arn:aws:s3:::lake", "ExpectedBucketOwner": sim.account}
    channel = {
        "ChannelName": "c",
        "ServiceExecutionRoleARN": f"arn:aws:iam::{sim.account}:role/c",
        "StreamConfigurationList": [
            {"StreamARN": arn, "RecordConfiguration": {"RecordFormatType": "JSON"}}
        ],
        "S3DestinationConfiguration": {
            "StorageConfiguration": {**place, "CompressionType": "NONE"}
        },
    }
    call("kinesis", "CreateQueue", queue)
    call("kinesis", "CreateChannel", channel)
    made = [*sim.streams.queues.values(), *sim.streams.channels.values()]

    def statuses() -> list[str]:
        return [each.status.value for each in made]

    sim.advance(milliseconds=14_999)
    assert statuses() == ["CREATING"] * 2
    sim.advance(milliseconds=1)
    assert statuses() == ["ACTIVE"] * 2
