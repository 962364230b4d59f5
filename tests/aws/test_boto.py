"""In-process boto3 clients: real ones in all that a caller sees, with time and chance simulated."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError, WaiterError

from kinesis_sim import Clock, Simulator
from kinesis_sim.aws import boto
from kinesis_sim.errors import ServiceError, UsageError
from tests.streams.calls import create, iterator, put, read, refused, shard

ROOT = Path(__file__).parents[2]
THROTTLED = ServiceError("ProvisionedThroughputExceededException", "Rate exceeded for shard …")
LIMITED = ServiceError("LimitExceededException", "Rate exceeded for stream …")
BROKEN = ServiceError("InternalFailure", "Internal service failure.", 500)


@pytest.fixture(autouse=True)
def awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sleeps on the wall fails."""

    def sleep(seconds: float) -> None:
        raise AssertionError(f"slept {seconds} s of wall time")

    monkeypatch.setattr(time, "sleep", sleep)


@pytest.fixture
def fail(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """``fail(error, times)``: the gate refuses that many calls; gives the times of all calls."""
    answer = sim.gate.begin

    def arrange(error: ServiceError, times: int) -> list[int]:
        calls: list[int] = []

        def call(*args: Any) -> Any:
            calls.append(sim.clock.now)
            if len(calls) <= times:
                raise error
            return answer(*args)

        monkeypatch.setattr(sim.gate, "begin", call)
        return calls

    return arrange


# --- answers --------------------------------------------------------------------------------------


def test_an_answer_has_the_metadata_of_any_answer(kinesis: Any) -> None:
    answer = kinesis.list_streams()
    metadata = answer.pop("ResponseMetadata")
    assert answer == {"StreamNames": [], "HasMoreStreams": False, "StreamSummaries": []}
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["RetryAttempts"] == 0
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]
    assert metadata["HTTPHeaders"]["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_request_ids_do_not_repeat(kinesis: Any) -> None:
    ids = {kinesis.list_streams()["ResponseMetadata"]["RequestId"] for _ in range(20)}
    assert len(ids) == 20


def test_an_error_is_a_class_of_the_client(kinesis: Any) -> None:
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException) as caught:
        kinesis.describe_stream(StreamName="nobody")
    response = caught.value.response
    assert response["Error"]["Code"] == "ResourceNotFoundException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["ResponseMetadata"]["RequestId"]
    assert caught.value.operation_name == "DescribeStream"


def test_an_error_after_an_error_is_its_own(kinesis: Any) -> None:
    for name in ("one", "two"):
        with refused("ResourceNotFoundException") as answer:
            kinesis.describe_stream(StreamName=name)
        assert answer.message == f"Stream {name} under account 123456789012 not found."
    assert kinesis.list_streams()["StreamNames"] == []


def test_parameters_are_validated_on_the_clients_side_first(sim: Simulator, kinesis: Any) -> None:
    with pytest.raises(ParamValidationError, match="Missing required parameter"):
        kinesis.create_stream(ShardCount=1)
    with pytest.raises(ParamValidationError, match="valid min value: 1"):
        kinesis.create_stream(StreamName="s", ShardCount=0)
    with pytest.raises(ParamValidationError, match="Unknown parameter"):
        kinesis.create_stream(StreamName="s", Shards=1)
    assert len(sim.events) == 0


def test_without_it_the_gate_validates(sim: Simulator) -> None:
    kinesis = sim.client("kinesis", config=Config(parameter_validation=False))
    with refused("ValidationException") as answer:
        kinesis.create_stream(StreamName="", ShardCount=0)
    assert answer.message.startswith("3 validation errors detected: ")


def test_none_is_absent_where_nobody_validates(sim: Simulator) -> None:
    """As botocore leaves it out, or the service takes a null: no setting is changed to nothing."""
    loose = Config(parameter_validation=False)
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    sim.functions.register("f", lambda event: None)
    sim.advance(minutes=1)
    lambdas = sim.client("lambda", config=loose)
    uuid = lambdas.create_event_source_mapping(
        EventSourceArn=sim.streams.arn("s"), FunctionName="f", StartingPosition="LATEST"
    )["UUID"]
    sim.advance(minutes=1)
    lambdas.update_event_source_mapping(
        UUID=uuid, Enabled=None, BatchSize=None, MaximumRecordAgeInSeconds=None
    )
    sim.advance(minutes=1)
    shown = lambdas.get_event_source_mapping(UUID=uuid)
    assert (shown["State"], shown["BatchSize"]) == ("Enabled", 100)
    assert shown["MaximumRecordAgeInSeconds"] == -1


