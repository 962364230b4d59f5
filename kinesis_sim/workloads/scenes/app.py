"""Pedala's app as a producer: its taps and snapshots, and what becomes of a steady load of them."""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_sim.arguments import whole
from kinesis_sim.signatures import typed
from kinesis_sim.words import Filling, spoken_language
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.pipeline.pipeline import Pipeline
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import FreshKeys
from kinesis_sim.workloads.producers.kpl import Kpl
from kinesis_sim.workloads.producers.load import Load

SMALL, SNAPSHOT = 100, 100_000  # bytes
MOST_ARRIVALS, MOST_SHARDS = 1_000_000, 10_000
"""What one call makes at most (the model's choice): more would take memory and minutes."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A minute of the KPL: user records refused, Kinesis records stored, PUT units billed."""

    refused: int
    kinesis_records: int
    units_billed: int

    def text(self, words: str) -> str:
        """``words`` with {refused}, {records} and {units} filled in."""
        filling = Filling(spoken_language())
        values = {"refused": self.refused, "records": self.kinesis_records}
        return filling.format(words, **values, units=self.units_billed)


@typed
def taps(count: int) -> list[Arrival]:
    """Taps of as many riders within a moment, a few bytes each."""
    riders = range(whole("count", count, least=0, most=MOST_ARRIVALS))
    return [Arrival(f"rider-{number:04d}", b"tap", 0) for number in riders]


@typed
def snapshots(count: int) -> list[Arrival]:
    """Snapshots of one rider within a moment, 100,000 bytes each."""
    shot = Arrival("rider-0001", bytes(SNAPSHOT), 0)
    return [shot] * whole("count", count, least=0, most=MOST_ARRIVALS)


@typed
def refused_with(per_second: float, *, shards: int) -> int:
    """How many small records a stream refuses in a minute of an even load, evenly spread."""
    whole("shards", shards, least=1, most=MOST_SHARDS)
    producer = Batcher(Load(per_second, FreshKeys(), size=SMALL), retries=0)
    totals = Pipeline(producers=[producer], shards=shards).flow(minutes=1).totals
    return int(totals["throttled"])


@typed
def with_kpl(per_second: float, *, aggregation: bool) -> Packed:
    """A minute of small records by the Kinesis Producer Library into one shard."""
    library = Kpl(Load(per_second, size=SMALL), aggregation=aggregation)
    result = Pipeline(producers=[library], shards=1).run(minutes=1)
    units = [row.quantity for row in result.bill().rows if row.item == "provisioned.put_unit"]
    records = int(result.shards["records"].sum())
    return Packed(round(result.totals["throttled"]), records, round(units[0]))
