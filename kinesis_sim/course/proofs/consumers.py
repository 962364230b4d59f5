"""Proofs about consumers: what readers share, leases and checkpoints, Lambda's mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.subscriber import Subscriber
from kinesis_sim.workloads.scenes.ages import Ages
from kinesis_sim.workloads.scenes.charging import PAYMENTS, POISON, Blocked
from kinesis_sim.workloads.scenes.drip import Drip

STREAM = "pedala-rides"
_ACCOUNTS: Iterator[int] = count(410_000_000_000)
"""moto keeps one DynamoDB per account, and a lease table is to be found empty."""


def _stream(shards: int = 1) -> Simulator:
    sim = Simulator(account=str(next(_ACCOUNTS)), latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=shards)
    return sim


def five_readers() -> tuple[str, ...]:
    """R01: five readers of a full shard; which change lets each keep up."""
    changes: dict[str, tuple[int, Callable[[Simulator, Ages, int], Any]]] = {
        "retention": (168, lambda sim, ages, _: Poller(sim, STREAM, ages, start="LATEST")),
        "often": (24, lambda sim, ages, _: Poller(sim, STREAM, ages, start="LATEST", every_ms=200)),
        "limit": (24, lambda sim, ages, _: Poller(sim, STREAM, ages, start="LATEST", limit=1_000)),
        "efo": (24, lambda sim, ages, n: Subscriber(sim, STREAM, ages, name=f"r-{n}")),
    }
    return tuple(option for option, change in changes.items() if _keep_up(*change))


def _keep_up(hours: int, make: Callable[[Simulator, Ages, int], Any]) -> bool:
    """Whether five such readers get every record of a minute within two seconds."""
    sim = _stream()
    if hours > 24:
        request = {"StreamName": STREAM, "RetentionPeriodHours": hours}
        sim.gate.call("kinesis", "IncreaseStreamRetentionPeriod", request)
    readers = [Ages(sim) for _ in range(5)]
    for number, ages in enumerate(readers):
        make(sim, ages, number).start()
    drip = Drip(sim, STREAM, 50, size=52_000)
    sim.advance(minutes=1)
    drip.stop()
    sim.advance(seconds=2)
    return all(len(ages.seen) == drip.sent and ages.oldest <= 2_000 for ages in readers)


def idle_workers() -> int:
    """R05: five KCL workers, three shards; how many hold no lease."""
    sim = _stream(shards=3)
    application = KclApplication(sim, "trips", STREAM, Ages(sim))
    workers = [application.add_worker() for _ in range(5)]
    sim.advance(minutes=3)
    return sum(not worker.shards for worker in workers)


def after_a_crash() -> tuple[str, ...]:
    """R06: a worker crashes between two checkpoints; what its successor does."""
    sim = _stream()
    ages = Ages(sim)
    application = KclApplication(sim, "trips", STREAM, ages, checkpoint_every=10)
    first = application.add_worker()
    drip = Drip(sim, STREAM, 100)
    sim.advance(seconds=53)
    first.crash()
    application.add_worker()
    drip.stop()
    sim.advance(minutes=1)
    lost = drip.sent - len(set(ages.seen))
    began_anew = ages.seen.count(ages.seen[0]) > 1
    happened = {
        "checkpoint": lost == 0 and ages.repeated > 0 and not began_anew,
        "trim-horizon": began_anew,
        "latest": lost > 0,
        "once": lost == 0 and ages.repeated == 0,
    }
    return tuple(option for option, true in happened.items() if true)


def poison() -> tuple[str, ...]:
    """R10: one bad record of 300; which settings charge every good one and tell of the bad."""
    blocked = Blocked().queue_arn
    destination = {"OnFailure": {"Destination": blocked}}
    settings: dict[str, dict[str, Any]] = {
        "retries": {"MaximumRetryAttempts": 0, "DestinationConfig": destination},
        "bisect": {"BisectBatchOnFunctionError": True, "DestinationConfig": destination},
        "age": {"MaximumRecordAgeInSeconds": 60, "BisectBatchOnFunctionError": True},
        "all": {
            "MaximumRetryAttempts": 2,
            "BisectBatchOnFunctionError": True,
            "DestinationConfig": destination,
        },
    }
    return tuple(option for option, members in settings.items() if _isolated(members))


def _isolated(members: dict[str, Any]) -> bool:
    trial = Blocked()
    client = trial.sim.client("lambda")
    client.update_event_source_mapping(UUID=trial.uuid, **members)
    trial.sim.advance(minutes=30)
    good = set(range(PAYMENTS)) - {POISON}
    return good == trial.billing.charged.keys() and len(trial.failures()) == 1


def oldest_for_two() -> int:
    """K03: two pollers take turns on a shard as fast as it answers: how old a record may get."""
    sim = _stream()
    Drip(sim, STREAM, 10)
    readers = [Ages(sim) for _ in range(2)]
    for ages in readers:
        poller = Poller(sim, STREAM, ages, start="LATEST", every_ms=400).start()
        sim.advance(milliseconds=200)
    sim.advance(minutes=1)
    assert poller.reading.throttled == 0
    return max(ages.oldest for ages in readers)
