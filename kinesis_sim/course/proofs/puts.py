"""Proofs about puts: what a call takes, what a producer does when one is refused or unanswered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.account.aggregation import UserRecord, aggregate, user_records
from kinesis_sim.course.proofs.bench import (
    KEY,
    STREAM,
    came_true,
    iterator,
    put,
    refusal,
    stream,
    takes,
)
from kinesis_sim.units import KIB, MIB
from kinesis_sim.workloads.readers.read import read

PAUSES: dict[str, Callable[[int], int | None]] = {
    "backoff": lambda attempt: 500 * 2**attempt,
    "hammer": lambda attempt: 100,
    "once": lambda attempt: None if attempt else 500,
    "none": lambda attempt: None,
}


def which_retry() -> tuple[str, ...]:
    """K12: three seconds of 2,000 records each, then calm; each way's losses and refusals."""
    outcomes = {way: _burst(pause) for way, pause in PAUSES.items()}
    whole = [way for way, (lost, _) in outcomes.items() if lost == 0]
    return (min(whole, key=lambda way: outcomes[way][1]),)


def _burst(pause: Callable[[int], int | None]) -> tuple[int, int]:
    """Groups of 250 records that are lost, and refusals: a second's load is eight groups."""
    sim, kinesis = stream()
    due = [(second * 1_000 + group * 125, 0) for second in range(3) for group in range(8)]
    begin, lost, refused = sim.clock.now, 0, 0
    while due:
        due.sort()
        at, attempt = due.pop(0)
        sim.run_until(max(sim.clock.now, begin + at))
        entries = [{"PartitionKey": KEY, "Data": b"x"}] * 250
        if not kinesis.put_records(StreamName=STREAM, Records=entries)["FailedRecordCount"]:
            continue
        refused += 1
        wait = pause(attempt)
        lost += wait is None
        if wait is not None:
            due.append((sim.clock.now - begin + wait, attempt + 1))
    return lost, refused


def one_call() -> tuple[str, ...]:
    """K14: each load as one PutRecords call, on a stream with room for it."""
    loads = {"five": (500, KIB), "thousand": (1_000, 100), "eleven": (11, 1_000 * KIB)}
    taken = {load: _taken(*size) for load, size in loads.items()}
    return came_true({**taken, "two": _taken(1, 2 * MIB)})


def _taken(count: int, size: int) -> bool:
    _, kinesis = stream(30)
    entries = [{"PartitionKey": f"key-{n}", "Data": bytes(size)} for n in range(count)]
    return not refusal(kinesis.put_records, StreamName=STREAM, Records=entries)


def http_200() -> tuple[str, ...]:
    """K13: a hundred records of which a full shard refuses some; what tells of it."""
    sim, kinesis = stream()
    entries = [{"PartitionKey": f"key-{n}", "Data": bytes(20_000)} for n in range(100)]
    answer = kinesis.put_records(StreamName=STREAM, Records=entries)
    missing = 100 - len(read(sim, STREAM))
    about = answer["ResponseMetadata"]
    assert missing
    assert about["HTTPStatusCode"] == 200
    return came_true(
        {
            "count": answer["FailedRecordCount"] == missing,
            "retries": about["RetryAttempts"] > 0,
            "retention": sim.streams[STREAM].settings.retention_hours < 1,
        }
    )


def lost_answer() -> tuple[str, ...]:
    """K32: the same request twice."""
    sim, kinesis = stream()
    first, second = put(kinesis, b"ride", b"ride")
    stored = [row["SequenceNumber"] for row in read(sim, STREAM)]
    return came_true(
        {
            "two": stored == [first, second] and first != second,
            "one": takes(kinesis, "PutRecord", "ClientToken"),
            "newer": stored == [second],
            "none": not stored,
        }
    )


def aggregated() -> tuple[str, ...]:
    """K33: a hundred user records in one of the stream; what makes a reader see a hundred again."""
    _, kinesis = stream()
    users = [UserRecord(f"key-{n}", b"click %d" % n) for n in range(100)]
    put(kinesis, aggregate(users))
    [row] = kinesis.get_records(ShardIterator=iterator(kinesis))["Records"]
    [one] = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=1)["Records"]
    return came_true(
        {
            "deaggregate": [user.data for user in deaggregated(row)] == [u.data for u in users],
            "kms": row.get("EncryptionType") == "KMS",
            "limit": one["Data"] != row["Data"],
            "base64": row["Data"].isascii(),
        }
    )


def deaggregated(row: dict[str, Any]) -> list[UserRecord]:
    """The user records in a record of the stream, as the KCL opens it."""
    return user_records(row["Data"]) or []


def key_counts() -> tuple[str, ...]:
    """K15: 1 MiB of data under a key, a little less, and as much as base64 would leave."""
    outcomes = {}
    for size in (MIB, MIB - len(KEY), MIB * 3 // 4 + 1):
        sim, kinesis = stream()
        record = {"StreamName": STREAM, "PartitionKey": KEY, "Data": bytes(size)}
        outcomes[size] = refusal(kinesis.put_record, **record), len(read(sim, STREAM))
    code, stored = outcomes[MIB]
    return came_true(
        {
            "refuses": code == "ValidationException" and outcomes[MIB - len(KEY)] == ("", 1),
            "takes": not code and stored == 1,
            "splits": not code and stored == 2,
            "base": bool(outcomes[MIB * 3 // 4 + 1][0]),
        }
    )
