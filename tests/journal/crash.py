"""Kill a real server again and again under load, and count what was acknowledged and is not there.

python -m tests.journal.crash --rounds 200        (``make crash``; CI runs a few)

Each round: a server with one data folder, clients that put records and metrics, SIGKILL at a moment
of its own, a new start, and all shards read from their beginnings.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

STREAM = "crash"
GREETED = "Stop with Ctrl+C."


@dataclass
class Findings:
    """What all rounds came to. lost, doubled, disordered: records; restarts: seconds of each."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    restarts: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.disordered)


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

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="crash",
            aws_secret_access_key="crash",
            config=Config(retries={"max_attempts": 0}),
        )


class Writer(threading.Thread):
    """Puts numbered records until the server is gone; remembers those that were acknowledged."""

    def __init__(self, server: RunningServer, name: str) -> None:
        super().__init__(daemon=True)
        self._kinesis, self._watch = server.client("kinesis"), server.client("cloudwatch")
        self._name = name
        self.acknowledged: list[tuple[str, str]] = []

    def run(self) -> None:
        number = 0
        try:
            while True:
                number += 1
                data = f"{self._name}-{number}"
                answer = self._kinesis.put_record(
                    StreamName=STREAM, PartitionKey=self._name, Data=data.encode()
                )
                self.acknowledged.append((data, answer["SequenceNumber"]))
                if number % 10 == 0:
                    row = {"MetricName": self._name, "Value": 1.0}
                    self._watch.put_metric_data(Namespace="Crash", MetricData=[row])
        except (BotoCoreError, ClientError):
            return


class Served(Protocol):
    """Whoever gives clients of a server."""

    def client(self, service: str) -> Any: ...


def stored(server: Served, stream: str = STREAM) -> list[tuple[str, str]]:
    """Every record, shard by shard, in the order of the shard: data and sequence number."""
    kinesis, found = server.client("kinesis"), list[tuple[str, str]]()
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


def run(rounds: int, writers: int, seed: int, longest: float, *more: str) -> Findings:
    """So many rounds on one data folder. longest: seconds of load before a kill, at most."""
    chance, findings = random.Random(seed), Findings()
    acknowledged: dict[str, str] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = RunningServer(Path(folder), *more)
        kinesis = server.client("kinesis")
        kinesis.create_stream(StreamName=STREAM, ShardCount=3)
        kinesis.get_waiter("stream_exists").wait(
            StreamName=STREAM, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
        )
        for number in range(rounds):
            at_work = [Writer(server, f"r{number}w{n}") for n in range(writers)]
            for writer in at_work:
                writer.start()
            at_work[0].join(chance.uniform(0.05, longest))
            server.kill()
            for writer in at_work:
                writer.join()
                acknowledged.update(writer.acknowledged)
            server = RunningServer(Path(folder), *more)
            findings.restarts.append(server.greeting)
            _judge(findings, acknowledged, stored(server))
        server.kill()
    findings.acknowledged = len(acknowledged)
    return findings


def _judge(findings: Findings, acknowledged: dict[str, str], found: list[tuple[str, str]]) -> None:
    there = dict(found)
    findings.lost = sum(there.get(data) != number for data, number in acknowledged.items())
    findings.doubled = sum(times - 1 for times in Counter(data for data, _ in found).values())
    newest: dict[str, int] = {}
    for data, _ in found:
        writer, _, number = data.rpartition("-")
        findings.disordered += int(number) <= newest.get(writer, 0)
        newest[writer] = int(number)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=2.0)
    given = parser.parse_args()
    findings = run(given.rounds, given.writers, given.seed, given.longest)
    row = {name: getattr(findings, name) for name in ("acknowledged", "lost", "doubled")}
    print(json.dumps({**row, "disordered": findings.disordered, "rounds": given.rounds}))  # noqa: T201
    print(findings.restarts[-1])  # noqa: T201
    return 0 if findings.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
