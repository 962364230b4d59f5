"""One simulator: what it refuses; two share nothing; the same calls give the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.endpoint
import pytest

from kinesis_sim import Clock, Simulator
from kinesis_sim.errors import UsageError
from tests.streams.calls import iterator, refused


def story(sim: Simulator) -> list[dict[str, Any]]:
    """Calls of many kinds, refusals and a retry among them; every answer with its metadata."""
    kinesis, answers = sim.client("kinesis"), []

    def call(operation: str, **params: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(kinesis, operation)(**params)
        except kinesis.exceptions.ClientError as error:
            answer = error.response
        answers.append(answer)
        return answer

    call("create_stream", StreamName="s", ShardCount=2, Tags={"b": "2", "a": "1", "c": "3"})
    kinesis.get_waiter("stream_exists").wait(StreamName="s")
    call(
        "put_records",
        StreamName="s",
        Records=[{"Data": bytes([i]), "PartitionKey": str(i)} for i in range(50)],
    )
    call("describe_stream", StreamName="nobody")
    for kind in ("TRIM_HORIZON", "LATEST"):
        token = call("get_shard_iterator", StreamName="s", ShardId="0", ShardIteratorType=kind)
        call("get_records", ShardIterator=token["ShardIterator"])
    call("enable_enhanced_monitoring", StreamName="s", ShardLevelMetrics=["ALL"])
    arn = call("describe_stream_summary", StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    call("register_stream_consumer", StreamARN=arn, ConsumerName="c")
    call("split_shard", StreamName="s", ShardToSplit="1", NewStartingHashKey=str(3 << 126))
    for _ in range(7):  # the sixth meets the rate, and the SDK backs off
        call("list_tags_for_stream", StreamName="s")
    sim.advance(minutes=2)
    call("list_shards", StreamName="s", MaxResults=1)
    call("list_stream_consumers", StreamARN=arn)
    answers.append({"now": sim.now.isoformat(), "events": [repr(event) for event in sim.events]})
    return answers


def digest(**options: Any) -> str:
    answers = story(Simulator(**options))
    return hashlib.sha256(json.dumps(answers, default=str).encode()).hexdigest()


def test_the_same_seed_and_calls_give_the_same_bytes() -> None:
    assert digest(seed=3) == digest(seed=3)


def test_another_seed_gives_other_ids_and_tokens() -> None:
    one, other = story(Simulator(seed=1)), story(Simulator(seed=2))
    ids = [{a["ResponseMetadata"]["RequestId"] for a in answers[:-1]} for answers in (one, other)]
    assert len(ids[0]) == len(one) - 1
    assert ids[0].isdisjoint(ids[1])
    assert one[3]["ShardIterator"] != other[3]["ShardIterator"]


@pytest.mark.parametrize(
    ("hash_seed", "zone"), [("0", "UTC"), ("1", "America/Sao_Paulo"), ("4242", "Asia/Kolkata")]
)
def test_other_processes_give_the_same_bytes(hash_seed: str, zone: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone}
    code = "from tests.test_simulator import digest; import sys; sys.stdout.write(digest(seed=3))"
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout == digest(seed=3)


def test_a_retry_is_part_of_the_story() -> None:
    answers = story(Simulator(seed=3))
    assert any(answer.get("ResponseMetadata", {}).get("RetryAttempts") for answer in answers)


def test_two_simulators_do_not_see_each_other() -> None:
    one, other = Simulator(limits="off"), Simulator(limits="off")
    mine, theirs = one.client("kinesis"), other.client("kinesis")
    mine.create_stream(StreamName="s", ShardCount=1)
    one.advance(days=1)
    assert other.now == datetime(2026, 1, 1, tzinfo=UTC)
    assert theirs.list_streams()["StreamNames"] == []
    assert len(other.streams) == 0
    with refused("ResourceNotFoundException", "Stream s under account 123456789012 not found."):
        theirs.describe_stream(StreamName="s")


def test_a_token_of_one_simulator_is_worth_nothing_in_another() -> None:
    clients = []
    for seed in (1, 2):
        kinesis = Simulator(seed=seed, latency=None, delays="instant", limits="off").client(
            "kinesis"
        )
        kinesis.create_stream(StreamName="s", ShardCount=1)
        clients.append(kinesis)
    with refused("InvalidArgumentException", "Invalid ShardIterator."):
        clients[1].get_records(ShardIterator=iterator(clients[0]))


def test_nothing_global_is_touched() -> None:
    sleep_of, session = botocore.endpoint.time, boto3.DEFAULT_SESSION
    sim = Simulator(limits="off")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="s")
    assert botocore.endpoint.time is sleep_of
    assert boto3.DEFAULT_SESSION is session
    plain = boto3.Session(region_name="us-east-1").client(
        "kinesis", endpoint_url="http://127.0.0.1:9"
    )
    asked: list[str] = []

    def answer(request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        asked.append(request.url)
        body = type(
            "Body",
            (),
            {"stream": lambda self: iter([b'{"StreamNames":["plain"],"HasMoreStreams":false}'])},
        )
        return AWSResponse(request.url, 200, {}, body())

    plain.meta.events.register("before-send", answer)
    assert plain.list_streams()["StreamNames"] == ["plain"]
    assert asked == ["http://127.0.0.1:9/"]
    assert kinesis.list_streams()["StreamNames"] == ["s"]


def test_time_moves_by_any_mix_of_units() -> None:
    sim = Simulator(start="2026-03-01T00:00:00Z")
    sim.advance(days=1, hours=2, minutes=3, seconds=4.5, milliseconds=6)
    assert sim.now == datetime(2026, 3, 2, 2, 3, 4, 506_000, tzinfo=UTC)
    assert sim.run_until("2026-03-02T03:00:00Z") == datetime(2026, 3, 2, 3, tzinfo=UTC)
    with pytest.raises(UsageError, match="only runs forward"):
        sim.run_until("2026-03-01T00:00:00Z")
    with pytest.raises(UsageError, match="only runs forward"):
        sim.advance(seconds=-1)


def test_a_clock_of_ones_own_is_taken() -> None:
    clock = Clock(5)
    sim = Simulator(clock=clock)
    assert sim.clock is clock


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"account": "12"}, "has twelve digits"),
        ({"account": "12345678901x"}, "has twelve digits"),
        ({"clock": "sundial"}, "choose 'manual' or 'wall'"),
        ({"delays": "slow"}, "choose realistic, quick or instant"),
        ({"limits": "none"}, "give 'on', 'off' or a dict"),
        ({"limits": {"streams.shards": 3}}, "limits has no 'streams.shards'"),
        ({"start": "yesterday"}, "is no date"),
        ({"latency": "off"}, "latency='off': give 'default', None"),
        ({"latency": 5}, "latency=5: give 'default', None"),
    ],
)
def test_wrong_arguments_are_refused_where_they_are_written(
    options: dict[str, Any], text: str
) -> None:
    with pytest.raises(UsageError, match=text):
        Simulator(**options)


def test_its_streams_are_there_for_native_use() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=3)
    [(shard, number)] = sim.streams["s"].put([(b"x", "a", None)], sim.clock.now)
    assert shard.id == "shardId-000000000000"
    assert number is not None
    with pytest.raises(UsageError, match=r"There is no stream 'nope'; the streams are: s\."):
        sim.streams["nope"]


def test_it_says_who_and_when_it_is() -> None:
    assert repr(Simulator()) == "<Simulator 123456789012 us-east-1 at 2026-01-01T00:00:00.000000Z>"
