"""Stacks of AWS CDK and the Serverless Framework are created, read, changed and removed here.

The templates are those tools' own (``stacks/README.md``), deployed as the tools do: by change sets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws import templates
from kinesis_sim.aws.bridges import documents
from kinesis_sim.streams.states import StreamStatus

TEMPLATES = Path(__file__).parent / "stacks"
ACCOUNTS = count(430_000_000_000)
"""moto keeps stacks by account for as long as this process lives."""
Resources = dict[str, Any]


class Stack:
    """One stack of a simulator's, changed by change sets as ``cdk deploy`` does it."""

    def __init__(self) -> None:
        self.sim = Simulator(latency=None, account=str(next(ACCOUNTS)))
        self.formation = self.sim.client("cloudformation")
        self.kinesis, self.lambdas = self.sim.client("kinesis"), self.sim.client("lambda")
        self.arn = f"arn:aws:kinesis:us-east-1:{self.sim.account}:stream/clicks"
        self.events: list[dict[str, Any]] = []
        self.sim.functions.register("worker", self._work)

    def _work(self, event: dict[str, Any]) -> dict[str, Any]:
        self.events.append(event)
        return {"batchItemFailures": []}

    def deploy(self, template: str, kind: str) -> str:
        """Change by change set; the status right after."""
        name = {"StackName": "Pipeline", "ChangeSetName": f"c-{kind.lower()}"}
        self.formation.create_change_set(ChangeSetType=kind, TemplateBody=template, **name)
        self.formation.execute_change_set(**name)
        return self.told()["StackStatus"]

    def told(self) -> Any:
        return self.formation.describe_stacks(StackName="Pipeline")["Stacks"][0]

    def outputs(self) -> dict[str, str]:
        return {row["OutputKey"]: row["OutputValue"] for row in self.told().get("Outputs", ())}

    def wait(self, reached: str) -> None:
        self.formation.get_waiter(reached).wait(StackName="Pipeline")

    def mappings(self) -> list[dict[str, Any]]:
        rows = self.lambdas.list_event_source_mappings()["EventSourceMappings"]
        return sorted(rows, key=lambda row: str(row["EventSourceArn"]))

    def consumers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.kinesis.list_stream_consumers(StreamARN=self.arn)[
            "Consumers"
        ]
        return found


