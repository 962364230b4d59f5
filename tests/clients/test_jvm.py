"""Amazon's own JVM clients, KCL 3 and KPL, while their streams are split and merged.

Three KCL applications read, with their leases in DynamoDB and their metrics in CloudWatch behind
the same endpoint: one polls in clear (HTTP/2 by prior knowledge), two take enhanced fan-out over
TLS. boto3 fills the stream of the first two; the KPL's native daemon, over TLS, that of the third.
It is one run, because a KCL that finds no leases waits for up to 30 seconds, at random, before it
makes them.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest

from kinesis_sim import Simulator
from kinesis_sim.account.aggregation import deaggregate, user_records
from kinesis_sim.aws.server import Server, start
from tests.clients.java import CLASSPATH, Program
from tests.clients.job import JOB, Record, middle, parents

ACCOUNT = "210987654321"
"""moto keeps tables for as long as this process lives: these are in nobody else's way."""
STEP_SECONDS = "90"
KPL_STREAM = "kpl"
POLLING, FAN_OUT, OF_KPL = "kcl-polling", "kcl-fan-out", "kcl-of-kpl"
APPLICATIONS = {
    POLLING: (JOB.stream, "polling"),
    FAN_OUT: (JOB.stream, "fan-out"),
    OF_KPL: (KPL_STREAM, "fan-out"),
}
CLOSED = 3
"""Shards that end: one is split, two are merged."""

Row = list[str]
each_application = pytest.mark.parametrize("application", APPLICATIONS)


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it. journals: application → all that it saw; placed: text → shard, number."""

    server: Server
    journals: dict[str, list[Row]]
    placed: dict[str, tuple[str, str]]

    def client(self, service: str) -> Any:
        """A boto3 client of the endpoint."""
        return boto3.client(service, endpoint_url=self.server.endpoint_url)

    def records(self, application: str) -> list[Row]:
        """Rows of shard, key, text, sequence number and sub-sequence number."""
        return [row[1:] for row in self.journals[application] if row[0] == "record"]

    def shards(self, application: str) -> list[dict[str, Any]]:
        """The shards of the application's stream, as ListShards has them."""
        return _shards(self.client("kinesis"), APPLICATIONS[application][0])


