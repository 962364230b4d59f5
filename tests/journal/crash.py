"""Kill a real server again and again under load, and count what was acknowledged and is not there.

python -m tests.journal.crash --rounds 200        (``make crash``; CI runs a few)

Each round: a server with one data folder, clients of two accounts in two Regions each that put
records, Firehose records, objects, items and metrics, SIGKILL at a moment of its own, a new start,
and all shards read from their beginnings. What was planned to go wrong has to be planned still.

Every third round the disk is full for a while in the middle of it (the process may write no file
beyond a place in it; Linux only), and calls are refused meanwhile. Every other third the log
is found torn: what a write leaves behind that was cut off lies after the last transaction.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import signal
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
from kinesis_sim.instants import SECOND
from kinesis_sim.journal.folder import FILE

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
ITEMS = "crash-items"
"""A table beside each data stream."""
ANSWERS = "Kinesis Lab answers at"
GREETED = "Stop with Ctrl+C."


@dataclass
class Findings:
    """What all rounds came to.

    lost, doubled, disordered: records of streams; besides: Firehose records, objects, items and
    metrics that are not there, and faults that are not planned any more; refused: calls while the
    disk was full; torn: logs that were; restarts: what each said.
    """

    acknowledged: int = 0
    others: int = 0
    refused: int = 0
    torn: int = 0
    lost: int = 0
    besides: int = 0
    doubled: int = 0
    disordered: int = 0
    restarts: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.besides)

    def row(self) -> dict[str, int]:
        """What is counted as it goes on."""
        told = ("lost", "doubled", "disordered", "besides", "refused", "torn")
        return {name: getattr(self, name) for name in told}


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
        [self.endpoint] = (line.split()[4] for line in said if line.startswith(ANSWERS))
        self.greeting = " ".join(line.strip() for line in said if "came back" in line)
        self._data = data

    def fill_disk(self, share: float) -> None:
        """Let the server write to no place in a file that is beyond a share of its longest one.

        The log is written over from its beginning now and then: it may go on for a while.
        """
        longest = max(each.stat().st_size for each in self._data.glob(f"{FILE}*"))
        self._limit_files(round(longest * share))

    def empty_disk(self) -> None:
        """There is room again."""
        self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, size: int) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (size, hard))

    def stop(self) -> tuple[int, str]:
        """End it in order; its exit code, and what it said since it greeted."""
        self._process.terminate()
        said, _ = self._process.communicate(timeout=60)
        return self._process.returncode, said

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
        self.trailed = self.measured = self.refused = 0
        self.objects: list[str] = []
        self.items: list[str] = []

    def run(self) -> None:
        names = ("kinesis", "firehose", "cloudwatch", "s3", "dynamodb")
        with ExitStack() as stack, suppress(BotoCoreError):
            clients = [
                stack.enter_context(closing(self._server.client(name, self.place)))
                for name in names
            ]
            for number in count(1):
                try:
                    self._write(number, *clients)
                except ClientError:
                    self.refused += 1

    def _write(
        self, number: int, kinesis: Any, firehose: Any, watch: Any, s3: Any, db: Any
    ) -> None:
        data = f"{self._name}-{number}"
        answer = kinesis.put_record(StreamName=STREAM, PartitionKey=self._name, Data=data.encode())
        self.acknowledged.append((data, answer["SequenceNumber"]))
        if number % 3 == 0:
            firehose.put_record(DeliveryStreamName=TRAIL, Record={"Data": data.encode()})
            self.trailed += 1
        if number % 10 == 0:
            row = {"MetricName": "Writes", "Value": 1.0}
            watch.put_metric_data(Namespace="Crash", MetricData=[row])
            self.measured += 1
            s3.put_object(Bucket=bucket_of(self.place), Key=data, Body=data.encode())
            self.objects.append(data)
            db.put_item(TableName=ITEMS, Item={"name": {"S": data}})
            self.items.append(data)


def account_of(place: Place) -> str:
    """The account that a key belongs to; a word is the default account's."""
    return place[0] if place[0].isdigit() else "123456789012"