def text_of(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8")


@pytest.fixture
def stack() -> Iterator[Stack]:
    made = Stack()
    yield made
    made.formation.delete_stack(StackName="Pipeline")


@pytest.mark.filterwarnings("ignore:Tried to parse")
def test_a_cdk_pipeline_is_created_read_changed_and_removed(stack: Stack) -> None:
    sim, firehose, watch = stack.sim, stack.sim.client("firehose"), stack.sim.client("cloudwatch")
    assert stack.deploy(text_of("cdk.json"), "CREATE") == "CREATE_IN_PROGRESS"
    assert "ConsumerArn" not in stack.outputs()
    stack.wait("stack_create_complete")
    [consumer] = stack.consumers()
    assert stack.outputs() == {"StreamArn": stack.arn, "ConsumerArn": consumer["ConsumerARN"]}
    made = stack.formation.describe_stack_resources(StackName="Pipeline")["StackResources"]
    physical = {row["ResourceType"]: row["PhysicalResourceId"] for row in made}
    assert physical["AWS::Kinesis::StreamConsumer"] == consumer["ConsumerARN"]
    policy = stack.kinesis.get_resource_policy(ResourceARN=stack.arn)["Policy"]
    assert json.loads(policy)["Statement"][0]["Resource"] == stack.arn
    assert [row["EventSourceArn"] for row in stack.mappings()] == [
        stack.arn,
        consumer["ConsumerARN"],
    ]
    [alarm] = watch.describe_alarms()["MetricAlarms"]
    assert (alarm["Threshold"], alarm["Dimensions"][0]["Value"]) == (60_000, "clicks")

    records = [{"Data": b'{"kind": "buy"}\n', "PartitionKey": str(each)} for each in range(9)]
    stack.kinesis.put_records(StreamName="clicks", Records=records)
    sim.advance(minutes=2)
    assert sum(len(event["Records"]) for event in stack.events) == 18  # polled, and pushed
    buckets = [row["Name"] for row in sim.client("s3").list_buckets()["Buckets"]]
    keys = sim.client("s3").list_objects_v2(Bucket=buckets[0])["Contents"]
    assert all(row["Key"].startswith("clicks/2026/") for row in keys)

    assert stack.deploy(text_of("cdk-changed.json"), "UPDATE") == "UPDATE_IN_PROGRESS"
    stack.wait("stack_update_complete")
    assert sim.streams["clicks"].status is StreamStatus.ACTIVE
    sim.advance(minutes=1)
    summary = stack.kinesis.describe_stream_summary(StreamName="clicks")
    told = summary["StreamDescriptionSummary"]
    assert (told["OpenShardCount"], told["RetentionPeriodHours"], told["EncryptionType"]) == (
        (4, 48, "KMS")
    )
    polled = stack.mappings()[0]
    assert (polled["BatchSize"], polled["State"]) == (200, "Enabled")
    assert polled["FilterCriteria"]["Filters"] == [{"Pattern": '{"data":{"kind":["buy"]}}'}]
    assert stack.consumers() == [consumer]
    [hose] = [name for name in _hoses(firehose) if "-Hose" in name]
    described = firehose.describe_delivery_stream(DeliveryStreamName=hose)
    block = described["DeliveryStreamDescription"]["Destinations"][0][
        "ExtendedS3DestinationDescription"
    ]
    assert block["BufferingHints"] == {"SizeInMBs": 10, "IntervalInSeconds": 120}
    assert block["ProcessingConfiguration"]["Processors"][0]["Type"] == "Lambda"
    assert watch.describe_alarms()["MetricAlarms"][0]["Threshold"] == 120_000

    stack.formation.delete_stack(StackName="Pipeline")
    sim.advance(minutes=2)
    assert stack.kinesis.list_streams()["StreamNames"] == _hoses(firehose) == stack.mappings() == []
    assert watch.describe_alarms()["MetricAlarms"] == []


def _hoses(firehose: Any) -> list[str]:
    return list(firehose.list_delivery_streams()["DeliveryStreamNames"])


@pytest.mark.filterwarnings("ignore:Tried to parse")
def test_a_serverless_service_reads_by_fan_out(stack: Stack) -> None:
    s3 = stack.sim.client("s3")
    template = json.loads(text_of("serverless.json"))
    first = {
        "Resources": {"ServerlessDeploymentBucket": {"Type": "AWS::S3::Bucket"}},
        "Outputs": {"Bucket": {"Value": {"Ref": "ServerlessDeploymentBucket"}}},
    }
    assert stack.deploy(json.dumps(first), "CREATE") == "CREATE_COMPLETE"
    code = template["Resources"]["WorkerLambdaFunction"]["Properties"]["Code"]
    s3.put_object(Bucket=stack.outputs()["Bucket"], Key=code["S3Key"], Body=EMPTY_ZIP)
    assert stack.deploy(json.dumps(template), "UPDATE") == "UPDATE_IN_PROGRESS"
    stack.wait("stack_update_complete")
    [consumer] = stack.consumers()
    [mapping] = stack.mappings()
    assert mapping["EventSourceArn"] == consumer["ConsumerARN"]
    assert (mapping["BatchSize"], mapping["StartingPosition"]) == (10, "LATEST")
    exported = {row["Name"] for row in stack.formation.list_exports()["Exports"]}
    assert "sls-painel-dev-ServerlessDeploymentBucketName" in exported
    stack.formation.delete_stack(StackName="Pipeline")
    assert stack.formation.list_exports()["Exports"] == []


@pytest.mark.parametrize("by_change_set", [False, True])
def test_an_export_that_an_update_takes_away_is_listed_no_more(
    stack: Stack, by_change_set: bool
) -> None:
    """Nor is the old name of one that got another; another stack's stay."""

    def exporting(**names: str) -> str:
        outputs = {
            key: {"Value": {"Ref": "Bucket"}, "Export": {"Name": name}}
            for key, name in names.items()
        }
        bucket = {"Type": "AWS::S3::Bucket"}
        return json.dumps({"Resources": {"Bucket": bucket}, "Outputs": outputs})

    def listed() -> set[str]:
        return {row["Name"] for row in stack.formation.list_exports()["Exports"]}

    stack.formation.create_stack(StackName="Other", TemplateBody=exporting(Out="theirs"))
    stack.deploy(exporting(First="one", Second="two", Third="three"), "CREATE")
    assert listed() == {"theirs", "one", "two", "three"}
    changed = exporting(First="one", Third="drei", Fourth="four")
    if by_change_set:
        stack.deploy(changed, "UPDATE")
    else:
        stack.formation.update_stack(StackName="Pipeline", TemplateBody=changed)
    assert listed() == {"theirs", "one", "drei", "four"}
    stack.formation.delete_stack(StackName="Pipeline")
    assert listed() == {"theirs"}


EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


# --- what waits -----------------------------------------------------------------------------------

STREAM: Resources = {
    "Type": "AWS::Kinesis::Stream",
    "Properties": {"Name": "clicks", "ShardCount": 1},
}
READER: Resources = {
    "Type": "AWS::Kinesis::StreamConsumer",
    "Properties": {
        "ConsumerName": "reader",
        "StreamARN": {"Fn::GetAtt": ["Stream", "Arn"]},
        "Tags": [{"Key": "team", "Value": "a"}],
    },
}
MAPPING: Resources = {
    "Type": "AWS::Lambda::EventSourceMapping",
    "Properties": {
        "EventSourceArn": {"Ref": "Reader"},
        "FunctionName": "worker",
        "StartingPosition": "LATEST",
        "BatchSize": "50",
    },
}


def template_of(**resources: Resources) -> str:
    return json.dumps({"Resources": resources})


def changed(resource: Resources, **properties: Any) -> Resources:
    return {**resource, "Properties": {**resource["Properties"], **properties}}


def test_a_consumer_with_another_name_or_other_tags_is_another_one(stack: Stack) -> None:
    """Its schema has Tags among what makes another (``tagUpdatable`` is false)."""
    stack.deploy(template_of(Stream=STREAM, Reader=READER), "CREATE")
    stack.wait("stack_create_complete")
    [before] = stack.consumers()
    tags = [{"Key": "cost", "Value": "1"}]
    text = template_of(Stream=STREAM, Reader=changed(READER, Tags=tags))
    stack.formation.update_stack(StackName="Pipeline", TemplateBody=text)
    assert stack.told()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = stack.formation.describe_stack_events(StackName="Pipeline")["StackEvents"]
    assert any("already exists" in row.get("ResourceStatusReason", "") for row in events)
    assert stack.consumers() == [before]
    again = changed(READER, ConsumerName="other", Tags=tags)
    text = template_of(Stream=STREAM, Reader=again)
    stack.formation.update_stack(StackName="Pipeline", TemplateBody=text)
    stack.sim.advance(seconds=30)
    [after] = stack.consumers()
    assert after["ConsumerName"] == "other"
    told = stack.kinesis.list_tags_for_resource(ResourceARN=after["ConsumerARN"])
    assert told["Tags"] == tags


def test_what_a_mappings_template_no_longer_says_is_as_by_default(stack: Stack) -> None:
    text = template_of(Stream=STREAM, Reader=READER, Mapping=MAPPING)
    stack.formation.create_stack(StackName="Pipeline", TemplateBody=text)
    assert stack.told()["StackStatus"] == "CREATE_IN_PROGRESS"
    stack.wait("stack_create_complete")
    assert stack.mappings()[0]["BatchSize"] == 50
    plain = {name: value for name, value in MAPPING["Properties"].items() if name != "BatchSize"}
    stack.deploy(
        template_of(Stream=STREAM, Reader=READER, Mapping={**MAPPING, "Properties": plain}),
        "UPDATE",
    )  # while the mapping is still being created
    stack.sim.advance(minutes=1)
    assert stack.mappings()[0]["BatchSize"] == 100


def test_what_is_refused_after_the_wait_rolls_the_stack_back(stack: Stack) -> None:
    lost = changed(MAPPING, FunctionName="nobody")
    stack.deploy(template_of(Stream=STREAM, Reader=READER, Mapping=lost), "CREATE")
    stack.sim.advance(minutes=1)
    assert stack.told()["StackStatus"] == "ROLLBACK_COMPLETE"
    events = stack.formation.describe_stack_events(StackName="Pipeline")["StackEvents"]
    reasons = [row["ResourceStatusReason"] for row in events if "ResourceStatusReason" in row]
    assert any("Function does not exist" in reason for reason in reasons)
    assert stack.kinesis.list_streams()["StreamNames"] == []


def test_all_metrics_beside_others_roll_the_stack_back(stack: Stack) -> None:
    both = changed(STREAM, DesiredShardLevelMetrics=["ALL", "IncomingBytes"])
    stack.deploy(template_of(Stream=both), "CREATE")
    stack.sim.advance(minutes=1)
    assert stack.told()["StackStatus"] == "ROLLBACK_COMPLETE"
    events = stack.formation.describe_stack_events(StackName="Pipeline")["StackEvents"]
    reasons = " ".join(row.get("ResourceStatusReason", "") for row in events)
    assert "DesiredShardLevelMetrics cannot have ALL with other metric names" in reasons
    assert stack.kinesis.list_streams()["StreamNames"] == []


def test_a_stack_that_is_deleted_while_it_waits_makes_nothing_more(stack: Stack) -> None:
    stack.deploy(template_of(Stream=STREAM, Reader=READER), "CREATE")
    stack.formation.delete_stack(StackName="Pipeline")
    stack.sim.advance(minutes=1)
    assert stack.kinesis.list_streams()["StreamNames"] == []


def test_a_change_that_needs_what_is_not_active_yet_is_told_so(stack: Stack) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {}}
    stack.deploy(template_of(Stream=STREAM, Queue=queue), "CREATE")
    named = {**queue, "Properties": {"QueueName": {"Fn::GetAtt": ["Reader", "ConsumerName"]}}}
    with pytest.raises(ClientError, match="is not ACTIVE yet"):
        stack.deploy(template_of(Stream=STREAM, Queue=named, Reader=READER), "UPDATE")


