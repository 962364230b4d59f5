"""What people believe of limits and capacity (facts/data-streams §10), each row shown to be wrong.

A test is named after its row, as in ``test_misconceptions``.
"""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.streams.events import RecordsPut
from kinesis_sim.workloads.pipeline.pipeline import Pipeline
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import FreshKeys, hot_key
from kinesis_sim.workloads.producers.kpl import Kpl
from kinesis_sim.workloads.producers.load import Load
from kinesis_sim.workloads.producers.sdk_loop import SdkLoop
from tests.streams.calls import STREAM_ARN, create, iterator, put, read, refused

PTE = "ProvisionedThroughputExceededException"
MIB = 1024 * 1024
SMALL: dict[str, float] = {"streams.shard_write_records": 100, "streams.shard_write_bytes": 104_857}


@pytest.fixture
def busy() -> Simulator:
    """A simulator in which limits hold; calls and changes take no time."""
    return Simulator(latency=None, delays="instant")


@pytest.fixture
def client(busy: Simulator) -> Any:
    """A client that does not retry: it sees every refusal."""
    from botocore.config import Config

    return busy.client("kinesis", config=Config(retries={"total_max_attempts": 1}))


def records(*data: bytes | str, key: str = "k") -> list[dict[str, Any]]:
    return [{"PartitionKey": key, "Data": each} for each in data]


def large(client: Any) -> None:
    client.update_max_record_size(StreamARN=f"{STREAM_ARN}/s", MaxRecordSizeInKiB=10_240)


# --- writing --------------------------------------------------------------------------------------


def test_row_06_ten_mib_records_do_not_make_ten_mib_shards(busy: Simulator, client: Any) -> None:
    create(client)
    large(client)
    stored = 0
    for _ in range(60):
        busy.advance(seconds=1)
        answer = client.put_records(StreamName="s", Records=records(bytes(9 * MIB)))
        stored += 9 * MIB * (answer["FailedRecordCount"] == 0)
    assert stored <= (10 + 60) * MIB
    assert stored > 50 * MIB


def test_row_08_put_records_is_not_all_or_nothing(busy: Simulator, client: Any) -> None:
    create(client)
    answers = [
        client.put_records(StreamName="s", Records=records(*[b"x"] * count))
        for count in (500, 500, 100)
    ]
    assert [answer["FailedRecordCount"] for answer in answers] == [0, 0, 100]
    busy.advance(seconds=1)
    answer = client.put_records(StreamName="s", Records=records(*[bytes(300_000)] * 4))
    assert answer["FailedRecordCount"] == 1
    assert [row.get("ErrorCode") for row in answer["Records"]] == [None, None, None, PTE]
    assert "SequenceNumber" not in answer["Records"][3]


def test_row_09_the_sdk_does_not_retry_failed_entries(busy: Simulator) -> None:
    kinesis = busy.client("kinesis")
    create(kinesis)
    entries = records(*[bytes(600_000)] * 2)
    assert kinesis.put_records(StreamName="s", Records=entries)["FailedRecordCount"] == 1
    assert len(busy.events.of(RecordsPut)) == 1
    put(kinesis, "x" * 600_000)  # one record refused is an error, and that is retried
    assert len(busy.events.of(RecordsPut)) > 2


def test_row_10_put_records_does_not_keep_order(busy: Simulator, client: Any) -> None:
    create(client)
    entries = records(b"1" * 600_000, b"2" * 600_000, b"3" * 300_000)
    answer = client.put_records(StreamName="s", Records=entries)
    busy.advance(seconds=1)
    again = [
        entry for entry, row in zip(entries, answer["Records"], strict=True) if "ErrorCode" in row
    ]
    client.put_records(StreamName="s", Records=again)
    busy.advance(seconds=1)
    assert [data[0] for data in read(client)] == ["1", "3", "2"]


# --- reading --------------------------------------------------------------------------------------


