"""What a call names of another account's is refused, in process and over HTTP, and left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.server import start
from tests.aws.http_client import instant

CALLER, OWNER = "673000000001", "673000000002"
ABROAD = "eu-west-1"
Client = Callable[[str], Any]
QUEUE = f"https://sqs.us-east-1.amazonaws.com/{OWNER}/q"
GROUP = f"arn:aws:logs:us-east-1:{OWNER}:log-group:g"
BUS = f"arn:aws:events:us-east-1:{OWNER}:event-bus/default"
ENTRY = {"Source": "x", "DetailType": "d", "Detail": "{}", "EventBusName": BUS}
FUNCTION = f"arn:aws:lambda:us-east-1:{OWNER}:function:f"
PART = f"{OWNER}:function:f"
POLICY = "because no resource-based policy allows the"

CASES: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("sqs", "send_message", "AccessDenied", {"QueueUrl": QUEUE, "MessageBody": "x"}, POLICY),
    ("sqs", "receive_message", "AccessDenied", {"QueueUrl": QUEUE}, "sqs:receivemessage on"),
    ("sqs", "purge_queue", "AccessDenied", {"QueueUrl": QUEUE}, f"sqs:us-east-1:{OWNER}:q"),
    ("sqs", "delete_queue", "AccessDenied", {"QueueUrl": QUEUE}, POLICY),
    (
        "sqs",
        "get_queue_url",
        "AWS.SimpleQueueService.NonExistentQueue",
        {"QueueName": "q", "QueueOwnerAWSAccountId": OWNER},
        "does not exist or you do not have access to it",
    ),
    ("events", "put_events", "AccessDeniedException", {"Entries": [ENTRY]}, "events:PutEvents on"),
    (
        "events",
        "put_rule",
        "AccessDeniedException",
        {"Name": "r", "EventBusName": BUS, "ScheduleExpression": "rate(1 day)"},
        BUS,
    ),
    ("events", "describe_event_bus", "AccessDeniedException", {"Name": BUS}, POLICY),
    ("logs", "describe_log_streams", "AccessDeniedException", {"logGroupIdentifier": GROUP}, GROUP),
    ("logs", "list_tags_for_resource", "AccessDeniedException", {"resourceArn": GROUP}, POLICY),
    (
        "logs",
        "start_query",
        "AccessDeniedException",
        {"logGroupIdentifiers": [GROUP], "startTime": 0, "endTime": 1, "queryString": "x"},
        "logs:StartQuery on",
    ),
    (
        "kms",
        "describe_key",
        "NotFoundException",
        {"KeyId": f"arn:aws:kms:{ABROAD}:{CALLER}:key/00000000-0000-4000-8000-000000000000"},
        f"Invalid arn {ABROAD}",
    ),
    (
        "sns",
        "publish",
        "AuthorizationError",
        {"TopicArn": f"arn:aws:sns:us-east-1:{OWNER}:t", "Message": "x"},
        "SNS:Publish on",
    ),
    *(
        (
            "lambda",
            operation,
            "AccessDeniedException",
            {"FunctionName": name},
            f"on resource: {FUNCTION}",
        )
        for operation in ("get_function", "get_function_configuration", "invoke")
        for name in (FUNCTION, PART, f"{OWNER}:f")
    ),
    *(
        ("lambda", operation, "AccessDeniedException", {"FunctionName": FUNCTION}, POLICY)
        for operation in ("delete_function", "get_policy")
    ),
    ("lambda", "list_tags", "AccessDeniedException", {"Resource": FUNCTION}, "lambda:ListTags on"),
    (
        "lambda",
        "get_function",
        "ResourceNotFoundException",
        {"FunctionName": f"arn:aws:lambda:{ABROAD}:{CALLER}:function:f"},
        f"Functions from '{ABROAD}' are not reachable in this region ('us-east-1')",
    ),
    (
        "lambda",
        "get_function",
        "ResourceNotFoundException",
        {"FunctionName": f"{CALLER}:function:nobody"},
        "Function not found",
    ),
]


@pytest.fixture(scope="module")
def sim() -> Simulator:
    sim = instant(account=CALLER, limits="off")
    for each in (sim, sim.accounts.of(OWNER)):
        each.client("sqs").create_queue(QueueName="q")
        each.client("logs").create_log_group(logGroupName="g")
        each.client("sns").create_topic(Name="t")
    return sim


@pytest.fixture(scope="module", params=["in process", "http"])
def client(request: pytest.FixtureRequest, sim: Simulator) -> Iterator[Client]:
    if request.param == "in process":
        yield sim.client
        return
    with ExitStack() as stack:
        server = stack.enter_context(start(sim))

        def over_http(service: str) -> Any:
            made = boto3.client(
                service,
                region_name="us-east-1",
                endpoint_url=server.endpoint_url,
                config=Config(retries={"total_max_attempts": 1}),
                aws_access_key_id=CALLER,
                aws_secret_access_key="x",
            )
            stack.callback(made.close)
            return made

        yield over_http


@pytest.mark.parametrize(
    ("service", "operation", "code", "asked", "told"), CASES, ids=lambda each: str(each)[:24]
)
def test_what_is_anothers_is_refused(
    client: Client, service: str, operation: str, code: str, asked: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(service), operation)(**asked)
    assert refused.value.response["Error"]["Code"] == code
    assert told in refused.value.response["Error"]["Message"]


def test_own_things_are_used_by_address_and_arn(client: Client) -> None:
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName="q", QueueOwnerAWSAccountId=CALLER)["QueueUrl"]
    assert f"/{CALLER}/q" in url
    sqs.send_message(QueueUrl=url, MessageBody="ours")
    assert [row["Body"] for row in sqs.receive_message(QueueUrl=url)["Messages"]] == ["ours"]
    bus = BUS.replace(OWNER, CALLER)
    told = client("events").put_events(Entries=[{**ENTRY, "EventBusName": bus}])
    assert told["FailedEntryCount"] == 0
    group = GROUP.replace(OWNER, CALLER)
    assert client("logs").describe_log_streams(logGroupIdentifier=group)["logStreams"] == []


def test_the_owners_things_are_as_they_were(client: Client, sim: Simulator) -> None:
    owner = sim.accounts.of(OWNER)
    url = owner.client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    assert "Messages" not in owner.client("sqs").receive_message(QueueUrl=url)
    for each in (sim, owner):
        assert each.client("events").list_rules()["Rules"] == []
