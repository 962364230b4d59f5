"""A bucket for Pedala's clicks, and Firehose streams into it: how fresh, how many files, how dear.

Each measurement takes a stream of its own, so that one does not disturb the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose.events import ObjectWritten
from kinesis_sim.firehose.tally import Tally
from kinesis_sim.instants import SECOND
from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator
from kinesis_sim.words import Filling, spoken_language
from kinesis_sim.workloads.scenes.hose import Hose

BUCKET = "pedala-lake"
A_MINUTE, HALF_A_MINUTE, NIGHT = 1.0, 0.5, 0.02  # MiB per minute


@dataclass(frozen=True, slots=True)
class Freshness:
    """What a buffer did in ten minutes: its interval (s), objects, a record's longest wait (s)."""

    seconds: int
    objects: int
    longest_wait: int

    def text(self, words: str) -> str:
        """``words`` with {seconds}, {objects} and {wait} filled in."""
        values = {"seconds": self.seconds, "objects": self.objects, "wait": self.longest_wait}
        return Filling(spoken_language()).format(words, **values)


class PedalaLake:
    """The bucket ``pedala-lake`` of ``sim``'s account, and the client of Firehose."""

    @typed
    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._began: dict[str, int] = {}
        self.firehose = sim.client("firehose")
        self.bucket = BUCKET if sim.region == "us-east-1" else f"{BUCKET}-{sim.region}"
        sim.buckets.create(self.bucket)

    def create(self, name: str, size: int | None = None, seconds: int | None = None) -> None:
        """A stream into the bucket; Firehose's own hints unless both are given."""
        settings: Request = {
            "RoleARN": f"arn:aws:iam::{self._sim.account}:role/firehose",
            "BucketARN": f"arn:aws:s3:::{self.bucket}",
            "Prefix": f"{name}/",
        }
        if size is not None and seconds is not None:
            settings["BufferingHints"] = {"SizeInMBs": size, "IntervalInSeconds": seconds}
        self.firehose.create_delivery_stream(
            DeliveryStreamName=name, ExtendedS3DestinationConfiguration=settings
        )
        self._sim.advance(minutes=1)
        self._began[name] = self._sim.clock.now

    def written(self, name: str) -> list[ObjectWritten]:
        """The objects that a stream wrote."""
        return [each for each in self._sim.events.of(ObjectWritten) if each.stream == name]

    def first_after(self, name: str) -> int:
        """Seconds from a stream's being ready to its first object."""
        return (self.written(name)[0].at - self._began[name]) // SECOND

    def objects_an_hour(self, size: int, seconds: int) -> int:
        """How many objects half a MiB a minute makes in an hour under these hints."""
        name = f"{size}mb-{seconds}s"
        self.create(name, size, seconds)
        Hose(self._sim, name, HALF_A_MINUTE).play(hours=1)
        return len(self.written(name))

    def ten_minutes_at(self, seconds: int) -> Freshness:
        """Ten minutes of a MiB a minute into a buffer of 5 MB and this interval."""
        name = f"every-{seconds}"
        self.create(name, 5, seconds)
        Hose(self._sim, name, A_MINUTE).play(minutes=10)
        waits = [each.at - each.oldest for each in self.written(name)]
        return Freshness(seconds, len(waits), round(max(waits) / SECOND))

    def price_of(self, records: int, size: int) -> Decimal:
        """What Firehose bills for so many records of ``size`` bytes (USD)."""
        name = f"{records}-of-{size}"
        self.create(name)
        self._sim.firehose[name].put([bytes(size)] * records)
        total: Any = self._sim.bill().of(name).total
        return Decimal(str(total))

    def refused_for(self, hours: float) -> Tally:
        """An hour of few clicks, so many while S3 refuses every object, and another hour."""
        name = "night-clicks"
        self.create(name)
        night = Hose(self._sim, name, NIGHT)
        night.play(hours=1)
        self._sim.buckets.refuse(self.bucket)
        night.play(hours=hours)
        self._sim.buckets.accept(self.bucket)
        night.play(hours=1)
        return self._sim.firehose[name].tally
