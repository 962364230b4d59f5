"""Proofs about Flink: time, windows, state, snapshots, and what KPUs cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.analytics.on_clock.flink_job import FlinkJob
from kinesis_sim.analytics.running import FedRow, run
from kinesis_sim.course.drawing import Drawing
from kinesis_sim.course.proofs.drawn_streams import drawing
from kinesis_sim.course.proofs.hoses import HOSE, hose
from kinesis_sim.errors import KinesisSimError
from kinesis_sim.firehose.events import ObjectWritten
from kinesis_sim.instants import MINUTE, SECOND, to_ms
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.ride_job import APPLICATION, COUNTED, RIDES, RideJob, script_for
from kinesis_sim.workloads.scenes.tunnels import Tunnels, said

OPENING = "2026-01-01T10:00:00Z"
TABLE = """CREATE TABLE rides (bike STRING, ended TIMESTAMP(3),
  WATERMARK FOR ended AS ended - INTERVAL '{delay}' SECOND) WITH ('connector' = 'kinesis',
  'stream' = 'rides', 'format' = 'json', 'scan.stream.initpos' = 'TRIM_HORIZON');
"""
PER_MINUTE = "TUMBLE(TABLE rides, DESCRIPTOR(ended), INTERVAL '1' MINUTE)"


def counting(window: str = PER_MINUTE, delay: float = 5, before: str = "") -> str:
    """A script that counts rides by a window."""
    return f"""{before}{TABLE.format(delay=delay)} SELECT window_start, window_end, COUNT(*) AS n
      FROM TABLE({window}) GROUP BY window_start, window_end;"""


def _agreeing(told: Mapping[str, bool]) -> tuple[str, ...]:
    return tuple(option for option, holds in told.items() if holds)


def _at(*seconds: float) -> list[FedRow]:
    """Rides that ended so many seconds after ten, in the order in which they come."""
    begin = to_ms(OPENING)
    return [
        FedRow("rides", {"bike": "a", "ended": said(begin + round(s * SECOND))}) for s in seconds
    ]


# --- time -----------------------------------------------------------------------------------------


def one_shard_is_silent() -> tuple[str, ...]:
    """C23: which change makes windows close while one of two shards gives nothing."""
    idle = "SET 'table.exec.source.idle-timeout' = '30 s';"
    hop = "HOP(TABLE rides, DESCRIPTOR(ended), INTERVAL '30' SECOND, INTERVAL '1' MINUTE)"
    changed = {
        "delay": counting(delay=30),
        "sooner": counting(delay=0),
        "idle": counting(before=idle),
        "hop": counting(hop),
    }
    return _agreeing({option: _closes_at_night(sql) > 2 for option, sql in changed.items()})


def _closes_at_night(sql: str) -> int:
    """How many windows close in five minutes with rides on one of two shards."""
    sim = Simulator(start=OPENING, latency=None)
    phones = Tunnels(sim)
    job = sim.analytics.start(sql, by_shard=True)
    phones.ride(minutes=2)
    before = len(job.answers[0].rows)
    phones.ride(minutes=5, shards=[0])
    return len(job.answers[0].rows) - before


def rows_of_a_minute() -> tuple[str, ...]:
    """C23: how many of seven rows the first minute counts, three seconds of delay."""
    counted = run(counting(delay=3), {"rides": [r.row for r in _at(50, 58, 62, 57, 63, 59, 80)]})
    first = counted.rows[0]["window_start"]
    truth = sum(row["n"] for row in counted.rows if row["window_start"] == first)
    return _agreeing(
        {"one": truth == 1, "two": truth == 2, "three": truth == 3, "four": truth == 4}
    )


def backlog_of_four_shards() -> tuple[str, ...]:
    """C23: of four reasons for lost rows, the one without which none are lost."""
    begin = to_ms(OPENING)
    rows = [
        FedRow("rides", {"bike": "a", "ended": said(begin + n * SECOND)}, n, f"shard-{n % 4}")
        for n in range(2_400)
    ]
    read = sorted(rows, key=lambda row: row.split)
    feed = [row._replace(at=begin + n) for n, row in enumerate(read)]
    lost = {
        "as it is": run(counting(), feed).lost,
        "one-watermark": run(counting(), feed, by_shard=True).lost,
        "windows": run(counting(PER_MINUTE.replace("'1' MINUTE", "'7' SECOND")), feed).lost,
    }
    told = {option: lost["as it is"] > 0 and lost[option] == 0 for option in list(lost)[1:]}
    return _agreeing({**told, "retention": len(feed) < len(rows), "throttled": False})


def into_a_stream() -> tuple[str, ...]:
    """C23: which query a Kinesis sink takes."""
    sink = """CREATE TABLE counts ({columns}) {keys} WITH ('connector' = 'kinesis',
      'stream' = 'rides', 'format' = 'json'); INSERT INTO counts """
    plain = "SELECT bike, COUNT(*) FROM rides GROUP BY bike"
    two, keys = "bike STRING, n BIGINT", "PARTITIONED BY (bike)"
    query = counting().partition("SELECT")[2]
    scripts = {
        "window": sink.format(columns="a TIMESTAMP(3), b TIMESTAMP(3), n BIGINT", keys="")
        + f"SELECT{query}",
        "key": sink.format(columns=two, keys=keys) + plain,
        "having": sink.format(columns=two, keys="") + f"{plain} HAVING COUNT(*) > 1",
    }
    told = {option: _starts(TABLE.format(delay=5) + sql) for option, sql in scripts.items()}
    told["delay"] = _starts(TABLE.format(delay=60) + sink.format(columns=two, keys="") + plain)
    return _agreeing(told)


def bare_select() -> tuple[str, ...]:
    """A15: after which change a note that ends with a SELECT leaves rows anywhere."""
    table, query = TABLE.format(delay=5), "SELECT bike FROM rides;"
    sink = """CREATE TABLE seen (bike STRING) WITH ('connector' = 'kinesis', 'stream' = 'seen',
      'format' = 'json'); INSERT INTO seen """
    scripts = {
        "scala": f"{table} val rows = stenv.sqlQuery('{query}')",
        "kpu": f"SET 'parallelism.default' = '2'; {table} {query}",
        "sink": table + sink + query,
        "jar": f"{table} {query}",
    }
    return _agreeing({option: _leaves_rows(sql) for option, sql in scripts.items()})


def _leaves_rows(sql: str) -> bool:
    sim = Simulator(start=OPENING, latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName="seen", ShardCount=1)
    phones = Tunnels(sim)
    try:
        sim.analytics.start(sql)
    except KinesisSimError:
        return False
    phones.ride(minutes=2)
    return bool(read(sim, "seen"))


def _starts(sql: str) -> bool:
    sim = Simulator(start=OPENING, latency=None)
    Tunnels(sim)
    try:
        return sim.analytics.start(sql).state == "RUNNING"
    except KinesisSimError:
        return False


def what_keeps_state() -> tuple[str, ...]:
    """C23: which of four queries keeps rows or keys."""
    table = "CREATE TABLE t (bike STRING, rider STRING, speed DOUBLE, battery DOUBLE);"
    queries = {
        "mask": "SELECT bike, speed FROM t",
        "low": "SELECT * FROM t WHERE battery < 0.1",
        "distinct": "SELECT COUNT(DISTINCT bike) FROM t",
        "units": "SELECT bike, speed / 3.6 FROM t",
    }
    rows = [{"bike": f"b{n}", "rider": "r", "speed": 9.0, "battery": 0.05} for n in range(20)]
    told = {}
    for option, query in queries.items():
        job = run(f"{table}{query};", {"t": rows}, ends=False).job
        told[option] = any(size for name, size in job.sizes().items() if "result" not in name)
    return _agreeing(told)


def five_minutes_every_minute() -> tuple[str, ...]:
    """C23: which windows are five minutes long and close a minute apart."""
    of = "(TABLE rides, DESCRIPTOR(ended), INTERVAL"
    windows = {
        "tumble": f"TUMBLE{of} '5' MINUTE)",
        "cumulate": f"CUMULATE{of} '1' MINUTE, INTERVAL '5' MINUTE)",
        "session": f"SESSION{of} '5' MINUTE)",
        "hop": f"HOP{of} '1' MINUTE, INTERVAL '5' MINUTE)",
    }
    feed = {"rides": [row.row for row in _at(*range(0, 1_800, 20))]}
    found = {option: run(counting(sql), feed, ends=False).rows for option, sql in windows.items()}
    return _agreeing({option: _spans(rows) == (5, 1) for option, rows in found.items()})


def _spans(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int] | None:
    """The minutes that every window has, and those between two ends; None where they differ."""
    spans = [
        [to_ms(str(r[n]).replace(" ", "T") + "Z") // MINUTE for n in r if n != "n"] for r in rows
    ]
    sizes = {end - start for start, end in spans}
    steps = {b[1] - a[1] for a, b in pairwise(spans)}
    return (sizes.pop(), steps.pop()) if len(sizes) == len(steps) == 1 else None


# --- state ----------------------------------------------------------------------------------------


def _at_a_crash() -> RideJob:
    """A job that was lost forty seconds after a checkpoint, and went on."""
    job = RideJob(Simulator(start=OPENING, latency=None))
    job.play(60)
    while not _ran(job).checkpoints:
        job.play(1)
    job.play(40)
    job.crash()
    job.play(100)
    return job


def _ran(job: RideJob) -> FlinkJob:
    assert job.job is not None
    return job.job


def after_a_crash() -> tuple[str, ...]:
    """A09: what stands in the stream after a crash between two checkpoints."""
    rows = _at_a_crash().rows("live")
    times = Counter(row["t"] for row in rows)
    instants = sorted(to_ms(t.replace(" ", "T") + "Z") for t in times)
    whole = all(b - a == 10 * SECOND for a, b in pairwise(instants))
    return _agreeing(
        {
            "gap": not whole,
            "again": whole and max(times.values()) > 1,
            "doubled": any(row["n"] > 10 for row in rows),
            "same": whole and max(times.values()) == 1,
        }
    )


def which_sink_once() -> tuple[str, ...]:
    """A09: to which sink nothing comes twice."""
    kinds = {
        "stream": "'connector' = 'kinesis', 'stream' = 'live', 'format' = 'json'",
        "firehose": f"'connector' = 'firehose', 'delivery-stream' = '{HOSE}', 'format' = 'json'",
        "print": "'connector' = 'print'",
        "files": "'connector' = 'filesystem', 'path' = 's3://counts-of-rides/', 'format' = 'json'",
    }
    return _agreeing({option: _once(options) for option, options in kinds.items()})


def _once(options: str) -> bool:
    sim = hose(5, 60)[0] if HOSE in options else Simulator(latency=None)
    bucket = f"counts-of-rides-{sim.account}"  # the names of buckets are one space for all
    sim.buckets.create(bucket)
    options = options.replace("counts-of-rides", bucket)
    for name in ("rides", "live"):
        sim.client("kinesis").create_stream(StreamName=name, ShardCount=1)
    sim.advance(minutes=1)
    sink = f"CREATE TABLE counts (t TIMESTAMP(3), n BIGINT) WITH ({options});"
    job = sim.analytics.start(f"{RIDES}{sink}INSERT INTO counts {COUNTED}")
    for step in range(20):
        ended = [said(sim.clock.now + second * SECOND) for second in range(10)]
        data = [json.dumps({"bike": "a", "ended": at}).encode() for at in ended]
        records = [{"PartitionKey": "a", "Data": each} for each in data]
        sim.client("kinesis").put_records(StreamName="rides", Records=records)
        sim.advance(seconds=10)
        if step == 10:
            job.fail()
    rows = Counter(row["t"] for row in job.rows("counts"))
    return len(rows) > 8 and max(rows.values()) == 1


def how_was_it_stopped() -> tuple[str, ...]:
    """A10: after which stop an hour's count is too low."""
    return _agreeing(
        {way: _hours_count(way) < 0.9 for way in ("stop", "manual", "force", "update")}
    )


