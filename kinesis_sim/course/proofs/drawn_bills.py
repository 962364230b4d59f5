"""Proofs of questions whose numbers are drawn: what the bill counts."""

from __future__ import annotations

from math import ceil
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.drawing import Drawing
from kinesis_sim.course.proofs.bench import STREAM, stream
from kinesis_sim.course.proofs.drawn_streams import agreeing, drawing
from kinesis_sim.course.proofs.hoses import HOSE, hose
from kinesis_sim.units import GIB, KIB


def _quantity(sim: Simulator, item: str) -> float:
    """How much of an item the bill has."""
    found = [line.quantity for line in sim.bill().rows if line.item == item]
    return float(sum(found))


def rounded_up(records: int, kb: int) -> Drawing:
    """P06: the KB on the bill."""
    sim, _ = hose(5, 60, limits="off")
    sim.firehose[HOSE].put([bytes(kb * KIB)] * records)
    billed = _quantity(sim, "firehose.data_in") * GIB / KIB
    told = {
        "five": records * 5 * ceil(kb / 5),
        "plain": records * kb,
        "units": records * 25,
        "double": records * kb * 2,
    }
    return drawing(told, round(billed))


def _filled(records: int, size: int, **settings: Any) -> Simulator:
    """A stream with so many records of that size."""
    sim, _ = stream(limits="off", **settings)
    data = bytes(size)
    entries = [(data, "k", None)] * records
    sim.streams[STREAM].put(entries, sim.clock.now)
    return sim


def payload_units(records: int, kb: int) -> Drawing:
    """P01: the units on the bill."""
    sim = _filled(records, kb * KIB)
    told = {
        "each": records * ceil(kb / 25),
        "total": ceil(records * kb / 25),
        "five": records * ceil(kb / 5),
        "all_kb": records * kb,
    }
    truth = _quantity(sim, "provisioned.put_unit")
    key = agreeing({**told, "kb": told["all_kb"]}, truth)
    return Drawing(tuple(option for option in key if option != "all_kb"), told)


def small_records(records: int, bytes: int) -> Drawing:
    """P02: the KB on the bill."""
    sim = _filled(records, bytes, on_demand=True)
    told = {
        "one": records,
        "plain": records * bytes // KIB,
        "five": 5 * records,
        "units": 25 * records,
    }
    return drawing(told, round(_quantity(sim, "on_demand.data_in") * GIB / KIB))


def _hours(shards: int, hours: int, item: str, *, retention: int = 24, consumers: int = 0) -> int:
    """What the bill has of an item after so many hours without a record, in whole hours."""
    sim, kinesis = stream(shards)
    if retention > 24:
        kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=retention)
    for number in range(consumers):
        arn = sim.streams[STREAM].arn
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"reader-{number}")
        sim.advance(seconds=1)
    before = _quantity(sim, item)
    sim.advance(hours=hours)
    return round(_quantity(sim, item) - before)


def shard_hours(shards: int, hours: int) -> Drawing:
    """P03: the shard-hours on the bill."""
    truth = _hours(shards, hours, "provisioned.shard_hour")
    told = {"product": shards * hours, "none": 0}
    return Drawing(agreeing({**told, "hours": hours, "shards": shards}, truth), told)


def extended_hours(shards: int, hours: int) -> Drawing:
    """P04: the hours of extended retention on the bill."""
    truth = _hours(shards, hours, "provisioned.extended_retention", retention=48)
    told = {"product": shards * hours, "day": shards * 48, "none": 0}
    return Drawing(agreeing({**told, "hours": hours}, truth), told)


def consumer_hours(consumers: int, shards: int, hours: int) -> Drawing:
    """P05: the consumer-shard hours on the bill."""
    truth = _hours(shards, hours, "provisioned.fan_out_hour", consumers=consumers)
    told = {
        "product": consumers * shards * hours,
        "consumers": consumers * hours,
        "shards": shards * hours,
        "sum": (consumers + shards) * hours,
    }
    fills = {
        "product": told["product"],
        "by_consumer": told["consumers"],
        "by_shard": told["shards"],
        "sum": told["sum"],
    }
    return Drawing(agreeing(told, truth), fills)


def packed_units(records: int, bytes: int, pack: int) -> Drawing:
    """P08: the units on the bill."""
    sim = _filled(records // pack, bytes * pack)
    packed = records // pack * ceil(bytes * pack / (25 * KIB))
    told = {"packed": packed, "double": 2 * records, "five": packed * 5}
    truth = _quantity(sim, "provisioned.put_unit")
    return Drawing(agreeing({**told, "single": records}, truth), told)
