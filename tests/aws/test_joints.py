"""Neighbours that feed Kinesis: none of them fills moto's own streams, where nobody reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.joints import joints, lines_of
from kinesis_sim.aws.model import service_model
from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import client, instant

ACCOUNT = "310987654321"
STREAM = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/meu-stream"
HOSE = f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/meu-firehose"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:topico"
Ask = dict[str, Any]


def template(kind: str, properties: Ask, **more: Any) -> str:
    return json.dumps({"Resources": {"It": {"Type": kind, "Properties": properties}}, **more})


def stack(text: str, **more: Any) -> tuple[str, str, Ask]:
    return "cloudformation", "create_stack", {"StackName": "pilha", "TemplateBody": text, **more}


RULE = {"State": "ENABLED", "ScheduleExpression": "rate(1 minute)"}
SHORT_FORM = """
Parameters: {Where: {Type: String, Default: none}}
Resources:
  Destino:
    Type: AWS::Logs::Destination
    Properties: {DestinationName: d, RoleArn: r, TargetArn: !Ref Where}
"""
REFUSED: list[tuple[str, str, Ask]] = [
    stack(template("AWS::Kinesis::Channel", {"ChannelName": "v"})),
    stack(
        template(
            "AWS::IoT::TopicRule",
            {"TopicRulePayload": {"Actions": [{"Kinesis": {"StreamName": "s", "RoleArn": ROLE}}]}},
        )
    ),
    stack(SHORT_FORM, Parameters=[{"ParameterKey": "Where", "ParameterValue": STREAM}]),
    (
        "cloudformation",
        "create_change_set",
        {
            "StackName": "pilha",
            "ChangeSetName": "mudanca",
            "ChangeSetType": "CREATE",
            "TemplateBody": template("AWS::Kinesis::Channel", {"ChannelName": "v"}),
        },
    ),
    (
        "logs",
        "put_destination",
        {"destinationName": "d", "targetArn": STREAM, "roleArn": ROLE},
    ),
    (
        "scheduler",
        "create_schedule",
        {
            "Name": "s",
            "ScheduleExpression": "rate(1 hour)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": STREAM, "RoleArn": ROLE},
        },
    ),
    ("pipes", "create_pipe", {"Name": "p", "RoleArn": ROLE, "Source": STREAM, "Target": TOPIC}),
    (
        "stepfunctions",
        "create_state_machine",
        {
            "name": "m",
            "roleArn": ROLE,
            "definition": '{"States":{"P":{"Resource":"arn:aws:states:::aws-sdk:kinesis:put"}}}',
        },
    ),
    (
        "apigateway",
        "put_integration",
        {
            "restApiId": "a",
            "resourceId": "r",
            "httpMethod": "POST",
            "type": "AWS",
            "uri": "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
        },
    ),
    (
        "apigatewayv2",
        "create_integration",
        {
            "ApiId": "a",
            "IntegrationType": "AWS_PROXY",
            "IntegrationSubtype": "Kinesis-PutRecord",
        },
    ),
    (
        "iot",
        "create_topic_rule",
        {
            "ruleName": "r",
            "topicRulePayload": {
                "sql": "SELECT * FROM 'a'",
                "actions": [{"firehose": {"roleArn": ROLE, "deliveryStreamName": "f"}}],
            },
        },
    ),
    (
        "dms",
        "create_endpoint",
        {"EndpointIdentifier": "e", "EndpointType": "target", "EngineName": "kinesis"},
    ),
    (
        "ec2",
        "create_flow_logs",
        {
            "ResourceIds": ["vpc-1"],
            "ResourceType": "VPC",
            "LogDestinationType": "kinesis-data-firehose",
            "LogDestination": HOSE,
        },
    ),
    (
        "ses",
        "create_configuration_set_event_destination",
        {
            "ConfigurationSetName": "c",
            "EventDestination": {
                "Name": "e",
                "MatchingEventTypes": ["send"],
                "KinesisFirehoseDestination": {"IAMRoleARN": ROLE, "DeliveryStreamARN": HOSE},
            },
        },
    ),
    (
        "wafv2",
        "put_logging_configuration",
        {"LoggingConfiguration": {"ResourceArn": ROLE, "LogDestinationConfigs": [HOSE]}},
    ),
    ("workspaces-web", "create_user_access_logging_settings", {"kinesisStreamArn": STREAM}),
]
"""One call for each of the joints that people build most, and templates of each form."""


@pytest.fixture(scope="module")
def sim() -> Simulator:
    made = instant(account=ACCOUNT)
    made.client("kinesis").create_stream(StreamName="meu-stream", ShardCount=1)
    return made


@pytest.fixture(scope="module")
def server(sim: Simulator) -> Iterator[Server]:
    with start(sim) as running:
        yield running


def motos_streams() -> list[str]:
    """What lies in moto's own Kinesis and Firehose of the account, in any Region."""
    from moto.firehose.models import firehose_backends
    from moto.kinesis.models import kinesis_backends

    return [name for region in kinesis_backends[ACCOUNT].values() for name in region.streams] + [
        name for region in firehose_backends[ACCOUNT].values() for name in region.delivery_streams
    ]


