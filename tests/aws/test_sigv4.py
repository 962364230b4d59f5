"""Signatures, where the server is asked to look at them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from kinesis_sim.aws.exchange import Request
from kinesis_sim.aws.server import Server, start
from kinesis_sim.aws.sigv4 import NOTHING, Verifier
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import upload
from tests.aws.http_client import client, instant
from tests.video.media import NAME

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
VERIFIER = Verifier({"AKIDEXAMPLE": SECRET}.get)


def suite(signature: str, query: str = "") -> Request:
    """A request of AWS's public SigV4 test suite."""
    said = (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}"
    )
    headers = {
        "host": "example.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
        "authorization": said,
    }
    return Request("GET", "/", query, headers, target=f"/?{query}" if query else "/")


VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
ORDERED = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"


def test_awss_own_examples() -> None:
    VERIFIER.check(suite(VANILLA))
    VERIFIER.check(suite(ORDERED, "Param2=value2&Param1=value1"))
    for wrong in (ORDERED, VANILLA[:-1], "", "é"):
        with pytest.raises(ServiceError, match="InvalidSignatureException") as refused:
            VERIFIER.check(suite(wrong))
        assert refused.value.status == 403


def test_a_signature_in_the_query() -> None:
    url = "https://example.amazonaws.com/?X-Amz-ChannelARN=arn%3Aaws%3Akinesisvideo%3A%2F1&b=a%20b"
    signed = AWSRequest("GET", url, {"host": "example.amazonaws.com"})
    auth = SigV4QueryAuth(Credentials("AKIDEXAMPLE", SECRET), "kinesisvideo", "us-east-1")
    auth.payload = lambda request: NOTHING  # type: ignore[method-assign]
    auth.add_auth(signed)
    query = str(signed.url).partition("?")[2]
    asked = Request("GET", "/", query, {"host": "example.amazonaws.com"}, target=f"/?{query}")
    VERIFIER.check(asked)
    asked.query = query.replace("b=a%20b", "b=a%20c")
    with pytest.raises(ServiceError, match="InvalidSignatureException"):
        VERIFIER.check(asked)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MissingAuthenticationTokenException"),
        ({"authorization": "AWS4-HMAC-SHA256"}, "MissingAuthenticationTokenException"),
        ({"authorization": "Basic x"}, "MissingAuthenticationTokenException"),
        (
            {"authorization": "AWS4-HMAC-SHA256 Credential=a/20150830/b/c/aws4_request"},
            "UnrecognizedClientException",
        ),
        (
            {"authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/b/c/aws4_request"},
            "InvalidSignatureException",
        ),
    ],
)
def test_what_is_no_signature(headers: dict[str, str], code: str) -> None:
    with pytest.raises(ServiceError, match=code):
        VERIFIER.check(Request("POST", "/", "", headers))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with start(instant(account="111122223333"), verify_signatures=True) as running:
        yield running


def keys_of(server: Server, user: str) -> dict[str, str]:
    with client(server, "iam") as iam:
        iam.create_user(UserName=user)
        made = iam.create_access_key(UserName=user)["AccessKey"]
    return {
        "aws_access_key_id": made["AccessKeyId"],
        "aws_secret_access_key": made["SecretAccessKey"],
    }


@pytest.mark.parametrize("service", ["kinesis", "kinesisvideo"])
def test_calls_are_signed_with_a_key_of_the_accounts(server: Server, service: str) -> None:
    keys = keys_of(server, f"signs-{service}")
    with client(server, service, **keys) as api:
        api.list_streams()
    unknown = "UnrecognizedClientException"
    for wrong, code in (
        ({**keys, "aws_secret_access_key": "another"}, "InvalidSignatureException"),
        ({}, unknown),
    ):
        with client(server, service, **wrong) as api, pytest.raises(ClientError, match=code):
            api.list_streams()
    with client(server, "iam") as iam:
        iam.update_access_key(
            UserName=f"signs-{service}", AccessKeyId=keys["aws_access_key_id"], Status="Inactive"
        )
    with client(server, service, **keys) as api, pytest.raises(ClientError, match=unknown):
        api.list_streams()


def test_a_roles_keys_are_good(server: Server) -> None:
    with client(server, "sts") as sts:
        role = "arn:aws:iam::111122223333:role/reader"
        told = sts.assume_role(RoleArn=role, RoleSessionName="reads")["Credentials"]
    keys = {
        "aws_access_key_id": told["AccessKeyId"],
        "aws_secret_access_key": told["SecretAccessKey"],
        "aws_session_token": told["SessionToken"],
    }
    with client(server, **keys) as kinesis:
        kinesis.list_streams()


def test_put_media_is_signed_over_its_head(server: Server) -> None:
    keys = keys_of(server, "camera")
    with client(server, "kinesisvideo", **keys) as video:
        video.create_stream(StreamName=NAME, DataRetentionInHours=1)
    pair = keys["aws_access_key_id"], keys["aws_secret_access_key"]
    media = [*DockCamera(7).media(0, seconds=2)]
    acks = upload(server.endpoint_url, NAME, media, keys=pair)
    assert [ack.event for ack in acks][:2] == ["BUFFERING", "RECEIVED"]
    for wrong, said in (
        ((pair[0], "another"), "403.*does not match"),
        (("AKIDNOBODY", "x"), "403.*security token"),
    ):
        with pytest.raises(UsageError, match=said):
            upload(server.endpoint_url, NAME, media, keys=wrong)


def test_an_unsigned_call_is_refused(server: Server) -> None:
    from botocore import UNSIGNED
    from botocore.config import Config

    unsigned: Any = boto3.client(
        "kinesis",
        region_name="us-east-1",
        endpoint_url=server.endpoint_url,
        config=Config(signature_version=UNSIGNED),
    )
    with pytest.raises(ClientError, match="Missing Authentication Token"):
        unsigned.list_streams()
    unsigned.close()
