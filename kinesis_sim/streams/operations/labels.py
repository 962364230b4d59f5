"""Both families of tag operations: by stream name, by resource ARN (facts/data-streams §1.3)."""

from __future__ import annotations

from kinesis_sim.account import tags
from kinesis_sim.account.calls import Request
from kinesis_sim.streams import refusals
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.operations.consumers import named_consumer

_PAGE = 50


def add_tags_to_stream(kinesis: StreamCatalog, request: Request) -> Request:
    """Add tags to a stream; a key that is there gets the new value."""
    stream = kinesis.find(request.get("StreamName"), request.get("StreamARN"))
    checked = tags.checked(
        request["Tags"],
        stream.tags,
        f"stream {stream.name}",
        kinesis.account,
        kinesis.limits["account.tags"],
    )
    stream.tags.update(checked)
    return {}


def remove_tags_from_stream(kinesis: StreamCatalog, request: Request) -> Request:
    """Remove tags from a stream; keys it does not have are ignored.

    Raises InvalidArgumentException for keys that no tag can have (kinesalite's tests against AWS).
    """
    stream = kinesis.find(request.get("StreamName"), request.get("StreamARN"))
    tags.check_characters(request["TagKeys"])
    for key in request["TagKeys"]:
        stream.tags.pop(key, None)
    return {}


def list_tags_for_stream(kinesis: StreamCatalog, request: Request) -> Request:
    """A stream's tags by key, at most 50 a page."""
    stream = kinesis.find(request.get("StreamName"), request.get("StreamARN"))
    after = request.get("ExclusiveStartTagKey")
    keys = sorted(key for key in stream.tags if after is None or key > after)
    limit = min(request.get("Limit") or _PAGE, _PAGE)
    page = [{"Key": key, "Value": stream.tags[key]} for key in keys[:limit]]
    return {"Tags": page, "HasMoreTags": len(keys) > limit}


def tag_resource(kinesis: StreamCatalog, request: Request) -> Request:
    """Add tags to a stream or consumer by its ARN."""
    what, have = _tags_of(kinesis, request["ResourceARN"])
    have.update(
        tags.checked(request["Tags"], have, what, kinesis.account, kinesis.limits["account.tags"])
    )
    return {}


def untag_resource(kinesis: StreamCatalog, request: Request) -> Request:
    """Remove tags from a stream or consumer by its ARN; unknown keys are ignored.

    Raises InvalidArgumentException as remove_tags_from_stream does.
    """
    _, have = _tags_of(kinesis, request["ResourceARN"])
    tags.check_characters(request["TagKeys"])
    for key in request["TagKeys"]:
        have.pop(key, None)
    return {}


def list_tags_for_resource(kinesis: StreamCatalog, request: Request) -> Request:
    """The tags of a stream or consumer by its ARN, in the order of their keys."""
    _, have = _tags_of(kinesis, request["ResourceARN"])
    return {"Tags": [{"Key": key, "Value": have[key]} for key in sorted(have)]}


def _tags_of(kinesis: StreamCatalog, arn: str) -> tuple[str, dict[str, str]]:
    """What an ARN names, and its tags. Raises ResourceNotFoundException and as ``at_home``."""
    kinesis.at_home(arn)
    if ":queue/" in arn:
        queue = kinesis.queues.get(arn)
        if queue is None:
            raise refusals.not_found(f"Queue {arn} under account {kinesis.account} not found.")
        return f"queue {queue.name}", queue.tags
    if ":channel/" in arn:
        channel = kinesis.channels.get(arn)
        if channel is None:
            raise refusals.not_found(f"Channel {arn} under account {kinesis.account} not found.")
        return f"channel {channel.name}", channel.tags
    if "/consumer/" not in arn:
        stream = kinesis.find(None, arn)
        return f"resource {arn}", stream.tags
    consumer = kinesis.consumers.get(arn)
    if consumer is None:
        raise refusals.no_consumer(*named_consumer(arn), kinesis.account)
    return f"resource {arn}", consumer.tags
