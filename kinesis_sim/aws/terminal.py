"""``tail`` and ``put``: a stream at a terminal, through whatever endpoint AWS clients would use."""

from __future__ import annotations

import argparse
import json
import re
import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kinesis_sim.clock import Clock
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import to_datetime

DEFAULT_ENDPOINT = "http://127.0.0.1:4567"
POLL_MS = 1_000
MOST_PER_CALL = 500
TRIES = 8
_HIDDEN = re.compile("[\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What JSON lets stand, and a terminal obeys or does not show."""


def client(endpoint_url: str) -> Any:
    """A boto3 client of an endpoint; credentials and Region are made up where none are set."""
    import boto3

    session = boto3.Session()
    region = session.region_name or "us-east-1"
    if session.get_credentials() is None:
        keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
        return session.client("kinesis", region_name=region, endpoint_url=endpoint_url, **keys)
    return session.client("kinesis", region_name=region, endpoint_url=endpoint_url)


def put(kinesis: Any, stream: str, lines: Iterable[str], key: str | None) -> int:
    """Put each line as a record, sending refused ones again; returns how many were stored.

    key: the partition key, None to take each line's own text. Raises UsageError when records are
    still refused after several tries.
    """
    stored = 0
    for batch in _batches(lines):
        entries = [{"Data": line.encode(), "PartitionKey": key or line[:256]} for line in batch]
        _put_all(kinesis, stream, entries)
        stored += len(entries)
    return stored


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for line in lines:
        text = line.rstrip("\n")
        if text:
            batch.append(text)
        if len(batch) == MOST_PER_CALL:
            yield batch
            batch = []
    if batch:
        yield batch


def _put_all(kinesis: Any, stream: str, entries: list[dict[str, Any]]) -> None:
    clock = Clock.wall()
    for attempt in range(TRIES):
        answer = kinesis.put_records(StreamName=stream, Records=entries)
        pairs = list(zip(entries, answer["Records"], strict=True))
        failed = [(entry, row) for entry, row in pairs if "ErrorCode" in row]
        if not failed:
            return
        entries = [entry for entry, _ in failed]
        clock.rest(100 * 2**attempt)
    raise UsageError(f"{len(entries)} records are still refused: {failed[0][1]['ErrorMessage']}")


def tail(kinesis: Any, stream: str, *, from_start: bool, follow: bool) -> Iterator[str]:
    """A stream's records as lines of JSON, shard after shard; every second again with follow."""
    kind = "TRIM_HORIZON" if from_start else "LATEST"
    iterators: dict[str, str | None] = {}
    for page in kinesis.get_paginator("list_shards").paginate(StreamName=stream):
        for shard in page["Shards"]:
            iterators[shard["ShardId"]] = _iterator(kinesis, stream, shard["ShardId"], kind)
    clock = Clock.wall()
    while any(iterators.values()):
        seen = len(iterators)
        for shard, iterator in list(iterators.items()):
            if iterator is not None:
                yield from _page(kinesis, stream, iterators, shard, iterator)
        if not follow and seen == len(iterators):
            return
        if follow:
            clock.rest(POLL_MS)


def _iterator(kinesis: Any, stream: str, shard: str, kind: str) -> str:
    answer = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType=kind)
    return str(answer["ShardIterator"])


def _page(
    kinesis: Any, stream: str, iterators: dict[str, str | None], shard: str, iterator: str
) -> Iterator[str]:
    """Everything of one shard up to now; children of a shard that ended join the rest."""
    at: str | None = iterator
    while at is not None:
        answer = kinesis.get_records(ShardIterator=at)
        for record in answer["Records"]:
            yield _line(shard, record)
        at = answer.get("NextShardIterator")
        for child in answer.get("ChildShards", []):
            name = child["ShardId"]
            iterators.setdefault(name, _iterator(kinesis, stream, name, "TRIM_HORIZON"))
        if answer["MillisBehindLatest"] == 0:
            break
    iterators[shard] = at


def _line(shard: str, record: dict[str, Any]) -> str:
    data: bytes = record["Data"]
    try:
        shown = {"data": data.decode()}
    except UnicodeDecodeError:
        shown = {"base64": b64encode(data).decode()}
    at = record["ApproximateArrivalTimestamp"]
    row = {
        "at": to_datetime(round(at.timestamp() * 1000)).isoformat(timespec="milliseconds"),
        "shard": shard,
        "sequenceNumber": record["SequenceNumber"],
        "partitionKey": record.get("PartitionKey"),
        **shown,
    }
    told = json.dumps(row, ensure_ascii=False)
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", told)


@contextmanager
def _plainly(endpoint_url: str) -> Iterator[None]:
    """Say what AWS refused, or that nobody answers, in one sentence; an interrupt just ends."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise UsageError(str(error)) from None
    except BotoCoreError as error:
        raise UsageError(
            f"{endpoint_url} does not answer as Kinesis does: {error} Start a server with "
            "python -m kinesis_sim serve, or name another with --endpoint-url."
        ) from None
    except KeyboardInterrupt:
        sys.stderr.write("\n")


def run_tail(arguments: argparse.Namespace) -> int:
    """The ``tail`` command."""
    with _plainly(arguments.endpoint_url):
        lines = tail(
            client(arguments.endpoint_url),
            arguments.stream,
            from_start=not arguments.latest,
            follow=arguments.follow,
        )
        for line in lines:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return 0


def run_put(arguments: argparse.Namespace) -> int:
    """The ``put`` command."""
    with _plainly(arguments.endpoint_url):
        stored = put(client(arguments.endpoint_url), arguments.stream, sys.stdin, arguments.key)
        sys.stderr.write(f"{stored} records stored in {arguments.stream}.\n")
    return 0
