"""No client's input is a server's fault: whole calls of every operation, in all five protocols,
with values that fit their shapes, that nearly do, and that cannot, and with bytes turned over.

An answer of 500 and above says that the server is at fault. Here nothing is planned to go wrong and
no disk is full, so there is none: each call is answered or refused. Events go on being told, so a
call that went through cannot leave a trap for the next one.
"""

from __future__ import annotations

import json
import logging
from asyncio import Future, wait_for
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.aws.application import Application
from kinesis_sim.aws.model import service_model
from kinesis_sim.aws.wire.cbor import CBOR
from tests.effort import examples
from tests.fuzz.mutation import mutated
from tests.loops import run

CALLS = 12
"""Calls of one example, one after another to the same server."""
ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
TEXTS = (
    *("s", "d", "", "x" * 300, "*", "-", "\ud800", "\x00", "ção", "../..", "$LATEST", ARN),
    *(ARN.replace("kinesis", "firehose"), "arn:aws:::", "shardId-000000000000", "TRIM_HORIZON"),
    *(
        "AT_TIMESTAMP",
        "1e999",
        "NaN",
        "-1",
        "2026-01-01T00:00:00Z",
        "9" * 400,
        "!{x:",
        "{",
        "[" * 90,
    ),
)
NUMBERS = (0, 1, -1, 2, 60, 10_000, 2**31, 2**63, -(2**63), 10**30, 0.5, 1e308, -1e308, 1e-320)
ODD = (None, True, [], {}, [[]], {"a": None}, 1.5, "x", 7)
OPTIONAL = 0.4


class Drawn:
    """Values by the shapes of botocore's model, as JSON has them; one in ``odd`` fits none."""

    def __init__(self, random: Random, odd: float) -> None:
        self._random, self._odd = random, odd

    def value(self, shape: Shape, nested: int = 0) -> Any:
        if self._random.random() < self._odd:
            return self._random.choice((*ODD, *TEXTS, *NUMBERS))
        if isinstance(shape, StructureShape):
            return self._members(shape, nested)
        if isinstance(shape, ListShape):
            count = 0 if nested > 4 else self._random.choice((0, 1, 1, 2, 3))
            return [self.value(shape.member, nested + 1) for _ in range(count)]
        if isinstance(shape, MapShape):
            return {str(self.text(shape.key)): self.value(shape.value, nested + 1)}
        return self._plain(shape)

    def _members(self, shape: StructureShape, nested: int) -> dict[str, Any]:
        return {
            member.serialization.get("name", name): self.value(member, nested + 1)
            for name, member in shape.members.items()
            if name in shape.required_members or self._random.random() < OPTIONAL / (1 + nested)
        }

    def text(self, shape: Shape) -> Any:
        known = getattr(shape, "enum", None)
        return self._random.choice(known if known and self._random.random() < 0.8 else TEXTS)

    def _plain(self, shape: Shape) -> Any:
        kind = shape.type_name
        if kind == "string":
            return self.text(shape)
        if kind == "boolean":
            return self._random.random() < 0.5
        if kind == "blob":
            return self._random.choice(("eA==", "", "x", "AAAA" * 20))
        return self._random.choice(NUMBERS)


Sent = tuple[str, str, dict[str, str], bytes]
"""Method, address, headers and body of a request."""


def _json(model: ServiceModel, name: str, asked: Any, random: Random) -> Sent:
    target = f"{model.metadata['targetPrefix']}.{name}"
    kind = f"application/x-amz-json-{model.metadata['jsonVersion']}"
    return "POST", "/", {"x-amz-target": target, "content-type": kind}, json.dumps(asked).encode()


def _cbor(model: ServiceModel, name: str, asked: Any, random: Random) -> Sent:
    target = f"{model.metadata['targetPrefix']}.{name}"
    kind = random.choice(("application/x-amz-cbor-1.1", "application/cbor"))
    return "POST", "/", {"x-amz-target": target, "content-type": kind}, _as_cbor(asked)


def _rpc_v2(model: ServiceModel, name: str, asked: Any, random: Random) -> Sent:
    path = f"/service/{model.metadata['targetPrefix']}/operation/{name}"
    kinds = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}
    return "POST", path, kinds, _as_cbor(asked)


def _as_cbor(asked: Any) -> bytes:
    try:
        return bytes(CBOR.dumps(asked))
    except (ValueError, OverflowError, TypeError, UnicodeError):
        return b"\xa1ax\xfb\x7f\xe1\xcc\xf3\x85\xeb\xc8\xa0"


def _query(model: ServiceModel, name: str, asked: Any, random: Random) -> Sent:
    fields = {"Action": name, "Version": model.api_version, **dict(_flat("", asked))}
    body = urlencode(fields, errors="replace").encode()
    return "POST", "/", {"content-type": "application/x-www-form-urlencoded"}, body


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else name, each)
    elif isinstance(value, list):
        for number, each in enumerate(value, 1):
            yield from _flat(f"{prefix}.member.{number}", each)
    else:
        yield prefix, str(value)


