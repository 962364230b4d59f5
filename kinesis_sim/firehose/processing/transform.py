"""The contract between Firehose and a transforming Lambda function (facts/firehose §4).

An invocation's event is built here, and its answer read into one result a record. Invoking,
retrying and waiting are the caller's. Messages are those of DG:monitoring-with-cloudwatch-logs,
or, where they were recorded, AWS's own of 2026.

How far a broken answer reaches (CAP docs/firehose): a result that is none, an id that came twice or
data that is no base64 break the whole answer, and the invocation is made again; an id that did not
come is its record's failure alone, at once. So is that of every record when the answer has no
``records`` (floci-io/floci pull request 3393, probed 2026-09-10; that report has the id that came
twice as its record's failure, which the later recording contradicts).
"""

from __future__ import annotations

import binascii
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kinesis_sim.firehose.record import Origin, Pairs, Record
from kinesis_sim.units import MIB

LARGEST_PAYLOAD = 6 * MIB
"""Bytes of a request or a response; the guide says 6 MB (DG:data-transformation)."""
RECORD_OVERHEAD = 512
"""Bytes of an event's record beside its data and partition key, at most: ids, times, JSON."""
FUNCTION_TIMEOUT_MS = 300_000
"""Longest that Firehose lets a function run (DG:data-transformation)."""

MESSAGES = {
    "Lambda.MissingRecordId": "One or more record Ids were not returned. Ensure that the Lambda "
    "function returns all received record Ids.",
    "Lambda.DuplicatedRecordId": "Multiple records were returned with the same record ID. Ensure "
    "that the Lambda function returns unique record IDs for each record.",
    "Lambda.JsonProcessingException": "There was an error parsing returned records from the Lambda "
    "function. Ensure that the returned records follow the status model required by Amazon Data "
    "Firehose.",
    "Lambda.JsonMappingException": "There was an error parsing returned records from the Lambda "
    "function. Ensure that data field is base-64 encoded.",
    "Lambda.FunctionError": "Check your function and make sure the output is in required format. "
    "In addition to that, make sure the processed records contain valid result status of Dropped, "
    "Ok, or ProcessingFailed",
    "Lambda.FunctionTimedOut": "The Lambda function invocation timed out. Increase the Timeout "
    "setting in the Lambda function.",
    "Lambda.InvokeLimitExceeded": "The Lambda concurrent execution limit is exceeded. Increase the "
    "concurrent execution limit.",
    "Lambda.InvokeAccessDenied": "Access was denied. Ensure that the access policy allows access "
    "to the Lambda function.",
    "Lambda.ResourceNotFound": "The specified Lambda function does not exist. Use a different "
    "function that does exist.",
    # Not in the guide; public code that replays AWS's error objects names code and text.
    "Lambda.ProcessingFailedStatus": "ProcessingFailed status set for record",
}
RETURNED_AN_ERROR = "The Lambda function was successfully invoked but it returned an error result."
"""The text of Lambda.FunctionError where the function raised."""


@dataclass(frozen=True, slots=True)
class Ok:
    """The function kept the record.

    data: as it gave it back; keys: ``metadata.partitionKeys``, sorted; route:
    ``metadata.otfMetadata``, None without.
    """

    data: bytes
    keys: Pairs = ()
    route: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """The function dropped the record on purpose: a success, and nothing is delivered."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The record goes to processing-failed. code: as in Firehose's error log."""

    code: str
    message: str


Result = Ok | Dropped | Failed


def failed(code: str) -> Failed:
    """A failure with the message that the guide has for its code."""
    return Failed(code, MESSAGES[code])


def event(
    records: Sequence[Record],
    ids: Sequence[str],
    *,
    invocation_id: str,
    stream_arn: str,
    region: str,
    source_arn: str | None = None,
) -> dict[str, Any]:
    """The event of an invocation. ids: one recordId a record; source_arn: of the data stream."""
    head: dict[str, Any] = {"invocationId": invocation_id, "deliveryStreamArn": stream_arn}
    if source_arn is not None:
        head["sourceKinesisStreamArn"] = source_arn
    rows = [_row(record, name) for record, name in zip(records, ids, strict=True)]
    return {**head, "region": region, "records": rows}


