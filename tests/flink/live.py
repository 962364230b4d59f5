"""Real Flink on a running server: what is put is read, and what is written arrives.

``make flink-live`` (or ``python -m tests.flink.live``) serves an account on the wall clock, with
AWS's limits, puts 2,000 rows over two shards, and has Flink read them by polling and by fan-out;
90 rows of a window go through the sink of Kinesis and 90 through that of Firehose. Every row is
counted by its number, so that a row lost and a row twice do not make up for each other. Needs Java
and Maven; takes two minutes.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import boto3

from kinesis_sim import flink
from kinesis_sim.aws.server import start
from tests.flink.feed import DOCKS, MIDNIGHT_MS, sql_time

ROWS = 2_000
EVERY_MS = 75
"""Between two rows: they take 150 s, which are 15 windows of ten seconds."""
WINDOWS = 15 * len(DOCKS)
"""Rows of the windowed sum: every dock has some in every window."""
AT_ONCE, PAUSE_SECONDS = 500, 0.25
"""Rows of a call; what the limit of a shard refused waits so long."""
BUCKET = "flink-live-lake"
TIMEOUT_SECONDS = 150

TABLE = """CREATE TABLE {name} (
  id BIGINT, dock STRING, `at` TIMESTAMP(3),
  shard STRING NOT NULL METADATA FROM 'shard-id' VIRTUAL,
  WATERMARK FOR `at` AS `at` - INTERVAL '1' SECOND
) WITH ('connector'='kinesis', 'stream'='{stream}', 'scan.stream.initpos'='TRIM_HORIZON',
  {more} 'format'='json');
