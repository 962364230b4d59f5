"""Tags of streams and consumers, and resource policies (facts/data-streams §1.3, §2.4)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.streams.calls import ACCOUNT, create, refused


def tags(kinesis: Any, name: str = "s") -> dict[str, str]:
    rows = kinesis.list_tags_for_stream(StreamName=name)["Tags"]
    return {row["Key"]: row["Value"] for row in rows}


def test_tags_are_added_overwritten_and_removed(kinesis: Any) -> None:
    create(kinesis, Tags={"a": "1"})
    kinesis.add_tags_to_stream(StreamName="s", Tags={"b": "2", "a": "3", "empty": ""})
    assert tags(kinesis) == {"a": "3", "b": "2", "empty": ""}
    kinesis.remove_tags_from_stream(StreamName="s", TagKeys=["b", "never-there"])
    assert tags(kinesis) == {"a": "3", "empty": ""}


def test_both_families_see_the_same_tags(kinesis: Any) -> None:
    arn = create(kinesis)
    kinesis.tag_resource(ResourceARN=arn, Tags={"a": "1"})
    kinesis.add_tags_to_stream(StreamARN=arn, Tags={"b": "2"})
    rows = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == rows
    assert kinesis.list_tags_for_stream(StreamARN=arn)["Tags"] == rows
    kinesis.untag_resource(ResourceARN=arn, TagKeys=["a", "never-there"])
    assert tags(kinesis) == {"b": "2"}


def test_fifty_tags_per_stream(kinesis: Any) -> None:
    arn = create(kinesis, Tags={f"k{number:02}": "v" for number in range(50)})
    message = (
        f"Failed to add tags to stream s under account {ACCOUNT} because a given stream cannot "
        "have more than 50 tags associated with it."
    )
    with refused("InvalidArgumentException", message):
        kinesis.add_tags_to_stream(StreamName="s", Tags={"one-more": "v"})
    of_resource = message.replace("stream s", f"resource {arn}").replace("n stream", "n resource")
    with refused("InvalidArgumentException", of_resource):
        kinesis.tag_resource(ResourceARN=arn, Tags={"one-more": "v"})
    kinesis.add_tags_to_stream(StreamName="s", Tags={"k00": "overwritten"})
    assert tags(kinesis)["k00"] == "overwritten"
    assert len(tags(kinesis)) == 50


def test_a_stream_that_would_have_too_many_tags_is_not_made(kinesis: Any) -> None:
    with refused("InvalidArgumentException"):
        create(kinesis, Tags={f"k{number}": "v" for number in range(51)})
    assert kinesis.list_streams()["StreamNames"] == []


def test_fifty_tags_per_consumer(kinesis: Any) -> None:
    arn = create(kinesis)
    many = {f"k{number}": "v" for number in range(50)}
    made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c", Tags=many)
    with refused("InvalidArgumentException"):
        kinesis.tag_resource(ResourceARN=made["Consumer"]["ConsumerARN"], Tags={"more": "v"})
    with refused("InvalidArgumentException"):
        kinesis.register_stream_consumer(
            StreamARN=arn, ConsumerName="d", Tags={**many, "more": "v"}
        )
    assert len(kinesis.list_stream_consumers(StreamARN=arn)["Consumers"]) == 1


@pytest.mark.parametrize("bad", [{"aws:a": "1"}, {"AWS:a": "1"}, {"tab\t": "1"}, {"a": "é*"}])
def test_tags_that_are_not_allowed(kinesis: Any, bad: dict[str, str]) -> None:
    create(kinesis)
    with refused("InvalidArgumentException"):
        kinesis.add_tags_to_stream(StreamName="s", Tags=bad)
    assert tags(kinesis) == {}


def test_tags_are_listed_in_pages(kinesis: Any) -> None:
    create(kinesis, Tags={f"k{number}": "v" for number in range(5)})
    first = kinesis.list_tags_for_stream(StreamName="s", Limit=2)
    assert [row["Key"] for row in first["Tags"]] == ["k0", "k1"]
    assert first["HasMoreTags"] is True
    rest = kinesis.list_tags_for_stream(StreamName="s", ExclusiveStartTagKey="k1")
    assert [row["Key"] for row in rest["Tags"]] == ["k2", "k3", "k4"]
    assert rest["HasMoreTags"] is False


def policy_of(arn: str, **other: Any) -> str:
    """A policy of one statement, written as CloudFormation writes it."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kinesis:DescribeStream"}
    statement |= {"Resource": arn, **other}
    left = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [left]}, separators=(",", ":"))


