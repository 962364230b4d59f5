"""Creating, describing, listing and deleting streams (facts/data-streams §1.3, §1.4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.streams.events import StatusChanged
from tests.streams.calls import (
    ACCOUNT,
    STREAM_ARN,
    create,
    indices,
    put,
    read,
    refused,
    shards,
    split,
    status,
)

NOT_FOUND = f"Stream s under account {ACCOUNT} not found."
ON_DEMAND = {"StreamMode": "ON_DEMAND"}


def summary(kinesis: Any, name: str = "s") -> dict[str, Any]:
    return dict(kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"])


# --- states ---------------------------------------------------------------------------------------


def test_a_stream_is_creating_then_active(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis, shards=2)
    assert status(kinesis) == "CREATING"
    state = "not ACTIVE or UPDATING, instead in state CREATING"
    with refused("ResourceInUseException", f"Stream s under account {ACCOUNT} {state}"):
        shards(kinesis)
    with refused("ResourceNotFoundException", NOT_FOUND):
        put(kinesis, "x")
    slow.advance(milliseconds=slow.delays["streams.create_stream"] - 1)
    assert status(kinesis) == "CREATING"
    slow.advance(milliseconds=1)
    assert status(kinesis) == "ACTIVE"
    assert indices(kinesis) == [0, 1]


def test_a_stream_is_deleting_then_gone(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis)
    slow.advance(seconds=15)
    kinesis.delete_stream(StreamName="s")
    assert status(kinesis) == "DELETING"
    kinesis.delete_stream(StreamName="s")
    with refused("ResourceInUseException", f"Stream s under account {ACCOUNT} already exists."):
        create(kinesis)
    slow.advance(seconds=15)
    with refused("ResourceNotFoundException", NOT_FOUND):
        status(kinesis)


def test_a_stream_may_be_deleted_in_any_state(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis, "creating")
    create(kinesis, "updating", shards=2)
    slow.advance(seconds=14)
    kinesis.delete_stream(StreamName="creating")
    slow.advance(seconds=1)
    assert status(kinesis, "creating") == "DELETING"
    split(kinesis, 0, 1 << 126, "updating")
    kinesis.delete_stream(StreamName="updating")
    slow.advance(minutes=5)
    assert kinesis.list_streams()["StreamNames"] == []


def test_every_status_seen_follows_the_table(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    arn = create(kinesis)
    slow.advance(seconds=15)
    split(kinesis, 0, 1 << 127)
    slow.advance(minutes=1)
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)
    slow.advance(minutes=1)
    kinesis.delete_stream(StreamARN=arn)
    slow.advance(minutes=1)
    steps = [(event.was, event.became) for event in slow.events.of(StatusChanged)]
    assert steps == [
        ("CREATING", "ACTIVE"),
        ("ACTIVE", "UPDATING"),
        ("UPDATING", "ACTIVE"),
        ("ACTIVE", "UPDATING"),
        ("UPDATING", "ACTIVE"),
        ("ACTIVE", "DELETING"),
        ("DELETING", None),
    ]


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("increase_stream_retention_period", {"RetentionPeriodHours": 48}),
        ("decrease_stream_retention_period", {"RetentionPeriodHours": 24}),
        ("enable_enhanced_monitoring", {"ShardLevelMetrics": ["ALL"]}),
        ("disable_enhanced_monitoring", {"ShardLevelMetrics": ["ALL"]}),
        ("start_stream_encryption", {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}),
        ("stop_stream_encryption", {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}),
        ("update_shard_count", {"TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"}),
        ("split_shard", {"ShardToSplit": "0", "NewStartingHashKey": "5"}),
        ("merge_shards", {"ShardToMerge": "0", "AdjacentShardToMerge": "1"}),
    ],
)
def test_control_calls_wait_for_an_active_stream(
    slow: Simulator, operation: str, params: dict[str, Any]
) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis)
    with refused(
        "ResourceInUseException",
        f"Stream s under account {ACCOUNT} not ACTIVE, instead in state CREATING",
    ):
        getattr(kinesis, operation)(StreamName="s", **params)


# --- names ----------------------------------------------------------------------------------------


def test_a_name_is_unique_in_its_account(kinesis: Any) -> None:
    create(kinesis)
    with refused("ResourceInUseException", f"Stream s under account {ACCOUNT} already exists."):
        create(kinesis, shards=3)


def test_a_deleted_streams_name_is_free_and_its_records_are_gone(kinesis: Any) -> None:
    create(kinesis, Tags={"a": "1"})
    put(kinesis, "secret")
    kinesis.delete_stream(StreamName="s")
    create(kinesis)
    assert read(kinesis) == []
    assert kinesis.list_tags_for_stream(StreamName="s")["Tags"] == []


def test_a_stream_goes_by_name_by_arn_or_by_both(kinesis: Any) -> None:
    arn = create(kinesis)
    create(kinesis, "other")
    for address in ({"StreamName": "s"}, {"StreamARN": arn}, {"StreamName": "s", "StreamARN": arn}):
        found = kinesis.describe_stream_summary(**address)["StreamDescriptionSummary"]
        assert found["StreamARN"] == arn
    with refused("InvalidArgumentException"):
        kinesis.describe_stream_summary(StreamName="other", StreamARN=arn)
    with refused("InvalidArgumentException"):
        kinesis.describe_stream_summary()


def test_an_arn_of_another_account_is_refused(kinesis: Any) -> None:
    create(kinesis)
    with refused("UnrecognizedClientException", "No account found for the given parameters"):
        kinesis.describe_stream_summary(StreamARN=STREAM_ARN.replace("1234", "2109") + "/s")


def test_an_arn_of_another_region_is_refused(kinesis: Any) -> None:
    create(kinesis)
    arn = STREAM_ARN.replace("us-east-1", "sa-east-1") + "/s"
    said = f"The region specified in the ARN '{arn}' does not match the endpoint region"
    with refused("InvalidArgumentException", said):
        kinesis.describe_stream_summary(StreamARN=arn)


# --- what a stream is made with -------------------------------------------------------------------


def test_a_stream_as_it_is_described(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    slow.advance(milliseconds=250)
    arn = create(kinesis, shards=2)
    slow.advance(seconds=15)
    assert summary(kinesis) == {
        "StreamName": "s",
        "StreamARN": arn,
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        "RetentionPeriodHours": 24,
        "StreamCreationTimestamp": datetime(2026, 1, 1, tzinfo=UTC),
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        "EncryptionType": "NONE",
        "OpenShardCount": 2,
        "ConsumerCount": 0,
        "ChannelCount": 0,
        "QueueCount": 0,
        "MaxRecordSizeInKiB": 1024,
    }


def test_a_name_alone_makes_four_shards(kinesis: Any) -> None:
    kinesis.create_stream(StreamName="s")
    assert indices(kinesis) == [0, 1, 2, 3]


def test_an_on_demand_stream_starts_with_four_shards(kinesis: Any) -> None:
    create(kinesis, StreamModeDetails=ON_DEMAND)
    assert summary(kinesis)["StreamModeDetails"] == ON_DEMAND
    assert indices(kinesis) == [0, 1, 2, 3]


def test_auto_distribution_is_for_on_demand_streams(kinesis: Any) -> None:
    with refused("InvalidArgumentException"):
        create(kinesis, RecordDistributionStrategy="AUTO")
    create(kinesis, StreamModeDetails=ON_DEMAND, RecordDistributionStrategy="AUTO")
    answers = [
        kinesis.put_record(StreamName="s", PartitionKey="same", ExplicitHashKey="0", Data=b"")
        for _ in range(4)
    ]
    assert len({answer["ShardId"] for answer in answers}) == 4
    kinesis.put_record(StreamName="s", Data=b"no key")
    records = [
        record
        for index in range(4)
        for record in kinesis.get_records(
            ShardIterator=kinesis.get_shard_iterator(
                StreamName="s", ShardId=str(index), ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        )["Records"]
    ]
    assert sorted(record.get("PartitionKey", "") for record in records) == ["", *["same"] * 4]


def test_a_partition_key_is_required_otherwise(kinesis: Any) -> None:
    create(kinesis)
    with refused("InvalidArgumentException"):
        kinesis.put_record(StreamName="s", Data=b"")
    with refused("InvalidArgumentException"):
        kinesis.put_records(StreamName="s", Records=[{"Data": b"", "ExplicitHashKey": "0"}])


# --- quotas ---------------------------------------------------------------------------------------


def test_five_streams_may_be_creating_at_once(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    for name in "abcde":
        create(kinesis, name)
    with refused("LimitExceededException") as answer:
        create(kinesis, "f")
    assert "5 streams in CREATING state" in answer.message
    slow.advance(seconds=15)
    create(kinesis, "f")


@pytest.mark.parametrize("count", [20_001, 1_000_000_000, 100_000_000_000, 2**31 - 1])
def test_absurd_shard_counts_meet_the_quota_first(kinesis: Any, count: int) -> None:
    with refused("LimitExceededException") as answer:
        create(kinesis, shards=count)
    assert answer.message.startswith(
        f"This request would exceed the shard limit for the account {ACCOUNT} in us-east-1. "
        "Current shard count for the account: 0. Limit: 20000. Number of additional shards that "
        f"would have resulted from this request: {count}."
    )
    assert kinesis.list_streams()["StreamNames"] == []


def test_streams_still_creating_count_towards_the_shard_quota(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis, "a", shards=12_000)
    with refused("LimitExceededException"):
        create(kinesis, "b", shards=8_001)
    create(kinesis, "b", shards=8_000)
    limits = kinesis.describe_limits()
    assert (limits["OpenShardCount"], limits["ShardLimit"]) == (20_000, 20_000)


def test_another_region_has_another_shard_quota() -> None:
    sim = Simulator(region="sa-east-1", latency=None, delays="instant", limits="off")
    kinesis = sim.client("kinesis")
    assert kinesis.describe_limits()["ShardLimit"] == 6_000
    with refused("LimitExceededException") as answer:
        create(kinesis, shards=6_001)
    assert f"the account {ACCOUNT} in sa-east-1." in answer.message


def test_fifty_on_demand_streams_per_account(kinesis: Any) -> None:
    for number in range(50):
        create(kinesis, f"s{number}", StreamModeDetails=ON_DEMAND)
    with refused("LimitExceededException"):
        create(kinesis, StreamModeDetails=ON_DEMAND)
    arn = create(kinesis, "provisioned")
    with refused("LimitExceededException"):
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)
    limits = kinesis.describe_limits()
    assert (limits["OnDemandStreamCount"], limits["OnDemandStreamCountLimit"]) == (50, 50)


# --- listings -------------------------------------------------------------------------------------


def test_streams_are_listed_by_name_in_pages(kinesis: Any) -> None:
    names = sorted(f"s{number}" for number in range(7))
    for name in reversed(names):
        create(kinesis, name)
    answer = kinesis.list_streams(Limit=3)
    assert answer["StreamNames"] == names[:3]
    assert answer["HasMoreStreams"] is True
    assert [row["StreamName"] for row in answer["StreamSummaries"]] == names[:3]
    rest = kinesis.list_streams(NextToken=answer["NextToken"])
    assert rest["StreamNames"] == names[3:]
    assert rest["HasMoreStreams"] is False
    assert "NextToken" not in rest
    after = kinesis.list_streams(ExclusiveStartStreamName="s4")
    assert after["StreamNames"] == names[5:]


def test_a_page_of_streams_has_a_hundred_at_most(kinesis: Any) -> None:
    for number in range(101):
        create(kinesis, f"s{number:03}")
    answer = kinesis.list_streams(Limit=10_000)
    assert len(answer["StreamNames"]) == 100


def test_a_token_for_streams_lives_300_seconds(sim: Simulator, kinesis: Any) -> None:
    create(kinesis, "a")
    create(kinesis, "b")
    token = kinesis.list_streams(Limit=1)["NextToken"]
    sim.advance(seconds=300)
    assert kinesis.list_streams(NextToken=token)["StreamNames"] == ["b"]
    sim.advance(milliseconds=1)
    with refused("ExpiredNextTokenException"):
        kinesis.list_streams(NextToken=token)


def test_describe_stream_gives_its_shards_in_pages(kinesis: Any) -> None:
    create(kinesis, shards=150)
    first = kinesis.describe_stream(StreamName="s")["StreamDescription"]
    assert len(first["Shards"]) == 100
    assert first["HasMoreShards"] is True
    last = first["Shards"][-1]["ShardId"]
    rest = kinesis.describe_stream(StreamName="s", ExclusiveStartShardId=last)
    assert len(rest["StreamDescription"]["Shards"]) == 50
    assert rest["StreamDescription"]["HasMoreShards"] is False


# --- deletion and consumers -----------------------------------------------------------------------


def test_a_stream_with_consumers_goes_only_by_force(kinesis: Any) -> None:
    arn = create(kinesis)
    kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")
    with refused("ResourceInUseException"):
        kinesis.delete_stream(StreamName="s")
    with refused("ResourceInUseException"):
        kinesis.delete_stream(StreamName="s", EnforceConsumerDeletion=False)
    kinesis.delete_stream(StreamName="s", EnforceConsumerDeletion=True)
    create(kinesis)
    assert kinesis.list_stream_consumers(StreamARN=arn)["Consumers"] == []


def test_a_deregistered_consumer_no_longer_keeps_the_stream(kinesis: Any) -> None:
    arn = create(kinesis)
    kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")
    kinesis.deregister_stream_consumer(StreamARN=arn, ConsumerName="c")
    kinesis.delete_stream(StreamName="s")
    assert kinesis.list_streams()["StreamNames"] == []
