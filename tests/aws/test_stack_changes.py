"""What a stack's update changes of its streams, what it makes anew, and what it is refused.

Which properties need another resource is CloudFormation's reference for each type; the refusals
have the words that its users quote (``bridges/shapes.py``, ``bridges/stacks.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from tests.aws.test_bridges import Client
from tests.aws.test_bridges import reach as reach
from tests.aws.test_bridges import sim as sim

NAME = "pilha-que-muda"
ROLE = "arn:aws:iam::{account}:role/r"
Properties = dict[str, Any]


class Stack:
    """One stack by one carrier. sim: whose streams it makes."""

    def __init__(self, sim: Simulator, reach: Client) -> None:
        self.sim, self.formation = sim, reach("cloudformation")
        self.kinesis, self.firehose = sim.client("kinesis"), sim.client("firehose")

    def create(self, **resources: Any) -> None:
        self.formation.create_stack(StackName=NAME, TemplateBody=text_of(**resources))
        self.sim.advance(minutes=2)
        assert self.status() == "CREATE_COMPLETE"

    def update(self, **resources: Any) -> None:
        self.formation.update_stack(StackName=NAME, TemplateBody=text_of(**resources))
        self.sim.advance(minutes=2)
        assert self.status() == "UPDATE_COMPLETE"

    def status(self) -> str:
        return str(self.formation.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"])

    def rolled_back(self, **resources: Any) -> str:
        """The reason why a stack of some resources was rolled back."""
        self.formation.create_stack(StackName=NAME, TemplateBody=text_of(**resources))
        self.sim.advance(minutes=2)
        assert self.status() == "ROLLBACK_COMPLETE"
        events = self.formation.describe_stack_events(StackName=NAME)["StackEvents"]
        self.formation.delete_stack(StackName=NAME)
        [failed] = [row for row in events if row["ResourceStatus"] == "CREATE_FAILED"]
        assert failed["LogicalResourceId"] == "Wrong"
        told = "The following resource(s) failed to create: [Wrong]. Rollback requested by user."
        assert any(row.get("ResourceStatusReason") == told for row in events)
        return str(failed["ResourceStatusReason"])

    def reasons(self) -> list[str]:
        events = self.formation.describe_stack_events(StackName=NAME)["StackEvents"]
        return [str(row.get("ResourceStatusReason", "")) for row in events]

    def went_back(self, **resources: Any) -> str:
        """The reason why an update to some resources was undone."""
        self.formation.update_stack(StackName=NAME, TemplateBody=text_of(**resources))
        self.sim.advance(minutes=2)
        assert self.status() == "UPDATE_ROLLBACK_COMPLETE"
        events = self.formation.describe_stack_events(StackName=NAME)["StackEvents"]
        failed = next(row for row in events if row["ResourceStatus"] == "UPDATE_FAILED")
        name = failed["LogicalResourceId"]
        told = f"The following resource(s) failed to update: [{name}]. "
        assert any(row.get("ResourceStatusReason") == told for row in events)
        return f"{name}: {failed['ResourceStatusReason']}"

    def tags(self) -> dict[str, str]:
        told = self.kinesis.list_tags_for_stream(StreamName="da-pilha")["Tags"]
        return {row["Key"]: row["Value"] for row in told}

    def hose(self, name: str = "mangueira") -> Any:
        told = self.firehose.describe_delivery_stream(DeliveryStreamName=name)
        return told["DeliveryStreamDescription"]


@pytest.fixture
def stack(sim: Simulator, reach: Client) -> Iterator[Stack]:
    made = Stack(sim, reach)
    yield made
    made.formation.delete_stack(StackName=NAME)


def text_of(**resources: Any) -> str:
    return json.dumps({"Resources": resources})


def stream(**properties: Any) -> Properties:
    return {
        "Type": "AWS::Kinesis::Stream",
        "Properties": {"Name": "da-pilha", "ShardCount": 1, **properties},
    }


def hose(sim: Simulator, **properties: Any) -> Properties:
    role = ROLE.format(account=sim.account)
    s3 = {"BucketARN": "arn:aws:s3:::lago", "RoleARN": role}
    return {
        "Type": "AWS::KinesisFirehose::DeliveryStream",
        "Properties": {"ExtendedS3DestinationConfiguration": s3, **properties},
    }


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def test_a_streams_tags_come_change_and_go(stack: Stack) -> None:
    stack.create(S=stream(Tags=tags(team="a", cost="1")))
    stack.update(S=stream(Tags=tags(team="b", stage="prod")))
    assert stack.tags() == {"team": "b", "stage": "prod"}
    stack.update(S=stream())
    assert stack.tags() == {}


def test_the_largest_record_of_a_stream_changes_and_is_as_by_default_again(stack: Stack) -> None:
    def largest() -> int:
        told = stack.kinesis.describe_stream_summary(StreamName="da-pilha")
        return int(told["StreamDescriptionSummary"]["MaxRecordSizeInKiB"])

    stack.create(S=stream())
    stack.update(S=stream(MaxRecordSizeInKiB="4096"))
    assert largest() == 4096
    stack.update(S=stream(ShardCount=2))
    assert largest() == 1024


def test_a_mappings_tags_come_change_and_go(stack: Stack) -> None:
    stack.sim.functions.register("f", lambda event: {})

    def mapping(*rows: dict[str, str]) -> Properties:
        told = {"EventSourceArn": {"Fn::GetAtt": ["S", "Arn"]}, "FunctionName": "f"}
        properties = {**told, "StartingPosition": "LATEST", "Tags": list(rows)}
        return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}

    lambdas = stack.sim.client("lambda")
    stack.create(S=stream(), M=mapping(*tags(team="a", cost="1")))
    [row] = lambdas.list_event_source_mappings()["EventSourceMappings"]
    stack.update(S=stream(), M=mapping(*tags(team="b")))
    assert lambdas.list_tags(Resource=row["EventSourceMappingArn"])["Tags"] == {"team": "b"}


def test_a_firehose_streams_tags_and_encryption_change(stack: Stack) -> None:
    own = {"DeliveryStreamName": "mangueira"}
    owned = {"DeliveryStreamEncryptionConfigurationInput": {"KeyType": "AWS_OWNED_CMK"}}
    stack.create(D=hose(stack.sim, **own, Tags=tags(team="a", cost="1")))
    stack.update(D=hose(stack.sim, **own, **owned, Tags=tags(team="b")))
    told = stack.firehose.list_tags_for_delivery_stream(DeliveryStreamName="mangueira")
    assert told["Tags"] == tags(team="b")
    assert stack.hose()["DeliveryStreamEncryptionConfiguration"]["Status"] == "ENABLED"
    stack.update(D=hose(stack.sim, **own, Tags=tags(team="b")))
    assert stack.hose()["DeliveryStreamEncryptionConfiguration"]["Status"] == "DISABLED"


def source(sim: Simulator) -> Properties:
    arn, role = f"arn:aws:kinesis:us-east-1:{sim.account}:stream/meu-stream", ROLE
    told = {"KinesisStreamARN": arn, "RoleARN": role.format(account=sim.account)}
    return {
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": told,
    }


def test_another_source_makes_another_firehose_stream(stack: Stack) -> None:
    stack.create(D=hose(stack.sim))
    [before] = stack.firehose.list_delivery_streams()["DeliveryStreamNames"]
    stack.update(D=hose(stack.sim, **source(stack.sim)))
    [after] = stack.firehose.list_delivery_streams()["DeliveryStreamNames"]
    assert (before != after, stack.hose(after)["DeliveryStreamType"]) == (
        True,
        "KinesisStreamAsSource",
    )


def test_another_source_is_refused_to_a_firehose_stream_with_a_name(stack: Stack) -> None:
    named = {"DeliveryStreamName": "mangueira"}
    stack.create(D=hose(stack.sim, **named))
    words = "custom-named resource requires replacing. Rename mangueira and update the stack again"
    assert words in stack.went_back(D=hose(stack.sim, **named, **source(stack.sim)))
    assert stack.hose()["DeliveryStreamType"] == "DirectPut"


def test_an_update_that_changes_nothing_is_refused(stack: Stack) -> None:
    bare = {"Type": "AWS::Kinesis::Stream"}  # moto writes members into what it has read of it
    stack.create(S=stream(), T=bare)
    with pytest.raises(ClientError, match="No updates are to be performed") as refused:
        stack.update(S=stream(), T=bare)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    stack.update(S=stream(ShardCount=2), T=bare)


@pytest.mark.parametrize("text", ['{"Resources":', "- a\n- b"])
def test_a_text_that_is_no_template_is_not_the_stacks(stack: Stack, text: str) -> None:
    stack.create(S=stream())
    with pytest.raises(ClientError, match="Template format error"):
        stack.formation.update_stack(StackName=NAME, TemplateBody=text)
    held = stack.formation.get_template(StackName=NAME)["TemplateBody"]
    assert "da-pilha" in str(held)
    stack.update(S=stream(ShardCount=2))


def test_a_change_set_without_changes_cannot_be_executed(stack: Stack) -> None:
    stack.create(S=stream())
    asked = {"StackName": NAME, "ChangeSetName": "nada"}
    stack.formation.create_change_set(**asked, TemplateBody=text_of(S=stream()))
    assert stack.formation.describe_change_set(**asked)["Status"] == "FAILED"
    with pytest.raises(ClientError, match=r"in its current status of \[FAILED\]") as refused:
        stack.formation.execute_change_set(**asked)
    assert refused.value.response["Error"]["Code"] == "InvalidChangeSetStatus"


ARN = {"Fn::GetAtt": ["S", "Arn"]}
WRONG: list[tuple[Properties, str]] = [
    (stream(ShardCount="x"), "#/ShardCount: expected type: Integer, found: String"),
    (stream(ShardCount=0), r"#/ShardCount: failed validation constraint for keyword \[minimum\]"),
    (stream(Name="a b"), r"#/Name: failed validation constraint for keyword \[pattern\]"),
    (stream(StreamModeDetails={"StreamMode": "X"}), r"constraint for keyword \[enum\]"),
    (stream(Foo=1), r"#: extraneous key \[Foo\] is not permitted"),
    (stream(ShardCount=True), "#/ShardCount: expected type: Integer, found: Boolean"),
    (stream(RetentionPeriodHours="um dia"), "#/RetentionPeriodHours: expected type: Integer"),
    (stream(MaxRecordSizeInKiB=[1024]), "expected type: Integer, found: JSONArray"),
    (stream(Tags={"a": "b"}), "#/Tags: expected type: JSONArray, found: JSONObject"),
    (stream(Tags=[{"Key": "a"}]), r"#/Tags/0: required key \[Value\] not found"),
    (stream(Tags=["a"]), "#/Tags/0: expected type: JSONObject, found: String"),
    (stream(StreamModeDetails={}), r"#/StreamModeDetails: required key \[StreamMode\] not found"),
    (stream(StreamModeDetails="ON_DEMAND"), "expected type: JSONObject, found: String"),
    (
        stream(StreamEncryption={"EncryptionType": "KMS"}),
        r"#/StreamEncryption: required key \[KeyId\] not found",
    ),
    (stream(DesiredShardLevelMetrics="ALL"), "expected type: JSONArray, found: String"),
    (
        {"Type": "AWS::Kinesis::StreamConsumer", "Properties": {"StreamARN": "arn:x"}},
        r"#: required key \[ConsumerName\] not found",
    ),
    (
        {"Type": "AWS::Kinesis::ResourcePolicy"},
        r"#: required key \[ResourceArn\] not found\n#: required key \[ResourcePolicy\] not found",
    ),
    (
        {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"StartingPosition": "LATEST"}},
        r"#: required key \[FunctionName\] not found",
    ),
    ({"Type": "AWS::Logs::LogStream"}, r"#: required key \[LogGroupName\] not found"),
]


@pytest.mark.parametrize(("resource", "words"), WRONG)
def test_what_a_template_has_wrong_rolls_the_stack_back(
    sim: Simulator, resource: Properties, words: str
) -> None:
    stack = Stack(sim, sim.client)
    reason = stack.rolled_back(Wrong=resource)
    assert re.search(words, reason)
    assert "Properties validation failed for resource Wrong with message:" in reason
    assert not sim.clock.mishaps.seen


REFUSED: list[tuple[Properties, str]] = [
    (stream(Name="meu-stream"), "Stream meu-stream under account .* already exists"),
    (stream(WarmThroughputMiBps=100), "WarmThroughputMiBps can only be set for ON_DEMAND streams"),
    (
        {
            "Type": "AWS::Kinesis::Stream",
            "Properties": {
                "StreamModeDetails": {"StreamMode": "ON_DEMAND"},
                "WarmThroughputMiBps": 100,
            },
        },
        "not enabled for minimum throughput billing commitment",
    ),
    (stream(RetentionPeriodHours=12), "Minimum allowed retention period is 24 hours"),
    (stream(StreamEncryption={"EncryptionType": "KMS", "KeyId": "alias/nenhuma"}), "alias/nenhuma"),
    ({"Type": "AWS::KinesisFirehose::DeliveryStream"}, "Exactly one destination configuration"),
]


@pytest.mark.parametrize(("resource", "words"), REFUSED)
def test_what_the_service_refuses_rolls_the_stack_back(
    sim: Simulator, resource: Properties, words: str
) -> None:
    stack = Stack(sim, sim.client)
    kept = stream(Name="primeiro")
    assert re.search(words, stack.rolled_back(Kept=kept, Wrong=resource))
    assert stack.kinesis.list_streams()["StreamNames"] == ["meu-stream"]


def test_what_is_not_simulated_is_refused_by_name_and_leaves_no_stack(stack: Stack) -> None:
    text = text_of(Kept=stream(), Wrong=stream(Name="outro", RecordDistributionStrategy="AUTO"))
    with pytest.raises(ClientError, match="does not make a AWS::Kinesis::Stream with Record"):
        stack.formation.create_stack(StackName=NAME, TemplateBody=text)
    names = [row["StackName"] for row in stack.formation.describe_stacks()["Stacks"]]
    assert NAME not in names
    assert stack.kinesis.list_streams()["StreamNames"] == ["meu-stream"]


def test_an_update_that_has_it_wrong_changes_nothing(stack: Stack) -> None:
    stack.create(S=stream())
    reason = stack.went_back(S=stream(RetentionPeriodHours="x", ShardCount=2))
    assert reason.startswith("S: ValidationError: Properties validation failed for resource S")
    told = stack.kinesis.describe_stream_summary(StreamName="da-pilha")
    assert told["StreamDescriptionSummary"]["OpenShardCount"] == 1
    stack.update(S=stream(RetentionPeriodHours="48", ShardCount=2))
    told = stack.kinesis.describe_stream_summary(StreamName="da-pilha")
    assert told["StreamDescriptionSummary"]["OpenShardCount"] == 2


def test_what_was_made_and_changed_before_a_refusal_is_undone(stack: Stack) -> None:
    """A new stream, another one's tags and shards, and a stream that would go: all as before."""
    old = stream(Name="velho", Tags=tags(a="1"))
    stack.create(Old=old, Leaving=stream(Name="de-saida"), S=stream())
    names = set(stack.kinesis.list_streams()["StreamNames"])
    reason = stack.went_back(
        Old=stream(Name="velho", ShardCount=2, Tags=tags(a="2", b="3")),
        New=stream(Name="novo"),
        S=stream(RetentionPeriodHours=12),
    )
    assert reason.startswith("S: InvalidArgumentException: Minimum allowed retention period")
    stack.sim.advance(minutes=1)
    assert set(stack.kinesis.list_streams()["StreamNames"]) == names
    told = stack.kinesis.list_tags_for_stream(StreamName="velho")["Tags"]
    assert told == [{"Key": "a", "Value": "1"}]
    shards = stack.kinesis.describe_stream_summary(StreamName="velho")
    assert shards["StreamDescriptionSummary"]["OpenShardCount"] == 1
    held = stack.formation.get_template(StackName=NAME)["TemplateBody"]
    assert "de-saida" in str(held)
    stack.update(Old=stream(Name="velho", ShardCount=2), S=stream())
    assert "de-saida" not in stack.kinesis.list_streams()["StreamNames"]


