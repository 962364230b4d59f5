"""How long one waits: for the import, for the first answer in process, for a server."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

from benchmarks import workload
from benchmarks.peers import Peer
from benchmarks.report import Table, goal
from benchmarks.rounds import Spread, Turn, interleave
from benchmarks.servers import Server

_OURS = "from kinesis_sim import Simulator; Simulator().client('kinesis').list_streams()"
_CANNED = """
import boto3
from botocore.awsrequest import AWSResponse
client = boto3.client("kinesis", region_name="us-east-1")
answer = AWSResponse("https://kinesis.example/", 200, {}, None), {"StreamNames": []}
client.meta.events.register("before-call.kinesis", lambda **_: answer)
client.list_streams()
"""
_MOTO = """
import boto3
from moto import mock_aws
with mock_aws():
    boto3.client("kinesis", region_name="us-east-1").list_streams()
"""


def run(rounds: int, found: list[Peer]) -> None:
    """Measure and print."""
    _imports(max(rounds, 15))
    _first_answers(rounds)
    _servers(rounds, found)


def _interpreter(code: str) -> Turn:
    def turn() -> float:
        start = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, env=workload.environment())
        return perf_counter() - start

    return turn


def _imports(rounds: int) -> None:
    cases = {"python -c pass": "pass", "import kinesis_sim": "import kinesis_sim"}
    turns = {name: _interpreter(code) for name, code in cases.items()}
    costs = interleave("import", turns, rounds)
    over = _over(costs["import kinesis_sim"], costs["python -c pass"])
    table = Table("Start: new interpreter, import, exit", ["case", "ms"])
    for name, cost in costs.items():
        table.add(name, _ms(cost).text())
    table.remarks.append(f"Goal: ms for the import alone {goal(over, at_most=60)} ({over:.0f}).")
    table.show()


def _first_answers(rounds: int) -> None:
    cases = {"ours": _OURS, "boto3, canned answer": _CANNED, "moto mock_aws": _MOTO}
    turns = {name: _interpreter(code) for name, code in cases.items()}
    costs = interleave("first answer in process", turns, rounds)
    over = _over(costs["ours"], costs["boto3, canned answer"])
    table = Table("Start: new interpreter to the first answered ListStreams", ["client", "ms"])
    for name, cost in costs.items():
        table.add(name, _ms(cost).text())
    table.remarks.append(f"Goal: ms over boto3's {goal(over, at_most=200)} ({over:+.0f}).")
    table.show()


def _servers(rounds: int, found: list[Peer]) -> None:
    def turn(peer: Peer) -> Turn:
        def ready() -> float:
            with Server(peer) as server:
                return server.ready_after

        return ready

    costs = interleave("server start", {peer.name: turn(peer) for peer in found}, rounds)
    table = Table("Start: server process to its first answered ListStreams", ["server", "ms"])
    for name, cost in costs.items():
        table.add(name, _ms(cost).text())
    ours = _ms(costs["ours"]).median
    table.remarks.append(f"Goal: our ms {goal(ours, at_most=1000)}.")
    table.show()


def _ms(cost: Spread) -> Spread:
    return cost.map(lambda s: s * 1e3)


def _over(mine: Spread, other: Spread) -> float:
    pairs = zip(mine.values, other.values, strict=True)
    return Spread(tuple((a - b) * 1e3 for a, b in pairs)).median
