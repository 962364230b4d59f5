"""ARNs of another Region or account: refused alike whatever of Kinesis they name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.streams.calls import ACCOUNT, create, refused, shard

OTHER = "999000999000"
HOME = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:"
STREAM = f"{HOME}stream/s"
CONSUMER = f"{STREAM}/consumer/c:1767225600"
QUEUE = f"{HOME}queue/fila"
CHANNEL = f"{HOME}channel/canal"
LATEST = {"ShardId": shard(0), "StartingPosition": {"Type": "LATEST"}}

CALLS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("describe_stream_summary", "StreamARN", STREAM, {}),
    ("describe_stream_consumer", "StreamARN", STREAM, {"ConsumerName": "c"}),
    ("describe_stream_consumer", "ConsumerARN", CONSUMER, {}),
    ("deregister_stream_consumer", "ConsumerARN", CONSUMER, {}),
    ("subscribe_to_shard", "ConsumerARN", CONSUMER, LATEST),
    ("describe_queue", "QueueARN", QUEUE, {}),
    ("describe_channel", "ChannelARN", CHANNEL, {}),
    *[
        (operation, "ResourceARN", arn, more)
        for arn in (STREAM, CONSUMER, QUEUE, CHANNEL)
        for operation, more in (
            ("list_tags_for_resource", {}),
            ("tag_resource", {"Tags": {"a": "b"}}),
            ("untag_resource", {"TagKeys": ["a"]}),
        )
    ],
]
POLICIES: list[tuple[str, str, str, dict[str, Any]]] = [
    (operation, "ResourceARN", arn, more)
    for arn in (STREAM, CONSUMER, QUEUE)
    for operation, more in (
        ("get_resource_policy", {}),
        ("delete_resource_policy", {}),
        ("put_resource_policy", {"Policy": "{}"}),
    )
]


@pytest.mark.parametrize(("operation", "member", "arn", "more"), [*CALLS, *POLICIES])
def test_an_arn_of_another_region_is_refused_as_recorded(
    kinesis: Any, operation: str, member: str, arn: str, more: dict[str, Any]
) -> None:
    create(kinesis)
    elsewhere = arn.replace("us-east-1", "us-west-2")
    said = f"The region specified in the ARN '{elsewhere}' does not match the endpoint region"
    with refused("InvalidArgumentException", said):
        getattr(kinesis, operation)(**{member: elsewhere}, **more)


@pytest.mark.parametrize(("operation", "member", "arn", "more"), CALLS)
def test_an_arn_of_another_account_is_refused_as_recorded(
    kinesis: Any, operation: str, member: str, arn: str, more: dict[str, Any]
) -> None:
    create(kinesis)
    with refused("UnrecognizedClientException", "No account found for the given parameters"):
        getattr(kinesis, operation)(**{member: arn.replace(ACCOUNT, OTHER)}, **more)


@pytest.mark.parametrize(("operation", "member", "arn", "more"), POLICIES)
def test_only_the_owner_manages_a_policy(
    kinesis: Any, operation: str, member: str, arn: str, more: dict[str, Any]
) -> None:
    create(kinesis)
    with refused("AccessDeniedException"):
        getattr(kinesis, operation)(**{member: arn.replace(ACCOUNT, OTHER)}, **more)