def test_what_a_template_no_longer_has_goes_last(stack: Stack) -> None:
    stack.create(S=stream(), Leaving=stream(Name="de-saida"))
    text = text_of(S=stream(ShardCount=2))
    stack.formation.update_stack(StackName=NAME, TemplateBody=text)
    assert stack.status() in ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    if stack.status() == "UPDATE_IN_PROGRESS":
        assert "de-saida" in stack.kinesis.list_streams()["StreamNames"]
    stack.sim.advance(minutes=2)
    assert stack.status() == "UPDATE_COMPLETE"
    assert "de-saida" not in stack.kinesis.list_streams()["StreamNames"]


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE"])
def test_a_change_set_that_is_refused_rolls_its_stack_back(stack: Stack, kind: str) -> None:
    if kind == "UPDATE":
        stack.create(S=stream())
    wrong = text_of(S=stream(), T=stream(Name="outro", RetentionPeriodHours=12))
    asked = {"StackName": NAME, "ChangeSetName": "mudanca"}
    stack.formation.create_change_set(**asked, ChangeSetType=kind, TemplateBody=wrong)
    stack.formation.execute_change_set(**asked)
    stack.sim.advance(minutes=2)
    assert stack.status() == {"CREATE": "", "UPDATE": "UPDATE_"}[kind] + "ROLLBACK_COMPLETE"
    left = {"CREATE": [], "UPDATE": ["da-pilha"]}[kind]
    assert set(stack.kinesis.list_streams()["StreamNames"]) == {"meu-stream", *left}
    told = stack.formation.describe_stack_events(StackName=NAME)["StackEvents"]
    assert any(
        row["LogicalResourceId"] == "T" and row["ResourceStatus"] == f"{kind}_FAILED"
        for row in told
    )