def test_a_stack_is_in_progress_until_its_streams_are_active(stack: Stack) -> None:
    assert stack.deploy(template_of(Stream=STREAM), "CREATE") == "CREATE_IN_PROGRESS"
    stack.wait("stack_create_complete")
    stream = stack.sim.streams["clicks"]
    assert stream.status is StreamStatus.ACTIVE
    longer = changed(STREAM, RetentionPeriodHours=48, ShardCount=2)
    assert stack.deploy(template_of(Stream=longer), "UPDATE") == "UPDATE_IN_PROGRESS"
    stack.wait("stack_update_complete")
    assert stream.status is StreamStatus.ACTIVE
    assert (stream.settings.retention_hours, stream.open_count) == (48, 2)
    events = stack.formation.describe_stack_events(StackName="Pipeline")["StackEvents"]
    assert [row["ResourceStatus"] for row in reversed(events)][-2:] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE",
    ]


def test_a_change_that_the_stream_refuses_undoes_the_update_with_its_reason(stack: Stack) -> None:
    stack.deploy(template_of(Stream=STREAM), "CREATE")
    stack.wait("stack_create_complete")
    stack.deploy(template_of(Stream=changed(STREAM, ShardCount=5)), "UPDATE")
    stack.sim.advance(minutes=1)
    assert stack.told()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = stack.formation.describe_stack_events(StackName="Pipeline")["StackEvents"]
    reasons = " ".join(row.get("ResourceStatusReason", "") for row in events)
    assert "UpdateShardCount cannot scale up" in reasons
    assert stack.sim.streams["clicks"].open_count == 1
    stack.deploy(template_of(Stream=changed(STREAM, RetentionPeriodHours=25)), "UPDATE")
    stack.wait("stack_update_complete")


