"""Bad input gets a clear answer or a closed connection; the server goes on."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import h2.config
import h2.connection
import h2.events
import httpx
import pytest

from kinesis_sim.aws import exchange, serving
from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import client, connection, consumer_of, instant, post, until_closed

SHARD = "shardId-000000000000"
HEAD = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n"
    b"X-Amz-Target: Kinesis_20131202.ListStreams\r\n"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with start(instant(limits="off")) as running:
        yield running


@pytest.fixture(autouse=True)
def _still_serving(server: Server) -> Iterator[None]:
    yield
    with httpx.Client(base_url=server.endpoint_url) as http:
        assert post(http, "ListStreams").status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n\r\n\r\nhello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        HEAD + b"Content-Length: many\r\n\r\n{}",
        HEAD + b"Content-Length: -5\r\n\r\n{}",
        HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        HEAD + b"Bad Header\r\n\r\n",
        HEAD + b"X: " + b"a" * 200_000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 64,
    ],
)
def test_malformed_requests_end_the_connection(server: Server, text: bytes) -> None:
    with connection(server) as bare:
        bare.sendall(text)
        with suppress(OSError):  # the server may have closed it already
            bare.shutdown(socket.SHUT_WR)
        received = until_closed(bare)
    is_settings = received[3:4] == b"\x04"  # HTTP/2's first frame
    assert not received or is_settings or received.startswith(b"HTTP/1.1 4")


def test_a_second_request_cannot_hide_in_one_of_two_lengths(server: Server) -> None:
    """A proxy that goes by the Content-Length takes what follows for part of the body."""
    hidden = HEAD.replace(b"ListStreams", b"CreateStream")
    body = b'{"StreamName":"smuggled","ShardCount":1}'
    hidden += b"Content-Length: %d\r\n\r\n" % len(body) + body
    lengths = b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n" % (5 + len(hidden))
    with connection(server) as bare:
        bare.sendall(HEAD + lengths + b"0\r\n\r\n" + hidden)
        received = until_closed(bare)
    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1 ") == 1
    assert "smuggled" not in {stream.name for stream in server.simulator.streams}


def test_a_target_names_the_host_where_it_has_one(server: Server) -> None:
    for target, status in ((b"http://evil.com/", b"403"), (b"http://localhost:1/", b"200")):
        with connection(server) as bare:
            line = b"POST " + target + b" HTTP/1.1\r\n"
            head = HEAD.replace(b"POST / HTTP/1.1\r\n", line)
            bare.sendall(head + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}")
            assert until_closed(bare).startswith(b"HTTP/1.1 " + status)


def test_a_client_that_leaves_in_the_middle_of_its_body_is_forgotten(server: Server) -> None:
    with connection(server) as bare:
        bare.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{")


def test_a_body_that_stalls_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS", 0.01)
    with connection(server) as bare:
        bare.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{")
        received = until_closed(bare)
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b'"__type":"RequestTimeout"' in received


def test_a_body_that_is_announced_as_too_large_is_not_read(server: Server) -> None:
    with connection(server) as bare:
        bare.sendall(HEAD + b"Content-Length: 100000000000\r\n\r\n")
        received = until_closed(bare)
    assert received.startswith(b"HTTP/1.1 413 ")
    assert b'"__type":"RequestEntityTooLarge"' in received


@pytest.mark.parametrize("second", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_a_body_that_is_too_large_is_not_kept(
    server: Server, monkeypatch: pytest.MonkeyPatch, second: bool
) -> None:
    monkeypatch.setattr("kinesis_sim.aws.application.BODY_LIMIT", 1_000)
    with httpx.Client(base_url=server.endpoint_url, http1=not second, http2=second) as http:
        answer = post(http, "ListStreams", b"{" + b" " * 300_000 + b"}")
        assert answer.status_code == 413
        assert post(http, "ListStreams").status_code == 200


def test_a_stream_that_is_reset_does_not_end_its_neighbours(server: Server) -> None:
    with connection(server) as bare:
        peer = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        peer.initiate_connection()
        common = [
            (":method", "POST"),
            (":path", "/"),
            (":scheme", "http"),
            (":authority", "localhost"),
        ]
        call = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "Kinesis_20131202.ListStreams"),
        ]
        peer.send_headers(1, common + call)
        peer.send_data(1, b"{")
        peer.reset_stream(1)
        peer.send_headers(3, common + call)
        peer.send_data(3, b"{}", end_stream=True)
        bare.sendall(peer.data_to_send())
        status = ""
        while not status:
            for event in peer.receive_data(bare.recv(65_536)):
                if isinstance(event, h2.events.ResponseReceived):
                    assert event.stream_id == 3
                    status = dict(event.headers)[":status"]
    assert status == "200"


@pytest.mark.parametrize("body", [b"[" * 50_000, b'{"StreamName":"' + b"a" * 2_000_000 + b'"}'])
def test_absurd_documents_are_refused(server: Server, body: bytes) -> None:
    with httpx.Client(base_url=server.endpoint_url) as http:
        assert post(http, "DescribeStream", body).status_code == 400


def test_absurd_values_meet_a_quota(server: Server) -> None:
    body = b'{"StreamName":"absurd","ShardCount":100000000000}'
    with httpx.Client(base_url=server.endpoint_url) as http:
        answer = post(http, "CreateStream", body)
    assert answer.status_code == 400
    assert answer.json()["__type"] == "LimitExceededException"


def test_concurrent_clients_lose_nothing(server: Server) -> None:
    with client(server) as kinesis:
        kinesis.create_stream(StreamName="many", ShardCount=2)

        def put(number: int) -> str:
            answer = kinesis.put_record(
                StreamName="many", Data=str(number).encode(), PartitionKey=str(number)
            )
            return str(answer["SequenceNumber"])

        with ThreadPoolExecutor(8) as threads:
            numbers = list(threads.map(put, range(200)))
    assert len(set(numbers)) == 200
    assert sum(shard.log.end for shard in server.simulator.streams["many"].shards) == 200


def test_a_client_that_takes_nothing_cannot_hold_the_server_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "GRACE_SECONDS", 0.01)
    with start(instant(limits="off")) as server, client(server) as kinesis:
        consumer = consumer_of(kinesis, "stuck")
        for _ in range(4):
            records = [{"Data": b"x" * 1_000_000, "PartitionKey": "k"}] * 9
            kinesis.put_records(StreamName="stuck", Records=records)
        position = {"Type": "TRIM_HORIZON"}
        document = {"ConsumerARN": consumer, "ShardId": SHARD, "StartingPosition": position}
        body = json.dumps(document).encode()
        head = HEAD.replace(b"ListStreams", b"SubscribeToShard")
        with connection(server) as bare:
            bare.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            assert bare.recv(16).startswith(b"HTTP/1.1 200")
            assert kinesis.list_streams()["StreamNames"] == ["stuck"]
            server.stop()
