"""Stacks make, change, replace and remove video streams, channels and applications.

What a property may be, which change makes another resource and what Fn::GetAtt gives are read from
CloudFormation's own schemas (``bridges/schemas.py``).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.bridges import schemas, shapes
from kinesis_sim.aws.bridges.kinds import KINDS
from kinesis_sim.aws.bridges.stacks import DELIVERY_STREAM, STREAM
from kinesis_sim.errors import ServiceError
from tests.aws.test_bridges import Client
from tests.aws.test_bridges import reach as reach

NAME = "pilha-de-tipos"
ACCOUNTS = count(440_000_000_000)
"""moto keeps stacks by account for as long as this process lives."""
COPY = """
CREATE TABLE feed (page STRING) WITH ('connector' = 'kinesis', 'stream' = 'meu-stream', 'format' = 'json');
CREATE TABLE totals (page STRING) WITH ('connector' = 'kinesis', 'stream' = 'meu-stream', 'format' = 'json');
INSERT INTO totals SELECT page FROM feed;
"""  # noqa: E501
Properties = dict[str, Any]


class Stack:
    """One stack. made: a change set or a call, by one carrier."""

    def __init__(self, sim: Simulator, reach: Client) -> None:
        self.sim, self.formation = sim, reach("cloudformation")
        self.video, self.flink = sim.client("kinesisvideo"), sim.client("kinesisanalyticsv2")
        self.older = sim.client("kinesisanalytics")

    def create(self, outputs: Properties | None = None, **resources: Any) -> None:
        text = json.dumps({"Resources": resources, "Outputs": outputs or {}})
        self.formation.create_stack(StackName=NAME, TemplateBody=text)
        self.sim.advance(minutes=1)
        assert self.status() == "CREATE_COMPLETE", self.reasons()

    def update(self, **resources: Any) -> None:
        self.formation.update_stack(
            StackName=NAME, TemplateBody=json.dumps({"Resources": resources})
        )
        self.sim.advance(minutes=3)
        assert self.status() == "UPDATE_COMPLETE", self.reasons()

    def status(self) -> str:
        return str(self.formation.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"])

    def reasons(self) -> list[str]:
        events = self.formation.describe_stack_events(StackName=NAME)["StackEvents"]
        return [str(row.get("ResourceStatusReason", "")) for row in events]

    def outputs(self) -> dict[str, str]:
        told = self.formation.describe_stacks(StackName=NAME)["Stacks"][0]["Outputs"]
        return {row["OutputKey"]: row["OutputValue"] for row in told}

    def camera(self) -> Any:
        return self.video.describe_stream(StreamName="camera")["StreamInfo"]

    def application(self) -> Any:
        return self.flink.describe_application(ApplicationName="app")["ApplicationDetail"]


@pytest.fixture
def sim() -> Simulator:
    """With the time that changes take, which stacks wait for."""
    made = Simulator(latency=None, limits="off", account=str(next(ACCOUNTS)))
    made.client("kinesis").create_stream(StreamName="meu-stream", ShardCount=1)
    made.advance(minutes=1)
    return made


@pytest.fixture
def stack(sim: Simulator, reach: Client) -> Iterator[Stack]:
    made = Stack(sim, reach)
    yield made
    made.formation.delete_stack(StackName=NAME)


def resource(kind: str, **properties: Any) -> Properties:
    return {"Type": kind, "Properties": properties}


def camera(**properties: Any) -> Properties:
    return resource("AWS::KinesisVideo::Stream", Name="camera", **properties)


def flink(sim: Simulator, code: str = COPY, **more: Any) -> Properties:
    content = {"CodeContentType": "PLAINTEXT", "CodeContent": {"TextContent": code}}
    configuration = {"ApplicationCodeConfiguration": content, **more.pop("configuration", {})}
    return resource(
        "AWS::KinesisAnalyticsV2::Application",
        **{
            "ApplicationName": "app",
            "RuntimeEnvironment": "FLINK-1_20",
            "ServiceExecutionRole": f"arn:aws:iam::{sim.account}:role/analytics",
            "ApplicationConfiguration": configuration,
            **more,
        },
    )


def test_a_video_stream_is_made_as_its_template_says(stack: Stack) -> None:
    outputs = {
        "Ref": {"Value": {"Ref": "Camera"}},
        "Arn": {"Value": {"Fn::GetAtt": ["Camera", "Arn"]}},
    }
    wanted = camera(
        DataRetentionInHours="24",
        DeviceName="porta",
        MediaType="video/h264",
        StreamStorageConfiguration={"DefaultStorageTier": "WARM"},
        Tags=[{"Key": "lugar", "Value": "portaria"}],
    )
    text = json.dumps({"Resources": {"Camera": wanted}, "Outputs": outputs})
    stack.formation.create_stack(StackName=NAME, TemplateBody=text)
    assert stack.status() == "CREATE_IN_PROGRESS"
    assert stack.camera()["Status"] == "CREATING"
    stack.sim.advance(minutes=1)
    assert stack.status() == "CREATE_COMPLETE"
    told = stack.camera()
    assert (told["DataRetentionInHours"], told["DeviceName"]) == (24, "porta")
    assert told["MediaType"] == "video/h264"
    assert stack.outputs() == {"Ref": "camera", "Arn": told["StreamARN"]}
    tier = stack.video.describe_stream_storage_configuration(StreamName="camera")
    assert tier["StreamStorageConfiguration"] == {"DefaultStorageTier": "WARM"}
    tags = stack.video.list_tags_for_stream(StreamName="camera")["Tags"]
    assert tags == {"lugar": "portaria"}


def test_a_video_stream_is_changed_in_its_place(stack: Stack) -> None:
    stack.create(Camera=camera(DataRetentionInHours=24, DeviceName="porta"))
    born = stack.camera()["CreationTime"]
    stack.update(
        Camera=camera(
            DataRetentionInHours=48,
            DeviceName="janela",
            StreamStorageConfiguration={"DefaultStorageTier": "WARM"},
            Tags=[{"Key": "a", "Value": "b"}],
        )
    )
    told = stack.camera()
    assert (told["DataRetentionInHours"], told["DeviceName"]) == (48, "janela")
    assert told["CreationTime"] == born
    assert stack.video.list_tags_for_stream(StreamName="camera")["Tags"] == {"a": "b"}
    stack.update(Camera=camera(DataRetentionInHours=2, DeviceName="janela"))
    told = stack.camera()
    assert told["DataRetentionInHours"] == 2
    tier = stack.video.describe_stream_storage_configuration(StreamName="camera")
    assert tier["StreamStorageConfiguration"] == {"DefaultStorageTier": "HOT"}
    assert stack.video.list_tags_for_stream(StreamName="camera")["Tags"] == {}


def test_another_name_is_another_stream_and_the_first_one_goes(stack: Stack) -> None:
    stack.create(Camera=camera())
    stack.update(Camera=resource("AWS::KinesisVideo::Stream", Name="outra"))
    rows = stack.video.list_streams()["StreamInfoList"]
    assert [row["StreamName"] for row in rows] == ["outra"]
    stack.formation.delete_stack(StackName=NAME)
    stack.sim.advance(minutes=1)
    assert stack.video.list_streams()["StreamInfoList"] == []


def test_a_stream_without_a_name_is_called_after_its_stack(stack: Stack) -> None:
    stack.create(Camera=resource("AWS::KinesisVideo::Stream"))
    [row] = stack.video.list_streams()["StreamInfoList"]
    assert re.fullmatch(rf"{NAME}-Camera-\w+", row["StreamName"])


def test_a_key_cannot_change(stack: Stack) -> None:
    stack.create(Camera=camera())
    with pytest.raises(ClientError, match="does not change KmsKeyId"):
        stack.update(Camera=camera(KmsKeyId="alias/aws/kinesisvideo"))
    assert stack.camera()["KmsKeyId"].endswith("alias/aws/kinesisvideo")


def test_a_channel_is_made_changed_and_removed(stack: Stack) -> None:
    def channel(**properties: Any) -> Properties:
        return resource("AWS::KinesisVideo::SignalingChannel", Name="porteiro", **properties)

    def told() -> Any:
        return stack.video.describe_signaling_channel(ChannelName="porteiro")["ChannelInfo"]

    stack.create(
        {"Arn": {"Value": {"Fn::GetAtt": ["Channel", "Arn"]}}},
        Channel=channel(
            MessageTtlSeconds=30, Type="SINGLE_MASTER", Tags=[{"Key": "a", "Value": "b"}]
        ),
    )
    assert stack.outputs() == {"Arn": told()["ChannelARN"]}
    assert told()["SingleMasterConfiguration"]["MessageTtlSeconds"] == 30
    tags = stack.video.list_tags_for_resource(ResourceARN=told()["ChannelARN"])["Tags"]
    assert tags == {"a": "b"}
    stack.update(Channel=channel(MessageTtlSeconds="90"))
    assert told()["SingleMasterConfiguration"]["MessageTtlSeconds"] == 90
    tags = stack.video.list_tags_for_resource(ResourceARN=told()["ChannelARN"])["Tags"]
    assert tags == {}
    stack.update(Channel=channel())
    assert told()["SingleMasterConfiguration"]["MessageTtlSeconds"] == 60
    stack.formation.delete_stack(StackName=NAME)
    stack.sim.advance(minutes=1)
    assert stack.video.list_signaling_channels()["ChannelInfoList"] == []


def test_an_application_is_made_and_not_started(stack: Stack) -> None:
    stack.create(
        {"Ref": {"Value": {"Ref": "App"}}},
        App=flink(
            stack.sim,
            ApplicationDescription="conta cliques",
            Tags=[{"Key": "a", "Value": "b"}],
            ApplicationMaintenanceConfiguration={"ApplicationMaintenanceWindowStartTime": "05:00"},
            configuration={
                "EnvironmentProperties": {
                    "PropertyGroups": [{"PropertyGroupId": "g", "PropertyMap": {"k": 1}}]
                }
            },
        ),
    )
    told = stack.application()
    assert (told["ApplicationStatus"], told["ApplicationVersionId"]) == ("READY", 1)
    assert told["ApplicationDescription"] == "conta cliques"
    window = told["ApplicationMaintenanceConfigurationDescription"]
    assert window["ApplicationMaintenanceWindowStartTime"] == "05:00"
    configured = told["ApplicationConfigurationDescription"]
    groups = configured["EnvironmentPropertyDescriptions"]["PropertyGroupDescriptions"]
    assert groups == [{"PropertyGroupId": "g", "PropertyMap": {"k": "1"}}]
    assert stack.outputs() == {"Ref": "app"}
    tags = stack.flink.list_tags_for_resource(ResourceARN=told["ApplicationARN"])["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]


def test_a_running_application_is_changed_and_the_stack_waits(stack: Stack) -> None:
    stack.create(App=flink(stack.sim))
    stack.flink.start_application(ApplicationName="app")
    stack.sim.advance(minutes=1)
    parallel = {
        "FlinkApplicationConfiguration": {
            "ParallelismConfiguration": {"ConfigurationType": "CUSTOM", "Parallelism": "2"}
        },
        "EnvironmentProperties": {
            "PropertyGroups": [{"PropertyGroupId": "g", "PropertyMap": {"k": "v"}}]
        },
        "ApplicationSnapshotConfiguration": {"SnapshotsEnabled": "false"},
    }
    text = json.dumps({"Resources": {"App": flink(stack.sim, configuration=parallel)}})
    stack.formation.update_stack(StackName=NAME, TemplateBody=text)
    assert stack.status() == "UPDATE_IN_PROGRESS"
    assert stack.application()["ApplicationStatus"] == "UPDATING"
    stack.sim.advance(minutes=2)
    assert stack.status() == "UPDATE_COMPLETE"
    told = stack.application()
    assert (told["ApplicationStatus"], told["ApplicationVersionId"]) == ("RUNNING", 2)
    configured = told["ApplicationConfigurationDescription"]
    flink_told = configured["FlinkApplicationConfigurationDescription"]
    assert flink_told["ParallelismConfigurationDescription"]["Parallelism"] == 2
    groups = configured["EnvironmentPropertyDescriptions"]["PropertyGroupDescriptions"]
    assert groups == [{"PropertyGroupId": "g", "PropertyMap": {"k": "v"}}]
    snapshots = configured["ApplicationSnapshotConfigurationDescription"]
    assert snapshots == {"SnapshotsEnabled": False}


def test_a_refused_change_of_an_application_undoes_the_update(stack: Stack) -> None:
    stack.create(App=flink(stack.sim))
    text = json.dumps({"Resources": {"App": flink(stack.sim, "SELECT FROM")}})
    stack.formation.update_stack(StackName=NAME, TemplateBody=text)
    stack.sim.advance(minutes=1)
    assert stack.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert any("CodeValidationException" in reason for reason in stack.reasons())
    told = stack.application()["ApplicationConfigurationDescription"]
    code = told["ApplicationCodeConfigurationDescription"]["CodeContentDescription"]
    assert code["TextContent"] == COPY


def test_an_applications_networks_come_and_go(stack: Stack) -> None:
    network = {"SubnetIds": ["subnet-0a"], "SecurityGroupIds": ["sg-0a"]}
    other = {"SubnetIds": ["subnet-0b"], "SecurityGroupIds": ["sg-0b"]}

    def networks() -> list[list[str]]:
        told = stack.application()["ApplicationConfigurationDescription"]
        return [row["SubnetIds"] for row in told.get("VpcConfigurationDescriptions", ())]

    stack.create(App=flink(stack.sim, configuration={"VpcConfigurations": [network]}))
    assert networks() == [["subnet-0a"]]
    stack.update(App=flink(stack.sim, configuration={"VpcConfigurations": [other]}))
    assert networks() == [["subnet-0b"]]
    stack.update(App=flink(stack.sim))
    assert networks() == []


def test_a_custom_named_application_is_not_replaced(stack: Stack) -> None:
    stack.create(App=flink(stack.sim))
    text = json.dumps({"Resources": {"App": flink(stack.sim, ApplicationMode="STREAMING")}})
    stack.formation.update_stack(StackName=NAME, TemplateBody=text)
    stack.sim.advance(minutes=1)
    assert stack.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert any("custom-named resource requires replacing" in told for told in stack.reasons())


def test_an_archive_comes_in_base64(stack: Stack) -> None:
    def application(text: str) -> Properties:
        code = {"CodeContentType": "ZIPFILE", "CodeContent": {"ZipFileContent": text}}
        made = flink(stack.sim)
        made["Properties"]["ApplicationConfiguration"]["ApplicationCodeConfiguration"] = code
        return made

    stack.create(App=application(base64.b64encode(b"PK um arquivo").decode()))
    told = stack.application()["ApplicationConfigurationDescription"]
    code = told["ApplicationCodeConfigurationDescription"]["CodeContentDescription"]
    assert code["CodeSize"] == len(b"PK um arquivo")
    stack.formation.delete_stack(StackName=NAME)
    stack.sim.advance(minutes=1)
    text = json.dumps({"Resources": {"App": application("no base64!")}})
    stack.formation.create_stack(StackName=NAME, TemplateBody=text)
    stack.sim.advance(minutes=1)
    assert any("ZipFileContent is not base64" in reason for reason in stack.reasons())


COLUMNS = [{"Name": "page", "SqlType": "VARCHAR(16)", "Mapping": "$.page"}]
SCHEMA = {
    "RecordFormat": {
        "RecordFormatType": "JSON",
        "MappingParameters": {"JSONMappingParameters": {"RecordRowPath": "$"}},
    },
    "RecordColumns": COLUMNS,
}


def older(sim: Simulator, code: str = "", prefix: str = "SOURCE_SQL_STREAM") -> Properties:
    role = f"arn:aws:iam::{sim.account}:role/analytics"
    arn = f"arn:aws:kinesis:us-east-1:{sim.account}:stream/meu-stream"
    source = {
        "NamePrefix": prefix,
        "InputSchema": SCHEMA,
        "KinesisStreamsInput": {"ResourceARN": arn, "RoleARN": role},
    }
    more = {"ApplicationCode": code} if code else {}
    return resource(
        "AWS::KinesisAnalytics::Application", ApplicationName="app", Inputs=[source], **more
    )


def output(sim: Simulator, service: str, name: str = "DESTINATION_SQL_STREAM") -> Properties:
    arn = f"arn:aws:kinesis:us-east-1:{sim.account}:stream/meu-stream"
    target = {"ResourceARN": arn}
    if service == "KinesisAnalytics":
        target["RoleARN"] = f"arn:aws:iam::{sim.account}:role/analytics"
    told = {
        "Name": name,
        "DestinationSchema": {"RecordFormatType": "JSON"},
        "KinesisStreamsOutput": target,
    }
    kind = f"AWS::{service}::ApplicationOutput"
    return resource(kind, ApplicationName={"Ref": "App"}, Output=told)


def test_an_application_of_the_older_api_has_its_output_added_changed_and_taken(
    stack: Stack,
) -> None:
    def outputs() -> list[str]:
        told = stack.older.describe_application(ApplicationName="app")["ApplicationDetail"]
        return [row["Name"] for row in told.get("OutputDescriptions", ())]

    service = "KinesisAnalytics"
    stack.create(App=older(stack.sim), Out=output(stack.sim, service))
    assert outputs() == ["DESTINATION_SQL_STREAM"]
    stack.update(App=older(stack.sim), Out=output(stack.sim, service, "OUTRA"))
    assert outputs() == ["OUTRA"]
    stack.update(App=older(stack.sim, prefix="FONTE"))
    assert outputs() == []
    told = stack.older.describe_application(ApplicationName="app")["ApplicationDetail"]
    assert told["InputDescriptions"][0]["NamePrefix"] == "FONTE"


def test_a_sql_application_of_the_newer_api_has_parts_of_its_own(stack: Stack) -> None:
    arn = f"arn:aws:kinesis:us-east-1:{stack.sim.account}:stream/meu-stream"
    bucket = f"tabelas-{stack.sim.account}"
    stack.sim.buckets.create(bucket)

    def application(prefix: str) -> Properties:
        source = {
            "NamePrefix": prefix,
            "InputSchema": SCHEMA,
            "KinesisStreamsInput": {"ResourceARN": arn},
        }
        return resource(
            "AWS::KinesisAnalyticsV2::Application",
            ApplicationName="app",
            RuntimeEnvironment="SQL-1_0",
            ServiceExecutionRole=f"arn:aws:iam::{stack.sim.account}:role/analytics",
            ApplicationConfiguration={"SqlApplicationConfiguration": {"Inputs": [source]}},
        )

    def reference(key: str) -> Properties:
        place = {"BucketARN": f"arn:aws:s3:::{bucket}", "FileKey": key}
        return resource(
            "AWS::KinesisAnalyticsV2::ApplicationReferenceDataSource",
            ApplicationName={"Ref": "App"},
            ReferenceDataSource={
                "TableName": "paises",
                "S3ReferenceDataSource": place,
                "ReferenceSchema": SCHEMA,
            },
        )

    def logging(name: str) -> Properties:
        log = f"arn:aws:logs:us-east-1:{stack.sim.account}:log-group:g:log-stream:{name}"
        return resource(
            "AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption",
            ApplicationName={"Ref": "App"},
            CloudWatchLoggingOption={"LogStreamARN": log},
        )

    out = output(stack.sim, "KinesisAnalyticsV2")
    stack.create(
        {"Id": {"Value": {"Fn::GetAtt": ["Out", "Id"]}}},
        App=application("FONTE"),
        Out=out,
        Table=reference("a.json"),
        Log=logging("um"),
    )

    def sql() -> Any:
        told = stack.application()["ApplicationConfigurationDescription"]
        return told["SqlApplicationConfigurationDescription"]

    def keys() -> list[str]:
        rows = sql().get("ReferenceDataSourceDescriptions", ())
        return [row["S3ReferenceDataSourceDescription"]["FileKey"] for row in rows]

    def logs() -> list[str]:
        rows = stack.application().get("CloudWatchLoggingOptionDescriptions", ())
        return [row["LogStreamARN"].rpartition(":")[2] for row in rows]

    assert stack.outputs()["Id"] == sql()["OutputDescriptions"][0]["OutputId"]
    assert (keys(), logs()) == (["a.json"], ["um"])
    stack.update(App=application("OUTRA"), Out=out, Table=reference("b.json"), Log=logging("dois"))
    assert (keys(), logs()) == (["b.json"], ["dois"])
    assert sql()["InputDescriptions"][0]["NamePrefix"] == "OUTRA"
    stack.update(App=application("OUTRA"))
    assert (keys(), logs(), sql().get("OutputDescriptions", [])) == ([], [], [])


def test_every_type_that_is_made_here_has_a_schema() -> None:
    for kind in (STREAM, DELIVERY_STREAM, *KINDS):
        schema = schemas.schema_of(kind)
        assert schema["typeName"] == kind
        assert schema["properties"]
        assert all(path.startswith("/properties/") for path in schema["primaryIdentifier"])


WRONG: list[tuple[str, Properties, list[str]]] = [
    (
        "AWS::KinesisVideo::Stream",
        {"Name": "a b", "DataRetentionInHours": -1, "Arn": "x", "Foo": 1},
        [
            "#: extraneous key [Arn] is not permitted",
            "#: extraneous key [Foo] is not permitted",
            "#/DataRetentionInHours: failed validation constraint for keyword [minimum]",
        ],
    ),
    (
        "AWS::KinesisVideo::SignalingChannel",
        {"MessageTtlSeconds": "121", "Type": "FULL_MESH", "Tags": []},
        [
            "#/MessageTtlSeconds: failed validation constraint for keyword [maximum]",
            "#/Tags: expected minimum item count: 1, found: 0",
            "#/Type: #: only 1 subschema matches out of 2",
            "#/Type: failed validation constraint for keyword [enum]",
        ],
    ),
    (
        "AWS::KinesisAnalyticsV2::Application",
        {"ApplicationName": "a" * 129, "ServiceExecutionRole": "x", "RuntimeEnvironment": []},
        [
            "#/ApplicationName: expected maxLength: 128, actual: 129",
            "#/RuntimeEnvironment: #: only 0 subschema matches out of 2",
            "#/RuntimeEnvironment: expected type: String, found: JSONArray",
            "#/RuntimeEnvironment: failed validation constraint for keyword [enum]",
            "#/ServiceExecutionRole: failed validation constraint for keyword [pattern]",
        ],
    ),
    (
        "AWS::Kinesis::Stream",
        {"ShardCount": "0", "DesiredShardLevelMetrics": ["ALL", "ALL"], "Name": True},
        [
            "#/DesiredShardLevelMetrics: array items are not unique",
            "#/ShardCount: failed validation constraint for keyword [minimum]",
        ],
    ),
    (
        "AWS::KinesisAnalyticsV2::ApplicationOutput",
        {"Output": None},
        [
            "#: required key [ApplicationName] not found",
            "#/Output: expected type: JSONObject, found: Null",
        ],
    ),
    (
        "AWS::Lambda::EventSourceMapping",
        {"FunctionName": "f", "BisectBatchOnFunctionError": "yes", "BatchSize": 1.5},
        [
            "#/BatchSize: expected type: Integer, found: Number",
            "#/BisectBatchOnFunctionError: expected type: Boolean, found: String",
        ],
    ),
]


@pytest.mark.parametrize(("kind", "properties", "lines"), WRONG, ids=[row[0] for row in WRONG])
def test_each_violation_is_a_line_in_the_validators_words(
    kind: str, properties: Properties, lines: list[str]
) -> None:
    with pytest.raises(ServiceError) as caught:
        shapes.check(kind, "Wrong", properties)
    head, *told = caught.value.message.split("\n")
    assert head == "Properties validation failed for resource Wrong with message:"
    assert told == lines


def test_values_are_never_told() -> None:
    secret = "senha secreta"
    with pytest.raises(ServiceError) as caught:
        shapes.check(
            "AWS::KinesisVideo::Stream", "W", {"Name": secret, "MediaType": secret, "Tags": secret}
        )
    assert secret not in caught.value.message


@pytest.mark.parametrize(
    ("kind", "given", "typed"),
    [
        ("AWS::Kinesis::Stream", {"ShardCount": "2"}, {"ShardCount": 2}),
        ("AWS::Kinesis::Stream", {"ShardCount": "2e3"}, {"ShardCount": "2e3"}),
        ("AWS::Kinesis::Stream", {"Name": 12}, {"Name": "12"}),
        ("AWS::Kinesis::Stream", {"ShardCount": "9" * 5000}, {"ShardCount": "9" * 5000}),
        ("AWS::Lambda::EventSourceMapping", {"Enabled": "false"}, {"Enabled": False}),
        ("AWS::Lambda::EventSourceMapping", {"Enabled": [True]}, {"Enabled": [True]}),
    ],
)
def test_numbers_and_booleans_may_be_texts(kind: str, given: Properties, typed: Properties) -> None:
    assert schemas.typed(kind, given) == typed
