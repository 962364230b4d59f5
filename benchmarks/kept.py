"""What a data folder costs a call: a server without one, with one, not waiting for the disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks import http
from benchmarks.peers import Launch, Peer
from benchmarks.report import Table
from benchmarks.rounds import Turn, interleave, ratio
from benchmarks.servers import Server

NOTHING = "nothing kept"
_CASES = {
    "PutRecord, one caller": ("put_record", http._bare),
    "PutRecords of 500 × 1 KiB, one caller": ("put_records", http._bare),
    f"PutRecord, {http.CLIENTS} callers (they share the wait)": ("put_record", http._crowd),
}


def run(rounds: int, found: list[Peer]) -> None:
    """Measure and print."""
    [ours] = [peer for peer in found if peer.name == "ours"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ways = {
            NOTHING: [],
            "--data --no-fsync": ["--data", str(folder / "lazy"), "--no-fsync"],
            "--data": ["--data", str(folder / "safe")],
        }
        servers = [stack.enter_context(Server(_peer(ours, *each))) for each in ways.items()]
        for server in servers:
            http._prepare(server)
        table = Table("A data folder: ms a call", ["call", *ways, "--data over nothing kept"])
        for title, (operation, measure) in _CASES.items():
            turns = {each.name: _turn(measure, operation, each) for each in servers}
            costs = interleave(title, turns, rounds)
            cells = [cost.map(lambda s: s * 1e3).text(".2f") for cost in costs.values()]
            table.add(title, *cells, ratio(costs["--data"], costs[NOTHING]).text(".2f"))
    table.remarks.append("The wait is the disk's: the figure is as good as the disk.")
    table.show()


def _turn(measure: Callable[[str, Server], float], operation: str, server: Server) -> Turn:
    return lambda: measure(operation, server)


def _peer(ours: Peer, name: str, options: list[str]) -> Peer:
    def launch(port: int) -> Launch:
        made = ours.launch(port)
        return Launch([*made.command, *options], made.environment, made.folder)

    return Peer(name, launch)
