"""What moto crashes at is the request's, and a refusal of its service in every protocol."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.crashes import crash
from kinesis_sim.aws.model import service_model
from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import client, instant

ACCOUNT = "674000000004"
ROLE = "arn:aws:iam::674000000004:role/r"
CRASHES: dict[tuple[str, str], dict[str, Any]] = {
    ("apigateway", "update_rest_api"): {"restApiId": "a", "patchOperations": [{"op": "add"}]},
    ("dynamodb", "describe_import"): {"ImportArn": "arn:aws:dynamodb:us-east-1:1:table/a/import/b"},
    ("dynamodb", "list_exports"): {},
    ("ec2", "delete_nat_gateway"): {"NatGatewayId": "nat-0"},
    ("iam", "create_service_linked_role"): {"AWSServiceName": "x"},
    ("secretsmanager", "tag_resource"): {"SecretId": "none", "Tags": [{}]},
    ("ses", "delete_template"): {"TemplateName": "TRIM_HORIZON"},
    ("sns", "add_permission"): {
        "TopicArn": "a\x00b", "Label": "l", "AWSAccountId": ["1"], "ActionName": ["Publish"],
    },
    ("sns", "publish_batch"): {
        "TopicArn": "none", "PublishBatchRequestEntries": [{"Id": "1", "Message": "m"}],
    },
    ("stepfunctions", "tag_resource"): {"resourceArn": "a", "tags": [{}]},
    ("sts", "assume_role"): {
        "RoleArn": ROLE, "RoleSessionName": "se", "DurationSeconds": 10**30,
    },
}  # fmt: skip
"""Operations, and values at which moto 5.2 crashes; the SDK's own checks are off."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with start(instant(account=ACCOUNT)) as running:
        yield running


@pytest.mark.parametrize(("service", "operation"), CRASHES)
def test_a_crash_is_one_refusal_in_process_and_over_http(
    server: Server, caplog: pytest.LogCaptureFixture, service: str, operation: str
) -> None:
    given = CRASHES[service, operation]
    config = Config(parameter_validation=False)
    within = server.simulator.client(service, config=config)
    with caplog.at_level(logging.CRITICAL), client(server, service, config=config) as without:
        told = [_told(each, operation, given) for each in (within, without)]
    assert told[0] == told[1]
    code, text, status = told[0]
    assert status == 400, told
    assert code != "InternalFailure"
    assert "\n" not in text


def _told(made: Any, operation: str, given: dict[str, Any]) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        getattr(made, operation)(**given)
    answer = caught.value.response
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return answer["Error"]["Code"], answer["Error"]["Message"], status


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("secretsmanager", "TagResource", "InvalidParameterException"),
        ("stepfunctions", "CreateActivity", "ValidationException"),
        ("ec2", "DeleteNatGateway", "InvalidParameterValue"),
        ("s3", "PutObject", "InvalidRequest"),
        ("sts", "AssumeRole", "ValidationError"),
        ("apigateway", "UpdateRestApi", "BadRequestException"),
    ],
)
def test_the_code_is_the_services_own(service: str, operation: str, code: str) -> None:
    error = crash(service_model(service), operation, KeyError("x"))
    assert (error.code, error.status) == (code, 400)


def test_it_says_what_was_changed_and_of_what_the_fault_is() -> None:
    model = service_model("sqs")
    text = crash(model, "ListQueues", ValueError("a\x00\n\ud800" + "b" * 500)).message
    assert text.endswith("Nothing was changed.")
    assert r"ValueError: a\x00\x0a\ud800bbb" in text
    assert len(text) < 400
    text = crash(model, "SendMessage", RecursionError("deep")).message
    assert text.endswith("What it did before stays done.")
    for error in (OSError("disk"), MemoryError(), ImportError("jose"), RuntimeError("size")):
        told = crash(model, "SendMessage", error)
        assert (told.code, told.status) == ("InternalFailure", 500)


def test_a_crash_changes_nothing_of_its_neighbours() -> None:
    sim = Simulator(account="674000000005", latency=None, remember=0)
    sqs = sim.client("sqs")
    url = sqs.create_queue(QueueName="kept")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="m")
    sns = sim.client("sns")
    with pytest.raises(ClientError):
        sns.publish_batch(TopicArn="none", PublishBatchRequestEntries=[{"Id": "1", "Message": "m"}])
    assert sns.list_topics()["Topics"] == []
    assert [row["Body"] for row in sqs.receive_message(QueueUrl=url)["Messages"]] == ["m"]