def test_data_may_be_bytes_an_array_or_text(kinesis: Any) -> None:
    create(kinesis)
    for data in (b"bytes", bytearray(b"array"), "text é"):
        kinesis.put_record(StreamName="s", PartitionKey="k", Data=data)
    assert read(kinesis) == ["bytes", "array", "text é"]


def test_what_the_caller_holds_is_not_what_is_stored(kinesis: Any) -> None:
    create(kinesis)
    data = bytearray(b"as put")
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=data)
    data[:] = b"edited"
    answer = kinesis.get_records(ShardIterator=iterator(kinesis))
    answer["Records"][0]["PartitionKey"] = "edited"
    answer["Records"].clear()
    again = kinesis.get_records(ShardIterator=iterator(kinesis))["Records"]
    assert [(record["Data"], record["PartitionKey"]) for record in again] == [(b"as put", "k")]


@pytest.mark.parametrize(
    "when",
    [
        datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 1, 1, 9, 0, 1, tzinfo=timezone(timedelta(hours=9))),
        "2026-01-01T00:00:01Z",
        1_767_225_601,
    ],
)
def test_timestamps_may_be_given_in_any_form_boto3_takes(
    sim: Simulator, kinesis: Any, when: Any
) -> None:
    create(kinesis)
    for value in "abc":
        put(kinesis, value)
        sim.advance(seconds=1)
    assert read(kinesis, "AT_TIMESTAMP", Timestamp=when) == ["b", "c"]


@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo", "Asia/Kathmandu"])
def test_timestamps_are_in_utc_whatever_the_machines_zone(zone: str) -> None:
    code = (
        "from kinesis_sim import Simulator\n"
        "sim = Simulator(latency=None, delays='instant')\n"
        "k = sim.client('kinesis')\n"
        "k.create_stream(StreamName='s', ShardCount=1)\n"
        "made = k.describe_stream_summary(StreamName='s')['StreamDescriptionSummary']\n"
        "print(repr(made['StreamCreationTimestamp']), made['StreamCreationTimestamp'])\n"
    )
    environment = {**os.environ, "TZ": zone}
    command = [sys.executable, "-c", code]
    told = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    expected = datetime(2026, 1, 1, tzinfo=UTC)
    assert told.stdout == f"{expected!r} 2026-01-01 00:00:00+00:00\n"


# --- time -----------------------------------------------------------------------------------------


def test_calls_take_simulated_time_by_their_kind() -> None:
    sim = Simulator(delays="instant", limits="off")
    kinesis, began = sim.client("kinesis"), sim.clock.now
    create(kinesis)
    assert sim.clock.now - began == 50
    put(kinesis, "x")
    assert sim.clock.now - began == 60
    with refused("ResourceNotFoundException"):
        put(kinesis, "x", name="nobody")
    assert sim.clock.now - began == 70


def test_a_waiter_moves_the_simulated_clock(slow_client: tuple[Simulator, Any]) -> None:
    sim, kinesis = slow_client
    create(kinesis)
    began = sim.now
    kinesis.get_waiter("stream_exists").wait(StreamName="s")
    assert sim.now - began == timedelta(seconds=10)  # polls after 0 and 10 s; ACTIVE at 4
    kinesis.delete_stream(StreamName="s")
    kinesis.get_waiter("stream_not_exists").wait(StreamName="s")
    assert sim.now - began == timedelta(seconds=20)  # gone 4 s after it was asked for


def test_a_waiter_gives_up_as_it_would(slow_client: tuple[Simulator, Any]) -> None:
    sim, kinesis = slow_client
    create(kinesis)
    began = sim.now
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        kinesis.get_waiter("stream_not_exists").wait(
            StreamName="s", WaiterConfig={"Delay": 7, "MaxAttempts": 3}
        )
    assert sim.now - began == timedelta(seconds=14)


@pytest.fixture
def slow_client() -> tuple[Simulator, Any]:
    sim = Simulator(latency=None, limits="off")
    return sim, sim.client("kinesis")


@pytest.mark.parametrize(
    ("error", "longest"), [(THROTTLED, 3_000), (LIMITED, 3_000), (BROKEN, 150)]
)
def test_the_sdk_backs_off_in_simulated_time(
    sim: Simulator,
    kinesis: Any,
    fail: Callable[..., list[int]],
    error: ServiceError,
    longest: int,
) -> None:
    calls, began = fail(error, 2), sim.clock.now
    answer = kinesis.list_streams()
    assert answer["StreamNames"] == []
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert len(calls) == 3
    assert calls == sorted(set(calls))
    assert 0 < sim.clock.now - began <= longest


