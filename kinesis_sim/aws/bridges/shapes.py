"""What CloudFormation wants of a resource's properties before anything is made of them.

Which are required, and of which kind, are those of CloudFormation's reference, so far as they are
read here. What is told of a missing one has the words that users quote (``#: required key [Name]
not found``: aws-cloudformation/iac-model-evaluation issue 29, 2024-06); the words for one of
another kind (``expected type: JSONArray, found: JSONObject``) are of the same validator and the
model's choice, for no source of them was found. Numbers and booleans may be written as text, and
any scalar where a text is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kinesis_sim.errors import ServiceError

TEXT, INTEGER, OBJECT, ANYTHING = "String", "Integer", "JSONObject", "any"
Shape = str | list[Any] | dict[str, Any]
"""A scalar's name, a list of one shape, or members by name: those that must be there end in !."""
TAGS: Shape = [{"Key!": TEXT, "Value!": TEXT}]
_NAMES = {dict: OBJECT, list: "JSONArray", str: TEXT, bool: "Boolean", int: INTEGER}
SHAPES: Mapping[str, Shape] = {
    "AWS::Kinesis::Stream": {
        "Name": TEXT,
        "ShardCount": INTEGER,
        "RetentionPeriodHours": INTEGER,
        "MaxRecordSizeInKiB": INTEGER,
        "DesiredShardLevelMetrics": [TEXT],
        "StreamEncryption": {"EncryptionType!": TEXT, "KeyId!": TEXT},
        "StreamModeDetails": {"StreamMode!": TEXT},
        "Tags": TAGS,
    },
    "AWS::Kinesis::StreamConsumer": {"ConsumerName!": TEXT, "StreamARN!": TEXT, "Tags": TAGS},
    "AWS::Kinesis::ResourcePolicy": {"ResourceArn!": TEXT, "ResourcePolicy!": ANYTHING},
    "AWS::KinesisFirehose::DeliveryStream": {"DeliveryStreamName": TEXT, "Tags": TAGS},
    "AWS::Lambda::EventSourceMapping": {"FunctionName!": TEXT, "Tags": TAGS},
    "AWS::CloudWatch::Alarm": {
        "AlarmName": TEXT,
        "ComparisonOperator!": TEXT,
        "EvaluationPeriods!": INTEGER,
    },
    "AWS::Logs::LogStream": {"LogGroupName!": TEXT, "LogStreamName": TEXT},
}


def check(kind: str, logical_id: str, properties: Any) -> None:
    """Raise ServiceError (ValidationError) for properties that are not as their type wants them."""
    wrong = list(_wrong(SHAPES.get(kind, {}), properties, "#"))
    if wrong:
        raise ServiceError(
            "ValidationError",
            f"Properties validation failed for resource {logical_id} with message:\n"
            + "\n".join(wrong),
        )


def _wrong(shape: Shape, value: Any, place: str) -> Iterator[str]:
    wanted = shape if isinstance(shape, str) else _NAMES[type(shape)]
    if not _fits(wanted, value):
        yield f"{place}: expected type: {wanted}, found: {_NAMES.get(type(value), 'Null')}"
    elif isinstance(shape, list):
        for number, each in enumerate(value):
            yield from _wrong(shape[0], each, f"{place}/{number}")
    elif isinstance(shape, dict):
        for name, member in shape.items():
            own = name.removesuffix("!")
            if own in value:
                yield from _wrong(member, value[own], f"{place}/{own}")
            elif own != name:
                yield f"{place}: required key [{own}] not found"


def _fits(wanted: str, value: Any) -> bool:
    if wanted == ANYTHING:
        return True
    if wanted == TEXT:
        return isinstance(value, str | int | float)
    if wanted == INTEGER:
        return _is_whole(value)
    return isinstance(value, dict if wanted == OBJECT else list)


def _is_whole(value: Any) -> bool:
    if isinstance(value, str):
        return value.removeprefix("-").isdecimal() and value.isascii()
    return isinstance(value, int) and not isinstance(value, bool)
