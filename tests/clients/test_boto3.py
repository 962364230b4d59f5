"""boto3 over HTTP does the job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from kinesis_sim.aws.server import Server
from tests.clients.job import JOB, Report, middle, parents, verify, verify_pushed


@pytest.fixture
def client(server: Server) -> Iterator[Any]:
    client = boto3.client("kinesis", endpoint_url=server.endpoint_url)
    yield client
    client.close()


def test_boto3_does_the_job(client: Any) -> None:
    report = _perform(client)
    verify(report)
    verify_pushed(report)


def _perform(client: Any) -> Report:
    client.create_stream(StreamName=JOB.stream, ShardCount=JOB.shards)
    client.get_waiter("stream_exists").wait(StreamName=JOB.stream)
    acknowledged = _produce(client, 0)
    first, neighbour = _shards(client)
    client.split_shard(
        StreamName=JOB.stream, ShardToSplit=first["ShardId"], NewStartingHashKey=middle(first)
    )
    acknowledged += _produce(client, 1)
    upper = _shards(client)[-1]
    client.merge_shards(
        StreamName=JOB.stream,
        ShardToMerge=upper["ShardId"],
        AdjacentShardToMerge=neighbour["ShardId"],
    )
    acknowledged += _produce(client, 2)
    shards = [_read(client, shard) for shard in _shards(client)]
    pushed, live = _subscribe(client, shards)
    return {"acknowledged": acknowledged, "shards": shards, "pushed": pushed, "live": live}


def _produce(client: Any, phase: int) -> list[list[str]]:
    acknowledged = []
    for call in JOB.calls(phase):
        records = [{"PartitionKey": key, "Data": text.encode()} for key, text in call]
        answer = client.put_records(StreamName=JOB.stream, Records=records)
        assert answer["FailedRecordCount"] == 0
        for (key, text), row in zip(call, answer["Records"], strict=True):
            acknowledged.append([key, text, row["SequenceNumber"]])
    return acknowledged


def _shards(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.list_shards(StreamName=JOB.stream)["Shards"]
    return found


def _read(client: Any, shard: dict[str, Any]) -> dict[str, Any]:
    token = client.get_shard_iterator(
        StreamName=JOB.stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records: list[list[str]] = []
    while True:
        answer = client.get_records(ShardIterator=token)
        records += map(_row, answer["Records"])
        token = answer.get("NextShardIterator")
        if token is None or not (answer["Records"] or answer["MillisBehindLatest"]):
            break
    children = [child["ShardId"] for child in answer.get("ChildShards", ())]
    return {
        "id": shard["ShardId"],
        "parents": parents(shard),
        "children": children,
        "records": records,
    }


def _row(record: dict[str, Any]) -> list[str]:
    return [record["PartitionKey"], record["Data"].decode(), record["SequenceNumber"]]


def _subscribe(
    client: Any, shards: list[dict[str, Any]]
) -> tuple[dict[str, list[list[str]]], list[str]]:
    arn = client.describe_stream_summary(StreamName=JOB.stream)["StreamDescriptionSummary"][
        "StreamARN"
    ]
    consumer = client.register_stream_consumer(StreamARN=arn, ConsumerName=JOB.consumer)
    consumer_arn = consumer["Consumer"]["ConsumerARN"]
    *others, last = shards
    pushed = {shard["id"]: _pushed(client, consumer_arn, shard) for shard in others}
    return pushed, _live(client, consumer_arn, last["id"])


def _open(client: Any, consumer_arn: str, shard_id: str, kind: str) -> Any:
    return client.subscribe_to_shard(
        ConsumerARN=consumer_arn, ShardId=shard_id, StartingPosition={"Type": kind}
    )["EventStream"]


def _pushed(client: Any, consumer_arn: str, shard: dict[str, Any]) -> list[list[str]]:
    """A closed shard's stream ends by itself; an open one's is left when all has come."""
    stream = _open(client, consumer_arn, shard["id"], "TRIM_HORIZON")
    records: list[list[str]] = []
    for event in stream:
        records += map(_row, event["SubscribeToShardEvent"]["Records"])
        if not shard["children"] and len(records) >= len(shard["records"]):
            break
    stream.close()
    return records


def _live(client: Any, consumer_arn: str, shard_id: str) -> list[str]:
    """What is put into the shard while a subscription from LATEST is open."""
    stream = _open(client, consumer_arn, shard_id, "LATEST")
    start = next(s for s in _shards(client) if s["ShardId"] == shard_id)["HashKeyRange"]
    texts: list[str] = []
    for text in JOB.live:
        client.put_record(
            StreamName=JOB.stream,
            PartitionKey="live",
            ExplicitHashKey=start["StartingHashKey"],
            Data=text.encode(),
        )
    for event in stream:
        texts += [_row(record)[1] for record in event["SubscribeToShardEvent"]["Records"]]
        if len(texts) >= len(JOB.live):
            break
    stream.close()
    return texts
