"""Splunk: what goes to HEC, the wait for its acknowledgement, and what every answer means."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.aws.certificate import Certificate
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.credential import SecretUnavailable
from kinesis_sim.firehose.destinations.registry import Receivers
from kinesis_sim.firehose.destinations.splunk.adapter import LOOK_EVERY_MS, Splunk, SplunkSettings
from kinesis_sim.firehose.destinations.splunk.receiver import SplunkReceiver
from kinesis_sim.firehose.destinations.transport import HttpAnswer, HttpRequest, Transport
from kinesis_sim.firehose.outcome import Outcome, Waiting
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


@pytest.fixture
def receiver(receivers: Receivers) -> SplunkReceiver:
    return receivers.splunk("ops")


def block(receiver: SplunkReceiver, kind: str = "Raw", **more: Any) -> dict[str, Any]:
    return {
        "HECEndpoint": receiver.url,
        "HECEndpointType": kind,
        "HECToken": receiver.token,
        **more,
    }


def adapter(
    receiver: SplunkReceiver, transport: Transport, kind: str = "Raw", **more: Any
) -> Splunk:
    return Splunk(SplunkSettings.read(block(receiver, kind, **more)), ARN, transport, no_secret)


def awaited(found: Outcome | Waiting) -> tuple[Outcome, int]:
    """What came of it in the end, and when, asked whenever it wants to be."""
    at = NOW
    while isinstance(found, Waiting):
        assert found.at >= at
        at = found.at
        found = found.look(at)
    return found, at


def test_raw_data_goes_out_without_anything_between_the_records() -> None:
    seen: list[HttpRequest] = []

    def listen(asked: HttpRequest, now: int) -> HttpAnswer:
        seen.append(asked)
        return HttpAnswer(500, {}, b"")

    wanted = SplunkSettings.read(
        {"HECEndpoint": "https://x.example/", "HECEndpointType": "Raw", "HECToken": "t"}
    )
    Splunk(wanted, ARN, Transport({"x.example": listen}), no_secret).deliver(
        records("um\n", "dois"), REQUEST_ID, NOW
    )
    (request,) = seen
    assert (request.method, request.url) == ("POST", "https://x.example/services/collector/raw")
    assert request.body == b"um\ndois"
    assert request.headers["Authorization"] == "Splunk t"
    assert len(request.headers["X-Splunk-Request-Channel"]) == 36


def test_events_are_acknowledged_and_kept(receiver: SplunkReceiver, transport: Transport) -> None:
    sent = records("um\n", "dois\n")
    found = adapter(receiver, transport).deliver(sent, REQUEST_ID, NOW)
    assert isinstance(found, Waiting)
    assert found.at == NOW + 5_000
    outcome, _ = awaited(found)
    assert settled(outcome, sent).delivered == 2
    assert outcome.bytes == 8
    assert [event.event for event in receiver.events] == ["um", "dois"]
    assert len(receiver.search("doi")) == 1
    assert list(receiver.frame()["at"]) == [NOW, NOW]


def test_records_without_delimiters_become_one_event(
    receiver: SplunkReceiver, transport: Transport
) -> None:
    awaited(adapter(receiver, transport).deliver(records("um", "dois"), REQUEST_ID, NOW))
    assert [event.event for event in receiver.events] == ["umdois"]


def test_json_events(receiver: SplunkReceiver, transport: Transport) -> None:
    sent = records('{"event": {"km": 3}, "host": "b1"}', '{"event": "dois", "time": 5}\n')
    outcome, _ = awaited(adapter(receiver, transport, "Event").deliver(sent, REQUEST_ID, NOW))
    assert settled(outcome, sent).delivered == 2
    assert receiver.frame()["event"].tolist() == ['{"km": 3}', "dois"]
    assert receiver.events[0].meta == {"host": "b1"}


@pytest.mark.parametrize(
    "data", ["no json", "[1]", '{"km": 3}', '{"event": ""}', '{"event": null}', b"\xff", ""]
)
def test_wrong_json_events_refuse_the_batch(
    receiver: SplunkReceiver, transport: Transport, data: str | bytes
) -> None:
    sent = records(data)
    found = adapter(receiver, transport, "Event").deliver(sent, REQUEST_ID, NOW)
    assert codes(found) == ["Splunk.InvalidDataFormat"]
    assert receiver.events == []


def test_over_real_https(receivers: Receivers, certificate: Certificate) -> None:
    receiver = receivers.splunk("real")
    sent = records("um\n", "dois\n")
    with behind_https(receiver, certificate) as address:
        wanted = SplunkSettings.read({**block(receiver), "HECEndpoint": address})
        destination = Splunk(wanted, ARN, Transport(authority=certificate.path), no_secret)
        receiver.fail(503)
        receiver.reset()
        assert codes(destination.deliver(sent, REQUEST_ID, NOW)) == ["Splunk.IndexerBusy"] * 2
        assert codes(destination.deliver(sent, REQUEST_ID, NOW)) == ["Splunk.ConnectionClosed"] * 2
        outcome, at = awaited(destination.deliver(sent, REQUEST_ID, NOW))
    assert settled(outcome, sent).delivered == 2
    assert at == NOW + LOOK_EVERY_MS


def test_a_late_acknowledgement(receiver: SplunkReceiver, transport: Transport) -> None:
    receiver.acknowledge_after(60_000)
    outcome, at = awaited(adapter(receiver, transport).deliver(records("a"), REQUEST_ID, NOW))
    assert (outcome.delivered, at) == (1, NOW + 60_000)


@pytest.mark.parametrize("timeout", [180, 600])
def test_no_acknowledgement_times_out(
    receiver: SplunkReceiver, transport: Transport, timeout: int
) -> None:
    receiver.never_acknowledge()
    sent = records("a", "b")
    destination = adapter(receiver, transport, HECAcknowledgmentTimeoutInSeconds=timeout)
    outcome, at = awaited(destination.deliver(sent, REQUEST_ID, NOW))
    assert codes(settled(outcome, sent)) == ["Splunk.AckTimeout"] * 2
    assert at == NOW + timeout * 1000
    assert all(failure.retry for failure in outcome.failures)
    outcome, _ = awaited(destination.deliver(sent, REQUEST_ID, at))
    assert outcome.delivered == 2
    assert len(receiver.events) == 2  # the batch of the first try and the same of the second


def test_an_acknowledgement_at_the_last_moment(
    receiver: SplunkReceiver, transport: Transport
) -> None:
    receiver.acknowledge_after(180_000)
    outcome, at = awaited(adapter(receiver, transport).deliver(records("a"), REQUEST_ID, NOW))
    assert (outcome.delivered, at) == (1, NOW + 180_000)
    receiver.acknowledge_after(180_001)
    outcome, _ = awaited(adapter(receiver, transport).deliver(records("a"), REQUEST_ID, NOW))
    assert codes(outcome) == ["Splunk.AckTimeout"]


def test_the_wait_starts_with_the_post(receiver: SplunkReceiver, transport: Transport) -> None:
    receiver.never_acknowledge()
    receiver.slow_down(179_000, 1)
    found = adapter(receiver, transport).deliver(records("a"), REQUEST_ID, NOW)
    assert isinstance(found, Waiting)
    assert found.at == NOW + 180_000
    assert codes(found.look(found.at)) == ["Splunk.AckTimeout"]


def test_wrong_acknowledgements_are_none(receiver: SplunkReceiver, transport: Transport) -> None:
    receiver.acknowledge_wrongly()
    outcome, at = awaited(adapter(receiver, transport).deliver(records("a"), REQUEST_ID, NOW))
    assert codes(outcome) == ["Splunk.AckTimeout"]
    assert at == NOW + 180_000


NO_ACK = "Splunk.AcknowledgementsDisabled"
FAULTS: list[tuple[Callable[[SplunkReceiver], None], str]] = [
    (lambda r: r.fail(500), "Splunk.ServerError"),
    (lambda r: r.fail(429), "Splunk.ServerError"),
    (lambda r: r.fail(503), "Splunk.IndexerBusy"),
    (lambda r: r.fail(413), "Splunk.ServerError.ContentTooLarge"),
    (lambda r: r.fail(404), "Splunk.URLNotFound"),
    (lambda r: r.fail(403), "Splunk.InvalidToken"),
    (lambda r: r.refuse(), "Splunk.InvalidEndpoint"),
    (lambda r: r.reset(), "Splunk.ConnectionClosed"),
    (lambda r: r.time_out(), "Splunk.ConnectionTimeout"),
    (lambda r: r.slow_down(180_001, 1), "Splunk.ConnectionTimeout"),
    (lambda r: r.halve(), "Splunk.InvalidHecResponseCharacter"),
    (lambda r: r.amend(lambda a: replace(a, body=b"{}")), NO_ACK),
    (lambda r: r.amend(lambda a: replace(a, body=b'{"ackId": true}')), NO_ACK),
    (lambda r: r.disable_acknowledgement(), NO_ACK),
    (lambda r: r.disable_token(), "Splunk.DisabledToken"),
    (lambda r: r.fail(400, kind=7), "Splunk.InvalidIndex"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "code"), FAULTS)
def test_every_fault_is_told_and_tried_again(
    receiver: SplunkReceiver,
    transport: Transport,
    fault: Callable[[SplunkReceiver], None],
    code: str,
) -> None:
    sent = records("a\n", "b\n")
    destination = adapter(receiver, transport)
    fault(receiver)
    found = destination.deliver(sent, REQUEST_ID, NOW)
    assert codes(found) == [code] * 2
    assert isinstance(found, Outcome)
    assert all(failure.retry and not failure.lost for failure in found.failures)
    receiver.mend()
    outcome, _ = awaited(destination.deliver(sent, REQUEST_ID, NOW))
    assert settled(outcome, sent).delivered == 2


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda r: r.disable_acknowledgement(), "Splunk.DisabledAck"),
        (lambda r: r.disable_token(), "Splunk.DisabledToken"),
        (lambda r: r.forget_channels(), "Splunk.ProxyWithoutStickySessions"),
    ],
)
def test_what_makes_an_acknowledgement_impossible_ends_the_wait(
    receiver: SplunkReceiver,
    transport: Transport,
    fault: Callable[[SplunkReceiver], None],
    code: str,
) -> None:
    found = adapter(receiver, transport).deliver(records("a"), REQUEST_ID, NOW)
    fault(receiver)
    outcome, at = awaited(found)
    assert codes(outcome) == [code]
    assert at == NOW + LOOK_EVERY_MS


def test_a_look_that_goes_wrong_is_repeated(receiver: SplunkReceiver, transport: Transport) -> None:
    found = adapter(receiver, transport).deliver(records("a"), REQUEST_ID, NOW)
    assert isinstance(found, Waiting)
    hosts = transport.hosts
    transport.hosts = {receiver.host: lambda asked, now: HttpAnswer(500, {}, b"")}
    again = found.look(found.at)
    assert isinstance(again, Waiting)
    transport.hosts = hosts
    outcome, at = awaited(again)
    assert (outcome.delivered, at) == (1, NOW + 2 * LOOK_EVERY_MS)


def test_a_secret_wins_over_the_token(receiver: SplunkReceiver, transport: Transport) -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:hec"
    more = {"SecretsManagerConfiguration": {"Enabled": True, "SecretARN": arn}}
    wanted = SplunkSettings.read({**block(receiver, **more), "HECToken": "wrong"})
    good = Splunk(wanted, ARN, transport, {arn: {"hec_token": receiver.token}}.__getitem__)
    assert isinstance(good.deliver(records("a"), REQUEST_ID, NOW), Waiting)

    def gone(_: str) -> dict[str, str]:
        raise SecretUnavailable("There is no such secret.")

    away = Splunk(wanted, ARN, transport, gone).deliver(records("a"), REQUEST_ID, NOW)
    assert codes(away) == ["Splunk.InvalidToken"]
    off = {"SecretsManagerConfiguration": {"Enabled": False, "SecretARN": arn}}
    assert isinstance(
        adapter(receiver, transport, **off).deliver(records("a"), REQUEST_ID, NOW), Waiting
    )


def test_another_machine_is_named_in_the_failure() -> None:
    wanted = SplunkSettings.read(
        {"HECEndpoint": "https://hec.stranger.com:8088", "HECEndpointType": "Raw"}
    )
    found = Splunk(wanted, ARN, Transport(), no_secret).deliver(records("a"), REQUEST_ID, NOW)
    assert isinstance(found, Outcome)
    assert found.failures[0].code == "Splunk.InvalidEndpoint"
    assert "hec.stranger.com is not this machine" in found.failures[0].message


def test_settings_and_their_defaults(receiver: SplunkReceiver) -> None:
    found = SplunkSettings.read(block(receiver))
    assert found.ack_timeout_ms == 180_000
    assert receiver.token not in repr(found)


@settings(max_examples=examples(40))
@given(
    batches=st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["ok", "late", "never", "500", "gone"])),
        min_size=1,
        max_size=6,
    )
)
def test_every_record_is_delivered_or_failed(batches: list[tuple[int, str]]) -> None:
    receivers = Receivers()
    receiver = receivers.splunk("lei")
    destination = adapter(receiver, Transport(receivers.hosts))
    for size, fate in batches:
        receiver.acknowledge_after(200_000 if fate == "late" else 0)
        receiver.never_acknowledge(int(fate == "never"))
        if fate == "500":
            receiver.fail()
        if fate == "gone":
            receiver.time_out(taking=True)
        sent = records(*["x\n"] * size)
        outcome, _ = awaited(destination.deliver(sent, REQUEST_ID, NOW))
        assert settled(outcome, sent).delivered == (size if fate == "ok" else 0)


def posted(
    receiver: SplunkReceiver, path: str = "/services/collector/raw", **change: Any
) -> HttpAnswer:
    headers = {
        "Authorization": f"Splunk {receiver.token}",
        "X-Splunk-Request-Channel": "FE0ECFAD-13D5-401B-847D-77833BD77131",
    }
    request = HttpRequest("POST", receiver.url + path, headers, b"a", 1000)
    answer = receiver(replace(request, **change), NOW)
    assert isinstance(answer, HttpAnswer)
    return answer


def told(answer: HttpAnswer) -> tuple[int, int]:
    return answer.status, json.loads(answer.body)["code"]


def test_the_receiver_is_strict(receiver: SplunkReceiver) -> None:
    channel = {"X-Splunk-Request-Channel": "FE0ECFAD-13D5-401B-847D-77833BD77131"}
    good = {"Authorization": f"Splunk {receiver.token}"}
    assert told(posted(receiver, headers=channel)) == (401, 2)
    assert told(posted(receiver, headers={"Authorization": "Bearer x"})) == (401, 3)
    assert told(posted(receiver, headers={"Authorization": "Splunk x"})) == (403, 4)
    assert told(posted(receiver, headers=good)) == (400, 10)
    assert told(posted(receiver, headers={**good, "X-Splunk-Request-Channel": "1"})) == (400, 11)
    assert told(posted(receiver, body=b"")) == (400, 5)
    assert posted(receiver, method="GET").status == 405
    assert posted(receiver, "/services/other").status == 404
    ack = "/services/collector/ack"
    assert told(posted(receiver, ack, body=b'{"acks":[0]}')) == (400, 11)
    assert posted(receiver).status == 200
    assert told(posted(receiver, ack, body=b"[]")) == (400, 6)
    assert told(posted(receiver, ack, body=b'{"acks":["0"]}')) == (400, 6)
    assert len(receiver.events) == 1


def test_the_receiver_says_so_once(receiver: SplunkReceiver) -> None:
    assert json.loads(posted(receiver).body) == {"text": "Success", "code": 0, "ackId": 0}
    ack = "/services/collector/ack?channel=fe0ecfad-13d5-401b-847d-77833bd77131"
    good = {"Authorization": f"Splunk {receiver.token}"}
    answers = [posted(receiver, ack, headers=good, body=b'{"acks":[0,7]}').body for _ in range(2)]
    assert [json.loads(answer)["acks"] for answer in answers] == [
        {"0": True, "7": False},
        {"0": False, "7": False},
    ]


def test_faults_come_in_order_and_end(receiver: SplunkReceiver) -> None:
    receiver.fail(500, times=2)
    receiver.fail(503, times=None)
    statuses = [posted(receiver).status for _ in range(4)]
    receiver.mend()
    assert [*statuses, posted(receiver).status] == [500, 500, 503, 503, 200]
    with pytest.raises(UsageError, match="times=0: give 1 or more"):
        receiver.fail(times=0)
    assert "5 requests" in repr(receiver)
