"""Kinesis Video Streams: what is not there, in the way, of another version, or too much."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from kinesis_sim.fidelity.ledger.stage import Book, Stage, raises

CONTROL: Book = {}
MEDIA: Book = {}
NAME = "dock-camera"
HUB = "arn:aws:iot:us-east-1:123456789012:thing/hub"
BY_NAME = (
    "DeleteEdgeConfiguration",
    "DescribeEdgeConfiguration",
    "DescribeImageGenerationConfiguration",
    "DescribeNotificationConfiguration",
    "DescribeStream",
    "DescribeStreamStorageConfiguration",
    "GetDataEndpoint",
    "ListTagsForStream",
    "TagStream",
    "UntagStream",
    "UpdateDataRetention",
    "UpdateImageGenerationConfiguration",
    "UpdateNotificationConfiguration",
    "UpdateStream",
    "UpdateStreamStorageConfiguration",
    "StartEdgeConfigurationUpdate",
)
VERSIONED = ("UpdateDataRetention", "UpdateStream", "UpdateStreamStorageConfiguration")
NEEDS_RETENTION = (
    "StartEdgeConfigurationUpdate",
    "UpdateImageGenerationConfiguration",
    "UpdateNotificationConfiguration",
)


def video(stage: Stage, **settings: Any) -> str:
    """Create a video stream and wait until it is ACTIVE; its ARN."""
    client = stage.sim.client("kinesisvideo")
    answer = client.create_stream(StreamName=NAME, **{"DataRetentionInHours": 1, **settings})
    stage.sim.advance(minutes=1)
    return str(answer["StreamARN"])


def asked(stage: Stage, operation: str, **params: Any) -> object:
    """A call with what botocore's smallest value would get wrong filled in."""
    if operation == "StartEdgeConfigurationUpdate":
        params.setdefault("EdgeConfig", edge())
    if operation == "UntagStream":
        params.setdefault("TagKeyList", ["a"])
    return stage.call(operation, **params)


def edge() -> dict[str, Any]:
    """What an edge agent is told to record."""
    source = "arn:aws:secretsmanager:us-east-1:123456789012:secret:camera"
    media = {"MediaUriSecretArn": source, "MediaUriType": "RTSP_URI"}
    return {"HubDeviceArn": HUB, "RecorderConfig": {"MediaSourceConfig": media}}


@raises(CONTROL, "ResourceNotFoundException", *BY_NAME)
def nobody(stage: Stage, operation: str) -> object:
    """A stream that is not there."""
    return asked(stage, operation, StreamName="nobody")


@raises(CONTROL, "ResourceNotFoundException", "DeleteStream")
def nobody_by_arn(stage: Stage, operation: str) -> object:
    """The ARN of a stream that is not there."""
    arn = "arn:aws:kinesisvideo:us-east-1:123456789012:stream/nobody/1767225600000"
    return stage.call(operation, StreamARN=arn)


@raises(CONTROL, "InvalidArgumentException", *BY_NAME)
def nameless(stage: Stage, operation: str) -> object:
    """Neither a name nor an ARN."""
    return asked(stage, operation)


@raises(CONTROL, "InvalidArgumentException", "CreateStream")
def too_long(stage: Stage, operation: str) -> object:
    """A retention of more than ten years."""
    return stage.call(operation, StreamName=NAME, DataRetentionInHours=87_601)


@raises(CONTROL, "InvalidArgumentException", "ListStreams", "ListEdgeAgentConfigurations")
def strange_page(stage: Stage, operation: str) -> object:
    """A token that no answer gave."""
    more = {"HubDeviceArn": HUB} if operation == "ListEdgeAgentConfigurations" else {}
    return stage.call(operation, NextToken="nosuchtoken", **more)


@raises(CONTROL, "ResourceInUseException", "CreateStream")
def taken(stage: Stage, operation: str) -> object:
    """A name that a stream has already."""
    video(stage)
    return stage.call(operation, StreamName=NAME)


@raises(CONTROL, "ResourceInUseException", *VERSIONED, *NEEDS_RETENTION)
def not_yet(stage: Stage, operation: str) -> object:
    """A stream that is still being created."""
    stage.sim.client("kinesisvideo").create_stream(StreamName=NAME)
    return asked(stage, operation, StreamName=NAME)


@raises(CONTROL, "ResourceInUseException", "DeleteStream")
def twice(stage: Stage, operation: str) -> object:
    """A stream that is being deleted."""
    arn = video(stage)
    stage.call(operation, StreamARN=arn)
    return stage.call(operation, StreamARN=arn)


