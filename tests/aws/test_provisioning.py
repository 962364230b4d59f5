"""The calls by which Terraform's AWS provider makes, reads, changes and removes its resources.

After the provider's own code (internal/service/kinesis, internal/service/firehose: which calls in
which order, what is waited for, what reading makes of an answer) and its acceptance tests' steps:
create, read without drift, change each attribute, apply again without a change, delete. The
provider itself takes minutes (``tests/clients/test_terraform.py``), so its calls stand here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator

Attributes = dict[str, Any]
ROLE = "arn:aws:iam::123456789012:role/terraform"
KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
BUCKET = "arn:aws:s3:::terraform-bucket"
POLL_SECONDS = 10
MOST_POLLS = 30


class Provider:
    """A provider configured for one simulator; ``calls`` counts what changes something."""

    def __init__(self) -> None:
        self.sim = Simulator(latency=None)
        self.kinesis, self.firehose = self.sim.client("kinesis"), self.sim.client("firehose")
        self.changes = 0

    def change(self, call: Callable[..., Any], **ask: Any) -> Any:
        self.changes += 1
        return call(**ask)

    def wait(self, reached: Callable[[], bool]) -> None:
        for _ in range(MOST_POLLS):
            self.sim.advance(seconds=POLL_SECONDS)
            if reached():
                return
        pytest.fail(f"not there after {MOST_POLLS} polls")


def missing(read: Callable[[], Any]) -> bool:
    """Whether reading something says that it is not there; any other error is one."""
    try:
        read()
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return True
    return False


# --- aws_kinesis_stream ---------------------------------------------------------------------------


class Stream:
    """aws_kinesis_stream by this name."""

    def __init__(self, provider: Provider, name: str = "terraform") -> None:
        self.provider, self.name = provider, name
        self.arn = f"arn:aws:kinesis:us-east-1:123456789012:stream/{name}"

    def _summary(self) -> dict[str, Any]:
        told: dict[str, Any] = self.provider.kinesis.describe_stream_summary(StreamName=self.name)[
            "StreamDescriptionSummary"
        ]
        return told

    def _active(self) -> None:
        self.provider.wait(lambda: self._summary()["StreamStatus"] == "ACTIVE")

    def create(self, wanted: Attributes) -> None:
        provider, kinesis = self.provider, self.provider.kinesis
        ask: Attributes = {"StreamModeDetails": {"StreamMode": wanted["stream_mode"]}}
        if wanted["stream_mode"] == "PROVISIONED":
            ask["ShardCount"] = wanted["shard_count"]
        provider.change(kinesis.create_stream, StreamName=self.name, **ask)
        self._active()
        self.update(self.read(), wanted)

    def read(self) -> Attributes:
        told = self._summary()
        tags = self.provider.kinesis.list_tags_for_resource(ResourceARN=self.arn)["Tags"]
        provisioned = told["StreamModeDetails"]["StreamMode"] == "PROVISIONED"
        return {
            "arn": told["StreamARN"],
            "stream_mode": told["StreamModeDetails"]["StreamMode"],
            "shard_count": told["OpenShardCount"] if provisioned else 0,
            "retention_period": told["RetentionPeriodHours"],
            "shard_level_metrics": sorted(told["EnhancedMonitoring"][0]["ShardLevelMetrics"]),
            "encryption_type": told["EncryptionType"],
            "kms_key_id": told.get("KeyId", ""),
            "max_record_size_in_kib": told["MaxRecordSizeInKiB"],
            "tags": {tag["Key"]: tag["Value"] for tag in tags},
        }

    def update(self, had: Attributes, wanted: Attributes) -> None:
        """Attribute by attribute, waiting for ACTIVE after each."""
        for step in (self._mode, self._shards, self._retention, self._monitoring, self._key):
            if step(had, wanted):
                self._active()
        size = wanted["max_record_size_in_kib"]
        if had["max_record_size_in_kib"] != size:
            self._call("update_max_record_size", MaxRecordSizeInKiB=size, by_arn=True)
            self._active()
        gone = sorted(had["tags"].keys() - wanted["tags"].keys())
        if gone:
            self._call("untag_resource", ResourceARN=self.arn, TagKeys=gone, by_arn=None)
        fresh = {
            key: value for key, value in wanted["tags"].items() if had["tags"].get(key) != value
        }
        if fresh:
            self._call("tag_resource", ResourceARN=self.arn, Tags=fresh, by_arn=None)

    def _call(self, operation: str, *, by_arn: bool | None = False, **ask: Any) -> bool:
        named = {True: {"StreamARN": self.arn}, False: {"StreamName": self.name}, None: {}}[by_arn]
        self.provider.change(getattr(self.provider.kinesis, operation), **named, **ask)
        return True

    def _mode(self, had: Attributes, wanted: Attributes) -> bool:
        if had["stream_mode"] == wanted["stream_mode"]:
            return False
        mode = {"StreamMode": wanted["stream_mode"]}
        return self._call("update_stream_mode", StreamModeDetails=mode, by_arn=True)

    def _shards(self, had: Attributes, wanted: Attributes) -> bool:
        if wanted["stream_mode"] != "PROVISIONED":
            return False
        count = self._summary()["OpenShardCount"]
        if count == wanted["shard_count"]:
            return False
        return self._call(
            "update_shard_count",
            TargetShardCount=wanted["shard_count"],
            ScalingType="UNIFORM_SCALING",
        )

    def _retention(self, had: Attributes, wanted: Attributes) -> bool:
        was, now = had["retention_period"], wanted["retention_period"]
        if was == now:
            return False
        way = "increase" if now > was else "decrease"
        return self._call(f"{way}_stream_retention_period", RetentionPeriodHours=now)

    def _monitoring(self, had: Attributes, wanted: Attributes) -> bool:
        was, now = set(had["shard_level_metrics"]), set(wanted["shard_level_metrics"])
        if was - now:
            self._call("disable_enhanced_monitoring", ShardLevelMetrics=sorted(was - now))
            self._active()
        if now - was:
            self._call("enable_enhanced_monitoring", ShardLevelMetrics=sorted(now - was))
        return was != now

    def _key(self, had: Attributes, wanted: Attributes) -> bool:
        was = (had["encryption_type"], had["kms_key_id"])
        now = (wanted["encryption_type"], wanted["kms_key_id"])
        if was == now:
            return False
        if now[0] == "KMS":
            return self._call("start_stream_encryption", EncryptionType="KMS", KeyId=now[1])
        return self._call("stop_stream_encryption", EncryptionType="KMS", KeyId=was[1])

    def delete(self) -> None:
        self._call("delete_stream", EnforceConsumerDeletion=True)
        self.provider.wait(lambda: not self.exists())

    def exists(self) -> bool:
        return not missing(self._summary)


BASIC: Attributes = {
    "stream_mode": "PROVISIONED",
    "shard_count": 2,
    "retention_period": 24,
    "shard_level_metrics": [],
    "encryption_type": "NONE",
    "kms_key_id": "",
    "max_record_size_in_kib": 1024,
    "tags": {"Name": "tf-test"},
}
STEPS: list[list[Attributes]] = [
    [{"shard_count": 4}, {"shard_count": 2}],
    [{"retention_period": 8760}, {"retention_period": 28}, {"retention_period": 24}],
    [
        {"shard_level_metrics": ["IncomingBytes"]},
        {"shard_level_metrics": ["IncomingBytes", "OutgoingBytes"]},
        {"shard_level_metrics": []},
    ],
    [{"encryption_type": "KMS", "kms_key_id": "alias/aws/kinesis"}, {}],
    [{"stream_mode": "ON_DEMAND", "shard_count": 0}, {"shard_count": 4}],
    [{"max_record_size_in_kib": 2048}, {"max_record_size_in_kib": 1024}],
    [{"tags": {"Name": "tf-test", "k1": "v1"}}, {"tags": {"k1": "v2"}}, {"tags": {}}],
    [{"retention_period": 48, "shard_level_metrics": ["IncomingBytes"], "shard_count": 3}],
]


@pytest.mark.parametrize("steps", STEPS, ids=lambda steps: "+".join(steps[0]))
def test_a_stream_is_changed_attribute_by_attribute_without_drift(steps: list[Attributes]) -> None:
    provider = Provider()
    stream = Stream(provider)
    wanted = BASIC
    stream.create(wanted)
    for more in [{}, *steps]:
        wanted = {**BASIC, **more}
        stream.update(stream.read(), wanted)
        assert stream.read() == {"arn": stream.arn, **wanted}
        done = provider.changes
        stream.update(stream.read(), wanted)
        assert provider.changes == done, "a second apply changes something"
    stream.delete()
    assert not stream.exists()


def test_a_stream_is_made_anew_under_the_same_name() -> None:
    stream = Stream(Provider())
    for shards in (1, 3):
        stream.create({**BASIC, "shard_count": shards})
        assert stream.read()["shard_count"] == shards
        stream.delete()


# --- aws_kinesis_stream_consumer ------------------------------------------------------------------


def test_a_consumer_is_made_read_by_its_arn_tagged_and_removed() -> None:
    provider = Provider()
    stream = Stream(provider)
    stream.create(BASIC)
    kinesis = provider.kinesis
    asked = {"ConsumerName": "tf", "StreamARN": stream.arn, "Tags": {"k1": "v1"}}
    arn = kinesis.register_stream_consumer(**asked)["Consumer"]["ConsumerARN"]

    def read() -> dict[str, Any]:
        told: dict[str, Any] = kinesis.describe_stream_consumer(ConsumerARN=arn)
        return dict(told["ConsumerDescription"])

    provider.wait(lambda: bool(read()["ConsumerStatus"] == "ACTIVE"))
    told = read()
    assert (told["ConsumerName"], told["StreamARN"]) == ("tf", stream.arn)
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k1", "Value": "v1"}]
    kinesis.deregister_stream_consumer(ConsumerARN=arn)

    provider.wait(lambda: missing(read))
    stream.delete()


# --- aws_kinesis_firehose_delivery_stream ---------------------------------------------------------

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
DEFAULTS = {
    "NumberOfRetries": "3",
    "RoleArn": ROLE,
    "BufferSizeInMBs": "1",
    "BufferIntervalInSeconds": "60",
}
"""A processor's parameters that reading leaves out when they have these values."""


