"""The conservation law under hostile bytes: one bad record fails alone, for every destination.

Good records before and after it are delivered, it is delivered or in the error output, nothing is
held for ever, and no guard was needed: what is sent on purpose has an answer of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.firehose.processing.transform import RETURNED_AN_ERROR
from kinesis_sim.firehose.tally import Tally
from tests.firehose.calls import NAME, ROLE, bucket, hints, processing
from tests.firehose.endpoints import into_http, into_opensearch, into_redshift, into_splunk, retry
from tests.firehose.test_conservation_destinations import Lake, lake_house, simulator
from tests.firehose.test_iceberg_stream import into_iceberg
from tests.firehose.test_snowflake_stream import into_snowflake

DEEP = 20_000
GOOD = b'{"n":%d,"k":"a"}'
HOSTILE: dict[str, bytes] = {
    "half a character": rb'{"n":7,"k":"\ud800"}',
    "half a character in a name": rb'{"n":7,"k":"a","\udfff":1}',
    "half a character as a name and nothing else": rb'{"\ud800":"\ud800"}',
    "deep objects": b'{"n":7,"k":"a","x":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    "deep lists": b'{"n":7,"k":"a","x":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep and unclosed": b"[" * 5 * DEEP,
    "nested as deep as Python reads": b'{"n":7,"k":' + b"[" * 900 + b"]" * 900 + b"}",
    "no UTF-8": b'{"n":7,"k":"\xff\xfe"}',
    "not a number": b'{"n":NaN,"k":"a"}',
    "infinity": b'{"n":1e999,"k":"a","x":-Infinity}',
    "a huge integer": b'{"n":1' + b"0" * 400 + b',"k":"a"}',
    "an integer of 5,000 digits": b'{"n":' + b"9" * 5_000 + b',"k":"a"}',
    "a name twice": b'{"n":7,"n":8,"k":"a","k":"b"}',
    "a zero byte": b'{"n":7,"k":"\x00"}\x00',
    "an escaped zero byte": rb'{"n":7,"k":"\u0000"}',
    "nothing": b"",
    "white space": b" \n\t ",
    "a number": b"7",
    "gzip that is none": b"\x1f\x8b\x08\x00junk",
}


def s3(sim: Simulator, lake: Lake, **options: Any) -> None:
    wanted = bucket(
        ErrorOutputPrefix="erros/!{firehose:error-output-type}/", **{**hints(1, 60), **options}
    )
    request = {"DeliveryStreamName": NAME, "ExtendedS3DestinationConfiguration": wanted}
    sim.gate.call("firehose", "CreateDeliveryStream", request)


def columnar(output: str, serde: str) -> Callable[[Simulator, Lake], object]:
    def make(sim: Simulator, lake: Lake) -> None:
        columns = [{"Name": "n", "Type": "int"}, {"Name": "k", "Type": "string"}]
        table = {"StorageDescriptor": {"Columns": columns}}
        sim.firehose.ports = replace(sim.firehose.ports, schemas=lambda configuration: table)
        conversion = {
            "SchemaConfiguration": {"RoleARN": ROLE, "DatabaseName": "d", "TableName": "t"},
            "InputFormatConfiguration": {"Deserializer": {serde: {}}},
            "OutputFormatConfiguration": {"Serializer": {output: {}}},
        }
        s3(sim, lake, DataFormatConversionConfiguration=conversion, **hints(64, 60))

    return make


def same(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "records": [
            {"recordId": row["recordId"], "result": "Ok", "data": row["data"]}
            for row in event["records"]
        ]
    }


def transformed(sim: Simulator, lake: Lake) -> None:
    sim.functions.register("same", same)
    s3(sim, lake, **processing(("Lambda", {"LambdaArn": sim.functions.arn("same")})))


def partitioned(sim: Simulator, lake: Lake) -> None:
    jq = {"MetadataExtractionQuery": "{k:.k}", "JsonParsingEngine": "JQ-1.6"}
    s3(
        sim,
        lake,
        Prefix="dados/!{partitionKeyFromQuery:k}/",
        DynamicPartitioningConfiguration={"Enabled": True},
        **hints(64, 60),
        **processing(("MetadataExtraction", jq)),
    )


def deaggregated(sim: Simulator, lake: Lake) -> None:
    jq = {"MetadataExtractionQuery": "{k:.k}", "JsonParsingEngine": "JQ-1.6"}
    s3(
        sim,
        lake,
        Prefix="dados/!{partitionKeyFromQuery:k}/",
        DynamicPartitioningConfiguration={"Enabled": True},
        **hints(64, 60),
        **processing(
            ("RecordDeAggregation", {"SubRecordType": "JSON"}), ("MetadataExtraction", jq)
        ),
    )


def opened(step: tuple[str, dict[str, str]]) -> Callable[[Simulator, Lake], object]:
    return lambda sim, lake: s3(sim, lake, **processing(step))


WORLDS: dict[str, Callable[[Simulator, Lake], object]] = {
    "raw": lambda sim, lake: s3(sim, lake, CompressionFormat="GZIP"),
    "Parquet": columnar("ParquetSerDe", "OpenXJsonSerDe"),
    "Parquet, Hive": columnar("ParquetSerDe", "HiveJsonSerDe"),
    "ORC": columnar("OrcSerDe", "OpenXJsonSerDe"),
    "partitions": partitioned,
    "partitions in Parquet": lake_house,
    "transform": transformed,
    "de-aggregation": deaggregated,
    "decompression": opened(("Decompression", {"CompressionFormat": "GZIP"})),
    "HTTP": lambda sim, lake: into_http(sim, **retry(90), **hints(1, 60)),
    "Splunk": lambda sim, lake: into_splunk(sim, **retry(90), **hints(1, 60)),
    "OpenSearch": lambda sim, lake: into_opensearch(sim, **retry(90), **hints(1, 60)),
    "Redshift": lambda sim, lake: into_redshift(sim, **retry(90)),
    "Snowflake": lambda sim, lake: into_snowflake(sim),
    "Iceberg": lambda sim, lake: into_iceberg(sim),
}
KEEP_A_BATCH_OUT = {"Redshift"}
"""A COPY loads all of its manifest or nothing."""
TAKE_NO_JSON = {"decompression"}


@pytest.mark.parametrize("kind", WORLDS)
def test_a_hostile_record_fails_alone(kind: str) -> None:
    lake = Lake()
    sim = simulator(lake)
    WORLDS[kind](sim, lake)
    stream, sent, wrong = sim.firehose[NAME], 0, []
    for what, blob in HOSTILE.items():
        before = replace(stream.tally)
        blobs = [_spelled(kind, each) for each in (GOOD % 1, blob, GOOD % 2)]
        assert None not in stream.put(blobs)
        sim.advance(minutes=16)
        sent += 3
        wrong += [f"{what}: {each}" for each in _wrong(kind, stream.held, before, stream.tally)]
    seen = [f"{each.where}: {each.error[:150]}" for each in sim.clock.mishaps.seen]
    assert (wrong, seen) == ([], [])


def _spelled(kind: str, blob: bytes) -> bytes:
    """A record as the tables of Snowflake and Iceberg want theirs."""
    if kind == "Iceberg":
        blob = blob.replace(b'{"n":', b'{"t":"clicks","op":"insert","n":', 1)
    return blob.replace(b'"k"', b'"who"') if kind in {"Snowflake", "Iceberg"} else blob


def _wrong(kind: str, held: int, before: Tally, now: Tally) -> list[str]:
    came = now.delivered - before.delivered
    failed = now.errors - before.errors
    found = []
    if held or now.buffered:
        found.append(f"{held} held")
    if now.lost or now.dropped:
        found.append(f"{now.lost} lost, {now.dropped} dropped")
    if kind not in KEEP_A_BATCH_OUT | TAKE_NO_JSON and came < 2:
        found.append(f"{came} delivered, {failed} failed")
    if came + failed != now.accepted - before.accepted:
        found.append(f"{came} + {failed} of {now.accepted - before.accepted}")
    return found


@pytest.mark.parametrize("text", ["\ud800", "x" * 10, "\x00"])
def test_a_function_whose_error_cannot_be_written_fails_its_batch(text: str) -> None:
    lake = Lake()
    sim = simulator(lake)

    def fail(event: dict[str, Any]) -> None:
        raise ValueError(text)

    sim.functions.register("fail", fail)
    s3(sim, lake, **processing(("Lambda", {"LambdaArn": sim.functions.arn("fail")})))
    sim.firehose[NAME].put([GOOD % 1])
    sim.advance(hours=1)
    (body,) = lake.under("erros/")
    assert json.loads(body)["errorMessage"] == RETURNED_AN_ERROR
    assert "ValueError" in sim.firehose[NAME].site.log[-1].message
    assert (sim.firehose[NAME].tally.errors, sim.firehose[NAME].held) == (1, 0)


class Picky:
    """A port, or an adapter's part, that meets an error nobody expects for some records."""

    def __init__(self, culprits: set[bytes]) -> None:
        self.culprits = culprits

    def look(self, blobs: list[bytes]) -> None:
        for blob in blobs:
            if blob in self.culprits:
                raise ZeroDivisionError("a record that nobody expected")


