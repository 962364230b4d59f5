"""What many tests of Data Streams do: provoke a refusal, open an iterator, read to the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
STREAM_ARN = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream"
HASH_SPACE = 1 << 128
TOP = HASH_SPACE - 1


@dataclass
class Refusal:
    """What a call was refused with; filled when the ``with`` block ends."""

    message: str = ""
    status: int = 0


@contextmanager
def refused(code: str, message: str | None = None) -> Iterator[Refusal]:
    """The block's call must end with this error code, and this message if one is given."""
    refusal = Refusal()
    with pytest.raises(ClientError) as caught:
        yield refusal
    answer = caught.value.response
    refusal.message = answer["Error"]["Message"]
    refusal.status = answer["ResponseMetadata"]["HTTPStatusCode"]
    assert answer["Error"]["Code"] == code
    if message is not None:
        assert refusal.message == message


def shard(index: int) -> str:
    """The id of a shard."""
    return f"shardId-{index:012d}"


def create(kinesis: Any, name: str = "s", shards: int = 1, **options: Any) -> str:
    """Create a stream; returns its ARN."""
    if "StreamModeDetails" not in options:
        options["ShardCount"] = shards
    kinesis.create_stream(StreamName=name, **options)
    return f"{STREAM_ARN}/{name}"


def put(kinesis: Any, data: str, key: str = "k", name: str = "s", **options: Any) -> Any:
    """Put one record; returns the answer."""
    return kinesis.put_record(StreamName=name, PartitionKey=key, Data=data.encode(), **options)


def iterator(
    kinesis: Any, kind: str = "TRIM_HORIZON", index: int = 0, name: str = "s", **options: Any
) -> str:
    """A fresh shard iterator."""
    answer = kinesis.get_shard_iterator(
        StreamName=name, ShardId=shard(index), ShardIteratorType=kind, **options
    )
    return str(answer["ShardIterator"])


def read(kinesis: Any, kind: str = "TRIM_HORIZON", index: int = 0, **options: Any) -> list[str]:
    """The data of one GetRecords call from a fresh iterator."""
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, kind, index, **options))
    return [record["Data"].decode() for record in answer["Records"]]


def shards(kinesis: Any, name: str = "s", **filters: Any) -> list[dict[str, Any]]:
    """ListShards, with a ShardFilter if one is given."""
    options = {"ShardFilter": filters} if filters else {}
    return list(kinesis.list_shards(StreamName=name, **options)["Shards"])


def indices(kinesis: Any, name: str = "s", **filters: Any) -> list[int]:
    """The indices of the shards that ListShards gives."""
    return [int(row["ShardId"][-12:]) for row in shards(kinesis, name, **filters)]


def status(kinesis: Any, name: str = "s") -> str:
    """The stream's status."""
    answer = kinesis.describe_stream_summary(StreamName=name)
    return str(answer["StreamDescriptionSummary"]["StreamStatus"])


def split(kinesis: Any, index: int, at: int, name: str = "s") -> None:
    """SplitShard."""
    kinesis.split_shard(StreamName=name, ShardToSplit=shard(index), NewStartingHashKey=str(at))


def merge(kinesis: Any, low: int, high: int, name: str = "s") -> None:
    """MergeShards."""
    kinesis.merge_shards(StreamName=name, ShardToMerge=shard(low), AdjacentShardToMerge=shard(high))


def scale(kinesis: Any, target: int, name: str = "s") -> dict[str, Any]:
    """UpdateShardCount."""
    answer: dict[str, Any] = kinesis.update_shard_count(
        StreamName=name, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
    )
    return answer
