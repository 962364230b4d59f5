"""Failed records as Firehose writes them to S3: one JSON object a line (facts/firehose §3).

Members and their order are those of DG:retry and DG23:record-format-conversion; of a failed
transform and a failed decompression those of rows that AWS wrote (floci-io/floci pull request 3393,
2026-09-10; CAP docs/firehose): ``lambdaARN``, where the guide has ``lambdaArn``. Times are epoch
milliseconds. Kinds without a row on record (dynamic partitioning, Iceberg) have the common members:
the model's choice.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kinesis_sim.firehose.record import Record
from kinesis_sim.mishaps import writable

Kind = Literal[
    "processing",
    "conversion",
    "partitioning",
    "exceeded",
    "decompression",
    "opensearch",
    "opensearch-serverless",
    "splunk",
    "http",
    "snowflake",
    "iceberg",
]
OUTPUT_TYPES: dict[Kind, str] = {
    "processing": "processing-failed",
    "conversion": "format-conversion-failed",
    "partitioning": "metadata-extraction-failed",
    "exceeded": "activePartitionExceeded",
    "decompression": "decompression-failed",
    "opensearch": "AmazonOpenSearchService-failed",
    "opensearch-serverless": "AmazonOpenSearchServerless-failed",
    "splunk": "splunk-failed",
    "http": "http-endpoint-failed",
    "snowflake": "snowflake-failed",
    "iceberg": "iceberg-failed",
}
"""``!{firehose:error-output-type}`` of each kind. metadata-extraction-failed is seen in tests of
govuk-one-login against AWS; those of OpenSearch Serverless and Iceberg are the model's choice."""
DOCUMENT = {
    "opensearch": ("esDocumentId", "esIndexName", "esTypeName"),
    "opensearch-serverless": ("osDocumentId", "osIndexName"),
}
"""Members that only the destination's adapter knows; absent ones are written empty."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a delivery or a transformation ended. made: attempts; ended: epoch ms."""

    code: str
    message: str
    made: int
    ended: int


@dataclass(frozen=True, slots=True)
class Table:
    """The Glue table of a conversion (``dataCatalogTable``)."""

    catalog: str
    database: str
    table: str
    region: str
    version: str = "LATEST"
    arn: str = ""

    def members(self) -> dict[str, str]:
        """As the row shows it."""
        return {
            "catalogId": self.catalog,
            "databaseName": self.database,
            "tableName": self.table,
            "region": self.region,
            "versionId": self.version,
            "catalogArn": self.arn,
        }


def error_row(
    kind: Kind,
    record: Record,
    attempt: Attempt,
    *,
    lambda_arn: str = "",
    table: Table | None = None,
    document: Mapping[str, str] | None = None,
) -> bytes:
    """The line of a failed record, its new line included.

    record: as it is to be kept; for a Lambda failure that is the original. lambda_arn, table and
    document belong to the kinds processing, conversion and opensearch.
    """
    if kind in ("processing", "decompression"):
        return _line(_recorded(record, attempt, lambda_arn if kind == "processing" else ""))
    last = "last" if kind == "conversion" else ""
    row: dict[str, object] = {
        "attemptsMade": attempt.made,
        "arrivalTimestamp": record.arrived,
        "lastErrorCode" if last else "errorCode": attempt.code,
        "lastErrorMessage" if last else "errorMessage": writable(attempt.message),
        "attemptEndingTimestamp": attempt.ended,
    }
    given = document or {}
    row |= {name: writable(given.get(name, "")) for name in DOCUMENT.get(kind, ())}
    row["rawData"] = b64encode(record.data).decode()
    row |= _extras(kind, record, table)
    return _line(row)


def _line(row: Mapping[str, object]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _recorded(record: Record, attempt: Attempt, lambda_arn: str) -> dict[str, object]:
    """In the order that AWS wrote."""
    row: dict[str, object] = {
        "rawData": b64encode(record.original or record.data).decode(),
        "errorCode": attempt.code,
        "errorMessage": writable(attempt.message),
        "attemptsMade": attempt.made,
        "arrivalTimestamp": record.arrived,
        "attemptEndingTimestamp": attempt.ended,
    }
    return {**row, "lambdaARN": lambda_arn} if lambda_arn else row


def _extras(kind: Kind, record: Record, table: Table | None) -> dict[str, object]:
    """Members that follow rawData."""
    sequence, part = _identity(record)
    match kind:
        case "conversion":
            tail = {"sequenceNumber": sequence, "subSequenceNumber": part}
            return tail | ({"dataCatalogTable": table.members()} if table else {})
        case "splunk":
            return {"EventId": f"{sequence}.{part}"}
        case "http":
            return {"subsequenceNumber": part, "dataId": f"{sequence}.{part}"}
    return {}


def _identity(record: Record) -> tuple[str, int]:
    """Sequence and subsequence number.

    Of Direct PUT, the record's number in 56 digits, as long as AWS's own.
    """
    if record.origin is not None:
        return record.origin.sequence_number, record.origin.subsequence
    return f"49{record.number:054}", 0
