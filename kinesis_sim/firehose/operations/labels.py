"""TagDeliveryStream, UntagDeliveryStream, ListTagsForDeliveryStream (facts/firehose §1.1)."""

from __future__ import annotations

from collections.abc import Sequence

from kinesis_sim.account import tags
from kinesis_sim.account.calls import Request
from kinesis_sim.firehose import refusals
from kinesis_sim.firehose.catalog import FirehoseCatalog
from kinesis_sim.firehose.delivery_stream import DeliveryStream
from kinesis_sim.firehose.states import DeliveryStreamStatus

_PAGE = 50


def tag_delivery_stream(firehose: FirehoseCatalog, request: Request) -> Request:
    """Add tags; a key that is there gets the new value.

    Raises ResourceNotFoundException, ResourceInUseException while the stream is DELETING,
    InvalidArgumentException for other characters or the reserved prefix, LimitExceededException
    for more than 50 (model's choice: the error is declared, and what else could it be for).
    """
    stream = _changeable(firehose, request)
    new = told_tags(request["Tags"])
    account, most = firehose.ports.account, firehose.limits["account.tags"]
    if len({*new, *stream.tags}) > most:
        raise refusals.limit(
            f"Firehose {stream.name} would have {len({*new, *stream.tags})} tags, and may have "
            f"{most}: remove some first."
        )
    what = f"Firehose {stream.name}"
    stream.tags.update(tags.checked(new, stream.tags, what, account, most))
    return {}


def told_tags(rows: Sequence[Request]) -> dict[str, str]:
    """Tags of a request by their keys; of a key that comes twice the last value counts.

    Raises InvalidArgumentException for a tag without a value, as recorded (the words are the
    model's); botocore calls the value optional (facts/firehose/1.1/tag-without-a-value).
    """
    for tag in rows:
        if tag.get("Value") is None:
            raise refusals.invalid(f"Tag {tag['Key']} has no value: give one, which may be empty.")
    return {tag["Key"]: tag["Value"] for tag in rows}


def _changeable(firehose: FirehoseCatalog, request: Request) -> DeliveryStream:
    """A stream that is there to stay; CREATING ones take tags, too (CAP docs/firehose)."""
    stream = firehose.find(request["DeliveryStreamName"])
    if stream.status is DeliveryStreamStatus.DELETING:
        raise refusals.going(stream.name, firehose.ports.account)
    return stream


def untag_delivery_stream(firehose: FirehoseCatalog, request: Request) -> Request:
    """Remove tags; unknown keys are ignored. Raises as tagging does, but for tags."""
    stream = _changeable(firehose, request)
    for key in request["TagKeys"]:
        stream.tags.pop(key, None)
    return {}


def list_tags_for_delivery_stream(firehose: FirehoseCatalog, request: Request) -> Request:
    """A stream's tags by key, at most 50 a page. Raises ResourceNotFoundException."""
    stream = firehose.find(request["DeliveryStreamName"])
    after = request.get("ExclusiveStartTagKey")
    keys = sorted(key for key in stream.tags if after is None or key > after)
    limit = min(request.get("Limit") or _PAGE, _PAGE)
    page = [{"Key": key, "Value": stream.tags[key]} for key in keys[:limit]]
    return {"Tags": page, "HasMoreTags": len(keys) > limit}