def bucket_of(place: Place) -> str:
    """The bucket of one place: their names are everybody's."""
    return "-".join(("crash", *place))


class Served(Protocol):
    """Whoever gives clients of a server at an address."""

    endpoint: str

    def client(self, service: str) -> Any: ...


def stored(server: Served, stream: str = STREAM) -> list[tuple[str, str]]:
    """Every record, shard by shard, in the order of the shard: data and sequence number.

    Where a shard gives no more for now (2 MiB/s), the server's clock goes on by five seconds.
    """
    with closing(server.client("kinesis")) as kinesis:
        return _stored(kinesis, stream, server.endpoint)


def _stored(kinesis: Any, stream: str, endpoint: str) -> list[tuple[str, str]]:
    found = list[tuple[str, str]]()
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while True:
            try:
                answer = kinesis.get_records(ShardIterator=iterator, Limit=10_000)
            except kinesis.exceptions.ProvisionedThroughputExceededException:
                ask(endpoint, "clock/advance", {"by": "5s"})
                continue
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
        self.trailed = self.measured = 0
        self.objects: set[str] = set()
        self.items: set[str] = set()

    @property
    def others(self) -> int:
        return self.trailed + self.measured + len(self.objects) + len(self.items)

    def add(self, writer: Writer) -> None:
        self.records.update(writer.acknowledged)
        self.trailed += writer.trailed
        self.measured += writer.measured
        self.objects.update(writer.objects)
        self.items.update(writer.items)

    def judge(self, findings: Findings, server: RunningServer) -> None:
        with ExitStack() as stack:
            kinesis, watch, s3, db = (
                stack.enter_context(closing(server.client(name, self.place)))
                for name in ("kinesis", "cloudwatch", "s3", "dynamodb")
            )
            found = _stored(kinesis, STREAM, server.endpoint)
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_of(self.place))
            keys = {row["Key"] for page in pages for row in page.get("Contents", ())}
            pages = db.get_paginator("scan").paginate(TableName=ITEMS)
            items = {row["name"]["S"] for page in pages for row in page["Items"]}
            now = ask(server.endpoint, "clock")["epochMilliseconds"] // SECOND
            trail = [{"Name": "DeliveryStreamName", "Value": TRAIL}]
            trailed = _summed(watch, now, "AWS/Firehose", "IncomingRecords", trail)
            measured = _summed(watch, now, "Crash", "Writes", [])
        there = dict(found)
        findings.lost += sum(there.get(data) != number for data, number in self.records.items())
        findings.doubled += sum(times - 1 for times in Counter(data for data, _ in found).values())
        findings.besides += len(self.objects - keys) + len(self.items - items)
        findings.besides += max(0, self.trailed - trailed) + max(0, self.measured - measured)
        newest: dict[str, int] = {}
        for data, _ in found:
            writer, _, number = data.rpartition("-")
            findings.disordered += int(number) <= newest.get(writer, 0)
            newest[writer] = int(number)


def _summed(watch: Any, now: int, namespace: str, name: str, dimensions: list[Any]) -> int:
    """What a metric comes to, over nine days. now: epoch seconds."""
    told = watch.get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=dimensions,
        StartTime=now - 9 * 86_400,
        EndTime=now + 86_400,
        Period=86_400,
        Statistics=["Sum"],
    )
    return round(sum(row["Sum"] for row in told["Datapoints"]))


