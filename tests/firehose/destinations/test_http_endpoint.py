"""HTTP endpoints: the documented request to the letter, and what every kind of answer means."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.aws.certificate import Certificate
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.credential import SecretUnavailable
from kinesis_sim.firehose.destinations.http_endpoint import adapter as http_endpoint
from kinesis_sim.firehose.destinations.http_endpoint.adapter import (
    HttpEndpoint,
    HttpEndpointSettings,
    backoff_ms,
)
from kinesis_sim.firehose.destinations.http_endpoint.receiver import HttpReceiver
from kinesis_sim.firehose.destinations.registry import Receivers
from kinesis_sim.firehose.destinations.transport import HttpAnswer, HttpRequest, Transport
from tests.effort import examples
from tests.firehose.destinations.wire import (
    ARN,
    NOW,
    REQUEST_ID,
    behind_https,
    codes,
    no_secret,
    records,
    settled,
)

KEY = "a-key"


@pytest.fixture
def receiver(receivers: Receivers) -> HttpReceiver:
    return receivers.http("parceiro", KEY)


def block(url: str, **request: Any) -> dict[str, Any]:
    endpoint = {"Url": url, "AccessKey": KEY}
    return {"EndpointConfiguration": endpoint, "RequestConfiguration": request}


def adapter(receiver: HttpReceiver, transport: Transport, **request: Any) -> HttpEndpoint:
    found = HttpEndpointSettings.read(block(receiver.url, **request))
    return HttpEndpoint(found, ARN, transport, no_secret)


def caught(**request: Any) -> HttpRequest:
    """The request as it goes out."""
    seen: list[HttpRequest] = []

    def listen(asked: HttpRequest, now: int) -> HttpAnswer:
        seen.append(asked)
        return HttpAnswer(500, {}, b"")

    wanted = HttpEndpointSettings.read(block("https://x.example/a?b=c", **request))
    HttpEndpoint(wanted, ARN, Transport({"x.example": listen}), no_secret).deliver(
        records("hello", "hello world"), REQUEST_ID, NOW
    )
    return seen[0]


def test_the_request_is_as_documented() -> None:
    asked = caught()
    assert (asked.method, asked.url, asked.timeout_ms) == (
        "POST",
        "https://x.example/a?b=c",
        180_000,
    )
    assert asked.headers == {
        "Content-Type": "application/json",
        "Content-Length": str(len(asked.body)),
        "X-Amz-Firehose-Protocol-Version": "1.0",
        "X-Amz-Firehose-Request-Id": REQUEST_ID,
        "X-Amz-Firehose-Source-Arn": ARN,
        "X-Amz-Firehose-Access-Key": KEY,
    }
    assert json.loads(asked.body) == {
        "requestId": REQUEST_ID,
        "timestamp": NOW,
        "records": [{"data": "aGVsbG8="}, {"data": "aGVsbG8gd29ybGQ="}],
    }


def test_attributes_and_compression_are_headers() -> None:
    rows = [{"AttributeName": "stage", "AttributeValue": "prod"}]
    asked = caught(CommonAttributes=rows, ContentEncoding="GZIP")
    attributes = asked.headers["X-Amz-Firehose-Common-Attributes"]
    assert json.loads(attributes) == {"commonAttributes": {"stage": "prod"}}
    assert asked.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(asked.body))["requestId"] == REQUEST_ID


@pytest.mark.parametrize("encoding", ["NONE", "GZIP"])
def test_records_arrive_as_they_are(
    receiver: HttpReceiver, transport: Transport, encoding: str
) -> None:
    sent = records(b"", b"\x00\xff", "ação\n")
    found = settled(
        adapter(receiver, transport, ContentEncoding=encoding).deliver(sent, REQUEST_ID, NOW), sent
    )
    assert found.delivered == 3
    assert receiver.records == [b"", b"\x00\xff", "ação\n".encode()]
    assert list(receiver.frame()["request_id"]) == [REQUEST_ID] * 3
    assert found.bytes == receiver.visits[0].bytes


def test_over_real_https(receivers: Receivers, certificate: Certificate) -> None:
    receiver = receivers.http("real", KEY)
    sent = records("um", "dois")
    with behind_https(receiver, certificate) as address:
        found = HttpEndpointSettings.read(block(f"{address}/firehose"))
        way = Transport(authority=certificate.path)
        destination = HttpEndpoint(found, ARN, way, no_secret)
        receiver.fail(503)
        receiver.reset()
        assert (
            codes(destination.deliver(sent, REQUEST_ID, NOW))
            == ["HttpEndpoint.DestinationException"] * 2
        )
        assert set(codes(destination.deliver(sent, REQUEST_ID, NOW))) == {
            "HttpEndpoint.ConnectionReset"
        }
        assert settled(destination.deliver(sent, REQUEST_ID, NOW), sent).delivered == 2
    assert receiver.records == [b"um", b"dois"]


INVALID = "HttpEndpoint.InvalidResponseFromDestination"
FAULTS: list[tuple[Callable[[HttpReceiver], None], str, int]] = [
    (lambda r: r.fail(500), "HttpEndpoint.DestinationException", 0),
    (lambda r: r.fail(429), "HttpEndpoint.DestinationException", 0),
    (lambda r: r.fail(201), "HttpEndpoint.DestinationException", 0),
    (lambda r: r.fail(302), "HttpEndpoint.InvalidStatusCode", 0),
    (lambda r: r.refuse(), "HttpEndpoint.ConnectionFailed", 0),
    (lambda r: r.reset(), "HttpEndpoint.ConnectionReset", 0),
    (lambda r: r.reset(taking=True), "HttpEndpoint.ConnectionReset", 1),
    (lambda r: r.time_out(), "HttpEndpoint.RequestTimeout", 0),
    (lambda r: r.time_out(taking=True), "HttpEndpoint.RequestTimeout", 1),
    (lambda r: r.slow_down(180_001, 1), "HttpEndpoint.RequestTimeout", 1),
    (lambda r: r.halve(), INVALID, 1),
    (lambda r: r.forge(requestId="other"), INVALID, 1),
    (lambda r: r.forge(timestamp="1578090903599"), INVALID, 1),
    (lambda r: r.forge(timestamp=True), INVALID, 1),
    (lambda r: r.forge(timestamp=None), INVALID, 1),
    (lambda r: r.forge(errorMessage="x" * 8193), INVALID, 1),
    (lambda r: r.forge(errorMessage="x" * (1 << 20)), "HttpEndpoint.ResponseTooLarge", 1),
    (lambda r: r.mislabel(content_type="text/html"), INVALID, 1),
    (lambda r: r.mislabel(content_length=None), INVALID, 1),
    (lambda r: r.mislabel(content_encoding="gzip"), INVALID, 1),
    (lambda r: r.amend(lambda a: replace(a, body=b"[]")), INVALID, 1),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "code", "taken"), FAULTS)
def test_every_fault_is_told_and_tried_again(
    receiver: HttpReceiver,
    transport: Transport,
    fault: Callable[[HttpReceiver], None],
    code: str,
    taken: int,
) -> None:
    sent = records("a", "b")
    destination = adapter(receiver, transport)
    fault(receiver)
    found = settled(destination.deliver(sent, REQUEST_ID, NOW), sent)
    assert codes(found) == [code] * 2
    assert all(failure.retry and not failure.lost for failure in found.failures)
    assert len(receiver.deliveries) == taken
    assert settled(destination.deliver(sent, REQUEST_ID, NOW), sent).delivered == 2
    assert {delivery.request_id for delivery in receiver.deliveries} == {REQUEST_ID}


def test_413_loses_the_records(receiver: HttpReceiver, transport: Transport) -> None:
    receiver.fail(413, message="Payload too large")
    sent = records("a")
    found = adapter(receiver, transport).deliver(sent, REQUEST_ID, NOW)
    (failure,) = settled(found, sent).failures
    assert (failure.code, failure.retry, failure.lost) == (
        "HttpEndpoint.DestinationException",
        False,
        True,
    )
    assert failure.message.startswith(
        "The following response was received from the endpoint destination. 413: {"
    )
    assert "Payload too large" in failure.message


def test_deduplication_by_request_id(receivers: Receivers, transport: Transport) -> None:
    receiver = receivers.http("unico", KEY, deduplicate=True)
    destination = adapter(receiver, transport)
    receiver.time_out(taking=True)
    destination.deliver(records("a"), REQUEST_ID, NOW)
    assert destination.deliver(records("a"), REQUEST_ID, NOW).delivered == 1
    assert receiver.records == [b"a"]


def test_a_wrong_key_is_refused_in_the_endpoints_words(
    receivers: Receivers, transport: Transport
) -> None:
    receiver = receivers.http("outra", "another key")
    (failure,) = adapter(receiver, transport).deliver(records("a"), REQUEST_ID, NOW).failures
    assert "403" in failure.message
    assert receiver.records == []


def test_large_batches_go_out_in_parts(
    receiver: HttpReceiver, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.took_ms = 40
    sent = records(*(str(number) for number in range(25_000)))
    destination = adapter(receiver, transport)
    receiver.slow_down(50, 1)
    receiver.fail(500)
    found = settled(destination.deliver(sent, REQUEST_ID, NOW), sent)
    assert (found.delivered, len(found.failures), found.took_ms) == (15_000, 10_000, 130)
    assert [len(delivery.records) for delivery in receiver.deliveries] == [10_000, 5_000]
    assert [delivery.timestamp - NOW for delivery in receiver.deliveries] == [0, 90]
    failed = [failure.record for failure in found.failures]
    assert failed == sent[10_000:20_000]

    receiver.time_out(taking=True)
    destination.deliver(failed, REQUEST_ID, NOW)
    destination.deliver(failed, REQUEST_ID, NOW)
    ids = [delivery.request_id for delivery in receiver.deliveries]
    assert ids[2] == ids[3]
    assert len(set(ids)) == 3

    monkeypatch.setattr(http_endpoint, "LARGEST_BODY", 200)
    assert destination.deliver(records("x" * 90, "y"), "other", NOW).delivered == 2
    assert len(receiver.deliveries) == 6


@settings(max_examples=examples(40))
@given(
    sizes=st.lists(st.integers(0, 400), min_size=1, max_size=30),
    statuses=st.lists(st.sampled_from([200, 413, 429, 500]), max_size=30),
)
def test_every_record_is_delivered_or_failed(sizes: list[int], statuses: list[int]) -> None:
    receivers = Receivers()
    receiver = receivers.http("lei", KEY)
    for status in statuses:
        receiver.slow_down(1, 1) if status == 200 else receiver.fail(status)
    sent = records(*(b"x" * size for size in sizes))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http_endpoint, "LARGEST_BODY", 600)
        patch.setattr(http_endpoint, "MOST_RECORDS", 3)
        destination = adapter(receiver, Transport(receivers.hosts))
        found = settled(destination.deliver(sent, REQUEST_ID, NOW), sent)
    assert len(receiver.records) == found.delivered
    assert all(len(delivery.records) <= 3 for delivery in receiver.deliveries)
    assert all(failure.lost is not failure.retry for failure in found.failures)


def test_a_secret_wins_over_the_key(receiver: HttpReceiver, transport: Transport) -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:chave"
    plain = block(receiver.url)
    plain["EndpointConfiguration"]["AccessKey"] = "wrong"
    plain["SecretsManagerConfiguration"] = {"Enabled": True, "SecretARN": arn}
    found = HttpEndpointSettings.read(plain)
    good = HttpEndpoint(found, ARN, transport, {arn: {"api_key": KEY}}.__getitem__)
    assert good.deliver(records("a"), REQUEST_ID, NOW).delivered == 1
    bad = HttpEndpoint(found, ARN, transport, lambda _: {"key": KEY})
    (failure,) = bad.deliver(records("a"), REQUEST_ID, NOW).failures
    assert failure.message == f'Secret {arn} has no "api_key"; store it as {{"api_key": "…"}}.'
    assert "wrong" not in repr(found)

    def gone(_: str) -> dict[str, str]:
        raise SecretUnavailable("There is no such secret.")

    away = HttpEndpoint(found, ARN, transport, gone)
    assert codes(away.deliver(records("a"), REQUEST_ID, NOW)) == ["HttpEndpoint.ConnectionFailed"]


def test_a_key_that_no_header_may_carry(transport: Transport) -> None:
    wanted = block("https://x.example")
    wanted["EndpointConfiguration"]["AccessKey"] = "a\nb"
    found = HttpEndpoint(HttpEndpointSettings.read(wanted), ARN, transport, no_secret)
    assert codes(found.deliver(records("a"), REQUEST_ID, NOW)) == [
        "HttpEndpoint.MakeRequestFailure.IllegalCharacterInHeaderValue"
    ]


def test_another_machine_is_named_in_the_failure() -> None:
    found = HttpEndpointSettings.read(block("https://api.stranger.com/x"))
    destination = HttpEndpoint(found, ARN, Transport(), no_secret)
    (failure,) = destination.deliver(records("a"), REQUEST_ID, NOW).failures
    assert failure.code == "HttpEndpoint.ConnectionFailed"
    assert "api.stranger.com is not this machine" in failure.message


def test_settings_and_their_defaults() -> None:
    found = HttpEndpointSettings.read({"EndpointConfiguration": {"Url": "https://x"}})
    assert (found.url, found.attributes, found.compressed) == ("https://x", (), False)


def test_back_off_doubles_to_two_minutes() -> None:
    assert [backoff_ms(retry, 0.5) for retry in range(9)] == [
        1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000, 120_000,
    ]  # fmt: skip
    assert backoff_ms(0, 0) == 850
    assert backoff_ms(10**6, 0.5) == 120_000
    for retry, draw in [(-1, 0.5), (0, 1.0), (0, -0.1)]:
        with pytest.raises(UsageError, match="give a retry of 0 or more"):
            backoff_ms(retry, draw)


def wrong(**headers: str | None) -> Callable[[HttpRequest], HttpRequest]:
    def change(asked: HttpRequest) -> HttpRequest:
        found = {**asked.headers, **{name.replace("_", "-"): v for name, v in headers.items()}}
        return replace(asked, headers={k: v for k, v in found.items() if v is not None})

    return change


def body(change: Callable[[dict[str, Any]], Any]) -> Callable[[HttpRequest], HttpRequest]:
    def apply(asked: HttpRequest) -> HttpRequest:
        found = json.loads(asked.body)
        text = json.dumps(change(found) or found).encode()
        return replace(
            asked, body=text, headers={**asked.headers, "Content-Length": str(len(text))}
        )

    return apply


def resized(text: bytes, asked: HttpRequest) -> HttpRequest:
    headers = {**asked.headers, "Content-Length": str(len(text))}
    return replace(asked, body=text, headers=headers)


STRICT: list[tuple[Callable[[HttpRequest], HttpRequest], str]] = [
    (lambda r: replace(r, method="PUT"), "PUT is not POST"),
    (lambda r: replace(r, url="http://x.example"), "is not https"),
    (wrong(Content_Type="application/json; charset=utf-8"), "Content-Type is"),
    (wrong(Content_Length=None), "Content-Length is None"),
    (wrong(**{"X-Amz-Firehose-Protocol-Version": "2.0"}), "Protocol-Version is 2.0"),
    (wrong(**{"X-Amz-Firehose-Request-Id": None}), "Request-Id is missing"),
    (wrong(**{"X-Amz-Firehose-Request-Id": "x"}), "requestId is not"),
    (wrong(**{"X-Amz-Firehose-Source-Arn": "arn:aws:kinesis:x"}), "names no stream"),
    (wrong(**{"X-Amz-Firehose-Common-Attributes": "{"}), "is not JSON"),
    (wrong(**{"X-Amz-Firehose-Common-Attributes": "{}"}), "no object commonAttributes"),
    (
        wrong(**{"X-Amz-Firehose-Common-Attributes": '{"commonAttributes": {"a": 1}}'}),
        "The common attribute 'a' is no text",
    ),
    (wrong(Content_Encoding="br"), "only gzip or no header"),
    (wrong(Content_Encoding="gzip"), "The body is not gzip"),
    (lambda r: resized(gzip.compress(r.body)[:-4], wrong(Content_Encoding="gzip")(r)), "too early"),
    (lambda r: resized(b"{", r), "The body is not JSON"),
    (body(lambda found: [1]), "The body is no JSON object"),
    (body(lambda found: found.pop("timestamp") and None), "timestamp is no integer"),
    (body(lambda found: found.update(records=[])), "records is no list of 1 to 10,000"),
    (body(lambda found: found.update(records=[{"data": 1}])), "Record 0 is no object"),
    (body(lambda found: found.update(records=[{"data": "*"}])), "data of record 0 is not base64"),
]


@pytest.mark.parametrize(("change", "message"), STRICT)
def test_the_receiver_is_strict(change: Callable[[HttpRequest], HttpRequest], message: str) -> None:
    receiver = HttpReceiver("x", "https://x.example")
    answer = receiver(change(caught()), NOW)
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 400
    assert message in json.loads(answer.body)["errorMessage"]
    assert receiver.deliveries == []
    assert receiver.visits[0].status == 400


def test_the_receiver_takes_the_right_request() -> None:
    receiver = HttpReceiver("x", "https://x.example")
    assert receiver(caught(), NOW).took_ms == 0
    assert receiver.records == [b64decode("aGVsbG8="), b"hello world"]


def test_the_receiver_takes_no_bomb() -> None:
    receiver = HttpReceiver("x", "https://x.example")
    bomb = gzip.compress(b" " * ((64 << 20) + 1), 1)
    answer = receiver(resized(bomb, wrong(Content_Encoding="gzip")(caught())), NOW)
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 413
