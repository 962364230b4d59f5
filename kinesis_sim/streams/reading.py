"""Reading a shard: from a position on, as much as fits, and how far behind that leaves the reader.

Source: facts/data-streams §3.3 and §4.1 (10 MiB or 10,000 records a call).
"""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_sim.account.quotas import TABLE
from kinesis_sim.instants import SECOND
from kinesis_sim.streams.answers import ChildRow, Record
from kinesis_sim.streams.shard import Shard
from kinesis_sim.streams.stream import Stream

LARGEST_READ_BYTES = int(TABLE["streams.read_call_bytes"].value)
LARGEST_READ_RECORDS = int(TABLE["streams.read_call_records"].value)


@dataclass(slots=True)
class ReadBatch:
    """What one read gave.

    records: rows with the API's member names, arrival times in epoch ms; count: how many were read.
    position: where to go on,
    None for an empty read at the end of a shard that takes no more records: the read that gives the
    last of them does not know yet (recorded 2026-09-19, radkawar/stackd, records). behind:
    MillisBehindLatest. bytes: data and keys. age: ms since the last record of the batch arrived, 0
    for an empty one.
    """

    records: list[Record]
    count: int
    position: int | None
    behind: int
    bytes: int
    age: int


def read(
    stream: Stream,
    shard: Shard,
    position: int,
    limit: int,
    now: int,
    most_bytes: int | None = None,
    *,
    most_data: int | None = None,
    bare: bool = False,
) -> ReadBatch:
    """Read up to ``limit`` records from ``position`` on; one at least. bare: without their rows.

    Up to ``most_bytes`` (10 MiB) of data and keys, or up to ``most_data`` bytes of data alone.

    A position before the trim horizon is moved to it (sources conflict on what AWS does,
    facts/data-streams §3.3).
    """
    log = shard.log
    log.trim(stream.horizon(now))
    start = max(position, log.first)
    stop = min(start + limit, log.end)
    data, keys, times = log.rows(start, stop)
    if most_data is None:
        size, kept = _fitting(data, keys, most_bytes or LARGEST_READ_BYTES, with_keys=True)
    else:
        size, kept = _fitting(data, keys, most_data, with_keys=False)
    if kept < len(data):
        data, keys, times = data[:kept], keys[:kept], times[:kept]
    records = _rows(shard, start, data, keys, times.tolist()) if kept and not bare else []
    after = max(start, start + kept)
    behind = _behind(shard, after, now)
    ended = shard.ended_at is not None and not kept and after >= log.end
    age = now - times[kept - 1] if kept else 0
    return ReadBatch(records, kept, None if ended else after, behind, size, age)


def _behind(shard: Shard, after: int, now: int) -> int:
    """MillisBehindLatest of a reader that goes on at ``after``, in whole seconds.

    The age of the last record it has, counted from second to second; 0 at the tip of a shard that
    takes records. At the end of one that does not, it goes on growing (all three recorded
    2026-09-19, radkawar/stackd, records). One second at least where something is unread (model's
    choice).
    """
    log = shard.log
    if after == log.first or (after >= log.end and shard.ended_at is None):
        return SECOND if after < log.end else 0
    age = (now // SECOND - log.time_at(after - 1) // SECOND) * SECOND
    return max(SECOND, age) if after < log.end else age


def _fitting(
    data: list[bytes], keys: list[bytes], most: int, *, with_keys: bool
) -> tuple[int, int]:
    """How many bytes (keys included) and records from the front fit one read; one record at least.

    with_keys: whether keys count against ``most``, too.
    """
    bytes_, of_keys = sum(map(len, data)), sum(map(len, keys))
    if bytes_ + of_keys * with_keys <= most:
        return bytes_ + of_keys, len(data)
    total = counted = 0
    for index, (payload, key) in enumerate(zip(data, keys, strict=True)):
        counted += len(payload) + len(key) * with_keys
        if index and counted > most:
            return total, index
        total += len(payload) + len(key)
    return total, len(data)


def _rows(
    shard: Shard, start: int, data: list[bytes], keys: list[bytes], times: list[int]
) -> list[Record]:
    rows: list[Record] = [
        {
            "SequenceNumber": number,
            "ApproximateArrivalTimestamp": at,
            "Data": payload,
            "PartitionKey": key,
        }
        for number, at, payload, key in zip(
            shard.numbers(start, times), times, data, map(bytes.decode, keys), strict=True
        )
    ]
    if len(shard.secrets) > 1 or shard.secrets[0][1]:
        _mark_encrypted(shard, start, rows)
    if b"" in keys:
        for row in rows:
            if not row["PartitionKey"]:
                del row["PartitionKey"]
    return rows


def _mark_encrypted(shard: Shard, start: int, rows: list[Record]) -> None:
    for position, row in enumerate(rows, start):
        if shard.encrypted(position):
            row["EncryptionType"] = "KMS"


def child_rows(stream: Stream, shard: Shard) -> list[ChildRow]:
    """ChildShards of a closed shard that was read to its end (botocore ChildShard)."""
    return [
        {
            "ShardId": child.id,
            "ParentShards": list(child.parents),
            "HashKeyRange": {
                "StartingHashKey": str(child.hashes.start),
                "EndingHashKey": str(child.hashes.end),
            },
        }
        for child in stream.children(shard)
    ]
