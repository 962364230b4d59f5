"""Firehose: streams that are not there or not ready, quotas, keys, puts that cannot be taken."""

from __future__ import annotations

from typing import Any

from kinesis_sim.fidelity.ledger.stage import STREAM, Book, Stage, raises

BOOK: Book = {}
NAME = "meu-firehose"
OF_A_STREAM = (
    "DeleteDeliveryStream",
    "DescribeDeliveryStream",
    "ListTagsForDeliveryStream",
    "PutRecord",
    "PutRecordBatch",
    "StartDeliveryStreamEncryption",
    "StopDeliveryStreamEncryption",
    "TagDeliveryStream",
    "UntagDeliveryStream",
    "UpdateDestination",
)
PUTS = ("PutRecord", "PutRecordBatch")
ENCRYPTION = ("StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption")
KEY = "DeliveryStreamEncryptionConfigurationInput"


def _lake(stage: Stage, **more: Any) -> dict[str, Any]:
    role = f"arn:aws:iam::{stage.sim.account}:role/firehose"
    return {"RoleARN": role, "BucketARN": "arn:aws:s3:::lago", **more}


def _asked(stage: Stage, **more: Any) -> dict[str, Any]:
    """A stream to S3 as CreateDeliveryStream takes it; more: of the request."""
    return {
        "DeliveryStreamName": NAME,
        "ExtendedS3DestinationConfiguration": _lake(stage),
        **more,
    }


def _stream(stage: Stage, *, settled: bool = True, **more: Any) -> None:
    stage.client.create_delivery_stream(**_asked(stage, **more))
    if settled:
        stage.sim.advance(minutes=1)


def _reader(stage: Stage) -> None:
    """A stream that reads a data stream."""
    stage.sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": 1})
    stage.sim.advance(minutes=1)
    role = f"arn:aws:iam::{stage.sim.account}:role/firehose"
    source = {"KinesisStreamARN": stage.arn(), "RoleARN": role}
    _stream(
        stage,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration=source,
    )


def _managed(key: str) -> dict[str, Any]:
    return {KEY: {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key}}


@raises(BOOK, "ResourceNotFoundException", *OF_A_STREAM)
def a_stream_that_is_not_there(stage: Stage, operation: str) -> object:
    """A name that no Firehose stream has."""
    return stage.call(operation, DeliveryStreamName="nenhum")


# --- not ready -----------------------------------------------------------------------------------


@raises(BOOK, "ResourceInUseException", "CreateDeliveryStream")
def a_name_taken(stage: Stage, operation: str) -> object:
    """A name is unique in the account and Region."""
    _stream(stage)
    return stage.call(operation, **_asked(stage))


@raises(BOOK, "ResourceInUseException", "DeleteDeliveryStream", "UpdateDestination", *ENCRYPTION)
def a_stream_still_creating(stage: Stage, operation: str) -> object:
    """A stream can be changed or deleted once it is ACTIVE."""
    _stream(stage, settled=False)
    return stage.call(operation, DeliveryStreamName=NAME)


# --- wrong ---------------------------------------------------------------------------------------


@raises(BOOK, "InvalidArgumentException", "CreateDeliveryStream")
def no_destination(stage: Stage, operation: str) -> object:
    """A stream has exactly one destination."""
    return stage.call(operation, DeliveryStreamName=NAME)


@raises(BOOK, "InvalidArgumentException", *PUTS, *ENCRYPTION)
def a_stream_with_another_source(stage: Stage, operation: str) -> object:
    """A stream that reads a data stream takes no puts, and keeps nothing that it could encrypt."""
    _reader(stage)
    return stage.call(operation, DeliveryStreamName=NAME)


@raises(BOOK, "InvalidArgumentException", "TagDeliveryStream")
def a_strange_tag(stage: Stage, operation: str) -> object:
    """The reserved prefix in capitals, which the model's pattern lets through."""
    _stream(stage)
    return stage.call(operation, DeliveryStreamName=NAME, Tags=[{"Key": "AWS:x", "Value": ""}])


