"""Servers over HTTP/1.1: with boto3, whose own work weighs on all alike, and with a bare socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import perf_counter, sleep
from typing import Any

from benchmarks import workload
from benchmarks.peers import Peer
from benchmarks.report import Table, goal
from benchmarks.rounds import Spread, Turn, interleave, ratio
from benchmarks.servers import Server
from benchmarks.wire import Wire, client, signed
from benchmarks.workload import BATCH, READ

SECONDS = 0.8
CLIENTS = 8
_TOO_SLOW_FOR_CROWDS = ("kinesis-mock",)
"""It takes seconds for each of the clients' calls, and minutes for a turn."""
_TITLES = {
    "put_records": ("PutRecords, 500 × 1 KiB", BATCH),
    "put_record": ("PutRecord, 1 KiB", 1),
    "get_records": ("GetRecords, 1,000 × 1 KiB", READ),
}


def run(rounds: int, found: list[Peer]) -> None:
    """Measure and print."""
    with ExitStack() as stack:
        servers = [stack.enter_context(Server(peer)) for peer in found]
        for server in servers:
            _prepare(server)
        for operation in _TITLES:
            _compare(f"{_TITLES[operation][0]}, boto3", operation, servers, _with_boto3, rounds)
            _compare(f"{_TITLES[operation][0]}, bare socket", operation, servers, _bare, rounds)
        title = f"PutRecords, 500 × 1 KiB, {CLIENTS} bare sockets at once"
        quick = [server for server in servers if server.name not in _TOO_SLOW_FOR_CROWDS]
        _compare(title, "put_records", quick, _crowd, rounds)


def _prepare(server: Server) -> None:
    boto3 = client(server.port)
    workload.prepare(boto3)
    for name in (workload.PUT_STREAM, workload.READ_STREAM):
        while boto3.describe_stream(StreamName=name)["StreamDescription"]["StreamStatus"] != (
            "ACTIVE"
        ):
            sleep(0.02)
    workload.fill(boto3)


def _params(operation: str, server: Server) -> dict[str, Any]:
    if operation == "get_records":
        token = workload.iterator(client(server.port))
        return {"ShardIterator": token, "Limit": READ}
    if operation == "put_records":
        return {"StreamName": workload.PUT_STREAM, "Records": workload.batch()}
    return {"StreamName": workload.PUT_STREAM, **workload.batch(count=1)[0]}


def _with_boto3(operation: str, server: Server) -> float:
    call = getattr(client(server.port), operation)
    params = _params(operation, server)
    _checked(call(**params))
    return _timed(lambda: call(**params))


def _bare(operation: str, server: Server) -> float:
    request, wire = signed(server.port, operation, **_params(operation, server)), Wire(server.port)
    try:
        status, body = wire.exchange(request)
        assert status == 200, body
        _checked(json.loads(body))
        return _timed(lambda: wire.exchange(request))
    finally:
        wire.close()


def _crowd(operation: str, server: Server) -> float:
    with ThreadPoolExecutor(CLIENTS) as pool:
        costs = pool.map(lambda _: _bare(operation, server), range(CLIENTS))
    return 1 / sum(1 / cost for cost in costs)


def _timed(call: Callable[[], object]) -> float:
    """Seconds per call, over about SECONDS; the caller has warmed up."""
    calls, start = 0, perf_counter()
    while not calls or perf_counter() - start < SECONDS:
        call()
        calls += 1
    return (perf_counter() - start) / calls


def _checked(answer: dict[str, Any]) -> None:
    assert not answer.get("FailedRecordCount"), "a benchmark of refusals says nothing"
    assert len(answer.get("Records", ())) in (0, BATCH, READ), "not all records came"


def _compare(
    title: str,
    operation: str,
    servers: list[Server],
    measure: Callable[[str, Server], float],
    rounds: int,
) -> None:
    def turn(server: Server) -> Turn:
        return lambda: measure(operation, server)

    costs = interleave(title, {server.name: turn(server) for server in servers}, rounds)
    size = _TITLES[operation][1]
    table = Table(f"HTTP: {title}", ["server", "ms/call", "records/s", "our speed over its"])
    for name, cost in costs.items():
        ours = ratio(cost, costs["ours"])
        table.add(f"**{name}**" if name == "ours" else name, *_cells(cost, size), ours.text(".2f"))
    if operation == "put_record":
        table.show()
        return
    rivals = {name: cost for name, cost in costs.items() if name != "ours"}
    nearest = min(ratio(cost, costs["ours"]).median for cost in rivals.values())
    table.remarks.append(f"Goal: our speed over the fastest peer's {goal(nearest, at_least=1)}.")
    table.show()


def _cells(cost: Spread, size: int) -> tuple[str, str]:
    return cost.map(lambda s: s * 1e3).text(".2f"), f"{size / cost.median:,.0f}"
