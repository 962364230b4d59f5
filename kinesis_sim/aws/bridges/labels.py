"""Tags in a template: a list of keys and values, changed as CloudFormation changes them.

What is new or different is put, what the template no longer has is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kinesis_sim.aws.bridges.delivery import ask

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Labelling:
    """How an API labels. resource: the member that names what; is_list: of keys and values."""

    service: str
    put: str = "TagResource"
    take: str = "UntagResource"
    resource: str = "ResourceARN"
    keys: str = "TagKeys"
    is_list: bool = False

    def told(self, tags: dict[str, str]) -> Any:
        """Tags as the API takes them."""
        if not self.is_list:
            return tags
        return [{"Key": key, "Value": value} for key, value in tags.items()]


STREAMS = Labelling("kinesis")
MAPPINGS = Labelling("lambda", resource="Resource")
HOSES = Labelling(
    "firehose", "TagDeliveryStream", "UntagDeliveryStream", "DeliveryStreamName", is_list=True
)
VIDEO = Labelling("kinesisvideo", "TagStream", "UntagStream", "StreamARN", "TagKeyList")
CHANNELS = Labelling("kinesisvideo", keys="TagKeyList", is_list=True)
APPLICATIONS = Labelling("kinesisanalyticsv2", is_list=True)


def tags_of(properties: Properties) -> dict[str, str]:
    """The tags of a resource's properties, by key."""
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in properties.get("Tags") or ()}


def retag(
    way: Labelling, resource: str, before: Properties, after: Properties, region: str
) -> None:
    """Have a resource carry its template's tags. resource: what ``way.resource`` takes."""
    had, wanted = tags_of(before), tags_of(after)
    gone = sorted(had.keys() - wanted.keys())
    fresh = {key: value for key, value in wanted.items() if had.get(key) != value}
    if gone:
        ask(way.service, way.take, {way.resource: resource, way.keys: gone}, region)
    if fresh:
        ask(way.service, way.put, {way.resource: resource, "Tags": way.told(fresh)}, region)
