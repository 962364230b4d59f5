"""The event stream's framing, read back by botocore's own decoder."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer, EventStreamMessage

from kinesis_sim.aws.model import operation
from kinesis_sim.aws.wire import Format, format_of
from kinesis_sim.aws.wire.event_stream import EventWriter

FORMATS = ["application/x-amz-json-1.1", "application/x-amz-cbor-1.1"]


def writer(content_type: str) -> tuple[EventWriter, Format]:
    form = format_of(content_type)
    assert form is not None
    stream = operation("kinesis", "SubscribeToShard").output_shape.members["EventStream"]
    return EventWriter(stream, form), form


def messages(data: bytes) -> list[EventStreamMessage]:
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return list(buffer)


@pytest.mark.parametrize("content_type", FORMATS)
def test_a_stream_opens_with_an_initial_response(content_type: str) -> None:
    write, form = writer(content_type)
    (message,) = messages(write.initial())
    assert message.headers[":event-type"] == "initial-response"
    assert message.headers[":content-type"] == content_type
    assert form.loads(message.payload) == {}


@pytest.mark.parametrize("content_type", FORMATS)
def test_events_and_exceptions_are_told_apart(content_type: str) -> None:
    write, form = writer(content_type)
    record = {"Data": b"a", "ApproximateArrivalTimestamp": 1000}
    event: dict[str, Any] = {"SubscribeToShardEvent": {"Records": [record]}}
    failure = {"ResourceNotFoundException": {"message": "gone"}}
    first, second = messages(write.event(event) + write.event(failure))
    assert first.headers[":message-type"] == "event"
    assert first.headers[":event-type"] == "SubscribeToShardEvent"
    data = form.loads(first.payload)["Records"][0]["Data"]
    assert data == ("YQ==" if "json" in content_type else b"a")
    assert second.headers[":message-type"] == "exception"
    assert second.headers[":exception-type"] == "ResourceNotFoundException"
    assert form.loads(second.payload) == {"message": "gone"}