def _rest(model: ServiceModel, name: str, asked: Any, random: Random) -> Sent:
    http = model.operation_model(name).http
    members = dict(asked) if isinstance(asked, dict) else {}
    path, _, query = http["requestUri"].partition("?")
    for place in [each.partition("}")[0] for each in path.split("{")[1:]]:
        value = members.pop(place.rstrip("+"), random.choice(TEXTS))
        path = path.replace(f"{{{place}}}", quote(str(value), safe="", errors="replace"))
    if http["method"] in ("GET", "DELETE", "HEAD"):
        query = urlencode({key: str(value) for key, value in members.items()}, errors="replace")
        members = {}
    address = f"{path}?{query}" if query else path
    body = json.dumps(members).encode() if members else b""
    return http["method"], address, {"content-type": "application/json"}, body


WAYS = {
    "json": (
        _json,
        ("kinesis", "firehose", "cloudwatch", "kinesisanalyticsv2", "kinesisanalytics"),
    ),
    "cbor": (_cbor, ("kinesis",)),
    "rpc-v2-cbor": (_rpc_v2, ("cloudwatch",)),
    "query": (_query, ("cloudwatch",)),
    "rest-json": (_rest, ("lambda", "fis", "kinesisvideo", "kinesis-video-archived-media")),
}


def request(random: Random, sim: Simulator, way: str) -> Sent:
    """A call of any operation that is answered here, and that no connection stays open for."""
    write, services = WAYS[way]
    service = random.choice([each for each in services if each in sim.gate.services()])
    model = service_model(service)
    names = [each for each in sim.gate.operations(service) if each in model.operation_names]
    name = random.choice([each for each in names if each not in ("SubscribeToShard",)])
    shape = model.operation_model(name).input_shape
    drawn = Drawn(random, random.choice((0, 0, 0.02, 0.1)))
    asked = {} if shape is None else drawn.value(shape)
    method, address, headers, body = write(model, name, asked, random)
    if random.random() < 0.2 and body:
        body = mutated(random, [body])
    signed = model.signing_name
    if random.random() < 0.9:
        key = random.choice(("AKID", "AKID", "210987654321"))
        scope = f"{key}/20260101/us-east-1/{signed}/aws4_request"
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"
        )
        headers["x-amz-date"] = "20260101T000000Z"
    return method, address, headers, body


async def status(application: Application, sent: Sent) -> int:
    """The status of the answer. A call that waits for records is left after a moment."""
    method, address, headers, body = sent
    path, _, query = address.partition("?")
    told: list[int] = []
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if left:
            return left.pop()
        return await Future()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])

    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "replace"),
        "query_string": query.encode("utf-8", "replace"),
        "headers": [
            (b"host", b"localhost"),
            (b"content-length", str(len(body)).encode()),
            *((name.encode(), value.encode("latin-1")) for name, value in headers.items()),
        ],
        "server": ("127.0.0.1", 4567),
        "client": ("127.0.0.1", 1),
    }
    await wait_for(application(scope, receive, send), 30)
    return told[0]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What hundreds of hostile calls are answered with is not told as well."""
    with caplog.at_level(logging.CRITICAL, logger="kinesis_sim"):
        yield


def answers(seed: int, way: str) -> list[tuple[int, Sent]]:
    """What the calls of an example are answered with."""
    random = Random(seed)
    sim = Simulator(latency=None, delays="instant", limits="off", remember=0)
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1})

    async def ask() -> list[tuple[int, Sent]]:
        application = Application(sim)
        try:
            sent = [request(random, sim, way) for _ in range(CALLS)]
            return [(await status(application, each), each) for each in sent]
        finally:
            application.close()

    found = run(ask())
    sim.advance(hours=1)
    return found


@pytest.mark.parametrize("way", WAYS)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=examples(6))
def test_no_input_is_answered_as_a_fault_of_the_servers(way: str, seed: int) -> None:
    for found, sent in answers(seed, way):
        assert found < 500, sent


_FORM = {"content-type": "application/x-www-form-urlencoded"}
_SIGNED = {
    "authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/{}/aws4_request, "
    "SignedHeaders=host, Signature=x",
    "x-amz-date": "20260101T000000Z",
}


@pytest.mark.parametrize(
    ("service", "method", "path", "body"),
    [
        ("monitoring", "POST", "/", b"Action=ListMetrics&Version=2009-05-15"),
        ("monitoring", "POST", "/", b"Action=ListMetric&Version=2010-08-01"),
        ("monitoring", "POST", "/", b"Action=GetMetricData&Version=x&StartTime=1e308"),
        ("lambda", "POST", "/2015-03-31/functions//invocations", b"{}"),
        ("", "POST", "/2015-03-31/functions//invocations", b"{}"),
    ],
)
def test_what_names_no_operation_is_refused_and_not_motos_to_fail_at(
    service: str, method: str, path: str, body: bytes
) -> None:
    headers = dict(_FORM) if path == "/" else {"content-type": "application/json"}
    if service:
        headers |= {name: value.format(service) for name, value in _SIGNED.items()}
    sim = Simulator(latency=None, remember=0)

    async def ask() -> int:
        application = Application(sim)
        try:
            return await status(application, (method, path, headers, body))
        finally:
            application.close()

    assert 400 <= run(ask()) < 500


@pytest.mark.parametrize("way", WAYS)
def test_calls_of_every_protocol_reach_their_operations(way: str) -> None:
    """A law about refusals would hold in vain if nothing were ever taken."""
    statuses = [found for seed in range(6) for found, _ in answers(seed, way)]
    assert any(found == 200 for found in statuses), statuses
    assert any(400 <= found < 500 for found in statuses), statuses
