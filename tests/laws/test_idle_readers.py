"""Readers that rest while there is nothing to read cannot be told from readers that poll."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.clock import Clock, Idler, ScheduledAction
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import HOUR
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.subscriber import Subscriber, registered
from tests.effort import examples
from tests.reached import reached, reaches

STREAM, ROLE = "s", "arn:aws:iam::123456789012:role/r"
Told = list[tuple[object, ...]]


class Restless(Clock):
    """A clock on which everything fires, whether it finds something or not."""

    def repeat(
        self, at_ms: int, every_ms: int, action: Callable[[], None], idler: Idler
    ) -> ScheduledAction:
        return self.schedule(at_ms, action)


class World:
    """A stream of two shards with readers of some kinds, and what they were given and when."""

    def __init__(self, clock: Clock, kinds: list[str]) -> None:
        self.sim = sim = Simulator(clock=clock, latency=None, delays="instant")
        self.told: Told = []
        self.calls: list[Callable[[], int]] = []
        self.tables: list[str] = []
        self.subscribers: list[tuple[str, Subscriber]] = []
        sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": 2})
        sim.advance(seconds=2)
        self._polled: str | None = None
        for number, kind in enumerate(kinds):
            getattr(self, f"_{kind}")(f"{kind}{number}")
            sim.advance(milliseconds=250)

    def _hears(self, name: str) -> Callable[[str, list[dict[str, Any]]], None]:
        def hear(shard: str, records: list[dict[str, Any]]) -> None:
            self.told.append((self.sim.clock.now, name, shard, len(records)))

        return hear

    def _poller(self, name: str) -> None:
        poller = Poller(self.sim, STREAM, self._hears(name), name=name, every_ms=700).start()
        self.calls.append(lambda: poller.reading.calls)

    def _mapping(self, name: str) -> None:
        self.sim.functions.register(name, lambda e: self._invoked(name, e))
        self.sim.mappings.create(
            EventSourceArn=self.sim.streams[STREAM].arn,
            FunctionName=name,
            StartingPosition="TRIM_HORIZON",
        )

    def _pushed(self, name: str) -> None:
        arn = registered(self.sim, STREAM, name)
        self.sim.functions.register(name, lambda e: self._invoked(name, e))
        self.sim.mappings.create(
            EventSourceArn=arn, FunctionName=name, StartingPosition="TRIM_HORIZON"
        )

    def _subscriber(self, name: str) -> None:
        reader = Subscriber(self.sim, STREAM, self._hears(name), name=name).start()
        self.subscribers.append((name, reader))
        self.calls += [lambda: reader.reading.calls, lambda: reader.renewals]

    def _fan_out(self, name: str) -> None:
        self._fleet(name, retrieval="fan-out")

    def _invoked(self, name: str, batch: dict[str, Any]) -> None:
        self.told.append((self.sim.clock.now, name, len(batch["Records"])))

    def _firehose(self, name: str) -> None:
        request = {
            "DeliveryStreamName": name,
            "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {
                "KinesisStreamARN": self.sim.streams[STREAM].arn,
                "RoleARN": ROLE,
            },
            "ExtendedS3DestinationConfiguration": {
                "BucketARN": "arn:aws:s3:::nowhere",
                "RoleARN": ROLE,
            },
        }
        self.sim.gate.call("firehose", "CreateDeliveryStream", request)

    def _fleet(self, name: str, retrieval: str = "polling") -> None:
        from kinesis_sim.workloads.readers.leases import free_name

        table = free_name(self.sim, name)
        app = KclApplication(self.sim, table, STREAM, self._hears(name), retrieval=retrieval)
        self.tables.append(table)
        self.fleet = app
        for worker in ("w1", "w2"):
            app.add_worker(worker)
        self.calls.append(lambda: app.reading.calls)

    # --- what happens -------------------------------------------------------------------------

    def put(self) -> None:
        self.sim.streams[STREAM].put([(b"x", str(self.sim.clock.now), None)], self.sim.clock.now)

    def later(self) -> None:
        clock = self.sim.clock
        for ms in (1_000, 2_000, 2_100):
            clock.schedule(clock.now + ms, self.put)

    def split(self) -> None:
        from kinesis_sim.streams import resharding

        stream, now = self.sim.streams[STREAM], self.sim.clock.now
        shard = stream.open_shards[0]
        middle = (shard.hashes.start + shard.hashes.end) // 2
        resharding.split(stream, shard, middle, now, self.sim.events)

    def hurry(self) -> None:
        """Somebody reads a shard as often as it answers."""
        call = self.sim.gate.call
        asked = {"StreamName": STREAM, "ShardId": "0", "ShardIteratorType": "TRIM_HORIZON"}
        answers = list[object]()
        try:
            iterator = call("kinesis", "GetShardIterator", asked)["ShardIterator"]
            for _ in range(6):
                call("kinesis", "GetRecords", {"ShardIterator": iterator})
                answers.append("ok")
        except ServiceError as error:
            answers.append(error.code)
        self.told.append((self.sim.clock.now, *answers))

    def intrude(self) -> None:
        """Somebody subscribes under the name of a consumer that is subscribed already."""
        for name, _ in self.subscribers:
            arn = registered(self.sim, STREAM, name)
            asked = {
                "ConsumerARN": arn,
                "ShardId": "shardId-000000000000",
                "StartingPosition": {"Type": "LATEST"},
            }
            try:
                self.sim.gate.call("kinesis", "SubscribeToShard", asked)
            except ServiceError as error:
                self.told.append((self.sim.clock.now, "refused", error.message))

    def stop(self) -> None:
        for _, reader in self.subscribers:
            reader.stop()

    def start(self) -> None:
        for _, reader in self.subscribers:
            reader.start()

    def retain(self) -> None:
        self.sim.streams[STREAM].drop_expired(self.sim.clock.now + 25 * HOUR)

    def crash(self) -> None:
        if self.tables and self.fleet.workers["w1"].alive:
            self.fleet.workers["w1"].crash()

    def look(self) -> None:
        self.told.append(("looked", *self._leases()))

    # --- what is compared ---------------------------------------------------------------------

    def _leases(self) -> list[object]:
        client = self.sim.client("dynamodb")
        rows = [row for table in self.tables for row in client.scan(TableName=table)["Items"]]
        return sorted(
            (r["leaseKey"]["S"], r.get("leaseOwner", {}).get("S"), r["leaseCounter"]["N"])
            for r in rows
        )

    def seen(self) -> dict[str, Any]:
        rows = self.sim.metrics(None).sort_values(["namespace", "metric", "time"])
        metrics, bill = rows.to_csv(), str(self.sim.bill())
        for number, table in enumerate(self.tables):  # no two simulators share a name
            metrics, bill = (text.replace(table, f"table{number}") for text in (metrics, bill))
        return {
            "told": self.told,
            "calls": [calls() for calls in self.calls],
            "metrics": metrics,
            "bill": bill,
            "leases": self._leases(),
            "behind": [reader.behind for _, reader in self.subscribers],
            "taken": [shard for _, reader in self.subscribers for shard in reader.taken],
            "renewals": sum(reader.renewals for _, reader in self.subscribers),
        }


WAITS = st.sampled_from([0, 1, 250, 750, 1_000, 3_333, 5_000, 61_000, 300_000, 999_999])
WHAT = ["put", "later", "split", "hurry", "look", "retain"]
KINDS = st.lists(st.sampled_from(["poller", "mapping", "firehose"]), max_size=4)
MOVES = st.lists(st.tuples(st.sampled_from(WHAT), WAITS), max_size=6)
PUSHED_KINDS = st.lists(st.sampled_from(["subscriber", "pushed", "poller"]), min_size=1, max_size=3)
PUSHED_MOVES = st.lists(
    st.tuples(st.sampled_from([*WHAT, "intrude", "stop", "start"]), WAITS), max_size=6
)


def seen(kinds: list[str], moves: list[tuple[str, int]], clock: Clock) -> dict[str, Any]:
    world = World(clock, kinds)
    for what, ms in moves:
        getattr(world, what)()
        world.sim.advance(milliseconds=ms)
    world.sim.advance(seconds=30)
    return world.seen()


@settings(max_examples=examples(25))
@given(KINDS, MOVES)
def test_nobody_can_tell_a_resting_reader(kinds: list[str], moves: list[tuple[str, int]]) -> None:
    event(f"readers: {len(kinds)}")
    assert seen(kinds, moves, Clock()) == seen(kinds, moves, Restless())


@reaches("taken over", "refused", "renewed", "stopped")
@settings(max_examples=examples(20))
@given(PUSHED_KINDS, PUSHED_MOVES)
@example(["subscriber"], [("later", 400_000), ("intrude", 61_000)])
@example(["subscriber"], [("put", 300_000), ("intrude", 0), ("stop", 250), ("start", 999_999)])
def test_nobody_can_tell_who_is_pushed_to_and_rests(
    kinds: list[str], moves: list[tuple[str, int]]
) -> None:
    resting = seen(kinds, moves, Clock())
    assert resting == seen(kinds, moves, Restless())
    reached("taken over", resting["taken"])
    reached("refused", any("refused" in row for row in resting["told"]))
    reached("renewed", resting["renewals"])
    reached("stopped", ("stop" in dict(moves)) and "subscriber" in kinds)


FLEET_MOVES = st.lists(
    st.tuples(
        st.sampled_from(["put", "later", "split", "look", "crash"]),
        st.sampled_from([0, 1_500, 9_999, 10_000]),
    ),
    max_size=3,
)


@pytest.mark.parametrize("kind", ["fleet", "fan_out"])
@settings(max_examples=examples(2))
@given(moves=FLEET_MOVES)
def test_nobody_can_tell_a_resting_fleet(kind: str, moves: list[tuple[str, int]]) -> None:
    assert seen([kind], moves, Clock()) == seen([kind], moves, Restless())


POLLS, PUSHES = "GetRecords.Success", "SubscribeToShardEvent.Success"
RESTING = {
    **dict.fromkeys(["poller", "mapping", "firehose", "fleet"], (POLLS, 2 / 2)),
    **dict.fromkeys(["subscriber", "pushed", "fan_out"], (PUSHES, 2 / 5)),
}


@pytest.mark.parametrize("kind", RESTING)
def test_a_resting_year_is_few_steps(kind: str) -> None:
    """Counted: the clock fires next to nothing, and the log takes next to nothing in."""
    world = World(Clock(), [kind])
    world.sim.advance(minutes=11)  # those who are pushed to renew twice
    fired, before = world.sim.clock._order, world.sim.events.appended
    first = next(fired)
    world.sim.advance(days=365)
    assert next(fired) - first < 100
    metric, a_second = RESTING[kind]
    calls = world.sim.metrics(metric=metric, period=3600)["Sum"].sum()
    assert calls >= a_second * 365 * 86_400
    assert world.sim.events.appended - before < 100
