"""A delivery stream of every destination, changed attribute by attribute as Terraform does.

The provider (hashicorp/terraform-provider-aws, internal/service/firehose/delivery_stream.go) sends
the whole block at creation and at every change, and reads what DescribeDeliveryStream tells:
whatever was sent has to be read again, or the next plan shows a drift. Secrets are not told.
"""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.model import service_model
from kinesis_sim.errors import ServiceError

Block = dict[str, Any]
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/terraform"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:tf"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
SECRETS = {"Password", "PrivateKey", "KeyPassphrase", "AccessKey"}
TOLD = {
    "S3Configuration": "S3DestinationDescription",
    "S3BackupConfiguration": "S3BackupDescription",
    "VpcConfiguration": "VpcConfigurationDescription",
}
UPDATED = {"S3Configuration": "S3Update", "S3BackupConfiguration": "S3BackupUpdate"}


def lake(name: str = "tf", **more: Any) -> Block:
    return {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{name}", **more}


def hints(megabytes: int, seconds: int) -> Block:
    return {"BufferingHints": {"SizeInMBs": megabytes, "IntervalInSeconds": seconds}}


def logs(group: str) -> Block:
    return {
        "CloudWatchLoggingOptions": {
            "Enabled": True,
            "LogGroupName": group,
            "LogStreamName": "tf",
        }
    }


def processors(*steps: tuple[str, dict[str, str]]) -> Block:
    rows = [
        {
            "Type": kind,
            "Parameters": [{"ParameterName": k, "ParameterValue": v} for k, v in named.items()],
        }
        for kind, named in steps
    ]
    return {"ProcessingConfiguration": {"Enabled": True, "Processors": rows}}


LAMBDA = (
    "Lambda",
    {
        "LambdaArn": FUNCTION,
        "NumberOfRetries": "5",
        "RoleArn": ROLE,
        "BufferSizeInMBs": "1.5",
        "BufferIntervalInSeconds": "90",
    },
)
JQ = (
    "MetadataExtraction",
    {"MetadataExtractionQuery": "{k:.k}", "JsonParsingEngine": "JQ-1.6"},
)
CONVERSION = {
    "Enabled": True,
    "InputFormatConfiguration": {"Deserializer": {"HiveJsonSerDe": {}}},
    "OutputFormatConfiguration": {"Serializer": {"OrcSerDe": {}}},
    "SchemaConfiguration": {"RoleARN": ROLE, "DatabaseName": "db", "TableName": "t"},
}
SEARCH = {
    "RoleARN": ROLE,
    "IndexName": "rides",
    "S3Configuration": lake(),
}
DOMAIN = {**SEARCH, "DomainARN": f"arn:aws:es:us-east-1:{ACCOUNT}:domain/rides"}
RETRIES = {"RetryOptions": {"DurationInSeconds": 30}}
COMMON: list[Block] = [RETRIES, logs("g"), processors(LAMBDA), {"S3Configuration": lake("other")}]
ROTATED = [{"IndexName": "other"}, {"IndexRotationPeriod": "OneHour"}, hints(3, 120)]

MADE: dict[str, Block] = {
    "ExtendedS3": lake(
        S3BackupMode="Enabled",
        S3BackupConfiguration=lake("reserva", Prefix="r/"),
        **hints(128, 300),
        DataFormatConversionConfiguration=CONVERSION,
    ),
    "Redshift": {
        "RoleARN": ROLE,
        "ClusterJDBCURL": "jdbc:redshift://tf.us-east-1.redshift.amazonaws.com:5439/dev",
        "CopyCommand": {"DataTableName": "t"},
        "Username": "u",
        "Password": "Secret99",
        "S3Configuration": lake(),
    },
    "Elasticsearch": DOMAIN,
    "Amazonopensearchservice": {
        **DOMAIN,
        "VpcConfiguration": {
            "SubnetIds": ["subnet-1", "subnet-2"],
            "SecurityGroupIds": ["sg-1"],
            "RoleARN": ROLE,
        },
    },
    "AmazonOpenSearchServerless": {
        **SEARCH,
        "CollectionEndpoint": "https://tf.us-east-1.aoss.amazonaws.com",
    },
    "Splunk": {
        "HECEndpoint": "https://input.splunk.example:443",
        "HECEndpointType": "Raw",
        "HECToken": "51D4DA16-C61B-4F5F-8EC7-ED4301342A4A",
        "S3Configuration": lake(),
    },
    "HttpEndpoint": {
        "EndpointConfiguration": {"Url": "https://tf.example", "Name": "tf", "AccessKey": "k"},
        "RoleARN": ROLE,
        "S3Configuration": lake(),
    },
    "Snowflake": {
        "AccountUrl": "https://tf.snowflakecomputing.com",
        "PrivateKey": "M" * 300,
        "User": "u",
        "Database": "d",
        "Schema": "s",
        "Table": "t",
        "RoleARN": ROLE,
        "S3Configuration": lake(),
    },
    "Iceberg": {
        "RoleARN": ROLE,
        "CatalogConfiguration": {"CatalogARN": f"arn:aws:glue:us-east-1:{ACCOUNT}:catalog"},
        "DestinationTableConfigurationList": [
            {"DestinationDatabaseName": "d", "DestinationTableName": "t"}
        ],
        "S3Configuration": lake(),
    },
}
CHANGES: dict[str, list[Block]] = {
    "ExtendedS3": [
        {"S3BackupConfiguration": lake("reserva", Prefix="s/", CompressionFormat="GZIP")},
        {"DataFormatConversionConfiguration": {**CONVERSION, "Enabled": False}},
        {
            "DataFormatConversionConfiguration": {
                **CONVERSION,
                "OutputFormatConfiguration": {
                    "Serializer": {"ParquetSerDe": {"Compression": "GZIP"}}
                },
            }
        },
        {"EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": KEY}}},
        processors(LAMBDA, ("AppendDelimiterToRecord", {})),
    ],
    "Redshift": [
        *COMMON,
        {"CopyCommand": {"DataTableName": "o", "DataTableColumns": "a,b", "CopyOptions": "GZIP"}},
        {"Username": "other"},
        {"Password": "Secret100"},
        {"S3BackupMode": "Enabled", "S3BackupConfiguration": lake("reserva")},
    ],
    "Elasticsearch": [
        *COMMON,
        *ROTATED,
        {"DocumentIdOptions": {"DefaultDocumentIdFormat": "NO_DOCUMENT_ID"}},
    ],
    "Amazonopensearchservice": [*COMMON, *ROTATED],
    "AmazonOpenSearchServerless": [*COMMON, {"IndexName": "other"}, hints(2, 60)],
    "Splunk": [
        *COMMON,
        {"HECAcknowledgmentTimeoutInSeconds": 600},
        {"HECEndpointType": "Event"},
        {"HECToken": "other"},
        {"HECEndpoint": "https://other.splunk.example:8088"},
        hints(4, 45),
        {"S3BackupMode": "AllEvents"},
    ],
    "HttpEndpoint": [
        *COMMON,
        {
            "RequestConfiguration": {
                "ContentEncoding": "GZIP",
                "CommonAttributes": [{"AttributeName": "a", "AttributeValue": "b"}],
            }
        },
        {"EndpointConfiguration": {"Url": "https://other.example", "Name": "o", "AccessKey": "k"}},
        {"S3BackupMode": "AllData"},
        {
            "SecretsManagerConfiguration": {
                "Enabled": True,
                "SecretARN": SECRET,
                "RoleARN": ROLE,
            }
        },
        hints(2, 200),
    ],
    "Snowflake": [
        *COMMON,
        {"Table": "other"},
        {"SnowflakeRoleConfiguration": {"Enabled": True, "SnowflakeRole": "r"}},
        {
            "DataLoadingOption": "VARIANT_CONTENT_AND_METADATA_MAPPING",
            "ContentColumnName": "c",
            "MetaDataColumnName": "m",
        },
        hints(2, 30),
    ],
    "Iceberg": [
        *COMMON,
        hints(10, 400),
        {
            "DestinationTableConfigurationList": [
                {
                    "DestinationDatabaseName": "d",
                    "DestinationTableName": "t",
                    "UniqueKeys": ["n"],
                    "S3ErrorOutputPrefix": "e",
                }
            ]
        },
        processors(JQ),
    ],
}
NAMES = sorted(MADE)


