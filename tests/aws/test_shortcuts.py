"""A call that is replayed the short way leaves moto as the long way does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from kinesis_sim import Simulator
from kinesis_sim.aws import shortcuts
from kinesis_sim.aws.exchange import Request
from kinesis_sim.aws.neighbours import _environ, asked, done_again
from kinesis_sim.aws.outside import seeded

LONG, SHORT = "440000000001", "440000000002"
Ask = Callable[[Any], object]
KEYED: dict[str, Any] = {
    "TableName": "t",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
}
CALLS: dict[str, tuple[str, Ask]] = {
    "put": ("dynamodb", lambda db: db.put_item(TableName="t", Item=item("a", n={"N": "1"}))),
    "put over it": (
        "dynamodb", lambda db: db.put_item(TableName="t", Item=item("a", b={"B": b"x"})),
    ),
    "put if absent": (
        "dynamodb",
        lambda db: db.put_item(
            TableName="t", Item=item("a"), ConditionExpression="attribute_not_exists(id)"
        ),
    ),
    "update": (
        "dynamodb",
        lambda db: db.update_item(
            TableName="t",
            Key=item("lease"),
            UpdateExpression="SET #o = :o ADD leaseCounter :one",
            ExpressionAttributeNames={"#o": "owner"},
            ExpressionAttributeValues={":o": {"S": "w1"}, ":one": {"N": "1"}},
            ReturnValues="ALL_NEW",
        ),
    ),
    "update once more, the old way": (
        "dynamodb",
        lambda db: db.update_item(
            TableName="t",
            Key=item("lease"),
            AttributeUpdates={"leaseCounter": {"Value": {"N": "7"}, "Action": "PUT"}},
            Expected={"leaseCounter": {"Value": {"N": "1"}, "Exists": True}},
        ),
    ),
    "update of another's": (
        "dynamodb",
        lambda db: db.update_item(
            TableName="t",
            Key=item("lease"),
            UpdateExpression="SET leaseCounter = :n",
            ConditionExpression="leaseCounter = :n",
            ExpressionAttributeValues={":n": {"N": "99"}},
        ),
    ),
    "batch": (
        "dynamodb",
        lambda db: db.batch_write_item(
            RequestItems={"t": [{"PutRequest": {"Item": item(c)}} for c in "xyz"]}
        ),
    ),
    "delete": ("dynamodb", lambda db: db.delete_item(TableName="t", Key=item("y"))),
    "no table": ("dynamodb", lambda db: db.put_item(TableName="none", Item=item("a"))),
    "no key": ("dynamodb", lambda db: db.put_item(TableName="t", Item={"x": {"S": "a"}})),
    "object": ("s3", lambda s3: s3.put_object(Bucket="left-a", Key="one", Body=b"1")),
    "object over it": ("s3", lambda s3: s3.put_object(Bucket="left-a", Key="one", Body=b"22")),
    "object with more": (
        "s3",
        lambda s3: s3.put_object(
            Bucket="left-a",
            Key="a/b c/é+%2F~",
            Body=b"x" * 100,
            ContentType="text/x",
            CacheControl="no-cache",
            Metadata={"um_nome": "x", "Other": "y"},
            ChecksumAlgorithm="SHA256",
        ),
    ),
    "an empty object": ("s3", lambda s3: s3.put_object(Bucket="left-a", Key="void", Body=b"")),
    "of a version": ("s3", lambda s3: s3.put_object(Bucket="left-v", Key="one", Body=b"1")),
    "of the next version": ("s3", lambda s3: s3.put_object(Bucket="left-v", Key="one", Body=b"2")),
    "no bucket": ("s3", lambda s3: s3.put_object(Bucket="left-none", Key="one", Body=b"1")),
}  # fmt: skip
LONGER: dict[str, Ask] = {
    "tags": lambda s3: s3.put_object(Bucket="left-a", Key="t", Body=b"", Tagging="a=b"),
    "a copy": lambda s3: s3.copy_object(Bucket="left-a", Key="c", CopySource="left-a/one"),
    "a condition": lambda s3: s3.put_object(Bucket="left-a", Key="one", Body=b"", IfNoneMatch="*"),
    "a bucket with a policy": lambda s3: s3.put_object(Bucket="left-p", Key="one", Body=b"1"),
    "a list of rules": lambda s3: s3.put_object_acl(Bucket="left-a", Key="one", ACL="private"),
}


def item(key: str, **more: Any) -> dict[str, Any]:
    return {"id": {"S": key}, **more}


CAUGHT: list[Request] = []
CLIENTS: dict[str, Any] = {}


def catch(request: Any, **_: Any) -> AWSResponse:
    """Take a request down, and send nothing."""
    url = urlsplit(request.url)
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    data = body.encode() if isinstance(body, str) else body
    target = f"{url.path}?{url.query}" if url.query else url.path
    given = request.method, unquote(url.path), url.query, {**headers, "host": url.netloc}
    CAUGHT.append(Request(*given, target=target, body=data))
    return AWSResponse(request.url, 200, {}, Raw())


@pytest.fixture(scope="module", autouse=True)
def clients() -> Iterator[None]:
    with ExitStack() as stack:
        for service in ("dynamodb", "s3"):
            made = boto3.client(
                service,
                region_name="us-east-1",
                endpoint_url="http://127.0.0.1:9",
                aws_access_key_id="anybody",
                aws_secret_access_key="x",
                config=Config(parameter_validation=False, s3={"addressing_style": "path"}),
            )
            CLIENTS[service] = stack.enter_context(closing(made))
            made.meta.events.register_first("before-send", catch)
        prepare()
        yield


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class Raw:
    """An answer that says nothing."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        return iter((b"{}",))