def _row(record: Record, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "recordId": name,
        "approximateArrivalTimestamp": record.arrived,
        "data": b64encode(record.data).decode(),
    }
    if record.origin is not None:
        row["kinesisRecordMetadata"] = _source(record.origin)
    return row


def _source(origin: Origin) -> dict[str, Any]:
    return {
        "shardId": origin.shard,
        "partitionKey": origin.partition_key,
        "sequenceNumber": origin.sequence_number,
        "subsequenceNumber": origin.subsequence,
        "approximateArrivalTimestamp": origin.arrived,
    }


def event_size(record: Record) -> int:
    """An upper bound of the bytes that a record adds to an event.

    For cutting batches so that a request stays below LARGEST_PAYLOAD.
    """
    key = len(record.origin.partition_key.encode()) * 6 if record.origin else 0
    return (len(record.data) + 2) // 3 * 4 + key + RECORD_OVERHEAD


class Broken(Exception):
    """An answer that is none: the invocation failed as a whole. code, message: as of ``Failed``."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message or MESSAGES[code]


def results(answer: object, ids: Sequence[str]) -> list[Result]:
    """What became of each record that was sent, in the order of ids.

    answer: what the function returned: a Python value, or JSON as text or bytes. Ids that were
    never sent are ignored; those that were and are not in the answer have failed. Raises Broken.
    """
    try:
        answer = json.loads(answer) if isinstance(answer, str | bytes) else answer
    except ValueError:
        raise Broken("Lambda.JsonProcessingException") from None
    if not isinstance(answer, Mapping):
        raise Broken("Lambda.FunctionError")
    rows = answer.get("records")
    if rows is None:
        return [failed("Lambda.MissingRecordId")] * len(ids)
    if not isinstance(rows, list | tuple) or not all(map(_is_row, rows)):
        raise Broken("Lambda.FunctionError")
    if (size := _size(rows)) > LARGEST_PAYLOAD:
        raise Broken("Lambda.FunctionError", _too_large(size))
    if len({row["recordId"] for row in rows}) < len(rows):
        raise Broken("Lambda.DuplicatedRecordId")
    found = {row["recordId"]: _result(row) for row in rows}
    return [found.get(name) or failed("Lambda.MissingRecordId") for name in ids]


def _is_row(row: object) -> bool:
    """Whether it has an id and a result."""
    return (
        isinstance(row, Mapping)
        and isinstance(row.get("recordId"), str)
        and row.get("result") in ("Ok", "Dropped", "ProcessingFailed")
    )


def _size(rows: Sequence[Mapping[str, Any]]) -> int:
    """Bytes of the answer, near enough: what dominates it is the data."""
    return sum(len(row["recordId"]) + len(str(row.get("data", ""))) + 40 for row in rows)


def _too_large(size: int) -> str:
    """The model's wording."""
    return (
        f"The response has about {size} bytes, and a synchronous response may have "
        f"{LARGEST_PAYLOAD}; return less, or lower the buffer size of the Lambda processor."
    )


def _result(row: Mapping[str, Any]) -> Result:
    match row["result"]:
        case "Ok":
            return _kept(row)
        case "Dropped":
            return Dropped()
    return failed("Lambda.ProcessingFailedStatus")


def _kept(row: Mapping[str, Any]) -> Ok:
    data = row.get("data")
    if not isinstance(data, str):
        raise Broken("Lambda.FunctionError")
    try:
        plain = binascii.a2b_base64(data.encode("ascii"), strict_mode=True) if data else b""
        metadata = row.get("metadata") or {}
        keys = _texts(metadata.get("partitionKeys"))
        route = _texts(metadata.get("otfMetadata"))
    except (ValueError, AttributeError):
        raise Broken("Lambda.FunctionError") from None
    return Ok(plain, tuple(sorted(keys.items())), route or None)


def _texts(given: object) -> dict[str, str]:
    """A map of texts.

    Numbers and booleans become text, as Java's Jackson makes them (the model's choice); raises
    ValueError for anything deeper.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping) or any(
        not isinstance(value, str | int | float) for value in given.values()
    ):
        raise ValueError
    return {str(k): v if isinstance(v, str) else json.dumps(v) for k, v in given.items()}
