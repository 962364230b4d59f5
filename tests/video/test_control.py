"""The control plane: lives, versions, retention, tags, settings."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.video.events import VideoRetentionChanged, VideoStreamChanged
from tests.video.media import NAME


def info(client: Any, name: str = NAME) -> dict[str, Any]:
    found: dict[str, Any] = client.describe_stream(StreamName=name)["StreamInfo"]
    return found


def test_a_stream_is_created_active_and_deleted_in_time() -> None:
    sim = Simulator(latency=None)
    client = sim.client("kinesisvideo")
    arn = client.create_stream(StreamName=NAME, MediaType="video/h264", DeviceName="cam")[
        "StreamARN"
    ]
    assert arn == f"arn:aws:kinesisvideo:us-east-1:123456789012:stream/{NAME}/1767225600000"
    assert info(client)["Status"] == "CREATING"
    sim.advance(milliseconds=sim.delays["video.create_stream"])
    row = info(client)
    assert (row["Status"], row["DataRetentionInHours"], row["MediaType"], row["DeviceName"]) == (
        "ACTIVE",
        0,
        "video/h264",
        "cam",
    )
    assert row["KmsKeyId"].endswith(":alias/aws/kinesisvideo")
    client.delete_stream(StreamARN=arn)
    assert info(client)["Status"] == "DELETING"
    sim.advance(milliseconds=sim.delays["video.delete_stream"])
    with pytest.raises(ClientError) as caught:
        info(client)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert [(event.was, event.became) for event in sim.events.of(VideoStreamChanged)] == [
        (None, "CREATING"),
        ("CREATING", "ACTIVE"),
        ("ACTIVE", "DELETING"),
        ("DELETING", None),
    ]


def test_retention_changes_by_a_delta_and_the_version_with_it(sim: Simulator, video: Any) -> None:
    version = info(video)["Version"]
    change = {"StreamName": NAME, "CurrentVersion": version, "DataRetentionChangeInHours": 2}
    video.update_data_retention(**change, Operation="DECREASE_DATA_RETENTION")
    assert info(video)["Status"] == "UPDATING"
    sim.advance(milliseconds=sim.delays["video.update_stream"])
    row = info(video)
    assert (row["Status"], row["DataRetentionInHours"]) == ("ACTIVE", 22)
    assert row["Version"] != version
    with pytest.raises(ClientError, match="VersionMismatchException"):
        video.update_data_retention(**change, Operation="DECREASE_DATA_RETENTION")
    [_, event] = sim.events.of(VideoRetentionChanged)
    assert (event.was, event.became) == (24, 22)


@pytest.mark.parametrize(
    ("operation", "hours"),
    [("DECREASE_DATA_RETENTION", 25), ("INCREASE_DATA_RETENTION", 87_600 - 23)],
)
def test_retention_is_nothing_to_ten_years(video: Any, operation: str, hours: int) -> None:
    change = {"StreamName": NAME, "CurrentVersion": info(video)["Version"], "Operation": operation}
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        video.update_data_retention(**change, DataRetentionChangeInHours=hours)
    video.update_data_retention(**change, DataRetentionChangeInHours=hours - 1)


def test_device_media_type_and_tier_change(sim: Simulator, video: Any) -> None:
    video.update_stream(
        StreamName=NAME, CurrentVersion=info(video)["Version"], MediaType="video/h265"
    )
    sim.advance(seconds=5)
    assert info(video)["MediaType"] == "video/h265"
    video.update_stream_storage_configuration(
        StreamName=NAME,
        CurrentVersion=info(video)["Version"],
        StreamStorageConfiguration={"DefaultStorageTier": "WARM"},
    )
    sim.advance(seconds=5)
    told = video.describe_stream_storage_configuration(StreamName=NAME)
    assert told["StreamStorageConfiguration"] == {"DefaultStorageTier": "WARM"}


def test_streams_are_listed_by_name_in_pages() -> None:
    sim = Simulator(latency=None)
    client = sim.client("kinesisvideo")
    for name in ("porta", "dock-b", "dock-a"):
        client.create_stream(StreamName=name)
    pages = client.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 2})
    names = [[row["StreamName"] for row in page["StreamInfoList"]] for page in pages]
    assert names == [["dock-a", "dock-b"], ["porta"]]
    begins = {"ComparisonOperator": "BEGINS_WITH", "ComparisonValue": "dock"}
    found = client.list_streams(StreamNameCondition=begins)["StreamInfoList"]
    assert [row["StreamName"] for row in found] == ["dock-a", "dock-b"]


def test_an_account_has_ten_thousand_streams(sim: Simulator, video: Any) -> None:
    kept = sim.video.streams
    kept.update({f"camera-{number}": kept[NAME] for number in range(9_998)})
    video.create_stream(StreamName="the-last")
    with pytest.raises(ClientError, match="AccountStreamLimitExceededException"):
        video.create_stream(StreamName="one-more")


def test_a_stream_has_fifty_tags(video: Any) -> None:
    video.tag_stream(StreamName=NAME, Tags={f"tag-{number}": "" for number in range(49)})
    with pytest.raises(ClientError, match="TagsPerResourceExceededLimitException"):
        video.tag_stream(StreamName=NAME, Tags={"one": "", "more": ""})
    video.tag_stream(StreamName=NAME, Tags={"one": "", "tag-7": "again"})


def test_an_account_has_so_many_streams() -> None:
    sim = Simulator(latency=None, limits={"video.streams": 1})
    client = sim.client("kinesisvideo")
    client.create_stream(StreamName="a")
    with pytest.raises(ClientError, match="AccountStreamLimitExceededException"):
        client.create_stream(StreamName="b")


def test_tags_are_a_map(video: Any) -> None:
    video.tag_stream(StreamName=NAME, Tags={"city": "recife", "dock": "7"})
    video.tag_stream(StreamName=NAME, Tags={"dock": "8"})
    video.untag_stream(StreamName=NAME, TagKeyList=["city", "nothing"])
    assert video.list_tags_for_stream(StreamName=NAME)["Tags"] == {"dock": "8"}
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        video.tag_stream(StreamName=NAME, Tags={"aws:own": "x"})


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"AWS:own": "x"}, "InvalidArgumentException"),
        ({"a\tb": "x"}, "ValidationException"),
        ({"a": "x\n"}, "ValidationException"),
        ({"a#": "x"}, "ValidationException"),
    ],
)
def test_tags_have_the_characters_of_tags(video: Any, tags: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        video.tag_stream(StreamName=NAME, Tags=tags)
    with pytest.raises(ClientError, match=code):
        video.create_stream(StreamName="another", Tags=tags)
    assert video.list_tags_for_stream(StreamName=NAME)["Tags"] == {}
    assert [each["StreamName"] for each in video.list_streams()["StreamInfoList"]] == [NAME]


def test_pictures_and_notifications_are_kept_as_they_were_said(video: Any) -> None:
    images = {
        "Status": "ENABLED",
        "ImageSelectorType": "SERVER_TIMESTAMP",
        "DestinationConfig": {"Uri": "s3://pedala-frames", "DestinationRegion": "us-east-1"},
        "SamplingInterval": 1_000,
        "Format": "JPEG",
    }
    video.update_image_generation_configuration(
        StreamName=NAME, ImageGenerationConfiguration=images
    )
    told = video.describe_image_generation_configuration(StreamName=NAME)
    assert told["ImageGenerationConfiguration"] == images
    images["DestinationConfig"] = {"Uri": "s3://b", "DestinationRegion": "sa-east-1"}
    with pytest.raises(ClientError, match="sa-east-1; it must be in the stream's Region"):
        video.update_image_generation_configuration(
            StreamName=NAME, ImageGenerationConfiguration=images
        )
    topic = "arn:aws:sns:us-east-1:123456789012:motion"
    notify = {"Status": "ENABLED", "DestinationConfig": {"Uri": topic}}
    video.update_notification_configuration(StreamName=NAME, NotificationConfiguration=notify)
    told = video.describe_notification_configuration(StreamName=NAME)
    assert told["NotificationConfiguration"] == notify
    notify["DestinationConfig"] = {"Uri": f"{topic}.fifo"}
    with pytest.raises(ClientError, match="standard SNS topic"):
        video.update_notification_configuration(StreamName=NAME, NotificationConfiguration=notify)


def test_an_edge_agent_is_told_what_to_record(sim: Simulator, video: Any) -> None:
    hub = "arn:aws:iot:us-east-1:123456789012:thing/hub"
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:camera"
    media = {"MediaUriSecretArn": secret, "MediaUriType": "RTSP_URI"}
    config = {"HubDeviceArn": hub, "RecorderConfig": {"MediaSourceConfig": media}}
    began = video.start_edge_configuration_update(StreamName=NAME, EdgeConfig=config)
    assert began["SyncStatus"] == "SYNCING"
    told = video.describe_edge_configuration(StreamName=NAME)
    assert (told["EdgeConfig"], told["EdgeAgentStatus"]) == (config, {})
    [row] = video.list_edge_agent_configurations(HubDeviceArn=hub)["EdgeConfigs"]
    assert row["StreamName"] == NAME
    sim.advance(seconds=1)
    with pytest.raises(ClientError, match="ResourceInUseException"):
        video.start_edge_configuration_update(StreamName=NAME, EdgeConfig=config)
    sim.advance(minutes=15)
    told = video.describe_edge_configuration(StreamName=NAME)
    assert (told["SyncStatus"], bool(told["FailedStatusDetails"])) == ("SYNC_FAILED", True)
    other = {**config, "HubDeviceArn": f"{hub}-2"}
    with pytest.raises(ClientError, match="ResourceInUseException"):
        video.start_edge_configuration_update(StreamName=NAME, EdgeConfig=other)
    sim.advance(seconds=1)
    again = video.start_edge_configuration_update(StreamName=NAME, EdgeConfig=config)
    assert (again["SyncStatus"], again["CreationTime"]) == ("SYNCING", began["CreationTime"])
    video.delete_edge_configuration(StreamName=NAME)
    sim.advance(milliseconds=1_999)
    assert video.describe_edge_configuration(StreamName=NAME)["SyncStatus"] == "DELETING"
    sim.advance(milliseconds=1)
    assert video.list_edge_agent_configurations(HubDeviceArn=hub)["EdgeConfigs"] == []


def test_a_stream_is_found_by_name_or_by_its_own_arn(sim: Simulator, video: Any) -> None:
    arn = info(video)["StreamARN"]
    assert video.describe_stream(StreamARN=arn)["StreamInfo"]["StreamName"] == NAME
    sim.advance(seconds=1)
    for other in (arn + "0", arn.replace(NAME, "porta")):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            video.describe_stream(StreamARN=other)


def test_each_api_of_a_stream_has_an_endpoint(video: Any) -> None:
    apis = ("PUT_MEDIA", "GET_MEDIA", "LIST_FRAGMENTS", "GET_CLIP")
    found = [video.get_data_endpoint(StreamName=NAME, APIName=api)["DataEndpoint"] for api in apis]
    assert len(set(found)) == 4
    assert all(url.endswith(".kinesisvideo.us-east-1.amazonaws.com") for url in found)


def test_a_schedule_has_the_fields_of_quartz(sim: Simulator, video: Any) -> None:
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:camera"
    media = {"MediaUriSecretArn": secret, "MediaUriType": "RTSP_URI"}
    hub = "arn:aws:iot:us-east-1:123456789012:thing/hub"

    def start(expression: str) -> Any:
        schedule = {"ScheduleExpression": expression, "DurationInSeconds": 60}
        recorder = {"MediaSourceConfig": media, "ScheduleConfig": schedule}
        config = {"HubDeviceArn": hub, "RecorderConfig": recorder}
        sim.advance(seconds=1)
        return video.start_edge_configuration_update(StreamName=NAME, EdgeConfig=config)

    for wrong in ("* * * * ?  ", "every morning at nine", "0 0 9 * * ? * *"):
        with pytest.raises(ClientError, match="InvalidArgumentException"):
            start(wrong)
    assert start("0 0 9-17 ? * MON-FRI")["SyncStatus"] == "SYNCING"
