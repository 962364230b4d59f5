"""The one table of limits: every row has its source, and each can be changed by its name."""

from __future__ import annotations

import pytest
from botocore.config import Config

from kinesis_sim import Simulator, UsageError
from kinesis_sim.account.quotas import TABLE, Limits, rate_name
from kinesis_sim.aws.model import operations


def test_every_row_says_what_it_counts_where_it_is_from_and_when_that_was_read() -> None:
    for name, quota in TABLE.items():
        assert quota.value > 0, name
        assert quota.unit, name
        assert quota.source, name
        assert len(quota.checked) == len("2026-11-22"), name


def test_call_rates_are_of_operations_that_exist() -> None:
    rated = {name.rpartition(".")[2] for name in TABLE if ".calls." in name}
    assert len(rated) == 32
    assert rated <= set(operations("kinesis"))


def test_a_call_rate_can_be_changed_for_a_what_if() -> None:
    sim = Simulator(latency=None, limits={rate_name("streams", "ListStreams"): 2})
    once = Config(retries={"max_attempts": 0})
    kinesis = sim.client("kinesis", config=once)
    kinesis.list_streams()
    kinesis.list_streams()
    with pytest.raises(kinesis.exceptions.LimitExceededException):
        kinesis.list_streams()
    sim.advance(seconds=1)
    kinesis.list_streams()


def test_what_a_call_carries_and_how_long_things_last_are_rows_too() -> None:
    sim = Simulator(
        latency=None,
        delays="instant",
        limits={
            "streams.put_call_bytes": 5_000,
            "streams.read_call_records": 2,
            "streams.read_call_bytes": 300,
            "streams.retention_most": 48,
        },
    )
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    rows = [{"PartitionKey": "k", "Data": bytes(200)}] * 3
    with pytest.raises(kinesis.exceptions.InvalidArgumentException):
        kinesis.put_records(StreamName="s", Records=rows * 10)
    kinesis.put_records(StreamName="s", Records=rows)
    answer = kinesis.get_shard_iterator(
        StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )
    assert len(kinesis.get_records(ShardIterator=answer["ShardIterator"])["Records"]) == 1
    with pytest.raises(kinesis.exceptions.InvalidArgumentException, match="48 hours"):
        kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=49)


def test_off_leaves_quotas_and_takes_rates_away() -> None:
    assert Limits("off").call_rate("streams", "CreateStream") is None
    assert Limits("off")["streams.consumers"] == 20


def test_regions_differ_where_the_quota_page_says_so() -> None:
    assert Limits(region="us-east-1").of_region("streams.shards_per_account") == 20_000
    assert Limits(region="sa-east-1").of_region("streams.shards_per_account") == 6_000
    assert Limits(region="sa-east-1").of_region("streams.on_demand_ceiling") == 200


def test_a_limit_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="limits has no 'shards'; the names are: account"):
        Simulator(limits={"shards": 3})
    with pytest.raises(UsageError, match="limits='none'"):
        Simulator(limits="none")


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"streams.shard_write_records": -1}, "shard_write_records=-1: give a number of 0 or more"),
        ({"streams.shard_write_bytes": float("nan")}, "shard_write_bytes=nan"),
        ({"streams.shard_write_bytes": "many"}, "shard_write_bytes='many': give a number"),
        ({"streams.shard_write_records": 0}, "shard_write_records=0: give 1 or more"),
        ({"streams.on_demand_start_shards": 0.5}, "on_demand_start_shards=0.5: give 1 or more"),
        (
            {"streams.on_demand_split_records": 1_001},
            "split_records=1001 and streams.shard_write_records=1000 contradict",
        ),
        ({"streams.retention_most": 23}, "retention_most=23 contradict each other"),
        ({"streams.shard_burst_bytes": 10}, "shard_burst_bytes=10 contradict each other"),
        (
            {"streams.shard_write_bytes": 5, "streams.on_demand_split_bytes": 6},
            "on_demand_split_bytes=6 and streams.shard_write_bytes=5 contradict",
        ),
    ],
)
def test_limits_that_cannot_be_say_which_and_why(limits: dict[str, float], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        Limits(limits)
