"""A batch on its way through a function: the event it makes, and what the answer means.

Source: facts/data-streams §9 and the Lambda guide's invocation record.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from kinesis_sim.instants import to_datetime

Record = dict[str, Any]
LARGEST_PAYLOAD_BYTES = 6 * 1024 * 1024
_ROW_BYTES = 700
"""What an event row adds to a record's base64, roughly: ARNs, numbers, names."""


@dataclass(slots=True)
class Batch:
    """Consecutive records of a shard (of one lane of it). tries: invocations so far, this one
    included; window: start and end of its tumbling window (epoch ms)."""

    records: list[Record]
    tries: int = 0
    window: tuple[int, int] | None = None
    final: bool = False

    def halves(self) -> tuple[Batch, Batch]:
        """The batch in two; bisecting does not use up retries."""
        middle = len(self.records) // 2
        tries = max(0, self.tries - 1)
        first = Batch(self.records[:middle], tries, self.window)
        return first, Batch(self.records[middle:], tries, self.window, self.final)

    def after(self, sequence_number: str) -> Batch:
        """What is left to retry when everything before this record succeeded."""
        at = next(
            place
            for place, record in enumerate(self.records)
            if record["SequenceNumber"] == sequence_number
        )
        return Batch(self.records[at:], self.tries, self.window, self.final)


def payload_bytes(record: Record) -> int:
    """Bytes that a record takes of Lambda's 6 MB."""
    return (len(record["Data"]) + 2) // 3 * 4 + _ROW_BYTES


def event(batch: Batch, shard: str, stream_arn: str, region: str, role: str) -> dict[str, Any]:
    """The event a function gets, as Lambda writes it."""
    return {"Records": [_row(record, shard, stream_arn, region, role) for record in batch.records]}


def _row(record: Record, shard: str, stream_arn: str, region: str, role: str) -> dict[str, Any]:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.get("PartitionKey", ""),
            "sequenceNumber": record["SequenceNumber"],
            "data": b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"] / 1000,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": region,
        "eventSourceARN": stream_arn,
    }


def first_failure(batch: Batch, response: Any) -> str | None:
    """The lowest sequence number that a partial response reports as failed; None for success.

    Empty and null mean success; an identifier that is unknown, empty or null fails the whole batch
    (LocalStack's recordings of AWS, facts §9).
    """
    failures = response.get("batchItemFailures") if isinstance(response, dict) else None
    if not failures:
        return None
    numbers = [record["SequenceNumber"] for record in batch.records]
    if not isinstance(failures, list):
        return str(numbers[0])
    named = [row.get("itemIdentifier") if isinstance(row, dict) else None for row in failures]
    if any(name not in numbers for name in named):
        return str(numbers[0])
    return str(min(named, key=numbers.index))


def failure_record(
    batch: Batch,
    shard: str,
    stream_arn: str,
    function: str,
    request_id: str,
    condition: str,
    now: int,
) -> dict[str, Any]:
    """What a failure destination gets: where the batch is in the stream, not the records."""
    first, last = batch.records[0], batch.records[-1]
    return {
        "requestContext": {
            "requestId": request_id,
            "functionArn": function,
            "condition": condition,
            "approximateInvokeCount": batch.tries,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": _iso(now),
        "KinesisBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": _iso(first["ApproximateArrivalTimestamp"]),
            "approximateArrivalOfLastRecord": _iso(last["ApproximateArrivalTimestamp"]),
            "batchSize": len(batch.records),
            "streamArn": stream_arn,
        },
    }


def failure_object(body: str, batch: dict[str, Any]) -> tuple[str, bytes]:
    """The key and body of an S3 destination's object: the record with the batch's event in it.

    The key's form is the Lambda guide's, aws/lambda/function/shard/…; its end is this model's
    choice.
    """
    record = json.loads(body)
    info = record["KinesisBatchInfo"]
    function = record["requestContext"]["functionArn"].rpartition(":")[2]
    at = record["timestamp"]
    day = at[:10].replace("-", "/")
    key = f"aws/lambda/{function}/{info['shardId']}/{day}/{at}-{info['startSequenceNumber']}"
    return key, json.dumps({**record, "payload": json.dumps(batch)}).encode()


def _iso(ms: int) -> str:
    return to_datetime(ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