def caught(service: str, ask: Ask) -> Request:
    with suppress(Exception):  # it cannot read what it is told
        ask(CLIENTS[service])
    return CAUGHT.pop()


def right(request: Request) -> Request:
    """The request for the other bucket: their names are one space for all accounts."""
    path, target = (text.replace("/left-", "/right-", 1) for text in (request.path, request.target))
    return replace(request, path=path, target=target)


def seen(service: str, account: str, ask: Ask, side: str = "left") -> Any:
    request = caught(service, ask)
    sim = SIMS[account]
    with seeded(1):  # the request's own id is told in errors
        reply = asked(request if side == "left" else right(request), account, sim.egress)
    gone = {b"x-amzn-requestid", b"x-amz-request-id", b"x-amz-id-2", b"last-modified", b"date"}
    headers = sorted((name, value) for name, value in reply.headers if name not in gone)
    return reply.status, headers, reply.body.replace(b"right-", b"left-")


SIMS = {account: Simulator(account=account, remember=0) for account in (LONG, SHORT)}


def prepare() -> None:
    policy = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
         "Action": "s3:PutObject", "Resource": "arn:aws:s3:::left-p/*"}]}
    )  # fmt: skip
    asks: list[tuple[str, Ask]] = [
        ("dynamodb", lambda db: db.create_table(**KEYED)),
        *(("s3", lambda s3, b=b: s3.create_bucket(Bucket=f"left-{b}")) for b in "avp"),
        (
            "s3",
            lambda s3: s3.put_bucket_versioning(
                Bucket="left-v", VersioningConfiguration={"Status": "Enabled"}
            ),
        ),
        ("s3", lambda s3: s3.put_bucket_policy(Bucket="left-p", Policy=policy)),
    ]  # fmt: skip
    for service, ask in asks:
        request = caught(service, ask)
        for account, mine in ((LONG, request), (SHORT, right(request))):
            assert asked(mine, account, SIMS[account].egress).status in (200, 204)


