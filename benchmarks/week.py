"""What the next start costs after a week of one thing that is done over and over, each by itself.

A span of each is called for in this process, on simulated time, and so is one four times as long; a
week is worked out from what the longer one takes more. All is packed, as an orderly end leaves it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

from benchmarks import measured, workload
from benchmarks.report import Table
from benchmarks.rounds import progress

if TYPE_CHECKING:
    from kinesis_sim import Simulator

SETTINGS = {"region": "us-east-1", "account": "123456789012", "seed": 0}
CALLS = 1_000
"""Of the shorter span."""
WEEK_MS = 7 * 86_400_000
NAME = "week"
_SCOPE = "AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/{}/aws4_request"
_RECORD = b"x" * 1_024
_ROWS = [
    {
        "MetricName": f"metric{n}", "Value": 1.0, "Unit": "Milliseconds",
        "Dimensions": [{"Name": "Operation", "Value": "ProcessTask"}],
    }
    for n in range(20)
]  # fmt: skip


def run(calls: int = CALLS) -> None:
    """Measure and print."""
    table = Table(
        "The next start after a week of one thing, done over and over",
        ["what", "every", "calls a week", "µs a call", "MiB a week", "processor s a week"],
    )
    weeks = {}
    for name, (every, times, _) in KINDS.items():
        progress(f"week: {name}")
        least = calls * times
        short, long = (_started(name, number) for number in (least, 4 * least))
        each = (long["seconds"] - short["seconds"]) / (3 * least)
        size = (long["bytes"] - short["bytes"]) / (3 * least)
        week = WEEK_MS // every
        weeks[name] = max(each * week, 0.0)  # of noise alone it would be less than nothing
        table.add(
            name, f"{every / 1000:g} s", f"{week:,}", f"{each * 1e6:.1f}",
            f"{size * week / 2**20:,.0f}", f"{each * week:.1f}",
        )  # fmt: skip
    progress("")
    table.show()
    measured.keep("week", weeks)


def _started(name: str, calls: int) -> Any:
    """What the start after so many calls of a kind took, at the least of three."""
    with tempfile.TemporaryDirectory() as folder:
        _child("fill", folder, name, calls)
        told = [json.loads(_child("measure", folder)) for _ in range(3)]
        return min(told, key=lambda row: float(row["seconds"]))


def _child(*given: object) -> str:
    command = [sys.executable, "-m", "benchmarks.week", *map(str, given)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=workload.environment()
    )
    return done.stdout


# --- in processes of their own --------------------------------------------------------------------


class Actor:
    """Who does one thing over and over."""

    def __init__(self, sim: Simulator) -> None:
        from kinesis_sim.aws.neighbours import Neighbours

        self._sim, self._neighbours = sim, Neighbours()
        self._iterators: dict[int, str] = {}
        self.number = 0

    def prepare(self) -> None:
        """All that calls are about."""
        self._call("kinesis", "CreateStream", StreamName=NAME, ShardCount=4)
        self._sim.advance(minutes=1)
        bucket = f"/{NAME}"
        self._ask("s3", "PUT", bucket, b"")
        self._call(
            "firehose", "CreateDeliveryStream", DeliveryStreamName=NAME,
            ExtendedS3DestinationConfiguration={
                "BucketARN": f"arn:aws:s3:::{NAME}",
                "RoleARN": "arn:aws:iam::123456789012:role/firehose",
            },
        )  # fmt: skip
        self._item(
            "CreateTable", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )  # fmt: skip
        for shard in range(4):
            lease = {"id": {"S": str(shard)}, "n": {"N": "0"}, "leaseOwner": {"S": "worker-1"}}
            self._item("PutItem", Item=lease)
        self._sim.advance(minutes=1)

    def _call(self, service: str, operation: str, **asked: Any) -> Any:
        return self._sim.gate.call(service, operation, asked)

    def _ask(self, service: str, method: str, path: str, body: bytes, **headers: str) -> None:
        from kinesis_sim.aws.exchange import Request
        from kinesis_sim.aws.neighbours import _environ

        scope = _SCOPE.format(service)
        told = {
            "host": "localhost:4567",
            "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date",
            "user-agent": "aws-sdk-java/2.31 " + "x" * 200,
            "content-length": str(len(body)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        request = Request(method, path, "", told, target=path, body=body)
        environ = _environ(request, self._sim.account)
        reply = self._neighbours._kept(self._sim, request, environ, None)
        assert reply.status == 200, reply.body

    def _item(self, operation: str, **body: Any) -> None:
        self._ask(
            "dynamodb", "POST", "/", json.dumps({"TableName": NAME, **body}).encode(),
            x_amz_target=f"DynamoDB_20120810.{operation}",
            content_type="application/x-amz-json-1.0",
        )  # fmt: skip

    # --- what is done -----------------------------------------------------------------------------

    def read_nothing(self) -> None:
        """A read of a shard's tip."""
        shard = self.number % 4
        if shard not in self._iterators:
            self._iterators[shard] = self._iterator(shard, "LATEST")
        told = self._call("kinesis", "GetRecords", ShardIterator=self._iterators[shard])
        self._iterators[shard] = told["NextShardIterator"]

    def _iterator(self, shard: int, kind: str) -> str:
        return str(
            self._call(
                "kinesis", "GetShardIterator", StreamName=NAME, ShardIteratorType=kind,
                ShardId=f"shardId-{shard:012d}",
            )["ShardIterator"]
        )  # fmt: skip

    def renew(self) -> None:
        """A lease of KCL's."""
        self._item(
            "UpdateItem", Key={"id": {"S": str(self.number % 4)}},
            UpdateExpression="SET n = n + :one", ConditionExpression="leaseOwner = :me",
            ExpressionAttributeValues={":one": {"N": "1"}, ":me": {"S": "worker-1"}},
        )  # fmt: skip

    def publish(self) -> None:
        """Twenty metrics."""
        self._call("cloudwatch", "PutMetricData", Namespace=NAME, MetricData=_ROWS)

    def publish_watched(self) -> None:
        """The same, with an alarm on one of them."""
        if not self.number:
            self._call(
                "cloudwatch", "PutMetricAlarm", AlarmName=NAME, Namespace=NAME,
                MetricName="metric1", Statistic="Sum", Period=60, EvaluationPeriods=3,
                Threshold=1e6, ComparisonOperator="GreaterThanThreshold",
                Dimensions=_ROWS[1]["Dimensions"],
            )  # fmt: skip
        self.publish()

    def put(self) -> None:
        """A record."""
        key = f"key{self.number % 97}"
        self._call("kinesis", "PutRecord", StreamName=NAME, PartitionKey=key, Data=_RECORD)

    def put_many(self) -> None:
        """A hundred records."""
        rows = [{"PartitionKey": f"key{n}", "Data": _RECORD} for n in range(100)]
        self._call("kinesis", "PutRecords", StreamName=NAME, Records=rows)

    def read(self) -> None:
        """A read of ten records; the iterator is another one now and then."""
        if not self.number:
            for _ in range(4):
                self.put_many()
        if not self.number % 200:
            self._iterators[0] = self._iterator(0, "TRIM_HORIZON")
        told = self._call("kinesis", "GetRecords", ShardIterator=self._iterators[0], Limit=10)
        assert len(told["Records"]) == 10

    def hose(self) -> None:
        """A hundred records of a Firehose stream."""
        rows = [{"Data": b'{"n": %d}\n' % n} for n in range(100)]
        self._call("firehose", "PutRecordBatch", DeliveryStreamName=NAME, Records=rows)

    def store(self) -> None:
        """An object of 10 KiB, each under its own key."""
        self._ask(
            "s3", "PUT", f"/{NAME}/object{self.number}", b"x" * 10_240,
            content_type="application/octet-stream",
        )  # fmt: skip


