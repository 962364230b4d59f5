"""A Flink job on the clock: what it reads, what it loses, what a failure repeats."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.analytics.on_clock.flink_job import FlinkJob
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import SECOND

TABLES = """
CREATE TABLE ticks (
  ticker STRING, price INT, ts TIMESTAMP(3), shard STRING METADATA FROM 'shard-id' VIRTUAL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kinesis', 'stream' = 'ticks', 'scan.stream.initpos' = 'TRIM_HORIZON',
        'format' = 'json');
CREATE TABLE counts (window_start TIMESTAMP(3), n BIGINT) WITH ('connector' = '{sink}',
  'stream' = 'counts', 'delivery-stream' = 'counts', 'path' = 'counts');
"""
TUMBLE = """
INSERT INTO counts SELECT window_start, COUNT(*)
FROM TABLE(TUMBLE(TABLE ticks, DESCRIPTOR(ts), INTERVAL '10' SECOND))
GROUP BY window_start, window_end;
"""
PASS = "INSERT INTO counts SELECT ts, price FROM ticks;"


def made(sim: Simulator, shards: int = 1) -> None:
    kinesis = sim.client("kinesis")
    for name in ("ticks", "counts"):
        kinesis.create_stream(StreamName=name, ShardCount=shards if name == "ticks" else 1)


def put(sim: Simulator, seconds: range | list[int], key: str = "a") -> None:
    """A tick for each second of event time, all put now."""
    start = 1_767_225_600_000
    rows = [{"ticker": key, "price": one, "ts": (start + one * SECOND)} for one in seconds]
    records = [{"Data": json.dumps(row).encode(), "PartitionKey": key} for row in rows]
    for at in range(0, len(records), 500):
        batch = records[at : at + 500]
        sim.client("kinesis").put_records(StreamName="ticks", Records=batch)


def keys_of_two_shards(sim: Simulator) -> tuple[str, str]:
    kinesis = sim.client("kinesis")
    found: dict[str, str] = {}
    for number in range(50):
        answer = kinesis.put_record(StreamName="ticks", Data=b"{}", PartitionKey=str(number))
        found.setdefault(answer["ShardId"], str(number))
        if len(found) == 2:
            break
    first, second = sorted(found)
    return found[first], found[second]


def counted(job: FlinkJob) -> list[int]:
    return [row["n"] for row in job.rows("counts")]


def test_windows_close_on_the_clock_and_go_into_a_stream(sim: Simulator) -> None:
    made(sim)
    job = sim.analytics.start(TABLES.format(sink="kinesis") + TUMBLE)
    put(sim, range(26))
    sim.advance(seconds=2)
    assert counted(job) == [10, 10]
    kinesis = sim.client("kinesis")
    shard = kinesis.list_shards(StreamName="counts")["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(
        StreamName="counts", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert [json.loads(one["Data"])["n"] for one in records] == [10, 10]
    assert job.state == "RUNNING"


def test_a_backfill_over_two_shards_loses_the_one_that_is_read_later(sim: Simulator) -> None:
    """One watermark for both shards, as the SQL connector has it; one each loses nothing."""
    made(sim, shards=2)
    keys = keys_of_two_shards(sim)
    sim.advance(hours=25)  # the probes are gone
    for key in keys:
        put(sim, range(60), key)
    text = TABLES.format(sink="print") + TUMBLE
    shared, each = sim.analytics.start(text), sim.analytics.start(text, by_shard=True)
    sim.advance(seconds=3)
    # the second shard's rows come when the watermark is at 54 s: only the last window takes them
    assert shared.lost == 50
    assert shared.late == 5  # Flink's metric counts what it has gathered by then, a record a window
    assert counted(shared) == [10, 10, 10, 10, 10]
    assert each.lost == 0
    assert counted(each) == [20, 20, 20, 20, 20]


def test_smaller_looks_interleave_the_shards_and_lose_less(sim: Simulator) -> None:
    made(sim, shards=2)
    keys = keys_of_two_shards(sim)
    sim.advance(hours=25)
    for key in keys:
        put(sim, range(60), key)
    text = TABLES.format(sink="print").replace(
        "'format' = 'json'", "'scan.shard.getrecords.maxrecordcount' = '5'"
    )
    job = sim.analytics.start(text + TUMBLE)
    sim.advance(seconds=20)
    assert job.lost == 0
    assert counted(job) == [20, 20, 20, 20, 20]


def test_an_idle_shard_holds_the_watermark_back_until_it_is_called_idle(sim: Simulator) -> None:
    made(sim, shards=2)
    first, _ = keys_of_two_shards(sim)
    sim.advance(hours=25)
    put(sim, range(60), first)
    text = TABLES.format(sink="print") + TUMBLE
    waits = sim.analytics.start(text, by_shard=True)
    goes_on = sim.analytics.start(
        "SET 'table.exec.source.idle-timeout' = '10 s';" + text, by_shard=True
    )
    sim.advance(seconds=30)
    assert counted(waits) == []
    assert counted(goes_on) == [10, 10, 10, 10, 10]


@pytest.mark.parametrize(("sink", "twice"), [("kinesis", True), ("filesystem", False)])
def test_a_failure_repeats_what_came_since_the_checkpoint(
    sim: Simulator, sink: str, twice: bool
) -> None:
    """At least once into a stream; exactly once into files, which a checkpoint commits."""
    made(sim)
    text = TABLES.format(sink=sink).replace("n BIGINT", "n BIGINT")
    job = sim.analytics.start(text + PASS)
    put(sim, range(5))
    sim.advance(seconds=61)  # a checkpoint
    put(sim, range(5, 10))
    sim.advance(seconds=5)
    job.fail()
    sim.advance(seconds=120)
    wanted = [*range(10)]
    assert sorted(counted(job)) == sorted([*wanted, *range(5, 10)] if twice else wanted)
    assert job.restarts == 1


def test_state_is_exactly_once_through_a_failure(sim: Simulator) -> None:
    """The window's count is as if nothing had happened: rows replayed are counted once."""
    made(sim)
    job = sim.analytics.start(TABLES.format(sink="print") + TUMBLE)
    put(sim, range(5))
    sim.advance(seconds=61)
    put(sim, range(5, 8))
    sim.advance(seconds=5)
    job.fail()
    put(sim, range(8, 26))
    sim.advance(seconds=5)
    assert counted(job) == [10, 10]


