"""The AWS CLI (v1, from PyPI) does the job; only subscriptions are beyond it.

The study notes' own commands are run in ``tests/aws/test_server_commands.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kinesis_sim.aws.server import Server
from tests.clients.job import JOB, middle, parents, verify

AWS = Path(sys.executable).with_name("aws")

Command = Callable[..., Any]


@pytest.fixture
def aws(server: Server) -> Command:
    """Runs ``aws kinesis <operation> --option value …``; its output, read as JSON."""
    environment = os.environ | {"AWS_ENDPOINT_URL": server.endpoint_url}

    def run(operation: str, **options: Any) -> Any:
        command = [str(AWS), "kinesis", operation]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_the_aws_cli_does_the_job(aws: Command) -> None:
    stream = JOB.stream
    aws("create-stream", stream_name=stream, shard_count=JOB.shards)
    acknowledged = _produce(aws, 0)
    first, neighbour = _shards(aws)
    aws(
        "split-shard",
        stream_name=stream,
        shard_to_split=first["ShardId"],
        new_starting_hash_key=middle(first),
    )
    acknowledged += _produce(aws, 1)
    upper = _shards(aws)[-1]
    aws(
        "merge-shards",
        stream_name=stream,
        shard_to_merge=upper["ShardId"],
        adjacent_shard_to_merge=neighbour["ShardId"],
    )
    acknowledged += _produce(aws, 2)
    shards = [_read(aws, shard) for shard in _shards(aws)]
    verify({"acknowledged": acknowledged, "shards": shards})


def test_the_aws_cli_registers_a_consumer(aws: Command) -> None:
    aws("create-stream", stream_name=JOB.stream, shard_count=1)
    summary = aws("describe-stream-summary", stream_name=JOB.stream)["StreamDescriptionSummary"]
    arn = summary["StreamARN"]
    aws("register-stream-consumer", stream_arn=arn, consumer_name=JOB.consumer)
    described = aws("describe-stream-consumer", stream_arn=arn, consumer_name=JOB.consumer)
    assert described["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE"


def _produce(aws: Command, phase: int) -> list[list[str]]:
    """One call per phase: starting the CLI takes longer than what it does here."""
    records = [record for call in JOB.calls(phase) for record in call]
    entries = [{"PartitionKey": key, "Data": text} for key, text in records]
    answer = aws("put-records", stream_name=JOB.stream, records=json.dumps(entries))
    assert answer["FailedRecordCount"] == 0
    rows = zip(records, answer["Records"], strict=True)
    return [[key, text, row["SequenceNumber"]] for (key, text), row in rows]


def _shards(aws: Command) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = aws("list-shards", stream_name=JOB.stream)["Shards"]
    return found


def _read(aws: Command, shard: dict[str, Any]) -> dict[str, Any]:
    token = aws(
        "get-shard-iterator",
        stream_name=JOB.stream,
        shard_id=shard["ShardId"],
        shard_iterator_type="TRIM_HORIZON",
    )["ShardIterator"]
    rows: list[dict[str, Any]] = []
    while True:
        answer = aws("get-records", shard_iterator=token)
        rows += answer["Records"]
        token = answer.get("NextShardIterator")
        if token is None or not (answer["Records"] or answer["MillisBehindLatest"]):
            break
    return {
        "id": shard["ShardId"],
        "parents": parents(shard),
        "children": [child["ShardId"] for child in answer.get("ChildShards", ())],
        "records": [
            [row["PartitionKey"], b64decode(row["Data"]).decode(), row["SequenceNumber"]]
            for row in rows
        ],
    }
