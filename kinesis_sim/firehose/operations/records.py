"""PutRecord and PutRecordBatch (facts/firehose §1.2, §1.4).

A stream takes puts while it is ACTIVE, and at no other time; the 4 MiB of a batch count data before
base64 (CAP docs/firehose).
"""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose import refusals
from kinesis_sim.firehose.catalog import FirehoseCatalog
from kinesis_sim.firehose.delivery_stream import DeliveryStream
from kinesis_sim.firehose.states import DeliveryStreamStatus
from kinesis_sim.units import MIB

LARGEST_BATCH = 4 * MIB
SLOW_DOWN = {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}


def put_record(firehose: FirehoseCatalog, request: Request) -> Request:
    """Put one record.

    Raises ResourceNotFoundException, InvalidArgumentException for a stream with another source,
    InvalidSourceException, InvalidKMSResourceException, and ServiceUnavailableException (503)
    beyond the stream's throughput.
    """
    stream = _writable(firehose, request)
    number = stream.put([request["Record"]["Data"]], "PutRecord")[0]
    if number is None:
        raise refusals.busy()
    return {"RecordId": stream.record_id(number), "Encrypted": stream.encryption.on}


def put_record_batch(firehose: FirehoseCatalog, request: Request) -> Request:
    """Put up to 500 records, 4 MiB in all.

    A larger batch is refused in the words quoted in osquery's issue 3568 (2017). Records beyond the
    stream's records or bytes a second fail one by one, in an answer of status 200; a request too
    many fails as a whole, with ServiceUnavailableException (model's choice). The rest of the errors
    are PutRecord's.
    """
    stream, numbers = take_batch(firehose, request)
    rows: list[Request] = [
        dict(SLOW_DOWN) if number is None else {"RecordId": stream.record_id(number)}
        for number in numbers
    ]
    return {
        "FailedPutCount": sum("ErrorCode" in row for row in rows),
        "Encrypted": stream.encryption.on,
        "RequestResponses": rows,
    }


def take_batch(
    firehose: FirehoseCatalog, request: Request
) -> tuple[DeliveryStream, list[int | None]]:
    """What put_record_batch does: the number of each record, None for one beyond a second's."""
    stream = _writable(firehose, request)
    blobs = [record["Data"] for record in request["Records"]]
    total = sum(map(len, blobs))
    if total > LARGEST_BATCH:
        raise refusals.invalid("Records size exceeds 4 MB limit")
    full = stream.full
    numbers = stream.put(blobs)
    if full:
        raise refusals.busy()
    return stream, numbers


def _writable(firehose: FirehoseCatalog, request: Request) -> DeliveryStream:
    stream = firehose.find(request["DeliveryStreamName"])
    if stream.source.kind != "DirectPut":
        raise refusals.not_direct()
    if stream.status is not DeliveryStreamStatus.ACTIVE:
        raise refusals.not_taking(stream.name, firehose.ports.account)
    if stream.settings.processor("Decompression") is not None and not request.get(_VENDED):
        raise refusals.invalid_source(stream.name, firehose.ports.account)
    if stream.encryption.on and stream.encryption.key_arn is not None:
        try:
            firehose.ports.unlock(stream.encryption.key_arn, "GenerateDataKey")
        except ServiceError as error:
            raise refusals.key_refused(error) from None
    return stream


_VENDED = "kinesis_sim.vended"
"""Marks a request that CloudWatch Logs makes itself; no caller can send it through the gate."""
