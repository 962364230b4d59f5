"""Streaming SQL: rows a second of processor time, and as a ratio to a plain loop beside it.

The loop makes a tuple and looks a key up for each row: what no engine in Python can do without. A
ratio says the same on a busy machine; rows a second hold for an idle one.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from random import Random
from time import process_time

from benchmarks.report import Table, goal
from benchmarks.rounds import Spread, interleave, ratio
from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.forest.choice import Forests
from kinesis_sim.analytics.operators.operator import Budget

ROWS = 100_000
KEYS = 17
START = 1_767_225_600_000
TABLE = """CREATE TABLE ticks (ticker STRING, price DOUBLE, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND);"""
COMPILED = "100 trees of 256, krcf"
CASES = {
    "filter": ("SELECT ticker, price FROM ticks WHERE price > 95 AND ticker <> 'T3'", 400_000),
    "tumbling, per key": (
        """SELECT ticker, window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE ticks,
           DESCRIPTOR(ts), INTERVAL '60' SECOND)) GROUP BY ticker, window_start, window_end""",
        250_000,
    ),
    "sliding RANGE, per key": (
        """SELECT ticker, AVG(price) OVER (PARTITION BY ticker ORDER BY ts RANGE BETWEEN
           INTERVAL '10' SECOND PRECEDING AND CURRENT ROW) AS mean FROM ticks""",
        120_000,
    ),
    "state of 100,000 keys": (
        "SELECT ts, COUNT(*) AS n FROM ticks GROUP BY ts",
        None,
    ),
}


def feed() -> list[tuple[str, float, int]]:
    draw = Random(7)
    return [
        (f"T{draw.randrange(KEYS)}", draw.uniform(0, 100), START + 10 * at) for at in range(ROWS)
    ]


def run(rounds: int) -> None:
    """Measure and print."""
    rows = feed()
    turns: dict[str, Callable[[], float]] = {"plain loop": lambda: _plain(rows)}
    for name, (query, _) in CASES.items():
        turns[name] = lambda query=query: _query(query, rows)  # type: ignore[misc]
    costs = interleave("streaming SQL", turns, rounds)
    table = Table(
        f"Streaming SQL over {ROWS:,} rows", ["query", "rows/s", "times the plain loop's cost"]
    )
    for name, cost in costs.items():
        rate = cost.map(lambda s: 1 / s)
        table.add(name, rate.text(), ratio(cost, costs["plain loop"]).text(".1f"))
        wanted = CASES.get(name, ("", None))[1]
        if wanted is not None:
            said = goal(rate.median, at_least=wanted)
            table.remarks.append(f"Goal: rows/s, {name} {said}.")
    table.show()
    _forest(rounds)


def _plain(rows: list[tuple[str, float, int]]) -> float:
    start, found = process_time(), dict[str, int]()
    for ticker, price, ts in rows:
        made = (ticker, price, ts)
        found[made[0]] = found.get(made[0], 0) + 1
    return (process_time() - start) / len(rows)


def _query(query: str, rows: list[tuple[str, float, int]]) -> float:
    session = FlinkSession(budget=Budget())
    session.execute(TABLE + query)
    job = session.job()
    put, start = job.put, process_time()
    for row in rows:
        put("ticks", row)
    job.finish()
    cost = process_time() - start
    assert len(session.answers[0]), "a query without rows says nothing"
    return cost / len(rows)


def _forest(rounds: int) -> None:
    draw = Random(7)
    points = [(draw.uniform(60, 100),) for _ in range(10_000)]
    few = points[:1_000]

    def turn(trees: int, sample: int, kind: str = "python") -> float:
        settings = {"trees": trees, "sample": sample, "decay": 100_000, "shingle": 1}
        forest = Forests(0, kind).of("one", **settings)
        fed = few if kind == "python" else points
        start = process_time()
        for point in fed:
            forest.put(point)
        return (process_time() - start) / len(fed)

    cases: dict[str, Callable[[], float]] = {
        "100 trees of 256": lambda: turn(100, 256),
        "20 trees of 128": lambda: turn(20, 128),
    }
    if find_spec("krcf") is not None:
        cases[COMPILED] = lambda: turn(100, 256, "krcf")
    costs: dict[str, Spread] = interleave("random cut forest", cases, min(rounds, 3))
    table = Table("Random cut forest", ["forest", "rows/s"])
    for name, cost in costs.items():
        rate = cost.map(lambda s: 1 / s)
        table.add(name, rate.text())
        if name == COMPILED:
            table.remarks.append(f"Goal: rows/s, {name} {goal(rate.median, at_least=8_000)}.")
    table.show()