def test_a_savepoint_goes_on_in_a_new_job(sim: Simulator) -> None:
    made(sim)
    text = TABLES.format(sink="print") + TUMBLE
    job = sim.analytics.start(text)
    put(sim, range(8))
    sim.advance(seconds=2)
    kept = job.stop()
    put(sim, range(8, 26))
    sim.advance(seconds=30)
    assert (job.state, counted(job)) == ("STOPPED", [])
    job.start(kept)
    sim.advance(seconds=2)
    assert counted(job) == [10, 10]


def test_a_job_that_fails_before_its_first_checkpoint_goes_back_to_its_savepoint(
    sim: Simulator,
) -> None:
    """What it was started from counts as completed, as in Flink: nothing begins from nothing."""
    made(sim)
    text = TABLES.format(sink="print") + TUMBLE
    job = sim.analytics.start(text.replace("TRIM_HORIZON", "LATEST"))
    put(sim, range(8))
    sim.advance(seconds=2)
    kept = job.stop()
    assert kept is not None
    later = sim.analytics.start(text.replace("TRIM_HORIZON", "LATEST"))
    later.stop(savepoint=False)
    later.start(kept)
    sim.advance(seconds=2)
    later.fail()
    put(sim, range(8, 26))
    sim.advance(seconds=2)
    assert counted(later) == [10, 10]


def test_a_record_that_is_no_json_fails_the_job_unless_told_otherwise(sim: Simulator) -> None:
    made(sim)
    text = TABLES.format(sink="print") + PASS
    strict = sim.analytics.start(text)
    quiet = sim.analytics.start(
        text.replace("'format' = 'json'", "'json.ignore-parse-errors' = 'true'")
    )
    sim.client("kinesis").put_record(StreamName="ticks", Data=b"no json", PartitionKey="a")
    put(sim, range(3))
    sim.advance(seconds=2)
    assert strict.state == "FAILED"
    assert strict.why is not None
    assert "json.ignore-parse-errors" in strict.why
    assert counted(quiet) == [0, 1, 2]


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    "data",
    [
        b'{"price": "Infinity"}',
        b'{"price": 1e400}',
        b'{"price": NaN}',
        b'{"price": 99999999999}',
        b'{"ts": 1e300}',
        b'{"ts": "9999-99-99"}',
        b'{"ts": 253402300800000}',
        b'{"price": ' + DEEP + b"}",
        b'{"ticker": ' + DEEP + b"}",
        DEEP,
        b"[]",
        b"7",
        b"\xff",
    ],
)
def test_a_value_that_is_none_of_its_type_is_told_or_left_out(sim: Simulator, data: bytes) -> None:
    made(sim)
    text = TABLES.format(sink="print") + PASS
    strict = sim.analytics.start(text)
    quiet = sim.analytics.start(
        text.replace("'format' = 'json'", "'json.ignore-parse-errors' = 'true'")
    )
    data = data if data.startswith(b'{"ts"') else data.replace(b"{", b'{"ts": 1767225600000, ')
    sim.client("kinesis").put_record(StreamName="ticks", Data=data, PartitionKey="a")
    put(sim, range(3))
    sim.advance(seconds=2)
    assert (strict.state, quiet.state) == ("FAILED", "RUNNING")
    assert "Flink fails the job" in str(strict.why)
    assert counted(quiet) == [0, 1, 2]


def test_updates_do_not_go_into_a_stream(sim: Simulator) -> None:
    made(sim)
    with pytest.raises(SqlValidationError, match="takes no updates"):
        sim.analytics.start(
            TABLES.format(sink="kinesis")
            + "INSERT INTO counts SELECT MAX(ts), COUNT(*) FROM ticks GROUP BY ticker"
        )


def test_a_stream_that_is_not_there_is_told(sim: Simulator) -> None:
    with pytest.raises(ServiceError, match="ResourceNotFoundException"):
        sim.analytics.start(TABLES.format(sink="print") + PASS)


def test_rows_from_python_are_run_at_once(sim: Simulator) -> None:
    rows: list[dict[str, Any]] = [{"x": 1}, {"x": 2}]
    ran = sim.analytics.sql("CREATE TABLE t (x INT); SELECT x * 2 AS y FROM t", {"t": rows})
    assert ran.rows == [{"y": 2}, {"y": 4}]
    assert list(ran.answer.to_frame()["y"]) == [2, 4]
