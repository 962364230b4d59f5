"""CloudFormation's readers of data streams, made here: consumers and event source mappings.

And policies of streams and consumers. Properties, and what Ref and GetAtt give, are those of
AWS::Kinesis::StreamConsumer, AWS::Kinesis::ResourcePolicy and AWS::Lambda::EventSourceMapping in
CloudFormation's reference. A consumer cannot be changed: other tags make another one, too.
"""

from __future__ import annotations

import json
from typing import Any

from kinesis_sim.aws.bridges.delivery import ask, asking, service_of
from kinesis_sim.aws.bridges.labels import MAPPINGS, retag, tags_of
from kinesis_sim.aws.bridges.latecomers import NotYet
from kinesis_sim.aws.bridges.settling import patiently

CONSUMER, POLICY = "AWS::Kinesis::StreamConsumer", "AWS::Kinesis::ResourcePolicy"
MAPPING = "AWS::Lambda::EventSourceMapping"
Properties = dict[str, Any]
CONSUMER_ATTRIBUTES = (
    "ConsumerARN", "ConsumerName", "ConsumerCreationTimestamp", "ConsumerStatus", "StreamARN"
)  # fmt: skip
"""What GetAtt gives of a consumer."""
_UNSET: Properties = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "Enabled": True,
    "FilterCriteria": {"Filters": []},
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "TumblingWindowInSeconds": 0,
}
"""What a mapping has of a property that its template leaves out."""


# --- AWS::Kinesis::StreamConsumer -----------------------------------------------------------------


def create_consumer(properties: Properties, region: str) -> tuple[str, Properties]:
    """Register a consumer: its ARN, and what GetAtt gives.

    Raises NotYet while the stream is not ACTIVE.
    """
    arn = str(properties["StreamARN"])
    asked = {"StreamARN": arn, "ConsumerName": properties["ConsumerName"]}
    if properties.get("Tags"):
        asked["Tags"] = tags_of(properties)
    name = arn.rpartition("/")[2]
    summary = ask("kinesis", "DescribeStreamSummary", {"StreamName": name}, region)
    if summary["StreamDescriptionSummary"]["StreamStatus"] != "ACTIVE":
        raise NotYet(f"Stream {name}")
    told = ask("kinesis", "RegisterStreamConsumer", asked, region)["Consumer"]
    born = str(int(told["ConsumerCreationTimestamp"]))
    attributes = {
        "ConsumerARN": told["ConsumerARN"],
        "ConsumerName": told["ConsumerName"],
        "ConsumerCreationTimestamp": born,
        "ConsumerStatus": "ACTIVE",
        "StreamARN": arn,
    }
    return told["ConsumerARN"], attributes


def delete_consumer(arn: str, region: str) -> None:
    """Deregister a consumer; nothing where its stream took it along."""
    patiently("kinesis", "DeregisterStreamConsumer", {"ConsumerARN": arn}, region)


# --- AWS::Kinesis::ResourcePolicy -----------------------------------------------------------------


def put_policy(properties: Properties, region: str) -> str:
    """Put a policy on a stream or a consumer, once it is ACTIVE: the resource's ARN."""
    policy = properties["ResourcePolicy"]
    arn = str(properties["ResourceArn"])
    text = policy if isinstance(policy, str) else json.dumps(policy)
    patiently("kinesis", "PutResourcePolicy", {"ResourceARN": arn, "Policy": text}, region)
    return arn


def change_policy(properties: Properties, region: str) -> None:
    """Put another policy in its place."""
    put_policy(properties, region)


def delete_policy(arn: str, region: str) -> None:
    """Take the policy of a stream or a consumer away."""
    patiently("kinesis", "DeleteResourcePolicy", {"ResourceARN": arn}, region)


# --- AWS::Lambda::EventSourceMapping --------------------------------------------------------------


def is_ours(properties: Properties) -> bool:
    """Whether a mapping reads a data stream; all others are moto's."""
    return service_of(str(properties.get("EventSourceArn", ""))) == "kinesis"


def create_mapping(asked: Properties, region: str) -> tuple[str, Properties]:
    """Map a stream or a consumer to a function: the mapping's UUID, and what GetAtt gives."""
    request = {name: value for name, value in asked.items() if name != "Tags"}
    if asked.get("Tags"):
        request["Tags"] = tags_of(asked)
    told = ask("lambda", "CreateEventSourceMapping", request, region)
    attributes = {"Id": told["UUID"], "EventSourceMappingArn": told["EventSourceMappingArn"]}
    return told["UUID"], attributes


def update_mapping(uuid: str, before: Properties, after: Properties, region: str) -> None:
    """Change a mapping, once it has settled; what a template no longer says is as by default."""
    arn = f"arn:aws:lambda:{region}:{asking().account}:event-source-mapping:{uuid}"
    retag(MAPPINGS, arn, before, after, region)
    changed = {
        name: after.get(name, _UNSET.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name) and name != "Tags"
    }
    if changed:
        patiently("lambda", "UpdateEventSourceMapping", {"UUID": uuid, **changed}, region)


def delete_mapping(uuid: str, region: str) -> None:
    """Delete a mapping, once it has settled."""
    patiently("lambda", "DeleteEventSourceMapping", {"UUID": uuid}, region)
