"""Three readers of Pedala's payments, of which two die, and what retention does to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.events.generators import payments
from kinesis_sim.workloads.readers.bookmark import Bookmark
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.feed import feed

STREAM, PER_DAY = "pedala-payments", 1_000
DEATHS = {"ledger": None, "fraud": timedelta(hours=22), "report": timedelta(hours=6)}
MONTH_HOURS, MEGABYTE = 720, 1_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """How many records were there before lowering, after it, and after raising again."""

    before: int
    lowered: int
    raised: int


class ThreeReaders:
    """A stream of one shard and three readers, each of which reads once an hour.

    ``ledger`` reads for ever, ``fraud`` for 22 hours, ``report`` for six.
    """

    @typed
    def __init__(self, sim: Simulator) -> None:
        self._sim, self.stream = sim, STREAM
        sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
        began: datetime = sim.now
        sim.advance(seconds=30)
        ends = {name: None if death is None else began + death for name, death in DEATHS.items()}
        self.readers = [
            Bookmark(sim, STREAM, name).every(hours=1, until=end) for name, end in ends.items()
        ]
        self.report = self.readers[-1]

    def live(self, hours: float, seed: int = 0) -> None:
        """Let payments come for some hours."""
        sim = self._sim
        end = sim.now + timedelta(hours=hours)
        feed(sim, STREAM, payments(sim.now, hours=hours, per_day=PER_DAY, seed=seed))
        sim.run_until(max(end, sim.now))

    def lowered_and_raised(self, hours: float) -> Kept:
        """After some hours more, lower the retention to a day, and raise it to a week again."""
        kinesis, sim = self._sim.client("kinesis"), self._sim
        self.live(hours, seed=1)
        before = len(read(sim, STREAM))
        kinesis.decrease_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=24)
        sim.advance(seconds=10)
        lowered = len(read(sim, STREAM))
        kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=168)
        sim.advance(seconds=10)
        return Kept(before, lowered, len(read(sim, STREAM)))

    def show_live(self, lang: str) -> Any:
        """The widget of this stream, with a week of payments to come."""
        week = payments(self._sim.now, hours=7 * 24, per_day=PER_DAY)
        self._sim.show.lang = lang
        return self._sim.show.live_retention(STREAM, readers=self.readers, traffic=week)


@typed
def a_month_at(retention_hours: int) -> float:
    """What a shard with a megabyte an hour costs in 30 days of such a retention, in USD."""
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    if retention_hours > 24:
        kinesis.increase_stream_retention_period(
            StreamName=STREAM, RetentionPeriodHours=retention_hours
        )
    for _hour in range(MONTH_HOURS):
        sim.streams[STREAM].put([(bytes(MEGABYTE), "card", None)], sim.clock.now, "PutRecord")
        sim.advance(hours=1)
    return float(sim.bill().total)
