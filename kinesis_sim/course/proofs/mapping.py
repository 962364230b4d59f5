"""Proofs about Lambda's event source mapping: how batches are made, told apart and tried again."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.proofs.bench import STREAM, came_true, stream
from kinesis_sim.workloads.scenes.charging import Charging
from kinesis_sim.workloads.scenes.drip import Drip

FUNCTION = "billing"


def _mapped(sim: Simulator, handler: Any, *, duration_ms: int = 10, **settings: Any) -> Any:
    """A mapping of the stream to a function."""
    sim.functions.register(FUNCTION, handler, duration_ms=duration_ms)
    return sim.mappings.create(
        EventSourceArn=sim.streams[STREAM].arn,
        FunctionName=FUNCTION,
        StartingPosition="TRIM_HORIZON",
        **settings,
    )


class Handed:
    """A handler that keeps what each call brought: (key, number) pairs, and when."""

    def __init__(self, sim: Simulator) -> None:
        self.calls: list[list[tuple[str, int]]] = []
        self._sim = sim

    def __call__(self, event: dict[str, Any]) -> None:
        """Take a batch."""
        self.calls.append(
            [
                (row["kinesis"]["partitionKey"], int(b64decode(row["kinesis"]["data"])))
                for row in event["Records"]
            ]
        )

    @property
    def rows(self) -> list[tuple[str, int]]:
        """Every record, in the order in which they came."""
        return [row for call in self.calls for row in call]


def factor_order() -> tuple[str, ...]:
    """R09: a thousand records of twenty keys on two shards, ten batches of a shard at once."""
    sim, _ = stream(2)
    seen = Handed(sim)
    _mapped(sim, seen, duration_ms=1_000, ParallelizationFactor=10, BatchSize=10)
    keys = [f"bike-{number % 20:02d}" for number in range(1_000)]
    records = [(b"%d" % number, key, None) for number, key in enumerate(keys)]
    sim.streams[STREAM].put(records, sim.clock.now)
    sim.advance(minutes=5)
    rows = seen.rows
    assert len(rows) == 1_000
    own = [[number for name, number in rows if name == key] for key in set(keys)]
    by_key = all(found == sorted(found) for found in own)
    shard_of = {key: sim.streams[STREAM].shard_for(_hash(key)).id for key in set(keys)}
    by_shard = [
        [number for key, number in rows if shard_of[key] == shard]
        for shard in set(shard_of.values())
    ]
    return came_true(
        {
            "key": by_key and not all(found == sorted(found) for found in by_shard),
            "shard": all(found == sorted(found) for found in by_shard),
            "lost": not by_key,
            "stream": [number for _, number in rows] == list(range(1_000)),
        }
    )


def _hash(key: str) -> int:
    from kinesis_sim.account.hashing import hash_key

    return hash_key(key)


def first_of_three() -> tuple[str, ...]:
    """R12: a record a second, and how many a call has."""
    sim, _ = stream()
    handler = Charging()
    _mapped(sim, handler, BatchSize=100, MaximumBatchingWindowInSeconds=20)
    Drip(sim, STREAM, every_ms=1_000)
    sim.advance(minutes=5)
    calls = handler.invocations[1:]
    typical = sorted(calls)[len(calls) // 2]
    about = {"twenty": 20, "hundred": 100, "one": 1, "payload": 6_000}
    return came_true({name: abs(typical - count) <= 2 for name, count in about.items()})


def two_shards() -> tuple[str, ...]:
    """R13: windows of thirty seconds over two shards, a payment a second."""
    sim, _ = stream(2)
    handler = Charging()
    _mapped(sim, handler, TumblingWindowInSeconds=30)
    Drip(sim, STREAM, every_ms=1_000)
    sim.advance(minutes=2, seconds=2)
    windows = handler.windows
    assert sum(windows) >= 85
    return came_true(
        {
            "part": all(count < 28 for count in windows) and len(windows) > 4,
            "all": any(count >= 28 for count in windows),
            "batch": all(count <= 1 for count in windows),
            "first": not windows,
        }
    )


def filter_where() -> tuple[str, ...]:
    """R14: a thousand records, a call for each that comes; how many calls each change leaves."""
    pattern = {"Filters": [{"Pattern": '{"partitionKey": ["bike-0003"]}'}]}
    calls = {
        "criteria": _calls(FilterCriteria=pattern, BatchSize=1),
        "return": _calls(BatchSize=1),
        "memory": _calls(BatchSize=1),
        "batch": _calls(BatchSize=1),
    }
    return came_true({way: count < calls["return"] / 10 for way, count in calls.items()})


def _calls(**settings: Any) -> int:
    sim, _ = stream()
    mapping = _mapped(sim, Charging(), **settings)
    Drip(sim, STREAM, every_ms=500)
    sim.advance(minutes=2)
    return int(mapping.counts.invocations)


def falls_behind() -> tuple[str, ...]:
    """R16: 300 records a second for a minute, a second per batch; who is done soon after it."""
    ways: dict[str, tuple[int, dict[str, Any]]] = {
        "factor": (1, {"ParallelizationFactor": 5}),
        "shards": (4, {}),
        "retention": (1, {}),
        "window": (1, {"MaximumBatchingWindowInSeconds": 60}),
        "reserved": (1, {}),
    }
    return came_true({way: _keeps_up(*setting) for way, setting in ways.items()})


def _keeps_up(shards: int, settings: dict[str, Any]) -> bool:
    sim, kinesis = stream(shards)
    if shards == 1 and not settings:
        kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=168)
    seen = Handed(sim)
    _mapped(sim, seen, duration_ms=1_000, BatchSize=100, **settings)
    for second in range(60):
        records = [(b"%d" % n, f"bike-{n:03d}", None) for n in range(300)]
        sim.streams[STREAM].put(records, sim.clock.now)
        sim.advance(seconds=1)
        assert second >= 0
    sim.advance(seconds=10)
    return len(seen.rows) == 60 * 300


def stuck_shard() -> tuple[str, ...]:
    """R10: the default settings, one record that fails, six hours; what has been handled."""
    sim, _ = stream()
    seen = Handed(sim)

    def fails(event: dict[str, Any]) -> None:
        seen(event)
        if any(number == 3 for _, number in seen.calls[-1]):
            raise ValueError("unreadable")

    mapping = _mapped(sim, fails, BatchSize=1)
    sim.streams[STREAM].put([(b"%d" % n, "bike", None) for n in range(10)], sim.clock.now)
    sim.advance(hours=6)
    handled = {number for _, number in seen.rows}
    before = len(seen.calls)
    sim.advance(hours=20)
    after = {number for _, number in seen.rows}
    assert len(seen.calls) > before or after != handled
    assert mapping.counts.invocations >= before
    return came_true({"wait": handled == {0, 1, 2, 3}, "skip": handled == set(range(10))})
