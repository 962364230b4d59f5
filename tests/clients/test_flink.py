"""Real Apache Flink, as learners run it: over a feed, and on a server's streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kinesis_sim import Simulator, flink
from kinesis_sim.aws.server import start
from kinesis_sim.flink.script import statements
from tests.aws.http_client import client
from tests.conftest import program
from tests.flink import truth
from tests.flink.feed import lines, rows

ASKED = ("session", "over_range", "top")
"""Statements of different kinds that CI asks Flink again; the others are asked when one changes."""


@pytest.fixture(scope="module", autouse=True)
def maven() -> None:
    for name in ("mvn", "javac"):
        program(name, (name,), "KINESIS_LAB_REQUIRE_JVM")


def test_the_kept_answers_are_those_that_flink_gives(tmp_path: Path) -> None:
    """Through ``flink run --feed``; Flink refuses changes to a sink that takes none back."""
    chosen = [
        f"-- {s.label}\n{s.text};"
        for s in statements(truth.STATEMENTS.read_text())
        if s.verb in ("table", "view") or s.label in ASKED
    ]
    sink = (
        "CREATE TABLE out_1 (dock STRING, n BIGINT) WITH ('connector' = 'kinesis', 'stream' = 'o')"
    )
    refused = "INSERT INTO out_1 SELECT dock, COUNT(*) FROM feed GROUP BY dock"
    (tmp_path / "feed.jsonl").write_text(lines())
    (tmp_path / "q.sql").write_text("\n".join([*chosen, f"{sink};", refused]))
    command = [sys.executable, "-m", "kinesis_sim", "flink", "run", "q.sql", "--feed", "feed.jsonl"]
    done = subprocess.run(
        [*command, "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Flink refuses out_1" in done.stderr
    assert "update" in done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    kept = truth.kept()["answers"]
    for label in ASKED:
        found = [
            [t["kind"], *t["values"]] for t in told if (t["what"], t["statement"]) == ("row", label)
        ]
        (end,) = (t for t in told if (t["what"], t["statement"]) == ("done", label))
        assert (found, end["late"]) == (kept[label]["changes"], kept[label]["late"])


LIVE = """
CREATE TABLE clicks (
  id BIGINT, dock STRING, `at` TIMESTAMP(3),
  shard STRING NOT NULL METADATA FROM 'shard-id' VIRTUAL
) WITH ('connector' = 'kinesis', 'stream' = 'clicks', 'scan.stream.initpos' = 'TRIM_HORIZON',
  'scan.stream.recordpublisher' = '{publisher}', 'scan.stream.efo.consumername' = 'flink',
  'format' = 'json');
"""
COPY = """
CREATE TABLE copies (id BIGINT, dock STRING) PARTITIONED BY (dock)
WITH ('connector' = 'kinesis', 'stream' = 'copies', 'format' = 'json');
CREATE TABLE lake (id BIGINT) WITH ('connector' = 'firehose', 'delivery-stream' = 'lake',
  'format' = 'json');
EXECUTE STATEMENT SET BEGIN
INSERT INTO copies SELECT id, dock FROM clicks;
INSERT INTO lake SELECT id FROM clicks;
END;
"""


def filled(server: Any) -> None:
    from tests.firehose.calls import bucket

    with client(server, "kinesis") as kinesis:
        for name in ("clicks", "copies"):
            kinesis.create_stream(StreamName=name, ShardCount=2)
        entries = [{"Data": json.dumps(r).encode(), "PartitionKey": r["dock"]} for r in rows()]
        for at in (0, 300):
            kinesis.put_records(StreamName="clicks", Records=entries[at : at + 300])
    with client(server, "firehose") as firehose:
        firehose.create_delivery_stream(
            DeliveryStreamName="lake", ExtendedS3DestinationConfiguration=bucket("flink-lake")
        )


def arrived(sim: Simulator) -> tuple[int, int]:
    """Records in both sinks."""
    copies = sum(shard.log.end for shard in sim.streams["copies"].shards)
    return copies, sim.firehose["lake"].tally.accepted


def test_streams_are_read_by_fan_out_and_written() -> None:
    sim = Simulator(latency=None, delays="instant", limits="off", account="210987654321")
    sim.buckets.create("flink-lake")
    with start(sim) as server:
        filled(server)
        pushed = flink.live(
            LIVE.format(publisher="EFO") + "-- read\nSELECT id, shard FROM clicks;",
            server.endpoint_url,
            rows=len(rows()),
            timeout=120,
            say=sys.stderr.write,
        )
        with client(server, "kinesis") as kinesis:
            arn = sim.streams["clicks"].arn
            assert kinesis.list_stream_consumers(StreamARN=arn)["Consumers"] == []
        written = flink.live(
            LIVE.format(publisher="POLLING") + COPY,
            server.endpoint_url,
            timeout=120,
            say=print,
            until=lambda: arrived(sim) == (len(rows()), len(rows())),
        )
        with client(server, "kinesis") as kinesis:
            copies = flink.from_stream(kinesis, "copies")
    numbers = Counter(row["id"] for row in rows())
    assert Counter(values[0] for _, values in pushed["read"].changes) == numbers
    assert {values[1] for _, values in pushed["read"].changes} == {
        "shardId-000000000000",
        "shardId-000000000001",
    }
    assert not written["INSERT INTO"].ended
    assert Counter(row["id"] for row in copies) == numbers
    assert sim.firehose["lake"].tally.accepted == len(rows())