def _names(row: tuple[str, str, Ask]) -> str:
    return f"{row[0]}.{row[1]}"


def _refused(call: Callable[..., Any], ask: Ask) -> None:
    with pytest.raises(ClientError) as caught:
        call(**ask)
    told = caught.value.response
    assert told["Error"]["Code"] == "UnknownOperationException"
    assert told["Error"]["Message"].startswith("Kinesis Lab does not simulate ")
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert told["ResponseMetadata"]["RetryAttempts"] == 0
    assert motos_streams() == []


@pytest.mark.parametrize("row", REFUSED, ids=_names)
def test_what_would_feed_motos_kinesis_is_refused_by_name(
    sim: Simulator, server: Server, row: tuple[str, str, Ask]
) -> None:
    service, operation, ask = row
    _refused(getattr(sim.client(service), operation), ask)
    with client(server, service) as over_http:
        _refused(getattr(over_http, operation), ask)


def test_a_template_in_s3_is_read_before_it_is_made(sim: Simulator, server: Server) -> None:
    sim.buckets.create("modelos-de-pilha")
    text = template("AWS::Kinesis::Channel", {"ChannelName": "v"})
    sim.client("s3").put_object(Bucket="modelos-de-pilha", Key="t.json", Body=text.encode())
    ask = {
        "StackName": "pilha",
        "TemplateURL": "https://modelos-de-pilha.s3.us-east-1.amazonaws.com/t.json",
    }
    with client(server, "cloudformation") as over_http:
        _refused(over_http.create_stack, ask)
        assert over_http.describe_stacks()["Stacks"] == []


def test_neighbours_that_feed_no_stream_work_as_before(sim: Simulator, server: Server) -> None:
    text = template(
        "AWS::Lambda::EventSourceMapping",
        {"EventSourceArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:fila", "FunctionName": "f"},
    )
    queues = {
        "Resources": {
            "Fila": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "kinesis-dlq"}},
            "Regra": {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    **RULE,
                    "Targets": [{"Id": "1", "Arn": {"Fn::GetAtt": ["Fila", "Arn"]}}],
                },
            },
        }
    }
    from kinesis_sim.aws.templates import joined

    assert joined(text + " kinesis", {}) == ""
    assert joined(text.replace("fila", "kinesis"), {}) == ""
    with client(server, "cloudformation") as formation:
        formation.create_stack(StackName="filas", TemplateBody=json.dumps(queues))
        assert formation.describe_stacks()["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    statement = {"Effect": "Allow", "Action": "kinesis:*", "Resource": STREAM}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    with client(server, "iam") as iam:
        iam.create_policy(PolicyName="leitura", PolicyDocument=json.dumps(policy))
    with client(server, "events") as events:
        events.put_rule(Name="regra", ScheduleExpression="rate(1 minute)", Description=STREAM)
        queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:kinesis-dlq"
        events.put_targets(Rule="regra", Targets=[{"Id": "1", "Arn": queue, "Input": "{}"}])
    with client(server, "sns") as sns:
        topic = sns.create_topic(Name="topico")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
        sns.publish(TopicArn=topic, Message=f"Protocol=firehose {STREAM}")


def test_a_crash_of_motos_speaks_the_protocol_of_the_caller(server: Server) -> None:
    """The short form of Fn::GetAtt, which AWS takes and moto raises a TypeError at."""
    text = template("AWS::SQS::Queue", {}, Outputs={"O": {"Value": {"Fn::GetAtt": "It.Arn"}}})
    with (
        client(server, "cloudformation") as formation,
        pytest.raises(ClientError) as caught,
    ):
        formation.create_stack(StackName="saida", TemplateBody=text)
    told = caught.value.response
    assert told["Error"]["Code"] == "ValidationError"
    assert told["Error"]["Message"].startswith("Template format error: moto cannot read it (TypeE")
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_the_table_names_operations_and_services_that_there_are() -> None:
    light = [joint for joint in joints() if joint.service != "ec2"]
    assert len(light) > 20
    for joint in light:
        model = service_model(joint.service)
        assert joint.signed == model.signing_name, joint
        assert joint.operations <= set(model.operation_names), joint
        assert joint.operations


def test_lines_leave_positions_out() -> None:
    assert list(lines_of({"A": [{"B": 1}, {"B": "c"}], "D": {}})) == ["A.B=1", "A.B=c"]
