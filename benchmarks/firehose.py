"""Firehose: what a record costs from Direct PUT to its object in S3, and what stays in memory.

Each cost is taken beside a floor that does only what cannot be left out: joining the same bytes and
writing them to the same S3 (moto's, in process), or pyarrow alone reading and writing them. Costs
are processor time.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from time import process_time
from typing import Any

from benchmarks.report import Table, goal
from benchmarks.rounds import interleave, ratio
from kinesis_sim import Simulator
from kinesis_sim.account.storage import Store

NAME, BUCKET = "meu-firehose", "entregas"
ROLE = "arn:aws:iam::123456789012:role/firehose"
MIB = 2**20
RECORD, BATCH = 1024, 500
CALLS = 100
"""Calls of one turn: 50,000 records, 51 MB, ten objects of 5 MiB."""
THROUGH = 100_000_000
"""Bytes that go through one buffer while memory is watched."""
COLUMNS = [
    {"Name": "id", "Type": "bigint"},
    {"Name": "page", "Type": "string"},
    {"Name": "price", "Type": "double"},
    {"Name": "filler", "Type": "string"},
]


def run(rounds: int) -> None:
    """Measure and print."""
    _speed(rounds)
    _memory()


def records() -> list[bytes]:
    """JSON clicks of 1 KiB, with a new line."""
    rows = [{"id": n, "page": f"/p/{n % 20}", "price": n / 4, "filler": ""} for n in range(BATCH)]
    return [_padded(row) for row in rows]


def _padded(row: dict[str, Any]) -> bytes:
    short = RECORD - 1 - len(json.dumps(row))
    return json.dumps({**row, "filler": "x" * short}).encode() + b"\n"


def simulator(size: int, store: Store | None = None, **more: Any) -> Simulator:
    """A simulator without limits, with an ACTIVE stream into S3. size: of its buffer in MiB.
    store: takes objects in S3's place."""
    # What is remembered for `save` has a bound of its own, and is not what is measured here.
    sim = Simulator(latency=None, delays="instant", limits="off", remember=0)
    if store is not None:
        sim.buckets.write = store  # type: ignore[method-assign]
    destination = {
        "RoleARN": ROLE,
        "BucketARN": f"arn:aws:s3:::{BUCKET}",
        "BufferingHints": {"SizeInMBs": size, "IntervalInSeconds": 900},
        **more,
    }
    request = {"DeliveryStreamName": NAME, "ExtendedS3DestinationConfiguration": destination}
    sim.gate.call("firehose", "CreateDeliveryStream", request)
    return sim


def _speed(rounds: int) -> None:
    blobs = records()
    cases: dict[str, Callable[[], float]] = {
        "put to S3": lambda: _put(simulator(5), blobs),
        "join and write": lambda: _join(Simulator(latency=None), blobs),
        "put to S3 as Parquet": lambda: _converted(blobs),
        "pyarrow alone": lambda: _pyarrow(blobs),
    }
    costs = interleave("firehose", cases, rounds)
    floors = {"put to S3": "join and write", "put to S3 as Parquet": "pyarrow alone"}
    head = ["case", "records/s", "times its floor"]
    table = Table(f"Firehose: {CALLS * BATCH:,} records of 1 KiB, natively", head)
    for name, cost in costs.items():
        beside = ratio(cost, costs[floors[name]]).text(".2f") if name in floors else ""
        table.add(name, cost.map(lambda s: 1 / s).text(), beside)
    for name, least in (("put to S3", 100_000), ("put to S3 as Parquet", 50_000)):
        rate = 1 / costs[name].median
        table.remarks.append(f"Goal: records/s, {name} {goal(rate, at_least=least)}.")
    table.show()


def _emptied(sim: Simulator, work: Callable[[], object]) -> float:
    """Processor seconds a record of what fills the bucket, which is emptied afterwards."""
    sim.buckets.create(BUCKET)
    start = process_time()
    work()
    cost = process_time() - start
    s3 = sim.client("s3")
    keys = sim.buckets.keys(BUCKET)
    assert keys, "a benchmark of nothing says nothing"
    for key in keys:
        s3.delete_object(Bucket=BUCKET, Key=key)
    s3.delete_bucket(Bucket=BUCKET)
    return cost / CALLS / BATCH


def _put(sim: Simulator, blobs: list[bytes]) -> float:
    stream = sim.firehose[NAME]

    def work() -> None:
        for _ in range(CALLS):
            stream.put(blobs)
        sim.advance(minutes=16)
        assert stream.tally.delivered == CALLS * BATCH

    return _emptied(sim, work)


def _join(sim: Simulator, blobs: list[bytes]) -> float:
    per_object = 5 * MIB // (RECORD * BATCH)

    def work() -> None:
        for number in range(CALLS // per_object):
            body = b"".join([blob for _ in range(per_object) for blob in blobs])
            sim.buckets.write(BUCKET, f"{number}", body)

    return _emptied(sim, work)


def _converted(blobs: list[bytes]) -> float:
    conversion = {
        "SchemaConfiguration": {"RoleARN": ROLE, "DatabaseName": "bench", "TableName": "clicks"},
        "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
    }
    sim = simulator(64, DataFormatConversionConfiguration=conversion)
    glue = sim.client("glue")
    glue.create_database(DatabaseInput={"Name": "bench"})
    place = {"Name": "clicks", "StorageDescriptor": {"Columns": COLUMNS}}
    glue.create_table(DatabaseName="bench", TableInput=place)
    try:
        return _put(sim, blobs)
    finally:
        glue.delete_table(DatabaseName="bench", Name="clicks")
        glue.delete_database(Name="bench")


def _pyarrow(blobs: list[bytes]) -> float:
    from pyarrow import json as reader
    from pyarrow import parquet

    start = process_time()
    table = reader.read_json(BytesIO(b"".join(blobs * CALLS)))
    parquet.write_table(table, BytesIO(), compression="snappy")
    return (process_time() - start) / CALLS / BATCH


# --- memory ---------------------------------------------------------------------------------------


def peak(size: int, total: int = THROUGH) -> int:
    """The most memory (bytes, by tracemalloc) that a stream held while ``total`` bytes of fresh
    records went through a buffer of ``size`` MiB into a store that keeps nothing."""
    stored: list[int] = []
    sim = simulator(size, lambda bucket, key, body, headers=None: stored.append(len(body)))
    stream, calls = sim.firehose[NAME], total // (RECORD * BATCH)
    stream.put([bytes(RECORD)])
    tracemalloc.start()
    for _ in range(calls):
        stream.put([bytes(RECORD) for _ in range(BATCH)])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(stored) > total - 2 * size * MIB
    return most


def _memory() -> None:
    table = Table(
        f"Firehose: {THROUGH / 1e6:,.0f} million bytes through one buffer, into a store that keeps "
        "nothing",
        ["buffer, MiB", "most memory, MiB", "times the buffer"],
    )
    for size in (1, 5, 64):
        most = peak(size)
        table.add(str(size), f"{most / MIB:,.1f}", f"{most / MIB / size:.2f}")
        if size == 5:
            table.remarks.append(f"Goal: times 5 MiB {goal(most / MIB / 5, at_most=4)}.")
    table.show()
