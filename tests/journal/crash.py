"""Kill a real server again and again under load, and count what was acknowledged and is not there.

python -m tests.journal.crash --rounds 200        (``make crash``; CI runs a few)

Each round: a server with one data folder, clients of two accounts in two Regions each that put
records, Firehose records, objects and metrics, SIGKILL at a moment of its own, a new start, and all
shards read from their beginnings. What was planned to go wrong has to be planned still.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kinesis_sim.aws.control import addressed, ask

Place = tuple[str, str]
"""An access key, and so an account, and a Region."""
STREAM = "crash"
PLACES: tuple[Place, ...] = (
    ("crash", "us-east-1"),
    ("crash", "sa-east-1"),
    ("210987654321", "us-east-1"),
    ("210987654321", "eu-west-1"),
)
TRAIL = "crash-trail"
"""A Firehose stream beside each data stream."""
GREETED = "Stop with Ctrl+C."


@dataclass
class Findings:
    """What all rounds came to.

    lost, doubled, disordered: records of streams; besides: Firehose records and objects that are
    not there, and faults that are not planned any more; restarts: what each said.
    """

    acknowledged: int = 0
    others: int = 0
    lost: int = 0
    besides: int = 0
    doubled: int = 0
    disordered: int = 0
    restarts: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.besides)


class RunningServer:
    """A server as a process of its own, with a data folder."""

    def __init__(self, data: Path, *more: str) -> None:
        command = [sys.executable, "-m", "kinesis_sim", "serve", "--port", "0", "--no-tls"]
        self._process = subprocess.Popen(
            [*command, "--limits", "off", "--data", str(data), *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        said: list[str] = []
        for line in self._process.stdout:
            said.append(line)
            if GREETED in line:
                break
        else:
            raise RuntimeError("".join(said))
        self.endpoint = said[0].split()[4]
        self.greeting = said[-1].strip()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def client(self, service: str, place: Place = ("crash", "us-east-1")) -> Any:
        key, region = place
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key="crash",
            config=Config(retries={"max_attempts": 0}),
        )


class Writer(threading.Thread):
    """Puts numbered records until the server is gone; remembers what was acknowledged.

    acknowledged: records of the data stream, with their sequence numbers; trailed: how many records
    of the Firehose stream; objects: keys.
    """

    def __init__(self, server: RunningServer, name: str, place: Place) -> None:
        super().__init__(daemon=True)
        self._server, self._name, self.place = server, name, place
        self.acknowledged: list[tuple[str, str]] = []
        self.trailed = 0
        self.objects: list[str] = []

    def run(self) -> None:
        with ExitStack() as stack, suppress(BotoCoreError, ClientError):
            kinesis, firehose, watch, s3 = (
                stack.enter_context(closing(self._server.client(name, self.place)))
                for name in ("kinesis", "firehose", "cloudwatch", "s3")
            )
            for number in count(1):
                data = f"{self._name}-{number}"
                answer = kinesis.put_record(
                    StreamName=STREAM, PartitionKey=self._name, Data=data.encode()
                )
                self.acknowledged.append((data, answer["SequenceNumber"]))
                if number % 3 == 0:
                    firehose.put_record(DeliveryStreamName=TRAIL, Record={"Data": data.encode()})
                    self.trailed += 1
                if number % 10 == 0:
                    row = {"MetricName": self._name, "Value": 1.0}
                    watch.put_metric_data(Namespace="Crash", MetricData=[row])
                    s3.put_object(Bucket=bucket_of(self.place), Key=data, Body=data.encode())
                    self.objects.append(data)


def bucket_of(place: Place) -> str:
    """The bucket of one place: their names are everybody's."""
    return "-".join(("crash", *place))


class Served(Protocol):
    """Whoever gives clients of a server."""

    def client(self, service: str) -> Any: ...


def stored(server: Served, stream: str = STREAM) -> list[tuple[str, str]]:
    """Every record, shard by shard, in the order of the shard: data and sequence number."""
    with closing(server.client("kinesis")) as kinesis:
        return _stored(kinesis, stream)


def _stored(kinesis: Any, stream: str) -> list[tuple[str, str]]:
    found = list[tuple[str, str]]()
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while True:
            answer = kinesis.get_records(ShardIterator=iterator, Limit=10_000)
            rows = answer["Records"]
            found += [(row["Data"].decode(), row["SequenceNumber"]) for row in rows]
            if "NextShardIterator" not in answer or not (rows or answer["MillisBehindLatest"]):
                break
            iterator = answer["NextShardIterator"]
    return found


