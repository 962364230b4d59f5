"""What stacks give one another: nobody exports what another does, or imports what is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from kinesis_sim import Simulator

ACCOUNTS = count(470_000_000_000)
TAKEN = "Export with name one is already exported by stack Maker. Rollback requested by user."


class Stacks:
    """The stacks of an account of its own."""

    def __init__(self) -> None:
        self.sim = Simulator(latency=None, account=str(next(ACCOUNTS)))
        self.formation = self.sim.client("cloudformation")

    def make(self, name: str, template: str) -> None:
        self.formation.create_stack(StackName=name, TemplateBody=template)

    def change(self, name: str, template: str, kind: str) -> None:
        named = {"StackName": name, "ChangeSetName": "c"}
        self.formation.create_change_set(TemplateBody=template, ChangeSetType=kind, **named)
        self.formation.execute_change_set(**named)

    def status(self, name: str) -> str:
        (row,) = self.formation.describe_stacks(StackName=name)["Stacks"]
        return str(row["StackStatus"])

    def reasons(self, name: str) -> list[str]:
        rows = self.formation.describe_stack_events(StackName=name)["StackEvents"]
        return [row["ResourceStatusReason"] for row in rows if row.get("ResourceStatusReason")]

    def exported(self) -> list[str]:
        return [row["Name"] for row in self.formation.list_exports()["Exports"]]

    def names(self) -> list[str]:
        return [row["StackName"] for row in self.formation.describe_stacks()["Stacks"]]

    def buckets(self) -> int:
        return len(self.sim.client("s3").list_buckets()["Buckets"])


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    made = Stacks()
    yield made
    for name in made.names():
        made.formation.delete_stack(StackName=name)
    assert made.names() == []
    assert made.exported() == []


def exporting(**names: Any) -> str:
    outputs = {
        key: {"Value": {"Ref": "Bucket"}, "Export": {"Name": name}} for key, name in names.items()
    }
    return json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}, "Outputs": outputs})


@pytest.mark.parametrize("by_change_set", [False, True])
def test_what_another_stack_exports_rolls_a_new_one_back(
    stacks: Stacks, by_change_set: bool
) -> None:
    stacks.make("Maker", exporting(One="one"))
    template = exporting(Mine="mine", One={"Fn::Sub": "one"})
    if by_change_set:
        stacks.change("Copy", template, "CREATE")
    else:
        stacks.make("Copy", template)
    assert stacks.status("Copy") == "ROLLBACK_COMPLETE"
    assert TAKEN in stacks.reasons("Copy")
    assert stacks.exported() == ["one"]
    assert stacks.buckets() == 1
    stacks.formation.delete_stack(StackName="Copy")
    assert stacks.exported() == ["one"]


@pytest.mark.parametrize("by_change_set", [False, True])
def test_an_update_that_exports_what_another_stack_does_is_undone(
    stacks: Stacks, by_change_set: bool
) -> None:
    stacks.make("Maker", exporting(One="one"))
    stacks.make("Other", exporting(Two="two"))
    before = stacks.formation.list_exports()["Exports"]
    if by_change_set:
        stacks.change("Other", exporting(Two="one"), "UPDATE")
    else:
        stacks.formation.update_stack(StackName="Other", TemplateBody=exporting(Two="one"))
    assert stacks.status("Other") == "UPDATE_ROLLBACK_COMPLETE"
    assert TAKEN in stacks.reasons("Other")
    assert stacks.formation.list_exports()["Exports"] == before


def test_what_nobody_exports_rolls_its_importer_back(stacks: Stacks) -> None:
    properties = {"QueueName": {"Fn::ImportValue": "nowhere"}}
    queue = {"Type": "AWS::SQS::Queue", "Properties": properties}
    bucket = {"Type": "AWS::S3::Bucket"}
    stacks.make("User", json.dumps({"Resources": {"B": bucket, "Queue": queue}}))
    assert stacks.status("User") == "ROLLBACK_COMPLETE"
    reason = "No export named nowhere found. Rollback requested by user."
    assert reason in stacks.reasons("User")
    assert stacks.buckets() == 0


def test_a_template_that_is_refused_for_another_reason_leaves_no_stack(stacks: Stacks) -> None:
    properties = {"BucketName": {"Ref": "Nobody"}}
    bad = {"B": {"Type": "AWS::S3::Bucket", "Properties": properties}}
    template = json.dumps({"Parameters": {"P": {"Type": "String"}}, "Resources": bad})
    with pytest.raises(stacks.formation.exceptions.ClientError):
        stacks.make("Bad", template)
    assert stacks.names() == []