@pytest.mark.parametrize("error", [THROTTLED, LIMITED, BROKEN])
def test_the_sdk_gives_up_after_three_attempts(
    kinesis: Any, fail: Callable[..., list[int]], error: ServiceError
) -> None:
    calls = fail(error, 99)
    with pytest.raises(ClientError, match=r"\(reached max retries: 2\)") as caught:
        kinesis.list_streams()
    assert len(calls) == 3
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 2
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == error.status


@pytest.mark.parametrize(("mode", "attempts"), [("legacy", 5), ("standard", 3), ("adaptive", 3)])
def test_every_retry_mode_backs_off_in_simulated_time(
    sim: Simulator, fail: Callable[..., list[int]], mode: str, attempts: int
) -> None:
    kinesis = sim.client("kinesis", config=Config(retries={"mode": mode}))
    calls = fail(THROTTLED, attempts - 1)
    answer = kinesis.list_streams()
    assert answer["ResponseMetadata"]["RetryAttempts"] == attempts - 1
    assert len(calls) == attempts


def test_what_the_caller_got_wrong_is_not_tried_again(
    kinesis: Any, fail: Callable[..., list[int]]
) -> None:
    calls = fail(ServiceError("ResourceNotFoundException", "no"), 99)
    with refused("ResourceNotFoundException"):
        kinesis.list_streams()
    assert len(calls) == 1


def test_back_off_is_drawn_from_the_seed_and_leaves_the_process_generator_alone() -> None:
    def story(seed: int) -> tuple[int, int]:
        sim = Simulator(seed=seed, latency=None, limits={"streams.shard_write_records": 1})
        sim.client("kinesis").create_stream(StreamName="s", ShardCount=1)
        sim.advance(minutes=1)
        patient = Config(retries={"total_max_attempts": 10})
        kinesis = sim.client("kinesis", config=patient)
        answers = [put(kinesis, "x") for _ in range(3)]
        return sim.clock.now, sum(a["ResponseMetadata"]["RetryAttempts"] for a in answers)

    random.seed(1)
    state = random.getstate()
    first = story(5)
    assert random.getstate() == state
    random.seed(2)
    assert story(5) == first
    assert first[1] > 0
    assert {story(seed) for seed in range(4)} != {first}


def test_a_put_that_meets_the_shards_limit_succeeds_after_backing_off() -> None:
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    create(kinesis)
    sim.streams["s"].put([(b"", "k", None)] * 1_000, sim.clock.now)
    began = sim.clock.now
    answer = put(kinesis, "x")
    assert answer["ResponseMetadata"]["RetryAttempts"] >= 1
    assert sim.clock.now - began >= 1_000


def test_an_action_may_use_the_client_that_backs_off(
    sim: Simulator, kinesis: Any, fail: Callable[..., list[int]]
) -> None:
    create(kinesis, "from-outside")
    calls = fail(THROTTLED, 1)
    seen: list[Any] = []

    def meanwhile() -> None:
        with refused("ResourceNotFoundException"):
            kinesis.describe_stream(StreamName="from-inside")
        seen.append(kinesis.list_shards(StreamName="from-outside")["Shards"][0]["ShardId"])

    sim.clock.schedule(sim.clock.now + 1, meanwhile)
    answer = kinesis.describe_stream_summary(StreamName="from-outside")
    assert answer["StreamDescriptionSummary"]["StreamName"] == "from-outside"
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert seen == [shard(0)]
    assert len(calls) == 4


def test_on_a_wall_clock_others_go_on_while_one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    sim = Simulator(clock=Clock.wall(source := Source()), delays="quick", latency=None)
    kinesis = sim.client("kinesis")
    free: list[bool] = []

    def try_lock() -> None:
        free.append(sim.lock.acquire(blocking=False))
        if free[-1]:
            sim.lock.release()

    def sleep(seconds: float) -> None:
        other = threading.Thread(target=try_lock)
        other.start()
        other.join()
        source.ms += round(seconds * 1000)

    monkeypatch.setattr(time, "sleep", sleep)
    create(kinesis)
    kinesis.get_waiter("stream_exists").wait(StreamName="s")
    made = kinesis.register_stream_consumer(
        StreamARN="arn:aws:kinesis:us-east-1:123456789012:stream/s", ConsumerName="c"
    )
    sim.advance(seconds=1)
    answer = kinesis.subscribe_to_shard(
        ConsumerARN=made["Consumer"]["ConsumerARN"],
        ShardId=shard(0),
        StartingPosition={"Type": "LATEST"},
    )
    assert len(list(answer["EventStream"])) == 60
    assert len(free) > 60
    assert all(free)


