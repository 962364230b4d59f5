"""A shard that a worker holds: what is read, and a checkpoint that is refused."""

from __future__ import annotations

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from kinesis_sim.workloads.readers.held_shard import HeldShard, Retrieval
from kinesis_sim.workloads.readers.leases import TRIM_HORIZON, Lease
from kinesis_sim.workloads.readers.reader import Reading, Record


class Refused:
    """A worker whose table takes a checkpoint at the third try. tried: when (epoch ms)."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.tried: list[int] = []

    def checkpointed(self, held: HeldShard, checkpoint: str) -> bool:
        self.tried.append(self.sim.clock.now)
        if len(self.tried) < 3:
            raise ServiceError("ProvisionedThroughputExceededException", "Too many writes.")
        return True

    def shard_ended(self, held: HeldShard, children: list[Record]) -> None:
        raise AssertionError("the shard is open")


def test_a_refused_checkpoint_is_written_again_each_second_until_it_is_taken(
    sim: Simulator,
) -> None:
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    stream = sim.streams["s"]
    stream.put([(b"x", "k", None)], sim.clock.now)
    worker = Refused(sim)
    how = Retrieval(
        sim, "s", lambda *_: None, Reading(),
        arn=None, checkpoint_every=1, work_ms=0, idle_ms=1_000, keep_failed=True,
    )  # fmt: skip
    lease = Lease(stream.shards[0].id, "worker", 1, TRIM_HORIZON, 0, (), "0", "1")
    HeldShard(worker, how, lease).start()
    sim.advance(seconds=10)
    first = worker.tried[0]
    assert worker.tried == [first, first + 1_000, first + 2_000]
