"""The conservation law beyond plain S3: every destination, broken in every way, and a data stream
as source. What the tally says is held against what receivers and objects really hold."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from kinesis_sim import Simulator
from kinesis_sim.account.aggregation import UserRecord, aggregate
from kinesis_sim.account.storage import Undelivered
from kinesis_sim.firehose.delivery_stream import DeliveryStream
from tests.effort import examples
from tests.firehose.calls import BUCKET, NAME, ROLE, bucket, hints, processing
from tests.firehose.endpoints import into_http, into_opensearch, into_redshift, into_splunk, retry

ACCOUNT = "210987654321"
DAY_AND_MORE = 25 * 60
FATES = {
    "good": b'{"n":%d,"k":"%c"}',
    "no json": b"#%d %c",
    "no number": b'{"n":"x%d","k":"%c"}',
}
"""Records by what is wrong with them for those who read them; each tells its number."""


@dataclass
class Lake:
    """Stands in for S3."""

    broken: bool = False
    objects: dict[str, bytes] = field(default_factory=dict)

    def write(self, bucket: str, key: str, body: bytes, headers: Any = None) -> None:
        if self.broken:
            raise Undelivered("S3.SlowDown", "Please reduce your request rate.")
        assert key not in self.objects or key.startswith("manifests/")
        self.objects[key] = body

    def read(self, bucket: str, key: str) -> bytes:
        return self.objects[key]

    def under(self, prefix: str) -> list[bytes]:
        return [body for key, body in self.objects.items() if key.startswith(prefix)]

    def failed(self) -> list[int]:
        """Numbers in the error rows."""
        lines = [line for body in self.under("erros/") for line in body.splitlines()]
        return [number(b64decode(json.loads(line)["rawData"])) for line in lines]


def number(data: bytes) -> int:
    """The number that a record tells."""
    found = re.search(rb"\d+", data)
    assert found is not None
    return int(found[0])


@dataclass
class World:
    """A stream into one kind of destination. taken, failed: numbers of records there."""

    sim: Simulator
    lake: Lake
    receiver: Any
    taken: Callable[[], list[int]]
    failed: Callable[[], list[int]]
    duplicates: bool = False

    @property
    def stream(self) -> DeliveryStream:
        return self.sim.firehose[NAME]

    def check(self, sent: int, *, all_in: bool) -> None:
        tally, taken, failed = self.stream.tally, self.taken(), self.failed()
        assert tally.buffered == self.stream.held  # counted record by record
        assert tally.accepted == sent if all_in else tally.accepted <= sent
        assert len(set(failed)) == len(failed) == tally.errors
        assert tally.dropped == 0
        # What was not acknowledged may be in Splunk all the same (facts/firehose §6).
        if self.duplicates:
            assert len(set(taken)) >= tally.delivered
            places = len({*taken, *failed})
        else:
            assert len(set(taken)) == len(taken) == tally.delivered
            assert not set(taken) & set(failed)
            places = len(taken) + len(failed)
            assert tally.accepted == places + tally.lost + self.stream.held
        assert places + tally.lost + self.stream.held >= tally.accepted


def simulator(lake: Lake) -> Simulator:
    sim = Simulator(latency=None, delays="instant", limits="off", account=ACCOUNT)
    sim.buckets.write = lake.write  # type: ignore[method-assign]
    sim.buckets.read = lake.read  # type: ignore[method-assign]
    return sim


def http(sim: Simulator, lake: Lake, **more: Any) -> World:
    receiver = into_http(sim, **retry(90), **hints(1, 60), **more)
    return World(sim, lake, receiver, lambda: [*map(number, receiver.records)], lake.failed)


def opensearch(sim: Simulator, lake: Lake) -> World:
    receiver = into_opensearch(sim, **retry(600), **hints(1, 60))
    return World(
        sim,
        lake,
        receiver,
        lambda: [number(str(row["n"]).encode()) for row in receiver.search()],
        lake.failed,
    )


def splunk(sim: Simulator, lake: Lake) -> World:
    lines = processing(("AppendDelimiterToRecord", {}))
    receiver = into_splunk(sim, **retry(90), **hints(1, 60), **lines)
    return World(
        sim,
        lake,
        receiver,
        lambda: [number(event.event.encode()) for event in receiver.events],
        lambda: lake.failed(),
        duplicates=True,
    )


def redshift(sim: Simulator, lake: Lake) -> World:
    warehouse = into_redshift(sim, **retry(600))

    def loaded() -> list[int]:
        frame = warehouse.sql("select n from clicks")
        return [] if frame is None else [*map(int, frame["n"])]

    def skipped() -> list[int]:
        manifests = [json.loads(body) for body in lake.under("errors/")]
        urls = [entry["url"] for manifest in manifests for entry in manifest["entries"]]
        bodies = [lake.objects[url.removeprefix(f"s3://{BUCKET}/")] for url in urls]
        return [int(found) for body in bodies for found in re.findall(rb"\d+", body)]

    return World(sim, lake, warehouse, loaded, skipped)


def lake_house(sim: Simulator, lake: Lake) -> World:
    """S3 with partitions, at most two at a time, and Parquet."""
    columns = [{"Name": "n", "Type": "int"}, {"Name": "k", "Type": "string"}]
    table = {"StorageDescriptor": {"Columns": columns}}
    sim.firehose.ports = replace(sim.firehose.ports, schemas=lambda configuration: table)
    jq = {"MetadataExtractionQuery": "{k:.k}", "JsonParsingEngine": "JQ-1.6"}
    wanted = bucket(
        Prefix="dados/k=!{partitionKeyFromQuery:k}/",
        ErrorOutputPrefix="erros/!{firehose:error-output-type}/",
        DynamicPartitioningConfiguration={"Enabled": True},
        DataFormatConversionConfiguration={
            "SchemaConfiguration": {"RoleARN": ROLE, "DatabaseName": "d", "TableName": "t"},
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        },
        **hints(64, 60),
        **processing(("MetadataExtraction", jq)),
    )
    request = {"DeliveryStreamName": NAME, "ExtendedS3DestinationConfiguration": wanted}
    sim.gate.call("firehose", "CreateDeliveryStream", request)
    sim.firehose[NAME].site.most_partitions = 2
    sim.firehose[NAME].apply()

    def rows() -> list[int]:
        tables = [parquet.read_table(BytesIO(body)) for body in lake.under("dados/")]
        return [row for found in tables for row in found["n"].to_pylist()]

    return World(sim, lake, None, rows, lake.failed)


MAKERS: dict[str, Callable[[Simulator, Lake], World]] = {
    "http": http,
    "opensearch": opensearch,
    "splunk": splunk,
    "redshift": redshift,
    "s3": lake_house,
}
FAULTS: dict[str, list[Callable[[Any], object]]] = {
    "http": [
        lambda it: it.fail(500, times=3),
        lambda it: it.fail(500, times=None),
        lambda it: it.fail(413),
        lambda it: it.refuse(times=2),
        lambda it: it.time_out(),
        lambda it: it.reset(times=9),
        lambda it: it.mend(),
    ],
    "opensearch": [
        lambda it: it.fail(503, times=None),
        lambda it: it.reject(every=2, times=3),
        lambda it: it.refuse(),
        lambda it: it.fail(403, times=2),
        lambda it: it.mend(),
    ],
    "splunk": [
        lambda it: it.fail(503, times=None),
        lambda it: it.never_acknowledge(2),
        lambda it: it.acknowledge_after(20_000),
        lambda it: it.forget_channels(),
        lambda it: it.disable_token(),
        lambda it: it.mend(),
    ],
    "redshift": [
        lambda it: setattr(it, "state", "paused"),
        lambda it: setattr(it, "state", "available"),
    ],
    "s3": [lambda it: None],
}
CLEAN = {"redshift": ["good"]}
"""Kinds that take no odd records: one would keep its whole batch out of the table."""


def steps(kind: str, *, days: bool = True) -> st.SearchStrategy[list[tuple[str, Any]]]:
    fates = CLEAN.get(kind, ["good", "good", *FATES])
    record = st.tuples(st.sampled_from(fates), st.sampled_from(b"abc"))
    minutes = st.integers(1, 12)
    return st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.lists(record, min_size=1, max_size=5)),
            st.tuples(st.just("minutes"), minutes),
            st.tuples(st.just("minutes"), st.just(DAY_AND_MORE) if days else minutes),
            st.tuples(st.just("lake"), st.booleans()),
            st.tuples(st.just("fault"), st.integers(0, len(FAULTS[kind]) - 1)),
        ),
        min_size=1,
        max_size=12,
    )


def blobs(records: list[tuple[str, int]], first: int) -> list[bytes]:
    return [FATES[fate] % (first + place, key) for place, (fate, key) in enumerate(records)]


def play(
    world: World,
    kind: str,
    doing: list[tuple[str, Any]],
    put: Callable[[list[bytes]], None],
    *,
    direct: bool,
) -> None:
    sent = 0
    for what, value in doing:
        if what == "put":
            put(blobs(value, sent))
            sent += len(value)
        elif what == "minutes":
            world.sim.advance(minutes=value)
        elif what == "lake":
            world.lake.broken = value
        else:
            FAULTS[kind][value](world.receiver)
        world.check(sent, all_in=direct)
    world.lake.broken = False
    FAULTS[kind][-1](world.receiver)
    world.sim.advance(minutes=40)
    world.check(sent, all_in=True)
    assert world.stream.held == 0


@pytest.mark.parametrize("kind", MAKERS)
def test_no_record_is_silently_gone(kind: str) -> None:
    @settings(max_examples=examples(8 if kind == "redshift" else 25))
    @given(doing=steps(kind))
    def law(doing: list[tuple[str, Any]]) -> None:
        lake = Lake()
        world = MAKERS[kind](simulator(lake), lake)
        play(world, kind, doing, lambda data: _direct(world, data), direct=True)

    law()


def _direct(world: World, data: list[bytes]) -> None:
    assert None not in world.stream.put(data)


@settings(max_examples=examples(8))
@given(doing=steps("http", days=False), aggregated=st.booleans())
def test_nor_is_one_of_a_data_stream(doing: list[tuple[str, Any]], aggregated: bool) -> None:
    """Aggregates count as the records in them."""
    lake = Lake()
    sim = simulator(lake)
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1})
    source = {"KinesisStreamARN": sim.streams.arn("s"), "RoleARN": ROLE}
    reading = {
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": source,
    }
    world = _reading(sim, lake, reading)

    def put(data: list[bytes]) -> None:
        if aggregated:
            data = [aggregate([UserRecord(f"k{n}", blob) for n, blob in enumerate(data)])]
        for blob in data:
            request = {"StreamName": "s", "PartitionKey": "k", "Data": blob}
            sim.gate.call("kinesis", "PutRecord", request)

    play(world, "http", doing, put, direct=False)


def _reading(sim: Simulator, lake: Lake, source: dict[str, Any]) -> World:
    receiver = sim.receivers.http("painel")
    block = {
        "EndpointConfiguration": {"Url": receiver.url, "Name": "painel"},
        "S3Configuration": bucket(
            ErrorOutputPrefix="erros/!{firehose:error-output-type}/", **hints(5, 60)
        ),
        **retry(90),
        **hints(1, 60),
    }
    request = {"DeliveryStreamName": NAME, "HttpEndpointDestinationConfiguration": block, **source}
    sim.gate.call("firehose", "CreateDeliveryStream", request)
    return World(sim, lake, receiver, lambda: [*map(number, receiver.records)], lake.failed)
