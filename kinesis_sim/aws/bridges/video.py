"""CloudFormation's video streams and signaling channels, made here.

Properties are those of AWS::KinesisVideo::Stream and AWS::KinesisVideo::SignalingChannel in
CloudFormation's schemas (``schemas``); Ref gives the name, Fn::GetAtt the Arn. A stream's KMS key
cannot change (the API has no such call), and a property that an updated template leaves out stays
as it was where the API has no default for it (the model's choice).
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.aws.bridges.delivery import ask
from kinesis_sim.aws.bridges.labels import CHANNELS, VIDEO, retag, tags_of
from kinesis_sim.aws.bridges.settling import Step, patiently, unless_gone
from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError

STREAM, CHANNEL = "AWS::KinesisVideo::Stream", "AWS::KinesisVideo::SignalingChannel"
Properties = dict[str, Any]
_SERVICE = "kinesisvideo"
_HOT = {"DefaultStorageTier": "HOT"}
_SECONDS = 60
"""For which a channel keeps messages unless told otherwise (API reference, MessageTtlSeconds)."""


def create_stream(name: str, asked: Properties, region: str) -> tuple[str, Properties]:
    """Create a video stream: its name, and what GetAtt gives."""
    own = str(asked.get("Name") or name)
    members = ("DeviceName", "MediaType", "KmsKeyId", "DataRetentionInHours")
    request = {member: asked[member] for member in members if member in asked}
    request["StreamName"] = own
    if asked.get("StreamStorageConfiguration"):
        request["StreamStorageConfiguration"] = asked["StreamStorageConfiguration"]
    if asked.get("Tags"):
        request["Tags"] = tags_of(asked)
    return own, {"Arn": ask(_SERVICE, "CreateStream", request, region)["StreamARN"]}


def update_stream(name: str, before: Properties, after: Properties, region: str) -> list[Step]:
    """What changes a video stream, a step each: it is UPDATING for a while after most of them."""
    if before.get("KmsKeyId") != after.get("KmsKeyId"):
        raise ServiceError(CODE, f"Kinesis Lab does not change KmsKeyId of a {STREAM}.")
    steps: list[Step] = []
    told: Properties = {
        member: after[member]
        for member in ("DeviceName", "MediaType")
        if member in after and before.get(member) != after[member]
    }
    if told:
        steps.append(lambda: _change(name, "UpdateStream", told, region))
    more = int(after.get("DataRetentionInHours") or 0) - int(
        before.get("DataRetentionInHours") or 0
    )
    if more:
        verb = "INCREASE" if more > 0 else "DECREASE"
        kept = {"Operation": f"{verb}_DATA_RETENTION", "DataRetentionChangeInHours": abs(more)}
        steps.append(lambda: _change(name, "UpdateDataRetention", kept, region))
    tier, had = (each.get("StreamStorageConfiguration") or _HOT for each in (after, before))
    if tier != had:
        told_tier = {"StreamStorageConfiguration": {**_HOT, **tier}}
        steps.append(lambda: _change(name, "UpdateStreamStorageConfiguration", told_tier, region))
    steps.append(lambda: retag(VIDEO, _stream(name, region)["StreamARN"], before, after, region))
    return steps


def stream_status(name: str, _: Properties, region: str) -> str | None:
    """CREATING, UPDATING, ACTIVE or DELETING; None when it is not there."""
    told = unless_gone(_SERVICE, "DescribeStream", {"StreamName": name}, region)
    return None if told is None else str(told["StreamInfo"]["Status"])


def delete_stream(name: str, _: Properties, region: str) -> None:
    """Delete a video stream with its media; nothing where it is gone."""
    told = unless_gone(_SERVICE, "DescribeStream", {"StreamName": name}, region)
    if told is not None and told["StreamInfo"]["Status"] != "DELETING":
        arn = told["StreamInfo"]["StreamARN"]
        patiently(_SERVICE, "DeleteStream", {"StreamARN": arn}, region)


def _stream(name: str, region: str) -> dict[str, Any]:
    told = ask(_SERVICE, "DescribeStream", {"StreamName": name}, region)
    return dict(told["StreamInfo"])


def _change(name: str, operation: str, told: Properties, region: str) -> None:
    found = _stream(name, region)
    named = {"StreamARN": found["StreamARN"], "CurrentVersion": found["Version"]}
    ask(_SERVICE, operation, {**named, **told}, region)


# --- AWS::KinesisVideo::SignalingChannel ----------------------------------------------------------


def create_channel(name: str, asked: Properties, region: str) -> tuple[str, Properties]:
    """Create a signaling channel: its name, and what GetAtt gives."""
    own = str(asked.get("Name") or name)
    request: Properties = {"ChannelName": own, "ChannelType": asked.get("Type", "SINGLE_MASTER")}
    if "MessageTtlSeconds" in asked:
        seconds = {"MessageTtlSeconds": asked["MessageTtlSeconds"]}
        request["SingleMasterConfiguration"] = seconds
    if asked.get("Tags"):
        request["Tags"] = CHANNELS.told(tags_of(asked))
    return own, {"Arn": ask(_SERVICE, "CreateSignalingChannel", request, region)["ChannelARN"]}


def update_channel(name: str, before: Properties, after: Properties, region: str) -> list[Step]:
    """What changes a signaling channel, a step each."""
    steps: list[Step] = []
    seconds, was = (each.get("MessageTtlSeconds", _SECONDS) for each in (after, before))

    def wait() -> None:
        found = _channel(name, region)
        request = {
            "ChannelARN": found["ChannelARN"],
            "CurrentVersion": found["Version"],
            "SingleMasterConfiguration": {"MessageTtlSeconds": seconds},
        }
        ask(_SERVICE, "UpdateSignalingChannel", request, region)

    if seconds != was:
        steps.append(wait)
    steps.append(
        lambda: retag(CHANNELS, _channel(name, region)["ChannelARN"], before, after, region)
    )
    return steps


def channel_status(name: str, _: Properties, region: str) -> str | None:
    """CREATING, UPDATING, ACTIVE or DELETING; None when it is not there."""
    told = unless_gone(_SERVICE, "DescribeSignalingChannel", {"ChannelName": name}, region)
    return None if told is None else str(told["ChannelInfo"]["ChannelStatus"])


def delete_channel(name: str, _: Properties, region: str) -> None:
    """Delete a signaling channel; nothing where it is gone."""
    told = unless_gone(_SERVICE, "DescribeSignalingChannel", {"ChannelName": name}, region)
    if told is not None and told["ChannelInfo"]["ChannelStatus"] != "DELETING":
        arn = told["ChannelInfo"]["ChannelARN"]
        patiently(_SERVICE, "DeleteSignalingChannel", {"ChannelARN": arn}, region)


def _channel(name: str, region: str) -> dict[str, Any]:
    told = ask(_SERVICE, "DescribeSignalingChannel", {"ChannelName": name}, region)
    return dict(told["ChannelInfo"])
