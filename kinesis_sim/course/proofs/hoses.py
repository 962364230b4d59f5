"""Proofs about Firehose's intake and buffers: when it delivers, what it takes, what it holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.proofs.bench import (
    ONCE,
    STREAM,
    came_true,
    put,
    refusal,
    simulator,
    stream,
    takes,
)
from kinesis_sim.firehose.events import ObjectWritten
from kinesis_sim.instants import SECOND
from kinesis_sim.units import KIB
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.hose import Hose, only_weighed

HOSE = "clicks-to-lake"
DYNAMIC = {
    "DynamicPartitioningConfiguration": {"Enabled": True},
    "Prefix": "!{partitionKeyFromQuery:customer}/",
    "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
    "ProcessingConfiguration": {
        "Enabled": True,
        "Processors": [
            {
                "Type": "MetadataExtraction",
                "Parameters": [
                    {
                        "ParameterName": "MetadataExtractionQuery",
                        "ParameterValue": "{customer: .customer}",
                    },
                    {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"},
                ],
            }
        ],
    },
}


def request(sim: Simulator, size: int | None = None, seconds: int = 60, **more: Any) -> Any:
    """A CreateDeliveryStream request with S3 as destination; no hints without a size."""
    hints = {"BufferingHints": {"SizeInMBs": size, "IntervalInSeconds": seconds}} if size else {}
    return {
        "DeliveryStreamName": HOSE,
        "ExtendedS3DestinationConfiguration": {
            "RoleARN": f"arn:aws:iam::{sim.account}:role/firehose",
            "BucketARN": "arn:aws:s3:::lake",
            **hints,
            **more,
        },
    }


def hose(size: int | None = None, seconds: int = 60, **settings: Any) -> tuple[Simulator, Any]:
    """A simulator with a Direct PUT stream whose objects are weighed, not kept; and a client."""
    sim = simulator(**settings)
    only_weighed(sim)
    firehose = sim.client("firehose", config=ONCE)
    firehose.create_delivery_stream(**request(sim, size, seconds))
    sim.advance(minutes=1)
    return sim, firehose


def first_object(sim: Simulator) -> float:
    """Seconds until the first object of a record that is put now, if within half an hour."""
    begin = sim.clock.now
    sim.firehose[HOSE].put([b"ride"])
    sim.advance(minutes=30)
    return (sim.events.of(ObjectWritten)[0].at - begin) / SECOND


def defaults() -> tuple[str, ...]:
    """F03: a stream without hints, one record; when its object comes."""
    sim, _ = hose()
    waited = first_object(sim)
    about = {"minute": 60, "five": 300, "quarter": 900}
    return came_true({name: abs(waited - each) < 5 for name, each in about.items()}) or ("full",)


def under_a_minute() -> tuple[str, ...]:
    """F04: the shortest wait that each change gives, and whether less than a minute is taken."""
    waits = {
        "zero": first_object(hose(5, 0)[0]),
        "size": first_object(hose(1, 300)[0]),
    }
    half, zipped = simulator(), simulator()
    create = half.client("firehose", config=ONCE).create_delivery_stream
    shorter = refusal(create, **request(half, 5, 30))
    only_weighed(zipped)
    zipped.client("firehose").create_delivery_stream(
        **request(zipped, 5, 300, CompressionFormat="GZIP")
    )
    zipped.advance(minutes=1)
    return came_true(
        {
            "zero": waits["zero"] <= 10,
            "sixty": bool(shorter),
            "size": waits["size"] <= 10,
            "gzip": first_object(zipped) <= 10,
        }
    )


def zero_not_with() -> tuple[str, ...]:
    """F04: an interval of 0 with dynamic partitioning, and what stands in its place if taken."""
    sim = simulator()
    only_weighed(sim)
    create = sim.client("firehose", config=ONCE).create_delivery_stream
    code = refusal(create, **request(sim, 64, 0, **DYNAMIC))
    assert not refusal(create, **request(sim, 64, 60, **DYNAMIC))
    return came_true({"refused": code == "InvalidArgumentException", "seconds": not code})


def own_code() -> tuple[str, ...]:
    """F05: yesterday's events again: from a data stream beside Firehose, and from Firehose."""
    sim, kinesis = stream()
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=48)
    put(kinesis, b"event")
    sim.advance(hours=24)
    operations = sim.client("firehose").meta.service_model.operation_names
    readable = any(name.startswith(("GetRecords", "Read")) for name in operations)
    return came_true({"stream": len(read(sim, STREAM)) == 1, "firehose": readable, "two": readable})