def test_a_stack_that_is_deleted_in_the_midst_of_an_update_takes_all_along(stack: Stack) -> None:
    stack.create(S=stream(), Leaving=stream(Name="de-saida"))
    text = text_of(S=stream(ShardCount=2))
    stack.formation.update_stack(StackName=NAME, TemplateBody=text)
    stack.formation.delete_stack(StackName=NAME)
    stack.sim.advance(minutes=1)
    assert stack.kinesis.list_streams()["StreamNames"] == ["meu-stream"]


def test_an_export_that_another_stack_imports_stays_as_it_is(stack: Stack) -> None:
    def exporting(value: Any, **resources: Any) -> str:
        outputs = {"Out": {"Value": value, "Export": {"Name": "saida-comum"}}} if value else {}
        return json.dumps({"Resources": {"S": stream(), **resources}, "Outputs": outputs})

    user = {"StackName": "pilha-que-importa"}
    formation, kinesis = stack.formation, stack.kinesis
    formation.create_stack(StackName=NAME, TemplateBody=exporting({"Ref": "S"}))
    stack.sim.advance(minutes=1)
    name = {"Fn::Sub": "${Prefix}-comum"}
    reader = stream(Name={"Fn::Join": ["-", ["novo", {"Fn::ImportValue": name}]]})
    text = json.dumps({
        "Parameters": {"Prefix": {"Type": "String", "Default": "saida"}},
        "Resources": {"T": reader},
    })  # fmt: skip
    formation.create_stack(**user, TemplateBody=text)
    stack.sim.advance(minutes=1)
    assert "novo-da-pilha" in kinesis.list_streams()["StreamNames"]

    for value, verb in (("outro", "update"), (None, "delete")):
        formation.update_stack(StackName=NAME, TemplateBody=exporting(value, U=stream(Name="u")))
        stack.sim.advance(minutes=2)
        assert stack.status() == "UPDATE_ROLLBACK_COMPLETE"
        told = f"Cannot {verb} export saida-comum as it is in use by pilha-que-importa."
        assert told in stack.reasons()
        assert "u" not in kinesis.list_streams()["StreamNames"]
        assert [row["Value"] for row in formation.list_exports()["Exports"]] == ["da-pilha"]

    formation.delete_stack(StackName=NAME)
    assert stack.status() == "UPDATE_ROLLBACK_COMPLETE"
    told = "Delete canceled. Cannot delete export saida-comum as it is in use by pilha-que-importa."
    assert told in stack.reasons()
    formation.delete_stack(**user)
    formation.update_stack(StackName=NAME, TemplateBody=exporting(None))
    stack.sim.advance(minutes=1)
    assert stack.status() == "UPDATE_COMPLETE"
    assert formation.list_exports()["Exports"] == []


