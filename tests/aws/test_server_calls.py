"""Calls over HTTP. What is no call: mhart/kinesalite test/connection.js, run against AWS."""

from __future__ import annotations

import base64
import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import cbor2
import httpx
import pytest
from botocore.exceptions import ClientError

from kinesis_sim.aws.server import Server, start
from kinesis_sim.aws.wire.cbor import CBOR as CBOR_FORMAT
from tests.aws.http_client import CBOR, JSON, client, instant, post

SIGNED = {
    "authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/kinesis/aws4_request, "
    "SignedHeaders=host, Signature=abc",
    "x-amz-date": "20260101T000000Z",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with start(instant(limits="off")) as running:
        yield running


@pytest.fixture(params=["HTTP/1.1", "HTTP/2"])
def http(request: pytest.FixtureRequest, server: Server) -> Iterator[httpx.Client]:
    second = request.param == "HTTP/2"
    with httpx.Client(base_url=server.endpoint_url, http1=not second, http2=second) as made:
        assert made.get("/health").http_version == request.param
        yield made


def test_a_record_goes_round_with_boto3(server: Server) -> None:
    with client(server) as kinesis:
        kinesis.create_stream(StreamName="round", ShardCount=1)
        data = bytes(range(256)) * 4
        kinesis.put_records(
            StreamName="round",
            Records=[{"Data": data, "PartitionKey": f"k{n}"} for n in range(500)],
        )
        shard = kinesis.list_shards(StreamName="round")["Shards"][0]["ShardId"]
        iterator = kinesis.get_shard_iterator(
            StreamName="round", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert [record["PartitionKey"] for record in records] == [f"k{n}" for n in range(500)]
    assert {record["Data"] for record in records} == {data}
    assert records[0]["ApproximateArrivalTimestamp"].year == 2026


def test_answers_carry_what_sdks_look_for(http: httpx.Client) -> None:
    answer = post(http, "ListStreams")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == JSON
    assert re.fullmatch(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["x-amzn-requestid"]
    )
    assert len(base64.b64decode(answer.headers["x-amz-id-2"])) == 72
    assert answer.headers["content-length"] == str(len(answer.content))
    assert "server" not in answer.headers


def test_an_operation_without_output_answers_with_an_empty_body(http: httpx.Client) -> None:
    name = f"empty-{http.get('/health').http_version[5]}"
    body = json.dumps({"StreamName": name, "ShardCount": 1}).encode()
    answer = post(http, "CreateStream", body)
    assert (answer.status_code, answer.content) == (200, b"")


def test_cbor_in_cbor_out(http: httpx.Client) -> None:
    answer = post(http, "ListStreams", cbor2.dumps({"Limit": 10}), CBOR)
    assert answer.headers["content-type"] == CBOR
    assert CBOR_FORMAT.loads(answer.content)["HasMoreStreams"] is False
    answer = post(http, "DescribeStream", cbor2.dumps({"StreamName": "nobody"}), CBOR)
    assert answer.status_code == 400
    assert cbor2.loads(answer.content) == {
        "__type": "ResourceNotFoundException",
        "message": "Stream nobody under account 123456789012 not found.",
    }


def test_a_body_of_ten_mebibytes_of_records_passes(http: httpx.Client, server: Server) -> None:
    name = f"large-{http.get('/health').http_version[5]}"
    with client(server) as kinesis:
        kinesis.create_stream(StreamName=name, ShardCount=4)
    data = base64.b64encode(b"x" * 1_000_000).decode()
    records = [{"Data": data, "PartitionKey": f"k{n}"} for n in range(10)]
    body = json.dumps({"StreamName": name, "Records": records}).encode()
    answer = post(http, "PutRecords", body)
    assert answer.json()["FailedRecordCount"] == 0
    assert len(answer.json()["Records"]) == 10


@pytest.mark.parametrize(
    ("target", "kind", "body", "status", "document"),
    [
        ("Kinesis_20131202.Whatever", JSON, b"{}", 400, {"__type": "UnknownOperationException"}),
        ("Whatever.Whatever", JSON, b"{}", 400, {"__type": "UnknownOperationException"}),
        ("Kinesis_20131202.", JSON, b"{}", 400, {"__type": "UnknownOperationException"}),
        ("Kinesis_20131202.ListStreams", JSON, b"", 400, {"__type": "SerializationException"}),
        ("Kinesis_20131202.ListStreams", JSON, b"hello", 400, {"__type": "SerializationException"}),
        ("Kinesis_20131202.ListStreams", JSON, b"true", 400, {"__type": "SerializationException"}),
        (
            "Kinesis_20131202.ListStreams",
            JSON,
            b"[]",
            400,
            {
                "__type": "SerializationException",
                "Message": "Start of list found where not expected",
            },
        ),
        (
            "Kinesis_20131202.ListStreams",
            "application/json",
            b"{}",
            404,
            {
                "Output": {"__type": "com.amazon.coral.service#UnknownOperationException"},
                "Version": "1.0",
            },
        ),
        (
            "Kinesis_20131202.ListStreams",
            "application/json",
            b"hello",
            400,
            {
                "Output": {"__type": "com.amazon.coral.service#SerializationException"},
                "Version": "1.0",
            },
        ),
    ],
)
def test_what_is_no_call(
    http: httpx.Client, target: str, kind: str, body: bytes, status: int, document: dict[str, Any]
) -> None:
    answer = http.post("/", content=body, headers={"x-amz-target": target, "content-type": kind})
    assert (answer.status_code, answer.json()) == (status, document)
    assert "x-amzn-requestid" in answer.headers


def test_without_a_format_of_its_own_a_request_is_answered_in_cbor(http: httpx.Client) -> None:
    answer = http.post("/", headers={"x-amz-target": "Kinesis_20131202.ListStreams"})
    assert answer.headers["content-type"] == CBOR
    assert cbor2.loads(answer.content) == {"__type": "SerializationException"}
    assert cbor2.loads(http.post("/").content) == {"__type": "UnknownOperationException"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_name_no_operation(http: httpx.Client, method: str) -> None:
    answer = http.request(method, "/")
    assert answer.status_code == 403
    assert "Unable to determine service/operation name to be authorized" in answer.text


def test_bodies_in_foreign_formats(http: httpx.Client) -> None:
    answer = post(http, "ListStreams", b"{}", "text/plain")
    assert (answer.status_code, answer.text) == (404, "<UnknownOperationException/>\n")
    assert http.post("/", content=b"{}", headers={"content-type": "text/plain"}).status_code == 403


def test_signatures_are_optional_but_must_be_whole(http: httpx.Client) -> None:
    assert post(http, "ListStreams").status_code == 200
    assert post(http, "ListStreams", **SIGNED).status_code == 200
    broken = post(http, "ListStreams", authorization="X").json()
    assert broken == {
        "__type": "IncompleteSignatureException",
        "message": "Authorization header requires 'Credential' parameter. "
        "Authorization header requires 'Signature' parameter. "
        "Authorization header requires 'SignedHeaders' parameter. "
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        "Authorization=X",
    }


def test_signatures_in_the_query(http: httpx.Client) -> None:
    headers = {"x-amz-target": "Kinesis_20131202.ListStreams", "content-type": JSON}
    url = "/?X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-Date=d"
    answer = http.post(url, content=b"{}", headers=headers).json()
    assert answer["__type"] == "IncompleteSignatureException"
    assert answer["message"] == (
        "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
        "Re-examine the query-string parameters."
    )
    both = http.post("/?X-Amz-Algorithm", content=b"{}", headers=headers | SIGNED).json()
    assert both["__type"] == "InvalidSignatureException"


def operations(server: Server) -> dict[str, Any]:
    """What the gate looks its Kinesis operations up in."""
    return cast(dict[str, Any], server.simulator.services["kinesis"].operations)


def test_an_operation_that_is_not_simulated_yet_answers_by_name(
    http: httpx.Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(operations(server), "DescribeLimits")
    answer = post(http, "DescribeLimits").json()
    assert answer["__type"] == "UnknownOperationException"
    assert "DescribeLimits" in answer["message"]


def test_validation_reaches_the_caller(server: Server) -> None:
    with client(server, config=None) as kinesis, pytest.raises(ClientError) as caught:
        kinesis.describe_stream(StreamName="not there")
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_fault_of_ours_is_an_internal_failure_without_a_traceback(
    http: httpx.Client,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("a secret of the server")

    monkeypatch.setitem(operations(server), "ListStreams", fail)
    answer = post(http, "ListStreams")
    assert (answer.status_code, answer.json()) == (500, {"__type": "InternalFailure"})
    assert answer.headers["x-amzn-requestid"] in caplog.text
    assert "a secret of the server" in caplog.text
    again = post(http, "ListStreams")
    assert f"Request {again.headers['x-amzn-requestid']} failed: RuntimeError" in caplog.text
    assert caplog.text.count("Traceback") <= 1  # the server may have met this before


def test_a_page_of_another_site_is_refused(http: httpx.Client) -> None:
    assert post(http, "ListStreams", origin="https://example.com").status_code == 403
    answer = post(http, "ListStreams", origin="http://localhost:8888")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:8888"


def test_tls_speaks_both_versions_with_a_certificate_that_can_be_trusted(tmp_path: Path) -> None:
    with start(instant(), tls_port=0, cert_dir=tmp_path) as server:
        assert server.certificate is not None
        assert server.tls_endpoint_url is not None
        trusting = ssl.create_default_context(cafile=str(server.certificate.path))
        for second in (False, True):
            with httpx.Client(verify=trusting, http2=second) as http:
                answer = http.get(f"{server.tls_endpoint_url}/health")
            assert answer.http_version == ("HTTP/2" if second else "HTTP/1.1")
        place = {
            "endpoint_url": server.tls_endpoint_url,
            "verify": str(server.certificate.path),
        }
        with client(server, **place) as kinesis:
            assert kinesis.list_streams()["StreamNames"] == []
    assert server.certificate.key_path.stat().st_mode & 0o077 == 0
    before = server.certificate.path.read_bytes()
    with start(instant(), tls_port=0, cert_dir=tmp_path) as again:
        assert again.certificate == server.certificate
    assert server.certificate.path.read_bytes() == before
