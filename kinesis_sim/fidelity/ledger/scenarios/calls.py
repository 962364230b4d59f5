"""Signaling channels and what goes with them: the errors of three of video's APIs."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from kinesis_sim.fidelity.ledger.scenarios.video import CONTROL, NAME, video
from kinesis_sim.fidelity.ledger.stage import Book, Stage, raises

SIGNALING: Book = {}
STORAGE: Book = {}
DOOR = "doorbell"
NOWHERE = "arn:aws:kinesisvideo:us-east-1:123456789012:channel/nobody/1767225600000"
BY_CHANNEL = (
    "DeleteSignalingChannel",
    "DescribeMediaStorageConfiguration",
    "DescribeSignalingChannel",
    "GetSignalingChannelEndpoint",
    "UpdateMediaStorageConfiguration",
    "UpdateSignalingChannel",
)
BY_RESOURCE = ("ListTagsForResource", "TagResource", "UntagResource")


def door(stage: Stage, name: str = DOOR) -> str:
    """Create a signaling channel and wait until it is ACTIVE; its ARN."""
    client = stage.sim.client("kinesisvideo")
    answer = client.create_signaling_channel(ChannelName=name)
    stage.sim.advance(minutes=1)
    return str(answer["ChannelARN"])


def asked(stage: Stage, operation: str, arn: str, **params: Any) -> object:
    """A call about a channel, with what botocore's smallest value would get wrong filled in."""
    if operation in BY_RESOURCE:
        keys = {"UntagResource": {"TagKeyList": ["a"]}}
        return stage.call(operation, ResourceARN=arn, **{**keys.get(operation, {}), **params})
    if operation == "UpdateMediaStorageConfiguration":
        params.setdefault("MediaStorageConfiguration", {"Status": "DISABLED"})
    if operation == "UpdateSignalingChannel":
        params.setdefault("SingleMasterConfiguration", {"MessageTtlSeconds": 60})
    return stage.call(operation, ChannelARN=arn, **params)


@raises(CONTROL, "ResourceNotFoundException", *BY_CHANNEL, *BY_RESOURCE)
def nobody(stage: Stage, operation: str) -> object:
    """A channel that is not there."""
    return asked(stage, operation, NOWHERE)


@raises(CONTROL, "ResourceNotFoundException", "DescribeMappedResourceConfiguration")
def no_stream(stage: Stage, operation: str) -> object:
    """A stream that is not there."""
    return stage.call(operation, StreamName="nobody")


@raises(
    CONTROL,
    "InvalidArgumentException",
    "DescribeMappedResourceConfiguration",
    "DescribeMediaStorageConfiguration",
    "DescribeSignalingChannel",
)
def nameless(stage: Stage, operation: str) -> object:
    """Neither a name nor an ARN."""
    return stage.call(operation)


@raises(CONTROL, "InvalidArgumentException", "CreateSignalingChannel")
def a_mesh(stage: Stage, operation: str) -> object:
    """The type of channel that AWS does not have yet."""
    return stage.call(operation, ChannelName=DOOR, ChannelType="FULL_MESH")


@raises(CONTROL, "InvalidArgumentException", "GetSignalingChannelEndpoint")
def no_storage(stage: Stage, operation: str) -> object:
    """The storage endpoint of a channel that stores nothing."""
    protocols = {"Protocols": ["WEBRTC"], "Role": "MASTER"}
    arn = door(stage)
    return asked(stage, operation, arn, SingleMasterChannelEndpointConfiguration=protocols)


@raises(CONTROL, "InvalidArgumentException", "UpdateMediaStorageConfiguration")
def no_stream_named(stage: Stage, operation: str) -> object:
    """Storage in no stream."""
    enabled = {"Status": "ENABLED"}
    return asked(stage, operation, door(stage), MediaStorageConfiguration=enabled)


@raises(CONTROL, "InvalidArgumentException", "UpdateSignalingChannel")
def no_time(stage: Stage, operation: str) -> object:
    """An update that says nothing of how long messages wait."""
    arn = door(stage)
    row = stage.client.describe_signaling_channel(ChannelARN=arn)["ChannelInfo"]
    said = {"CurrentVersion": row["Version"], "SingleMasterConfiguration": {}}
    return asked(stage, operation, arn, **said)


