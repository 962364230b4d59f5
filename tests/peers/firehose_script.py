"""The same seventy odd calls of Firehose for any backend, and what it then has in S3.

Run as a module it plays the script against moto, in a process of its own, and prints the answers:
``python -m tests.peers.firehose_script``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from tests.peers.script import Play, comparable

ROLE = "arn:aws:iam::123456789012:role/firehose"
BUCKETS = ("peer-lago", "peer-reserva")
DESTINATION = "destinationId-000000000001"
Make = Callable[[str], Any]


class Puts(Play):
    """Asks Firehose. s3: the client of what it delivers to; wait: lets ten minutes pass."""

    def __init__(self, make: Make, wait: Callable[[], object]) -> None:
        super().__init__(make("firehose"))
        self.s3 = make("s3")
        self.wait = wait

    def objects(self, bucket: str) -> None:
        """What a bucket holds, after a while: keys without what is new each time, and bodies."""
        self.wait()
        rows = self.s3.list_objects_v2(Bucket=bucket).get("Contents", ())
        found = []
        for row in rows:
            body = self.s3.get_object(Bucket=bucket, Key=row["Key"])["Body"].read()
            found.append({"Key": _plain(row["Key"]), "Body": comparable(body)})
            self.s3.delete_object(Bucket=bucket, Key=row["Key"])
        self.answers.append((f"{len(self.answers) + 1:03} objects", {"Objects": found}))


def _plain(key: str) -> str:
    key = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>", key)
    key = re.sub(r"\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d", "<time>", key)
    return re.sub(r"\d{4}/\d\d/\d\d/\d\d", "<hour>", key)


def lake(name: str = BUCKETS[0], **more: Any) -> dict[str, Any]:
    return {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{name}", **more}


def play(make: Make, wait: Callable[[], object]) -> list[tuple[str, Any]]:
    """The whole script; each call's name with its comparable answer."""
    this = Puts(make, wait)
    for name in BUCKETS:
        this.s3.create_bucket(Bucket=name)
    for part in (creating, listing, putting, updating, encrypting, labels, endings):
        part(this)
    for name in BUCKETS:
        this.s3.delete_bucket(Bucket=name)
    return this.answers


def creating(this: Puts) -> None:
    ask = this.ask
    ask("list_delivery_streams")
    ask("describe_delivery_stream", DeliveryStreamName="ninguem")
    ask("create_delivery_stream", DeliveryStreamName="a", ExtendedS3DestinationConfiguration=lake())
    ask("create_delivery_stream", DeliveryStreamName="a", ExtendedS3DestinationConfiguration=lake())
    ask("create_delivery_stream", DeliveryStreamName="b", S3DestinationConfiguration=lake())
    ask("create_delivery_stream", DeliveryStreamName="no spaces", S3DestinationConfiguration=lake())
    ask("create_delivery_stream", DeliveryStreamName="none")
    ask(
        "create_delivery_stream",
        DeliveryStreamName="two",
        S3DestinationConfiguration=lake(),
        ExtendedS3DestinationConfiguration=lake(),
    )
    ask(
        "create_delivery_stream",
        DeliveryStreamName="source",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/s",
            "RoleARN": ROLE,
        },
        S3DestinationConfiguration=lake(),
    )
    half = {"BufferingHints": {"SizeInMBs": 5}}
    ask(
        "create_delivery_stream",
        DeliveryStreamName="half",
        ExtendedS3DestinationConfiguration=lake(**half),
    )
    wrong = {"Prefix": "!{timestamp:yyyy}/"}
    ask(
        "create_delivery_stream",
        DeliveryStreamName="wrong",
        ExtendedS3DestinationConfiguration=lake(**wrong),
    )
    gzip = lake(Prefix="bruto/", CompressionFormat="GZIP")
    ask("create_delivery_stream", DeliveryStreamName="c", ExtendedS3DestinationConfiguration=gzip)
    for name in "abc":
        ask("describe_delivery_stream", DeliveryStreamName=name)


def listing(this: Puts) -> None:
    ask = this.ask
    for number in range(10):
        ask(
            "create_delivery_stream",
            DeliveryStreamName=f"n{number}",
            S3DestinationConfiguration=lake(),
        )
    ask("list_delivery_streams")
    ask("list_delivery_streams", Limit=2)
    ask("list_delivery_streams", ExclusiveStartDeliveryStreamName="n7")
    ask("list_delivery_streams", ExclusiveStartDeliveryStreamName="m")
    ask("list_delivery_streams", DeliveryStreamType="KinesisStreamAsSource")
    for number in range(10):
        ask("delete_delivery_stream", DeliveryStreamName=f"n{number}")


