"""Proof about ways from a data stream into a warehouse: how old rows are, and what they cost."""

from __future__ import annotations

from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.proofs.bench import STREAM, came_true, put, stream
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.click_lake import ClickLake

HOSE, CLICKS = "clicks", [b'{"action": "open"}'] * 10
SOON = 10  # seconds in which a row has to be there


def straight_to_redshift() -> tuple[str, ...]:
    """R18: ten records; which way has them in ten seconds, without S3 and without a program.

    Redshift reads the shards itself for a materialized view, as a consumer; so such a reader stands
    for it here.
    """
    staged, loaded = _by_firehose()
    sim, kinesis = stream()
    put(kinesis, *CLICKS)
    sim.advance(seconds=SOON)
    seen = len(read(sim, STREAM))
    inserted, leases = _by_workers(sim)
    return came_true(
        {
            "spectrum": not staged and _files(sim) > 0,
            "insert": inserted == 10 and not leases,
            "firehose": loaded == 10 and not staged,
            "view": seen == 10 and not _files(sim),
        }
    )


def _by_firehose() -> tuple[int, int]:
    """Objects that Firehose staged in S3 after ten minutes; rows in Redshift after ten seconds."""
    sim = stream()[0]
    lake = ClickLake(sim)
    warehouse = lake.warehouse(HOSE)
    sim.firehose[HOSE].put(CLICKS)
    sim.advance(seconds=SOON)
    soon = warehouse.sql("select count(*) as n from clicks")
    sim.advance(minutes=10)
    return _files(sim), 0 if soon is None else int(soon["n"][0])


def _by_workers(sim: Simulator) -> tuple[int, list[str]]:
    """Statements of a KCL application, one for each record, and the tables that its leases need."""
    inserts: list[Any] = []
    application = KclApplication(
        sim, "inserter", STREAM, lambda _shard, records: inserts.extend(records)
    )
    application.add_worker()
    sim.advance(minutes=1)
    return len(inserts), sim.client("dynamodb").list_tables()["TableNames"]


def _files(sim: Simulator) -> int:
    """Objects in all buckets: what Redshift Spectrum, too, would have to read."""
    s3 = sim.client("s3")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return sum(s3.list_objects_v2(Bucket=name)["KeyCount"] for name in names)
