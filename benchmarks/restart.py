"""What a call costs when it is taken again, at the next start of a server with a data folder.

``python -m benchmarks.restart FOLDER`` starts from a folder in this process, and answers with what
each kind of call in it cost (JSON).
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks import measured, workload
from benchmarks.peers import Launch, Peer
from benchmarks.report import Table
from benchmarks.rounds import progress
from benchmarks.servers import Server

CALLS = 500
"""Of each kind."""
_NAME = "restart"
_DATA = b"x" * 100
_BATCH = [{"Data": _DATA, "PartitionKey": str(number)} for number in range(100)]
Kind = tuple[str, str, str, dict[str, Any]]
"""How a kind of call is called, what the folder calls it, a client's method and its arguments."""


def run(found: list[Peer]) -> None:
    """Measure and print."""
    [ours] = [peer for peer in found if peer.name == "ours"]
    with tempfile.TemporaryDirectory() as folder:
        kinds = _filled(_with(ours, "--data", folder, "--limits", "off"))
        command = [sys.executable, "-m", "benchmarks.restart", folder]
        done = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, env=workload.environment()
        )
    told = json.loads(done.stdout)
    title = f"The next start: processor time of a call that is taken again, {CALLS} of each kind"
    table = Table(title, ["call", "µs"])
    for name, kept, _, _ in kinds:
        table.add(name, f"{told['us'][kept]:.0f}" if kept in told["us"] else "folded")
    table.remarks.append(
        f"All {told['calls']:,} calls came back in {told['seconds']:.1f} s of processor time, "
        "imports included."
    )
    table.show()
    measured.keep(
        "restart", {name: us for name, kept, _, _ in kinds if (us := told["us"].get(kept))}
    )


def _with(ours: Peer, *options: str) -> Peer:
    def launch(port: int) -> Launch:
        made = ours.launch(port)
        return Launch([*made.command, *options], made.environment, made.folder)

    return Peer("ours", launch)


def _filled(peer: Peer) -> list[Kind]:
    """Make the calls at a server that keeps them."""
    import boto3

    with Server(peer) as server, ExitStack() as stack:
        clients = {
            name: stack.enter_context(
                closing(boto3.client(name, endpoint_url=f"http://127.0.0.1:{server.port}"))
            )
            for name in ("kinesis", "firehose", "cloudwatch", "s3", "dynamodb", "sqs")
        }
        kinds = _kinds(*_prepared(clients))
        for name, kept, method, given in kinds:
            progress(f"restart: {name}")
            call: Callable[..., object] = getattr(clients[kept.partition(" ")[0]], method)
            for _ in range(CALLS):
                call(**given)
        progress("")
        return kinds


def _prepared(clients: dict[str, Any]) -> tuple[str, str]:
    """An iterator and a queue, once there is all else that calls are about."""
    clients["s3"].create_bucket(Bucket=_NAME)
    clients["dynamodb"].create_table(
        TableName=_NAME,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    kinesis = clients["kinesis"]
    kinesis.create_stream(StreamName=_NAME, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=_NAME, WaiterConfig={"Delay": 1})
    clients["firehose"].create_delivery_stream(
        DeliveryStreamName=_NAME,
        ExtendedS3DestinationConfiguration={
            "BucketARN": f"arn:aws:s3:::{_NAME}",
            "RoleARN": "arn:aws:iam::123456789012:role/firehose",
        },
    )
    iterator = kinesis.get_shard_iterator(
        StreamName=_NAME, ShardId="shardId-000000000000", ShardIteratorType="LATEST"
    )["ShardIterator"]
    return iterator, clients["sqs"].create_queue(QueueName=_NAME)["QueueUrl"]


def _kinds(iterator: str, queue: str) -> list[Kind]:
    stream, hose = {"StreamName": _NAME}, {"DeliveryStreamName": _NAME}
    update: dict[str, Any] = {
        "TableName": _NAME,
        "Key": {"id": {"S": "lease"}},
        "UpdateExpression": "ADD leaseCounter :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    row = {"MetricName": "m", "Value": 1.0}
    put = {**stream, "Data": _DATA, "PartitionKey": "k"}
    return [
        ("GetRecords that finds nothing", "kinesis GetRecords", "get_records",
         {"ShardIterator": iterator}),
        ("PutRecord", "kinesis PutRecord", "put_record", put),
        ("PutRecords of 100", "kinesis PutRecords", "put_records", {**stream, "Records": _BATCH}),
        ("Firehose's PutRecord", "firehose PutRecord", "put_record",
         {**hose, "Record": {"Data": _DATA}}),
        ("CloudWatch's PutMetricData", "cloudwatch PutMetricData", "put_metric_data",
         {"Namespace": _NAME, "MetricData": [row]}),
        ("S3's PutObject", "s3 PUT", "put_object",
         {"Bucket": _NAME, "Key": "k", "Body": _DATA}),
        ("DynamoDB's UpdateItem", "dynamodb UpdateItem", "update_item", update),
        ("SQS's SendMessage", "sqs SendMessage", "send_message",
         {"QueueUrl": queue, "MessageBody": "m"}),
    ]  # fmt: skip


# --- in a process of its own ----------------------------------------------------------------------


def _measure(folder: Path) -> dict[str, Any]:
    from kinesis_sim import Simulator
    from kinesis_sim.aws import restoring
    from kinesis_sim.aws.replay import Replay
    from kinesis_sim.journal.entry import Entry
    from kinesis_sim.journal.folder import FILE

    spent, times = Counter[str](), Counter[str]()

    class Timed(Replay):
        def _take(self, entry: Entry) -> None:
            begun = process_time()
            super()._take(entry)
            kind = _kind(entry)
            times[kind] += 1
            if times[kind] > 1:  # the first imports what it needs
                spent[kind] += process_time() - begun

    restoring.Replay = Timed  # type: ignore[misc, attr-defined]
    with closing(sqlite3.connect(folder / FILE)) as base:
        rows = base.execute("SELECT name, value FROM settings")
        kept = {name: json.loads(value) for name, value in rows}
    made = {name: kept[name] for name in ("region", "account", "seed", "delays", "limits")}
    sim = Simulator(clock="wall", latency=None, remember=0, **made)
    begun = process_time()
    restored = restoring.keep(sim, folder, made)
    seconds = process_time() - begun
    assert sim.folder is not None
    sim.folder.close()
    us = {kind: spent[kind] / (times[kind] - 1) * 1e6 for kind in times if times[kind] > 1}
    return {"us": us, "calls": restored.entries, "seconds": seconds}


def _kind(entry: Any) -> str:
    if entry.kind == "call":
        return " ".join(entry.given[:2])
    if entry.kind != "neighbour":
        return str(entry.kind)
    method, _, _, headers, *_ = entry.given[1]
    service = headers["authorization"].split("/")[3]
    return f"{service} {headers.get('x-amz-target', method).rpartition('.')[2]}"


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]))))
