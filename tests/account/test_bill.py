"""Bills: the worked examples of facts/data-streams §8 to the cent, and what is metered how."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.bill import COLUMNS
from kinesis_sim.account.prices import price_list
from kinesis_sim.instants import DAY, HOUR
from kinesis_sim.streams.events import RecordsPut, ShardShare
from kinesis_sim.streams.storage import Storage
from tests.effort import examples

STREAM = "meu-stream"
GIB = 2**30
MONTH = 730


def made(mode: str = "PROVISIONED", shards: int = 1, **options: Any) -> Simulator:
    sim = Simulator(latency=None, delays="instant", limits="off", **options)
    request: dict[str, Any] = {
        "StreamName": STREAM,
        "StreamModeDetails": {"StreamMode": mode},
    }
    if mode == "PROVISIONED":
        request["ShardCount"] = shards
    sim.gate.call("kinesis", "CreateStream", request)
    return sim


def call(sim: Simulator, operation: str, **request: Any) -> dict[str, Any]:
    return sim.gate.call("kinesis", operation, request)


def put(sim: Simulator, size: int, count: int = 1) -> None:
    """Records of ``size`` bytes, key counted."""
    entry = (b"x" * (size - 1), "c", None)
    sim.streams[STREAM].put([entry] * count, sim.clock.now)


def retain(sim: Simulator, hours: int) -> None:
    call(sim, "IncreaseStreamRetentionPeriod", StreamName=STREAM, RetentionPeriodHours=hours)


def cents(amount: Decimal) -> str:
    return f"{amount:.2f}"


# --- the facts' worked examples -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "shards", "hours", "total"),
    [
        ("PROVISIONED", 1, MONTH, "10.95"),
        ("PROVISIONED", 4, MONTH, "43.80"),
        ("PROVISIONED", 2, 24, "0.72"),
        ("ON_DEMAND", 0, MONTH, "29.20"),
        ("ON_DEMAND", 0, 24, "0.96"),
    ],
)
def test_idle_streams_cost_their_hours(mode: str, shards: int, hours: int, total: str) -> None:
    sim = made(mode, shards)
    sim.advance(hours=hours)
    assert cents(sim.bill().total) == total


@pytest.mark.parametrize(
    ("size", "units"),
    [(1, 1), (5 * 1024, 1), (25 * 1024, 1), (25 * 1024 + 1, 2), (45 * 1024, 2), (1024 * 1024, 41)],
)
def test_put_units_are_chunks_of_25_kb_of_each_record(size: int, units: int) -> None:
    sim = made()
    put(sim, size, 3)
    [line] = [line for line in sim.bill().rows if line.item == "provisioned.put_unit"]
    assert line.quantity == 3 * units


def test_put_units_for_a_month_at_a_hundred_a_second() -> None:
    """262.8 million units at 0.014 per million: 3.68. (A call's event stands for many.)"""
    sim = made()
    share = ShardShare(0, 100 * 3600 * MONTH, 100 * 3600 * MONTH * 1_000)
    event = RecordsPut(at=sim.clock.now, stream=STREAM, api="PutRecords", shares=(share,))
    sim.events.append(event)
    sim.advance(hours=MONTH)
    assert cents(sim.bill().amount("provisioned.put_unit")) == "3.68"
    assert cents(sim.bill().total) == "14.63"


def test_fan_out_costs_consumer_shard_hours_and_gigabytes() -> None:
    sim = made(shards=2)
    arn = sim.streams.arn(STREAM)
    for name in ("um", "dois"):
        call(sim, "RegisterStreamConsumer", StreamARN=arn, ConsumerName=name)
    sim.advance(hours=MONTH)
    bill = sim.bill()
    assert cents(bill.amount("provisioned.fan_out_hour")) == "43.80"
    call(sim, "DeregisterStreamConsumer", StreamARN=arn, ConsumerName="um")
    sim.advance(hours=MONTH)
    assert cents(sim.bill().amount("provisioned.fan_out_hour")) == "65.70"


def test_bytes_pushed_are_paid_by_the_gigabyte() -> None:
    sim = made()
    arn = sim.streams.arn(STREAM)
    consumer = call(sim, "RegisterStreamConsumer", StreamARN=arn, ConsumerName="um")["Consumer"]
    put(sim, 1024, 512)
    subscription = call(
        sim,
        "SubscribeToShard",
        ConsumerARN=consumer["ConsumerARN"],
        ShardId="shardId-000000000000",
        StartingPosition={"Type": "TRIM_HORIZON"},
    )["EventStream"]
    subscription.next_event()
    [line] = [line for line in sim.bill().rows if line.item == "provisioned.fan_out_data"]
    assert line.quantity == Decimal(512 * 1024) / GIB
    assert line.amount == Decimal("0.013") * 512 * 1024 / GIB


def test_extended_retention_is_paid_by_the_shard_hour() -> None:
    sim = made(shards=2)
    retain(sim, 168)
    sim.advance(hours=100)
    assert cents(sim.bill().amount("provisioned.extended_retention")) == "4.00"
    assert sim.bill().amount("provisioned.long_term_retention") == 0


def test_long_term_retention_is_paid_by_the_gigabyte_month() -> None:
    sim = made()
    retain(sim, 8_760)
    put(sim, 2**20, 1024)
    sim.advance(days=7)
    assert sim.bill().amount("provisioned.long_term_retention") == 0
    sim.advance(hours=MONTH)
    assert cents(sim.bill().amount("provisioned.long_term_retention")) == "0.02"
    assert sim.bill().amount("provisioned.long_term_retention") == Decimal("0.023")


def test_reading_what_is_over_a_week_old_costs_by_the_gigabyte() -> None:
    sim = made()
    retain(sim, 8_760)
    put(sim, 2**20, 8)
    token = call(
        sim,
        "GetShardIterator",
        StreamName=STREAM,
        ShardId="shardId-000000000000",
        ShardIteratorType="TRIM_HORIZON",
    )["ShardIterator"]
    call(sim, "GetRecords", ShardIterator=token)
    assert sim.bill().amount("provisioned.long_term_retrieval") == 0
    sim.advance(days=8)
    token = call(
        sim,
        "GetShardIterator",
        StreamName=STREAM,
        ShardId="shardId-000000000000",
        ShardIteratorType="TRIM_HORIZON",
    )["ShardIterator"]
    call(sim, "GetRecords", ShardIterator=token)
    assert sim.bill().amount("provisioned.long_term_retrieval") == Decimal("0.021") * 8 / 1024


@given(sizes=st.lists(st.integers(1, 5_000), min_size=1, max_size=30))
@settings(max_examples=examples(25))
def test_on_demand_rounds_each_record_up_to_a_kilobyte(sizes: list[int]) -> None:
    sim = made("ON_DEMAND")
    for size in sizes:
        put(sim, size)
    kib = sum(-(-size // 1024) for size in sizes)
    assert sim.bill().amount("on_demand.data_in") == Decimal("0.08") * kib * 1024 / GIB


def test_on_demand_retention_is_paid_by_the_gigabyte_month() -> None:
    sim = made("ON_DEMAND")
    retain(sim, 48)
    put(sim, 2**20, 1024)
    sim.advance(hours=24)
    assert sim.bill().amount("on_demand.extended_retention") == 0
    sim.advance(hours=100)
    day = Decimal("0.10") * 24 / MONTH
    assert abs(sim.bill().amount("on_demand.extended_retention") - day) < Decimal("1e-20")


def test_advantage_has_no_stream_hours_but_a_floor() -> None:
    sim = made("ON_DEMAND")
    commitment = {"Status": "ENABLED"}
    call(sim, "UpdateAccountSettings", MinimumThroughputBillingCommitment=commitment)
    sim.advance(hours=MONTH)
    bill = sim.bill()
    assert bill.amount("on_demand.stream_hour") == 0
    assert cents(bill.amount("advantage.floor_in") / MONTH) == "2.81"
    assert cents(bill.amount("advantage.floor_out") / MONTH) == "1.41"
    assert cents(bill.total) == "3079.69"
    assert all(line.unverified for line in bill.rows)


def test_what_is_moved_counts_towards_the_floor() -> None:
    sim = made("ON_DEMAND")
    commitment = {"Status": "ENABLED"}
    call(sim, "UpdateAccountSettings", MinimumThroughputBillingCommitment=commitment)
    put(sim, 2**20, 1024)
    sim.advance(hours=2)
    bill = sim.bill()
    hours = 2 * Decimal(25 * 2**20 * 3600) / GIB
    assert bill.amount("advantage.data_in") == Decimal("0.032")
    assert bill.amount("advantage.floor_in") == (hours - 1) * Decimal("0.032")


# --- time and states ------------------------------------------------------------------------------


def test_splitting_changes_the_price_of_an_hour() -> None:
    sim = made()
    sim.advance(hours=10)
    half = 1 << 127
    shard = "shardId-000000000000"
    call(sim, "SplitShard", StreamName=STREAM, ShardToSplit=shard, NewStartingHashKey=str(half))
    sim.advance(hours=10)
    assert cents(sim.bill().total) == "0.45"


def test_a_deleted_stream_costs_nothing_more_and_stays_on_the_bill() -> None:
    sim = made()
    sim.advance(hours=10)
    call(sim, "DeleteStream", StreamName=STREAM)
    sim.advance(days=30)
    assert cents(sim.bill().total) == "0.15"


def test_a_switch_of_mode_switches_what_is_metered() -> None:
    sim = made()
    sim.advance(hours=10)
    arn = sim.streams.arn(STREAM)
    call(sim, "UpdateStreamMode", StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    sim.advance(hours=10)
    bill = sim.bill()
    assert cents(bill.amount("provisioned.shard_hour")) == "0.15"
    assert cents(bill.amount("on_demand.stream_hour")) == "0.40"


def test_the_bill_outlives_the_event_log() -> None:
    sim = made()
    sim.events._keep = 10
    for _ in range(100):
        put(sim, 10)
    [line] = [line for line in sim.bill().rows if line.item == "provisioned.put_unit"]
    assert line.quantity == 100


STRETCHES = st.lists(st.integers(24, 400), min_size=1, max_size=4)


@given(retentions=STRETCHES, born=st.integers(0, 300))
def test_storage_agrees_with_looking_every_hour(retentions: list[int], born: int) -> None:
    storage, hours = Storage(), 200 * len(retentions)
    for index, retention in enumerate(retentions):
        storage.terms(index * 200 * HOUR, "on_demand", retention * HOUR)
    storage.add(born * HOUR, 1)
    extended = long_term = 0
    for hour in range(born, hours):
        age = hour - born
        if age >= retentions[hour // 200]:
            break
        extended += 24 <= age < 168
        long_term += age >= 168
    found = list(storage.kept(hours * HOUR))
    assert sum(row[1] for row in found) == extended * HOUR
    assert sum(row[2] for row in found) == long_term * HOUR


def test_nothing_is_kept_beyond_a_day_by_default() -> None:
    storage = Storage()
    storage.terms(0, "on_demand", DAY)
    storage.add(0, 1)
    assert list(storage.kept(30 * DAY)) == []


# --- prices and how they are shown ----------------------------------------------------------------


def test_every_price_tells_its_source() -> None:
    prices = price_list("us-east-1")
    assert prices.checked == "2026-11-22"
    for price in prices.prices.values():
        assert price.source
        assert price.usd > 0
        unread = ("advantage.", "analytics.sql_kpu_hour", "video.")
        assert price.verified is not price.item.startswith(unread)


@pytest.mark.parametrize("region", ["sa-east-1", "eu-west-1"])
def test_a_region_without_a_source_says_so(region: str) -> None:
    sim = made(region=region)
    sim.advance(hours=1)
    bill = sim.bill()
    assert bill.rows
    assert all(line.unverified for line in bill.rows)
    assert f"No price source for {region}" in repr(bill)
    assert f"No price source for {region}" in bill._repr_html_()


@pytest.mark.parametrize("region", ["../secret", "", "us-east-1/../us-east-1"])
def test_a_strange_region_reads_no_other_file(region: str) -> None:
    assert price_list(region).region == "us-east-1"


def test_it_reads_well() -> None:
    sim = made()
    put(sim, 45 * 1024)
    sim.advance(hours=MONTH)
    title, *lines = repr(sim.bill()).splitlines()
    assert title == "Kinesis Data Streams, us-east-1, prices checked 2026-11-22"
    assert [line.split() for line in lines] == [
        [STREAM, "provisioned.shard_hour", "730", *["shard-hour", "at", "0.015"], "10.95"],
        [
            *(STREAM, "provisioned.put_unit", "2"),
            *["PUT", "payload", "unit", "of", "25", "KB", "at", "0.000000014"],
            "0.000000028",
        ],
        ["10.95"],
    ]
    assert len({len(line) for line in lines}) == 1


def test_it_is_html_without_anybodys_markup() -> None:
    sim = made()
    sim.advance(hours=1)
    text = sim.bill()._repr_html_()
    assert text.count("<tr>") == 3
    assert "meu-stream" in text


def test_it_is_a_frame_and_can_be_cut() -> None:
    sim = made()
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "outro", "ShardCount": 2})
    sim.advance(hours=100)
    bill = sim.bill()
    table = bill.to_frame()
    assert list(table.columns) == list(COLUMNS)
    assert sum(table["amount"]) == bill.total == Decimal("4.5")
    assert bill.of("outro").total == Decimal(3)


def test_no_streams_no_bill() -> None:
    bill = Simulator().bill()
    assert bill.rows == ()
    assert bill.total == 0
    assert repr(bill).splitlines()[-1].strip() == "0.00"


def test_the_title_says_whose_bill_it_is() -> None:
    sim = Simulator(latency=None, delays="instant", account="410987654321")
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName="f",
        S3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::410987654321:role/f",
            "BucketARN": "arn:aws:s3:::nobody",
        },
    )
    assert repr(sim.bill()).startswith("Kinesis Data Streams, us-east-1")
    sim.firehose["f"].put([b"a"])
    assert repr(sim.bill()).startswith("Amazon Data Firehose, us-east-1")
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    sim.advance(hours=1)
    assert repr(sim.bill()).startswith("Kinesis Data Streams and Amazon Data Firehose, us-east-1")
