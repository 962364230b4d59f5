"""What neither Kinesis Lab nor moto has is a boto3 error: one code, one text, every protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import Shape

from kinesis_sim import Simulator
from kinesis_sim.aws.model import service_model
from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import client, instant

LACKING = [
    ("apigateway", "DeleteClientCertificate"),
    ("apigatewayv2", "CreateDeployment"),
    ("autoscaling", "DescribeAccountLimits"),
    ("batch", "CreateConsumableResource"),
    ("cloudformation", "ActivateType"),
    ("cloudfront", "CreateCachePolicy"),
    ("cloudwatch", "DescribeAnomalyDetectors"),
    ("dynamodb", "DescribeContributorInsights"),
    ("ec2", "CreateNetworkInsightsPath"),
    ("ec2", "DescribeFastLaunchImages"),
    ("efs", "DescribeAccountPreferences"),
    ("elbv2", "CreateTrustStore"),
    ("events", "ActivateEventSource"),
    ("glue", "BatchGetBlueprints"),
    ("iam", "ChangePassword"),
    ("kms", "ConnectCustomKeyStore"),
    ("lambda", "GetRuntimeManagementConfig"),
    ("logs", "CreateImportTask"),
    ("rds", "BacktrackDBCluster"),
    ("route53", "ActivateKeySigningKey"),
    ("secretsmanager", "StopReplicationToReplica"),
    ("ses", "CreateCustomVerificationEmailTemplate"),
    ("sesv2", "BatchGetMetricData"),
    ("sns", "ListSMSSandboxPhoneNumbers"),
    ("sqs", "StartMessageMoveTask"),
    ("stepfunctions", "RedriveExecution"),
    ("sts", "GetWebIdentityToken"),
    # services that moto does not have at all
    ("pricing", "DescribeServices"),
    ("sagemaker-edge", "GetDeployments"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with start(instant()) as running:
        yield running


def smallest(shape: Shape | None) -> Any:
    """The smallest value that the SDK lets through: what is required and nothing else."""
    if shape is None:
        return {}
    kind = shape.type_name
    if kind == "structure":
        return {name: smallest(shape.members[name]) for name in shape.required_members}
    if kind == "list":
        return [smallest(shape.member)] * shape.metadata.get("min", 0)
    if kind == "string":
        text = "a" * max(1, shape.metadata.get("min", 1))
        return shape.enum[0] if getattr(shape, "enum", None) else text
    values = {"map": {}, "blob": b"", "boolean": False, "timestamp": 0, "float": 0.0, "double": 0.0}
    return values.get(kind, shape.metadata.get("min", 0))


def told(made: Any, operation: str) -> tuple[str, str, int]:
    """Code, text and status of the error that an operation answers with."""
    shape = made.meta.service_model.operation_model(operation).input_shape
    with pytest.raises(ClientError) as caught:
        getattr(made, xform_name(operation))(**smallest(shape))
    answer = caught.value.response
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return answer["Error"]["Code"], answer["Error"]["Message"], status


@pytest.mark.parametrize(("service", "operation"), LACKING)
def test_it_is_the_same_error_in_process_and_over_http(
    sim: Simulator, server: Server, service: str, operation: str
) -> None:
    code, text = "UnknownOperationException", f"has {operation} of {service}."
    wanted = (code, f"Neither Kinesis Lab nor moto {text}", 400)
    assert told(sim.client(service), operation) == wanted
    with client(server, service) as made:
        assert told(made, operation) == wanted


def test_every_protocol_is_among_them() -> None:
    protocols = {service_model(service).resolved_protocol for service, _ in LACKING}
    assert protocols >= {"json", "rest-json", "query", "ec2", "rest-xml"}


def test_what_is_ours_and_not_simulated_yet_is_one_too(sim: Simulator, server: Server) -> None:
    wanted = "Kinesis Lab does not simulate PutCompositeAlarm of cloudwatch yet."
    assert told(sim.client("cloudwatch"), "PutCompositeAlarm")[:2] == (
        "UnknownOperationException",
        wanted,
    )
    with client(server, "cloudwatch") as made:
        assert told(made, "PutCompositeAlarm")[1] == wanted
