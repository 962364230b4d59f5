"""Proofs about Firehose's way to a destination: transforms, prefixes, errors, sources, backups."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.course.proofs.bench import ONCE, came_true, refusal, simulator
from kinesis_sim.firehose.tally import Tally
from kinesis_sim.workloads.scenes.click_lake import ClickLake, hints, jq, processing, processor

PIPE, SOURCE = "pipe", "pedala-clicks"
ERRORS = "errors/!{firehose:error-output-type}/"


def _lake(**settings: Any) -> ClickLake:
    return ClickLake(simulator(**settings))


def _create(lake: ClickLake, *, source: str = "", **more: Any) -> None:
    """A stream to the lake, ACTIVE; of a data stream where one is named."""
    reading: Request = {}
    if source:
        arn = lake.sim.streams[source].arn
        reading = {
            "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {"KinesisStreamARN": arn, "RoleARN": lake.role},
        }
    settings = {"Prefix": "data/", "ErrorOutputPrefix": ERRORS, **hints(5, 60), **more}
    lake.sim.client("firehose", config=ONCE).create_delivery_stream(
        DeliveryStreamName=PIPE,
        ExtendedS3DestinationConfiguration=lake.settings(**settings),
        **reading,
    )
    lake.wait(PIPE)


def _sent(lake: ClickLake, *blobs: bytes) -> Tally:
    lake.sim.firehose[PIPE].put(list(blobs))
    lake.sim.advance(minutes=10)
    return lake.sim.firehose[PIPE].tally


def _bodies(lake: ClickLake, prefix: str = "data/", bucket: str = "") -> bytes:
    found = lake.sim.buckets.objects(bucket or lake.bucket, prefix)
    return b"".join(body for _key, body in found)


def _function(lake: ClickLake, answer: Callable[[Request], Request]) -> Request:
    """A transforming function as a processor."""
    arn = lake.sim.functions.register("transform", answer)
    return processing(processor("Lambda", LambdaArn=arn))


def _with_result(result: str) -> Callable[[Request], Request]:
    def answer(event: Request) -> Request:
        return {"records": [{**row, "result": result} for row in event["records"]]}

    return answer


def _raises(event: Request) -> Request:
    raise RuntimeError("no such table")


def function_breaks() -> tuple[str, ...]:
    """F08: five records and a function that raises; where they are half an hour later."""
    lake = _lake()
    _create(lake, **_function(lake, _raises))
    tally = _sent(lake, *[b"click"] * 5)
    lake.sim.advance(minutes=20)
    rows = _bodies(lake, "errors/processing-failed/").splitlines()
    kept = [b64decode(json.loads(row)["rawData"]) for row in rows]
    return came_true(
        {
            "prefix": kept == [b"click"] * 5,
            "untouched": b"click" in _bodies(lake),
            "dropped": tally.lost > 0 or not kept,
        }
    )


def dropped_on_purpose() -> tuple[str, ...]:
    """F08: five records that the function drops; what the bucket has."""
    lake = _lake()
    _create(lake, **_function(lake, _with_result("Dropped")))
    _sent(lake, *[b"heartbeat"] * 5)
    keys = lake.sim.buckets.keys(lake.bucket)
    return came_true(
        {
            "nowhere": not keys,
            "errors": any(key.startswith("errors/") for key in keys),
            "data": any(key.startswith("data/") for key in keys),
            "retry": lake.sim.firehose[PIPE].tally.buffered > 0,
        }
    )


def brazilian_night() -> tuple[str, ...]:
    """F11: a record on 11 March at 01:30 UTC, which is the evening before in São Paulo."""
    lake = _lake(start="2026-03-11T01:28:00Z")
    _create(lake, Prefix="")
    lake.sim.run_until("2026-03-11T01:30:00Z")
    _sent(lake, b"ride")
    [key] = lake.sim.buckets.keys(lake.bucket)
    folder = key.rpartition("/")[0] + "/"
    named = {
        "utc": "2026/03/11/01/",
        "local": "2026/03/10/22/",
        "day": "2026/03/11/",
        "hive": "year=2026/month=03/day=11/",
    }
    return came_true({option: folder == name for option, name in named.items()})


def rejected_documents() -> tuple[str, ...]:
    """F13: two good documents and one whose field has the wrong type."""
    lake = _lake()
    sim = lake.sim
    lake.search(PIPE)
    good = [
        b'{"action": "open", "target": "s1", "build": 1}',
        b'{"action": "open", "target": "s2"}',
    ]
    bad = b'{"action": "open", "target": {"not": "a text"}, "build": {"not": "a number"}}'
    sim.firehose[PIPE].put([good[0]])
    sim.advance(minutes=5)
    sim.firehose[PIPE].put([bad, good[1]])
    sim.advance(minutes=20)
    tally = sim.firehose[PIPE].tally
    kept = _bodies(lake, "errors/")
    return came_true(
        {
            "s3": tally.delivered == 2 and b"esDocumentId" in kept,
            "dropped": tally.lost > 0,
            "again": tally.buffered > 0,
            "block": tally.delivered < 2,
        }
    )


def raw_and_tidy() -> tuple[str, ...]:
    """F14: backup turned on, and versioning instead; where the raw record can be read."""
    raw = b'{"action": "open", "target": "station-09"}'
    lake = _lake()
    backup = lake.settings(lake.raw_bucket, **hints(5, 60))
    _create(lake, S3BackupMode="Enabled", S3BackupConfiguration=backup, **processing(lake.tidy))
    _sent(lake, raw)
    with_backup = raw in _bodies(lake, "", lake.raw_bucket) and raw not in _bodies(lake)
    plain = _lake()
    plain.sim.client("s3").put_bucket_versioning(
        Bucket=plain.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    _create(plain, **processing(plain.tidy))
    _sent(plain, raw)
    return came_true({"backup": with_backup, "versioning": raw in _bodies(plain, "")})


def _with_source() -> ClickLake:
    lake = _lake()
    lake.sim.client("kinesis").create_stream(StreamName=SOURCE, ShardCount=1)
    lake.sim.advance(minutes=1)
    return lake


def put_refused() -> tuple[str, ...]:
    """F15: a put into Firehose itself while a data stream is its source."""
    lake = _with_source()
    _create(lake, source=SOURCE)
    firehose = lake.sim.client("firehose", config=ONCE)
    refused = refusal(firehose.put_record, DeliveryStreamName=PIPE, Record={"Data": b"x"})
    lake.sim.advance(minutes=10)
    forwarded = lake.sim.streams[SOURCE].shards
    return came_true(
        {
            "refused": refused == "InvalidArgumentException",
            "mixed": not refused,
            "forwarded": any(len(shard.log) for shard in forwarded),
        }
    )


def old_records() -> tuple[str, ...]:
    """F15: twenty records of twenty hours, the Firehose stream, three more."""
    lake = _with_source()
    kinesis = lake.sim.client("kinesis")

    def click(data: bytes) -> None:
        kinesis.put_record(StreamName=SOURCE, PartitionKey="app", Data=data)

    for _hour in range(20):
        click(b"<old>")
        lake.sim.advance(hours=1)
    _create(lake, source=SOURCE)
    for _ in range(3):
        click(b"<new>")
    lake.sim.advance(minutes=10)
    body = _bodies(lake)
    old, new = body.count(b"<old>"), body.count(b"<new>")
    return came_true({"new": (old, new) == (0, 3), "all": old == 20, "hour": old == 1})


def two_buckets() -> tuple[str, ...]:
    """F16: two readers of one data stream; one stream with two destinations."""
    lake = _with_source()
    _create(lake, source=SOURCE)
    firehose = lake.sim.client("firehose", config=ONCE)
    arn = lake.sim.streams[SOURCE].arn
    firehose.create_delivery_stream(
        DeliveryStreamName="second",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": lake.role},
        ExtendedS3DestinationConfiguration=lake.settings(lake.raw_bucket, **hints(5, 60)),
    )
    lake.wait("second")
    lake.sim.client("kinesis").put_record(StreamName=SOURCE, PartitionKey="a", Data=b"<click>")
    lake.sim.advance(minutes=10)
    both = {
        "DeliveryStreamName": "both",
        "ExtendedS3DestinationConfiguration": lake.settings(),
        "HttpEndpointDestinationConfiguration": {
            "EndpointConfiguration": {"Url": "https://example.com"},
            "S3Configuration": lake.settings(),
        },
    }
    return came_true(
        {
            "two": _bodies(lake) == _bodies(lake, "", lake.raw_bucket) == b"<click>",
            "both": not refusal(firehose.create_delivery_stream, **both),
        }
    )


def one_long_line() -> tuple[str, ...]:
    """F19: a hundred records after each change; how many lines the objects have."""
    ways: dict[str, Request] = {
        "delimiter": processing(processor("AppendDelimiterToRecord")),
        "gzip": {"CompressionFormat": "GZIP"},
        "smaller": hints(1, 60),
        "prefix": {"Prefix": "data/!{timestamp:yyyy/MM/dd/HH}/"},
    }
    return came_true({way: _lines(more) >= 100 for way, more in ways.items()})


def _lines(more: Request) -> int:
    lake = _lake()
    _create(lake, **more)
    _sent(lake, *[b'{"ride": 1}'] * 100)
    body = _bodies(lake)
    text = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    return len(text.splitlines())


def logs_arrive_zipped() -> tuple[str, ...]:
    """F23: an envelope as CloudWatch Logs sends it; in which objects its lines can be read."""
    extract = processing(
        processor("Decompression", CompressionFormat="GZIP"),
        processor("CloudWatchLogProcessing", DataMessageExtraction="true"),
    )
    return came_true(
        {
            "decompress": _logged(extract) == b"line one\nline two\n",
            "uncompressed": b"line one" in _logged({"CompressionFormat": "UNCOMPRESSED"}),
        }
    )


def _logged(more: Request) -> bytes:
    lake = _lake()
    _create(lake, **more)
    envelope = {
        "messageType": "DATA_MESSAGE",
        "logGroup": "app",
        "logStream": "one",
        "logEvents": [
            {"id": str(n), "timestamp": 0, "message": f"line {word}"}
            for n, word in enumerate(("one", "two"))
        ],
    }
    _sent(lake, gzip.compress(json.dumps(envelope).encode(), mtime=0))
    return _bodies(lake)


def which_encryption() -> tuple[str, ...]:
    """F25: a data stream as source: encryption asked of Firehose, and of the stream."""
    lake = _with_source()
    _create(lake, source=SOURCE)
    firehose, kinesis = (lake.sim.client(name, config=ONCE) for name in ("firehose", "kinesis"))
    key = {"DeliveryStreamEncryptionConfigurationInput": {"KeyType": "AWS_OWNED_CMK"}}
    asked = refusal(firehose.start_delivery_stream_encryption, DeliveryStreamName=PIPE, **key)
    stream = refusal(
        kinesis.start_stream_encryption,
        StreamName=SOURCE,
        EncryptionType="KMS",
        KeyId="alias/aws/kinesis",
    )
    return came_true({"data": not stream, "firehose": not asked, "both": not stream and not asked})


def too_many_customers() -> tuple[str, ...]:
    """F10: 600 customers within a minute; where the last hundred's records are."""
    lake = _lake()
    _create(
        lake,
        **hints(64, 60),
        Prefix="data/!{partitionKeyFromQuery:customer}/",
        DynamicPartitioningConfiguration={"Enabled": True},
        **processing(jq(customer=".customer")),
    )
    rows = [b'{"customer": "c%03d"}' % number for number in range(600)]
    tally = _sent(lake, *rows[:300], *rows[300:])
    keys = lake.sim.buckets.keys(lake.bucket)
    partitions = {key.split("/")[1] for key in keys if key.startswith("data/")}
    return came_true(
        {
            "error": tally.errors == 100 and len(partitions) == 500,
            "wait": tally.buffered > 0,
            "together": "__default" in partitions,
            "refused": tally.delivered + tally.errors < 600,
        }
    )