@raises(BOOK, "InvalidArgumentException", "UpdateDestination")
def another_destination_id(stage: Stage, operation: str) -> object:
    """The one destination has an id; Describe tells it."""
    _stream(stage)
    return stage.call(
        operation,
        DeliveryStreamName=NAME,
        CurrentDeliveryStreamVersionId="1",
        DestinationId="outro",
    )


@raises(BOOK, "ConcurrentModificationException", "UpdateDestination")
def an_older_version(stage: Stage, operation: str) -> object:
    """An update names the version that it changes, and the stream has another one by now."""
    _stream(stage)
    return stage.call(operation, DeliveryStreamName=NAME, CurrentDeliveryStreamVersionId="7")


@raises(BOOK, "InvalidSourceException", *PUTS)
def not_from_cloudwatch_logs(stage: Stage, operation: str) -> object:
    """A stream that decompresses takes records of CloudWatch Logs only."""
    gzip = {"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}
    step = {"Type": "Decompression", "Parameters": [gzip]}
    lake = _lake(stage, ProcessingConfiguration={"Enabled": True, "Processors": [step]})
    _stream(stage, ExtendedS3DestinationConfiguration=lake)
    return stage.call(operation, DeliveryStreamName=NAME)


# --- quotas --------------------------------------------------------------------------------------


@raises(BOOK, "LimitExceededException", "CreateDeliveryStream")
def one_stream_too_many(stage: Stage, operation: str) -> object:
    """The account's streams are at the Region's quota."""
    _stream(stage)
    known, most = stage.sim.firehose.streams, stage.sim.limits.of_region("firehose.streams")
    known.update({f"fluxo-{number}": known[NAME] for number in range(1, most)})
    return stage.call(operation, **_asked(stage, DeliveryStreamName="outro"))


@raises(BOOK, "LimitExceededException", *ENCRYPTION)
def changed_too_often(stage: Stage, operation: str) -> object:
    """Starting and stopping together: 25 calls a day."""
    _stream(stage)
    for _ in range(25):
        stage.client.start_delivery_stream_encryption(DeliveryStreamName=NAME)
        stage.sim.advance(minutes=1)
    return stage.call(operation, DeliveryStreamName=NAME)


@raises(BOOK, "LimitExceededException", "TagDeliveryStream")
def one_tag_too_many(stage: Stage, operation: str) -> object:
    """A stream has fifty tags at most."""
    _stream(stage, Tags=[{"Key": str(number), "Value": ""} for number in range(50)])
    return stage.call(operation, DeliveryStreamName=NAME, Tags=[{"Key": "a", "Value": ""}])


@raises(BOOK, "ServiceUnavailableException", *PUTS)
def one_request_too_many(stage: Stage, operation: str) -> object:
    """The stream's requests of this second are used up."""
    _stream(stage)
    for _ in range(stage.sim.limits.of_region("firehose.put_requests")):
        stage.sim.firehose[NAME].put([b""])
    return stage.call(operation, DeliveryStreamName=NAME)


# --- keys ----------------------------------------------------------------------------------------


@raises(
    BOOK,
    "InvalidKMSResourceException",
    "CreateDeliveryStream",
    "StartDeliveryStreamEncryption",
)
def a_key_that_is_not_there(stage: Stage, operation: str) -> object:
    """The key's ARN has the right form, and KMS knows no such key."""
    key = _managed(f"arn:aws:kms:{stage.sim.region}:{stage.sim.account}:key/nenhuma")
    if operation == "CreateDeliveryStream":
        return stage.call(operation, **_asked(stage, **key))
    _stream(stage)
    return stage.call(operation, DeliveryStreamName=NAME, **key)


@raises(BOOK, "InvalidKMSResourceException", *PUTS)
def a_key_that_is_disabled(stage: Stage, operation: str) -> object:
    """The key with which the stream encrypts cannot be used any more."""
    key = stage.sim.keys.create_key("alias/cofre")
    _stream(stage, **_managed(key))
    stage.sim.keys.set_state(key, "Disabled")
    return stage.call(operation, DeliveryStreamName=NAME)
