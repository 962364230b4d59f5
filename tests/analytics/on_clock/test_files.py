"""A job on the clock reads a 'filesystem' table from S3: to its end, or as new files come."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.errors import ServiceError

RIDES = """CREATE TABLE rides (
  bike STRING, ended TIMESTAMP(3), file STRING METADATA FROM 'file.name',
  WATERMARK FOR ended AS ended - INTERVAL '5' SECOND)
WITH ('connector' = 'filesystem', 'path' = 's3://{lake}/rides', 'format' = 'json'{more});
CREATE TABLE counts (window_start TIMESTAMP(3), n BIGINT)
WITH ('connector' = 'filesystem', 'path' = 's3://{lake}/counts', 'format' = 'json');
CREATE TABLE seen (bike STRING, file STRING) WITH ('connector' = 'print');
INSERT INTO counts SELECT window_start, COUNT(*)
FROM TABLE(TUMBLE(TABLE rides, DESCRIPTOR(ended), INTERVAL '10' SECOND))
GROUP BY window_start, window_end;
INSERT INTO seen SELECT bike, file FROM rides;
"""
_NUMBERS = count()


class Lake:
    """A bucket of its own: S3 is one for all simulators of a process."""

    def __init__(self) -> None:
        self.sim = Simulator(latency=None)
        self.name = f"flink-lake-{next(_NUMBERS)}"
        self._s3 = self.sim.client("s3")
        self._s3.create_bucket(Bucket=self.name)

    def store(self, key: str, seconds: list[int], *, also: bytes = b"") -> None:
        """A file of rides that ended so many seconds after midnight."""
        rows = [{"bike": f"b{one}", "ended": f"2026-01-01 00:00:{one:02d}.000"} for one in seconds]
        body = "".join(json.dumps(row) + "\n" for row in rows).encode() + also
        self._s3.put_object(Bucket=self.name, Key=key, Body=body)

    def start(self, more: str = "", change: tuple[str, str] = ("", "")) -> Any:
        """The job over its files."""
        script = RIDES.replace("{lake}", self.name).replace("{more}", more)
        return self.sim.analytics.start(script.replace(*change) if change[0] else script)


def test_files_are_read_in_order_and_end_which_closes_all_windows() -> None:
    lake = Lake()
    lake.store("rides/2.json", [21, 22])
    lake.store("rides/1.json", [1, 2, 12])
    for passed_over in ("rides/_tmp/0.json", "rides/.hidden", "ridesharing/1.json"):
        lake.store(passed_over, [40])
    job = lake.start()
    lake.sim.advance(seconds=2)
    assert [row["n"] for row in job.rows("counts")] == [2, 1, 2]
    assert [row["file"] for row in job.rows("seen")] == ["1.json"] * 3 + ["2.json"] * 2
    assert job.state == "RUNNING"
    lake.store("rides/3.json", [31])
    lake.sim.advance(minutes=10)
    assert len(job.rows("seen")) == 5
    assert lake.sim.clock.next_due() is None  # nothing is looked for any more


def test_with_an_interval_new_files_are_found_and_the_last_window_stays_open() -> None:
    lake = Lake()
    lake.store("rides/1.json", [1, 2, 16])
    job = lake.start(", 'source.monitor-interval' = '30 s'")
    lake.sim.advance(minutes=2)
    assert [row["n"] for row in job.rows("counts")] == [2]
    lake.store("rides/2.json", [3, 17, 40])  # the first of them is late by now
    lake.sim.advance(minutes=2)
    assert [row["n"] for row in job.rows("counts")] == [2, 2]
    assert job.lost == 1


def test_a_failure_goes_back_to_the_files_that_were_not_read_by_the_checkpoint() -> None:
    lake = Lake()
    lake.store("rides/1.json", [1, 2])
    job = lake.start(", 'source.monitor-interval' = '1 s'")
    lake.sim.advance(minutes=2)
    lake.store("rides/2.json", [3])
    lake.sim.advance(seconds=3)
    job.fail()
    lake.sim.advance(minutes=2)
    bikes = [row["bike"] for row in job.rows("seen")]
    assert bikes == ["b1", "b2", "b3", "b3"]  # a print repeats what came after the checkpoint
    assert list(job.positions["rides"]) == ["rides/1.json", "rides/2.json"]


def test_a_line_that_is_no_row_fails_the_job_unless_the_table_is_quiet() -> None:
    lake = Lake()
    lake.store("rides/1.json", [1], also=b"no json\n\n")
    job = lake.start()
    lake.sim.advance(seconds=2)
    assert job.state == "FAILED"
    assert f"s3://{lake.name}/rides/1.json" in job.why
    job = lake.start(", 'json.ignore-parse-errors' = 'true'")
    lake.sim.advance(seconds=2)
    assert [row["bike"] for row in job.rows("seen")] == ["b1"]


def test_one_file_may_be_named() -> None:
    lake = Lake()
    lake.store("rides", [1])
    lake.store("rides-of-others", [2])
    job = lake.start()
    lake.sim.advance(seconds=2)
    assert [row["bike"] for row in job.rows("seen")] == ["b1"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("s3://{lake}/rides", "/etc/passwd"), "files of S3 only"),
        (("s3://{lake}/rides", "file:///etc/passwd"), "files of S3 only"),
        (("s3://{lake}/rides", "s3:///rides"), "files of S3 only"),
        (("rides', 'format' = 'json'", "rides', 'format' = 'csv'"), "this is 'csv'"),
    ],
)
def test_what_is_not_read_is_said(change: tuple[str, str], said: str) -> None:
    with pytest.raises(SqlValidationError, match=said):
        Simulator().analytics.start(RIDES.replace(*change).replace("{more}", ""))


def test_a_bucket_that_is_not_there_is_told_at_the_start() -> None:
    lake = Lake()
    with pytest.raises(ServiceError, match="bucket"):
        lake.start(change=(f"s3://{lake.name}/rides", "s3://flink-no-lake/rides"))


def test_told_rows_need_no_source_and_come_once() -> None:
    lake = Lake()
    script = """CREATE TABLE seen (bike STRING, n INT) WITH ('connector' = 'print');
      INSERT INTO seen VALUES ('b1', 1), ('b2', NULL);"""
    job = lake.sim.analytics.start(script)
    assert job.rows("seen") == [
        {"op": "+I", "bike": "b1", "n": 1},
        {"op": "+I", "bike": "b2", "n": None},
    ]
    kept = job.stop()
    again = lake.sim.analytics.start(script, snapshot=kept)
    lake.sim.advance(minutes=2)
    assert again.rows("seen") == []
