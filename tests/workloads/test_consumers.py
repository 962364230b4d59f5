"""Pollers and KCL workers: nothing lost, order per key kept, crashes and reshards survived."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator, UsageError
from kinesis_sim.account.hashing import HASH_SPACE
from kinesis_sim.streams.events import LeaseMoved
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.leases import LeaseTable
from kinesis_sim.workloads.readers.poller import Poller
from tests.effort import examples

STREAM = "pedala-rides"


class Ledger:
    """What was put, and what a handler saw, by key in order."""

    def __init__(self) -> None:
        self.put: dict[str, list[int]] = defaultdict(list)
        self.seen: dict[str, list[int]] = defaultdict(list)
        self.poison: set[int] = set()

    def __call__(self, shard: str, records: list[dict[str, Any]]) -> None:
        for record in records:
            if int(record["Data"]) in self.poison:
                raise ValueError(f"cannot read ride {record['Data'].decode()}")
        for record in records:
            self.seen[record["PartitionKey"]].append(int(record["Data"]))

    def first_times(self, key: str) -> list[int]:
        """What was seen of a key, repetitions after a take-over left out."""
        return list(dict.fromkeys(self.seen[key]))


def fresh(account: str = "123456789012", shards: int = 2, **options: Any) -> Simulator:
    sim = Simulator(latency=None, delays="instant", account=account, **options)
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=shards)
    return sim


def put(sim: Simulator, ledger: Ledger, rides: int, seconds: float = 1.0) -> None:
    stream = sim.streams[STREAM]
    for _ in range(rides):
        number = sum(map(len, ledger.put.values()))
        key = f"bike-{number % 7}"
        placed = stream.put([(str(number).encode(), key, None)], sim.clock.now)
        assert placed[0][1] is not None
        ledger.put[key].append(number)
        sim.advance(seconds=seconds / rides)


def reshard(sim: Simulator, pick: int) -> None:
    """Split or merge, whatever ``pick`` says and the stream allows."""
    shards = sim.streams[STREAM].open_shards
    shard = shards[pick % len(shards)]
    at = (shard.hashes.start + shard.hashes.end + 1) // 2
    request: dict[str, Any] = {"StreamName": STREAM}
    if pick % 2 and len(shards) > 1:
        place = pick % (len(shards) - 1)
        request |= {"ShardToMerge": shards[place].id, "AdjacentShardToMerge": shards[place + 1].id}
        sim.gate.call("kinesis", "MergeShards", request)
    else:
        request |= {"ShardToSplit": shard.id, "NewStartingHashKey": str(at)}
        sim.gate.call("kinesis", "SplitShard", request)


@given(st.lists(st.integers(0, 30), max_size=6), st.integers(1, 40))
@settings(max_examples=examples(30))
def test_a_poller_sees_every_record_once_in_order_through_any_reshards(
    picks: list[int], limit: int
) -> None:
    sim, ledger = fresh(), Ledger()
    poller = Poller(sim, STREAM, ledger, limit=limit).start()
    for pick in picks:
        put(sim, ledger, 20)
        reshard(sim, pick)
    put(sim, ledger, 20)
    sim.advance(minutes=3)
    assert ledger.seen == ledger.put
    assert poller.behind == 0
    assert poller.reading.records == sum(map(len, ledger.put.values()))


def test_pollers_share_the_five_reads_a_second_and_lose_nothing() -> None:
    sim = fresh(shards=1)
    ledgers = [Ledger() for _ in range(3)]
    put(sim, ledgers[0], 50)
    pollers = [Poller(sim, STREAM, ledger, every_ms=250).start() for ledger in ledgers]
    sim.advance(seconds=30)
    assert sum(poller.reading.throttled for poller in pollers) > 0
    assert all(ledger.seen == ledgers[0].put for ledger in ledgers)


def test_lag_grows_with_a_slow_handler_and_returns_to_zero() -> None:
    sim, ledger = fresh(shards=1), Ledger()
    poller = Poller(sim, STREAM, ledger, limit=10, work_ms=200).start()
    put(sim, ledger, 300, seconds=30)
    assert poller.behind > 10_000
    sim.advance(minutes=5)
    assert poller.behind == 0
    assert ledger.seen == ledger.put


def test_a_poison_record_blocks_its_shard_until_the_handler_copes() -> None:
    sim, ledger = fresh(shards=1), Ledger()
    ledger.poison = {10}
    put(sim, ledger, 30)
    poller = Poller(sim, STREAM, ledger, limit=5).start()
    sim.advance(minutes=1)
    assert sum(map(len, ledger.seen.values())) == 10
    assert poller.reading.errors[-1] == "ValueError: cannot read ride 10"
    ledger.poison.clear()
    sim.advance(minutes=1)
    assert ledger.seen == ledger.put


def test_a_stopped_poller_goes_on_from_its_checkpoint() -> None:
    sim, ledger = fresh(), Ledger()
    poller = Poller(sim, STREAM, ledger).start()
    put(sim, ledger, 20)
    sim.advance(seconds=5)
    poller.stop()
    put(sim, ledger, 20)
    sim.advance(hours=1)
    assert sum(map(len, ledger.seen.values())) == 20
    poller.start()
    sim.advance(seconds=5)
    assert ledger.seen == ledger.put


def test_a_reader_that_sleeps_longer_than_five_minutes_gets_a_new_iterator() -> None:
    sim, ledger = fresh(), Ledger()
    poller = Poller(sim, STREAM, ledger, every_ms=301_000).start()
    for _ in range(3):
        put(sim, ledger, 10)
        sim.advance(minutes=11)
    assert poller.reading.expired_iterators > 0
    assert ledger.seen == ledger.put


def test_wrong_numbers_are_named() -> None:
    sim = fresh()
    with pytest.raises(UsageError, match="start='OLDEST'"):
        Poller(sim, STREAM, Ledger(), start="OLDEST")
    with pytest.raises(UsageError, match="every_ms=0"):
        Poller(sim, STREAM, Ledger(), every_ms=0)


# --- KCL ------------------------------------------------------------------------------------------

ACCOUNTS = count(300_000_000_000)
"""Every run has an account of its own: moto keeps one DynamoDB per account."""

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(5, 30)),
        st.tuples(st.just("reshard"), st.integers(0, 30)),
        st.tuples(st.just("crash"), st.integers(0, 5)),
        st.tuples(st.just("add"), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 40)),
    ),
    max_size=10,
)


@given(STEPS)
@settings(max_examples=examples(12))
def test_no_record_is_lost_or_reordered_by_crashes_and_reshards(
    steps: list[tuple[str, int]],
) -> None:
    number = next(ACCOUNTS)
    sim, ledger = fresh(account=f"{number:012d}"), Ledger()
    app = KclApplication(sim, "faturamento", STREAM, ledger, checkpoint_every=3)
    app.add_worker()
    for what, value in steps:
        alive = [worker for worker in app.workers.values() if worker.alive]
        if what == "put":
            put(sim, ledger, value)
        elif what == "reshard":
            reshard(sim, value)
        elif what == "crash" and len(alive) > 1:
            alive[value % len(alive)].crash()
        elif what == "add" and len(alive) < 4:
            app.add_worker()
        else:
            sim.advance(seconds=value)
    sim.advance(minutes=5)
    assert {key: ledger.first_times(key) for key in ledger.put} == ledger.put
    assert app.behind == 0
    assert len(set(app.owners())) == len(sim.streams[STREAM].open_shards)


def test_two_workers_share_and_a_crash_hands_over_after_the_failover_time() -> None:
    sim, ledger = fresh(account="200000000001", shards=4), Ledger()
    app = KclApplication(sim, "faturamento", STREAM, ledger)
    first, second = app.add_worker(), app.add_worker()
    sim.advance(minutes=1)
    assert (len(first.shards), len(second.shards)) == (2, 2)
    lost = set(first.shards)
    first.crash()
    sim.advance(seconds=9)
    assert set(second.shards).isdisjoint(lost)
    sim.advance(seconds=30)
    assert set(second.shards) > lost
    taken = [event for event in sim.events.of(LeaseMoved) if event.was == "worker-1"]
    assert {event.shard for event in taken[-2:]} == {int(shard[-12:]) for shard in lost}


def test_a_lease_is_anybody_s_after_ten_seconds_of_silence() -> None:
    """A dead worker last moved its counter up to 3.3 s before; others look every 10 s."""
    waits = []
    for late in range(6):
        sim = fresh(account=f"{200_000_000_010 + late}")
        app = KclApplication(sim, "faturamento", STREAM, Ledger())
        first, _ = app.add_worker(), app.add_worker()
        sim.advance(seconds=60 + 1.7 * late)
        died = sim.clock.now
        first.crash()
        sim.advance(seconds=40)
        moved = [e.at for e in sim.events.of(LeaseMoved) if e.was == first.name and e.at > died]
        waits.append(moved[0] - died)
    assert min(waits) > 10_000 - 3_334
    assert 10_000 < max(waits) <= 20_000 + 1


def test_a_worker_that_takes_its_own_lease_again_is_no_switch() -> None:
    sim = fresh(account="200000000009", shards=1)
    app = KclApplication(sim, "faturamento", STREAM, Ledger())
    app.add_worker()
    sim.advance(seconds=5)
    table = LeaseTable(sim, "faturamento")
    [lease] = table.all().values()
    before = lease.switches
    assert lease.owner == "worker-1"
    assert table.take(lease, "worker-1")
    assert [row.switches for row in table.all().values()] == [before]
    assert table.take(lease, "worker-2")
    assert [row.switches for row in table.all().values()] == [before + 1]


def test_the_lease_table_has_kcls_columns() -> None:
    sim = fresh(account="200000000002", shards=1)
    app = KclApplication(sim, "faturamento", STREAM, Ledger())
    app.add_worker()
    put(sim, Ledger(), 3)
    sim.advance(seconds=10)
    [row] = sim.client("dynamodb").scan(TableName="faturamento")["Items"]
    assert set(row) == {
        "leaseKey",
        "leaseOwner",
        "leaseCounter",
        "checkpoint",
        "checkpointSubSequenceNumber",
        "ownerSwitchesSinceCheckpoint",
        "startingHashKey",
        "endingHashKey",
    }
    assert row["leaseOwner"] == {"S": "worker-1"}
    assert row["endingHashKey"] == {"S": str(HASH_SPACE - 1)}
    assert row["checkpoint"]["S"].isdecimal()


def test_a_proper_shutdown_hands_leases_over_at_once() -> None:
    sim = fresh(account="200000000003")
    app = KclApplication(sim, "faturamento", STREAM, Ledger())
    first = app.add_worker()
    sim.advance(seconds=5)
    first.shut_down()
    second = app.add_worker()
    assert len(second.shards) == 2


def test_kcl_skips_a_batch_that_raises_unless_told_to_keep_it() -> None:
    for account, keep in (("200000000004", False), ("200000000005", True)):
        sim, ledger = fresh(account=account, shards=1), Ledger()
        ledger.poison = {0}
        app = KclApplication(sim, "faturamento", STREAM, ledger, keep_failed=keep)
        app.add_worker()
        put(sim, ledger, 5)
        sim.advance(seconds=30)
        ledger.poison.clear()
        put(sim, ledger, 5)
        sim.advance(seconds=30)
        assert (ledger.seen == ledger.put) is keep
        assert app.reading.errors[0] == "ValueError: cannot read ride 0"
        assert sim.streams[STREAM].shards[0].log.end == 10