Do = Callable[[Actor], None]
KINDS: dict[str, tuple[int, int, Do]] = {
    "GetRecords that finds nothing, 4 shards": (250, 12, Actor.read_nothing),
    "DynamoDB's UpdateItem, 4 leases": (833, 2, Actor.renew),
    "PutMetricData of 20": (10_000, 3, Actor.publish),
    "the same, with an alarm": (10_000, 3, Actor.publish_watched),
    "PutRecord of 1 KiB": (1_000, 6, Actor.put),
    "PutRecords of 100": (10_000, 1, Actor.put_many),
    "GetRecords that finds 10": (1_000, 6, Actor.read),
    "Firehose's PutRecordBatch of 100": (10_000, 1, Actor.hose),
    "S3's PutObject of 10 KiB": (10_000, 1, Actor.store),
}
"""What is done, how often (ms), how many times as many calls tell it from noise, and how."""


def _fill(path: Path, name: str, calls: int) -> None:
    from kinesis_sim import Simulator
    from kinesis_sim.aws.restoring import keep

    every, _, do = KINDS[name]
    sim = Simulator(remember=0, latency=None)
    keep(sim, path, SETTINGS, fsync=False)
    assert sim.folder is not None
    actor = Actor(sim)
    actor.prepare()
    for actor.number in range(calls):
        do(actor)
        sim.advance(milliseconds=every)
        if actor.number % 200 == 199:
            sim.folder.flush()
    sim.folder._pack_at = 0
    sim.folder.flush()
    sim.folder.close()


def _measure(path: Path) -> dict[str, Any]:
    from kinesis_sim import Simulator
    from kinesis_sim.aws import neighbours, restoring
    from kinesis_sim.journal.folder import FILE

    sim = Simulator(remember=0, latency=None)
    neighbours.prepare()
    for each in sim.services.names:
        _ = sim.made_in("sa-east-1", "210987654321").services[each]
    begun = process_time()
    restored = restoring.keep(sim, path, SETTINGS)
    seconds = process_time() - begun
    assert sim.folder is not None
    sim.folder.close()
    return {
        "seconds": seconds,
        "calls": restored.entries,
        "bytes": (path / FILE).stat().st_size,
    }


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", folder, name, calls]:
            _fill(Path(folder), name, int(calls))
        case ["measure", folder]:
            print(json.dumps(_measure(Path(folder))))
        case [calls]:
            run(int(calls))