class Stream:
    """aws_kinesis_firehose_delivery_stream with the block of one destination."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.sim = Simulator(latency=None, limits="off", account=ACCOUNT)
        self._call("CreateDeliveryStream", **{f"{kind}DestinationConfiguration": MADE[kind]})
        self.sim.advance(minutes=2)

    def _call(self, operation: str, **more: Any) -> Block:
        answer: Block = self.sim.gate.call(
            "firehose", operation, {"DeliveryStreamName": "tf", **more}
        )
        return answer

    def read(self) -> Block:
        told: Block = self._call("DescribeDeliveryStream")["DeliveryStreamDescription"]
        return told

    @property
    def version(self) -> int:
        return int(self.read()["VersionId"])

    @property
    def block(self) -> Block:
        found: Block = self.read()["Destinations"][0][f"{self.kind}DestinationDescription"]
        return found

    def update(self, wanted: Block) -> None:
        member = f"{self.kind}DestinationUpdate"
        has = service_model("firehose").shape_for(member).members
        named = {UPDATED.get(k, k) if UPDATED.get(k) in has else k: wanted[k] for k in wanted}
        self._call(
            "UpdateDestination",
            CurrentDeliveryStreamVersionId=str(self.version),
            DestinationId=self.read()["Destinations"][0]["DestinationId"],
            **{member: {name: value for name, value in named.items() if name in has}},
        )
        self.sim.advance(minutes=2)

    def delete(self) -> None:
        self._call("DeleteDeliveryStream")
        self.sim.advance(minutes=2)
        with pytest.raises(ServiceError, match="not found"):
            self.read()


def drift(sent: Any, told: Any, path: str = "") -> list[str]:
    """What was sent and is not read again, by its path."""
    if isinstance(sent, dict):
        found: list[str] = []
        for name, value in sent.items():
            if name in SECRETS:
                continue
            there = TOLD.get(name, name)
            if not isinstance(told, dict) or there not in told:
                found.append(f"{path}.{name} is not told")
                continue
            found += drift(value, told[there], f"{path}.{name}")
        return found
    return [] if sent == told else [f"{path}: {sent!r} is told as {told!r}"]


@pytest.mark.parametrize("kind", NAMES)
def test_what_was_sent_is_read_again(kind: str) -> None:
    stream = Stream(kind)
    assert drift(MADE[kind], stream.block) == []
    assert not SECRETS & stream.block.keys()
    stream.update(MADE[kind])
    assert stream.version == 1, "a second apply changes something"
    stream.delete()


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        pytest.param(kind, change, id=f"{kind}-{place}-{'+'.join(change)}")
        for kind in NAMES
        for place, change in enumerate(CHANGES[kind])
    ],
)
def test_an_attribute_is_changed_without_drift(kind: str, change: Block) -> None:
    stream = Stream(kind)
    wanted = {**MADE[kind], **change}
    stream.update(wanted)
    assert drift(wanted, stream.block) == []
    assert stream.version == 2
    stream.update(wanted)
    assert stream.version == 2, "a second apply changes something"


def test_every_destination_is_here() -> None:
    """S3 by its plain block alone is left out: the provider no longer has it."""
    members = service_model("firehose").operation_model("CreateDeliveryStream").input_shape.members
    kinds = {
        name.removesuffix("DestinationConfiguration")
        for name in members
        if name.endswith("DestinationConfiguration")
    }
    assert kinds - {"S3"} == set(MADE)


def test_tags_and_encryption_come_and_go() -> None:
    stream = Stream("Splunk")
    tags = [{"Key": "k1", "Value": "v1"}, {"Key": "k2", "Value": "v2"}]
    stream._call("TagDeliveryStream", Tags=tags)
    assert stream._call("ListTagsForDeliveryStream")["Tags"] == tags
    stream._call("UntagDeliveryStream", TagKeys=["k1"])
    assert stream._call("ListTagsForDeliveryStream")["Tags"] == tags[1:]
    for operation, status in (
        ("StartDeliveryStreamEncryption", "ENABLED"),
        ("StopDeliveryStreamEncryption", "DISABLED"),
    ):
        stream._call(operation)
        stream.sim.advance(minutes=1)
        assert stream.read()["DeliveryStreamEncryptionConfiguration"]["Status"] == status
    assert stream.version == 1
