"""Metrics are folds: their sums are what happened, their statistics what brute force finds."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from botocore.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.metrics import Metric, Metrics
from kinesis_sim.account.series import Series
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import DAY, HOUR, MINUTE
from kinesis_sim.streams.events import RecordsPut
from kinesis_sim.streams.metrics import unit
from tests.effort import examples

STREAM = "meu-stream"
WRITE_THROTTLES = "WriteProvisionedThroughputExceeded"


def made(shards: int = 1, **options: Any) -> tuple[Simulator, Any]:
    sim = Simulator(latency=None, delays="instant", **options)
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=shards)
    return sim, kinesis


def native(shards: int = 1, **options: Any) -> Simulator:
    """Without a boto3 client, which takes longer to make than all the rest."""
    sim = Simulator(latency=None, delays="instant", **options)
    sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": shards})
    return sim


def sums(sim: Simulator, *, shard: bool = False) -> dict[str, float]:
    """The sum of each metric over all time, of the stream itself or of its shards together."""
    rows = sim.metrics().to_dict("records")
    found: dict[str, float] = defaultdict(float)
    for row in rows:
        if bool(row.get("ShardId")) is shard:
            found[row["metric"]] += row["Sum"]
    return found


def entries(count: int, size: int = 10) -> list[dict[str, Any]]:
    return [{"PartitionKey": str(number), "Data": b"x" * size} for number in range(count)]


# --- what is counted ------------------------------------------------------------------------------

PUTS = st.lists(
    st.tuples(st.integers(1, 500), st.integers(1, 3_000), st.integers(0, 90)), max_size=8
)


@settings(max_examples=examples(25))
@given(puts=PUTS, shards=st.integers(1, 3))
def test_incoming_is_what_was_stored_and_throttled_is_the_rest(
    puts: list[tuple[int, int, int]], shards: int
) -> None:
    sim = native(shards)
    stored = offered = 0
    for count, size, pause in puts:
        request = {"StreamName": STREAM, "Records": entries(count, size)}
        answer = sim.gate.call("kinesis", "PutRecords", request)
        offered += count
        stored += count - answer["FailedRecordCount"]
        sim.advance(milliseconds=pause * 10)
    found = sums(sim)
    assert found["IncomingRecords"] == found["PutRecords.SuccessfulRecords"] == stored
    assert found["PutRecords.ThrottledRecords"] == found[WRITE_THROTTLES] == offered - stored
    assert found["PutRecords.TotalRecords"] == offered
    assert sum(shard.log.end for shard in sim.streams[STREAM].shards) == stored


@settings(max_examples=examples(25))
@given(sizes=st.lists(st.integers(1, 900_000), min_size=1, max_size=12))
def test_statistics_are_those_of_single_puts(sizes: list[int]) -> None:
    sim = native(limits="off")
    for size in sizes:
        sim.streams[STREAM].put([(b"x" * (size - 1), "c", None)], sim.clock.now, "PutRecord")
    table = sim.metrics(metric="IncomingBytes")
    [row] = table.to_dict("records")
    assert (row["Minimum"], row["Maximum"]) == (min(sizes), max(sizes))
    assert (row["Sum"], row["SampleCount"]) == (sum(sizes), len(sizes))
    assert row["Average"] == pytest.approx(sum(sizes) / len(sizes))
    assert row["Unit"] == "Bytes"


def test_the_average_of_success_is_the_share_of_calls_that_succeeded() -> None:
    sim, kinesis = made()
    kinesis.put_records(StreamName=STREAM, Records=entries(500))
    kinesis.put_records(StreamName=STREAM, Records=entries(500))
    for _ in range(3):
        answer = kinesis.put_records(StreamName=STREAM, Records=entries(5))
        assert answer["FailedRecordCount"] == 5
    [row] = sim.metrics(metric="PutRecords.Success").to_dict("records")
    assert row["Average"] == 2 / 5
    assert 0 <= row["Average"] <= 1


def test_reads_and_throttled_reads() -> None:
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis", config=Config(retries={"max_attempts": 0}))
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    kinesis.put_records(StreamName=STREAM, Records=entries(7))
    token = kinesis.get_shard_iterator(
        StreamName=STREAM, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    sim.advance(seconds=5)
    for _ in range(5):
        kinesis.get_records(ShardIterator=token, Limit=3)
    with pytest.raises(kinesis.exceptions.ProvisionedThroughputExceededException):
        kinesis.get_records(ShardIterator=token)
    rows = {row["metric"]: row for row in sim.metrics().to_dict("records")}
    assert rows["GetRecords.Records"]["Sum"] == 15
    assert rows["GetRecords.IteratorAgeMilliseconds"]["Maximum"] == 5_000
    assert rows["GetRecords.Success"]["Average"] == 5 / 6
    assert rows["ReadProvisionedThroughputExceeded"]["Sum"] == 1


def test_a_reader_that_has_caught_up_has_no_age() -> None:
    sim, kinesis = made()
    kinesis.put_records(StreamName=STREAM, Records=entries(3))
    token = kinesis.get_shard_iterator(
        StreamName=STREAM, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    sim.advance(seconds=5)
    kinesis.get_records(ShardIterator=token)
    [row] = sim.metrics(metric="GetRecords.IteratorAgeMilliseconds").to_dict("records")
    assert row["Maximum"] == 0


def test_names_tell_units() -> None:
    assert unit("PutRecord.Bytes") == "Bytes"
    assert unit("GetRecords.IteratorAgeMilliseconds") == "Milliseconds"
    assert unit("PutRecords.Latency") == "Milliseconds"
    assert unit("SubscribeToShardEvent.MillisBehindLatest") == "Milliseconds"
    assert unit(WRITE_THROTTLES) == "Count"


# --- shard level ----------------------------------------------------------------------------------


def test_shard_metrics_begin_when_they_are_enabled_and_end_when_they_are_not() -> None:
    sim, kinesis = made(2)
    kinesis.put_records(StreamName=STREAM, Records=entries(10))
    assert "ShardId" not in sim.metrics().columns
    kinesis.enable_enhanced_monitoring(StreamName=STREAM, ShardLevelMetrics=["IncomingRecords"])
    kinesis.put_records(StreamName=STREAM, Records=entries(20))
    assert sums(sim, shard=True) == {"IncomingRecords": 20}
    kinesis.disable_enhanced_monitoring(StreamName=STREAM, ShardLevelMetrics=["ALL"])
    kinesis.put_records(StreamName=STREAM, Records=entries(40))
    assert sums(sim, shard=True) == {"IncomingRecords": 20}
    assert sums(sim)["IncomingRecords"] == 70


def test_the_shards_of_a_stream_add_up_to_it() -> None:
    sim, kinesis = made(3)
    kinesis.enable_enhanced_monitoring(StreamName=STREAM, ShardLevelMetrics=["ALL"])
    for _ in range(4):
        kinesis.put_records(StreamName=STREAM, Records=entries(500, 4_000))
    shards, stream = sums(sim, shard=True), sums(sim)
    assert stream[WRITE_THROTTLES] > 0
    for name in ("IncomingBytes", "IncomingRecords", WRITE_THROTTLES):
        assert shards[name] == stream[name]


def test_a_namesake_begins_without_shard_metrics() -> None:
    sim, kinesis = made()
    kinesis.enable_enhanced_monitoring(StreamName=STREAM, ShardLevelMetrics=["ALL"])
    kinesis.delete_stream(StreamName=STREAM)
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    kinesis.put_records(StreamName=STREAM, Records=entries(1))
    assert "ShardId" not in sim.metrics().columns


# --- fan-out and queues ---------------------------------------------------------------------------


def test_fan_out_has_metrics_of_its_own() -> None:
    sim, kinesis = made()
    arn = sim.streams.arn(STREAM)
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="leitor")["Consumer"]
    kinesis.put_records(StreamName=STREAM, Records=entries(4))
    answer = kinesis.subscribe_to_shard(
        ConsumerARN=consumer["ConsumerARN"],
        ShardId="shardId-000000000000",
        StartingPosition={"Type": "TRIM_HORIZON"},
    )
    next(iter(answer["EventStream"]))
    rows = {row["metric"]: row for row in sim.metrics(ConsumerName="leitor").to_dict("records")}
    assert rows["SubscribeToShard.Success"]["Average"] == 1
    assert rows["SubscribeToShard.RateExceeded"]["Sum"] == 0
    assert rows["SubscribeToShardEvent.Records"]["Sum"] == 4
    assert rows["SubscribeToShardEvent.MillisBehindLatest"]["Unit"] == "Milliseconds"


def test_queues_report_uses_and_gauges() -> None:
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    source = {
        "StreamARN": sim.streams.arn(STREAM),
        "StartingPosition": {"Type": "TRIM_HORIZON"},
    }
    queue = kinesis.create_queue(QueueName="fila", StreamConfigurationList=[source])
    arn = queue["QueueDescription"]["QueueARN"]
    kinesis.put_records(StreamName=STREAM, Records=entries(5))
    taken = kinesis.receive_queue_records(QueueARN=arn, Limit=3)["QueueRecords"]
    done = [{"ReceiptHandle": taken[0]["ReceiptHandle"]}]
    kinesis.acknowledge_queue_records(QueueARN=arn, Entries=done)
    sim.advance(minutes=1)
    rows = sim.metrics(QueueName="fila").to_dict("records")
    first = {row["metric"]: row["Sum"] for row in rows if row["time"] == rows[0]["time"]}
    assert first["ReceivedQueueRecords"] == 3
    assert first["AcknowledgedQueueRecords"] == 1
    assert first["EmptyReceives"] == 0
    assert first["VisibleQueueRecords"] == 4  # two were never taken, two have timed out
    sim.advance(days=3)
    before = len(sim.metrics(QueueName="fila", period=300))
    sim.advance(days=3)
    assert len(sim.metrics(QueueName="fila", period=300)) == before


# --- the store ------------------------------------------------------------------------------------

SAMPLES = st.lists(st.tuples(st.integers(0, 600), st.floats(-1e6, 1e6)), min_size=1, max_size=60)


@given(samples=SAMPLES, period=st.sampled_from([1, 2, 5, 60]), start=st.integers(0, 50))
def test_points_agree_with_brute_force(
    samples: list[tuple[int, float]], period: int, start: int
) -> None:
    series = Series()
    expected: dict[int, list[float]] = defaultdict(list)
    for minute, value in samples:
        series.add(minute * MINUTE + 7, value, value, value, 1)
        if minute >= start:
            expected[start + (minute - start) // period * period].append(value)
    found = series.points(start * MINUTE, 700 * MINUTE, period * MINUTE, 700 * MINUTE)
    assert [point.at // MINUTE for point in found] == sorted(expected)
    for point in found:
        values = expected[point.at // MINUTE]
        assert (point.low, point.high, point.count) == (min(values), max(values), len(values))
        assert point.total == pytest.approx(sum(values), abs=1e-6)


@pytest.mark.parametrize(
    ("age", "visible"),
    [
        (15 * DAY - MINUTE, {60, 300, 3600}),
        (16 * DAY, {300, 3600}),
        (62 * DAY, {300, 3600}),
        (64 * DAY, {3600}),
        (454 * DAY, {3600}),
        (456 * DAY, set()),
    ],
)
def test_points_fade_as_cloudwatch_documents(age: int, visible: set[int]) -> None:
    series, now = Series(), 1_000 * DAY
    series.add(now - age, 1, 1, 1, 1)
    start = (now - age) // HOUR * HOUR
    for period in (60, 300, 3600):
        found = series.points(start, now, period * 1000, now)
        assert bool(found) is (period in visible)


def test_memory_is_bounded_and_nothing_is_lost_in_the_folding() -> None:
    series, now = Series(), 0
    days = 70
    for minute in range(0, days * 1440, 2):
        now = minute * MINUTE
        series.add(now, 1, 1, 1, 1)
    assert sum(len(rows) for rows in series._tiers) < 60_000
    hours = series.points(0, now + HOUR, HOUR, now)
    assert sum(point.count for point in hours) == days * 720


def test_the_fold_outlives_the_event_log() -> None:
    sim, _ = made(limits="off")
    sim.events._keep = 10
    stream = sim.streams[STREAM]
    for _ in range(300):
        stream.put([(b"x", "c", None)], sim.clock.now)
        sim.advance(seconds=1)
    assert len(sim.events.of(RecordsPut)) == 10
    assert sums(sim)["IncomingRecords"] == 300
    assert len(sim.metrics(metric="IncomingRecords")) == 5


def test_a_metric_in_two_units_has_two_series() -> None:
    metrics = Metrics(lambda: HOUR)
    metric = Metric.of("pedala", "espera", [("b", "2"), ("a", "1")])
    metrics.put(metric, "Seconds", 0, 1, 1, 1, 1)
    metrics.put(metric, "Milliseconds", 0, 1000, 1000, 1000, 1)
    assert metric.dimensions == (("a", "1"), ("b", "2"))
    assert len(metrics.points(metric, 0, HOUR, MINUTE)) == 2
    assert [point.total for _, point in metrics.points(metric, 0, HOUR, MINUTE, "Seconds")] == [1]


# --- the table ------------------------------------------------------------------------------------


def test_the_table_has_fixed_columns() -> None:
    sim, kinesis = made()
    empty = sim.metrics()
    assert list(empty.columns) == [
        *("time", "namespace", "metric"),
        *("Minimum", "Maximum", "Average", "Sum", "SampleCount", "Unit"),
    ]
    kinesis.put_records(StreamName=STREAM, Records=entries(1))
    table = sim.metrics(StreamName=STREAM, metric="IncomingRecords")
    assert list(table.columns)[3] == "StreamName"
    assert table["time"][0].isoformat() == "2026-01-01T00:00:00+00:00"
    assert sim.metrics(StreamName="outro").empty
    assert sim.metrics("pedala").empty


@pytest.mark.parametrize("period", [0, -60, 61, 30])
def test_a_strange_period_is_named(period: int) -> None:
    with pytest.raises(UsageError, match=f"period={period}"):
        Simulator().metrics(period=period)
