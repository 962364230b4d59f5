"""Which shards a request is about, before anything is done: what a fault of one shard asks."""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.account.hashing import hash_key
from kinesis_sim.errors import ServiceError
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.shard import shard_id
from kinesis_sim.streams.stream import Stream


def shards_meant(kinesis: StreamCatalog, operation: str, request: Request) -> list[str]:
    """A shard's id for each record of a put, or the one that a read is about.

    None for a request that will be refused, or whose records the service spreads itself.
    """
    try:
        return _shards(kinesis, operation, request)
    except (ServiceError, ValueError, IndexError):
        return []


def _shards(kinesis: StreamCatalog, operation: str, request: Request) -> list[str]:
    if operation == "GetRecords":
        place = kinesis.iterators.place(request["ShardIterator"], kinesis.clock.now)
        return [shard_id(place.shard)]
    if operation in ("PutRecord", "PutRecords"):
        stream = kinesis.find(request.get("StreamName"), request.get("StreamARN"))
        return [_place(stream, each) for each in request.get("Records", [request])]
    return [request["ShardId"]] if "ShardId" in request else []


def _place(stream: Stream, record: Request) -> str:
    key, explicit = record.get("PartitionKey"), record.get("ExplicitHashKey")
    if explicit is not None:
        return stream.shard_for(int(explicit)).id
    return "" if key is None else stream.shard_for(hash_key(key)).id
