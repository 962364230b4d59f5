"""What people believe of the KCL (facts/data-streams §10; the rest: ``test_misconceptions``).

The workers are this package's own model of the KCL; Amazon's own run in ``tests/clients/test_jvm``.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.workloads.readers.kcl import KclApplication

STREAM = "pedala-rides"
ACCOUNTS = count(320_000_000_000)
"""Every simulator has an account of its own: moto keeps one DynamoDB per account."""


class Seen:
    """A handler that keeps the numbers it was handed, and when."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.numbers: list[int] = []
        self.last = 0

    def __call__(self, shard: str, records: list[dict[str, Any]]) -> None:
        self.numbers += [int(record["Data"]) for record in records]
        self.last = self.sim.clock.now


def begun(shards: int, limits: str = "on") -> tuple[Simulator, Seen]:
    account = f"{next(ACCOUNTS):012d}"
    sim = Simulator(latency=None, delays="instant", account=account, limits=limits)
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=shards)
    return sim, Seen(sim)


def put(sim: Simulator, numbers: range, every_ms: int = 0) -> None:
    for number in numbers:
        sim.streams[STREAM].put([(b"%d" % number, f"bike-{number}", None)], sim.clock.now)
        sim.advance(milliseconds=every_ms)


# --- 21 -------------------------------------------------------------------------------------------


def expired(*, limits: str, starved: bool) -> tuple[int, int]:
    """Iterators that expired, and reads that Kinesis refused, when the lease table's capacity is
    used up for six minutes, or not."""
    sim, seen = begun(2, limits)
    application = KclApplication(sim, "invoices", STREAM, seen)
    application.add_worker()
    put(sim, range(60), every_ms=500)
    application.table.writes = 0 if starved else None
    put(sim, range(60, 780), every_ms=500)
    application.table.writes = None
    sim.advance(minutes=1)
    assert sorted(seen.numbers) == list(range(780))
    assert (application.table.throttled > 0) is starved
    return application.reading.expired_iterators, application.reading.throttled


def test_row_21_an_expired_iterator_under_the_kcl_is_often_the_lease_tables_capacity() -> None:
    """A checkpoint that DynamoDB refuses holds the next read back, until its iterator is too old.

    The model shows this way to the symptom; Amazon's KCL has others (calls that hang, a lease that
    is lost meanwhile). moto has no capacity, so the lease table counts its own.
    """
    assert expired(limits="on", starved=True) == (2, 0)  # one a shard; Kinesis refused nothing
    assert expired(limits="off", starved=True) == (2, 0)  # Kinesis' limits raised: no help
    assert expired(limits="on", starved=False) == (0, 0)  # the table's capacity raised: cured


# --- 46 -------------------------------------------------------------------------------------------


def test_row_46_the_kcl_needs_dynamodb() -> None:
    """Leases and checkpoints are rows of a table. (The metrics that Amazon's KCL sends to
    CloudWatch are not modelled here; ``test_jvm`` has them.)"""
    sim, seen = begun(2)
    dynamodb = sim.client("dynamodb")
    assert dynamodb.list_tables()["TableNames"] == []
    application = KclApplication(sim, "invoices", STREAM, seen)
    worker = application.add_worker()
    put(sim, range(20))
    sim.advance(seconds=10)
    assert dynamodb.list_tables()["TableNames"] == ["invoices"]
    rows = dynamodb.scan(TableName="invoices")["Items"]
    kept = {row["leaseKey"]["S"]: row["checkpoint"]["S"] for row in rows}
    shards = sim.streams[STREAM].shards
    assert kept == {shard.id: shard.number(shard.log.end - 1, sim_time(shard)) for shard in shards}
    application.table.writes = 0  # DynamoDB answers no write any more
    worker.crash()
    other = application.add_worker()
    sim.advance(minutes=1)
    assert other.shards == []


def sim_time(shard: Any) -> int:
    """When a shard's last record arrived."""
    return int(shard.log.time_at(shard.log.end - 1))


# --- 47 -------------------------------------------------------------------------------------------


def test_row_47_more_workers_than_shards_are_idle() -> None:
    took = {}
    for workers in (2, 5):
        sim, seen = begun(2)
        put(sim, range(200))
        application = KclApplication(sim, "invoices", STREAM, seen, work_ms=100)
        for _ in range(workers):
            application.add_worker()
        before = sim.clock.now
        sim.advance(minutes=2)
        owners = application.owners()
        assert len(owners) == 2  # one owner a shard, never two
        idle = [worker for worker in application.workers.values() if not worker.shards]
        assert len(idle) == workers - 2
        assert set(seen.numbers) == set(range(200))
        took[workers] = seen.last - before
    assert took[5] >= took[2]


# --- 48 -------------------------------------------------------------------------------------------


def test_row_48_two_applications_of_one_name_split_the_shards_between_them() -> None:
    sim, invoices = begun(4)
    alerts = Seen(sim)
    KclApplication(sim, "consumer", STREAM, invoices).add_worker("invoices-1")
    KclApplication(sim, "consumer", STREAM, alerts).add_worker("alerts-1")
    sim.advance(minutes=1)
    put(sim, range(100))
    sim.advance(seconds=30)
    assert 0 < len(invoices.numbers) < 100
    assert sorted(invoices.numbers + alerts.numbers) == list(range(100))
    named = Seen(sim)
    KclApplication(sim, "alerts", STREAM, named).add_worker()
    sim.advance(seconds=30)
    assert sorted(named.numbers) == list(range(100))
