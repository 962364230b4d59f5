"""Tags of video streams (facts/video/2/tag-stream-untag-stream-list-tags)."""

from __future__ import annotations

from collections.abc import Mapping

from kinesis_sim.account import tags
from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.video import refusals
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.video_stream import VideoStream


def tag_stream(catalog: VideoCatalog, request: Request) -> Answer:
    """Add tags, a map; a key that is there gets the new value.

    Raises ResourceNotFoundException, InvalidResourceFormatException, and as ``checked_tags``.
    """
    stream = _stream(catalog, request)
    stream.tags.update(checked_tags(catalog, request["Tags"], stream.tags))
    return {}


def checked_tags(
    catalog: VideoCatalog, new: Mapping[str, str], present: Mapping[str, str]
) -> dict[str, str]:
    """The tags to put on what has ``present`` ones already; a key that is there is overwritten.

    Raises TagsPerResourceExceededLimitException, InvalidArgumentException for other characters than
    tags may have, or a key of AWS's own.
    """
    tags.check_characters([*new, *new.values()])
    if tags.reserved(new):
        raise refusals.invalid("A tag's key must not begin with aws:, which is for AWS's own.")
    most = catalog.limits["video.tags"]
    if len({*present, *new}) > most:
        raise refusals.too_many_tags(most)
    return dict(new)


def untag_stream(catalog: VideoCatalog, request: Request) -> Answer:
    """Remove tags; a key that is not there is no error."""
    stream = _stream(catalog, request)
    for key in request["TagKeyList"]:
        stream.tags.pop(key, None)
    return {}


def list_tags_for_stream(catalog: VideoCatalog, request: Request) -> Answer:
    """All tags: fifty fit into one answer."""
    stream = _stream(catalog, request)
    if request.get("NextToken") is not None:
        raise refusals.invalid("NextToken came with no answer: all tags are told at once.")
    return {"Tags": dict(stream.tags)}


def _stream(catalog: VideoCatalog, request: Request) -> VideoStream:
    arn = request.get("StreamARN")
    if arn is not None and ":stream/" not in arn:
        raise refusals.bad_arn(arn)
    return catalog.find(request)
