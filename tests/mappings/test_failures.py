"""What becomes of batches that fail: how often they are tried, and what a destination is told."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from tests.effort import examples
from tests.mappings.sources import FUNCTION, STREAM, Event, mapped, put, quick, stored, texts


def reporting(bad: str, calls: list[list[str]]) -> Any:
    """A function that reports one text as failed."""

    def function(event: Event) -> Event:
        calls.append(texts(event))
        rows = [row["kinesis"]["sequenceNumber"] for row in event["Records"]]
        failed = [n for n, text in zip(rows, texts(event), strict=True) if text == bad]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}

    return function


def queue(sim: Simulator) -> str:
    sim.client("sqs").create_queue(QueueName="falhas")
    return f"arn:aws:sqs:us-east-1:{sim.account}:falhas"


def told(sim: Simulator) -> list[Event]:
    url = sim.client("sqs").get_queue_url(QueueName="falhas")["QueueUrl"]
    answer = sim.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_progress_renews_the_retries() -> None:
    """As recorded: test_kinesis_report_batch_item_failures, with the very same six records."""
    sim = quick(account="400000000011")
    calls: list[list[str]] = []
    arn = queue(sim)
    mapped(
        sim,
        reporting("5", calls),
        BatchSize=3,
        MaximumRetryAttempts=3,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    put(sim, *"012345")
    sim.advance(minutes=5)
    assert calls == [["0", "1", "2"], ["3", "4", "5"], ["5"], ["5"], ["5"], ["5"]]
    [record] = told(sim)
    assert record["requestContext"]["approximateInvokeCount"] == 4
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": None,
    }
    assert record["KinesisBatchInfo"]["batchSize"] == 1


def test_a_reported_failure_is_split_where_it_says_and_then_in_half() -> None:
    sim = quick()
    calls: list[list[str]] = []
    options = {"BisectBatchOnFunctionError": True, "MaximumRetryAttempts": 0}
    mapped(sim, reporting("1", calls), FunctionResponseTypes=["ReportBatchItemFailures"], **options)
    put(sim, *"0123")
    sim.advance(minutes=5)
    assert calls == [["0", "1", "2", "3"], ["1", "2", "3"], ["1"], ["2", "3"]]


@pytest.mark.parametrize(
    "answer", ["", [], None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}]
)
def test_answers_that_are_success(answer: Any) -> None:
    """Recorded: test_kinesis_report_batch_item_success_scenarios."""
    sim = quick()
    mapping = mapped(sim, lambda event: answer, FunctionResponseTypes=["ReportBatchItemFailures"])
    put(sim, "one")
    sim.advance(seconds=5)
    assert (mapping.counts.errors, mapping.result) == (0, "OK")


@pytest.mark.parametrize(
    "rows",
    [
        [{"itemIdentifier": 123}],
        [{"itemIdentifier": ""}],
        [{"itemIdentifier": None}],
        [{"foo": 123}],
        [{"foo": None}],
        ["x"],
        "x",
    ],
)
def test_answers_that_fail_the_whole_batch(rows: Any) -> None:
    """Recorded: test_kinesis_report_batch_item_failure_scenarios; the last two are the model's."""
    sim = quick()
    options: dict[str, Any] = {"MaximumRetryAttempts": 2}
    answer = {"batchItemFailures": rows}
    mapping = mapped(
        sim, lambda event: answer, FunctionResponseTypes=["ReportBatchItemFailures"], **options
    )
    put(sim, "one", "two")
    sim.advance(minutes=1)
    counts = mapping.counts
    assert (counts.invocations, counts.given_up, counts.records) == (3, 2, 0)


