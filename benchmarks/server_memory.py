"""What a server keeps per record: how its resident memory grows while records come in by HTTP."""

from __future__ import annotations

from benchmarks import workload
from benchmarks.peers import Peer
from benchmarks.report import Table, goal
from benchmarks.rounds import progress
from benchmarks.servers import Server
from benchmarks.wire import Wire, signed

OURS, THEIRS = 100_000, 10_000
"""Records put into our server, and into each peer's (some take minutes for more)."""
SINGLE = 20_000
"""Records put by PutRecord, one a call: the event log keeps an event for each."""
_WARM_UP = 5_000


def run(found: list[Peer]) -> None:
    """Measure and print. One run each: memory does not vary as time does."""
    head = ["server", "records", "payload", "growth per record", "over the payload"]
    table = Table("Server: resident memory per retained record of 1 KiB, every key its own", head)
    over = 0
    cases = [(peer, OURS if peer.name == "ours" else THEIRS, False) for peer in found]
    for peer, count, one_by_one in [*cases, (found[0], SINGLE, True)]:
        grown = _measured(peer, count, one_by_one=one_by_one)
        more = grown - _payload()
        over = over or more
        name = f"{peer.name}, one record a call" if one_by_one else peer.name
        table.add(name, f"{count:,}", f"{_payload():,}", f"{grown:,}", f"{more:+,}")
    table.remarks.append(f"Goal: our bytes over the payload {goal(over, at_most=400)}.")
    table.show()


def _payload() -> int:
    record = workload.distinct(0, count=1)[0]
    return len(record["Data"]) + len(record["PartitionKey"])


def _measured(peer: Peer, count: int, *, one_by_one: bool) -> int:
    with Server(peer) as server:
        wire = Wire(server.port)
        name = workload.PUT_STREAM
        wire.exchange(signed(server.port, "create_stream", StreamName=name, ShardCount=4))
        _put(server, wire, 0, _WARM_UP, one_by_one=False)
        before = server.resident
        _put(server, wire, _WARM_UP, count, one_by_one=one_by_one)
        return round((server.resident - before) / count)


def _put(server: Server, wire: Wire, first: int, count: int, *, one_by_one: bool) -> None:
    for start in range(first, first + count, workload.BATCH):
        progress(f"{server.name}: {start:,} of {first + count:,} records")
        records = workload.distinct(start)
        if one_by_one:
            for record in records:
                _send(server, wire, "put_record", record)
        else:
            _send(server, wire, "put_records", {"Records": records})
    progress("")


def _send(server: Server, wire: Wire, operation: str, params: dict[str, object]) -> None:
    request = signed(server.port, operation, StreamName=workload.PUT_STREAM, **params)
    status, body = wire.exchange(request)
    assert status == 200, body
