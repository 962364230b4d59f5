"""Proofs about Firehose's buffers: what fires, what is lost, what is refused, what is billed."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.firehose.events import ObjectWritten
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB
from kinesis_sim.workloads.scenes.hose import Hose, only_weighed

STREAM = "clicks-to-lake"


def first_object() -> tuple[str, ...]:
    """F02: 6 MB a minute into 16 MB or 120 s; the options that the first object agrees with."""
    sim = _stream(16, 120)
    begin = sim.clock.now
    Hose(sim, STREAM, 6).play(minutes=10)
    first = sim.events.of(ObjectWritten)[0]
    seconds, size = (first.at - begin) / SECOND, first.bytes / MIB
    told = {"time": (120, 12), "size": (160, 16), "default": (300, 30), "record": (1, 0)}
    return tuple(
        option
        for option, (when, large) in told.items()
        if abs(seconds - when) < 5 and abs(size - large) < 1
    )


def after_the_outage() -> tuple[str, ...]:
    """F06: 25 hours without S3; where the records of the first half hour are then."""
    refusing = True
    sim = Simulator(latency=None, delays="instant")
    only_weighed(sim, lambda: refusing)
    _create(sim, 5, 300)
    first = Hose(sim, STREAM, 0.05).play(minutes=30).stored
    sim.advance(hours=24, minutes=30)
    refusing = False
    sim.advance(hours=1)
    tally = sim.firehose[STREAM].tally
    where = {
        "late": tally.delivered,
        "lost": tally.lost,
        "errors": tally.errors,
        "kept": tally.buffered,
    }
    return tuple(option for option, records in where.items() if records == first)


def partial_put() -> tuple[str, ...]:
    """F18: each way to go on after a batch that was taken in part; those that put all once."""
    return tuple(way for way in ("all", "wait", "failed", "shards") if _once(way))


def _once(way: str) -> bool:
    """Whether every record arrives exactly once. One stream of São Paulo, 1 MiB a second."""
    sim = Simulator(latency=None, delays="instant", region="sa-east-1")
    only_weighed(sim)
    firehose = _create(sim, 5, 60)
    records = [{"Data": f"{number:04d}".encode() + bytes(3_996)} for number in range(400)]
    answer = firehose.put_record_batch(DeliveryStreamName=STREAM, Records=records)
    assert answer["FailedPutCount"] > 0
    failed = [
        record
        for record, told in zip(records, answer["RequestResponses"], strict=True)
        if "ErrorCode" in told
    ]
    again = {"all": records, "failed": failed}.get(way, [])
    taken = [record for record in records if record not in failed]
    while again:
        sim.advance(seconds=2)
        rows = firehose.put_record_batch(DeliveryStreamName=STREAM, Records=again)
        pairs = list(zip(again, rows["RequestResponses"], strict=True))
        taken += [record for record, told in pairs if "ErrorCode" not in told]
        again = [record for record, told in pairs if "ErrorCode" in told]
    sim.advance(minutes=5)
    assert sim.firehose[STREAM].tally.delivered == len(taken)
    counts = Counter(record["Data"] for record in taken)
    return len(counts) == 400 and set(counts.values()) == {1}


def fewer_files() -> tuple[str, ...]:
    """F20: an hour of each change; those that make less than half of the objects."""
    before = _objects()
    changes: dict[str, dict[str, Any]] = {
        "size": {"size": 128},
        "interval": {"interval": 900},
        "gzip": {"CompressionFormat": "GZIP"},
        "zero": {"interval": 0},
    }
    return tuple(name for name, change in changes.items() if _objects(**change) < before / 2)


def _objects(size: int = 5, interval: int = 60, **more: str) -> int:
    sim = _stream(size, interval, **more)
    Hose(sim, STREAM, 0.5).play(hours=1)
    return len(sim.events.of(ObjectWritten))


def billed_kb() -> int:
    """P06: a hundred records of 1 KB in one call; the KB that the bill has."""
    sim = _stream(5, 60)
    records = [{"Data": bytes(1_024)}] * 100
    sim.client("firehose").put_record_batch(DeliveryStreamName=STREAM, Records=records)
    [line] = sim.bill().rows
    return int(line.quantity * MIB)


def _stream(size: int, interval: int, **more: str) -> Simulator:
    sim = Simulator(latency=None, delays="instant")
    only_weighed(sim)
    _create(sim, size, interval, **more)
    return sim


def _create(sim: Simulator, size: int, interval: int, **more: str) -> Any:
    firehose = sim.client("firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName=STREAM,
        ExtendedS3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{sim.account}:role/firehose",
            "BucketARN": "arn:aws:s3:::lake",
            "BufferingHints": {"SizeInMBs": size, "IntervalInSeconds": interval},
            **more,
        },
    )
    return firehose