"""
FAN_OUT = "'scan.stream.recordpublisher'='EFO', 'scan.stream.efo.consumername'='flink',"
SINKS = """CREATE TABLE totals (dock STRING, until TIMESTAMP(3), n BIGINT) PARTITIONED BY (dock)
WITH ('connector'='kinesis', 'stream'='totals', 'format'='json');
CREATE TABLE lake (dock STRING, until TIMESTAMP(3), n BIGINT)
WITH ('connector'='firehose', 'delivery-stream'='lake', 'format'='json');
CREATE VIEW sums AS SELECT dock, window_end, COUNT(*) AS n
FROM TABLE(TUMBLE(TABLE one_shard, DESCRIPTOR(`at`), INTERVAL '10' SECOND))
GROUP BY window_start, window_end, dock;
INSERT INTO totals SELECT * FROM sums;
INSERT INTO lake SELECT * FROM sums;
"""
READ = "-- read\nSELECT id, dock, shard FROM clicks;\n"
POLLING = TABLE.format(name="clicks", stream="clicks", more="") + (
    TABLE.format(name="one_shard", stream="one-shard", more="") + SINKS + READ
)
BY_FAN_OUT = TABLE.format(name="clicks", stream="clicks", more=FAN_OUT) + READ


def rows() -> list[dict[str, Any]]:
    """Rows in order of their time; the last comes later, and closes every window before it."""
    found = [
        {"id": id, "dock": DOCKS[id % len(DOCKS)], "at": sql_time(MIDNIGHT_MS + id * EVERY_MS)}
        for id in range(ROWS)
    ]
    found[-1]["at"] = sql_time(MIDNIGHT_MS + 200_000)
    return found


def say(text: str) -> None:
    """A line for whoever waits."""
    sys.stderr.write(f"{text}\n")


class Account:
    """An account on a server: streams, a bucket and a delivery stream, and their clients."""

    def __init__(self, endpoint_url: str) -> None:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        self.kinesis, self.firehose, self.s3, self.iam = (
            boto3.client(name, endpoint_url=endpoint_url, region_name="us-east-1", **keys)
            for name in ("kinesis", "firehose", "s3", "iam")
        )

    def prepare(self) -> None:
        """Make what the scripts name, and put the rows."""
        for name, shards in (("clicks", 2), ("totals", 2), ("one-shard", 1)):
            self.kinesis.create_stream(StreamName=name, ShardCount=shards)
            self.kinesis.get_waiter("stream_exists").wait(
                StreamName=name, WaiterConfig={"Delay": 1}
            )
        self.s3.create_bucket(Bucket=BUCKET)
        role = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "firehose.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        made = self.iam.create_role(RoleName="lake", AssumeRolePolicyDocument=json.dumps(role))
        self.firehose.create_delivery_stream(
            DeliveryStreamName="lake",
            ExtendedS3DestinationConfiguration={
                "RoleARN": made["Role"]["Arn"],
                "BucketARN": f"arn:aws:s3:::{BUCKET}",
                "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0},
            },
        )
        for name in ("clicks", "one-shard"):
            refused = self.put(name)
            say(f"{name}: {ROWS} rows put, {refused} times refused by a shard's limit, put again")

    def put(self, stream: str) -> int:
        """Put the rows; what is refused is put again. How often a row was refused."""
        refused = 0
        everything = [
            {"Data": json.dumps(row).encode(), "PartitionKey": row["dock"]} for row in rows()
        ]
        for at in range(0, ROWS, AT_ONCE):
            left = everything[at : at + AT_ONCE]
            while left:
                told = self.kinesis.put_records(StreamName=stream, Records=left)["Records"]
                left = [one for one, said in zip(left, told, strict=True) if "ErrorCode" in said]
                refused += len(left)
                time.sleep(PAUSE_SECONDS if left else 0)
        return refused

    def consumers(self) -> list[str]:
        """Names of the fan-out consumers that nobody deregistered."""
        arn = self.kinesis.describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"]
        found = self.kinesis.list_stream_consumers(StreamARN=arn["StreamARN"])["Consumers"]
        return [one["ConsumerName"] for one in found]

    def written(self) -> dict[str, list[dict[str, Any]]]:
        """The rows that arrived in each sink."""
        found = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        bodies = [
            self.s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read().decode()
            for one in found
        ]
        return {
            "sink of Kinesis": flink.from_stream(self.kinesis, "totals"),
            "sink of Firehose": [row for body in bodies for row in joined(body)],
        }


def joined(text: str) -> list[dict[str, Any]]:
    """Objects of JSON that follow each other, with or without a line's end between them."""
    found, at, reader = [], 0, json.JSONDecoder()
    while at < len(text):
        row, at = reader.raw_decode(text, at)
        found.append(row)
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def wanted() -> Counter[tuple[str, str, int]]:
    """The sums that the windows come to, but for the one that stays open."""
    sums = Counter(
        (row["dock"], sql_time(MIDNIGHT_MS + (row["id"] * EVERY_MS // 10_000 + 1) * 10_000))
        for row in rows()[:-1]
    )
    return Counter((dock, until[:19], n) for (dock, until), n in sums.items())


def read(script: str, endpoint_url: str, until: Callable[[], bool] = lambda: True) -> list[str]:
    """What a run lacks of the rows, as sentences; none is as it should be."""
    seen: Counter[int] = Counter()

    def told(line: dict[str, Any]) -> None:
        if line["what"] == "row":
            seen[line["values"][0]] += 1

    flink.live(
        script,
        endpoint_url,
        timeout=TIMEOUT_SECONDS,
        told=told,
        until=lambda: len(seen) == ROWS and until(),
        say=say,
    )
    lost = sorted(set(range(ROWS)) - set(seen))
    twice = sorted(id for id, times in seen.items() if times > 1)
    say(f"{len(seen)} of {ROWS} read, {len(twice)} of them more than once")
    return [f"{what}: {ids[:10]}" for what, ids in (("lost", lost), ("twice", twice)) if ids]


def main() -> None:
    """Exit code 1 where a row is lost, or there twice."""
    wrong: list[str] = []
    with start() as server:
        account = Account(server.endpoint_url)
        account.prepare()
        say("By polling, with both sinks:")
        wrong += read(
            POLLING,
            server.endpoint_url,
            lambda: all(len(rows) >= WINDOWS for rows in account.written().values()),
        )
        for sink, rows in account.written().items():
            say(f"{sink}: {len(rows)} of {WINDOWS}")
            arrived = Counter((row["dock"], row["until"][:19], row["n"]) for row in rows)
            if arrived != wanted():
                wrong.append(f"{sink}: {arrived - wanted()} too many, {wanted() - arrived} lost")
        say("By fan-out:")
        wrong += read(BY_FAN_OUT, server.endpoint_url)
        left = account.consumers()
        if left:
            wrong.append(f"consumers left behind: {left}")
    say("\n".join(wrong) or "Nothing lost, nothing twice.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