def putting(this: Puts) -> None:
    ask = this.ask
    ask("put_record", DeliveryStreamName="a", Record={"Data": b"one"})
    ask("put_record", DeliveryStreamName="ninguem", Record={"Data": b"one"})
    ask("put_record", DeliveryStreamName="a", Record={"Data": b""})
    ask("put_record", DeliveryStreamName="a", Record={"Data": bytes(1_024_001)})
    records = [{"Data": b"%d\n" % number} for number in range(501)]
    ask("put_record_batch", DeliveryStreamName="a", Records=records[:3])
    ask("put_record_batch", DeliveryStreamName="a", Records=records)
    ask("put_record_batch", DeliveryStreamName="a", Records=[])
    ask("put_record_batch", DeliveryStreamName="a", Records=[{"Data": bytes(1_000_000)}] * 5)
    ask("put_record_batch", DeliveryStreamName="ninguem", Records=records[:1])
    this.objects(BUCKETS[0])
    ask("put_record", DeliveryStreamName="c", Record={"Data": b"packed"})
    this.objects(BUCKETS[0])


def updating(this: Puts) -> None:
    ask = this.ask
    named = {"DeliveryStreamName": "a", "DestinationId": DESTINATION}
    first = {**named, "CurrentDeliveryStreamVersionId": "1"}
    change = {"ExtendedS3DestinationUpdate": {"Prefix": "novo/"}}
    ask("update_destination", **{**first, "CurrentDeliveryStreamVersionId": "7"}, **change)
    ask("update_destination", **{**first, "DestinationId": "destinationId-9"}, **change)
    ask("update_destination", **first)
    ask("update_destination", **first, **change)
    ask("update_destination", **first, **change)
    ask("describe_delivery_stream", DeliveryStreamName="a")
    search = {"ElasticsearchDestinationUpdate": {"IndexName": "i"}}
    ask("update_destination", **{**first, "CurrentDeliveryStreamVersionId": "2"}, **search)
    ask("put_record", DeliveryStreamName="a", Record={"Data": b"after"})
    this.objects(BUCKETS[0])
    ask(
        "update_destination",
        **{**first, "DeliveryStreamName": "ninguem"},
        **change,
    )


def encrypting(this: Puts) -> None:
    ask = this.ask
    ask("start_delivery_stream_encryption", DeliveryStreamName="a")
    this.wait()
    ask("describe_delivery_stream", DeliveryStreamName="a")
    ask("put_record", DeliveryStreamName="a", Record={"Data": b"secret"})
    ask("stop_delivery_stream_encryption", DeliveryStreamName="a")
    this.wait()
    ask("start_delivery_stream_encryption", DeliveryStreamName="ninguem")
    this.objects(BUCKETS[0])


def labels(this: Puts) -> None:
    ask = this.ask
    tags = [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
    ask("tag_delivery_stream", DeliveryStreamName="a", Tags=tags)
    ask("tag_delivery_stream", DeliveryStreamName="a", Tags=[{"Key": "a", "Value": "3"}])
    ask("list_tags_for_delivery_stream", DeliveryStreamName="a")
    ask("list_tags_for_delivery_stream", DeliveryStreamName="a", Limit=1)
    ask("list_tags_for_delivery_stream", DeliveryStreamName="a", ExclusiveStartTagKey="a")
    ask("untag_delivery_stream", DeliveryStreamName="a", TagKeys=["a", "never"])
    ask("list_tags_for_delivery_stream", DeliveryStreamName="a")
    many = [{"Key": f"k{number}", "Value": "v"} for number in range(50)]
    ask("tag_delivery_stream", DeliveryStreamName="a", Tags=many)
    ask("tag_delivery_stream", DeliveryStreamName="ninguem", Tags=tags)


def endings(this: Puts) -> None:
    ask = this.ask
    for name in "abc":
        ask("delete_delivery_stream", DeliveryStreamName=name)
    ask("delete_delivery_stream", DeliveryStreamName="a")
    this.wait()
    ask("put_record", DeliveryStreamName="a", Record={"Data": b"gone"})
    ask("list_delivery_streams")
    for name in BUCKETS:
        this.objects(name)


def main() -> None:
    import boto3
    from moto import mock_aws

    os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x")

    def make(service: str) -> Any:
        return boto3.client(service, region_name="us-east-1")

    with mock_aws():
        json.dump(play(make, lambda: None), sys.stdout)


if __name__ == "__main__":
    main()