def _hours_count(way: str) -> float:
    """The share of an hour's rides that its row has, where the job stood still in between."""
    sim = Simulator(start=OPENING, latency=None)
    script = script_for(start="LATEST").replace("'10' SECOND", "'1' HOUR")
    job = RideJob(sim, script=script)
    job.play(200)
    if way == "manual":
        job.api.create_application_snapshot(ApplicationName=APPLICATION, SnapshotName="mine")
        sim.advance(seconds=10)
    if way == "update":
        job.update(Parallelism=2)
    else:
        job.stop(force=way == "force")
        sim.advance(minutes=1)
        job.start()
    job.play(200)
    put = job.put
    sim.advance(hours=1)
    job.play(3)
    return float(job.rows("live")[0]["n"]) / put


def query_removed() -> tuple[str, ...]:
    """A10: how a job without one of its queries starts, and still counts on."""
    return _agreeing({way: _goes_on(way) for way in ("allow", "skip", "off", "retry")})


def _goes_on(way: str) -> bool:
    """Whether the query that is left counts a window whole that was open at the update."""
    sim = Simulator(start=OPENING, latency=None)
    script = script_for(start="LATEST").replace("'10' SECOND", "'1' HOUR")
    job = RideJob(sim, script=script)
    job.play(100)
    less = script.partition("INSERT INTO books")[0]
    if way == "off":
        job.snapshots(False)
    job.update(less, drop_state=way == "allow")
    if way == "retry":
        job.update(less)
    if job.status != "RUNNING" and way != "retry":
        skip = {"ApplicationRestoreType": "SKIP_RESTORE_FROM_SNAPSHOT"}
        job.start(**({"ApplicationRestoreConfiguration": skip} if way == "skip" else {}))
    if job.status != "RUNNING":
        return False
    job.play(100)
    put = job.put
    sim.advance(hours=1)
    job.play(3)
    return [row["n"] for row in job.rows("live")][:1] == [put]