class Source:
    """A wall clock that stands still between sleeps."""

    ms = 1_767_225_600_000

    def __call__(self) -> int:
        return self.ms


def test_inside_an_action_an_event_stream_gives_what_is_there(sim: Simulator, kinesis: Any) -> None:
    answer = subscribed(kinesis)
    put(kinesis, "x")
    seen: list[Any] = []
    sim.clock.schedule(sim.clock.now + 1, lambda: seen.extend(answer["EventStream"]))
    sim.advance(seconds=1)
    assert [len(event["SubscribeToShardEvent"]["Records"]) for event in seen] == [1]


def test_half_a_surrogate_pair_is_refused(kinesis: Any) -> None:
    create(kinesis)
    with refused("SerializationException"):
        put(kinesis, "x", key="\ud83d")
    assert put(kinesis, "x", key="\U0001f388")["ShardId"] == shard(0)


# --- paginators -----------------------------------------------------------------------------------


def test_paginators_walk_pages(kinesis: Any) -> None:
    arn = create(kinesis, "s00", shards=3)
    for number in range(1, 7):
        create(kinesis, f"s{number:02}")
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"c{number}")

    def walked(operation: str, member: str, size: int, **params: Any) -> list[int]:
        pages = kinesis.get_paginator(operation).paginate(
            **params, PaginationConfig={"PageSize": size}
        )
        return [len(page[member]) for page in pages]

    assert walked("list_streams", "StreamNames", 3) == [3, 3, 1]
    assert walked("list_stream_consumers", "Consumers", 4, StreamARN=arn) == [4, 2]
    assert walked("list_shards", "Shards", 3, StreamName="s00") == [3]
    pages = kinesis.get_paginator("describe_stream").paginate(
        StreamName="s00", PaginationConfig={"PageSize": 2}
    )
    assert [len(page["StreamDescription"]["Shards"]) for page in pages] == [2, 1]


def test_the_shard_paginator_goes_beyond_one_page_as_it_does_on_aws(kinesis: Any) -> None:
    """It repeats StreamName beside NextToken, which AWS refused once and was recorded taking."""
    create(kinesis, shards=3)
    pages = kinesis.get_paginator("list_shards").paginate(
        StreamName="s", PaginationConfig={"PageSize": 2}
    )
    assert [[shard["ShardId"][-1] for shard in page["Shards"]] for page in pages] == [
        ["0", "1"],
        ["2"],
    ]


# --- threads --------------------------------------------------------------------------------------


