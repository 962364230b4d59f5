"""Proofs about pipelines: what transforms, conversions and destinations do with records."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.account.calls import Request
from kinesis_sim.firehose.tally import Tally
from kinesis_sim.workloads.scenes.click_lake import ClickLake, hints, jq, processing, processor

ACCOUNT = "555566667777"  # moto keeps one state per account: proofs have theirs to themselves
STREAM = "proof"
DYNAMIC: Request = {"DynamicPartitioningConfiguration": {"Enabled": True}, **hints(64, 60)}
ERRORS = "errors/!{firehose:error-output-type}/"


def five_records() -> int:
    """F07: the function answers as the question says; the rows of the error output."""
    lake = _lake()
    results = ["Ok", "Ok", "Dropped", "ProcessingFailed"]

    def answer(event: Request) -> Request:
        pairs = zip(event["records"], results, strict=False)
        return {"records": [{**row, "result": result} for row, result in pairs]}

    function = lake.sim.functions.register("some", answer)
    _create(lake, **processing(processor("Lambda", LambdaArn=function)))
    return _sent(lake, [b"{}"] * 5).errors


def csv_to_parquet() -> tuple[str, ...]:
    """F09: each way on an account emptied for it; those whose object is Parquet."""
    ways: dict[str, Callable[[ClickLake], Request]] = {
        "direct": lambda lake: {},
        "delimiter": lambda lake: processing(processor("AppendDelimiterToRecord")),
        "lambda": lambda lake: processing(
            processor("Lambda", LambdaArn=lake.sim.functions.register("json", _to_json))
        ),
        "gzip": lambda lake: {"CompressionFormat": "GZIP"},
    }
    return tuple(way for way, more in ways.items() if _is_parquet(more))


def _is_parquet(more: Callable[[ClickLake], Request]) -> bool:
    lake = _lake()
    settings = {"DataFormatConversionConfiguration": lake.parquet, **hints(64, 60), **more(lake)}
    try:
        _create(lake, **settings)
    except ClientError:
        return False
    _sent(lake, [b"session-1,rider-1,ios"])
    objects = list(lake.sim.buckets.objects(lake.bucket, "data/"))
    return bool(objects) and all(body.startswith(b"PAR1") for _key, body in objects)


def _to_json(event: Request) -> Request:
    return {"records": [_json(row) for row in event["records"]]}


def _json(row: Request) -> Request:
    names = ("session_id", "rider_id", "platform")
    click = dict(zip(names, b64decode(row["data"]).decode().split(","), strict=True))
    data = b64encode(json.dumps(click).encode()).decode()
    return {"recordId": row["recordId"], "result": "Ok", "data": data}


def by_customer() -> tuple[str, ...]:
    """F10: each way from a plain stream; those after which a key names the record's customer."""
    query = processing(jq(customer=".customer"))
    by_key = {"Prefix": "!{partitionKeyFromQuery:customer}/", "ErrorOutputPrefix": ERRORS}
    ways = {
        "enable": {**DYNAMIC, **query, **by_key},
        "prefix": by_key,
        "timestamp": {"Prefix": "!{timestamp:'.customer'}/", "ErrorOutputPrefix": ERRORS},
    }
    found = [way for way, update in ways.items() if _names_customer(update=update)]
    new = _names_customer(create={**DYNAMIC, **query, **by_key})
    return (*(["new"] if new else []), *found)


def _names_customer(create: Request | None = None, update: Request | None = None) -> bool:
    lake = _lake()
    _create(lake, **(create or {}))
    try:
        if update is not None:
            _update(lake, ExtendedS3DestinationUpdate=update)
    except ClientError:
        return False
    _sent(lake, [b'{"customer": "anna"}'])
    return any(key.startswith("anna/") for key in lake.sim.buckets.keys(lake.bucket))


def skipped_batch() -> tuple[str, ...]:
    """F12: a batch is skipped, then each remedy; those after which all its rows are there."""
    remedies: dict[str, Callable[[ClickLake, Any], None]] = {
        "wait": lambda lake, warehouse: None,
        "raise": lambda lake, warehouse: _update(
            lake,
            RedshiftDestinationUpdate={"RetryOptions": {"DurationInSeconds": 7_200}},
        ),
        "copy": _copy,
        "append": _append,
    }
    return tuple(name for name, remedy in remedies.items() if _brings_rows(remedy))


def _brings_rows(remedy: Callable[[ClickLake, Any], None]) -> bool:
    lake = _lake()
    sim = lake.sim
    warehouse = lake.warehouse(STREAM, retry_s=600)
    warehouse.state = "paused"
    sim.firehose[STREAM].put([b'{"action": "open"}\n'] * 10)
    sim.advance(hours=1)
    warehouse.state = "available"
    remedy(lake, warehouse)
    sim.advance(hours=25)
    rows = warehouse.sql("select count(*) as n from clicks where action = 'open'")
    return rows is not None and int(rows["n"][0]) == 10


def _append(lake: ClickLake, warehouse: Any) -> None:
    lake.sim.firehose[STREAM].put([b'{"action": "map"}'])


def _copy(lake: ClickLake, warehouse: Any) -> None:
    [manifest] = lake.sim.buckets.keys(lake.bucket, "errors/manifests/")
    place = f"s3://{lake.bucket}/{manifest}"
    warehouse.sql(f"copy clicks from '{place}' iam_role '{lake.role}' manifest json 'auto'")


def which_metric() -> tuple[str, ...]:
    """M06: the same half hour with S3 well and with S3 refusing; the metrics that grow."""
    names = {
        "bytes": "IncomingBytes",
        "throttled": "ThrottledRecords",
        "requests": "IncomingPutRequests",
        "freshness": "DeliveryToS3.DataFreshness",
    }
    well, ill = (_half_hour(broken=broken) for broken in (False, True))
    return tuple(option for option, name in names.items() if ill(name) > 2 * well(name))


def _half_hour(*, broken: bool) -> Callable[[str], float]:
    lake = _lake()
    _create(lake, **hints(5, 60))
    if broken:
        lake.sim.buckets.refuse(lake.bucket, "SlowDown")
    for _minute in range(30):
        lake.sim.firehose[STREAM].put([b"tap"])
        lake.sim.advance(minutes=1)
    return lambda name: float(
        lake.sim.metrics("AWS/Firehose", metric=name, DeliveryStreamName=STREAM)["Maximum"].max()
    )


# --- a lake and a stream --------------------------------------------------------------------------


def _lake() -> ClickLake:
    return ClickLake(Simulator(account=ACCOUNT, delays="instant", latency=None))


def _create(lake: ClickLake, **more: Any) -> None:
    lake.sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=STREAM,
        ExtendedS3DestinationConfiguration=lake.settings(
            **{"Prefix": "data/", "ErrorOutputPrefix": ERRORS, **more}
        ),
    )
    lake.wait(STREAM)


def _update(lake: ClickLake, **update: Any) -> None:
    lake.sim.client("firehose").update_destination(
        DeliveryStreamName=STREAM,
        CurrentDeliveryStreamVersionId="1",
        DestinationId="destinationId-000000000001",
        **update,
    )
    lake.sim.advance(minutes=5)


def _sent(lake: ClickLake, blobs: list[bytes]) -> Tally:
    """Put records and let a quarter of an hour pass; where they then are."""
    lake.sim.firehose[STREAM].put(blobs)
    lake.sim.advance(minutes=15)
    return lake.sim.firehose[STREAM].tally
