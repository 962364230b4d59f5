"""Smithy's RPC v2 in CBOR, as the Java SDK speaks it to CloudWatch (botocore: ``protocols``)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import cbor2
import httpx
import pytest

from kinesis_sim.aws.exchange import BODY_LIMIT
from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import client, instant

HEADERS = {
    "smithy-protocol": "rpc-v2-cbor",
    "content-type": "application/cbor",
    "accept": "application/cbor",
}
SIGNED_FOR_KINESIS = (
    "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/kinesis/aws4_request, "
    "SignedHeaders=host, Signature=abc"
)
DATUM = {"MetricName": "m", "Value": 2.5, "Unit": "Count"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with start(instant(limits="off")) as running:
        yield running


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.endpoint_url) as made:
        yield made


def call(
    http: httpx.Client, operation: str, body: bytes, service: str = "", **headers: str
) -> httpx.Response:
    path = f"/service/{service or 'GraniteServiceVersion20100801'}/operation/{operation}"
    return http.post(path, content=body, headers=HEADERS | headers)


def put(http: httpx.Client, namespace: str, body: Any, **headers: str) -> httpx.Response:
    document = cbor2.dumps({"Namespace": namespace, "MetricData": body})
    packed = gzip.compress(document) if headers else document
    return call(http, "PutMetricData", packed, **headers)


def total(server: Server, namespace: str) -> list[float]:
    now = server.simulator.now
    with client(server, "cloudwatch") as cloudwatch:
        answer = cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName="m",
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=600,
            Statistics=["Sum"],
        )
    return [point["Sum"] for point in answer["Datapoints"]]


def test_metrics_put_are_those_that_boto3_reads(http: httpx.Client, server: Server) -> None:
    moment = cbor2.CBORTag(1, server.simulator.clock.now / 1000)
    answer = put(http, "plain", [DATUM, DATUM | {"Timestamp": moment}])
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"
    assert total(server, "plain") == [5.0]


def test_metrics_may_come_as_gzip(http: httpx.Client, server: Server) -> None:
    answer = put(http, "packed", [DATUM] * 500, **{"content-encoding": "gzip"})
    assert answer.status_code == 200
    assert total(server, "packed") == [1250.0]


def test_boto3_packs_large_puts(server: Server) -> None:
    """botocore does so by itself from 10 KiB on."""
    with client(server, "cloudwatch") as cloudwatch:
        cloudwatch.put_metric_data(Namespace="boto", MetricData=[DATUM] * 400)
    assert total(server, "boto") == [1000.0]


def test_an_answer_with_a_body(http: httpx.Client) -> None:
    put(http, "listed", [DATUM])
    answer = call(http, "ListMetrics", cbor2.dumps({"Namespace": "listed"}))
    assert answer.headers["content-type"] == "application/cbor"
    (metric,) = cbor2.loads(answer.content)["Metrics"]
    assert metric["MetricName"] == "m"


def test_no_body_is_no_parameters(http: httpx.Client) -> None:
    assert call(http, "ListMetrics", b"").status_code == 200


def test_errors_tell_the_old_code(http: httpx.Client) -> None:
    answer = put(http, "AWS/Mine", [DATUM])
    assert answer.status_code == 400
    assert answer.headers["x-amzn-query-error"] == "InvalidParameterValue;Sender"
    assert cbor2.loads(answer.content)["__type"] == "InvalidParameterValue"


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"x" * 100, mtime=0)[:-4]])
def test_broken_gzip_is_refused(http: httpx.Client, body: bytes) -> None:
    answer = call(http, "PutMetricData", body, **{"content-encoding": "gzip"})
    assert (answer.status_code, cbor2.loads(answer.content)) == (
        400,
        {"__type": "SerializationException"},
    )


def test_a_gzip_bomb_stays_packed(http: httpx.Client) -> None:
    bomb = gzip.compress(bytes(BODY_LIMIT + 1))
    answer = call(http, "PutMetricData", bomb, **{"content-encoding": "gzip"})
    assert answer.status_code == 413


def test_kinesis_does_not_speak_it(http: httpx.Client) -> None:
    body, target = cbor2.dumps({}), "Kinesis_20131202"
    answer = call(http, "ListStreams", body, target, authorization=SIGNED_FOR_KINESIS)
    assert cbor2.loads(answer.content) == {"__type": "UnknownOperationException"}