@raises(CONTROL, "InvalidArgumentException", "ListSignalingChannels")
def strange_page(stage: Stage, operation: str) -> object:
    """A token that no answer gave."""
    return stage.call(operation, NextToken="nosuchtoken")


@raises(CONTROL, "InvalidArgumentException", "ListTagsForResource")
def strange_page_of_tags(stage: Stage, operation: str) -> object:
    """A token that no answer gave."""
    return asked(stage, operation, door(stage), NextToken="nosuchtoken")


@raises(CONTROL, "InvalidArgumentException", "TagResource")
def tag_of_aws(stage: Stage, operation: str) -> object:
    """A key that is for AWS's own tags."""
    return asked(stage, operation, door(stage), Tags=[{"Key": "aws:x", "Value": ""}])


@raises(CONTROL, "TagsPerResourceExceededLimitException", "TagResource")
def too_many_tags(stage: Stage, operation: str) -> object:
    """Fifty tags, and one more."""
    arn = door(stage)
    fifty = [{"Key": f"a{number}", "Value": ""} for number in range(50)]
    asked(stage, operation, arn, Tags=fifty)
    return asked(stage, operation, arn, Tags=[{"Key": "b", "Value": ""}])


@raises(CONTROL, "ResourceInUseException", "CreateSignalingChannel")
def taken(stage: Stage, operation: str) -> object:
    """A name that a channel has already."""
    door(stage)
    return stage.call(operation, ChannelName=DOOR)


@raises(
    CONTROL,
    "ResourceInUseException",
    "GetSignalingChannelEndpoint",
    "UpdateMediaStorageConfiguration",
    "UpdateSignalingChannel",
)
def not_yet(stage: Stage, operation: str) -> object:
    """A channel that is still being created."""
    client = stage.sim.client("kinesisvideo")
    arn = client.create_signaling_channel(ChannelName=DOOR)["ChannelARN"]
    return asked(stage, operation, arn)


@raises(CONTROL, "ResourceInUseException", "DeleteSignalingChannel")
def twice(stage: Stage, operation: str) -> object:
    """A channel that is being deleted."""
    arn = door(stage)
    asked(stage, operation, arn)
    return asked(stage, operation, arn)


@raises(CONTROL, "VersionMismatchException", "DeleteSignalingChannel", "UpdateSignalingChannel")
def old_version(stage: Stage, operation: str) -> object:
    """A version that is not the present one."""
    return asked(stage, operation, door(stage), CurrentVersion="old")


@raises(CONTROL, "NoDataRetentionException", "UpdateMediaStorageConfiguration")
def keeps_nothing(stage: Stage, operation: str) -> object:
    """Storage in a stream that keeps nothing."""
    arn = video(stage, DataRetentionInHours=0)
    enabled = {"Status": "ENABLED", "StreamARN": arn}
    return asked(stage, operation, door(stage), MediaStorageConfiguration=enabled)


@raises(CONTROL, "ClientLimitExceededException", *BY_CHANNEL, *BY_RESOURCE)
def too_often(stage: Stage, operation: str) -> object:
    """A sixth call in a second about one channel; of endpoints an account's 301st."""
    from botocore.exceptions import ClientError

    rate = "account_read_rate" if operation == "GetSignalingChannelEndpoint" else "call_rate"
    for _ in range(stage.sim.limits[f"video.{rate}"]):
        with suppress(ClientError):
            asked(stage, operation, NOWHERE)
    return asked(stage, operation, NOWHERE)


@raises(CONTROL, "ClientLimitExceededException", "DescribeMappedResourceConfiguration")
def too_often_of_a_stream(stage: Stage, operation: str) -> object:
    """A sixth call in a second about one stream."""
    video(stage)
    for _ in range(5):
        stage.call(operation, StreamName=NAME)
    return stage.call(operation, StreamName=NAME)


@raises(CONTROL, "ClientLimitExceededException", "ListSignalingChannels")
def too_often_in_all(stage: Stage, operation: str) -> object:
    """More calls in a second than an account has."""
    for _ in range(stage.sim.limits["video.account_call_rate"]):
        stage.call(operation)
    return stage.call(operation)


