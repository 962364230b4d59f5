"""Rows of failed records: the members that the guide shows, in its order, one row a line."""

from __future__ import annotations

import json

import pytest

from kinesis_sim.firehose.error_rows import OUTPUT_TYPES, Attempt, Kind, Table, error_row
from kinesis_sim.firehose.record import Origin, Record

RECORD = Record(b"sample raw data", 1594265943615, 7)
ATTEMPT = Attempt("Code", 'said "no"\n', 5, 1594266081318)
COMMON = ["attemptsMade", "arrivalTimestamp", "errorCode", "errorMessage", "attemptEndingTimestamp"]

RECORDED = [
    *("rawData", "errorCode", "errorMessage", "attemptsMade", "arrivalTimestamp"),
    "attemptEndingTimestamp",
]
"""A row that AWS wrote on 2026-09-10 (floci-io/floci pull request 3393)."""


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("processing", [*RECORDED, "lambdaARN"]),
        ("opensearch", [*COMMON, "esDocumentId", "esIndexName", "esTypeName", "rawData"]),
        ("opensearch-serverless", [*COMMON, "osDocumentId", "osIndexName", "rawData"]),
        ("splunk", [*COMMON, "rawData", "EventId"]),
        ("http", [*COMMON, "rawData", "subsequenceNumber", "dataId"]),
        ("snowflake", [*COMMON, "rawData"]),
        ("iceberg", [*COMMON, "rawData"]),
        ("partitioning", [*COMMON, "rawData"]),
        ("decompression", RECORDED),
        (
            "conversion",
            [
                "attemptsMade",
                "arrivalTimestamp",
                "lastErrorCode",
                "lastErrorMessage",
                "attemptEndingTimestamp",
                "rawData",
                "sequenceNumber",
                "subSequenceNumber",
                "dataCatalogTable",
            ],
        ),
    ],
)
def test_members(kind: Kind, members: list[str]) -> None:
    table = Table("123456789012", "db", "clicks", "us-east-1")
    line = error_row(kind, RECORD, ATTEMPT, lambda_arn="arn:f", table=table)
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    row = json.loads(line)
    assert list(row) == members
    assert row["rawData"] == "c2FtcGxlIHJhdyBkYXRh"
    assert row["arrivalTimestamp"] == 1594265943615
    assert kind in OUTPUT_TYPES


def test_the_documented_row_of_an_http_endpoint() -> None:
    origin = Origin("s", "k", "49607357361271740811418664280693044274821622880012337186", 0, 0)
    attempt = Attempt("HttpEndpoint.DestinationException", "Unauthorized", 5, 1594266081318)
    record = Record(b"sample raw data", 1594265943615, 0, origin)
    assert json.loads(error_row("http", record, attempt)) == {
        "attemptsMade": 5,
        "arrivalTimestamp": 1594265943615,
        "errorCode": "HttpEndpoint.DestinationException",
        "errorMessage": "Unauthorized",
        "attemptEndingTimestamp": 1594266081318,
        "rawData": "c2FtcGxlIHJhdyBkYXRh",
        "subsequenceNumber": 0,
        "dataId": "49607357361271740811418664280693044274821622880012337186.0",
    }


def test_what_the_adapter_knows_is_kept_and_what_others_say_is_not() -> None:
    document = {"esDocumentId": "d", "esIndexName": "i", "other": "x"}
    row = json.loads(error_row("opensearch", RECORD, ATTEMPT, document=document))
    assert (row["esDocumentId"], row["esIndexName"], row["esTypeName"]) == ("d", "i", "")
    assert "other" not in row


def test_a_table_is_described_in_full() -> None:
    table = Table("c", "d", "t", "r", "4", "arn")
    row = json.loads(error_row("conversion", RECORD, ATTEMPT, table=table))
    assert row["dataCatalogTable"] == {
        "catalogId": "c",
        "databaseName": "d",
        "tableName": "t",
        "region": "r",
        "versionId": "4",
        "catalogArn": "arn",
    }
    assert len(row["sequenceNumber"]) == 56
