"""Half an hour of a Firehose stream to play with: hints, traffic, and what happens to S3.

Model's choices: S3 refuses from minute 10 to minute 20; or, with a hundredth of the traffic, from
the first hour to the 26th, so that records outlive their 24 hours. Objects are not kept: they are
written to nowhere, and only events tell of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.instants import HOUR, MINUTE, SECOND
from kinesis_sim.show.buffer.fold import Buffers, buffers
from kinesis_sim.show.kit.settings import Settings
from kinesis_sim.workloads.producers.shapes import Steps
from kinesis_sim.workloads.scenes.hose import Hose, only_weighed
from kinesis_sim.workloads.scenes.tide import Tide

STREAM, SOURCE, LAKE = "clicks-to-lake", "pedala-clicks", "lake"
START = "2026-01-01T08:00:00Z"
SHARDS = 4
LENGTH, LONG = 32 * MINUTE, 27 * HOUR
REFUSED: dict[str, tuple[int, int]] = {
    "refused": (10 * MINUTE, 20 * MINUTE),
    "lost": (HOUR, 26 * HOUR),
}
"""When S3 refuses, from when to when (ms since the begin)."""
STEPS: dict[str, tuple[Any, ...]] = {
    "size": (1, 2, 5, 16, 64, 128),
    "interval": (0, 10, 60, 120, 300, 600, 900),
    "traffic": (0.1, 0.5, 1, 2, 6, 12),
    "happens": ("night", "well", "refused", "lost", "shards"),
}
"""What each control can be set to."""
OPENING = {"happens": "night"}
"""What opens shows both ways in which a buffer closes: by size, then by time."""


@dataclass(frozen=True)
class BufferMix(Settings):
    """One setting. size: MB; interval: seconds, 0 for zero buffering; traffic: MiB a minute.

    happens: "night" (a tenth of the traffic from half of the time on), "well", "refused" (S3 for
    ten minutes), "lost" (S3 for 25 hours) or "shards" (read from a data stream of four). Raises
    UsageError for what cannot be set.
    """

    steps = STEPS

    size: int = 5
    interval: int = 300
    traffic: float = 2
    happens: str = "well"

    @property
    def hints(self) -> dict[str, int]:
        """BufferingHints."""
        return {"SizeInMBs": self.size, "IntervalInSeconds": self.interval}


@lru_cache(maxsize=32)
def mixed(mix: BufferMix) -> Buffers:
    """Play a mix. The same mix gives the same rows."""
    sim = Simulator(start=START, latency=None, delays="instant", limits="off", remember=0)
    begin = sim.clock.now
    first, last = REFUSED.get(mix.happens, (0, 0))
    only_weighed(sim, lambda: first <= sim.clock.now - begin < last)
    traffic = mix.traffic / 100 if mix.happens == "lost" else mix.traffic
    minutes = (LONG if mix.happens == "lost" else LENGTH) // MINUTE
    if mix.happens == "shards":
        kinesis = sim.client("kinesis")
        kinesis.create_stream(StreamName=SOURCE, ShardCount=SHARDS)
        arn = sim.streams[SOURCE].arn
        _create(sim, mix, KinesisStreamSourceConfiguration={"KinesisStreamARN": arn})
        Tide(sim, SOURCE, traffic / 60).play(minutes=minutes)
    else:
        _create(sim, mix)
        night = Steps([(0, traffic), (LENGTH // 2 // SECOND, traffic / 10)])
        Hose(sim, STREAM, night if mix.happens == "night" else traffic).play(minutes=minutes)
    return buffers(sim, STREAM)


def _create(sim: Simulator, mix: BufferMix, **source: dict[str, str]) -> None:
    role = f"arn:aws:iam::{sim.account}:role/firehose"
    kind = "KinesisStreamAsSource" if source else "DirectPut"
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=STREAM,
        DeliveryStreamType=kind,
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::{LAKE}",
            "BufferingHints": mix.hints,
        },
        **{name: {**block, "RoleARN": role} for name, block in source.items()},
    )
