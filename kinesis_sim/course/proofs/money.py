"""Proofs about bills: the same load in two ways, and what differs on the bill."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.proofs.bench import KEY, STREAM, came_true, put, simulator, stream
from kinesis_sim.course.proofs.hoses import HOSE, hose
from kinesis_sim.units import KIB
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.readers.subscriber import Subscriber
from kinesis_sim.workloads.scenes.ages import Ages
from kinesis_sim.workloads.scenes.click_lake import ClickLake, hints, jq, processing
from kinesis_sim.workloads.scenes.tide import Tide

EXTENDED = "provisioned.extended_retention"


def bill(sim: Simulator) -> dict[str, Decimal]:
    """The items of the bill, each with its quantity."""
    return {line.item: line.quantity for line in sim.bill().rows}


def few_or_many() -> tuple[str, ...]:
    """P01: a thousand events of 1 KB, one by one and 24 to a record."""
    single, packed = (_events(*case) for case in ((1_000, KIB), (42, 24 * KIB)))
    units, hours = "provisioned.put_unit", "provisioned.shard_hour"
    return came_true(
        {
            "units": packed[units] < single[units] / 20 and packed[hours] == single[hours],
            "nothing": packed == single,
            "shard": packed[hours] < single[hours],
            "data": any("data" in item for item in single),
        }
    )


def _events(count: int, size: int) -> dict[str, Decimal]:
    sim, _ = stream()
    for first in range(0, count, 500):
        records = [(bytes(size), KEY, None)] * min(500, count - first)
        sim.streams[STREAM].put(records, sim.clock.now)
        sim.advance(seconds=2)
    sim.run_until("2026-01-01T01:00:00Z")
    return bill(sim)


def what_is_billed() -> tuple[str, ...]:
    """P02: a day of an on-demand stream that is written and read."""
    sim, kinesis = stream(on_demand=True)
    put(kinesis, bytes(100_000))
    assert read(sim, STREAM)
    sim.advance(hours=24)
    items = bill(sim)
    return came_true(
        {
            "hour": "on_demand.stream_hour" in items,
            "in": "on_demand.data_in" in items,
            "out": "on_demand.data_out" in items,
            "shards": any("shard_hour" in item for item in items),
            "units": any("put_unit" in item for item in items),
        }
    )


def idle_night() -> tuple[str, ...]:
    """P03: eight hours without a record."""
    totals = {}
    for name, on_demand in (("provisioned", False), ("ondemand", True), ("fanout", False)):
        sim, kinesis = stream(on_demand=on_demand)
        if name == "fanout":
            arn = sim.streams[STREAM].arn
            kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="idle")
        sim.advance(hours=8)
        totals[name] = sim.bill().total
    direct, _ = hose(5, 60)
    direct.advance(hours=8)
    totals["firehose"] = direct.bill().total
    return came_true({name: total == 0 for name, total in totals.items()})


def five_consumers() -> tuple[str, ...]:
    """P05: an hour of two shards with a load, with four consumers and with five."""
    four, five = (_fanned(count) for count in (4, 5))
    grown = {item for item in five if five[item] > four.get(item, 0) * Decimal("1.1")}
    return came_true(
        {
            "both": grown == {"provisioned.fan_out_hour", "provisioned.fan_out_data"},
            "nothing": not grown,
            "shards": "provisioned.shard_hour" in grown,
            "units": "provisioned.put_unit" in grown,
        }
    )


def _fanned(consumers: int) -> dict[str, Decimal]:
    sim, _ = stream(2)
    for number in range(consumers):
        Subscriber(sim, STREAM, Ages(sim), name=f"reader-{number}").start()
    sim.advance(minutes=1)
    Tide(sim, STREAM, 0.1).play(minutes=1)
    sim.advance(minutes=28)
    return bill(sim)


def extras() -> tuple[str, ...]:
    """P07: the same click through each kind of stream; whose bill has an item more."""
    partitioned = {
        **hints(64, 60),
        "Prefix": "!{partitionKeyFromQuery:action}/",
        "DynamicPartitioningConfiguration": {"Enabled": True},
        **processing(jq(action=".action")),
    }
    plain = _billed_to_lake()
    ways = {
        "parquet": _billed_to_lake(parquet=True, **hints(64, 60)),
        "dynamic": _billed_to_lake(**partitioned),
        "gzip": _billed_to_lake(CompressionFormat="GZIP"),
        "interval": _billed_to_lake(**hints(5, 60)),
        "prefix": _billed_to_lake(CustomTimeZone="America/Sao_Paulo"),
    }
    return came_true({way: bool(items - plain) for way, items in ways.items()})


def _billed_to_lake(*, parquet: bool = False, **more: Any) -> set[str]:
    sim = simulator()
    lake = ClickLake(sim)
    errors = {"ErrorOutputPrefix": "errors/!{firehose:error-output-type}/"}
    if parquet:
        more["DataFormatConversionConfiguration"] = lake.parquet
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=HOSE,
        ExtendedS3DestinationConfiguration=lake.settings(**{**errors, **more}),
    )
    lake.wait(HOSE)
    sim.firehose[HOSE].put([b'{"action": "open"}'])
    sim.advance(minutes=10)
    return {line.item for line in sim.bill().rows if "firehose" in line.item}


def aggregate_saves() -> tuple[str, ...]:
    """P08: 10,000 reports of 50 bytes a second: the shards that each way needs, by its refusals."""
    ways = {"aggregate": (25, 20_000), "compress": (10_000, 50), "batch": (10_000, 50)}
    return came_true({way: _on_one_shard(*load) for way, load in ways.items()})


def _on_one_shard(records: int, size: int) -> bool:
    """Whether one shard takes a second of that load, evenly."""
    sim, _ = stream()
    answers = sim.streams[STREAM].put([(bytes(size), KEY, None)] * records, sim.clock.now)
    return all(number is not None for _, number in answers)


def half_asleep() -> tuple[str, ...]:
    """P09: ten hours of a small load on sixteen shards, after each change; the cheapest."""
    totals = {way: _ten_hours(way) for way in ("fewer", "retention", "batch")}
    return (min(totals, key=lambda way: totals[way]),)


def _ten_hours(way: str) -> Decimal:
    sim, kinesis = stream(16)
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=48)
    sim.advance(minutes=1)
    if way == "retention":
        kinesis.decrease_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=24)
    for target in (8, 4, 2) if way == "fewer" else ():
        kinesis.update_shard_count(
            StreamName=STREAM, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
        )
        sim.advance(minutes=2)
    count, size = (1, 24 * KIB) if way == "batch" else (24, KIB)
    for _hour in range(10):
        sim.streams[STREAM].put([(bytes(size), KEY, None)] * count, sim.clock.now)
        sim.advance(hours=1)
    return sim.bill().total