@raises(CONTROL, "VersionMismatchException", *VERSIONED)
def old_version(stage: Stage, operation: str) -> object:
    """A version that is not the present one."""
    video(stage)
    return stage.call(operation, StreamName=NAME, CurrentVersion="old")


@raises(CONTROL, "VersionMismatchException", "DeleteStream")
def old_version_by_arn(stage: Stage, operation: str) -> object:
    """A version that is not the present one."""
    return stage.call(operation, StreamARN=video(stage), CurrentVersion="old")


@raises(CONTROL, "NoDataRetentionException", *NEEDS_RETENTION)
def keeps_nothing(stage: Stage, operation: str) -> object:
    """A stream that keeps no media."""
    video(stage, DataRetentionInHours=0)
    return asked(stage, operation, StreamName=NAME)


@raises(
    CONTROL,
    "StreamEdgeConfigurationNotFoundException",
    "DeleteEdgeConfiguration",
    "DescribeEdgeConfiguration",
)
def no_edge(stage: Stage, operation: str) -> object:
    """A stream that no edge agent was told of."""
    video(stage)
    return stage.call(operation, StreamName=NAME)


@raises(CONTROL, "InvalidResourceFormatException", "ListTagsForStream", "TagStream", "UntagStream")
def a_channel(stage: Stage, operation: str) -> object:
    """The ARN of a channel in place of a stream's."""
    arn = "arn:aws:kinesisvideo:us-east-1:123456789012:channel/porta/1767225600000"
    return asked(stage, operation, StreamARN=arn)


@raises(CONTROL, "TagsPerResourceExceededLimitException", "TagStream")
def too_many_tags(stage: Stage, operation: str) -> object:
    """Fifty tags, and one more."""
    video(stage, Tags={f"a{number}": "" for number in range(50)})
    return stage.call(operation, StreamName=NAME, Tags={"b": ""})


@raises(CONTROL, "ClientLimitExceededException", *BY_NAME, "DeleteStream")
def too_often(stage: Stage, operation: str) -> object:
    """A sixth call in a second about one stream."""
    from botocore.exceptions import ClientError

    arn = "arn:aws:kinesisvideo:us-east-1:123456789012:stream/nobody/1767225600000"
    for _ in range(5):
        with suppress(ClientError):
            asked(stage, operation, StreamARN=arn)
    return asked(stage, operation, StreamARN=arn)


@raises(CONTROL, "ClientLimitExceededException", "ListEdgeAgentConfigurations", "ListStreams")
def too_often_in_all(stage: Stage, operation: str) -> object:
    """More calls in a second than an account has, of an operation that is about none."""
    more = {"HubDeviceArn": HUB} if operation == "ListEdgeAgentConfigurations" else {}
    for _ in range(stage.sim.limits["video.account_call_rate"]):
        stage.call(operation, **more)
    return stage.call(operation, **more)


@raises(CONTROL, "ClientLimitExceededException", "CreateStream")
def made_too_often(stage: Stage, operation: str) -> object:
    """More streams in a second than an account may create."""
    for number in range(stage.sim.limits["video.account_call_rate"]):
        stage.call(operation, StreamName=f"camera-{number}")
    return stage.call(operation, StreamName=NAME)


# --- live media -----------------------------------------------------------------------------------

NOW = {"StartSelectorType": "NOW"}


@raises(MEDIA, "ResourceNotFoundException", "GetMedia")
def nobodys_media(stage: Stage, operation: str) -> object:
    """A stream that is not there."""
    return stage.call(operation, StreamName="nobody", StartSelector=NOW)


@raises(MEDIA, "InvalidArgumentException", "GetMedia")
def from_nowhere(stage: Stage, operation: str) -> object:
    """A selector without the number that it needs."""
    video(stage)
    selector = {"StartSelectorType": "FRAGMENT_NUMBER"}
    return stage.call(operation, StreamName=NAME, StartSelector=selector)


@raises(MEDIA, "ConnectionLimitExceededException", "GetMedia")
def a_fourth_reader(stage: Stage, operation: str) -> object:
    """A stream has three connections that read it."""
    video(stage)
    held = [stage.call(operation, StreamName=NAME, StartSelector=NOW) for _ in range(3)]
    return held, stage.call(operation, StreamName=NAME, StartSelector=NOW)


@raises(MEDIA, "ClientLimitExceededException", "GetMedia")
def read_too_often(stage: Stage, operation: str) -> object:
    """A sixth call in a second."""
    from botocore.exceptions import ClientError

    for _ in range(5):
        with suppress(ClientError):
            stage.call(operation, StreamName="nobody", StartSelector=NOW)
    return stage.call(operation, StreamName="nobody", StartSelector=NOW)