INVALID = (
    "Policy validation error: Resource policy contains invalid statement at line 1, column 38: "
)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"Principal": None}, "Policy validation error: Missing required field Principal"),
        (
            {"Action": ["kinesis:PutRecord", "s3:GetObject"]},
            f"{INVALID}Action field includes AWS services that are inconsistent with specified "
            "vendor",
        ),
        (
            {"Resource": "*"},
            f"{INVALID}The resource policy's resource must be the same as the resource ARN.",
        ),
    ],
)
def test_a_policy_is_refused_as_recorded(kinesis: Any, other: dict[str, Any], said: str) -> None:
    """badmintoncryer/cdk-preflight, rules/kinesis/pf-kinesis-resource-policy-*, 2026-09-06."""
    arn = create(kinesis)
    with refused("InvalidArgumentException", said):
        kinesis.put_resource_policy(ResourceARN=arn, Policy=policy_of(arn, **other))


def test_a_wrong_statement_is_told_by_its_line_and_column(kinesis: Any) -> None:
    arn = create(kinesis)
    right = json.loads(policy_of(arn))["Statement"][0]
    text = json.dumps({"Statement": [right, {**right, "Resource": "*"}]}, indent=1)
    line = text.splitlines().index("  {", 3) + 1
    with refused("InvalidArgumentException") as refusal:
        kinesis.put_resource_policy(ResourceARN=arn, Policy=text)
    assert f" at line {line}, column 3: " in refusal.message


def test_a_policy_of_hundreds_of_levels_is_no_json(kinesis: Any) -> None:
    """Python reads more levels than it can write again."""
    arn = create(kinesis)
    deep = policy_of(arn).replace('"Effect"', f'"Deep": {"[" * 900}{"]" * 900}, "Effect"')
    assert json.loads(deep)
    said = "Policy validation error: This policy contains invalid Json"
    with refused("InvalidArgumentException", said):
        kinesis.put_resource_policy(ResourceARN=arn, Policy=deep)


def compact(policy: str) -> str:
    """A policy as AWS answers it (recorded 2026-09-19)."""
    return json.dumps(json.loads(policy), separators=(",", ":"))


@pytest.mark.parametrize("kind", ["stream", "consumer"])
def test_a_policy_is_put_read_replaced_and_deleted(kinesis: Any, kind: str) -> None:
    arn = create(kinesis)
    if kind == "consumer":
        made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")
        arn = made["Consumer"]["ConsumerARN"]
    assert kinesis.get_resource_policy(ResourceARN=arn)["Policy"] == "{}"
    policy = policy_of(arn)
    kinesis.put_resource_policy(ResourceARN=arn, Policy=policy)
    assert kinesis.get_resource_policy(ResourceARN=arn)["Policy"] == compact(policy)
    other = policy.replace("Allow", "Deny")
    kinesis.put_resource_policy(ResourceARN=arn, Policy=other)
    assert kinesis.get_resource_policy(ResourceARN=arn)["Policy"] == compact(other)
    kinesis.delete_resource_policy(ResourceARN=arn)
    assert kinesis.get_resource_policy(ResourceARN=arn)["Policy"] == "{}"
    with refused("ResourceNotFoundException"):
        kinesis.delete_resource_policy(ResourceARN=arn)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"Statement": []}',
        '{"Statement": ["x"]}',
        '{"Statement": [{"Effect": "Maybe", "Principal": 1, "Action": 1, "Resource": 1}]}',
        '{"Statement": [{"Effect": "Allow"}]}',
        "[" * 10_000,
    ],
)
def test_what_is_no_policy_is_refused(kinesis: Any, text: str) -> None:
    arn = create(kinesis)
    with refused("InvalidArgumentException"):
        kinesis.put_resource_policy(ResourceARN=arn, Policy=text)


def test_a_deleted_streams_and_consumers_policies_go_with_it(kinesis: Any, sim: Any) -> None:
    arn = create(kinesis)
    made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")
    for resource in (arn, made["Consumer"]["ConsumerARN"]):
        kinesis.put_resource_policy(ResourceARN=resource, Policy=policy_of(resource))
    kinesis.delete_stream(StreamName="s", EnforceConsumerDeletion=True)
    create(kinesis)
    assert kinesis.get_resource_policy(ResourceARN=arn)["Policy"] == "{}"
    assert sim.streams.policies == {}
