"""Long polls over HTTP: the answer comes with the record, or empty with the end of the wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.server import start


@pytest.fixture
def served() -> Any:
    """A simulator that stands still behind a server, and a real client of the server."""
    sim = Simulator(latency=None, delays="instant", limits="off")
    with start(sim) as server:
        yield sim, boto3.client("kinesis", endpoint_url=server.endpoint_url)


def a_queue(kinesis: Any) -> str:
    mode = {"StreamMode": "ON_DEMAND"}
    kinesis.create_stream(StreamName="fila", StreamModeDetails=mode)
    arn = kinesis.describe_stream_summary(StreamName="fila")["StreamDescriptionSummary"][
        "StreamARN"
    ]
    made = kinesis.create_queue(QueueName="fila", StreamConfigurationList=[{"StreamARN": arn}])
    return str(made["QueueDescription"]["QueueARN"])


def test_a_record_ends_the_wait(served: Any) -> None:
    _, kinesis = served
    arn = a_queue(kinesis)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(kinesis.receive_queue_records, QueueARN=arn)
        kinesis.put_record(StreamName="fila", PartitionKey="k", Data=b"um")
        [row] = answer.result(timeout=30)["QueueRecords"]
    assert row["Data"] == b"um"


def test_the_end_of_the_wait_ends_it_too(served: Any) -> None:
    sim, kinesis = served
    arn = a_queue(kinesis)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(kinesis.receive_queue_records, QueueARN=arn, WaitTimeSeconds=20)
        while not answer.done():
            sim.advance(seconds=1)
        assert answer.result()["QueueRecords"] == []