def parquet_and_gzip() -> tuple[str, ...]:
    """F09: each configuration, created."""
    ways: dict[str, Callable[[ClickLake], Request]] = {
        "right": lambda lake: {**hints(128, 60), "CompressionFormat": "UNCOMPRESSED"},
        "gzip": lambda lake: {**hints(128, 60), "CompressionFormat": "GZIP"},
        "small": lambda lake: {**hints(5, 60), "CompressionFormat": "UNCOMPRESSED"},
        "schema": lambda lake: {
            **hints(64, 60),
            "DataFormatConversionConfiguration": {
                key: value for key, value in lake.parquet.items() if key != "SchemaConfiguration"
            },
        },
    }
    return came_true({way: _converts(more) for way, more in ways.items()})


def _converts(more: Callable[[ClickLake], Request]) -> bool:
    lake = _lake()
    settings = {"DataFormatConversionConfiguration": lake.parquet, **more(lake)}
    create = lake.sim.client("firehose", config=ONCE).create_delivery_stream
    wanted = lake.settings(Prefix="data/", ErrorOutputPrefix=ERRORS, **settings)
    return not refusal(create, DeliveryStreamName=PIPE, ExtendedS3DestinationConfiguration=wanted)


def only_these() -> tuple[str, ...]:
    """F12: ten records on their way into a warehouse; where each of them has been."""
    lake = _lake()
    warehouse = lake.warehouse(PIPE)
    lake.sim.firehose[PIPE].put([b'{"action": "open"}'] * 10)
    lake.sim.advance(minutes=10)
    staged = _bodies(lake, "staged/")
    counted = warehouse.sql("select count(*) as n from clicks")
    rows = 0 if counted is None else int(counted["n"][0])
    return came_true(
        {
            "copy": staged.count(b"open") == 10 and rows == 10,
            "insert": rows == 10 and not staged,
            "spectrum": rows == 0,
        }
    )
