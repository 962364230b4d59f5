"""capo-kinesis, an SDK generated from Smithy's models on an HTTP stack of its own, does the job.

It shares no code with botocore, which boto3 and the AWS CLI stand on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from capo_kinesis import KinesisClient

from kinesis_sim.aws.server import Server
from tests.clients.job import JOB, Report, verify

CREDENTIALS = {"access_key": "any", "secret_key": "any"}


@pytest.fixture
def client(server: Server) -> Iterator[Any]:
    with KinesisClient(
        endpoint=server.endpoint_url, region="us-east-1", credentials=CREDENTIALS
    ) as client:
        yield client


def test_capo_does_the_job(client: Any) -> None:
    verify(_perform(client))


def _perform(client: Any) -> Report:
    client.create_stream(JOB.stream, shard_count=JOB.shards)
    acknowledged = _produce(client, 0)
    first, neighbour = _shards(client)
    hashes = first["hash_key_range"]
    low, high = int(hashes["starting_hash_key"]), int(hashes["ending_hash_key"])
    client.split_shard(first["shard_id"], str((low + high) // 2 + 1), stream_name=JOB.stream)
    acknowledged += _produce(client, 1)
    upper = _shards(client)[-1]
    client.merge_shards(upper["shard_id"], neighbour["shard_id"], stream_name=JOB.stream)
    acknowledged += _produce(client, 2)
    shards = [_read(client, shard) for shard in _shards(client)]
    return {"acknowledged": acknowledged, "shards": shards}


def _produce(client: Any, phase: int) -> list[list[str]]:
    acknowledged = []
    for call in JOB.calls(phase):
        records = [{"partition_key": key, "data": text.encode()} for key, text in call]
        answer = client.put_records(records, stream_name=JOB.stream)
        assert answer["failed_record_count"] == 0
        for (key, text), row in zip(call, answer["records"], strict=True):
            acknowledged.append([key, text, row["sequence_number"]])
    return acknowledged


def _shards(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.list_shards(stream_name=JOB.stream)["shards"]
    return found


def _read(client: Any, shard: dict[str, Any]) -> dict[str, Any]:
    token = client.get_shard_iterator(shard["shard_id"], "TRIM_HORIZON", stream_name=JOB.stream)[
        "shard_iterator"
    ]
    records: list[list[str]] = []
    while True:
        answer = client.get_records(token)
        for row in answer["records"]:
            records.append([row["partition_key"], row["data"].decode(), row["sequence_number"]])
        token = answer.get("next_shard_iterator")
        if token is None or not (answer["records"] or answer["millis_behind_latest"]):
            break
    names = ("parent_shard_id", "adjacent_parent_shard_id")
    return {
        "id": shard["shard_id"],
        "parents": [shard[name] for name in names if name in shard],
        "children": [child["shard_id"] for child in answer.get("child_shards", ())],
        "records": records,
    }