# --- what it costs --------------------------------------------------------------------------------


def kpu_hours(parallelism: int, per: int) -> Drawing:
    """A11: KPU-hours of an hour's run, the ten minutes that are billed in any case behind it."""
    sim = Simulator(start=OPENING, latency=None)
    job = RideJob(sim, parallelism=parallelism, per_kpu=per)
    sim.advance(minutes=10)
    before = job.kpu_hours()
    sim.advance(hours=1)
    own = parallelism // per
    told = {"tasks": parallelism, "own": own, "right": own + 1, "product": parallelism * per}
    return drawing(told, round(job.kpu_hours() - before, 6))


def short_run() -> tuple[str, ...]:
    """A11: the minutes that a run of four is billed as."""
    sim = Simulator(start=OPENING, latency=None)
    job = RideJob(sim)
    sim.advance(minutes=4)
    made = job.api.describe_application(ApplicationName=APPLICATION)["ApplicationDetail"]
    job.api.delete_application(ApplicationName=APPLICATION, CreateTimestamp=made["CreateTimestamp"])
    sim.advance(hours=2)
    minutes = round(job.kpu_hours() / 2 * 60)
    return _agreeing(
        {"ten": minutes == 10, "four": minutes == 4, "hour": minutes == 60, "one": minutes == 1}
    )


