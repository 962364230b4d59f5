"""A camera that counts: a function finds bikes in its pictures, and the counts end in the lake."""

from __future__ import annotations

import json

from kinesis_sim.arguments import whole
from kinesis_sim.errors import MissingPackage
from kinesis_sim.instants import SECOND
from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.camera.dock_camera import clock_text
from kinesis_sim.workloads.camera.seeing import count_bikes
from kinesis_sim.workloads.scenes.filming import Filming

FINDINGS, BUCKET = "bike-counts", "pedala-bike-counts"
EVERY_MS, DELIVERED_S = 10_000, 120
"""How far apart the pictures are that are looked at; how long to wait for Firehose's buffer."""
MOST_SECONDS = 600
"""Of film (the model's choice): each second is drawn, packed and looked at."""


@typed
def bike_count(start: str = "2026-01-01T08:00:00Z", *, seconds: int = 30) -> str:
    """Film, count, and read from S3 when how many bikes were seen: a line each, in order.

    The stream keeps nothing: what sees reads live. Where PyAV is absent, the line that installs it.
    """
    whole("seconds", seconds, least=0, most=MOST_SECONDS)
    sim = Simulator(start=start, latency=None)
    filming = Filming(sim, hours=0)
    _lake(sim)
    try:
        sim.video.watch(filming.stream, count_bikes, to=FINDINGS, every=EVERY_MS)
    except MissingPackage as missing:
        return str(missing)
    filming.film(seconds)
    sim.advance(seconds=DELIVERED_S)
    body = b"".join(body for _, body in sim.buckets.objects(BUCKET))
    return "\n".join(map(_told, body.splitlines()))


def _lake(sim: Simulator) -> None:
    """A data stream that Firehose delivers to a bucket, a finding a line."""
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=FINDINGS, ShardCount=1)
    sim.advance(minutes=1)
    stream = kinesis.describe_stream_summary(StreamName=FINDINGS)["StreamDescriptionSummary"]
    delimiter = {"Type": "AppendDelimiterToRecord"}
    role = f"arn:aws:iam::{sim.account}:role/firehose"
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=FINDINGS,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": stream["StreamARN"],
            "RoleARN": role,
        },
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": sim.buckets.create(BUCKET),
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
            "ProcessingConfiguration": {"Enabled": True, "Processors": [delimiter]},
        },
    )
    sim.advance(minutes=1)


def _told(line: bytes) -> str:
    said = json.loads(line)
    at = said["InputInformation"]["KinesisVideo"]["ProducerTimestamp"]
    return f"{clock_text(round(at) * SECOND)} {json.dumps(said['Finding'])}"
