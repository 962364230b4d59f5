"""The laws of reading, whatever happens meanwhile: reshards, throttles, crashes, take-overs.

Every group of consumers reads the same stream at the same time, and shares its limits:

1. No acknowledged record is lost, and none overtakes another of its key.
2. Every group processes every record at least once.
3. Once capacity exceeds load, every group's lag goes back to zero.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.workloads.pipeline.tally import HandlerTally
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.subscriber import Subscriber
from tests.effort import examples

STREAM = "pedala-rides"
LIMITS = {"streams.shard_write_records": 20.0}
"""Few enough that a burst is throttled."""
ACCOUNTS = count(330_000_000_000)
"""Every run has an account of its own: moto keeps one DynamoDB per account."""
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(5, 60)),
        st.tuples(st.just("reshard"), st.integers(0, 30)),
        st.tuples(st.just("crash"), st.integers(0, 3)),
        st.tuples(st.just("take over"), st.just(0)),
        st.tuples(st.just("fail"), st.integers(1, 3)),
        st.tuples(st.just("wait"), st.integers(1, 30)),
    ),
    max_size=8,
)
Seen = dict[str, list[int]]


class Group:
    """What one group was handed, by key in order; it fails as often as told."""

    def __init__(self, sim: Simulator) -> None:
        self.seen: Seen = defaultdict(list)
        self.failing = 0
        self.tally = HandlerTally(sim, STREAM, self._take, "TRIM_HORIZON")

    def _take(self, shard: str, records: list[dict[str, Any]]) -> None:
        for record in records:
            self.seen[record["PartitionKey"]].append(int(record["Data"]))
        if self.failing:
            self.failing -= 1
            raise ValueError("half done")

    @property
    def first_times(self) -> Seen:
        """What was seen, repetitions left out."""
        return {key: list(dict.fromkeys(numbers)) for key, numbers in self.seen.items()}


class World:
    """One stream, its writer, and four groups of readers."""

    def __init__(self) -> None:
        account = f"{next(ACCOUNTS):012d}"
        self.sim = Simulator(latency=None, delays="instant", account=account, limits=LIMITS)
        self.call("CreateStream", StreamName=STREAM, ShardCount=2)
        self.acknowledged: Seen = defaultdict(list)
        self.refused = self.count = 0
        self.groups = {name: Group(self.sim) for name in ("poller", "kcl", "kcl pushed", "pushed")}
        sim, tallies = self.sim, {name: group.tally for name, group in self.groups.items()}
        self.poller = Poller(sim, STREAM, tallies["poller"], every_ms=700, limit=15).start()
        self.applications = [
            KclApplication(
                sim, name, STREAM, tallies[group], checkpoint_every=3, keep_failed=True, **more
            )
            for name, group, more in (
                ("polling", "kcl", {}),
                ("fan-out", "kcl pushed", {"retrieval": "fan-out"}),
            )
        ]
        for application in self.applications:
            application.add_worker()
            application.add_worker()
        self.subscribers = [
            Subscriber(sim, STREAM, tallies["pushed"], name="alerts") for _ in range(2)
        ]
        self.subscribers[0].start()

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """A call through the gate."""
        return self.sim.gate.call("kinesis", operation, request)

    def put(self, rides: int) -> None:
        """One call, a part of which may be refused: only what is acknowledged counts."""
        numbers = range(self.count, self.count + rides)
        self.count += rides
        entries = [{"PartitionKey": f"bike-{n % 5}", "Data": b"%d" % n} for n in numbers]
        answer = self.call("PutRecords", StreamName=STREAM, Records=entries)
        for number, row in zip(numbers, answer["Records"], strict=True):
            if "SequenceNumber" in row:
                self.acknowledged[f"bike-{number % 5}"].append(number)
        self.refused += answer["FailedRecordCount"]
        self.sim.advance(milliseconds=300)

    def reshard(self, pick: int) -> None:
        """Split a shard, or merge two, as ``pick`` says and the stream allows."""
        shards = self.sim.streams[STREAM].open_shards
        if pick % 2 and len(shards) > 1:
            at = pick % (len(shards) - 1)
            pair = {"ShardToMerge": shards[at].id, "AdjacentShardToMerge": shards[at + 1].id}
            self.call("MergeShards", StreamName=STREAM, **pair)
            return
        shard = shards[pick % len(shards)]
        middle = (shard.hashes.start + shard.hashes.end + 1) // 2
        split = {"ShardToSplit": shard.id, "NewStartingHashKey": str(middle)}
        self.call("SplitShard", StreamName=STREAM, **split)

    def crash(self, pick: int) -> None:
        """Kill a worker of each application and start another; kill and restart the others."""
        for application in self.applications:
            alive = [worker for worker in application.workers.values() if worker.alive]
            alive[pick % len(alive)].crash()
            application.add_worker()
        for reader in (self.poller, self.subscribers[0]):
            reader.stop()
            reader.start()

    def take_over(self) -> None:
        """Another process registers under the same name; the first is late to notice."""
        self.subscribers.reverse()
        self.subscribers[0].start()

    def step(self, what: str, value: int) -> None:
        """Do one of STEPS."""
        if what == "put":
            self.put(value)
        elif what == "reshard":
            self.reshard(value)
        elif what == "crash":
            self.crash(value)
        elif what == "take over":
            self.take_over()
        elif what == "fail":
            for group in self.groups.values():
                group.failing = value
        else:
            self.sim.advance(seconds=value)


@given(STEPS)
@settings(max_examples=examples(3))  # of eight seconds each; `make laws` tries thirty
def test_nothing_is_lost_or_reordered_whatever_happens(steps: list[tuple[str, int]]) -> None:
    world = World()
    for what, value in steps:
        world.step(what, value)
    world.sim.advance(minutes=6)
    for name, group in world.groups.items():
        assert group.first_times == world.acknowledged, name
        assert group.tally.lag() == 0, name
    held = world.sim.streams[STREAM].shards
    assert sum(shard.log.end for shard in held) == sum(map(len, world.acknowledged.values()))


def test_the_law_is_put_to_the_test() -> None:
    """One run that has it all: throttles, duplicates, reshards both ways, a take-over."""
    world = World()
    for what, value in (
        *(("put", 60), ("reshard", 0), ("put", 60), ("fail", 2), ("put", 30)),
        *(("crash", 1), ("put", 60), ("reshard", 1), ("take over", 0), ("put", 40)),
        *(("wait", 20), ("reshard", 3), ("put", 60), ("crash", 0), ("put", 20)),
    ):
        world.step(what, value)
    world.sim.advance(minutes=6)
    assert world.refused > 0
    assert len(world.sim.streams[STREAM].shards) > 4
    for name, group in world.groups.items():
        assert group.first_times == world.acknowledged, name
        assert group.tally.lag() == 0, name
        assert group.tally.duplicates > 0, name
