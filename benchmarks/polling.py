"""What the next start costs after hours of one KCL worker that polls four shards and finds nothing.

A read a second of each shard, each lease renewed every 10/3 s (a third of KCL's ten seconds), and
one PutMetricData of twenty metrics every ten seconds, unless it publishes none. A few minutes are
called for; hours are those minutes written on, with their instants and counts. Both folders are
then started from, in a process of its own each. A week is worked out from what a longer span takes
more than a shorter one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

from benchmarks import measured, workload
from benchmarks.report import Table

if TYPE_CHECKING:
    from kinesis_sim import Simulator
    from kinesis_sim.journal.folder import Folder

SHARDS, TABLE, STREAM = 4, "leases", "polled"
MINUTES = 5
WEEK = 7 * 1_440
SETTINGS = {"region": "us-east-1", "account": "123456789012", "seed": 0}
_SCOPE = "AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/dynamodb/aws4_request"
_RENEWALS = (0, 3, 6)
"""Seconds of ten at which leases are renewed."""


def run(hours: int) -> None:
    """Measure and print."""
    table = Table(
        f"The next start after one KCL worker that polls {SHARDS} shards and finds nothing",
        ["kept", "calls", "MiB", "processor s", "s a week"],
    )
    weeks = {}
    for metrics in (False, True):
        for how, spans in (("call by call", (1, MINUTES)), ("folded", (30, hours * 60))):
            short, long = (_started(how, minutes, metrics) for minutes in spans)
            each = (long["seconds"] - short["seconds"]) / (spans[1] - spans[0])
            week = short["seconds"] + each * (WEEK - spans[0])
            told = "with metrics" if metrics else "no metrics"
            size = f"{long['bytes'] / 2**20:.1f}"
            took = f"{long['seconds']:.2f}"
            name = f"{spans[1]} minutes, {told}, {how}"
            table.add(name, f"{long['calls']:,}", size, took, f"{week:.0f}")
            weeks[f"{told}, {how}"] = week
    table.remarks.append("A week is worked out from the difference to a shorter span.")
    table.show()
    measured.keep("polling", weeks)


def _started(how: str, minutes: int, metrics: bool) -> Any:
    """What the start after so many minutes took."""
    with tempfile.TemporaryDirectory() as folder:
        _child("fill", folder, how, minutes, metrics)
        return json.loads(_child("measure", folder))


def _child(*given: object) -> str:
    command = [sys.executable, "-m", "benchmarks.polling", *map(str, given)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=workload.environment()
    )
    return done.stdout


# --- in processes of their own --------------------------------------------------------------------


def _fill(path: Path, how: str, minutes: int, metrics: bool) -> None:
    from kinesis_sim import Simulator
    from kinesis_sim.aws.restoring import keep
    from kinesis_sim.journal import folder

    sim = Simulator(remember=0, latency=None)
    if how == "call by call":
        folder.folded = lambda entries, effects, first: list(entries)
    keep(sim, path, SETTINGS, fsync=False)
    assert sim.folder is not None
    worker = _Worker(sim, sim.folder)
    for minute in range(min(MINUTES, minutes)):
        worker.work(minute, metrics)
    if minutes > MINUTES:
        worker.write_on(minutes - MINUTES)
    if how == "folded":  # the last 4 MiB, too, which would be in proportion to nothing
        sim.folder._pack_at = 0
        sim.folder.flush()
    sim.folder.close()


class _Worker:
    """One worker, and all that it had kept in its last minute."""

    def __init__(self, sim: Simulator, folder: Folder) -> None:
        from kinesis_sim.aws.neighbours import Neighbours

        self._sim, self._folder, self._neighbours = sim, folder, Neighbours()
        self._kept: list[tuple[bytes, Any]] = []
        sim.inputs.write = self._write
        sim.inputs.tell_found(self._found)
        sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": SHARDS})
        sim.advance(minutes=1)
        keys = [{"AttributeName": "leaseKey", "KeyType": "HASH"}]
        kinds = [{"AttributeName": "leaseKey", "AttributeType": "S"}]
        self._ask(
            "CreateTable", KeySchema=keys, AttributeDefinitions=kinds,
            BillingMode="PAY_PER_REQUEST",
        )  # fmt: skip
        self._iterators = []
        for shard in range(SHARDS):
            name = f"shardId-{shard:012d}"
            owner = {"leaseOwner": {"S": "worker-1"}, "checkpoint": {"S": "TRIM_HORIZON"}}
            lease = {"leaseKey": {"S": name}, "leaseCounter": {"N": "0"}, **owner}
            self._ask("PutItem", Item=lease)
            asked = {"StreamName": STREAM, "ShardId": name, "ShardIteratorType": "LATEST"}
            told = sim.gate.call("kinesis", "GetShardIterator", asked)
            self._iterators.append(told["ShardIterator"])

    def _write(self, data: bytes, safe: bool) -> int:
        self._kept.append((data, None))
        return self._folder.write(data, safe=False)

    def _found(self, number: int, effect: Any) -> None:
        self._kept[-1] = self._kept[-1][0], effect
        self._folder.found(number, effect)

    def _ask(self, operation: str, **body: Any) -> None:
        from kinesis_sim.aws.exchange import Request
        from kinesis_sim.aws.neighbours import _environ

        headers = {
            "host": "localhost:4567",
            "authorization": f"AWS4-HMAC-SHA256 Credential={_SCOPE}, SignedHeaders=host;x-amz-date",
            "x-amz-target": f"DynamoDB_20120810.{operation}",
            "content-type": "application/x-amz-json-1.0",
            "user-agent": "aws-sdk-java/2.31 " + "x" * 200,
        }
        data = json.dumps({"TableName": TABLE, **body}).encode()
        request = Request("POST", "/", "", headers, body=data)
        reply = self._neighbours._kept(
            self._sim, request, _environ(request, self._sim.account), None
        )
        assert reply.status == 200, reply.body

    def work(self, minute: int, metrics: bool) -> None:
        """A minute of polling."""
        self._kept.clear()
        for second in range(60):
            for shard in range(SHARDS):
                self._sim.advance(milliseconds=1_000 // SHARDS)
                asked = {"ShardIterator": self._iterators[shard]}
                told = self._sim.gate.call("kinesis", "GetRecords", asked)
                self._iterators[shard] = told["NextShardIterator"]
                if second % 10 in _RENEWALS:
                    self._renew(shard)
            if metrics and second % 10 == 9:
                self._publish()

    def _renew(self, shard: int) -> None:
        values = {":one": {"N": "1"}, ":me": {"S": "worker-1"}}
        self._ask(
            "UpdateItem", Key={"leaseKey": {"S": f"shardId-{shard:012d}"}},
            UpdateExpression="SET leaseCounter = leaseCounter + :one",
            ConditionExpression="leaseOwner = :me", ExpressionAttributeValues=values,
        )  # fmt: skip

    def _publish(self) -> None:
        rows = [
            {
                "MetricName": f"metric{n}", "Value": 1.0, "Unit": "Milliseconds",
                "Dimensions": [{"Name": "Operation", "Value": "ProcessTask"}],
            }
            for n in range(20)
        ]  # fmt: skip
        self._sim.gate.call(
            "cloudwatch", "PutMetricData", {"Namespace": "polling", "MetricData": rows}
        )

    def write_on(self, minutes: int) -> None:
        """Have the last minute kept again and again, as it would have gone on."""
        from kinesis_sim.journal.entry import decoded, encoded

        kept = [(decoded(data), effect) for data, effect in self._kept]
        first, appended = kept[0][0].appended, self._sim.events.appended
        assert len({entry.steps for entry, _ in kept}) == 1
        for minute in range(1, minutes + 1):
            for entry, effect in kept:
                later = entry._replace(
                    at=entry.at + 60_000 * minute,
                    appended=entry.appended + (appended - first) * minute,
                )
                number = self._folder.write(encoded(later), safe=False)
                if effect is not None:
                    self._folder.found(number, _later(effect, minute))
            if minute % 10 == 0:
                self._folder.flush()


def _later(effect: list[Any], minutes: int) -> list[Any]:
    """What a call comes to so many minutes later."""
    from kinesis_sim.journal.folding import MINUTES

    if effect[0] != MINUTES:
        return effect
    *told, rows = effect
    return [*told, [[metric, at + 60_000 * minutes, *image] for metric, at, *image in rows]]


def _measure(path: Path) -> dict[str, Any]:
    from kinesis_sim import Simulator
    from kinesis_sim.aws import restoring
    from kinesis_sim.journal.folder import FILE

    sim = Simulator(remember=0, latency=None)
    _warm(sim.made_in("sa-east-1", "210987654321"))
    begun = process_time()
    restored = restoring.keep(sim, path, SETTINGS)
    seconds = process_time() - begun
    assert sim.folder is not None
    sim.folder.close()
    size = (path / FILE).stat().st_size
    return {"seconds": seconds, "calls": restored.entries, "bytes": size}


def _warm(sim: Simulator) -> None:
    """Import what calls of these kinds import."""
    from kinesis_sim.aws import neighbours

    neighbours.prepare()
    for name in sim.services.names:
        _ = sim.services[name]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", folder, how, minutes, metrics]:
            _fill(Path(folder), how, int(minutes), metrics == "True")
        case ["measure", folder]:
            print(json.dumps(_measure(Path(folder))))
        case [hours]:
            run(int(hours))
