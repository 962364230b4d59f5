"""boto3 clients without a network: ours, boto3 with canned answers, and moto."""

from __future__ import annotations

from benchmarks.contestants import MAKERS, Remote
from benchmarks.report import Table, goal
from benchmarks.rounds import interleave, ratio
from benchmarks.workload import BATCH, READ

SECONDS = 0.4
_CALLS = {
    # operation: its title, records a call, most times boto3's cost, least times moto's speed
    "put_records": ("PutRecords, 500 × 1 KiB", BATCH, 1.25, 3.0),
    "put_record": ("PutRecord, 1 KiB", 1, 1.25, 4.0),
    "get_records": ("GetRecords, 1,000 × 1 KiB", READ, None, 20.0),
}


def run(rounds: int) -> None:
    """Measure and print."""
    contestants = {name: Remote(name) for name in MAKERS}
    try:
        for operation in _CALLS:
            _compare(operation, contestants, rounds)
    finally:
        for contestant in contestants.values():
            contestant.close()


def _compare(operation: str, contestants: dict[str, Remote], rounds: int) -> None:
    title, size, most, least = _CALLS[operation]
    turns = {
        name: (lambda remote=remote: remote.turn(operation, SECONDS))
        for name, remote in contestants.items()
    }
    costs = interleave(title, turns, rounds)
    head = ["client in process", "µs/call", "records/s", "cost over boto3's", "speed over moto's"]
    table = Table(f"{title} a call", head)
    for name, cost in costs.items():
        table.add(
            {"ours": "**ours**", "boto3": "boto3, canned answer", "moto": "moto mock_aws"}[name],
            cost.map(lambda s: s * 1e6).text(),
            f"{size / cost.median:,.0f}",
            ratio(cost, costs["boto3"]).text(".2f"),
            ratio(costs["moto"], cost).text(".1f"),
        )
    over_boto3 = ratio(costs["ours"], costs["boto3"]).median
    over_moto = ratio(costs["moto"], costs["ours"]).median
    if most is not None:
        table.remarks.append(f"Goal: cost over boto3's {goal(over_boto3, at_most=most)}.")
    table.remarks.append(f"Goal: speed over moto's {goal(over_moto, at_least=least)}.")
    table.show()