def shown(side: str, account: str) -> list[Any]:
    """All that the calls may have changed, as moto answers."""
    found = [seen("dynamodb", account, lambda db: db.scan(TableName="t"))]
    found.append(seen("dynamodb", account, lambda db: db.describe_table(TableName="t"))[0])
    for key in ("one", "a/b c/é+%2F~", "void"):
        get: Ask = lambda s3, key=key: s3.get_object(Bucket="left-a", Key=key)  # type: ignore[misc]  # noqa: E731
        found.append(seen("s3", account, get, side))
    found.append(seen("s3", account, lambda s3: s3.get_object(Bucket="left-v", Key="one"), side))
    return found


@pytest.mark.parametrize("name", CALLS)
def test_the_short_way_leaves_what_the_long_way_leaves(name: str) -> None:
    service, ask = CALLS[name]
    request = caught(service, ask)
    other = right(request)
    short = shortcuts.shortcut(other, SHORT, _environ(other, SHORT))
    assert (short is None) == (name == "no bucket")
    with seeded(9), suppress(LookupError, NotImplementedError):
        asked(request, LONG, SIMS[LONG].egress)
    with seeded(9):
        done_again(other, SHORT, SIMS[SHORT].egress)
    assert shown("left", LONG) == shown("right", SHORT)


@pytest.mark.parametrize("name", LONGER)
def test_what_is_not_plain_goes_the_long_way(name: str) -> None:
    request = right(caught("s3", LONGER[name]))
    assert shortcuts.shortcut(request, SHORT, _environ(request, SHORT)) is None


def test_what_fails_in_the_short_way_is_done_the_long_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A later moto may look at something that the short way does not tell it."""
    from moto.dynamodb.responses import DynamoHandler

    request = caught("dynamodb", lambda db: db.put_item(TableName="t", Item=item("kept")))
    whole = DynamoHandler.put_item

    def curious(self: Any) -> Any:
        assert self.normalized_request is not None
        return whole(self)

    monkeypatch.setattr(DynamoHandler, "put_item", curious)
    done_again(request, SHORT, SIMS[SHORT].egress)
    body = seen("dynamodb", SHORT, lambda db: db.get_item(TableName="t", Key=item("kept")))[2]
    assert b"kept" in body


def test_what_breaks_in_motos_state_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It broke so when it was asked first; a second time would count it twice."""
    from moto.dynamodb.models import DynamoDBBackend
    from moto.s3.models import S3Backend

    count: Ask = lambda db: db.update_item(  # noqa: E731
        TableName="t",
        Key=item("broken"),
        UpdateExpression="ADD times :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    version: Ask = lambda s3: s3.put_object(Bucket="left-v", Key="broken", Body=b"1")  # noqa: E731
    for backend, name in ((DynamoDBBackend, "update_item"), (S3Backend, "put_object")):
        monkeypatch.setattr(backend, name, breaking(getattr(backend, name)))
    for service, ask in (("dynamodb", count), ("s3", version)):
        request = caught(service, ask)
        with suppress(KeyError):
            asked(request, LONG, SIMS[LONG].egress)
        done_again(right(request), SHORT, SIMS[SHORT].egress)
    counted: Ask = lambda db: db.get_item(TableName="t", Key=item("broken"))  # noqa: E731
    assert b'"N":"1"' in seen("dynamodb", LONG, counted)[2].replace(b" ", b"")
    assert seen("dynamodb", LONG, counted)[2] == seen("dynamodb", SHORT, counted)[2]
    versions: Ask = lambda s3: s3.list_object_versions(Bucket="left-v", Prefix="broken")  # noqa: E731
    for side, account in (("left", LONG), ("right", SHORT)):
        assert seen("s3", account, versions, side)[2].count(b"<VersionId>") == 1


def breaking(whole: Callable[..., Any]) -> Callable[..., Any]:
    """Does what it does, and fails then, as moto does at answers that it has not thought of."""

    def broken(*given: Any, **named: Any) -> Any:
        whole(*given, **named)
        raise KeyError("broken")

    return broken
