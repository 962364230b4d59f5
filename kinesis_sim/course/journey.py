"""One event's way through the services: what is built is really called, the rest is only named.

The places and roads are drawn by ``widgets/journey.js``; its words stand in ``text/journey.toml``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.outline import entry_of
from kinesis_sim.course.words import CourseWords
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.events import ObjectWritten
from kinesis_sim.instants import to_ms
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.readers.read import read


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """One step: the road it takes (from, to), and the slug of the lesson that is about it.

    later: "" when the step works here.
    """

    id: str
    road: tuple[str, str]
    later: str = ""

    @property
    def lesson(self) -> str:
        """The number of that later lesson, or ""."""
        return entry_of(self.later).number if self.later else ""


PIPE = "pedala-way"
"""The Firehose stream of the walk; its bucket is called after it."""
GATHERED_S = 60
STEPS = (
    JourneyStep("unlock", ("bike", "app")),
    JourneyStep("put", ("app", "stream")),
    JourneyStep("billing", ("stream", "billing")),
    JourneyStep("map", ("stream", "map")),
    JourneyStep("firehose", ("stream", "firehose")),
    JourneyStep("flink", ("stream", "flink"), later="flink_time"),
    JourneyStep("video", ("camera", "video"), later="video_streams"),
    JourneyStep("replay", ("stream", "audit")),
)


class Journey:
    """An event that is taken through the steps one by one. ``told`` holds what each step said."""

    def __init__(self, sim: Simulator, stream: str, event: Arrival, words: CourseWords) -> None:
        if stream not in sim.streams.streams:
            raise UsageError(f"There is no stream {stream!r} yet: create it first.")
        self._sim, self._stream, self._event, self._words = sim, stream, event, words
        self.told: list[str] = []
        self._receipt: dict[str, Any] = {}
        self._put_at = sim.now

    @property
    def ended(self) -> bool:
        """Whether every step was taken."""
        return len(self.told) == len(STEPS)

    def step(self) -> None:
        """Take the next step; after the last one nothing happens."""
        if self.ended:
            return
        step = STEPS[len(self.told)]
        action: Callable[[], dict[str, object]] = getattr(self, f"_{step.id}", dict)
        self.told.append(self._words.say(f"told.{step.id}", **action(), lesson=step.lesson))

    def again(self) -> None:
        """Go back to the first step. The stream keeps what was put: the next run puts another."""
        self.told.clear()

    # --- what is built: real calls, whose answers fill the words ------------------------------

    def _unlock(self) -> dict[str, object]:
        self._lay_firehose()
        event = self._event.event
        return {"bike": event["bike_id"], "station": event["station_id"], "key": self._event.key}

    def _put(self) -> dict[str, object]:
        self._put_at = self._sim.now
        kinesis = self._sim.client("kinesis")
        self._receipt = kinesis.put_record(StreamName=self._stream, **self._event.entry)
        number = self._receipt["SequenceNumber"]
        return {"shard": self._receipt["ShardId"], "number": f"…{number[-12:]}"}

    def _billing(self) -> dict[str, object]:
        return self._reader()

    def _map(self) -> dict[str, object]:
        return self._reader()

    def _lay_firehose(self) -> None:
        """A Firehose stream that reads the data stream: it begins at LATEST, so before the put."""
        if PIPE in self._sim.firehose.streams:
            return
        role = f"arn:aws:iam::{self._sim.account}:role/firehose"
        hints = {"SizeInMBs": 1, "IntervalInSeconds": GATHERED_S}
        self._sim.client("firehose").create_delivery_stream(
            DeliveryStreamName=PIPE,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={
                "KinesisStreamARN": self._sim.streams.arn(self._stream),
                "RoleARN": role,
            },
            S3DestinationConfiguration={
                "RoleARN": role,
                "BucketARN": self._sim.buckets.create(self._lake),
                "BufferingHints": hints,
            },
        )
        self._sim.advance(milliseconds=self._sim.delays["firehose.create_stream"])

    @property
    def _lake(self) -> str:
        return f"{PIPE}-{self._sim.account}"

    def _firehose(self) -> dict[str, object]:
        """Wait until what was read is in S3: a poll, and the buffer's interval."""
        self._sim.advance(seconds=GATHERED_S + 1)
        written = self._sim.events.of(ObjectWritten)
        files = [each for each in written if each.stream == PIPE and each.at >= to_ms(self._put_at)]
        key = "yes" if files else "no"
        return {"file": self._words.say(f"file.{key}", bucket=self._lake), "seconds": GATHERED_S}

    def _replay(self) -> dict[str, object]:
        self._sim.advance(hours=1)
        return self._reader() | {"time": f"{self._sim.now:%H:%M}"}

    def _reader(self) -> dict[str, object]:
        """Read from just before the put, and look for the event."""
        records = read(self._sim, self._stream, start=self._put_at - timedelta(seconds=1))
        numbers = [record["SequenceNumber"] for record in records]
        key = "yes" if self._receipt["SequenceNumber"] in numbers else "no"
        return {"count": len(records), "found": self._words.say(f"found.{key}")}