def prepare(server: RunningServer, place: Place) -> None:
    """Streams, a bucket and a table, once they are there."""
    with ExitStack() as stack:
        kinesis, firehose, s3, db = (
            stack.enter_context(closing(server.client(name, place)))
            for name in ("kinesis", "firehose", "s3", "dynamodb")
        )
        db.create_table(
            TableName=ITEMS,
            KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        abroad = {"CreateBucketConfiguration": {"LocationConstraint": place[1]}}
        s3.create_bucket(Bucket=bucket_of(place), **(abroad if place[1] != "us-east-1" else {}))
        kinesis.create_stream(StreamName=STREAM, ShardCount=3)
        firehose.create_delivery_stream(
            DeliveryStreamName=TRAIL,
            ExtendedS3DestinationConfiguration={
                "BucketARN": f"arn:aws:s3:::{bucket_of(place)}",
                "RoleARN": f"arn:aws:iam::{account_of(place)}:role/firehose",
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


def tear(folder: Path, chance: random.Random) -> None:
    """Leave what a write that was cut off leaves: part of a page, or of one that was there before.

    After SIGKILL alone no write is half done; after the end of a machine one may be.
    """
    log = folder / f"{FILE}-wal"
    data = log.read_bytes()
    part = chance.randrange(1, 9_000)
    old = data[32:][-(4_096 + 24) :]  # the last frame: its checksum is none after itself
    more = old[:part] if chance.random() < 0.5 else chance.randbytes(part)
    with log.open("ab") as file:
        file.write(more)


class Rounds:
    """Rounds on one data folder. longest: seconds of load before a kill, at most."""

    def __init__(self, folder: Path, writers: int, seed: int, longest: float, *more: str) -> None:
        self._folder, self._writers, self._longest, self._more = folder, writers, longest, more
        self._chance, self.findings = random.Random(seed), Findings()
        self._ledgers = {place: Ledger(place) for place in PLACES}
        self._server = RunningServer(folder, *more)
        self._plan: list[Any] = []

    def prepare(self) -> None:
        for place in PLACES:
            prepare(self._server, place)
        account, region = PLACES[-1]
        fault = {"kind": "slow", "target": "nobody", "share": 0.5, "ms": 5, "for": "30d"}
        ask(self._server.endpoint, addressed("faults", account=account, region=region), fault)
        self._plan = planned(self._server)

    def go(self, number: int) -> None:
        """One round."""
        at_work = [
            Writer(self._server, f"r{number}w{n}", PLACES[(number + n) % len(PLACES)])
            for n in range(self._writers)
        ]
        for writer in at_work:
            writer.start()
        self._load(at_work[0], full=number % 3 == 1)
        self._server.kill()
        for writer in at_work:
            writer.join()
            self._ledgers[writer.place].add(writer)
            self.findings.refused += writer.refused
        if number % 3 == 2:
            tear(self._folder, self._chance)
            self.findings.torn += 1
        self._server = RunningServer(self._folder, *self._more)
        self.findings.restarts.append(self._server.greeting)
        self.findings.besides += planned(self._server) != self._plan
        for ledger in self._ledgers.values():
            ledger.judge(self.findings, self._server)

    def _load(self, writer: Writer, *, full: bool) -> None:
        writer.join(self._chance.uniform(0.05, self._longest))
        if full:
            self._server.fill_disk(self._chance.random())
            writer.join(self._longest)
            if self._chance.random() < 0.5:  # else it is killed while the disk is full
                self._server.empty_disk()
                writer.join(self._chance.uniform(0.05, self._longest))

    def end(self) -> None:
        self._server.kill()
        ledgers = self._ledgers.values()
        self.findings.acknowledged = sum(len(each.records) for each in ledgers)
        self.findings.others = sum(each.others for each in ledgers)


def run(
    rounds: int, writers: int, seed: int, longest: float, *more: str, told: bool = False
) -> Findings:
    """So many rounds. told: whether each is told of as it ends."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        course = Rounds(Path(folder), writers, seed, longest, *more)
        try:
            course.prepare()
            for number in range(rounds):
                course.go(number)
                if told:
                    found = course.findings
                    print(f"round {number}: {found.row()} {found.restarts[-1]}", flush=True)  # noqa: T201
        finally:
            course.end()
    return course.findings


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=2.0)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the server ends with this
    findings = run(given.rounds, given.writers, given.seed, given.longest, told=True)
    row = {"acknowledged": findings.acknowledged, "others": findings.others, **findings.row()}
    print(json.dumps({**row, "rounds": given.rounds}))  # noqa: T201
    print(findings.restarts[-1])  # noqa: T201
    return 0 if findings.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