def polled(client: Any, *tokens: str) -> list[bool]:
    """Whether each of these reads, all at once, is answered."""
    found = []
    for token in tokens:
        try:
            client.get_records(ShardIterator=token, Limit=1)
            found.append(True)
        except client.exceptions.ProvisionedThroughputExceededException:
            found.append(False)
    return found


def test_row_13_more_shared_consumers_need_more_than_volume(busy: Simulator, client: Any) -> None:
    """Six readers of an almost empty shard are one too many; fan-out readers would not be."""
    create(client)
    put(client, "tiny")
    tokens = []
    for _ in range(6):
        busy.advance(seconds=1)
        tokens.append(iterator(client))
    assert polled(client, *tokens) == [True] * 5 + [False]


def test_row_14_two_mib_a_second_are_for_all_readers_of_a_shard(
    busy: Simulator, client: Any
) -> None:
    create(client)
    for _ in range(4):
        busy.advance(seconds=1)
        put(client, "x" * 900_000)
    busy.advance(seconds=1)
    first, second = iterator(client), iterator(client)
    assert len(client.get_records(ShardIterator=first)["Records"]) == 4
    with refused(PTE):
        client.get_records(ShardIterator=second)
    busy.advance(seconds=2)
    assert len(client.get_records(ShardIterator=second)["Records"]) == 4


def test_row_16_five_reads_a_second_are_for_all_applications(busy: Simulator, client: Any) -> None:
    create(client)
    other = busy.client("kinesis", config=client.meta.config)
    mine, theirs = iterator(client), iterator(other)
    assert polled(client, mine, mine, mine) == [True] * 3
    assert polled(other, theirs, theirs, theirs) == [True, True, False]
    busy.advance(seconds=1)
    assert polled(other, theirs) == [True]


def test_row_17_a_full_read_is_paid_off_for_five_seconds(busy: Simulator, client: Any) -> None:
    create(client)
    for _ in range(12):
        busy.advance(seconds=1)
        put(client, "x" * 1_000_000)
    busy.advance(seconds=1)
    token = iterator(client)
    assert len(client.get_records(ShardIterator=token)["Records"]) == 10
    for _ in range(4):
        busy.advance(seconds=1)
        assert polled(client, token) == [False]
    busy.advance(seconds=1)
    assert polled(client, token) == [True]


# --- capacity -------------------------------------------------------------------------------------


def test_row_27_a_provisioned_stream_does_not_scale_by_itself() -> None:
    run = Pipeline(producers=[Batcher(Load(150), retries=0)], limits=SMALL).run(hours=1)
    assert {row["shards"] for row in run.rows} == {1}
    assert all(row["throttled"] > 2_000 for row in run.rows)


GROWTH = {**SMALL, "streams.on_demand_split_bytes": 50_000}


def test_row_28_on_demand_throttles_what_grows_too_fast() -> None:
    """Four shards of 100 records a second meet 700, far more than double what they saw."""
    pipeline = Pipeline(
        producers=[Batcher(Load(700, FreshKeys(), 500), retries=0)], mode="on-demand", limits=GROWTH
    )
    run = pipeline.run(minutes=30)
    assert run.rows[0]["throttled"] > 5_000
    assert all(row["throttled"] > 5_000 for row in run.rows[:15])  # whatever shards there are
    assert run.rows[-1]["shards"] > 4
    assert run.rows[-1]["throttled"] < 500


def test_row_29_on_demand_does_not_isolate_hot_keys() -> None:
    """Splitting goes on around the key: its own shard is as narrow as you like, and still full."""
    load = Load(200, hot_key(1.0), 600)
    run = Pipeline(producers=[Batcher(load, retries=0)], mode="on-demand", limits=GROWTH).run(
        hours=1
    )
    assert run.rows[-1]["shards"] > 7
    assert run.rows[-1]["throttled"] == pytest.approx(100 * 60, rel=0.05)
    last = run.shards[run.shards["minute"] == 59]
    assert len(last) <= 2  # all on one shard, or on it and then on the one that took its key over
    assert last["records"].sum() == pytest.approx(100 * 60, rel=0.05)


