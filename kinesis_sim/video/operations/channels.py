"""Signaling channels: their lives, where they are reached, their tags (facts/video §2)."""

from __future__ import annotations

from collections.abc import Iterable

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.video import refusals
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.hosts import signaling_endpoint
from kinesis_sim.video.paging import page

_MOST = 10_000


def create_signaling_channel(catalog: VideoCatalog, request: Request) -> Answer:
    """Create a channel; it is ACTIVE after a while.

    Raises ResourceInUseException for a name that is taken, AccountChannelLimitExceededException,
    InvalidArgumentException for the type FULL_MESH, which AWS does not have either.
    """
    name = request["ChannelName"]
    if request.get("ChannelType", "SINGLE_MASTER") != "SINGLE_MASTER":
        raise refusals.invalid("SINGLE_MASTER is the only ChannelType that there is.")
    _check_keys(row["Key"] for row in request.get("Tags") or [])
    if name in catalog.channels:
        raise refusals.in_use(f"There is a channel {name} already.")
    if len(catalog.channels) >= catalog.channels.most:
        raise refusals.too_many_channels(catalog.channels.most)
    return {"ChannelARN": catalog.channels.make(request).arn}


def describe_signaling_channel(catalog: VideoCatalog, request: Request) -> Answer:
    """A channel's settings and status. Raises ResourceNotFoundException."""
    return {"ChannelInfo": catalog.channels.find(request).row()}


def list_signaling_channels(catalog: VideoCatalog, request: Request) -> Answer:
    """The channels in the order of their names, a page of them."""
    condition = request.get("ChannelNameCondition") or {}
    prefix = condition.get("ComparisonValue", "")
    channels = sorted(catalog.channels, key=lambda channel: channel.name)
    rows = [each.row() for each in channels if each.name.startswith(prefix)]
    return page("ChannelInfoList", rows, request, key="ChannelARN", most=_MOST)


def update_signaling_channel(catalog: VideoCatalog, request: Request) -> Answer:
    """Let messages wait for another time; it is UPDATING for a while.

    Raises ResourceNotFoundException, ResourceInUseException, VersionMismatchException,
    InvalidArgumentException without a time, which such a channel's update must have.
    """
    channel = catalog.channels.find(request)
    channel.check_active()
    channel.check_version(request["CurrentVersion"])
    settings = request.get("SingleMasterConfiguration") or {}
    if "MessageTtlSeconds" not in settings:
        raise refusals.invalid("SingleMasterConfiguration with MessageTtlSeconds is missing.")
    catalog.channels.change(channel, settings["MessageTtlSeconds"])
    return {}


def delete_signaling_channel(catalog: VideoCatalog, request: Request) -> Answer:
    """Delete a channel; its peers are closed at once.

    Raises ResourceNotFoundException, VersionMismatchException, ResourceInUseException while it is
    being deleted.
    """
    channel = catalog.channels.find(request)
    if channel.life.name == "DELETING":
        raise refusals.in_use(f"The channel {channel.name} is DELETING.")
    channel.check_version(request.get("CurrentVersion"))
    catalog.channels.delete(channel)
    return {}


def get_signaling_channel_endpoint(catalog: VideoCatalog, request: Request) -> Answer:
    """Where a channel is reached, by protocol, for one role (facts/video §1).

    Without a configuration: WSS and HTTPS for a master (model's choice). Raises
    ResourceNotFoundException, ResourceInUseException, InvalidArgumentException for WEBRTC of a
    channel that does not store its media.
    """
    channel = catalog.channels.find(request)
    if not channel.is_open:
        raise refusals.in_use(f"The channel {channel.name} is {channel.life.name}.")
    wanted = request.get("SingleMasterChannelEndpointConfiguration") or {}
    protocols = dict.fromkeys(wanted.get("Protocols") or ("WSS", "HTTPS"))
    if "WEBRTC" in protocols and channel.storage is None:
        raise refusals.invalid(f"WEBRTC: the channel {channel.name} does not store its media.")
    role = wanted.get("Role", "MASTER")
    return {
        "ResourceEndpointList": [
            {
                "Protocol": each,
                "ResourceEndpoint": signaling_endpoint(catalog, channel.arn, each, role),
            }
            for each in protocols
        ]
    }


# --- tags -----------------------------------------------------------------------------------------


def tag_resource(catalog: VideoCatalog, request: Request) -> Answer:
    """Add tags to a channel; a key that is there gets the new value.

    Raises ResourceNotFoundException, TagsPerResourceExceededLimitException,
    InvalidArgumentException for a key that begins with aws:.
    """
    channel = catalog.channels.find(request)
    new = {row["Key"]: row["Value"] for row in request["Tags"]}
    _check_keys(new)
    most = catalog.limits["video.tags"]
    if len({*channel.tags, *new}) > most:
        raise refusals.too_many_tags(most)
    channel.tags.update(new)
    return {}


def untag_resource(catalog: VideoCatalog, request: Request) -> Answer:
    """Remove tags of a channel; a key that is not there is no error."""
    channel = catalog.channels.find(request)
    for key in request["TagKeyList"]:
        channel.tags.pop(key, None)
    return {}


def list_tags_for_resource(catalog: VideoCatalog, request: Request) -> Answer:
    """All tags of a channel: fifty fit into one answer."""
    channel = catalog.channels.find(request)
    if request.get("NextToken") is not None:
        raise refusals.invalid("NextToken came with no answer: all tags are told at once.")
    return {"Tags": dict(channel.tags)}


def _check_keys(keys: Iterable[str]) -> None:
    if any(key.lower().startswith("aws:") for key in keys):
        raise refusals.invalid("A tag's key must not begin with aws:, which is for AWS's own.")