class DeliveryStream:
    """aws_kinesis_firehose_delivery_stream with ``extended_s3_configuration``."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.firehose = provider, provider.firehose

    def _described(self) -> dict[str, Any]:
        self.provider.sim.advance(seconds=1)  # five calls a second are the account's limit
        told: dict[str, Any] = self.firehose.describe_delivery_stream(DeliveryStreamName="tf")
        return dict(told["DeliveryStreamDescription"])

    def create(self, wanted: Attributes) -> None:
        self.provider.change(
            self.firehose.create_delivery_stream,
            DeliveryStreamName="tf",
            DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration=block(wanted),
        )
        self.provider.wait(lambda: self._described()["DeliveryStreamStatus"] == "ACTIVE")

    def read(self) -> Attributes:
        told = self._described()["Destinations"][0]["ExtendedS3DestinationDescription"]
        logs = told["CloudWatchLoggingOptions"]
        steps = told.get("ProcessingConfiguration", {"Enabled": False, "Processors": []})
        return {
            "bucket_arn": told["BucketARN"],
            "role_arn": told["RoleARN"],
            "prefix": told.get("Prefix", ""),
            "error_output_prefix": told.get("ErrorOutputPrefix", ""),
            "buffering_size": told["BufferingHints"]["SizeInMBs"],
            "buffering_interval": told["BufferingHints"]["IntervalInSeconds"],
            "compression_format": told["CompressionFormat"],
            "custom_time_zone": told.get("CustomTimeZone", "UTC"),
            "file_extension": told.get("FileExtension", ""),
            "kms_key_arn": told["EncryptionConfiguration"]
            .get("KMSEncryptionConfig", {})
            .get("AWSKMSKeyARN", ""),
            "s3_backup_mode": told["S3BackupMode"],
            "cloudwatch": logs["LogGroupName"] if logs["Enabled"] else "",
            "processors": [
                (step["Type"], flattened(step["Parameters"])) for step in steps["Processors"]
            ]
            if steps["Enabled"]
            else [],
        }

    def update(self, had: Attributes, wanted: Attributes) -> None:
        if had == wanted:
            return
        described = self._described()
        self.provider.change(
            self.firehose.update_destination,
            DeliveryStreamName="tf",
            CurrentDeliveryStreamVersionId=described["VersionId"],
            DestinationId=described["Destinations"][0]["DestinationId"],
            ExtendedS3DestinationUpdate=block(wanted),
        )

    def delete(self) -> None:
        self.provider.change(self.firehose.delete_delivery_stream, DeliveryStreamName="tf")
        self.provider.wait(lambda: missing(self._described))


def flattened(parameters: list[dict[str, str]]) -> dict[str, str]:
    values = {row["ParameterName"]: row["ParameterValue"] for row in parameters}
    return {name: value for name, value in values.items() if DEFAULTS.get(name) != value}


def block(wanted: Attributes) -> dict[str, Any]:
    """The provider's expansion of its schema: everything, at creation and at each update."""
    key = wanted["kms_key_arn"]
    group = wanted["cloudwatch"]
    logging: dict[str, Any] = {"Enabled": False}
    if group:
        logging = {"Enabled": True, "LogGroupName": group, "LogStreamName": "S3Delivery"}
    steps = [
        {
            "Type": kind,
            "Parameters": [
                {"ParameterName": name, "ParameterValue": value} for name, value in named.items()
            ],
        }
        for kind, named in wanted["processors"]
    ]
    made: dict[str, Any] = {
        "RoleARN": wanted["role_arn"],
        "BucketARN": wanted["bucket_arn"],
        "Prefix": wanted["prefix"],
        "ErrorOutputPrefix": wanted["error_output_prefix"],
        "BufferingHints": {
            "SizeInMBs": wanted["buffering_size"],
            "IntervalInSeconds": wanted["buffering_interval"],
        },
        "CompressionFormat": wanted["compression_format"],
        "CustomTimeZone": wanted["custom_time_zone"],
        "FileExtension": wanted["file_extension"],
        "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": key}}
        if key
        else {"NoEncryptionConfig": "NoEncryption"},
        "CloudWatchLoggingOptions": logging,
        "ProcessingConfiguration": {"Enabled": bool(steps), "Processors": steps},
        "S3BackupMode": wanted["s3_backup_mode"],
    }
    return made