def test_row_35_list_shards_may_be_called_a_thousand_times_a_second(
    busy: Simulator, client: Any
) -> None:
    create(client)
    request = {"StreamName": "s"}
    for _ in range(1_000):
        busy.gate.call("kinesis", "ListShards", request)
    with refused("LimitExceededException"):
        client.list_shards(StreamName="s")
    create(client, "t")
    client.list_shards(StreamName="t")


# --- what is measured -----------------------------------------------------------------------------


def shard_level(sim: Simulator) -> set[str]:
    table = sim.metrics(StreamName="s")
    if "ShardId" not in table:
        return set()
    return set(table[table["ShardId"] != ""]["metric"])


def test_row_43_shard_level_metrics_are_off_by_default(busy: Simulator, client: Any) -> None:
    create(client)
    put(client, "unseen")
    busy.advance(minutes=1)
    assert shard_level(busy) == set()
    client.enable_enhanced_monitoring(StreamName="s", ShardLevelMetrics=["IncomingBytes"])
    put(client, "seen")
    busy.advance(minutes=1)
    assert shard_level(busy) == {"IncomingBytes"}


def test_row_44_iterator_age_does_not_cover_fan_out(busy: Simulator, client: Any) -> None:
    create(client)
    made = client.register_stream_consumer(StreamARN=f"{STREAM_ARN}/s", ConsumerName="c")
    put(client, "old")
    busy.advance(minutes=5)
    answer = busy.gate.call(
        "kinesis",
        "SubscribeToShard",
        {
            "ConsumerARN": made["Consumer"]["ConsumerARN"],
            "ShardId": "shardId-000000000000",
            "StartingPosition": {"Type": "TRIM_HORIZON"},
        },
    )
    assert answer["EventStream"].next_event() is not None
    busy.advance(minutes=1)
    named = set(busy.metrics(StreamName="s")["metric"])
    assert "SubscribeToShardEvent.MillisBehindLatest" in named
    assert "GetRecords.IteratorAgeMilliseconds" not in named


def test_row_45_write_throttles_need_no_full_stream() -> None:
    """Four shards at a fifth of what they take in all, and one of them refuses."""
    run = Pipeline(
        producers=[Batcher(Load(180, hot_key(0.7)), retries=0)], shards=4, limits=SMALL
    ).run(minutes=5)
    assert run.totals["throttled"] > 0
    assert run.totals["offered"] / (5 * 60) < 0.5 * 4 * 100
    table = run.shards.groupby("shard")[["throttled", "utilisation"]].agg("mean")
    assert (table["throttled"] > 0).sum() == 1
    assert table["utilisation"].sort_values().iloc[2] < 0.3


# --- the KPL --------------------------------------------------------------------------------------


def test_row_52_the_kpl_buffers_and_is_not_for_the_impatient() -> None:
    """RecordMaxBufferedTime passes before anything is sent; an SDK call leaves at once."""
    load = Load(20)
    kpl = Pipeline(producers=[Kpl(load, record_max_buffered_time=1_000)]).run(minutes=2)
    sdk = Pipeline(producers=[SdkLoop(load)]).run(minutes=2)
    assert kpl.rows[-1]["latency_ms"] > 400
    assert sdk.rows[-1]["latency_ms"] < 50


def test_row_53_aggregation_and_collection_are_two_batchings() -> None:
    """Collection saves calls, aggregation saves Kinesis records: the limit of 1,000 a second
    counts the latter."""
    load = Load(1_500, FreshKeys(), 50)
    collected = Pipeline(producers=[Kpl(load, aggregation=False)]).run(minutes=1)
    aggregated = Pipeline(producers=[Kpl(load)]).run(minutes=1)
    assert collected.producers[0]["calls"] <= 60 * 10
    assert collected.totals["throttled"] > 0
    assert aggregated.totals["throttled"] == 0
    assert aggregated.totals["stored"] == 90_000
    assert aggregated.shards["records"].sum() == 60 * 10
