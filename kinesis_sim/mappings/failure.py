"""What a failure destination is told of a batch that was given up: where it is, not the records.

Source: AWS-recorded invocation records (localstack, test_lambda_integration_kinesis.snapshot.json,
facts/data-streams §9): ``functionError`` is "Unhandled" when the function failed or timed out, null
when it reported failed items; a batch that grew too old has no responseContext, and counts one
invocation at least.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kinesis_sim.instants import to_datetime
from kinesis_sim.mappings.batch import Batch

EXHAUSTED, TOO_OLD = "RetryAttemptsExhausted", "RecordAgeExceeded"


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A batch that was given up.

    condition: EXHAUSTED or TOO_OLD; reported: the function itself named failed items; request_id:
    of the last invocation; at: epoch ms; answered: the function was called at the last try, and not
    refused an event too large for it (recorded 2026-09-19, radkawar/stackd,
    kinesis_oversized_retries).
    """

    batch: Batch
    shard: str
    stream_arn: str
    function: str
    request_id: str
    condition: str
    at: int
    reported: bool = False
    answered: bool = True

    def record(self) -> dict[str, Any]:
        """The invocation record."""
        context = {
            "requestId": self.request_id,
            "functionArn": self.function,
            "condition": self.condition,
            "approximateInvokeCount": max(1, self.batch.tries),
        }
        response = {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": None if self.reported else "Unhandled",
        }
        answered = {"responseContext": response} if self.answered else {}
        first, last = self.batch.records[0], self.batch.records[-1]
        return {
            "requestContext": context,
            **answered,
            "version": "1.0",
            "timestamp": _iso(self.at),
            "KinesisBatchInfo": {
                "shardId": self.shard,
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "approximateArrivalOfFirstRecord": _iso(first["ApproximateArrivalTimestamp"]),
                "approximateArrivalOfLastRecord": _iso(last["ApproximateArrivalTimestamp"]),
                "batchSize": len(self.batch.records),
                "streamArn": self.stream_arn,
            },
        }


def failure_object(body: str, batch: dict[str, Any], mapping: str) -> tuple[str, bytes]:
    """The key and body of an S3 destination's object: the record with the batch's event in it.

    The key is as the Lambda guide has it, aws/lambda/<mapping>/<shard>/YYYY/MM/DD/<time>-<UUID>;
    the UUID at its end is the invocation's request id. payload is the event as text (recorded).
    """
    record = json.loads(body)
    at = record["timestamp"]
    day, time = at[:10].replace("-", "/"), at[:19].replace(":", ".")
    shard, number = record["KinesisBatchInfo"]["shardId"], record["requestContext"]["requestId"]
    key = f"aws/lambda/{mapping}/{shard}/{day}/{time}-{number}"
    return key, json.dumps({**record, "payload": json.dumps(batch)}).encode()


def _iso(ms: int) -> str:
    return to_datetime(ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
