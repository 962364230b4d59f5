"""PutMedia and GetMedia over HTTP: both directions at once, whatever the client is like."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from kinesis_sim import Clock
from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import client, instant
from tests.video.media import NAME, cluster, stream

SIGNED = (
    "authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/kinesisvideo/aws4_request,"
    " SignedHeaders=host, Signature=00\r\nx-amz-date: 20260101T000000Z\r\n"
)


@pytest.fixture
def server() -> Iterator[Server]:
    with start(instant(limits="off")) as running:
        with client(running, "kinesisvideo") as video:
            video.create_stream(StreamName=NAME, DataRetentionInHours=24)
        yield running


class Producer:
    """A raw PutMedia request, so that a test says which bytes go when."""

    def __init__(self, server: Server, target: str = "/putMedia", more: str = SIGNED) -> None:
        host, port = server.endpoint_url.removeprefix("http://").split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=20)
        self._lines = self._socket.makefile("rb")
        head = (
            f"POST {target} HTTP/1.1\r\nhost: {host}:{port}\r\ntransfer-encoding: chunked\r\n"
            f"x-amzn-stream-name: {NAME}\r\nx-amzn-fragment-timecode-type: RELATIVE\r\n"
            f"x-amzn-producer-start-timestamp: 1767225600\r\n{more}\r\n"
        )
        self._socket.sendall(head.encode())

    def send(self, part: bytes) -> None:
        self._socket.sendall(b"%x\r\n%s\r\n" % (len(part), part))

    def end(self) -> None:
        self._socket.sendall(b"0\r\n\r\n")

    def head(self) -> str:
        """The answer's head."""
        lines = iter(self._lines.readline, b"\r\n")
        return b"".join(lines).decode()

    def hear(self) -> list[dict[str, Any]]:
        """The acknowledgements of the next chunk; none at the end."""
        size = int(self._lines.readline(), 16)
        data = self._lines.read(size)
        self._lines.readline()
        return [json.loads(line) for line in data.splitlines()]

    def hear_all(self) -> list[dict[str, Any]]:
        """All acknowledgements up to the end."""
        return [ack for acks in iter(self.hear, []) for ack in acks]

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


@pytest.fixture
def producer(server: Server) -> Iterator[Producer]:
    made = Producer(server)
    yield made
    made.close()


def events(acks: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(ack["EventType"], ack["FragmentTimecode"]) for ack in acks]


ONE = [("BUFFERING", 0), ("RECEIVED", 0), ("PERSISTED", 0)]


def test_acknowledgements_come_while_media_still_goes(producer: Producer) -> None:
    producer.send(stream(1))
    assert producer.head().startswith("HTTP/1.1 200")
    assert events(producer.hear()) == ONE[:1]
    producer.send(cluster(2_000))
    assert events(producer.hear()) == [*ONE[1:], ("BUFFERING", 2_000)]
    producer.end()
    assert events(producer.hear_all()) == [("RECEIVED", 2_000), ("PERSISTED", 2_000)]


def test_a_client_may_send_all_before_it_reads(server: Server, producer: Producer) -> None:
    media = stream(3_000)
    producer.send(media)
    producer.end()
    assert producer.head().startswith("HTTP/1.1 200")
    assert len(producer.hear_all()) == 9_000
    assert len(server.simulator.video[NAME].archive) == 3_000


@pytest.mark.parametrize(
    "more",
    [
        SIGNED + "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\n",
        SIGNED + "x-amz-content-sha256: UNSIGNED-PAYLOAD\r\n",
        "",
    ],
)
@pytest.mark.parametrize("absolute", [False, True])
def test_a_plain_body_is_taken_however_it_was_hashed(
    server: Server, more: str, absolute: bool
) -> None:
    """AWS's Java client writes absolute targets, and names a hash that its body has not."""
    target = f"{server.endpoint_url}/putMedia" if absolute else "/putMedia"
    producer = Producer(server, target, more)
    producer.send(stream(1))
    producer.end()
    producer.head()
    assert events(producer.hear_all()) == ONE
    producer.close()


