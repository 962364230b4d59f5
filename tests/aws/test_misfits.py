"""Bodies that are no requests: 400 for services that moto answers, too, and no traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import httpx
import pytest

from kinesis_sim.aws.server import start
from tests.aws.http_client import instant

_ENTITIES = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aa">]><Delete>&a;</Delete>'
_BOMB = (
    b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><Delete><Object>&a;</Object></Delete>'
)
DOCUMENTS = [
    *(b"null", b"[]", b'"x"', b"1", b"[" * 5_000, b'{"a":' * 5_000, b'{"Limit":1e999}'),
    *(b'{"Limit":NaN}', b'{"Limit":{}}', b"\xff\xfe", b'{"Limit":"\xff"}', b"{} x"),
    b'{"Limit":' + b"9" * 5_000 + b"}",
]
TARGETS = {
    "DynamoDB_20120810.ListTables": "dynamodb",
    "AmazonSQS.ListQueues": "sqs",
    "Logs_20140328.DescribeLogGroups": "logs",
    "AWSEvents.ListRules": "events",
}
XML = [b"null", b"[" * 5_000, b"<a/>", b"<Delete><Obj", b"<a>" * 5_000, _ENTITIES, _BOMB]


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with (
        start(instant()) as server,
        httpx.Client(base_url=server.endpoint_url, timeout=60) as client,
    ):
        yield client


def _signed(service: str) -> dict[str, str]:
    scope = f"674000000001/20260101/us-east-1/{service}/aws4_request"
    return {
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"
    }


@pytest.mark.parametrize("target", TARGETS)
def test_json(http: httpx.Client, caplog: pytest.LogCaptureFixture, target: str) -> None:
    headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
    with caplog.at_level(logging.ERROR):
        for body in DOCUMENTS:
            answer = http.post("/", content=body, headers={**headers, **_signed(TARGETS[target])})
            assert answer.status_code < 500, body[:40]
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("body", [b"null", b"1", b"", b"[" * 5_000, b'{"name":"\xff"}', b"{} x"])
def test_rest_json(http: httpx.Client, body: bytes) -> None:
    headers = {"content-type": "application/json", **_signed("apigateway")}
    assert http.post("/restapis", content=body, headers=headers).status_code == 400


@pytest.mark.parametrize("body", XML)
def test_rest_xml(http: httpx.Client, body: bytes) -> None:
    bucket = {"content": b"", "headers": _signed("s3")}
    http.put("/estranho-674", **bucket)  # type: ignore[arg-type]
    try:
        for query in ("?delete", "?notification", "?tagging", "?versioning"):
            verb = "POST" if query == "?delete" else "PUT"
            answer = http.request(
                verb, f"/estranho-674{query}", content=body, headers=_signed("s3")
            )
            assert answer.status_code < 500, (query, answer.text)
        zone = http.post("/2013-04-01/hostedzone", content=body, headers=_signed("route53"))
        assert zone.status_code == 400
        assert "MalformedXML" in zone.text
    finally:
        http.delete("/estranho-674", headers=_signed("s3"))


def test_an_upload_that_never_was(http: httpx.Client) -> None:
    """Also after a client in process: it takes the bucket out of the paths of its S3 model."""
    s3 = instant().client("s3")
    s3.create_bucket(Bucket="estranho-675")
    s3.delete_bucket(Bucket="estranho-675")
    http.put("/estranho-674", headers=_signed("s3"))
    try:
        parts = "<Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>"
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>"
        answer = http.post(
            "/estranho-674/k?uploadId=x", content=body.encode(), headers=_signed("s3")
        )
        assert answer.status_code == 404, answer.text
        assert "NoSuchUpload" in answer.text
    finally:
        http.delete("/estranho-674", headers=_signed("s3"))
