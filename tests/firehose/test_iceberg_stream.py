"""A whole Firehose stream into Iceberg tables: jq routes, keys decide, failures are kept."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from kinesis_sim import Simulator
from tests.firehose.calls import BUCKET, NAME, ROLE, bucket, hints, processing
from tests.streams.calls import refused

QUERY = '{destinationDatabaseName:"web",destinationTableName:.t,operation:.op}'
TABLE = {
    "DestinationDatabaseName": "web",
    "DestinationTableName": "clicks",
    "UniqueKeys": ["n"],
}


def into_iceberg(sim: Simulator, **options: Any) -> None:
    """A stream into the lakehouse with a table ``web.clicks``."""
    lakehouse = sim.receivers.lakehouse
    lakehouse.sql("create table web.clicks (n bigint not null, who string)", keys=["n"])
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=NAME,
        IcebergDestinationConfiguration={
            "RoleARN": ROLE,
            "CatalogConfiguration": {"CatalogARN": sim.receivers.catalog_arn},
            "S3Configuration": bucket(),
            "DestinationTableConfigurationList": [TABLE],
            **hints(5, 10),
            **processing(
                (
                    "MetadataExtraction",
                    {"MetadataExtractionQuery": QUERY, "JsonParsingEngine": "JQ-1.6"},
                )
            ),
            **options,
        },
    )


def put(sim: Simulator, *rows: dict[str, Any]) -> None:
    sim.firehose[NAME].put([json.dumps(row).encode() for row in rows])
    sim.advance(seconds=10)


def counted(sim: Simulator, name: str) -> float | None:
    found = sim.metrics("AWS/Firehose", metric=f"DeliveryToIceberg.{name}")
    return float(found["Sum"].sum()) if len(found) else None


def test_rows_are_inserted_updated_and_deleted_by_their_keys(sim: Simulator) -> None:
    into_iceberg(sim)
    put(
        sim,
        {"n": 1, "who": "a", "t": "clicks", "op": "insert"},
        {"n": 2, "who": "b", "t": "clicks", "op": "insert"},
    )
    put(
        sim,
        {"n": 1, "who": "z", "t": "clicks", "op": "update"},
        {"n": 2, "t": "clicks", "op": "delete"},
    )
    rows = sim.receivers.lakehouse.sql("select n, who from web.clicks")
    assert rows is not None
    assert rows.to_dict("records") == [{"n": 1, "who": "z"}]
    assert sim.firehose[NAME].tally.delivered == 4


def test_a_record_for_no_table_goes_to_the_error_output(sim: Simulator) -> None:
    into_iceberg(sim)
    put(sim, {"n": 1, "who": "a", "t": "nowhere", "op": "insert"})
    sim.advance(minutes=5)
    (key,) = sim.buckets.keys(BUCKET)
    row = json.loads(sim.buckets.read(BUCKET, key))
    assert key.startswith("iceberg-failed/2026/01/01/00/")
    assert row["errorCode"] == "Iceberg.NoSuchTable"
    assert json.loads(b64decode(row["rawData"]))["n"] == 1


def test_a_lost_commit_is_tried_again(sim: Simulator) -> None:
    into_iceberg(sim)
    sim.receivers.lakehouse.conflicts = 3
    put(sim, {"n": 1, "who": "a", "t": "clicks", "op": "insert"})
    assert sim.firehose[NAME].tally.delivered == 0
    sim.advance(minutes=1)
    assert sim.firehose[NAME].tally.delivered == 1
    assert counted(sim, "FailedRowCount") == 0


def test_its_metrics_count_rows(sim: Simulator) -> None:
    """facts/firehose/7/iceberg; a row that goes to the bucket has failed."""
    into_iceberg(sim)
    good = {"n": 1, "who": "a", "t": "clicks", "op": "insert"}
    put(sim, good, {**good, "n": 2}, {**good, "t": "nowhere"})
    sim.advance(minutes=10)
    assert counted(sim, "SuccessfulRowCount") == 2
    assert counted(sim, "FailedRowCount") == 1
    assert counted(sim, "IncomingRowCount") >= 3
    assert counted(sim, "Records") is None
    assert sim.metrics("AWS/Firehose", metric="DeliveryToS3.Success")["Average"].tolist() == [1]


def test_previews_are_refused_by_name(sim: Simulator) -> None:
    with refused("InvalidArgumentException") as refusal:
        into_iceberg(sim, TableCreationConfiguration={"Enabled": True})
    assert refusal.message.startswith("TableCreationConfiguration is a preview")
