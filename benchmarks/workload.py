"""What everybody is given to do: the same records, streams and calls for us and for every peer."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

REGION = "us-east-1"
PUT_STREAM, PUT_SHARDS = "put", 4
READ_STREAM, READ_SHARD = "read", "shardId-000000000000"
BATCH = 500
"""Records of one PutRecords, the most the API takes."""
READ = 1_000
"""Records of one GetRecords."""
READABLE = 2_000
"""Records in the shard that is read: twice what one call takes, as in a shard with a backlog."""
KIB = 1_024


def environment() -> dict[str, str]:
    """The environment of every process measured: no AWS settings of the machine's, no proxies."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return mine | {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example-secret-key",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def batch(size: int = KIB, count: int = BATCH, keys: int = 100) -> list[dict[str, Any]]:
    """Records of one call: ``size`` bytes each, under ``keys`` partition keys in turn."""
    payload = random.Random(0).randbytes(size)
    return [{"Data": payload, "PartitionKey": f"user-{i % keys:05}"} for i in range(count)]


def distinct(first: int, count: int = BATCH, size: int = KIB) -> list[dict[str, Any]]:
    """Records that share nothing: neither their bytes nor their keys. first: where to go on."""
    chance = random.Random(first)
    return [
        {"Data": chance.randbytes(size), "PartitionKey": f"user-{i:012}"}
        for i in range(first, first + count)
    ]


def prepare(client: Any) -> None:
    """Create the two streams; how long that takes is the service's affair."""
    client.create_stream(StreamName=PUT_STREAM, ShardCount=PUT_SHARDS)
    client.create_stream(StreamName=READ_STREAM, ShardCount=1)


def fill(client: Any, pause: Callable[[], object] = lambda: None) -> None:
    """Put what is going to be read. pause: called before each call, for services with limits."""
    for _ in range(READABLE // BATCH):
        pause()
        answer = client.put_records(StreamName=READ_STREAM, Records=batch())
        assert not answer["FailedRecordCount"], "the stream to read could not be filled"


def iterator(client: Any) -> str:
    """An iterator at the start of the shard to read."""
    answer = client.get_shard_iterator(
        StreamName=READ_STREAM, ShardId=READ_SHARD, ShardIteratorType="TRIM_HORIZON"
    )
    token: str = answer["ShardIterator"]
    return token