@pytest.mark.parametrize("culprits", [{3}, {0, 99}, set(range(40, 60)), set(range(100))])
@pytest.mark.parametrize("kind", ["raw", "HTTP"])
def test_a_guard_finds_the_records_that_raise(
    kind: str, culprits: set[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lake = Lake()
    sim = simulator(lake)
    WORLDS[kind](sim, lake)
    stream = sim.firehose[NAME]
    picky = Picky({GOOD % each for each in culprits})
    if kind == "raw":
        from kinesis_sim.firehose import objects

        joined = objects._joined

        def picked(shipment: Any, between: bytes = b"") -> bytes:
            picky.look([record.data for record in shipment.records])
            return joined(shipment, between)

        monkeypatch.setattr(objects, "_joined", picked)
    else:
        from kinesis_sim.firehose.destinations.http_endpoint.adapter import HttpEndpoint

        deliver = HttpEndpoint.deliver

        def handed(self: Any, records: Any, *rest: Any) -> Any:
            picky.look([record.data for record in records])
            return deliver(self, records, *rest)

        monkeypatch.setattr(HttpEndpoint, "deliver", handed)
    stream.put([GOOD % each for each in range(100)])
    sim.advance(hours=1)
    tally = stream.tally
    assert (tally.delivered, tally.errors) == (100 - len(culprits), len(culprits))
    assert (tally.lost, stream.held) == (0, 0)
    assert sorted(lake.failed()) == sorted(culprits)
    (mishap,) = sim.clock.mishaps.seen
    assert mishap.count == len(culprits)
    assert "ZeroDivisionError" in mishap.error
    assert len([row for row in caplog.records if row.name == "kinesis_sim"]) == 1
    assert {each.code for each in stream.site.log} == {"InternalError"}


def test_a_store_that_raises_what_no_store_does_is_tried_again() -> None:
    lake = Lake()
    sim = simulator(lake)
    s3(sim, lake)
    calls, write = [0], lake.write

    def breaking(bucket: str, key: str, body: bytes, headers: Any = None) -> None:
        calls[0] += 1
        if calls[0] < 4:
            raise OSError("no space left")
        write(bucket, key, body)

    sim.firehose.ports = replace(sim.firehose.ports, store=breaking)
    object.__setattr__(sim.firehose[NAME].site, "ports", sim.firehose.ports)
    sim.firehose[NAME].put([GOOD % 1])
    sim.advance(hours=1)
    assert (calls[0], sim.firehose[NAME].tally.delivered) == (4, 1)
    assert len(sim.clock.mishaps.seen) == 1