def test_a_firehose_stream_whose_key_may_not_be_used_rolls_the_stack_back(stack: Stack) -> None:
    kms, firehose = stack.sim.client("kms"), stack.sim.client("firehose")
    key = kms.create_key()["KeyMetadata"]
    kms.disable_key(KeyId=key["KeyId"])
    hose = {
        "Type": "AWS::KinesisFirehose::DeliveryStream",
        "Properties": {
            "DeliveryStreamName": "locked",
            "DeliveryStreamEncryptionConfigurationInput": {
                "KeyType": "CUSTOMER_MANAGED_CMK",
                "KeyARN": key["Arn"],
            },
            "ExtendedS3DestinationConfiguration": {
                "RoleARN": f"arn:aws:iam::{stack.sim.account}:role/r",
                "BucketARN": "arn:aws:s3:::anywhere",
            },
        },
    }
    stack.deploy(template_of(Hose=hose), "CREATE")
    stack.sim.advance(minutes=1)
    assert stack.told()["StackStatus"] == "ROLLBACK_COMPLETE"
    events = stack.formation.describe_stack_events(StackName="Pipeline")["StackEvents"]
    [failed] = [row for row in events if row["ResourceStatus"] == "CREATE_FAILED"]
    assert "with identifier 'locked' did not stabilize" in failed["ResourceStatusReason"]
    stack.sim.advance(minutes=1)
    assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
