"""What AWS was recorded doing on the way to S3 (CAP docs/firehose, 2026-09-19)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_sim import Simulator
from tests.firehose.calls import BUCKET, NAME, ROLE, bucket, create, delivered, processing, put

ACCOUNT = "210987654321"


def answering(sim: Simulator, answer: Any) -> list[dict[str, Any]]:
    """A stream whose function answers so; the events it gets."""
    events: list[dict[str, Any]] = []

    def run(event: dict[str, Any]) -> Any:
        events.append(event)
        return answer(event["records"])

    sim.functions.register("t", run)
    create(
        sim.client("firehose"),
        ErrorOutputPrefix="erros/",
        **processing(("Lambda", {"LambdaArn": sim.functions.arn("t")})),
    )
    put(sim.client("firehose"), b"a", b"b")
    sim.advance(minutes=20)
    return events


def ok(row: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {"recordId": row["recordId"], "result": "Ok", "data": row["data"], **changed}


def failures(sim: Simulator) -> list[tuple[str, int]]:
    lines = b"".join(delivered(sim, "erros/").values()).splitlines()
    return [(row["errorCode"], row["attemptsMade"]) for row in map(json.loads, lines)]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda rows: {"records": [ok(rows[0]), ok(rows[0])]}, "Lambda.DuplicatedRecordId"),
        (lambda rows: {"records": [ok(rows[0], result="OK")]}, "Lambda.FunctionError"),
        (lambda rows: {"records": [ok(rows[0], data="?"), ok(rows[1])]}, "Lambda.FunctionError"),
    ],
)
def test_a_broken_answer_fails_its_batch_and_is_asked_for_again(
    sim: Simulator, answer: Any, code: str
) -> None:
    events = answering(sim, answer)
    assert failures(sim) == [(code, 4), (code, 4)]
    assert len({event["invocationId"] for event in events}) == len(events) == 4
    assert len({json.dumps(event["records"]) for event in events}) == 1


@pytest.mark.parametrize("rest", [0, 1])
def test_an_id_that_is_left_out_fails_alone_at_once(sim: Simulator, rest: int) -> None:
    events = answering(sim, lambda rows: {"records": [ok(row) for row in rows[:rest]]})
    assert failures(sim) == [("Lambda.MissingRecordId", 1)] * (2 - rest)
    assert len(events) == 1


def test_a_delimiter_stands_between_records(sim: Simulator, firehose: Any) -> None:
    create(firehose, **processing(("AppendDelimiterToRecord", {})))
    put(firehose, b"one", b"two", b"")
    sim.advance(minutes=6)
    assert list(delivered(sim).values()) == [b"one\ntwo\n"]


def test_objects_say_how_they_are_packed(sim: Simulator, firehose: Any) -> None:
    create(firehose, CompressionFormat="GZIP", FileExtension=".log")
    put(firehose, b"x")
    sim.advance(minutes=6)
    (key,) = delivered(sim)
    head = sim.client("s3").head_object(Bucket=BUCKET, Key=key)
    assert (head["ContentEncoding"], head["ContentType"]) == ("gzip", "application/octet-stream")


def test_a_source_is_read_from_the_streams_creation_on(sim: Simulator) -> None:
    """Eight records while the stream is CREATING arrive, the one before does not."""
    slow = Simulator(latency=None, limits="off", account=ACCOUNT)
    kinesis = slow.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=2)
    slow.advance(minutes=2)
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"before")
    slow.client("firehose").create_delivery_stream(
        DeliveryStreamName=NAME,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": slow.streams.arn("s"),
            "RoleARN": ROLE,
        },
        ExtendedS3DestinationConfiguration=bucket(),
    )
    for number in range(8):
        kinesis.put_record(StreamName="s", PartitionKey=f"k{number}", Data=b"x")
        slow.advance(seconds=1)
    slow.advance(minutes=10)
    assert b"".join(delivered(sim).values()) == b"x" * 8
    assert slow.firehose[NAME].tally.delivered == 8
