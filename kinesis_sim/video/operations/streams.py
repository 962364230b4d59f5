"""Creating, describing, changing and deleting video streams (facts/video §2)."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.video import refusals
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.operations.tags import checked_tags
from kinesis_sim.video.paging import page

_MOST = 10_000


def create_stream(catalog: VideoCatalog, request: Request) -> Answer:
    """Create a stream; it is ACTIVE after a while.

    Raises ResourceInUseException for a name that is taken, AccountStreamLimitExceededException,
    TagsPerResourceExceededLimitException, InvalidArgumentException for too long a retention or tags
    that AWS does not take.
    """
    name, limits = request["StreamName"], catalog.limits
    if name in catalog.streams:
        raise refusals.in_use(f"There is a stream {name} already.")
    if len(catalog.streams) >= limits["video.streams"]:
        raise refusals.too_many_streams(limits["video.streams"])
    checked_tags(catalog, request.get("Tags") or {}, {})
    _check_hours(catalog, request.get("DataRetentionInHours") or 0)
    return {"StreamARN": catalog.make(request).arn}


def describe_stream(catalog: VideoCatalog, request: Request) -> Answer:
    """A stream's settings and status. Raises ResourceNotFoundException."""
    return {"StreamInfo": catalog.find(request).row()}


def list_streams(catalog: VideoCatalog, request: Request) -> Answer:
    """The streams in the order of their names, a page of them."""
    condition = request.get("StreamNameCondition") or {}
    prefix = condition.get("ComparisonValue", "")
    streams = sorted(catalog, key=lambda stream: stream.name)
    rows = [each.row() for each in streams if each.name.startswith(prefix)]
    return page("StreamInfoList", rows, request, key="StreamARN", most=_MOST)


def update_stream(catalog: VideoCatalog, request: Request) -> Answer:
    """Change device name or media type; it is UPDATING for a while.

    Raises ResourceNotFoundException, ResourceInUseException, VersionMismatchException.
    """
    stream = catalog.find(request)
    stream.check_active()
    stream.check_version(request["CurrentVersion"])

    def apply() -> None:
        stream.device = request.get("DeviceName", stream.device)
        stream.media_type = request.get("MediaType", stream.media_type)

    catalog.change(stream, apply)
    return {}


def delete_stream(catalog: VideoCatalog, request: Request) -> Answer:
    """Delete a stream and its media.

    Raises ResourceNotFoundException, VersionMismatchException, ResourceInUseException while it is
    being deleted, or recorded for by an edge agent.
    """
    stream = catalog.find(request)
    if stream.life.name == "DELETING":
        raise refusals.in_use(f"The stream {stream.name} is DELETING.")
    stream.check_version(request.get("CurrentVersion"))
    catalog.delete(stream)
    return {}


def update_data_retention(catalog: VideoCatalog, request: Request) -> Answer:
    """Keep media longer or shorter, by so many hours; what is too old then is gone.

    Raises ResourceNotFoundException, ResourceInUseException, VersionMismatchException,
    InvalidArgumentException for a period below none or above ten years.
    """
    stream = catalog.find(request)
    stream.check_active()
    stream.check_version(request["CurrentVersion"])
    more = request["Operation"] == "INCREASE_DATA_RETENTION"
    change = request["DataRetentionChangeInHours"]
    hours = stream.archive.retention + (change if more else -change)
    _check_hours(catalog, hours)
    catalog.change(stream, lambda: catalog.keep_for(stream, hours))
    return {}


def _check_hours(catalog: VideoCatalog, hours: int) -> None:
    most = catalog.limits["video.retention_most"]
    if not 0 <= hours <= most:
        raise refusals.invalid(
            f"A data retention of {hours} hours is not possible; it is 0 to {most} hours."
        )


def describe_stream_storage_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """In which tier media is stored. Raises ResourceNotFoundException."""
    stream = catalog.find(request)
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "StreamStorageConfiguration": {"DefaultStorageTier": stream.tier},
    }


def update_stream_storage_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """Store what comes from now on in another tier.

    Raises ResourceNotFoundException, ResourceInUseException, VersionMismatchException.
    """
    stream = catalog.find(request)
    stream.check_active()
    stream.check_version(request["CurrentVersion"])
    tier = request["StreamStorageConfiguration"]["DefaultStorageTier"]

    def apply() -> None:
        stream.tier = tier

    catalog.change(stream, apply)
    return {}