def batch() -> tuple[str, ...]:
    """F17: each load as one call."""
    loads = {
        "four": (400, 10 * KIB),
        "many": (600, KIB),
        "heavy": (10, 500 * KIB),
        "large": (1, 1_024 * KIB),
    }
    _, firehose = hose(5, 60)
    return came_true(
        {
            name: not refusal(
                firehose.put_record_batch,
                DeliveryStreamName=HOSE,
                Records=[{"Data": bytes(size)}] * count,
            )
            for name, (count, size) in loads.items()
        }
    )


def slow_athena() -> tuple[str, ...]:
    """F20: three hours of each interval; which makes far fewer objects."""
    counts = {}
    for name, seconds in {"before": 60, "interval": 900, "zero": 0}.items():
        sim, _ = hose(5, seconds)
        Hose(sim, HOSE, 0.2).play(hours=3)
        counts[name] = len(sim.events.of(ObjectWritten))
    return came_true({name: counts[name] < counts["before"] / 5 for name in ("interval", "zero")})


def twice() -> tuple[str, ...]:
    """F21: the same batch again; how many records are delivered, and what could prevent it."""
    sim, firehose = hose(5, 300)
    rides = [{"Data": f'{{"ride": {n}}}'.encode()} for n in range(10)]
    for _attempt in range(2):
        firehose.put_record_batch(DeliveryStreamName=HOSE, Records=rides)
    sim.advance(minutes=10)
    delivered = sim.firehose[HOSE].tally.delivered
    ids = Counter(row["Data"] for row in rides * 2)
    return came_true(
        {
            "dedupe": delivered == 20 and len(ids) == 10,
            "once": takes(firehose, "CreateDeliveryStream", "ExactlyOnce"),
            "token": takes(firehose, "PutRecordBatch", "ClientToken"),
            "interval": delivered == 10,
        }
    )


def sao_paulo() -> tuple[str, ...]:
    """F22: three seconds' worth of 1 MiB in one, in São Paulo; each way of going on."""
    sim, firehose = hose(128, 300, region="sa-east-1")
    batches = [[{"Data": bytes(100 * KIB)}] * 10 for _ in range(3)]
    refused = [batch for batch in batches if _failed(firehose, batch)]
    assert refused
    for pause in (1, 2, 4, 8, 16):
        sim.advance(seconds=pause)
        refused = [batch for batch in refused if _failed(firehose, batch)]
    larger = hose(128, 900, region="sa-east-1")[1]
    return came_true(
        {
            "backoff": not refused,
            "shards": takes(firehose, "CreateDeliveryStream", "ShardCount"),
            "buffer": not any(_failed(larger, batch) for batch in batches),
        }
    )


def _failed(firehose: Any, records: list[dict[str, bytes]]) -> bool:
    answer = firehose.put_record_batch(DeliveryStreamName=HOSE, Records=records)
    return bool(answer["FailedPutCount"])


def long_outage() -> tuple[str, ...]:
    """F06: a record every hour into a data stream of seven days; S3 refuses for two days."""
    sim, kinesis = stream()
    refusing = False
    only_weighed(sim, lambda: refusing)
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=168)
    sim.advance(minutes=1)
    role = f"arn:aws:iam::{sim.account}:role/firehose"
    source = {"KinesisStreamARN": sim.streams[STREAM].arn, "RoleARN": role}
    sim.client("firehose").create_delivery_stream(
        **request(sim, 5, 60),
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration=source,
    )
    sim.advance(minutes=1)
    refusing = True
    for _hour in range(48):
        put(kinesis, b"ride")
        sim.advance(hours=1)
    refusing = False
    sim.advance(hours=3)
    delivered = sim.firehose[HOSE].tally.delivered
    return came_true({"nothing": delivered == 48, "day": delivered == 24, "all": delivered == 0})
