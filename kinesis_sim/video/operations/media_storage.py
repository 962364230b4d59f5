"""Which stream keeps a channel's media (facts/video/2/update-media-storage-configuration)."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.video import refusals
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.paging import page


def describe_media_storage_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """Whether a channel stores its media, and where. Raises ResourceNotFoundException."""
    stored = catalog.channels.find(request).storage
    found = {"Status": "DISABLED"} if stored is None else {"Status": "ENABLED", "StreamARN": stored}
    return {"MediaStorageConfiguration": found}


def update_media_storage_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """Map a channel to a stream, or no longer; in force at once (model's choice).

    A storage session is over with it.

    Raises ResourceNotFoundException, ResourceInUseException when either is not ACTIVE or the stream
    is another channel's, NoDataRetentionException, InvalidArgumentException for no stream.
    """
    channel = catalog.channels.find(request)
    channel.check_active()
    wanted = request["MediaStorageConfiguration"]
    if wanted["Status"] == "DISABLED":
        channel.storage = None
        for member in (*channel.stored.values(),):
            member.close("storage disabled")
        return {}
    if "StreamARN" not in wanted:
        raise refusals.invalid("A channel that is to store its media needs a StreamARN.")
    stream = catalog.find({"StreamARN": wanted["StreamARN"]})
    stream.check_active()
    if not stream.archive.retention:
        raise refusals.no_retention(stream.name)
    if any(each.storage == stream.arn and each is not channel for each in catalog.channels):
        raise refusals.in_use(f"The stream {stream.name} is mapped to another channel.")
    channel.storage = stream.arn
    return {}


def describe_mapped_resource_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """The channel whose media a stream keeps; the name of its Type is the model's choice.

    Raises ResourceNotFoundException.
    """
    stream = catalog.find(request)
    rows = [
        {"Type": "SIGNALING_CHANNEL", "ARN": each.arn}
        for each in catalog.channels
        if each.storage == stream.arn
    ]
    return page("MappedResourceConfigurationList", rows, request, key="ARN", most=1)
