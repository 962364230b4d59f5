"""Four kinds of readers on one stream, each with a place of its own, and what can befall them.

Pedala's rides, one record every half second, read by a poller, a KCL application of two workers, an
enhanced fan-out consumer and a Lambda function. Rates, pauses and sizes are this model's choices.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import UsageError
from kinesis_sim.signatures import typed
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.leases import free_name
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.reader import Record
from kinesis_sim.workloads.readers.subscriber import Subscriber
from kinesis_sim.workloads.scenes.rhythm import every

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

STREAM = "pedala-audience"
POLLER, FANOUT, FUNCTION, APPLICATION = "dashboard", "alerts", "billing", "pedala-map"
WORKERS = ("worker-1", "worker-2")
SHARDS, BIKES = 2, 40
EVERY_MS = 500
POLL_MS, BATCH, WINDOW_S = 5_000, 10, 10
POISON, POISON_KEY = b"\x00 no ride", "bike-07"
WARM_S, CRASHED_S = 60, 7


class Audience:
    """A stream of two shards, its producer and its four readers, on the clock of ``sim``.

    It has run a minute when it is made, and its second worker crashed seven seconds ago. UsageError
    when the simulator has a stream of this name already.
    """

    @typed
    def __init__(self, sim: Simulator) -> None:
        if STREAM in sim.streams.streams:
            raise UsageError(f"There is a stream {STREAM!r} already: give it a new Simulator.")
        self.sim = sim
        self.stream = STREAM
        self.strict = False
        self._chance = random.Random("audience")
        self._create()
        self.application = KclApplication(sim, free_name(sim, APPLICATION), STREAM, _take)
        for worker in WORKERS:
            self.application.add_worker(worker)
        self.poller = Poller(sim, STREAM, _take, name=POLLER, every_ms=POLL_MS).start()
        self.subscriber = Subscriber(sim, STREAM, _take, name=FANOUT).start()
        sim.functions.register(FUNCTION, self._charge)
        self.mapping = sim.mappings.create(
            EventSourceArn=sim.streams[STREAM].arn,
            FunctionName=FUNCTION,
            StartingPosition="TRIM_HORIZON",
            BatchSize=BATCH,
            MaximumBatchingWindowInSeconds=WINDOW_S,
        )
        every(sim.clock, EVERY_MS, self._put)
        sim.advance(seconds=WARM_S)
        self.crash(WORKERS[1])
        sim.advance(seconds=CRASHED_S)

    @property
    def alive(self) -> dict[str, bool]:
        """Which workers run."""
        return {name: worker.alive for name, worker in self.application.workers.items()}

    def crash(self, worker: str) -> None:
        """Lose a worker's machine: its leases stay in its name until their time is up."""
        with self.sim.lock:
            if self.alive[worker]:
                self.application.workers[worker].crash()

    def restart(self, worker: str) -> None:
        """Start a worker of that name again; it takes leases as any new one does."""
        with self.sim.lock:
            if not self.alive[worker]:
                self.application.add_worker(worker)

    def poison(self) -> None:
        """Put a record that the Lambda function cannot read; nobody else minds it."""
        with self.sim.lock:
            self.strict = True
            self.sim.streams[STREAM].put([(POISON, POISON_KEY, None)], self.sim.clock.now)

    def mend(self) -> None:
        """Correct the function: it puts aside what it cannot read."""
        self.strict = False

    # --- what runs ----------------------------------------------------------------------------

    def _create(self) -> None:
        sim = self.sim
        sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": SHARDS})
        while not sim.streams[STREAM].usable:
            sim.advance(seconds=1)
        sim.advance(milliseconds=-sim.clock.now % 1_000)

    def _put(self) -> None:
        key = f"bike-{self._chance.randrange(BIKES):02d}"
        self.sim.streams[STREAM].put([(b"ride", key, None)], self.sim.clock.now)

    def _charge(self, event: dict[str, Any]) -> None:
        """The Lambda function."""
        keys = [row["kinesis"]["partitionKey"] for row in event["Records"]]
        sizes = [len(row["kinesis"]["data"]) for row in event["Records"]]
        if self.strict and max(sizes) > len("cmlkZQ=="):
            raise ValueError(f"one of {len(keys)} records is no ride")


def _take(shard: str, records: list[Record]) -> None:
    """A handler that takes whatever comes."""
