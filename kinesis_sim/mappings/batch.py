"""A batch on its way through a function: the event it makes, and what the answer means.

Source: facts/data-streams §9 and the Lambda guide's invocation record.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from kinesis_sim.units import MIB

Record = dict[str, Any]
LARGEST_PAYLOAD_BYTES = 6 * MIB
_ROW_BYTES = 700
"""What an event row adds to a record's base64, roughly: ARNs, numbers, names."""


@dataclass(slots=True)
class Batch:
    """Consecutive records of a shard (of one lane of it).

    tries: invocations so far, this one included; final: the last of its tumbling window; early: the
    window is cut off before its time; request_id: of its invocations, the same for each try
    (recorded 2026-09-19, radkawar/stackd, kinesis_followup).
    """

    records: list[Record]
    tries: int = 0
    final: bool = False
    early: bool = False
    request_id: str = ""

    @property
    def is_too_large(self) -> bool:
        """Whether no event can hold it: a single record that is larger than Lambda's 6 MB."""
        return len(self.records) == 1 and payload_bytes(self.records[0]) > LARGEST_PAYLOAD_BYTES

    def halves(self) -> tuple[Batch, Batch]:
        """The batch in two; bisecting does not use up retries."""
        middle = len(self.records) // 2
        tries = max(0, self.tries - 1)
        return Batch(self.records[:middle], tries), Batch(self.records[middle:], tries, self.final)

    def split(self, count: int) -> tuple[Batch, Batch]:
        """The first ``count`` records, and the rest, with the tries of both."""
        first = Batch(self.records[:count], self.tries)
        return first, Batch(self.records[count:], self.tries, self.final)

    def after(self, sequence_number: str) -> Batch:
        """What is left to retry when everything before this record succeeded.

        Progress gives it all its retries again (recorded: test_kinesis_report_batch_item_failures).
        """
        at = next(
            place
            for place, record in enumerate(self.records)
            if record["SequenceNumber"] == sequence_number
        )
        if not at:
            return self
        return Batch(self.records[at:], final=self.final)


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
    (LocalStack's recordings of AWS, facts/data-streams §9). So does an answer that is neither empty
    nor an object (this model's choice).
    """
    if not batch.records:
        return None
    numbers = [record["SequenceNumber"] for record in batch.records]
    if response and not isinstance(response, dict):
        return str(numbers[0])
    failures = response.get("batchItemFailures") if response else None
    if not failures:
        return None
    if not isinstance(failures, list):
        return str(numbers[0])
    named = [row.get("itemIdentifier") if isinstance(row, dict) else None for row in failures]
    if any(name not in numbers for name in named):
        return str(numbers[0])
    return str(min(named, key=numbers.index))
