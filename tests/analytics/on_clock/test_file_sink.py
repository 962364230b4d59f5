"""A job's files are in S3 once a checkpoint has committed them, each row once."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError

_NUMBERS = count()
READ = """CREATE TABLE feed (id BIGINT, dock STRING) WITH (
  'connector' = 'kinesis', 'stream' = 'feed', 'scan.stream.initpos' = 'TRIM_HORIZON',
  'format' = 'json');
"""


class Written:
    """A stream, and a bucket of its own: S3 is one for all simulators of a process."""

    def __init__(self) -> None:
        self.sim = Simulator(latency=None)
        self.bucket = f"flink-files-{next(_NUMBERS)}"
        self.sim.buckets.create(self.bucket)
        self.sim.client("kinesis").create_stream(StreamName="feed", ShardCount=1)
        self.sim.advance(minutes=1)
        self.put = 0

    def start(self, more: str = "", path: str = "out/", select: str = "id, dock") -> Any:
        sink = f"""CREATE TABLE files (id BIGINT, dock STRING) {more}
          WITH ('connector' = 'filesystem', 'format' = 'json',
            'path' = 's3://{self.bucket}/{path}');
          INSERT INTO files SELECT {select} FROM feed;"""
        return self.sim.analytics.start(READ + sink)

    def rows(self, number: int, dock: str | None = "Lapa") -> None:
        for _ in range(number):
            data = json.dumps({"id": self.put, "dock": dock}).encode()
            self.sim.client("kinesis").put_record(StreamName="feed", Data=data, PartitionKey="a")
            self.put += 1

    def files(self) -> dict[str, list[dict[str, Any]]]:
        """What lies in the bucket: its lines, by key."""
        return {
            key: [json.loads(line) for line in body.splitlines()]
            for key, body in self.sim.buckets.objects(self.bucket)
        }

    def ids(self) -> list[int]:
        return sorted(row["id"] for rows in self.files().values() for row in rows)


def test_each_checkpoint_ends_a_file() -> None:
    made = Written()
    job = made.start()
    made.rows(3)
    made.sim.advance(seconds=50)
    assert made.files() == {}
    made.sim.advance(seconds=20)
    made.rows(2)
    made.sim.advance(seconds=60)
    (first, one), (second, two) = sorted(made.files().items())
    assert first.startswith("out/part-")
    assert (first[-4:], second[-4:]) == ("-0-0", "-0-1")
    assert one == [{"id": number, "dock": "Lapa"} for number in range(3)]
    assert [row["id"] for row in two] == [3, 4]
    assert [row["id"] for row in job.rows("files")] == [0, 1, 2, 3, 4]


def test_a_failure_and_a_savepoint_leave_each_row_once() -> None:
    made = Written()
    job = made.start()
    made.rows(3)
    made.sim.advance(seconds=70)
    made.rows(3)
    made.sim.advance(seconds=10)
    job.fail()
    made.sim.advance(seconds=70)
    made.rows(2)
    made.sim.advance(seconds=2)
    kept = job.stop()
    job.start(kept)
    made.rows(2)
    made.sim.advance(seconds=70)
    assert made.ids() == [*range(10)]


def test_a_forced_stop_leaves_no_file_of_what_no_checkpoint_saw() -> None:
    made = Written()
    job = made.start()
    made.rows(3)
    made.sim.advance(seconds=10)
    job.stop(savepoint=False)
    made.sim.advance(seconds=70)
    assert made.files() == {}


def test_partitions_are_folders_whose_columns_no_line_has() -> None:
    made = Written()
    made.start("PARTITIONED BY (dock)", path="lake")
    made.rows(1, "Sé/Norte")
    made.rows(2)
    made.rows(1, None)
    made.sim.advance(seconds=70)
    found = {key.rsplit("/", 1)[0]: rows for key, rows in made.files().items()}
    assert found == {
        "lake/dock=Sé%2FNorte": [{"id": 0}],
        "lake/dock=Lapa": [{"id": 1}, {"id": 2}],
        "lake/dock=__DEFAULT_PARTITION__": [{"id": 3}],
    }


def test_what_s3_does_not_take_waits_and_is_written_once() -> None:
    made = Written()
    job = made.start()
    made.sim.buckets.refuse(made.bucket, "SlowDown")
    made.rows(3)
    made.sim.advance(seconds=70)
    kept = job.stop()
    assert made.files() == {}
    made.sim.buckets.accept(made.bucket)
    job.start(kept)
    made.sim.advance(seconds=70)
    assert made.ids() == [0, 1, 2]
    assert [row["id"] for row in job.rows("files")] == [0, 1, 2]


def test_a_bucket_that_refuses_for_good_fails_the_job_with_its_answer() -> None:
    made = Written()
    job = made.start()
    made.sim.buckets.refuse(made.bucket, "AccessDenied")
    made.rows(3)
    made.sim.advance(seconds=70)
    assert (job.state, job.why) == ("FAILED", "AccessDenied: Access Denied")


def test_a_bucket_that_is_not_there_is_told_at_the_start() -> None:
    made = Written()
    made.bucket += "-nobody"
    with pytest.raises(ServiceError, match="NoSuchBucket"):
        made.start()


def test_what_one_job_writes_another_reads() -> None:
    made = Written()
    made.start()
    made.rows(3)
    made.sim.advance(seconds=70)
    read = f"""CREATE TABLE files (id BIGINT, dock STRING) WITH ('connector' = 'filesystem',
      'path' = 's3://{made.bucket}/out', 'format' = 'json');
      CREATE TABLE seen (id BIGINT) WITH ('connector' = 'print');
      INSERT INTO seen SELECT id FROM files;"""
    job = made.sim.analytics.start(read)
    made.sim.advance(seconds=5)
    assert [row["id"] for row in job.rows("seen")] == [0, 1, 2]