OF_STREAM = "Resources: {S: {Type: 'AWS::Kinesis::Stream', Properties: {ShardCount: 1, Tags: %s}}}"
ODD_TAG = "z: !x[y] 1\n"
"""Python's reader of YAML goes on at such a tag, libyaml does not."""
HOSTILE = {
    "aliases behind an odd tag": (ODD_TAG + BOMB + OF_STREAM % "*i", "aliases are not allowed"),
    "program behind an odd tag": (
        ODD_TAG + OF_STREAM % "!!python/object/apply:builtins.print [x]",
        "no tag of CloudFormation's",
    ),
    "aliases": (BOMB + OF_STREAM % "*i", "YAML aliases are not allowed"),
    "itself": ("a: &a [*a]\n" + OF_STREAM % "*a", "YAML aliases are not allowed"),
    "depth": (OF_STREAM % ("[" * 2_000 + "]" * 2_000), "more than 100 levels"),
    "size": (OF_STREAM % "[]" + " " * 51_200, "less than or equal to 51200"),
    "program": (
        OF_STREAM % "!!python/object/apply:builtins.print [x]",
        "no tag of CloudFormation's",
    ),
    "no template": ('{"Resources": {"S": {"Type": "AWS::Kinesis::Stream", "Properties": 5}}}', ""),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("create_stack", {"StackName": "Hostile"}),
        ("create_change_set", {"StackName": "Hostile", "ChangeSetName": "c"}),
        ("get_template_summary", {}),
    ],
)
def test_a_hostile_template_is_refused_in_one_sentence(
    stack: Stack, name: str, operation: str, more: dict[str, str]
) -> None:
    template, says = HOSTILE[name]
    try:
        getattr(stack.formation, operation)(TemplateBody=template, **more)
    except ClientError as error:
        told = error.response
        assert told["Error"]["Code"] == "ValidationError"
        assert told["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert says in told["Error"]["Message"]
    else:
        assert name == "no template"


@pytest.mark.parametrize("module", documents.READERS)
def test_moto_reads_templates_as_data_whoever_asks(stack: Stack, module: str) -> None:
    """Past our checks, too: a saved file's inputs go straight to moto."""
    stack.formation.list_stacks()
    yaml: Any = import_module(module).yaml  # type: ignore[attr-defined]
    text = "{a: !!python/object/apply:builtins.exit [3], b: !Ref c}"
    found = yaml.load(text, Loader=yaml.Loader)
    assert found["b"] == {"Ref": "c"}
    assert isinstance(found["a"], dict)


@pytest.mark.parametrize(("levels", "read"), [(40, "x"), (41, "")])
def test_a_property_is_read_to_40_levels(levels: int, read: str) -> None:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    found = templates._plain(value, {})
    while isinstance(found, list):
        [found] = found
    assert found == read
