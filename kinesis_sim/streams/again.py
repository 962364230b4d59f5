"""What the calls that are made most often do, without their answers: for replays.

Each leaves the catalogue and the event log as the operation of its name does, and raises what that
raises (see ``Service.again``).
"""

from __future__ import annotations

from collections.abc import Callable

from kinesis_sim.account.calls import Request
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.operations.records import store_many, store_one, take


def _put_record(kinesis: StreamCatalog, request: Request) -> None:
    store_one(kinesis, request)


def _put_records(kinesis: StreamCatalog, request: Request) -> None:
    store_many(kinesis, request)


def _get_records(kinesis: StreamCatalog, request: Request) -> None:
    take(kinesis, request, bare=True)


AGAIN: dict[str, Callable[[StreamCatalog, Request], None]] = {
    "PutRecord": _put_record,
    "PutRecords": _put_records,
    "GetRecords": _get_records,
}
