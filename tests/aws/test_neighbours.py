"""Every other service, through moto: over HTTP and for in-process clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from kinesis_sim.aws import neighbours
from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import KEYS, client, instant

ACCOUNT = "210987654321"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with start(instant(account=ACCOUNT)) as running:
        yield running


def attached(service: str, account: str) -> Any:
    made = boto3.client(service, region_name="us-east-1", **KEYS)
    neighbours.attach(made, account)
    return made


def test_the_account_is_the_simulators(server: Server) -> None:
    with client(server, "sts") as sts:
        assert sts.get_caller_identity()["Account"] == ACCOUNT
    assert attached("sts", ACCOUNT).get_caller_identity()["Account"] == ACCOUNT


def test_objects_go_round_through_s3_with_path_style(server: Server) -> None:
    with client(server, "s3") as s3:
        s3.create_bucket(Bucket="balde")
        body = bytes(range(256)) * 4_096
        s3.put_object(
            Bucket="balde", Key="uma pasta/é um objeto", Body=body, Metadata={"um_nome": "x"}
        )
        found = s3.get_object(Bucket="balde", Key="uma pasta/é um objeto")
        assert found["Body"].read() == body
        assert found["Metadata"] == {"um_nome": "x"}
        listed = s3.list_objects_v2(Bucket="balde")["Contents"]
        assert [item["Key"] for item in listed] == ["uma pasta/é um objeto"]
        url = s3.generate_presigned_url(
            "get_object", Params={"Bucket": "balde", "Key": "uma pasta/é um objeto"}
        )
        assert httpx.get(url).content == body
        s3.delete_object(Bucket="balde", Key="uma pasta/é um objeto")
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.get_object(Bucket="balde", Key="uma pasta/é um objeto")


def test_both_ways_in_see_the_same_state(server: Server) -> None:
    attached("sqs", ACCOUNT).create_queue(QueueName="shared")
    with client(server, "sqs") as sqs:
        assert sqs.get_queue_url(QueueName="shared")["QueueUrl"].endswith(f"/{ACCOUNT}/shared")


def test_accounts_are_apart() -> None:
    attached("dynamodb", "111111111111").create_table(
        TableName="t",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    assert attached("dynamodb", "111111111111").list_tables()["TableNames"] == ["t"]
    assert attached("dynamodb", "222222222222").list_tables()["TableNames"] == []


def test_other_clients_are_left_alone() -> None:
    attached("sqs", ACCOUNT).list_queues()
    free = boto3.client("sqs", region_name="us-east-1", endpoint_url="http://127.0.0.1:9", **KEYS)
    with pytest.raises(EndpointConnectionError):
        free.list_queues()


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("dynamodb", "list_tables"),
        ("iam", "list_roles"),
        ("kms", "list_keys"),
        ("cloudwatch", "list_metrics"),
        ("logs", "describe_log_groups"),
        ("sns", "list_topics"),
        ("lambda", "list_functions"),
        ("glue", "get_databases"),
        ("firehose", "list_delivery_streams"),
        ("kinesisanalyticsv2", "list_applications"),
    ],
)
def test_services_of_every_protocol_answer(server: Server, service: str, operation: str) -> None:
    with client(server, service) as made:
        answer = getattr(made, operation)()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("service", ["worklink", "chime", "nobody"])
def test_a_service_that_nobody_has_is_named(server: Server, service: str) -> None:
    scope = f"AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/{service}/aws4_request"
    headers = {"authorization": scope, "content-type": "application/x-amz-json-1.1"}
    answer = httpx.post(server.endpoint_url, content=b"{}", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["__type"] == "UnknownOperationException"
    assert f"'{service}'" in answer.json()["message"]


def test_a_query_protocol_caller_of_nobodys_service_gets_xml(server: Server) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/importexport/aws4_request"
    headers = {"authorization": scope}
    answer = httpx.post(server.endpoint_url, data={"Action": "ListJobs"}, headers=headers)
    assert answer.status_code == 400
    assert "<Code>UnknownOperationException</Code>" in answer.text


def test_moto_does_not_invite_web_pages(server: Server) -> None:
    with client(server, "s3") as s3:
        headers = s3.list_buckets()["ResponseMetadata"]["HTTPHeaders"]
    assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/moto-api/", "/moto-api/reset", "/latest/meta-data/"])
def test_motos_own_pages_are_not_served(server: Server, path: str) -> None:
    assert httpx.get(f"{server.endpoint_url}{path}").status_code == 403


def test_a_bucket_of_another_accounts_is_a_name_taken(server: Server) -> None:
    instant(account="777788889999").buckets.create("taken-elsewhere")
    with client(server, "s3") as s3:
        with pytest.raises(ClientError) as caught:
            s3.create_bucket(Bucket="taken-elsewhere")
        with pytest.raises(ClientError) as refused:
            s3.list_objects_v2(Bucket="taken-elsewhere")
    assert caught.value.response["Error"]["Code"] == "BucketAlreadyExists"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize("region", ["us-east-1", "sa-east-1"])
def test_a_bucket_of_ones_own_is_kept_when_it_is_made_again(region: str) -> None:
    """A lesson whose cells run twice makes its bucket twice; S3 refuses that in most Regions."""
    name = f"made-twice-{region}"
    for turn in (b"first", b"second"):
        sim = instant(account="888899990000", region=region)
        assert sim.buckets.create(name) == f"arn:aws:s3:::{name}"
        sim.client("s3").put_object(Bucket=name, Key=turn.decode(), Body=turn)
    assert sim.buckets.keys(name) == ["first", "second"]