PLAIN: Attributes = {
    "bucket_arn": BUCKET,
    "role_arn": ROLE,
    "prefix": "",
    "error_output_prefix": "",
    "buffering_size": 5,
    "buffering_interval": 300,
    "compression_format": "UNCOMPRESSED",
    "custom_time_zone": "UTC",
    "file_extension": "",
    "kms_key_arn": "",
    "s3_backup_mode": "Disabled",
    "cloudwatch": "",
    "processors": [],
}
LAMBDA = [("Lambda", {"LambdaArn": FUNCTION})]
CHANGES: list[list[Attributes]] = [
    [{"buffering_size": 10, "buffering_interval": 400}],
    [{"compression_format": "GZIP"}, {"compression_format": "HADOOP_SNAPPY"}],
    [{"prefix": "a/", "error_output_prefix": "e/!{firehose:error-output-type}/"}],
    [{"custom_time_zone": "America/Sao_Paulo", "file_extension": ".json"}],
    [{"kms_key_arn": KEY}],
    [{"cloudwatch": "/aws/kinesisfirehose/tf"}],
    [
        {"processors": LAMBDA},
        {"processors": [("Lambda", {"LambdaArn": FUNCTION, "NumberOfRetries": "5"})]},
    ],
]


@pytest.mark.parametrize("steps", CHANGES, ids=lambda steps: "+".join(steps[0]))
def test_a_delivery_stream_is_changed_without_drift(steps: list[Attributes]) -> None:
    provider = Provider()
    stream = DeliveryStream(provider)
    stream.create(PLAIN)
    for more in [{}, *steps, {}]:
        wanted = {**PLAIN, **more}
        stream.update(stream.read(), wanted)
        assert stream.read() == wanted
        done = provider.changes
        stream.update(stream.read(), wanted)
        assert provider.changes == done, "a second apply changes something"
    stream.delete()


def test_a_version_that_somebody_else_moved_on_is_refused() -> None:
    provider = Provider()
    stream = DeliveryStream(provider)
    stream.create(PLAIN)
    for size in (6, 7):
        stream.update(stream.read(), {**PLAIN, "buffering_size": size})
    with pytest.raises(provider.firehose.exceptions.ConcurrentModificationException):
        provider.firehose.update_destination(
            DeliveryStreamName="tf",
            CurrentDeliveryStreamVersionId="1",
            DestinationId="destinationId-000000000001",
            ExtendedS3DestinationUpdate=block(PLAIN),
        )