@pytest.fixture(scope="module")
def run(java: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    if not CLASSPATH.is_file():
        verdict = pytest.fail if os.environ.get("KINESIS_LAB_REQUIRE_JVM") else pytest.skip
        verdict("The JVM clients are not built; `make test-jvm` does it.")
    sim = Simulator(clock="wall", latency=None, delays="instant", account=ACCOUNT)
    keys = tmp_path_factory.mktemp("certificate")
    with start(sim, tls_port=0, cert_dir=keys) as server:
        yield _perform(java, server)


def _perform(java: str, server: Server) -> Run:
    assert server.tls_endpoint_url is not None
    assert server.certificate is not None
    tls = (server.tls_endpoint_url, str(server.certificate.path))
    reading = [part for name, how in APPLICATIONS.items() for part in (name, *how)]
    kinesis = boto3.client("kinesis", endpoint_url=server.endpoint_url)
    for stream in (JOB.stream, KPL_STREAM):
        kinesis.create_stream(StreamName=stream, ShardCount=JOB.shards)
    placed: dict[str, tuple[str, str]] = {}
    with ExitStack() as stack:
        kpl = stack.enter_context(
            Program(java, "Producer", *tls, KPL_STREAM, str(CLASSPATH.parent))
        )
        arguments = (server.endpoint_url, *tls, str(CLOSED), STEP_SECONDS, *reading)
        kcl = stack.enter_context(Program(java, "Consumers", *arguments))
        for phase, reshard in enumerate((_split, _merge, None)):
            for call in JOB.calls(phase):
                _put(kinesis, call)
                placed |= _aggregate(kpl, call)
            kcl.ask((phase + 1) * JOB.records_per_phase)
            if reshard is not None:
                for stream in (JOB.stream, KPL_STREAM):
                    reshard(kinesis, stream)
        kpl.finish()
        return Run(server, kcl.finish(), placed)


def _put(kinesis: Any, call: list[Record]) -> None:
    records = [{"PartitionKey": key, "Data": text.encode()} for key, text in call]
    assert kinesis.put_records(StreamName=JOB.stream, Records=records)["FailedRecordCount"] == 0


def _aggregate(kpl: Program, call: list[Record]) -> dict[str, tuple[str, str]]:
    answer = kpl.ask(call)
    rows = zip(call, answer, strict=True)
    return {text: (shard, number) for (_, text), (shard, number) in rows}


def _shards(kinesis: Any, stream: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = kinesis.list_shards(StreamName=stream)["Shards"]
    return found


def _split(kinesis: Any, stream: str) -> None:
    first = _shards(kinesis, stream)[0]
    kinesis.split_shard(
        StreamName=stream, ShardToSplit=first["ShardId"], NewStartingHashKey=middle(first)
    )


def _merge(kinesis: Any, stream: str) -> None:
    """The upper half of what was split, with its neighbour."""
    _, neighbour, *_, upper = _shards(kinesis, stream)
    kinesis.merge_shards(
        StreamName=stream,
        ShardToMerge=upper["ShardId"],
        AdjacentShardToMerge=neighbour["ShardId"],
    )


# --- KCL ------------------------------------------------------------------------------------------


@each_application
def test_every_record_is_processed(run: Run, application: str) -> None:
    assert {text for _, _, text, _, _ in run.records(application)} == set(JOB.texts())


@pytest.mark.parametrize("application", [POLLING, FAN_OUT])
def test_the_order_of_every_key_is_kept(run: Run, application: str) -> None:
    """Of first deliveries: the KCL promises each record at least once, not exactly once."""
    seen: defaultdict[str, dict[int, None]] = defaultdict(dict)
    for _, key, text, _, _ in run.records(application):
        owner, _, number = text.partition(":")
        assert owner == key
        seen[key][int(number)] = None
    assert seen.keys() == set(JOB.keys)
    assert all(list(numbers) == sorted(numbers) for numbers in seen.values())


@each_application
def test_children_are_read_after_their_parents(run: Run, application: str) -> None:
    steps = [(row[0], row[1]) for row in run.journals[application]]
    children = [shard for shard in run.shards(application) if parents(shard)]
    assert sorted(len(parents(shard)) for shard in children) == [1, 1, 2]
    for shard in children:
        begun = steps.index(("started", shard["ShardId"]))
        assert all(("ended", parent) in steps[:begun] for parent in parents(shard))


@each_application
def test_leases_are_in_dynamodb(run: Run, application: str) -> None:
    items = run.client("dynamodb").scan(TableName=application)["Items"]
    found = {item["leaseKey"]["S"]: item for item in items if item["entityType"]["S"] == "LEASE"}
    shards = run.shards(application)
    assert found.keys() == {shard["ShardId"] for shard in shards}
    last = {shard: number for shard, _, _, number, _ in run.records(application)}
    for shard in shards:
        lease, closed = (
            found[shard["ShardId"]],
            "EndingSequenceNumber" in shard["SequenceNumberRange"],
        )
        assert sorted(lease.get("parentShardId", {}).get("SS", ())) == sorted(parents(shard))
        assert lease["checkpoint"]["S"] == ("SHARD_END" if closed else last[shard["ShardId"]])


@each_application
def test_metrics_are_in_cloudwatch(run: Run, application: str) -> None:
    cloudwatch = run.client("cloudwatch")
    metrics = cloudwatch.list_metrics(Namespace=application, MetricName="RecordsProcessed")
    now = run.server.simulator.now
    processed = 0.0
    for metric in metrics["Metrics"]:
        answer = cloudwatch.get_metric_statistics(
            **metric,
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=7200,
            Statistics=["Sum"],
        )
        processed += sum(point["Sum"] for point in answer["Datapoints"])
    assert processed == len(run.records(application))


def test_fan_out_applications_are_registered_consumers(run: Run) -> None:
    kinesis = run.client("kinesis")
    for stream, expected in ((JOB.stream, [FAN_OUT]), (KPL_STREAM, [OF_KPL])):
        summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
        found = kinesis.list_stream_consumers(StreamARN=summary["StreamARN"])["Consumers"]
        assert [consumer["ConsumerName"] for consumer in found] == expected


# --- KPL ------------------------------------------------------------------------------------------


def test_the_kpl_aggregates(run: Run) -> None:
    packed = [user_records(row["Data"]) for rows in _raw(run).values() for row in rows]
    assert max(len(users) for users in packed if users) > 1


def test_records_are_where_the_kpl_was_told(run: Run) -> None:
    found = {(text, shard, number) for shard, _, text, number, _ in run.records(OF_KPL)}
    assert {(text, *place) for text, place in run.placed.items()} <= found


def test_the_kcl_opens_aggregates_as_we_do(run: Run) -> None:
    """Those included that a reshard sent astray: one user record of another shard's range is
    enough for the whole aggregate to be left out."""
    opened: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for shard, *row in run.records(OF_KPL):
        opened[shard].append(tuple(row))
    raw = _raw(run)
    for shard in run.shards(OF_KPL):
        hashes, rows = shard["HashKeyRange"], raw[shard["ShardId"]]
        ours = deaggregate(rows, int(hashes["StartingHashKey"]), int(hashes["EndingHashKey"]))
        first_deliveries = list(dict.fromkeys(opened[shard["ShardId"]]))
        assert [_as_journal(row) for row in ours] == first_deliveries


def _as_journal(row: dict[str, Any]) -> tuple[str, ...]:
    sub = row.get("SubSequenceNumber", 0)
    return row["PartitionKey"], row["Data"].decode(), row["SequenceNumber"], str(sub)


def _raw(run: Run) -> dict[str, list[dict[str, Any]]]:
    """Every shard's records as GetRecords has them."""
    kinesis, rows = run.client("kinesis"), {}
    for shard in run.shards(OF_KPL):
        token = kinesis.get_shard_iterator(
            StreamName=KPL_STREAM, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        rows[shard["ShardId"]] = kinesis.get_records(ShardIterator=token)["Records"]
    return rows
