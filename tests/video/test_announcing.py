"""Images to S3 and notifications to SNS: for tagged fragments, a minute after they were asked."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.video.announcing import IMAGE, NOTIFICATION, PREFIX
from kinesis_sim.video.events import FragmentPersisted, ImagesDelivered, NotificationPublished
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import record
from tests.video.media import NAME

pytest.importorskip("av")
BUCKET = "pedala-frames"
IMAGES = {
    "Status": "ENABLED",
    "ImageSelectorType": "PRODUCER_TIMESTAMP",
    "DestinationConfig": {"Uri": f"s3://{BUCKET}", "DestinationRegion": "us-east-1"},
    "SamplingInterval": 1_000,
    "Format": "JPEG",
}


@pytest.fixture
def sim() -> Simulator:
    made = Simulator(latency=None, account="210987654321")
    made.client("kinesisvideo").create_stream(StreamName=NAME, DataRetentionInHours=1)
    made.advance(seconds=10)
    if BUCKET not in {row["Name"] for row in made.client("s3").list_buckets()["Buckets"]}:
        made.buckets.create(BUCKET)
    for key in made.buckets.keys(BUCKET):
        made.client("s3").delete_object(Bucket=BUCKET, Key=key)
    return made


def imaging(sim: Simulator, **more: Any) -> None:
    config = {**IMAGES, **more}
    sim.client("kinesisvideo").update_image_generation_configuration(
        StreamName=NAME, ImageGenerationConfiguration=config
    )


def filmed(sim: Simulator, seconds: int = 4, **tags: str) -> None:
    record(sim, NAME, DockCamera(7), seconds=seconds, tags=tags)
    sim.advance(seconds=5)


def stored(sim: Simulator) -> list[int]:
    return [each.at for each in sim.events.of(FragmentPersisted)]


def delivered(sim: Simulator) -> list[ImagesDelivered]:
    return list(sim.events.of(ImagesDelivered))


def test_tagged_fragments_become_images(sim: Simulator) -> None:
    imaging(sim)
    sim.advance(minutes=1)
    began = sim.clock.now
    filmed(sim, **{IMAGE: "", "dock": "praça", "odd name": "x\ny"})
    keys = sim.buckets.keys(BUCKET)
    form = re.compile(
        rf"{sim.account}_{NAME}_(\d+)_[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\.jpg"
    )
    found = [form.fullmatch(key) for key in keys]
    assert all(found)
    assert sorted(int(match[1]) for match in found if match) == [
        began + 1_000 * second for second in range(4)
    ]
    head = sim.client("s3").head_object(Bucket=BUCKET, Key=keys[0])
    kept = sim.video[NAME].archive.persisted()[0]
    assert head["ContentType"] == "image/jpeg"
    assert head["Metadata"] == {
        "aws_kinesisvideo_producer_timestamp": str(kept.produced),
        "aws_kinesisvideo_server_timestamp": str(kept.received),
        "aws_kinesisvideo_fragment_number": kept.number,
        "dock": "pra?a",
        "odd_name": "x?y",
    }
    assert sim.buckets.read(BUCKET, keys[0])[:2] == b"\xff\xd8"
    assert [each.at for each in delivered(sim)] == [at + 1_000 for at in stored(sim)]


def test_only_what_is_tagged_after_a_minute_and_while_enabled(sim: Simulator) -> None:
    imaging(sim)
    sim.advance(seconds=50)
    filmed(sim, **{IMAGE: ""})
    assert not sim.buckets.keys(BUCKET)
    sim.advance(minutes=1)
    filmed(sim)
    filmed(sim, dock="7")
    assert not sim.buckets.keys(BUCKET)
    imaging(sim, Status="DISABLED")
    sim.advance(minutes=1)
    filmed(sim, **{IMAGE: ""})
    assert not sim.buckets.keys(BUCKET)
    assert not delivered(sim)


def test_prefix_folder_format_and_clock(sim: Simulator) -> None:
    place = {"Uri": f"s3://{BUCKET}/a/b/", "DestinationRegion": "us-east-1"}
    imaging(sim, DestinationConfig=place, Format="PNG", ImageSelectorType="SERVER_TIMESTAMP")
    sim.advance(minutes=1)
    filmed(sim, seconds=2, **{IMAGE: "", PREFIX: "north"})
    keys = sim.buckets.keys(BUCKET)
    kept = sim.video[NAME].archive.persisted()[0]
    assert [key.rpartition("_")[0] for key in keys] == [
        f"a/b/north_{sim.account}_{NAME}_{kept.received + more}" for more in (0, 1_000)
    ]
    assert all(key.endswith(".png") for key in keys)
    assert sim.buckets.read(BUCKET, keys[0])[:4] == b"\x89PNG"


def test_a_bucket_that_refuses_is_told_and_stops_nothing(sim: Simulator) -> None:
    imaging(sim)
    sim.advance(minutes=1)
    sim.buckets.refuse(BUCKET)
    filmed(sim, **{IMAGE: ""})
    assert [(each.images, each.errors, each.error) for each in delivered(sim)] == [
        (0, 2, "S3.AccessDenied")
    ] * 2
    sim.buckets.accept(BUCKET)
    filmed(sim, **{IMAGE: ""})
    assert len(sim.buckets.keys(BUCKET)) == 4


def test_without_the_extra_all_else_goes_on(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    imaging(sim)
    sim.advance(minutes=1)
    monkeypatch.setitem(sys.modules, "av", None)
    filmed(sim, seconds=2, **{IMAGE: ""})
    [told] = delivered(sim)
    assert 'pip install "kinesis-lab[video]"' in told.error
    assert len(sim.video[NAME].archive.persisted()) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"SamplingInterval": 199}, "at least 200 ms"),
        ({"FormatConfig": {"JPEGQuality": "0"}}, "from 1 to 100"),
        ({"DestinationConfig": {"Uri": "https://a/b", "DestinationRegion": "us-east-1"}}, "s3://"),
    ],
)
def test_what_cannot_be_configured(sim: Simulator, more: dict[str, Any], said: str) -> None:
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError, match=f"InvalidArgumentException.*{said}"):
        imaging(sim, **more)


def test_tagged_fragments_are_told_to_a_topic(sim: Simulator) -> None:
    sns, sqs = sim.client("sns"), sim.client("sqs")
    topic = sns.create_topic(Name="fragments")["TopicArn"]
    queue = sqs.create_queue(QueueName="fragments")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    sim.client("kinesisvideo").update_notification_configuration(
        StreamName=NAME,
        NotificationConfiguration={"Status": "ENABLED", "DestinationConfig": {"Uri": topic}},
    )
    filmed(sim, seconds=2, **{NOTIFICATION: ""})
    sim.advance(minutes=1)
    filmed(sim, seconds=2)
    filmed(sim, seconds=2, **{NOTIFICATION: "", "dock": "7", "place": "praça"})
    rows = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    [told] = [json.loads(row["Body"]) for row in rows]
    kept = sim.video[NAME].archive.persisted()[-1]
    [at] = [each.at for each in sim.events.of(NotificationPublished)]
    assert at == stored(sim)[-1] + 200
    assert told["Subject"] == "Kinesis Video Streams Notification"
    assert json.loads(told["Message"]) == {
        "StreamArn": sim.video[NAME].arn,
        "FragmentNumber": kept.number,
        "FragmentStartProducerTimestamp": kept.produced,
        "FragmentStartServerTimestamp": kept.received,
        "NotificationType": "PERSISTED",
        "NotificationPayload": {"dock": "7", "place": "praça"},
    }


def test_a_topic_that_is_not_there_is_told(sim: Simulator) -> None:
    uri = f"arn:aws:sns:us-east-1:{sim.account}:nowhere"
    sim.client("kinesisvideo").update_notification_configuration(
        StreamName=NAME,
        NotificationConfiguration={"Status": "ENABLED", "DestinationConfig": {"Uri": uri}},
    )
    sim.advance(minutes=1)
    filmed(sim, seconds=2, **{NOTIFICATION: ""})
    assert [each.error for each in sim.events.of(NotificationPublished)] == ["NotFound"]
