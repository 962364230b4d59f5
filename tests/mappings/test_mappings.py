"""Event source mappings: order, retries, bisecting, partial answers, windows, filters, failures."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import ServiceError, Simulator
from kinesis_sim.mappings.events import PlaceMoved
from kinesis_sim.mappings.filters import compile_patterns, passes
from kinesis_sim.mappings.mapping import Mapping
from kinesis_sim.streams.sequence import parse
from tests.effort import examples

STREAM = "pedala-payments"
Event = dict[str, Any]


class Charges:
    """A function that takes charges: keeps what it saw, fails on poison."""

    def __init__(self) -> None:
        self.seen: dict[str, list[int]] = defaultdict(list)
        self.batches: list[list[int]] = []
        self.poison: set[int] = set()
        self.partial = False

    def __call__(self, event: Event) -> Any:
        numbers = [int(b64decode(row["kinesis"]["data"])) for row in event["Records"]]
        self.batches.append(numbers)
        bad = [
            row
            for row, number in zip(event["Records"], numbers, strict=True)
            if number in self.poison
        ]
        if bad and not self.partial:
            raise ValueError(f"cannot charge {self.poison & set(numbers)}")
        for row, number in zip(event["Records"], numbers, strict=True):
            if bad and row is bad[0]:
                break
            self.seen[row["kinesis"]["partitionKey"]].append(number)
        return {
            "batchItemFailures": [{"itemIdentifier": r["kinesis"]["sequenceNumber"]} for r in bad]
        }


def mapped(sim: Simulator, function: Any, shards: int = 1, **more: Any) -> Mapping:
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=shards)
    keywords = ("duration_ms", "timeout_s", "concurrency")
    options = {name: more.pop(name) for name in keywords if name in more}
    sim.functions.register("cobrar", function, **options)
    return sim.mappings.create(
        EventSourceArn=sim.streams.arn(STREAM),
        FunctionName="cobrar",
        **{"StartingPosition": "TRIM_HORIZON", **more},
    )


def put(sim: Simulator, numbers: range, keys: int = 3) -> dict[str, list[int]]:
    wanted: dict[str, list[int]] = defaultdict(list)
    for number in numbers:
        key = f"rider-{number % keys}"
        sim.streams[STREAM].put([(str(number).encode(), key, None)], sim.clock.now)
        wanted[key].append(number)
    return wanted


@given(st.integers(1, 7), st.integers(1, 4), st.sets(st.integers(0, 59), max_size=4))
@settings(max_examples=examples(30))
def test_bisecting_isolates_exactly_the_poison(size: int, lanes: int, poison: set[int]) -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    charges.poison = poison
    options = {"BatchSize": size, "ParallelizationFactor": lanes, "MaximumRetryAttempts": 1}
    mapping = mapped(sim, charges, BisectBatchOnFunctionError=True, **options)
    wanted = put(sim, range(60))
    sim.advance(minutes=30)
    left = {key: [n for n in numbers if n not in poison] for key, numbers in wanted.items()}
    assert {key: charges.seen[key] for key in left} == left
    assert mapping.counts.given_up == len(poison)
    assert mapping.counts.records == 60 - len(poison)


@given(st.integers(1, 20), st.sets(st.integers(0, 39), max_size=3))
@settings(max_examples=examples(30))
def test_partial_answers_retry_from_the_lowest_failure(size: int, poison: set[int]) -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    charges.poison, charges.partial = set(poison), True
    options = {"BatchSize": size, "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    mapped(sim, charges, **options)
    wanted = put(sim, range(40))
    sim.advance(minutes=5)
    assert sum(map(len, charges.seen.values())) == min(poison, default=40)
    charges.poison = set()
    sim.advance(minutes=5)
    assert charges.seen == wanted


def test_a_failing_batch_blocks_its_shard_by_default_until_the_records_are_gone() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    charges.poison = {5}
    mapping = mapped(sim, charges, BatchSize=4)
    put(sim, range(12))
    sim.advance(hours=2)
    assert sum(map(len, charges.seen.values())) == 4
    assert mapping.behind > 7_000_000
    assert mapping.result.startswith("ValueError: cannot charge {5}")
    sim.advance(hours=23)
    assert mapping.counts.expired == 8  # the next batch never had its turn


def test_retries_exhausted_tell_the_queue_where_the_batch_is_not_what_is_in_it() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off", account="400000000001")
    url = sim.client("sqs").create_queue(QueueName="falhas")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{sim.account}:falhas"
    charges = Charges()
    charges.poison = {1}
    destination = {"OnFailure": {"Destination": arn}}
    mapped(sim, charges, BatchSize=3, MaximumRetryAttempts=2, DestinationConfig=destination)
    wanted = put(sim, range(6))
    sim.advance(minutes=5)
    [message] = sim.client("sqs").receive_message(QueueUrl=url)["Messages"]
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    info = record["KinesisBatchInfo"]
    shard = sim.streams[STREAM].shards[0]
    assert info["startSequenceNumber"] == shard.number(0, shard.log.time_at(0))
    assert (info["batchSize"], info["shardId"]) == (3, shard.id)
    assert set(record) == {
        "requestContext",
        "responseContext",
        "version",
        "timestamp",
        "KinesisBatchInfo",
    }
    assert sum(map(len, charges.seen.values())) == 3
    assert shard.log.end == sum(map(len, wanted.values()))


def test_an_s3_destination_gets_the_records_too() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off", account="400000000002")
    sim.client("s3").create_bucket(Bucket="falhas")
    charges = Charges()
    charges.poison = {0}
    destination = {"OnFailure": {"Destination": "arn:aws:s3:::falhas"}}
    mapped(sim, charges, MaximumRetryAttempts=0, DestinationConfig=destination)
    put(sim, range(1))
    sim.advance(minutes=1)
    [found] = sim.client("s3").list_objects_v2(Bucket="falhas")["Contents"]
    body = sim.client("s3").get_object(Bucket="falhas", Key=found["Key"])["Body"].read()
    assert json.loads(json.loads(body)["payload"])["Records"][0]["eventSource"] == "aws:kinesis"


def test_old_records_are_given_up_by_age() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    charges.poison = {0}
    mapping = mapped(sim, charges, BatchSize=1, MaximumRecordAgeInSeconds=60)
    put(sim, range(2))
    sim.advance(minutes=3)
    assert mapping.counts.given_up >= 1
    assert charges.batches.count([0]) > 1


def test_a_window_waits_for_records_but_not_for_a_full_batch() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    mapped(sim, charges, BatchSize=5, MaximumBatchingWindowInSeconds=30)
    put(sim, range(3))
    sim.advance(seconds=25)
    assert charges.batches == []
    sim.advance(seconds=10)
    assert charges.batches == [[0, 1, 2]]
    put(sim, range(3, 8))
    sim.advance(seconds=2)
    assert charges.batches[1:] == [[3, 4, 5, 6, 7]]


def test_a_slow_function_times_out_and_says_so() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    mapping = mapped(sim, charges, duration_ms=lambda event: 5_000 * len(event["Records"]))
    put(sim, range(2))
    sim.advance(seconds=10)
    assert mapping.result == "TimeoutError: Task timed out after 3.00 seconds"
    assert charges.batches == []


def test_an_answer_that_is_no_json_fails_the_batch() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    mapping = mapped(sim, lambda event: object(), MaximumRetryAttempts=0)
    put(sim, range(1))
    sim.advance(seconds=5)
    assert "not JSON serializable" in mapping.counts.last_error
    assert mapping.counts.given_up == 1


def test_concurrency_holds_invocations_back() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    running: list[int] = []

    def busy(event: Event) -> None:
        running.append(sim.clock.now)

    mapped(sim, busy, shards=4, duration_ms=2_000, concurrency=1)
    put(sim, range(40), keys=40)
    sim.advance(seconds=3)
    assert len(running) == 1
    sim.advance(minutes=1)
    assert len(running) >= 4


def test_tumbling_windows_carry_state_and_end_once() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    finals: list[int] = []

    def count(event: Event) -> Event:
        total = event["state"].get("n", 0) + len(event["Records"])
        if event["isFinalInvokeForWindow"]:
            finals.append(total)
        return {"state": {"n": total}}

    mapped(sim, count, BatchSize=2, TumblingWindowInSeconds=60)
    for minute in range(3):
        put(sim, range(minute + 3))
        sim.advance(seconds=60)
    sim.advance(minutes=3)
    assert finals == [3, 4, 5]


def test_a_split_keeps_the_order_of_each_key() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    mapped(sim, charges, BatchSize=2, duration_ms=700)
    wanted = put(sim, range(20))
    sim.client("kinesis").split_shard(
        StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127)
    )
    for key, numbers in put(sim, range(20, 40)).items():
        wanted[key] += numbers
    sim.advance(minutes=5)
    assert charges.seen == wanted


RECORD = {
    "Data": b'{"kind": "charge", "cents": 950, "tags": ["a", "b"], "note": null, "empty": "", '
    b'"parts": [{"id": 1}, {"id": 2}]}',
    "PartitionKey": "r-1",
    "ApproximateArrivalTimestamp": 2_000,
}


@pytest.mark.parametrize(
    ("pattern", "passed"),
    [
        ({"data": {"kind": ["charge"]}}, True),
        ({"data": {"kind": ["refund"]}}, False),
        ({"data": {"cents": [{"numeric": [">", 900, "<=", 950]}]}}, True),
        ({"data": {"cents": [{"numeric": [">", 950]}]}}, False),
        ({"data": {"tags": ["b"]}}, True),
        ({"data": {"kind": [{"anything-but": ["refund"]}]}}, True),
        ({"data": {"missing": [{"exists": False}]}}, True),
        ({"data": {"kind": [{"exists": False}]}}, False),
        ({"partitionKey": [{"prefix": "r-"}]}, True),
        ({"partitionKey": [{"suffix": "-2"}]}, False),
        ({"data": {"kind": [{"equals-ignore-case": "CHARGE"}]}}, True),
        ({"data": {"cents": [True]}}, False),
        ({"data": {"note": [None]}}, True),
        ({"data": {"note": [""]}}, False),
        ({"data": {"empty": [""]}}, True),
        ({"data": {"cents": [{"numeric": ["=", 950.0]}]}}, True),
        ({"data": {"kind": [{"anything-but": ["charge"]}]}}, False),
        ({"data": {"missing": [{"anything-but": ["charge"]}]}}, False),
        ({"data": {"kind": ["charge"], "cents": [1]}}, False),
        ({"data": {"kind": ["refund", "charge"]}}, True),
        ({"data": {"$or": [{"kind": ["refund"]}, {"cents": [950]}]}}, True),
        ({"data": {"$or": [{"kind": ["refund"]}, {"cents": [1]}]}}, False),
        ({"data": {"kind": ["charge"], "$or": [{"cents": [1]}]}}, False),
        ({"$or": [{"partitionKey": ["x"]}, {"data": {"kind": ["charge"]}}]}, True),
        ({"data": {"parts": {"id": [2]}}}, True),
        ({"data": {"parts": {"id": [3]}}}, False),
        ({"kinesisSchemaVersion": ["1.0"]}, True),
        ({"sequenceNumber": ["1"]}, True),
        ({"approximateArrivalTimestamp": [{"numeric": [">", 1]}]}, True),
    ],
)
def test_filters(pattern: Event, passed: bool) -> None:
    compiled = compile_patterns({"Filters": [{"Pattern": json.dumps(pattern)}]})
    assert passes(compiled, {**RECORD, "SequenceNumber": "1"}) is passed


@pytest.mark.parametrize(
    ("pattern", "passed"),
    [
        ({"data": {"a": [{"exists": False}]}}, False),
        ({"data": {"a": [1]}}, False),
        ({"partitionKey": ["r-1"]}, True),
        ({"partitionKey": ["r-1"], "data": {}}, False),
    ],
)
def test_data_that_is_no_json_is_dropped_by_a_pattern_for_it(pattern: Event, passed: bool) -> None:
    compiled = compile_patterns({"Filters": [{"Pattern": json.dumps(pattern)}]})
    assert passes(compiled, {**RECORD, "Data": b"plain text", "SequenceNumber": "1"}) is passed


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "a JSON object"),
        ('{"a": 1}', "needs a list"),
        ('{"a": []}', "needs a list"),
        ('{"a": [{"wildcard": "*"}]}', "There is no operator 'wildcard'"),
        ('{"a": [{"prefix": 1}]}', "needs a text"),
        ('{"a": [{"exists": 1}]}', "true or false"),
        ('{"a": [{"numeric": ["~", 1]}]}', "knows no '~'"),
        ('{"a": [{"numeric": [">"]}]}', "pairs"),
        ('{"$or": [1]}', "list of patterns"),
    ],
)
def test_a_pattern_that_is_none_is_refused_with_the_reason(pattern: str, said: str) -> None:
    with pytest.raises(ServiceError, match="Invalid filter") as caught:
        compile_patterns({"Filters": [{"Pattern": pattern}]})
    assert caught.value.message == "Invalid filter pattern definition."
    assert said in caught.value.__notes__[0]


def test_filtered_records_never_reach_the_function() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    criteria = {"Filters": [{"Pattern": '{"partitionKey": ["rider-1"]}'}]}
    mapping = mapped(sim, charges, FilterCriteria=criteria)
    put(sim, range(9))
    sim.advance(seconds=10)
    assert set(charges.seen) == {"rider-1"}
    assert mapping.counts.filtered == 6


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"MaximumRecordAgeInSeconds": 30}, "InvalidParameterValueException"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "InvalidParameterValueException"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "InvalidParameterValueException"),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"a": [{"x": 1}]}'}]}}, "InvalidParameter"),
        ({"FunctionName": "ninguem"}, "InvalidParameterValueException: Function does not exist"),
        ({"EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:fila"}, "InvalidParameter"),
    ],
)
def test_wrong_settings_are_refused(more: Event, code: str) -> None:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    sim.functions.register("cobrar", Charges())
    request = {
        "EventSourceArn": sim.streams.arn(STREAM),
        "FunctionName": "cobrar",
        "StartingPosition": "TRIM_HORIZON",
    }
    with pytest.raises(ServiceError, match=code):
        sim.mappings.create(**{**request, **more})


def places(sim: Simulator) -> list[int]:
    """How many records the mapping was through with, each time it said so."""
    return [parse(event.sequence_number).index for event in sim.events.of(PlaceMoved)]


def test_the_place_moves_with_each_batch_and_stands_still_before_poison() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    charges.poison = {7}
    mapped(sim, charges, BatchSize=5)
    put(sim, range(20), keys=1)
    sim.advance(minutes=2)
    assert places(sim) == [5]


def test_the_place_passes_what_was_given_up_and_what_was_filtered() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    charges.poison = {7}
    criteria = {"Filters": [{"Pattern": '{"partitionKey": ["rider-0"]}'}]}
    mapped(sim, charges, BatchSize=5, MaximumRetryAttempts=1, FilterCriteria=criteria)
    put(sim, range(20), keys=2)
    sim.advance(minutes=2)
    assert places(sim)[-1] == 20
    assert places(sim) == sorted(set(places(sim)))


def test_a_slow_lane_holds_the_place_back() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    charges = Charges()
    charges.poison = {0}
    mapped(sim, charges, BatchSize=5, ParallelizationFactor=10)
    put(sim, range(20), keys=10)
    sim.advance(minutes=2)
    assert places(sim) == []
    charges.poison.clear()
    sim.advance(minutes=2)
    assert places(sim) == [20]
