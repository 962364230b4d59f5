"""Read a stream from a place on to the present, as a small consumer would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kinesis_sim.signatures import typed

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


@typed
def read(
    sim: Simulator,
    stream: str,
    *,
    start: str | datetime = "TRIM_HORIZON",
    shards: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """The records of ``stream`` from ``start`` up to now, as GetRecords gives them.

    start: TRIM_HORIZON, LATEST, or a time, from which on records are read (AT_TIMESTAMP). shards:
    ids of the shards to read, one after the other; all that ListShards names, parents first, unless
    given. Raises what boto3 raises.
    """
    kinesis = sim.client("kinesis")
    if shards is None:
        shards = [shard["ShardId"] for shard in kinesis.list_shards(StreamName=stream)["Shards"]]
    where = {"ShardIteratorType": start} if isinstance(start, str) else _at(start)
    found: list[dict[str, Any]] = []
    for shard in shards:
        answer = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, **where)
        for page in _pages(kinesis, answer["ShardIterator"]):
            found += page
    return found


def _at(start: datetime) -> dict[str, Any]:
    return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": start}


def _pages(kinesis: Any, iterator: str | None) -> Iterator[list[dict[str, Any]]]:
    """Pages up to the present, or to the end of a closed shard."""
    while iterator is not None:
        answer = kinesis.get_records(ShardIterator=iterator)
        yield answer["Records"]
        iterator = answer.get("NextShardIterator") if answer["MillisBehindLatest"] else None