@raises(CONTROL, "ClientLimitExceededException", "CreateSignalingChannel")
def made_too_often(stage: Stage, operation: str) -> object:
    """More channels in a second than an account may create."""
    for number in range(stage.sim.limits["video.account_call_rate"]):
        stage.call(operation, ChannelName=f"door-{number}")
    return stage.call(operation, ChannelName=DOOR)


# --- kinesis-video-signaling ----------------------------------------------------------------------

OFFER = {"SenderClientId": "alexa", "MessagePayload": "aGk="}


def _signal(stage: Stage, operation: str, arn: str, **params: Any) -> object:
    more = OFFER if operation == "SendAlexaOfferToMaster" else {}
    return stage.call(operation, ChannelARN=arn, **{**more, **params})


@raises(SIGNALING, "ResourceNotFoundException", "GetIceServerConfig", "SendAlexaOfferToMaster")
def nobodys_relays(stage: Stage, operation: str) -> object:
    """A channel that is not there."""
    return _signal(stage, operation, NOWHERE)


@raises(SIGNALING, "InvalidClientException", "GetIceServerConfig")
def relays_of_the_service(stage: Stage, operation: str) -> object:
    """An id that no client can have."""
    return _signal(stage, operation, door(stage), ClientId="AWS_me")


@raises(SIGNALING, "InvalidArgumentException", "GetIceServerConfig")
def relays_of_a_stream(stage: Stage, operation: str) -> object:
    """The ARN of a stream in place of a channel's."""
    return _signal(stage, operation, NOWHERE.replace("channel", "stream"))


@raises(SIGNALING, "InvalidArgumentException", "SendAlexaOfferToMaster")
def offer_of_the_service(stage: Stage, operation: str) -> object:
    """An id that no client can have."""
    return _signal(stage, operation, door(stage), SenderClientId="AWS_me")


@raises(SIGNALING, "ClientLimitExceededException", "GetIceServerConfig", "SendAlexaOfferToMaster")
def signalled_too_often(stage: Stage, operation: str) -> object:
    """A sixth call in a second."""
    from botocore.exceptions import ClientError

    for _ in range(5):
        with suppress(ClientError):
            _signal(stage, operation, NOWHERE)
    return _signal(stage, operation, NOWHERE)


@raises(SIGNALING, "SessionExpiredException", "GetIceServerConfig")
def relays_after_45_minutes(stage: Stage, operation: str) -> object:
    """A viewer who connected 45 minutes ago, and has been heard of since."""
    arn = door(stage)
    said = {"ChannelARN": arn, "ClientId": "ana"}
    viewer = stage.sim.gate.converse(stage.service, "ConnectAsViewer", said)
    for _ in range(9):
        stage.sim.advance(minutes=5)
        viewer.take(b'{"action":"ICE_CANDIDATE","messagePayload":"e30="}')
    return _signal(stage, operation, arn, ClientId="ana")


# --- kinesis-video-webrtc-storage -----------------------------------------------------------------

JOINS = ("JoinStorageSession", "JoinStorageSessionAsViewer")


def _join(stage: Stage, operation: str, arn: str) -> object:
    more = {"clientId": "ana"} if operation == "JoinStorageSessionAsViewer" else {}
    return stage.call(operation, channelArn=arn, **more)


@raises(STORAGE, "ResourceNotFoundException", *JOINS)
def joins_nobody(stage: Stage, operation: str) -> object:
    """A channel that is not there."""
    return _join(stage, operation, NOWHERE)


@raises(STORAGE, "InvalidArgumentException", *JOINS)
def joins_what_is_not_stored(stage: Stage, operation: str) -> object:
    """A channel without storage."""
    return _join(stage, operation, door(stage))


@raises(STORAGE, "ClientLimitExceededException", *JOINS)
def joins_too_often(stage: Stage, operation: str) -> object:
    """A third call in a second."""
    from botocore.exceptions import ClientError

    for _ in range(2):
        with suppress(ClientError):
            _join(stage, operation, NOWHERE)
    return _join(stage, operation, NOWHERE)
