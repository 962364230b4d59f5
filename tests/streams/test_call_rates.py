"""How often a control operation is answered in a second, and over what that is counted."""

from __future__ import annotations

from contextlib import suppress

import pytest

from kinesis_sim import Simulator
from kinesis_sim.account.quotas import TABLE
from kinesis_sim.errors import ServiceError
from tests.laws.moves import call

ACCOUNT = {
    "CreateStream": 5,
    "DeleteStream": 5,
    "DescribeStream": 10,
    "DescribeStreamSummary": 20,
    "ListStreams": 5,
    "DescribeLimits": 1,
    "SplitShard": 5,
    "MergeShards": 5,
    "UpdateShardCount": 10,
    "UpdateStreamWarmThroughput": 5,
    "UpdateAccountSettings": 5,
    "DescribeAccountSettings": 5,
    "RegisterStreamConsumer": 5,
    "AddTagsToStream": 5,
    "RemoveTagsFromStream": 5,
    "ListTagsForStream": 5,
    "CreateChannel": 5,
    "UpdateChannel": 5,
    "DeleteChannel": 5,
    "DescribeChannel": 5,
    "ListChannels": 5,
    "PutResourcePolicy": 5,
    "GetResourcePolicy": 5,
    "DeleteResourcePolicy": 5,
}
STREAM = {
    "ListShards": 1_000,
    "IncreaseStreamRetentionPeriod": 5,
    "DecreaseStreamRetentionPeriod": 5,
    "EnableEnhancedMonitoring": 5,
    "DisableEnhancedMonitoring": 5,
    "DeregisterStreamConsumer": 5,
    "DescribeStreamConsumer": 20,
    "ListStreamConsumers": 5,
}
"""Calls a second of an account, or of a stream, as Amazon publishes them (its row in the facts)."""


def arn(stream: str) -> dict[str, str]:
    """How a request names a stream whatever the operation calls it."""
    return {"StreamARN": f"arn:aws:kinesis:us-east-1:123456789012:stream/{stream}"}


def taken(sim: Simulator, operation: str, most: int, **request: str) -> int:
    """How many of ``most`` calls of one instant the service lets in."""
    admit = sim.services["kinesis"].admit
    taken = 0
    with suppress(ServiceError):
        for _ in range(most):
            admit(operation, request)
            taken += 1
    return taken


@pytest.mark.parametrize(("operation", "rate"), ACCOUNT.items())
def test_an_account_has_so_many_calls_a_second(operation: str, rate: int) -> None:
    sim = Simulator()
    assert taken(sim, operation, rate, **arn("one")) == rate
    assert taken(sim, operation, 1, **arn("another")) == 0, "another stream, the same account"
    sim.advance(seconds=1)
    assert taken(sim, operation, 2 * rate, **arn("one")) == rate


@pytest.mark.parametrize(("operation", "rate"), STREAM.items())
def test_a_stream_has_so_many_calls_a_second(operation: str, rate: int) -> None:
    sim = Simulator()
    assert taken(sim, operation, rate + 1, **arn("one")) == rate
    assert taken(sim, operation, rate + 1, **arn("another")) == rate, "another stream's are its own"
    sim.advance(seconds=1)
    assert taken(sim, operation, 2 * rate, **arn("one")) == rate


def test_no_published_rate_is_left_out() -> None:
    rated = {name.removeprefix("streams.calls.") for name in TABLE if ".calls." in name}
    assert rated == ACCOUNT.keys() | STREAM.keys()


def test_what_has_no_published_rate_is_not_counted() -> None:
    assert taken(Simulator(), "ReceiveQueueRecords", 2_000) == 2_000
    assert taken(Simulator(limits="off"), "DescribeLimits", 100) == 100


def admitted(sim: Simulator, operation: str, count: int, **request: object) -> int:
    """How many of so many calls of one instant are not refused for their number."""
    refused = 0
    for _ in range(count):
        try:
            call(sim, operation, **request)
        except ServiceError as error:
            refused += error.code == "LimitExceededException" or "Throughput" in error.code
    return count - refused


def test_a_shard_gives_five_iterators_a_second() -> None:
    sim = Simulator(latency=None, delays="instant")
    call(sim, "CreateStream", StreamName="s", ShardCount=2)
    asked = {"StreamName": "s", "ShardIteratorType": "LATEST"}
    for _ in range(2):
        for shard in (0, 1):
            place = {**asked, "ShardId": f"shardId-{shard:012}"}
            assert admitted(sim, "GetShardIterator", 11, **place) == 5
        sim.advance(seconds=1)


def test_a_consumer_subscribes_to_a_shard_once_a_second() -> None:
    sim = Simulator(latency=None, delays="instant")
    call(sim, "CreateStream", StreamName="s", ShardCount=1)
    arn = sim.streams.arn("s")
    made = call(sim, "RegisterStreamConsumer", StreamARN=arn, ConsumerName="c")["Consumer"]
    asked = {
        "ConsumerARN": made["ConsumerARN"],
        "ShardId": "shardId-000000000000",
        "StartingPosition": {"Type": "LATEST"},
    }
    for _ in range(2):
        assert admitted(sim, "SubscribeToShard", 3, **asked) == 1
        sim.advance(seconds=1)