# --- other services -------------------------------------------------------------------------------


def where_flink_reads() -> tuple[str, ...]:
    """A14: where clicks are put so that Flink counts them and S3 gets them."""
    return _agreeing(
        {
            "firehose": _reads("firehose", _put_into_firehose()),
            "stream-first": _reads("kinesis", _put_into_stream()),
            "flink-first": False,
            "bucket": False,
        }
    )


def _put_into_firehose() -> Simulator:
    sim, _ = hose(5, 60)
    sim.client("firehose").put_record(DeliveryStreamName=HOSE, Record={"Data": b'{"n": 1}'})
    return sim


def _put_into_stream() -> Simulator:
    sim = Simulator(start=OPENING, latency=None)
    sim.client("kinesis").create_stream(StreamName=HOSE, ShardCount=1)
    sim.advance(minutes=1)
    sim.client("kinesis").put_record(StreamName=HOSE, PartitionKey="a", Data=b'{"n": 1}')
    sim.buckets.create("lake")
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=HOSE,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": sim.streams[HOSE].arn,
            "RoleARN": f"arn:aws:iam::{sim.account}:role/firehose",
        },
        ExtendedS3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{sim.account}:role/firehose",
            "BucketARN": "arn:aws:s3:::lake",
            "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 60},
        },
    )
    sim.advance(minutes=1)
    sim.client("kinesis").put_record(StreamName=HOSE, PartitionKey="a", Data=b'{"n": 1}')
    return sim


def _reads(connector: str, sim: Simulator) -> bool:
    """Whether a job reads clicks, and an object comes to S3 as well."""
    try:
        job = sim.analytics.start(
            f"""CREATE TABLE clicks (n INT) WITH ('connector' = '{connector}', 'format' = 'json',
            'stream' = '{HOSE}', 'delivery-stream' = '{HOSE}',
            'scan.stream.initpos' = 'TRIM_HORIZON'); SELECT n FROM clicks;"""
        )
    except KinesisSimError:
        return False
    sim.advance(minutes=3)
    return len(job.answers[0]) > 0 and len(sim.events.of(ObjectWritten)) > 0
