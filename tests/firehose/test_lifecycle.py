"""States, listings and descriptions of Firehose streams (facts/firehose §1.1, §1.2)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from kinesis_sim import Simulator
from tests.firehose.calls import BUCKET, NAME, ROLE, bucket, create, put
from tests.streams.calls import refused


def slow() -> tuple[Simulator, Any]:
    """A simulator whose changes take their time."""
    sim = Simulator(latency=None, account="210987654321")
    return sim, sim.client("firehose")


def status(firehose: Any, name: str = NAME) -> str:
    answer = firehose.describe_delivery_stream(DeliveryStreamName=name)
    return str(answer["DeliveryStreamDescription"]["DeliveryStreamStatus"])


def test_creating_then_active() -> None:
    sim, firehose = slow()
    create(firehose)
    assert status(firehose) == "CREATING"
    sim.advance(seconds=30)
    assert status(firehose) == "ACTIVE"


def test_a_put_while_creating_finds_no_stream() -> None:
    _, firehose = slow()
    create(firehose)
    with refused("ResourceNotFoundException"):
        put(firehose, b"a")


def test_deleting_then_gone() -> None:
    sim, firehose = slow()
    create(firehose)
    with refused("ResourceInUseException"):
        firehose.delete_delivery_stream(DeliveryStreamName=NAME)
    sim.advance(minutes=1)
    firehose.delete_delivery_stream(DeliveryStreamName=NAME)
    assert status(firehose) == "DELETING"
    sim.advance(minutes=1)
    with refused(
        "ResourceNotFoundException", f"Firehose {NAME} under account {sim.account} not found."
    ):
        firehose.describe_delivery_stream(DeliveryStreamName=NAME)


def test_what_is_buffered_is_lost_when_the_stream_is_deleted(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    put(firehose, b"a", b"b")
    tally = sim.firehose[NAME].tally
    firehose.delete_delivery_stream(DeliveryStreamName=NAME)
    sim.advance(hours=1)
    assert sim.buckets.keys(BUCKET) == []
    assert (tally.accepted, tally.lost) == (2, 2)


def test_a_name_is_taken_once(firehose: Any) -> None:
    create(firehose)
    with refused(
        "ResourceInUseException", f"Firehose {NAME} under accountId 210987654321 already exists"
    ):
        create(firehose)


def test_the_study_notes_command(sim: Simulator, firehose: Any) -> None:
    """``--s3-destination-configuration``: deprecated, and works as it is written there."""
    firehose.create_delivery_stream(
        DeliveryStreamName=NAME,
        S3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{BUCKET}"},
    )
    firehose.put_record(DeliveryStreamName=NAME, Record={"Data": b"mensagem de teste"})
    sim.advance(minutes=5)
    (key,) = sim.buckets.keys(BUCKET)
    assert key.startswith(f"2026/01/01/00/{NAME}-1-2026-01-01-00-00-00-")
    assert sim.buckets.read(BUCKET, key) == b"mensagem de teste"


def test_the_description_says_what_was_asked_and_every_default(firehose: Any) -> None:
    arn = create(firehose, Prefix="bruto/")
    told = firehose.describe_delivery_stream(DeliveryStreamName=NAME)["DeliveryStreamDescription"]
    assert told["DeliveryStreamARN"] == arn
    assert told["VersionId"] == "1"
    assert told["DeliveryStreamType"] == "DirectPut"
    assert told["HasMoreDestinations"] is False
    (destination,) = told["Destinations"]
    extended = destination["ExtendedS3DestinationDescription"]
    assert extended["BufferingHints"] == {"SizeInMBs": 5, "IntervalInSeconds": 300}
    assert extended["CompressionFormat"] == "UNCOMPRESSED"
    assert extended["S3BackupMode"] == "Disabled"
    assert destination["S3DestinationDescription"]["Prefix"] == "bruto/"
    assert "S3BackupMode" not in destination["S3DestinationDescription"]


def test_names_come_in_order_ten_a_page(firehose: Any) -> None:
    names = [f"fluxo-{number:02d}" for number in range(12)]
    for name in reversed(names):
        create(firehose, name)
    first = firehose.list_delivery_streams()
    assert first["DeliveryStreamNames"] == names[:10]
    assert first["HasMoreDeliveryStreams"] is True
    rest = firehose.list_delivery_streams(ExclusiveStartDeliveryStreamName=names[9])
    assert rest["DeliveryStreamNames"] == names[10:]
    assert rest["HasMoreDeliveryStreams"] is False
    assert (
        firehose.list_delivery_streams(DeliveryStreamType="KinesisStreamAsSource")[
            "DeliveryStreamNames"
        ]
        == []
    )


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        ({}, "Exactly one destination"),
        (
            {
                "ExtendedS3DestinationConfiguration": bucket(),
                "S3DestinationConfiguration": bucket(),
            },
            "Exactly one destination",
        ),
        (
            {
                "DeliveryStreamType": "KinesisStreamAsSource",
                "ExtendedS3DestinationConfiguration": bucket(),
            },
            "KinesisSourceStreamConfig is mandatory for KinesisStreamAsSource stream type.",
        ),
        (
            {
                "DeliveryStreamType": "KinesisStreamAsSource",
                "KinesisStreamSourceConfiguration": {
                    "KinesisStreamARN": "arn:aws:kinesis:us-east-1:210987654321:stream/s",
                    "RoleARN": ROLE,
                },
                "ExtendedS3DestinationConfiguration": bucket(),
            },
            "stream/s cannot be read",
        ),
        (
            {
                "DeliveryStreamType": "MSKAsSource",
                "MSKSourceConfiguration": {
                    "MSKClusterARN": "arn:aws:kafka:us-east-1:210987654321:cluster/c/a-1",
                    "TopicName": "t",
                    "AuthenticationConfiguration": {"RoleARN": ROLE, "Connectivity": "PUBLIC"},
                },
                "ExtendedS3DestinationConfiguration": bucket(),
            },
            "does not simulate Amazon MSK",
        ),
    ],
)
def test_a_stream_that_cannot_be(firehose: Any, request_: dict[str, Any], part: str) -> None:
    with refused("InvalidArgumentException") as refusal:
        firehose.create_delivery_stream(DeliveryStreamName=NAME, **request_)
    assert part in refusal.message
    assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []


def test_control_calls_have_a_rate() -> None:
    """Five a second of each (facts/firehose §1.1)."""
    sim, _ = slow()
    once = sim.client("firehose", config=Config(retries={"max_attempts": 0}))
    for _ in range(5):
        once.list_delivery_streams()
    with refused("ThrottlingException"):
        once.list_delivery_streams()
    sim.advance(seconds=1)
    once.list_delivery_streams()


def test_tags(firehose: Any) -> None:
    create(firehose)
    firehose.tag_delivery_stream(
        DeliveryStreamName=NAME, Tags=[{"Key": "time", "Value": "a"}, {"Key": "custo", "Value": ""}]
    )
    firehose.tag_delivery_stream(DeliveryStreamName=NAME, Tags=[{"Key": "time", "Value": "b"}])
    page = firehose.list_tags_for_delivery_stream(DeliveryStreamName=NAME, Limit=1)
    assert page["Tags"] == [{"Key": "custo", "Value": ""}]
    assert page["HasMoreTags"] is True
    firehose.untag_delivery_stream(DeliveryStreamName=NAME, TagKeys=["custo", "unknown"])
    rest = firehose.list_tags_for_delivery_stream(DeliveryStreamName=NAME)
    assert rest["Tags"] == [{"Key": "time", "Value": "b"}]
    with refused("ValidationException"):  # botocore's TagKey has a pattern for that
        firehose.tag_delivery_stream(DeliveryStreamName=NAME, Tags=[{"Key": "aws:x", "Value": ""}])


def test_a_tag_without_a_value_changes_nothing(firehose: Any) -> None:
    """facts/firehose/1.1/tag-without-a-value."""
    some = [{"Key": "time", "Value": "a"}, {"Key": "custo"}]
    with refused("InvalidArgumentException"):
        firehose.create_delivery_stream(
            DeliveryStreamName=NAME, ExtendedS3DestinationConfiguration=bucket(), Tags=some
        )
    create(firehose)
    with refused("InvalidArgumentException"):
        firehose.tag_delivery_stream(DeliveryStreamName=NAME, Tags=some)
    assert firehose.list_tags_for_delivery_stream(DeliveryStreamName=NAME)["Tags"] == []


def test_a_data_stream_that_is_being_made_is_no_source_yet() -> None:
    """In AWS's words (facts/firehose §1.6)."""
    sim = Simulator(latency=None, account="210987654321")
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    firehose = sim.client("firehose")
    request = {
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": {
            "KinesisStreamARN": sim.streams.arn("s"),
            "RoleARN": ROLE,
        },
        "ExtendedS3DestinationConfiguration": bucket(),
    }
    with refused("InvalidArgumentException") as refusal:
        firehose.create_delivery_stream(DeliveryStreamName=NAME, **request)
    assert refusal.message.startswith("Kinesis stream must be in ACTIVE or UPDATING state in order")
    sim.advance(minutes=1)
    sim.client("kinesis").update_shard_count(
        StreamName="s", TargetShardCount=2, ScalingType="UNIFORM_SCALING"
    )
    firehose.create_delivery_stream(DeliveryStreamName=NAME, **request)


def test_one_stream_more_than_a_region_may_have(sim: Simulator) -> None:
    few = Simulator(
        latency=None, delays="instant", limits={"firehose.streams": 2}, account=sim.account
    )
    firehose = few.client("firehose")
    create(firehose, "b")
    create(firehose, "a")
    with refused("LimitExceededException") as refusal:
        create(firehose, "c")
    assert refusal.message == (
        "You have already consumed your firehose quota of 2 hoses. Firehose names: [a, b]"
    )
