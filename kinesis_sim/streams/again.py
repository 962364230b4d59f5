"""What the calls that are made most often do, without their answers: for replays.

Each of ``AGAIN`` leaves the catalogue and the event log as the operation of its name does, and
raises what that raises (see ``Service.again``).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.instants import MINUTE, SECOND
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.events import EmptyReads, RecordsRead
from kinesis_sim.streams.operations.records import store_many, store_one, take


def _put_record(kinesis: StreamCatalog, request: Request) -> None:
    store_one(kinesis, request)


def _put_records(kinesis: StreamCatalog, request: Request) -> None:
    store_many(kinesis, request)


def _get_records(kinesis: StreamCatalog, request: Request) -> None:
    take(kinesis, request, bare=True)


def read_nothing(kinesis: StreamCatalog, now: int, rows: list[Any]) -> None:
    """What reads at the tip of shards do, a stretch of them up to ``now`` (epoch ms) at once.

    rows: stream, shard and how many ms before ``now`` each read was, in order; first come those
    that read first.
    """
    minutes: dict[int, list[tuple[str, int, int, int]]] = {}
    for name, index, before in rows:
        shard, instants = kinesis.streams[name].shards[index], [now - ms for ms in before]
        shard.log.trim(kinesis.streams[name].horizon(instants[-1]))
        if shard.reads is not None:
            shard.reads.found_nothing([at for at in instants if at > now - SECOND])
        for minute, of_minute in groupby(instants, key=lambda at: at // MINUTE):
            first, *others = of_minute
            minutes.setdefault(minute, []).append((name, index, first, 1 + len(others)))
    for _, found in sorted(minutes.items()):
        for name, index, at, times in found:
            read = RecordsRead(at=at, stream=name, shard=index, records=0, bytes=0, behind=0, age=0)
            said = EmptyReads(at=at, stream=name, shard=index, calls=times)
            kinesis.events.count(read, times, said)


AGAIN: dict[str, Callable[[StreamCatalog, Request], None]] = {
    "PutRecord": _put_record,
    "PutRecords": _put_records,
    "GetRecords": _get_records,
}
