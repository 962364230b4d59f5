"""SubscribeToShard over HTTP/1.1 (boto3) and HTTP/2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import h2.config
import h2.connection
import h2.events
import httpx
import pytest
from botocore.eventstream import EventStreamBuffer
from hyperframe.frame import GoAwayFrame

from kinesis_sim.aws.server import Server, start
from kinesis_sim.aws.wire.cbor import CBOR as CBOR_FORMAT
from kinesis_sim.streams.fanout import SUBSCRIPTION_MS
from tests.aws.http_client import CBOR, JSON, client, connection, consumer_of, instant

SHARD = "shardId-000000000000"
START = {"Type": "TRIM_HORIZON"}


@pytest.fixture
def server() -> Iterator[Server]:
    with start(instant(limits="off")) as running:
        yield running


@pytest.fixture
def kinesis(server: Server) -> Iterator[Any]:
    with client(server) as made:
        yield made


@contextmanager
def subscribed(kinesis: Any, stream: str) -> Iterator[Any]:
    """The events of a new stream's shard, pushed over a connection that is closed at the end."""
    consumer = consumer_of(kinesis, stream)
    answer = kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=SHARD, StartingPosition=START)
    with closing(answer["EventStream"]) as events:
        yield iter(events)


def records(events: Iterator[Any]) -> list[Any]:
    """The records of the next event that has some."""
    while True:
        if found := next(events)["SubscribeToShardEvent"]["Records"]:
            return list(found)


def test_records_are_pushed_as_they_arrive(kinesis: Any) -> None:
    with subscribed(kinesis, "pushed") as events:
        for text in (b"one", b"two"):
            kinesis.put_record(StreamName="pushed", Data=text, PartitionKey="k")
            assert [record["Data"] for record in records(events)] == [text]


def test_a_subscription_ends_after_five_minutes_of_simulated_time(
    kinesis: Any, server: Server
) -> None:
    with subscribed(kinesis, "timed") as events:
        assert next(events)["SubscribeToShardEvent"]["Records"] == []
        server.simulator.advance(milliseconds=SUBSCRIPTION_MS)
        assert list(events) == []


def test_an_idle_subscription_has_heartbeats(kinesis: Any, server: Server) -> None:
    with subscribed(kinesis, "idle") as events:
        first = next(events)["SubscribeToShardEvent"]
        server.simulator.advance(seconds=5)
        second = next(events)["SubscribeToShardEvent"]
    assert first["Records"] == second["Records"] == []


def test_a_stop_of_the_server_ends_subscriptions_properly(kinesis: Any, server: Server) -> None:
    with subscribed(kinesis, "stopped") as events:
        next(events)
        server.stop()
        assert list(events) == []
        server.stop()


def test_a_client_that_goes_away_ends_its_subscription(kinesis: Any, server: Server) -> None:
    with subscribed(kinesis, "left") as events:
        next(events)
    with httpx.Client(base_url=server.endpoint_url) as http:
        while True:  # ends when the server has noticed; nothing else ends this subscription
            http.get("/health")
            changes = [event.became for event in _changes(server) if event.became != "opened"]
            if changes:
                break
    assert changes == ["connection closed"]


def _changes(server: Server) -> list[Any]:
    from kinesis_sim.streams.events import SubscriptionChanged

    return server.simulator.events.of(SubscriptionChanged)


@pytest.mark.parametrize("kind", [JSON, CBOR])
def test_events_over_http_2(kinesis: Any, server: Server, kind: str) -> None:
    consumer = consumer_of(kinesis, "second")
    kinesis.put_record(StreamName="second", Data=b"a" * 300_000, PartitionKey="k")
    document = {"ConsumerARN": consumer, "ShardId": SHARD, "StartingPosition": START}
    body = json.dumps(document).encode() if kind == JSON else CBOR_FORMAT.dumps(document)
    headers = {"x-amz-target": "Kinesis_20131202.SubscribeToShard", "content-type": kind}
    buffer = EventStreamBuffer()
    seen: list[Any] = []
    with (
        httpx.Client(http1=False, http2=True) as http,
        http.stream("POST", server.endpoint_url, content=body, headers=headers) as answer,
    ):
        assert answer.http_version == "HTTP/2"
        assert answer.headers["content-type"] == "application/vnd.amazon.eventstream"
        for part in answer.iter_bytes():
            buffer.add_data(part)
            seen += list(buffer)
            if len(seen) == 2:
                break
    assert [message.headers[":event-type"] for message in seen] == [
        "initial-response",
        "SubscribeToShardEvent",
    ]
    payload = seen[1].payload
    event = json.loads(payload) if kind == JSON else CBOR_FORMAT.loads(payload)
    assert len(event["Records"]) == 1
    assert len(event["Records"][0]["Data"]) == (400_000 if kind == JSON else 300_000)


def test_a_refused_subscription_is_an_ordinary_error(kinesis: Any) -> None:
    consumer = consumer_of(kinesis, "refused")
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException):
        kinesis.subscribe_to_shard(
            ConsumerARN=consumer, ShardId="shardId-000000000009", StartingPosition=START
        )


def test_a_stream_outlives_the_goaway_that_the_javascript_sdk_sends(
    kinesis: Any, server: Server
) -> None:
    consumer = consumer_of(kinesis, "goaway")
    document = {"ConsumerARN": consumer, "ShardId": SHARD, "StartingPosition": START}
    peer = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    peer.initiate_connection()
    peer.send_headers(
        1,
        [
            (":method", "POST"),
            (":path", "/"),
            (":scheme", "http"),
            (":authority", "localhost"),
            ("content-type", JSON),
            ("x-amz-target", "Kinesis_20131202.SubscribeToShard"),
        ],
    )
    peer.send_data(1, json.dumps(document).encode(), end_stream=True)
    with connection(server) as bare:
        bare.sendall(peer.data_to_send())
        received = EventStreamBuffer()
        assert _next_message(bare, peer, received).headers[":event-type"] == "initial-response"
        bare.sendall(GoAwayFrame(0).serialize())
        kinesis.put_record(StreamName="goaway", Data=b"later", PartitionKey="k")
        while not json.loads(_next_message(bare, peer, received).payload)["Records"]:
            pass


def _next_message(bare: Any, peer: Any, received: EventStreamBuffer) -> Any:
    while True:
        for message in received:
            return message
        data = bare.recv(65_536)
        assert data, "the server closed the connection"
        for event in peer.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                received.add_data(event.data)
