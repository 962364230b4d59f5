"""PutRecord and PutRecordBatch (facts/firehose §1.4, §1.5)."""

from __future__ import annotations

from typing import Any

from botocore.config import Config

from kinesis_sim import Simulator
from tests.firehose.calls import NAME, create, delivered, put
from tests.streams.calls import refused


def test_records_are_laid_end_to_end_without_a_delimiter(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    put(firehose, b'{"a":1}', b'{"a":2}')
    sim.advance(minutes=5)
    assert list(delivered(sim).values()) == [b'{"a":1}{"a":2}']


def test_every_record_has_an_id_of_its_own(firehose: Any) -> None:
    create(firehose)
    answers = [put(firehose, b"a", b"b", b"c") for _ in range(2)]
    ids = [row["RecordId"] for answer in answers for row in answer["RequestResponses"]]
    assert len(set(ids)) == 6
    assert [answer["FailedPutCount"] for answer in answers] == [0, 0]


def test_an_empty_record_is_a_record(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    put(firehose, b"")
    assert sim.firehose[NAME].tally.accepted == 1


def test_a_batch_has_a_size(firehose: Any) -> None:
    create(firehose)
    with refused("InvalidArgumentException") as refusal:
        put(firehose, *[bytes(1_000_000)] * 5)
    assert refusal.message == "Records size exceeds 4 MB limit"


def test_beyond_the_throughput_records_fail_one_by_one() -> None:
    """2,000 requests, 5 MiB and 500,000 records a second in large Regions."""
    sim = Simulator(latency=None, delays="instant", account="210987654321")
    firehose = sim.client("firehose", config=Config(retries={"max_attempts": 0}))
    create(firehose)
    first = put(firehose, *[bytes(1_000_000)] * 4)
    second = put(firehose, *[bytes(1_000_000)] * 2, b"small")
    assert first["FailedPutCount"] == 0
    assert [row.get("ErrorCode") for row in second["RequestResponses"]] == [
        None,
        "ServiceUnavailableException",
        None,
    ]
    with refused("ServiceUnavailableException") as refusal:
        firehose.put_record(DeliveryStreamName=NAME, Record={"Data": bytes(1_000_000)})
    assert refusal.status == 503
    sim.advance(seconds=1)
    assert put(firehose, *[bytes(1_000_000)] * 4)["FailedPutCount"] == 0
    assert sim.firehose[NAME].tally.accepted == 4 + 2 + 4


def test_records_and_requests_of_a_second_are_counted_too() -> None:
    limits = {"firehose.put_records": 5, "firehose.put_requests": 4}
    sim = Simulator(latency=None, delays="instant", account="210987654321", limits=limits)
    firehose = sim.client("firehose", config=Config(retries={"max_attempts": 0}))
    create(firehose)
    assert put(firehose, *[b"x"] * 5)["FailedPutCount"] == 0
    assert put(firehose, b"x")["FailedPutCount"] == 1
    sim.advance(seconds=1)
    assert put(firehose, *[b"x"] * 6)["FailedPutCount"] == 1
    sim.advance(seconds=1)
    assert [put(firehose, b"x")["FailedPutCount"] for _ in range(4)] == [0] * 4
    with refused("ServiceUnavailableException"):
        put(firehose, b"x")
    assert sim.firehose[NAME].tally.accepted == 5 + 5 + 4


def test_the_sdk_tries_a_throttled_put_record_again_on_the_simulated_clock() -> None:
    sim = Simulator(latency=None, delays="instant", account="210987654321")
    firehose = sim.client("firehose")
    create(firehose)
    for _ in range(5):
        firehose.put_record(DeliveryStreamName=NAME, Record={"Data": bytes(1_020_000)})
    sim.advance(milliseconds=990)  # the SDK's back-off begins at 50 ms: it cannot wait a second out
    before = sim.clock.now
    answer = firehose.put_record(DeliveryStreamName=NAME, Record={"Data": bytes(1_020_000)})
    assert answer["ResponseMetadata"]["RetryAttempts"] > 0
    assert sim.clock.now > before


def test_smaller_regions_take_less() -> None:
    sim = Simulator(latency=None, delays="instant", region="sa-east-1", account="210987654321")
    firehose = sim.client("firehose")
    create(firehose)
    assert put(firehose, *[bytes(500_000)] * 3)["FailedPutCount"] == 1


def test_puts_to_a_stream_that_reads_a_data_stream_are_refused(
    sim: Simulator, firehose: Any, kinesis: Any
) -> None:
    from tests.firehose.test_source import from_stream

    from_stream(sim)
    with refused("InvalidArgumentException"):
        put(firehose, b"a")
