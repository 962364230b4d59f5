"""Rows for Flink to read: a file of JSON lines in the order of their arrival.

One file per stream, whatever its shards: of two files Flink reads one to its end first, and takes
the whole other one for late.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import UsageError
from kinesis_sim.instants import to_datetime
from kinesis_sim.plain_file import reading, writing

if TYPE_CHECKING:
    from datetime import datetime

    from botocore.client import BaseClient

Row = Mapping[str, Any]


def from_stream(kinesis: BaseClient, stream: str) -> list[dict[str, Any]]:
    """Every record of a stream, oldest first over all shards, as the rows of a feed.

    kinesis: a boto3 client. Beside its own fields each row has what the Kinesis connector offers
    as metadata: ``timestamp``, ``sequence-number`` and ``shard-id``. Raises UsageError for a record
    that is no JSON object, naming it.
    """
    found = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        name = shard["ShardId"]
        found += [(record, name) for record in _records(kinesis, stream, name)]
    found.sort(key=lambda pair: (_epoch_ms(pair[0]), int(pair[0]["SequenceNumber"])))
    return [_row(record, shard) for record, shard in found]


def _records(kinesis: BaseClient, stream: str, shard: str) -> Iterable[dict[str, Any]]:
    iterator = kinesis.get_shard_iterator(
        StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    while iterator:
        answer = kinesis.get_records(ShardIterator=iterator, Limit=10_000)
        yield from answer["Records"]
        behind = answer.get("MillisBehindLatest", 0)
        iterator = answer.get("NextShardIterator") if behind or answer["Records"] else None


def _epoch_ms(record: Mapping[str, Any]) -> int:
    at: float = record["ApproximateArrivalTimestamp"].timestamp()
    return round(at * 1_000)


def _row(record: Mapping[str, Any], shard: str) -> dict[str, Any]:
    try:
        told = json.loads(record["Data"])
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise UsageError(
            f"Record {record['SequenceNumber']} of {shard} is no JSON object, so it is no row: "
            "put JSON, or give the rows with --feed."
        )
    at = to_datetime(_epoch_ms(record))
    more = {"timestamp": _said(at), "sequence-number": record["SequenceNumber"], "shard-id": shard}
    return {**more, **told}


def by_table(feed: Iterable[Any]) -> dict[str, list[dict[str, Any]]]:
    """Rows as the simulator is fed with them, by table, with what the connector says of each.

    feed: (table, row) pairs, or ``FedRow`` with its instant of arrival and its shard, in order.
    Raises UsageError for what is neither.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for one in feed:
        if not isinstance(one, tuple) or len(one) < 2 or not isinstance(one[1], Mapping):
            raise UsageError(
                f"{one!r} is no row of a feed: give rows by table, {{'clicks': rows}}, or "
                "(table, row) pairs."
            )
        table, row, at, shard = (*one, None, "")[:4] if len(one) < 4 else one[:4]
        more: dict[str, Any] = {"shard-id": shard} if shard else {}
        if at is not None:
            more["timestamp"] = _said(to_datetime(at))
        found.setdefault(table, []).append({**more, **row})
    return found


def _said(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond // 1_000:03d}Z"


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines. Raises UsageError, with the line, for one that is none."""
    try:
        with reading(path) as file:
            lines = file.read().decode().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise UsageError(f"The feed {path} cannot be read: {why}.") from None
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise UsageError(f"{path}, line {number}: a feed has one JSON object on each line.")
        found.append(row)
    return found


def write(path: Path, rows: Iterable[Row], columns: Mapping[str, str]) -> int:
    """Write a feed; returns how many rows. columns: those filled from another field of the row."""
    count = 0
    with TextIOWrapper(writing(path), encoding="utf-8") as file:
        for row in rows:
            more = {name: row[source] for name, source in columns.items() if source in row}
            file.write(json.dumps({**row, **more}, ensure_ascii=False, default=str) + "\n")
            count += 1
    return count