class Ledger:
    """What was acknowledged in one place, in all rounds."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.records: dict[str, str] = {}
        self.trailed = 0
        self.objects: set[str] = set()

    def add(self, writer: Writer) -> None:
        self.records.update(writer.acknowledged)
        self.trailed += writer.trailed
        self.objects.update(writer.objects)

    def judge(self, findings: Findings, server: RunningServer) -> None:
        with ExitStack() as stack:
            kinesis, watch, s3 = (
                stack.enter_context(closing(server.client(name, self.place)))
                for name in ("kinesis", "cloudwatch", "s3")
            )
            found = _stored(kinesis, STREAM)
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_of(self.place))
            keys = {row["Key"] for page in pages for row in page.get("Contents", ())}
            trailed = _trailed(watch, ask(server.endpoint, "clock")["epochMilliseconds"] // 1000)
        there = dict(found)
        findings.lost += sum(there.get(data) != number for data, number in self.records.items())
        findings.doubled += sum(times - 1 for times in Counter(data for data, _ in found).values())
        findings.besides += len(self.objects - keys) + max(0, self.trailed - trailed)
        newest: dict[str, int] = {}
        for data, _ in found:
            writer, _, number = data.rpartition("-")
            findings.disordered += int(number) <= newest.get(writer, 0)
            newest[writer] = int(number)


def _trailed(watch: Any, now: int) -> int:
    """How many records the Firehose stream took, as its metric says. now: epoch seconds."""
    told = watch.get_metric_statistics(
        Namespace="AWS/Firehose",
        MetricName="IncomingRecords",
        Dimensions=[{"Name": "DeliveryStreamName", "Value": TRAIL}],
        StartTime=now - 9 * 86_400,
        EndTime=now + 86_400,
        Period=86_400,
        Statistics=["Sum"],
    )
    return round(sum(row["Sum"] for row in told["Datapoints"]))


def prepare(server: RunningServer, place: Place) -> None:
    """Streams and a bucket, once they are there."""
    with ExitStack() as stack:
        kinesis, firehose, s3 = (
            stack.enter_context(closing(server.client(name, place)))
            for name in ("kinesis", "firehose", "s3")
        )
        abroad = {"CreateBucketConfiguration": {"LocationConstraint": place[1]}}
        s3.create_bucket(Bucket=bucket_of(place), **(abroad if place[1] != "us-east-1" else {}))
        kinesis.create_stream(StreamName=STREAM, ShardCount=3)
        firehose.create_delivery_stream(
            DeliveryStreamName=TRAIL,
            ExtendedS3DestinationConfiguration={
                "BucketARN": f"arn:aws:s3:::{bucket_of(place)}",
                "RoleARN": "arn:aws:iam::123456789012:role/firehose",
                "Prefix": "trail/",
            },
        )
        kinesis.get_waiter("stream_exists").wait(
            StreamName=STREAM, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
        )


def planned(server: RunningServer) -> list[Any]:
    """The faults that are planned in the last place."""
    account, region = PLACES[-1]
    told = ask(server.endpoint, addressed("faults", account=account, region=region))
    return [(row["id"], row["kind"], row["target"], row["until"]) for row in told["faults"]]


def run(rounds: int, writers: int, seed: int, longest: float, *more: str) -> Findings:
    """So many rounds on one data folder. longest: seconds of load before a kill, at most."""
    chance, findings = random.Random(seed), Findings()
    ledgers = {place: Ledger(place) for place in PLACES}
    fault = {"kind": "slow", "target": "nobody", "share": 0.5, "ms": 5, "for": "30d"}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = RunningServer(Path(folder), *more)
        try:
            for place in PLACES:
                prepare(server, place)
            account, region = PLACES[-1]
            ask(server.endpoint, addressed("faults", account=account, region=region), fault)
            plan = planned(server)
            for number in range(rounds):
                at_work = [
                    Writer(server, f"r{number}w{n}", PLACES[(number + n) % len(PLACES)])
                    for n in range(writers)
                ]
                for writer in at_work:
                    writer.start()
                at_work[0].join(chance.uniform(0.05, longest))
                server.kill()
                for writer in at_work:
                    writer.join()
                    ledgers[writer.place].add(writer)
                server = RunningServer(Path(folder), *more)
                findings.restarts.append(server.greeting)
                findings.besides += planned(server) != plan
                for ledger in ledgers.values():
                    ledger.judge(findings, server)
        finally:
            server.kill()
    findings.acknowledged = sum(len(each.records) for each in ledgers.values())
    findings.others = sum(each.trailed + len(each.objects) for each in ledgers.values())
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=2.0)
    given = parser.parse_args()
    findings = run(given.rounds, given.writers, given.seed, given.longest)
    told = ("acknowledged", "others", "lost", "doubled", "disordered", "besides")
    row = {name: getattr(findings, name) for name in told}
    print(json.dumps({**row, "rounds": given.rounds}))  # noqa: T201
    print(findings.restarts[-1])  # noqa: T201
    return 0 if findings.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
