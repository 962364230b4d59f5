"""A KCL application on a stream of trips, and what a crash of one of its workers costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kinesis_sim.signatures import typed
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.scenes.ages import Ages
from kinesis_sim.workloads.scenes.drip import Drip

STREAM, SHARDS, FIRST = "pedala-trips", 2, "shardId-000000000000"
EVERY_MS = 100


@dataclass(frozen=True, slots=True)
class AfterCrash:
    """What a crash came to: records that nobody processed, those that came again, the new owner."""

    missing: int
    repeated: int
    owner: str


class Trips:
    """Ten trips a second into a stream of two shards, processed by some workers.

    checkpoint_every: after how many batches a worker writes down how far it is.
    """

    @typed
    def __init__(self, sim: Simulator, workers: Sequence[str], checkpoint_every: int) -> None:
        sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=SHARDS)
        sim.advance(seconds=30)
        self._sim, self._seen = sim, Ages(sim)
        self._application = KclApplication(
            sim, "trips", STREAM, self._seen, checkpoint_every=checkpoint_every
        )
        for name in workers:
            self._application.add_worker(name)
        self._drip = Drip(sim, STREAM, every_ms=EVERY_MS)

    def owners(self) -> dict[str, str]:
        """Which worker holds the lease of each shard; shards that nobody holds are left out."""
        held = self._application.owners()
        return {shard: worker for shard, worker in held.items() if worker is not None}

    def crash_first(self) -> AfterCrash:
        """Lose the machine that has the first shard, and see a minute later what came of it."""
        self._application.workers[self.owners()[FIRST]].crash()
        self._sim.advance(minutes=1)
        self._drip.stop()
        self._sim.advance(seconds=5)
        missing = self._drip.sent - len(set(self._seen.seen))
        return AfterCrash(missing, self._seen.repeated, self.owners()[FIRST])
