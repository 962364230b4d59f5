"""Pipelines: what limits cost a put, and how much time is simulated in a second, at both levels.

Seconds here are the processor's: pipelines run on one core and wait for nothing.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from time import process_time

from benchmarks import workload
from benchmarks.native import entries, stream
from benchmarks.report import Table, goal
from benchmarks.rounds import Spread, interleave, ratio
from kinesis_sim.streams.stream import Stream
from kinesis_sim.workloads.pipeline.consumers import FanOut, KclFleet, LambdaFunction, Polling
from kinesis_sim.workloads.pipeline.pipeline import ConsumerPlan, Pipeline
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import FreshKeys, hot_key
from kinesis_sim.workloads.producers.kpl import Kpl
from kinesis_sim.workloads.producers.load import Load
from kinesis_sim.workloads.producers.shapes import Daily

CALLS = 200
"""PutRecords of a turn, a simulated second apart."""


def run(rounds: int) -> None:
    """Measure and print."""
    _limits(rounds)
    _records(min(rounds, 5))
    _consumers(min(rounds, 5))
    _flows(min(rounds, 5))


def _limits(rounds: int) -> None:
    def turn(target: Stream, keys: int) -> float:
        records, now = entries(500, 100, keys), target.created_at
        start = process_time()
        for call in range(1, CALLS + 1):
            target.put(records, now + call * 1_000)
        return (process_time() - start) / CALLS / 500

    cases: dict[str, Callable[[], float]] = {
        f"{keys} keys, limits {limits}": lambda keys=keys, limits=limits: turn(  # type: ignore[misc]
            stream(4, limits), keys
        )
        for keys in (100, 1)
        for limits in ("off", "on")
    }
    on_demand = "100 keys, limits on, on-demand"
    cases[on_demand] = lambda: turn(stream(None, "on"), 100)
    costs = interleave("stream.put, limits on and off", cases, rounds)
    table = Table("Limits: stream.put of 500 × 100 bytes, 4 shards", ["case", "records/s"])
    for name, cost in costs.items():
        table.add(name, cost.map(lambda s: 1 / s).text())
    pairs = {"100 keys": "100 keys, limits on", "one key": "1 keys, limits on"}
    for name, limited in (pairs | {"100 keys, on-demand": on_demand}).items():
        free = "1 keys, limits off" if name == "one key" else "100 keys, limits off"
        share = (1 - 1 / ratio(costs[limited], costs[free]).median) * 100
        told = f"Limits take {share:.0f} % of the throughput with {name}."
        table.remarks.append(f"{told} Goal: {goal(share, at_most=30)}.")
    table.show()


def _records(rounds: int) -> None:
    plans = {
        "batcher, 10 shards × 1,000/s in all": (_batching(1_000, 10), 2),
        "batcher, 10 shards × 9,000/s in all": (_batching(9_000, 10), 1),
        "hot key, retries": (_batching(2_000, 4, retries=10), 1),
        "KPL, 10 shards × 9,000/s in all": (
            Pipeline(producers=[Kpl(Load(9_000, FreshKeys()))], shards=10),
            1,
        ),
    }
    cases: dict[str, Callable[[], float]] = {
        name: lambda plan=plan, minutes=minutes: (
            _seconds(  # type: ignore[misc]
                lambda: plan.run(minutes=minutes)
            )
            / minutes
        )
        for name, (plan, minutes) in plans.items()
    }
    table = Table("Pipelines, record level", ["plan", "records/s", "simulated hours a second"])
    rates = {"hot key, retries": 2_000}
    for name, cost in interleave("record level", cases, rounds).items():
        rate = rates.get(name, 1_000 if "× 1,000" in name else 9_000)
        per_second = cost.map(lambda s, rate=rate: rate * 60 / s)  # type: ignore[misc]
        table.add(name, per_second.text(), _hours(cost.map(lambda s: s * 60)))
        if name.startswith("batcher"):
            table.remarks.append(f"Goal: records/s {goal(per_second.median, at_least=100_000)}.")
    table.show()


MIXES: dict[str, tuple[ConsumerPlan, ...]] = {
    "none": (),
    "three pollers": tuple(Polling(name=f"poller-{number}") for number in range(3)),
    "two pollers, fan-out": (Polling(name="a"), Polling(name="b"), FanOut()),
    "poller, fan-out, Lambda": (Polling(), FanOut(), LambdaFunction(batch_size=1_000)),
    "poller, fan-out, KCL of 2 workers": (Polling(), FanOut(), KclFleet(workers=2)),
}
"""Consumers of an hour of 10 shards and 1,000 records/s."""


def _consumers(rounds: int) -> None:
    """Each turn in a process of its own, so that its memory is its own too."""
    head = ["consumers", "seconds", "MB at most"]
    table = Table("Pipelines with consumers: an hour of 10 shards × 1,000 records/s in all", head)
    largest: dict[str, int] = {}
    cases: dict[str, Callable[[], float]] = {
        name: lambda name=name: _hour(name, largest)  # type: ignore[misc]
        for name in MIXES
    }
    for name, cost in interleave("consumers", cases, rounds, warm_up=False).items():
        table.add(name, cost.text(".1f"), f"{largest[name]:,}")
        if name != "none":
            table.remarks.append(f"Goal: seconds, {name} {goal(cost.median, at_most=20)}.")
    table.remarks.append(f"Goal: MB {goal(max(largest.values()), at_most=1_000)}.")
    table.show()


def _hour(name: str, largest: dict[str, int]) -> float:
    command = [sys.executable, "-m", "benchmarks.workloads", name]
    told = subprocess.check_output(command, env=workload.environment(), text=True).split()
    largest[name] = max(largest.get(name, 0), int(told[1]))
    return float(told[0])


def _play(name: str) -> str:
    """Seconds of processor time and the largest resident memory (MB) of one hour."""
    plan = Pipeline(producers=[Batcher(Load(1_000))], shards=10, consumers=MIXES[name])
    seconds = _seconds(lambda: plan.run(hours=1))
    return f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000}"


def _batching(rate: float, shards: int, retries: int = 3) -> Pipeline:
    keys = hot_key(0.6) if retries == 10 else FreshKeys()
    return Pipeline(producers=[Batcher(Load(rate, keys), retries=retries)], shards=shards)


def _flows(rounds: int) -> None:
    plans = {
        "1,000 shards, calm": Pipeline(
            producers=[Batcher(Load(Daily(900_000), FreshKeys()))], shards=1_000
        ),
        "1,000 shards, rush hours above them": Pipeline(
            producers=[Batcher(Load(Daily(1_050_000), FreshKeys()))], shards=1_000
        ),
        "4 shards, a hot key all day": _batching(2_000, 4, retries=10),
    }
    cases: dict[str, Callable[[], float]] = {
        name: lambda plan=plan: _seconds(lambda: plan.flow(days=7))  # type: ignore[misc]
        for name, plan in plans.items()
    }
    head = ["7 days at 10 s", "seconds", "simulated hours a second"]
    table = Table("Pipelines, flow level", head)
    for name, cost in interleave("flow level", cases, rounds, warm_up=False).items():
        table.add(name, cost.text(".1f"), _hours(cost.map(lambda s: s / 168)))
        table.remarks.append(f"Goal: seconds, {name} {goal(cost.median, at_most=10)}.")
    table.show()


def _hours(seconds_an_hour: Spread) -> str:
    return seconds_an_hour.map(lambda s: 1 / s).text(",.3g")


def _seconds(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


if __name__ == "__main__":
    print(_play(sys.argv[1]))
