"""Proofs about capacity: what a mode does by itself, what a switch keeps, which quota ends it."""

from __future__ import annotations

from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.proofs.bench import (
    ON_DEMAND,
    STREAM,
    came_true,
    put,
    refusal,
    stream,
)
from kinesis_sim.workloads.autoscaling import Autoscaling
from kinesis_sim.workloads.producers.shapes import Steps
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.tide import Tide


def who_adds() -> tuple[str, ...]:
    """K26: three times the load of two shards for twenty minutes."""
    sim, _ = stream(2)
    fed = Tide(sim, STREAM, 6).play(minutes=20)
    shards = len(sim.streams[STREAM].open_shards)
    return came_true(
        {
            "refuses": fed.refused > 0 and shards == 2,
            "adds": shards > 2,
            "queues": fed.refused == 0 and shards == 2,
            "slows": fed.refused == 0,
        }
    )


def least_work() -> tuple[str, ...]:
    """K26: seventeen minutes at 3 MiB a second, then three at 6."""
    grows = Steps([(0, 3), (1_020, 6)])
    ways = {}
    for way, on_demand in (("ondemand", True), ("fanout", False)):
        sim, kinesis = stream(2, on_demand=on_demand)
        if way == "fanout":
            arn = sim.streams[STREAM].arn
            kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="dashboard")
        ways[way] = Tide(sim, STREAM, grows).play(minutes=20).refused == 0
    return came_true(ways)


def back_again() -> tuple[str, ...]:
    """K29: eight shards, a record, the switch, and a put while it is under way."""
    sim, kinesis = stream(8, delays="realistic")
    sim.advance(minutes=1)
    put(kinesis, b"before")
    arn = sim.streams[STREAM].arn
    kinesis.update_stream_mode(StreamARN=arn, **ON_DEMAND)
    about = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]
    assert about["StreamStatus"] == "UPDATING"
    refused = refusal(kinesis.put_record, StreamName=STREAM, PartitionKey="k", Data=b"during")
    sim.advance(minutes=2)
    shards, kept = len(sim.streams[STREAM].open_shards), len(read(sim, STREAM))
    return came_true(
        {
            "nothing": shards == 8 and kept == 2 and not refused,
            "four": shards == 4,
            "pause": bool(refused),
            "arn": sim.streams[STREAM].arn != arn,
        }
    )


def region_quota() -> tuple[str, ...]:
    """M08: 5,700 of 6,000 shards in use; 600 more at once, an hour later, in six parts."""
    large = {"StreamName": "large", "ShardCount": 600}
    sim, kinesis = _nearly_full(6_000)
    assert refusal(kinesis.create_stream, **large) == "LimitExceededException"
    sim.advance(hours=1)
    again = refusal(kinesis.create_stream, **large)
    parts = []
    for number in range(6):
        parts.append(refusal(kinesis.create_stream, StreamName=f"part-{number}", ShardCount=100))
        sim.advance(minutes=1)
    _, raised = _nearly_full(8_000)
    return came_true(
        {
            "quota": not refusal(raised.create_stream, **large),
            "retry": not again,
            "rename": not any(parts),
        }
    )


def _nearly_full(quota: int) -> tuple[Simulator, Any]:
    limits = {"streams.shards_per_account_elsewhere": quota}
    return stream(5_700, region="eu-central-1", limits=limits)


def alarm_scales() -> tuple[str, ...]:
    """M09: the load doubles: with alarms that call a function, and with nothing."""
    doubles = Steps([(0, 1.2), (600, 2.4)])
    grown = {}
    for way in ("function", "retention"):
        sim, kinesis = stream(2)
        if way == "function":
            Autoscaling(sim, STREAM)
        else:
            kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=168)
        Tide(sim, STREAM, doubles).play(minutes=20)
        grown[way] = len(sim.streams[STREAM].open_shards) > 2
    return came_true(grown)


def on_demand_quota() -> tuple[str, ...]:
    """M08: fifty on-demand streams and one more; a day later, with another name, more allowed."""
    sim, kinesis = _fifty()
    assert refusal(kinesis.create_stream, StreamName="customer-51", **ON_DEMAND)
    named = refusal(kinesis.create_stream, StreamName="c", **ON_DEMAND)
    sim.advance(days=1)
    later = refusal(kinesis.create_stream, StreamName="customer-51", **ON_DEMAND)
    _, with_shards = _fifty({"streams.shards_per_account": 40_000})
    _, with_streams = _fifty({"streams.on_demand_streams": 100})
    more = {"StreamName": "customer-51", **ON_DEMAND}
    return came_true(
        {
            "quota": not refusal(with_streams.create_stream, **more),
            "wait": not later,
            "shards": not refusal(with_shards.create_stream, **more),
            "names": not named,
        }
    )


def _fifty(limits: dict[str, float] | None = None) -> tuple[Simulator, Any]:
    """An account with fifty on-demand streams; ``stream`` makes the first."""
    sim, kinesis = stream(on_demand=True, limits=limits or {})
    for number in range(2, 51):
        kinesis.create_stream(StreamName=f"customer-{number}", **ON_DEMAND)
        sim.advance(seconds=30)
    return sim, kinesis
