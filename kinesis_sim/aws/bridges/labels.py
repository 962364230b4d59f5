"""Tags in a template: a list of keys and values, changed as CloudFormation changes them.

What is new or different is put, what the template no longer has is taken away.
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.aws.bridges.delivery import ask

Properties = dict[str, Any]


def tags_of(properties: Properties) -> dict[str, str]:
    """The tags of a resource's properties, by key."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in properties.get("Tags") or ()}


def retag(service: str, resource: str, before: Properties, after: Properties, region: str) -> None:
    """Have a resource of a service's carry its template's tags.

    service: kinesis, lambda or firehose. resource: its ARN; a name, of firehose.
    """
    had, wanted = tags_of(before), tags_of(after)
    gone = sorted(had.keys() - wanted.keys())
    fresh = {key: value for key, value in wanted.items() if had.get(key) != value}
    put, take, member, listed = _CALLS[service]
    if gone:
        ask(service, take, {member: resource, "TagKeys": gone}, region)
    if fresh:
        rows = [{"Key": key, "Value": value} for key, value in fresh.items()]
        ask(service, put, {member: resource, "Tags": rows if listed else fresh}, region)


_CALLS = {
    "kinesis": ("TagResource", "UntagResource", "ResourceARN", False),
    "lambda": ("TagResource", "UntagResource", "Resource", False),
    "firehose": ("TagDeliveryStream", "UntagDeliveryStream", "DeliveryStreamName", True),
}
"""By service: what puts tags, what takes them away, what names the resource, a list or not."""