def test_an_error_reaches_a_client_that_still_sends(producer: Producer) -> None:
    producer.send(stream(1))
    producer.send(b"\0" * 100)
    for _ in range(40):
        producer.send(bytes(100_000))
    producer.end()
    producer.head()
    last = producer.hear_all()[-1]
    assert (last["EventType"], last["ErrorCode"], last["ErrorId"]) == (
        "ERROR",
        "INVALID_MKV_DATA",
        4006,
    )


def test_what_cannot_be_opened_is_an_error_of_the_model(server: Server) -> None:
    producer = Producer(server, more="x-amzn-stream-arn: arn:x\r\n" + SIGNED)
    head = producer.head()
    assert head.startswith("HTTP/1.1 400")
    assert "x-amzn-errortype: InvalidArgumentException" in head
    producer.close()


def test_a_producer_that_goes_away_leaves_room_for_the_next(server: Server) -> None:
    first = Producer(server)
    first.send(stream(1))
    first.head()
    first.hear()
    first.close()
    video = server.simulator.video[NAME]
    with client(server, "kinesisvideo") as asking:
        while video.producers:  # each call gives the server a chance to notice
            asking.list_streams()
    second = Producer(server)
    second.send(stream(1, begin=10_000))
    second.end()
    assert second.head().startswith("HTTP/1.1 200")
    second.close()


def test_live_media_is_read_while_it_is_put(server: Server, producer: Producer) -> None:
    producer.send(stream(2))
    producer.head()
    producer.hear()
    with client(server, "kinesisvideo") as video:
        endpoint = video.get_data_endpoint(StreamName=NAME, APIName="GET_MEDIA")["DataEndpoint"]
    assert endpoint == server.endpoint_url
    with client(server, "kinesis-video-media") as media:
        selector = {"StartSelectorType": "EARLIEST"}
        answer = media.get_media(StreamName=NAME, StartSelector=selector)
        assert answer["ContentType"] == "video/webm"
        body = answer["Payload"]
        first = body.read(len(cluster(0)))
        assert first.startswith(b"\x1a\x45\xdf\xa3")
        producer.send(cluster(4_000))
        producer.end()
        seen = first
        while cluster(4_000) not in seen:
            seen += body.read(64)
        assert cluster(2_000) in seen
        body.close()


def test_who_sends_too_much_is_left_to_wait_and_not_refused() -> None:
    """Time runs a hundredfold: twenty fragments at five a second take three seconds of it."""
    most = {"video.idle_seconds": 10**6, "video.connection_seconds": 10**6}
    clock = Clock("2026-01-01T00:00:00Z", rate=100)
    with start(instant(clock=clock, limits=most)) as server:
        with client(server, "kinesisvideo") as video:
            video.create_stream(StreamName=NAME, DataRetentionInHours=24)
        producer = Producer(server)
        producer.send(stream(1))
        for number in range(1, 20):
            producer.send(cluster(2_000 * number))
        producer.end()
        assert producer.head().startswith("HTTP/1.1 200")
        assert len(producer.hear_all()) == 3 * 20
        producer.close()
        came = [each.received for each in server.simulator.video[NAME].archive]
    assert all(came[at + 6] - came[at] >= 200 for at in range(14))
    assert came[-1] - came[0] >= 2_800


def test_who_waits_for_nothing_in_particular_leaves_nothing_in_the_clock(
    server: Server, producer: Producer
) -> None:
    producer.send(stream(1))
    producer.head()
    producer.hear()
    before = len(server.simulator.clock._heap)
    for number in range(1, 30):
        producer.send(cluster(2_000 * number))
        producer.hear()
    producer.end()
    producer.hear_all()
    assert len(server.simulator.clock._heap) < before + 10
