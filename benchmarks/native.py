"""The domain alone, without any client: ``stream.put``, ``reading.read``, and what it keeps.

Costs are processor time, so that others on the machine hardly matter.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from time import process_time

from benchmarks import workload
from benchmarks.report import Table, goal
from benchmarks.rounds import Spread, interleave
from kinesis_sim import Simulator
from kinesis_sim.streams.reading import read
from kinesis_sim.streams.stream import Entry, Stream

SHARD_RECORDS = 1_000_000
READ = 10_000
KEPT = 200_000
"""Records whose memory is measured."""


def run(rounds: int) -> None:
    """Measure and print."""
    _writing(rounds)
    _reading(rounds)
    _memory()


def stream(shards: int | None = 1, limits: str = "off") -> Stream:
    """An ACTIVE stream of a new simulator. limits: "on" or "off", the write limits of shards;
    shards: None for on-demand, which has four and a ceiling over them."""
    sim = Simulator(delays="instant", latency=None, limits=limits)
    mode = {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    size = mode if shards is None else {"ShardCount": shards}
    sim.client("kinesis").create_stream(StreamName="s", **size)
    return sim.streams["s"]


def entries(count: int, size: int, keys: int) -> list[Entry]:
    return [(r["Data"], r["PartitionKey"], None) for r in workload.batch(size, count, keys)]


def _writing(rounds: int) -> None:
    calls = 200

    def turn(keys: int, target: Stream, per_call: int) -> float:
        records, now = entries(per_call, 100, keys), target.created_at
        start = process_time()
        for call in range(1, calls + 1):
            placed = target.put(records, now + call * 1000)
        cost = process_time() - start
        assert placed[-1][1] is not None, "a benchmark of refusals says nothing"
        return cost / calls / per_call

    cases: dict[str, Callable[[], float]] = {
        "500 a call, 100 keys": lambda: turn(100, stream(4), 500),
        "500 a call, 100 keys, limits on": lambda: turn(100, stream(4, "on"), 500),
        "500 a call, one key": lambda: turn(1, stream(4), 500),
        "one a call": lambda: turn(1, stream(4), 1),
    }
    costs = interleave("stream.put of 100-byte records", cases, rounds)
    table = Table("Native: stream.put of 100-byte records, 4 shards", ["case", "records/s"])
    for name, cost in costs.items():
        table.add(name, _rate(cost).text())
    slower = min(_rate(cost).median for name, cost in costs.items() if name != "one a call")
    table.remarks.append(f"Goal: records/s, 500 a call {goal(slower, at_least=400_000)}.")
    table.show()


def _reading(rounds: int) -> None:
    target = stream()
    records, now = entries(500, 100, 100), target.created_at
    for call in range(SHARD_RECORDS // 500):
        target.put(records, now + call)
    [shard] = target.shards
    end = now + SHARD_RECORDS // 500

    def turn(position: int) -> float:
        start = process_time()
        batch = read(target, shard, position, READ, end)
        cost = process_time() - start
        assert len(batch.records) == READ
        return cost

    cases: dict[str, Callable[[], float]] = {
        "at the start": lambda: turn(0),
        "in the middle": lambda: turn(SHARD_RECORDS // 2),
        "at the end": lambda: turn(SHARD_RECORDS - READ),
    }
    costs = interleave("read of 10,000 records", cases, max(rounds, 20))
    table = Table(
        f"Native: read of {READ:,} records from a shard of {SHARD_RECORDS:,}", ["place", "ms"]
    )
    for name, cost in costs.items():
        table.add(name, cost.map(lambda s: s * 1e3).text(".2f"))
    slowest = max(cost.median for cost in costs.values()) * 1e3
    table.remarks.append(f"Goal: ms {goal(slowest, at_most=15)}.")
    table.show()


def _rate(cost: Spread) -> Spread:
    return cost.map(lambda s: 1 / s)


# --- memory ---------------------------------------------------------------------------------------


def _memory() -> None:
    head = ["records", "bytes of data and key", "bytes kept", "over the payload"]
    table = Table(f"Native: memory of {KEPT:,} retained records of 1 KiB", head)
    shared = 0
    for name, keys in (("10,000 keys in turn", 10_000), ("every key its own", KEPT)):
        kept = _measured(keys)
        payload = workload.KIB + len("user-000000000000")
        shared = shared or kept - payload
        table.add(name, f"{payload:,}", f"{kept:,}", f"{kept - payload:+,}")
    table.remarks.append(f"Goal: bytes over the payload, keys in turn {goal(shared, at_most=120)}.")
    table.show()


def _measured(keys: int) -> int:
    """In a process of its own: how much its memory grows per record."""
    command = [sys.executable, "-m", "benchmarks.native", str(keys)]
    return int(subprocess.check_output(command, env=workload.environment(), text=True))


def _grow(keys: int) -> int:
    from benchmarks.processes import resident

    target = stream(4)
    names = [f"user-{i:012}" for i in range(keys)] if keys < KEPT else None
    before = resident()
    for first in range(0, KEPT, 500):
        fresh = workload.distinct(first)
        target.put(
            [
                (r["Data"], names[(first + i) % keys] if names else r["PartitionKey"], None)
                for i, r in enumerate(fresh)
            ],
            target.created_at + first,
        )
    return round((resident() - before) / KEPT)


if __name__ == "__main__":
    print(_grow(int(sys.argv[1])))