UNFORMED = {
    "[]": "unsupported structure.",
    "5": "unsupported structure.",
    "null": "unsupported structure.",
    '"template.yaml"': "unsupported structure.",
    "template.yaml": "unsupported structure.",
    "{}": "At least one Resources member must be defined.",
    '{"Resources": null}': "At least one Resources member must be defined.",
    '{"Resources": {}}': "At least one Resources member must be defined.",
    '{"Resources": []}': "At least one Resources member must be defined.",
    '{"Resources": {"S": "x"}}': "Every Resources member must be an object.",
    '{"Resources": {"S": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"O": 1}}':
        "Every Outputs member must contain a Value object",
    '{"Resources": {"S": {"Type": "AWS::SQS::Queue"}}, "Outputs": [1]}':
        "Every Outputs member must contain a Value object",
}  # fmt: skip


@pytest.mark.parametrize("text", UNFORMED)
def test_a_template_without_form_is_refused_and_leaves_no_stack(stack: Stack, text: str) -> None:
    with pytest.raises(ClientError) as refused:
        stack.formation.create_stack(StackName="sem-forma", TemplateBody=text)
    told = refused.value.response["Error"]
    assert told["Code"] == "ValidationError"
    assert told["Message"] == f"Template format error: {UNFORMED[text]}"
    names = [row["StackName"] for row in stack.formation.describe_stacks()["Stacks"]]
    assert "sem-forma" not in names
    assert not stack.sim.clock.mishaps.seen


def test_what_moto_cannot_change_is_an_error_of_the_call_and_all_is_as_it_was(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.sqs.models import Queue

    def queue(**properties: Any) -> Properties:
        return {"Type": "AWS::SQS::Queue", "Properties": properties}

    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("no such queue")

    stack.create(S=stream(Tags=tags(a="1")), Q=queue())
    monkeypatch.setattr(Queue, "update_from_cloudformation_json", fail)
    with pytest.raises(ClientError):
        stack.formation.update_stack(
            StackName=NAME,
            TemplateBody=text_of(S=stream(Tags=tags(a="2")), Q=queue(VisibilityTimeout=5)),
        )
    assert stack.tags() == {"a": "1"}
    monkeypatch.undo()
    stack.update(S=stream(Tags=tags(a="3")), Q=queue())
    assert stack.tags() == {"a": "3"}