def test_eight_threads_through_one_client_lose_nothing(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    failures: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for turn in range(60):
                put(kinesis, f"{worker}/{turn}", key=str(worker))
                if turn % 20 == 0:
                    with refused("ResourceNotFoundException"):
                        kinesis.describe_stream(StreamName=f"nobody-{worker}")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    order: dict[str, list[int]] = {}
    for value in read(kinesis):
        worker, turn = value.split("/")
        order.setdefault(worker, []).append(int(turn))
    assert order == {str(worker): list(range(60)) for worker in range(8)}


def test_threads_that_back_off_leave_the_process_generator_alone(sim: Simulator) -> None:
    throttling = Simulator(
        latency=None, delays="instant", limits={"streams.shard_write_records": 5}
    )
    kinesis = throttling.client("kinesis", config=Config(retries={"total_max_attempts": 10}))
    create(kinesis)
    state = random.getstate()
    threads = [
        threading.Thread(target=lambda: [put(kinesis, "x") for _ in range(10)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert random.getstate() == state
    assert throttling.streams["s"].shards[0].log.end == 40


# --- event streams --------------------------------------------------------------------------------


def subscribed(kinesis: Any) -> Any:
    arn = create(kinesis)
    made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]
    return kinesis.subscribe_to_shard(
        ConsumerARN=made["ConsumerARN"],
        ShardId=shard(0),
        StartingPosition={"Type": "TRIM_HORIZON"},
    )


def test_an_event_stream_opens_with_its_initial_response(kinesis: Any) -> None:
    answer = subscribed(kinesis)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ResponseMetadata"]["RequestId"]
    put(kinesis, "x")
    event = next(iter(answer["EventStream"]))
    [record] = event["SubscribeToShardEvent"]["Records"]
    assert record["Data"] == b"x"
    assert record["ApproximateArrivalTimestamp"] == datetime(2026, 1, 1, tzinfo=UTC)


def test_closing_an_event_stream_ends_the_subscription(sim: Simulator, kinesis: Any) -> None:
    answer = subscribed(kinesis)
    [consumer] = sim.streams.consumers.values()
    next(iter(answer["EventStream"]))
    assert not consumer.subscriptions[0].ended
    answer["EventStream"].close()
    assert consumer.subscriptions[0].ended


def test_a_refused_subscription_raises_at_the_call(kinesis: Any) -> None:
    subscribed(kinesis)
    [arn] = [
        row["ConsumerARN"]
        for row in kinesis.list_stream_consumers(
            StreamARN="arn:aws:kinesis:us-east-1:123456789012:stream/s"
        )["Consumers"]
    ]
    with pytest.raises(kinesis.exceptions.ResourceInUseException):
        kinesis.subscribe_to_shard(
            ConsumerARN=arn, ShardId=shard(0), StartingPosition={"Type": "LATEST"}
        )


# --- clients --------------------------------------------------------------------------------------


def test_a_client_is_of_this_region_and_in_process() -> None:
    sim = Simulator(region="sa-east-1")
    assert sim.client("kinesis").meta.region_name == "sa-east-1"
    assert sim.client("kinesis", region_name="sa-east-1").meta.region_name == "sa-east-1"
    with pytest.raises(UsageError, match="no Kinesis in a Region of that name"):
        sim.client("kinesis", region_name="sa-east-9")
    with pytest.raises(UsageError, match="answers in process"):
        sim.client("kinesis", endpoint_url="http://127.0.0.1:4567")


def test_an_operation_that_is_not_simulated_says_so(
    sim: Simulator, kinesis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = sim.services["kinesis"]
    present = {name: run for name, run in room.operations.items() if name != "DescribeLimits"}
    monkeypatch.setitem(sim.services, "kinesis", replace(room, operations=present))
    with refused("UnknownOperationException") as answer:
        kinesis.describe_limits()
    assert answer.message == "Kinesis Lab does not simulate DescribeLimits of kinesis yet."


def test_two_clients_of_one_simulator_see_the_same(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    assert sim.client("kinesis").list_streams()["StreamNames"] == ["s"]


def test_no_network_is_asked(kinesis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(*_: Any) -> Iterator[Any]:
        raise AssertionError("asked the network")

    monkeypatch.setattr(botocore.httpsession.URLLib3Session, "send", send)
    create(kinesis)
    with refused("ResourceNotFoundException"):
        put(kinesis, "x", name="nobody")
    assert read(kinesis) == []


def test_sessions_have_botocores_handlers_and_share_none_of_their_own() -> None:
    one, other = boto._session("us-east-1"), boto._session("us-east-1")
    heard: list[str] = []
    one.register("kinesis-lab", lambda **_: heard.append("one"))
    other.emit("kinesis-lab")
    assert heard == []
    one.emit("kinesis-lab")
    assert heard == ["one"]
    named = {"service_name": "runtime.sagemaker"}  # botocore has a handler for old names
    told = other.emit_first_non_none_response("choose-service-name", **named)
    assert told == "sagemaker-runtime"


def test_none_inside_a_structure_is_absent_too(sim: Simulator) -> None:
    firehose = sim.client("firehose", config=Config(parameter_validation=False))
    place = {"RoleARN": f"arn:aws:iam::{sim.account}:role/r", "BucketARN": "arn:aws:s3:::b"}
    splunk = {
        "HECEndpoint": "https://splunk.example.com:8088",
        "HECEndpointType": "Raw",
        "HECToken": None,
        "S3Configuration": {**place, "Prefix": None},
    }
    with refused("InvalidArgumentException"):  # for its token alone
        firehose.create_delivery_stream(
            DeliveryStreamName="d", SplunkDestinationConfiguration=splunk
        )
    splunk["HECToken"] = "t"
    firehose.create_delivery_stream(DeliveryStreamName="d", SplunkDestinationConfiguration=splunk)
    [shown] = firehose.describe_delivery_stream(DeliveryStreamName="d")[
        "DeliveryStreamDescription"
    ]["Destinations"]
    assert "Prefix" not in shown["SplunkDestinationDescription"]["S3DestinationDescription"]
