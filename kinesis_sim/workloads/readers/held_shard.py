"""A shard that a KCL worker reads because it holds the lease: by polling, or pushed by fan-out.

A checkpoint that the lease table refuses is written again until it takes it; meanwhile the shard is
read no further, as a record processor that waits for its checkpoint. An iterator that grows older
than five minutes on the way expires: the symptom of a lease table with too little capacity
(facts/data-streams §10.21).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import ServiceError
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.readers.leases import LATEST, TRIM_HORIZON, Lease
from kinesis_sim.workloads.readers.pushed import Courier, PushedShard
from kinesis_sim.workloads.readers.reader import Handler, Reading, Record, ShardPlace, ShardReader

AGAIN_MS = 1_000
"""The pause before a refused checkpoint is written again (model's choice)."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How an application reads its shards. arn: of its registered consumer, None to poll."""

    sim: Simulator
    stream: str
    handler: Handler
    reading: Reading
    arn: str | None
    checkpoint_every: int
    work_ms: float
    idle_ms: int
    keep_failed: bool


class Worker(Protocol):
    """Whoever holds the lease."""

    def checkpointed(self, held: HeldShard, checkpoint: str) -> bool:
        """Write a checkpoint; False when the lease was lost. Raises ServiceError when refused."""

    def shard_ended(self, held: HeldShard, children: list[Record]) -> None:
        """The shard is read to its end."""


class HeldShard:
    """Reads one shard from the lease's checkpoint on until ``stop``."""

    def __init__(self, worker: Worker, retrieval: Retrieval, lease: Lease) -> None:
        self.lease = lease
        self._worker = worker
        self._how = retrieval
        self._batches = 0
        self._stopped = False
        self._timer: ScheduledAction | None = None
        known = lease.checkpoint not in (TRIM_HORIZON, LATEST)
        self.place = ShardPlace(
            lease.key,
            start=TRIM_HORIZON if known else lease.checkpoint,
            checkpoint=lease.checkpoint if known else None,
        )
        self._before = self.place.checkpoint
        self._reader: ShardReader | PushedShard = self._polled()
        if retrieval.arn is not None:
            self._reader = self._pushed(retrieval.arn)

    def start(self) -> None:
        """Begin to read."""
        if isinstance(self._reader, PushedShard):
            self._reader.start()
        else:
            self._schedule(0)

    def stop(self) -> None:
        """Read no further."""
        self._stopped = True
        if isinstance(self._reader, PushedShard):
            self._reader.stop()
        else:
            self._reader.wake()
        if self._timer is not None:
            self._timer.cancel()

    def commit(self) -> bool:
        """Checkpoint what was processed; False when the lease is lost or the table refuses."""
        place = self.place
        if place.checkpoint is None or place.checkpoint == self.lease.checkpoint:
            return True
        try:
            return self._worker.checkpointed(self, place.checkpoint)
        except ServiceError:
            return False

    def _polled(self) -> ShardReader:
        how = self._how
        return ShardReader(
            how.sim,
            how.stream,
            self.place,
            how.handler,
            how.reading,
            work_ms=how.work_ms,
            keep_failed=how.keep_failed,
        )

    def _pushed(self, arn: str) -> PushedShard:
        how = self._how
        return PushedShard(
            how.sim,
            arn,
            Courier(how.sim.clock),
            self.place,
            how.handler,
            how.reading,
            self._looked,
            work_ms=how.work_ms,
            keep_failed=how.keep_failed,
        )

    def _schedule(self, ms: int) -> None:
        assert isinstance(self._reader, ShardReader)
        at = max(self._how.sim.clock.now + ms, self.place.busy_until)
        self._timer = self._reader.plan(at, self._how.idle_ms, self._turn)

    def _turn(self) -> None:
        """One poll."""
        assert isinstance(self._reader, ShardReader)
        try:
            self._reader.turn()
        finally:
            self._looked()

    def _looked(self) -> None:
        """After a look at the shard: write the checkpoint that is due, and end with the shard."""
        self._batches += self.place.checkpoint != self._before
        self._before = self.place.checkpoint
        if self._stopped:
            return
        if self.place.ended or self._batches >= self._how.checkpoint_every:
            self._settle()
        else:
            self._go_on()

    def _settle(self) -> None:
        """Write what is due, again and again until the table takes it or the lease is lost."""
        if self._stopped:
            return
        try:
            self._write()
        except BaseException as error:
            if isinstance(self._reader, PushedShard):
                self._reader.stop()
            clock = self._how.sim.clock
            self._timer = clock.schedule(clock.now + AGAIN_MS, self._settle)
            if not isinstance(error, ServiceError):
                raise

    def _write(self) -> None:
        if self.place.ended:
            self._worker.shard_ended(self, self._reader.children)
        elif self._worker.checkpointed(self, str(self.place.checkpoint)):
            self._batches = 0
            self._go_on()

    def _go_on(self) -> None:
        if isinstance(self._reader, PushedShard):
            self._reader.start()
        else:
            self._schedule(self._how.idle_ms)
