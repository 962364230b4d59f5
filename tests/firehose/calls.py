"""What many tests of Firehose do: create a stream, put records, read what was delivered."""

from __future__ import annotations

from typing import Any

from kinesis_sim import Simulator

BUCKET = "entregas"
ROLE = "arn:aws:iam::210987654321:role/firehose"
NAME = "meu-firehose"


def bucket(name: str = BUCKET, **options: Any) -> dict[str, Any]:
    """The S3 block of a request."""
    return {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{name}", **options}


def hints(megabytes: int, seconds: int) -> dict[str, Any]:
    """BufferingHints, as part of a block."""
    return {"BufferingHints": {"SizeInMBs": megabytes, "IntervalInSeconds": seconds}}


def processing(*steps: tuple[str, dict[str, str]]) -> dict[str, Any]:
    """ProcessingConfiguration, as part of a block: (type, parameters) of each step."""
    processors = [
        {
            "Type": kind,
            "Parameters": [
                {"ParameterName": name, "ParameterValue": value} for name, value in given.items()
            ],
        }
        for kind, given in steps
    ]
    return {"ProcessingConfiguration": {"Enabled": True, "Processors": processors}}


def create(firehose: Any, name: str = NAME, **options: Any) -> str:
    """Create a stream into the lake; options: of its S3 block. Returns its ARN."""
    made = firehose.create_delivery_stream(
        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=bucket(**options)
    )
    return str(made["DeliveryStreamARN"])


def put(firehose: Any, *blobs: bytes, name: str = NAME) -> Any:
    """Put records in one batch; returns the answer."""
    records = [{"Data": blob} for blob in blobs]
    return firehose.put_record_batch(DeliveryStreamName=name, Records=records)


def delivered(sim: Simulator, prefix: str = "", name: str = BUCKET) -> dict[str, bytes]:
    """The objects of a bucket, by key."""
    return dict(sim.buckets.objects(name, prefix))