def test_records_grow_too_old_one_by_one() -> None:
    """As recorded: test_kinesis_maximum_record_age_exceeded_discard_records."""
    sim = quick(account="400000000012")
    arn = queue(sim)
    seen: list[list[str]] = []
    sim.client("kinesis").create_stream(StreamName="pedala-payments", ShardCount=1)
    put(sim, "old")
    sim.advance(seconds=80)
    put(sim, "young", "younger")
    sim.functions.register("cobrar", lambda event: seen.append(texts(event)))
    sim.mappings.create(
        EventSourceArn=sim.streams.arn("pedala-payments"),
        FunctionName="cobrar",
        StartingPosition="TRIM_HORIZON",
        MaximumRecordAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    sim.advance(seconds=5)
    assert seen == [["young", "younger"]]
    [record] = told(sim)
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert "responseContext" not in record
    assert record["KinesisBatchInfo"]["batchSize"] == 1


def test_an_s3_destination_is_keyed_by_mapping_and_shard() -> None:
    sim = quick(account="400000000013")
    sim.client("s3").create_bucket(Bucket="falhas-400000000013")

    def fail(event: Event) -> None:
        raise ValueError

    mapping = mapped(
        sim,
        fail,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::falhas-400000000013"}},
    )
    put(sim, "one")
    sim.advance(seconds=5)
    [found] = sim.client("s3").list_objects_v2(Bucket="falhas-400000000013")["Contents"]
    head = f"aws/lambda/{mapping.uuid}/shardId-000000000000/2026/01/01/2026-01-01T00.00.0"
    assert found["Key"].startswith(head)


def test_a_destination_that_is_not_there_is_named_and_the_shard_goes_on() -> None:
    sim = quick(account="400000000014")
    seen: list[str] = []

    def charge(event: Event) -> None:
        if "bad" in texts(event):
            raise ValueError
        seen.extend(texts(event))

    arn = f"arn:aws:sqs:us-east-1:{sim.account}:nenhuma"
    destination = {"OnFailure": {"Destination": arn}}
    mapping = mapped(
        sim, charge, BatchSize=1, MaximumRetryAttempts=0, DestinationConfig=destination
    )
    put(sim, "bad", "good")
    sim.advance(seconds=10)
    assert seen == ["good"]
    assert mapping.counts.last_error.startswith(f"failure destination {arn}: ")


def late(event: Event) -> int:
    return 10_000


def leaves(event: Event) -> None:
    sys.exit("enough")


@pytest.mark.parametrize(
    ("function", "options", "said"),
    [
        (lambda event: 1 / 0, {}, "ZeroDivisionError: division by zero"),
        (leaves, {}, "SystemExit: enough"),
        (lambda event: object(), {}, "Runtime.MarshalError: Unable to marshal response"),
        (lambda event: 1, {"duration_ms": late}, "TimeoutError: Task timed out after 3.00 seconds"),
    ],
)
def test_whatever_a_function_does_the_records_stay_and_the_cause_is_named(
    function: Any, options: dict[str, Any], said: str
) -> None:
    sim = quick()
    mapping = mapped(sim, function, MaximumRetryAttempts=1, **options)
    put(sim, "one", "two")
    sim.advance(minutes=1)
    assert mapping.result.startswith(said)
    assert (mapping.counts.given_up, mapping.counts.invocations) == (2, 2)
    assert stored(sim) == 2
    assert sim.streams["pedala-payments"].shards[0].log.first == 0


@given(st.lists(st.tuples(st.integers(1, 10), st.integers(1, 8)), max_size=4), st.integers(1, 10))
@settings(max_examples=examples(15))
def test_a_changed_factor_loses_nothing_and_keeps_the_order_of_keys(
    changes: list[tuple[int, int]], first: int
) -> None:
    sim = quick()
    seen: dict[str, list[str]] = {}

    def charge(event: Event) -> None:
        for row, text in zip(event["Records"], texts(event), strict=True):
            seen.setdefault(row["kinesis"]["partitionKey"], []).append(text)

    mapping = mapped(sim, charge, ParallelizationFactor=first, BatchSize=2, duration_ms=400)
    wanted: dict[str, list[str]] = {}
    for turn, (factor, seconds) in enumerate([*changes, (1, 60)]):
        for number in range(12):
            key, text = f"rider-{number % 5}", f"{turn}.{number}"
            put(sim, text, key=key)
            wanted.setdefault(key, []).append(text)
        sim.advance(seconds=seconds)
        sim.mappings.update(mapping.uuid, ParallelizationFactor=factor)
    sim.advance(minutes=2)
    assert seen == wanted


def test_where_reading_begins() -> None:
    for start, wanted in (("TRIM_HORIZON", "abc"), ("AT_TIMESTAMP", "bc"), ("LATEST", "c")):
        sim = Simulator(latency=None, limits="off")
        sim.client("kinesis").create_stream(StreamName="pedala-payments", ShardCount=1)
        sim.advance(minutes=1)
        put(sim, "a")
        sim.advance(seconds=1)
        seen: list[str] = []
        sim.functions.register("cobrar", lambda event, seen=seen: seen.extend(texts(event)))
        at = {"StartingPositionTimestamp": sim.clock.now} if start == "AT_TIMESTAMP" else {}
        arn = sim.streams.arn("pedala-payments")
        sim.mappings.create(EventSourceArn=arn, FunctionName="cobrar", StartingPosition=start, **at)
        put(sim, "b")  # while it is Creating: LATEST is the tip when reading begins
        sim.advance(seconds=20)
        put(sim, "c")
        sim.advance(seconds=20)
        assert "".join(seen) == wanted, start


def test_a_deleted_stream_ends_a_mapping_quietly() -> None:
    sim = quick()
    mapping = mapped(sim, lambda event: None)
    sim.advance(seconds=2)
    sim.client("kinesis").delete_stream(StreamName="pedala-payments")
    sim.advance(minutes=5)
    sim.mappings.update(mapping.uuid, Enabled=False)
    sim.mappings.update(mapping.uuid, Enabled=True)
    assert "ResourceNotFoundException" in mapping.result


@pytest.mark.parametrize("service", ["sqs", "sns"])
def test_a_destination_of_another_region_is_refused_at_creation_and_update(service: str) -> None:
    """As recorded of an asynchronous call's destination: it would get nothing."""
    sim = quick(account="400000000019")
    far = f"arn:aws:{service}:eu-west-1:{sim.account}:falhas"
    near = {"OnFailure": {"Destination": far.replace("eu-west-1", "us-east-1")}}
    uuid = mapped(sim, lambda event: None, DestinationConfig=near).uuid
    lambdas, wanted = sim.client("lambda"), {"OnFailure": {"Destination": far}}
    said = re.escape(f"onFailure=OnFailure(destination={far})) is invalid.")
    with pytest.raises(ClientError, match=said):
        lambdas.create_event_source_mapping(
            EventSourceArn=sim.streams.arn(STREAM),
            FunctionName=FUNCTION,
            StartingPosition="LATEST",
            DestinationConfig=wanted,
        )
    with pytest.raises(ClientError, match=said):
        lambdas.update_event_source_mapping(UUID=uuid, DestinationConfig=wanted)
    assert lambdas.get_event_source_mapping(UUID=uuid)["DestinationConfig"] == near
