"""Configurations that cannot be: each answer names the value, the rule and the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from tests.firehose.calls import NAME, ROLE, bucket, hints, processing

S3 = "ExtendedS3"
SCHEMA = {"RoleARN": ROLE, "DatabaseName": "db", "TableName": "t"}
PARQUET = {
    "SchemaConfiguration": SCHEMA,
    "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
    "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
}
PARTITIONED: dict[str, Any] = {
    "DynamicPartitioningConfiguration": {"Enabled": True},
    "Prefix": "tipo=!{partitionKeyFromQuery:tipo}/",
    "ErrorOutputPrefix": "erros/",
}
JQ = (
    "MetadataExtraction",
    {"MetadataExtractionQuery": "{tipo:.tipo}", "JsonParsingEngine": "JQ-1.6"},
)
LAMBDA = ("Lambda", {"LambdaArn": "arn:aws:lambda:us-east-1:210987654321:function:t"})


def converting(**changed: Any) -> dict[str, Any]:
    return bucket(DataFormatConversionConfiguration={**PARQUET, **changed})


def lambda_with(**parameters: str) -> dict[str, Any]:
    return bucket(**processing((LAMBDA[0], {**LAMBDA[1], **parameters})))


def splunk(**changed: Any) -> dict[str, Any]:
    block = {
        "HECEndpoint": "https://ops.splunk.example:8088",
        "HECEndpointType": "Raw",
        "HECToken": "t",
        "S3Configuration": bucket(),
        **changed,
    }
    return {name: value for name, value in block.items() if value is not None}


def opensearch(**changed: Any) -> dict[str, Any]:
    return {"RoleARN": ROLE, "IndexName": "i", "S3Configuration": bucket(), **changed}


def redshift(**changed: Any) -> dict[str, Any]:
    return {
        "RoleARN": ROLE,
        "ClusterJDBCURL": "jdbc:redshift://dw.us-east-1.redshift.amazonaws.com:5439/dev",
        "CopyCommand": {"DataTableName": "t"},
        "Username": "u",
        "Password": "Secret99",
        "S3Configuration": bucket(),
        **changed,
    }


SECRET = "arn:aws:secretsmanager:us-east-1:210987654321:secret:s"
DOMAIN = "arn:aws:es:us-east-1:210987654321:domain/busca"
WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "size without interval",
        S3,
        bucket(BufferingHints={"SizeInMBs": 5}),
        "SizeInMBs but no IntervalInSeconds: give a value for both of them, or for neither",
    ),
    (
        "interval without size",
        S3,
        bucket(BufferingHints={"IntervalInSeconds": 60}),
        "IntervalInSeconds but no SizeInMBs",
    ),
    (
        "hints of the backup",
        S3,
        bucket(S3BackupConfiguration=bucket(BufferingHints={"SizeInMBs": 5})),
        "SizeInMBs but no IntervalInSeconds",
    ),
    (
        "a domain twice",
        "Amazonopensearchservice",
        opensearch(DomainARN=DOMAIN, ClusterEndpoint="https://busca.example"),
        "either DomainARN or ClusterEndpoint, and only one",
    ),
    ("no domain", "Elasticsearch", opensearch(), "either DomainARN or ClusterEndpoint"),
    ("no collection", "AmazonOpenSearchServerless", opensearch(), "CollectionEndpoint is required"),
    (
        "no token",
        "Splunk",
        splunk(HECToken=None),
        "HECToken is required unless SecretsManagerConfiguration is enabled",
    ),
    (
        "no secret",
        "Splunk",
        splunk(SecretsManagerConfiguration={"Enabled": True, "RoleARN": ROLE}),
        "SecretARN is required",
    ),
    (
        "no role",
        "Splunk",
        splunk(SecretsManagerConfiguration={"Enabled": True, "SecretARN": SECRET}),
        "RoleARN is required for a Splunk destination",
    ),
    (
        "no password",
        "Redshift",
        {name: value for name, value in redshift().items() if name != "Password"},
        "Username and Password are required unless",
    ),
    (
        "no key",
        "Snowflake",
        {
            "AccountUrl": "pedala.snowflakecomputing.com",
            "Database": "d",
            "Schema": "s",
            "Table": "t",
            "RoleARN": ROLE,
            "S3Configuration": bucket(),
        },
        "User and PrivateKey are required unless",
    ),
    (
        "a step twice",
        S3,
        bucket(**processing(LAMBDA, LAMBDA)),
        "more than one processor of type Lambda",
    ),
    (
        "no function",
        S3,
        bucket(**processing(("Lambda", {}))),
        "Processor Lambda needs the parameter LambdaArn",
    ),
    (
        "no engine",
        S3,
        bucket(**processing(("MetadataExtraction", {"MetadataExtractionQuery": "."}))),
        "needs the parameter JsonParsingEngine",
    ),
    (
        "another engine",
        S3,
        bucket(**processing((JQ[0], {**JQ[1], "JsonParsingEngine": "JQ-1.7"}))),
        "JsonParsingEngine JQ-1.7: only JQ-1.6 is supported",
    ),
    (
        "no sub-record type",
        S3,
        bucket(**processing(("RecordDeAggregation", {}))),
        "needs the parameter SubRecordType",
    ),
    (
        "a strange sub-record type",
        S3,
        bucket(**processing(("RecordDeAggregation", {"SubRecordType": "CSV"}))),
        "'CSV' is unknown; it is JSON or DELIMITED",
    ),
    (
        "a strange compression",
        S3,
        bucket(**processing(("Decompression", {"CompressionFormat": "ZIP"}))),
        "CompressionFormat ZIP of Decompression: only GZIP is",
    ),
    (
        "a small function buffer",
        S3,
        lambda_with(BufferSizeInMBs="0.1"),
        "BufferSizeInMBs 0.1 is out of range; give a number from 0.2 to 3",
    ),
    (
        "a long function buffer",
        S3,
        lambda_with(BufferIntervalInSeconds="901"),
        "BufferIntervalInSeconds 901 is out of range; give a number from 0 to 900",
    ),
    (
        "no number",
        S3,
        lambda_with(NumberOfRetries="many"),
        "NumberOfRetries 'many' is no number; give one from 0 to 300",
    ),
    (
        "small files",
        S3,
        {**converting(), **hints(5, 60)},
        "SizeInMBs must be at least 64 when data format conversion is enabled",
    ),
    (
        "compressed twice",
        S3,
        {**converting(), "CompressionFormat": "GZIP"},
        "CompressionFormat must be UNCOMPRESSED when data format conversion is enabled",
    ),
    (
        "no table",
        S3,
        converting(SchemaConfiguration={"RoleARN": ROLE, "DatabaseName": "db"}),
        "SchemaConfiguration.TableName is required",
    ),
    (
        "no serializer",
        S3,
        converting(OutputFormatConfiguration={"Serializer": {}}),
        "Serializer must name exactly one format; it names 0",
    ),
    (
        "two deserializers",
        S3,
        converting(
            InputFormatConfiguration={"Deserializer": {"OpenXJsonSerDe": {}, "HiveJsonSerDe": {}}}
        ),
        "Deserializer must name exactly one format; it names 2",
    ),
    (
        "no jq",
        S3,
        bucket(
            **PARTITIONED, **processing((JQ[0], {**JQ[1], "MetadataExtractionQuery": "{tipo:"}))
        ),
        "MetadataExtractionQuery",
    ),
    (
        "a query for nothing",
        S3,
        bucket(**processing(JQ)),
        "MetadataExtraction needs DynamicPartitioningConfiguration to be enabled",
    ),
    (
        "small partitions",
        S3,
        bucket(**PARTITIONED, **processing(JQ), **hints(63, 60)),
        "BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.",
    ),
    (
        "unbuffered partitions",
        S3,
        bucket(**PARTITIONED, **processing(JQ), **hints(64, 0)),
        "Zero buffering (IntervalInSeconds 0) is not available with Dynamic Partitioning",
    ),
    ("no keys", S3, bucket(**PARTITIONED), "Dynamic Partitioning needs keys"),
    (
        "a key nobody finds",
        S3,
        bucket(**{**PARTITIONED, "Prefix": "!{partitionKeyFromQuery:cor}/"}, **processing(JQ)),
        "on one side only: cor, tipo",
    ),
    (
        "nothing to back up",
        S3,
        bucket(S3BackupMode="Enabled", S3BackupConfiguration=bucket("reserva")),
        "needs something that changes them",
    ),
    (
        "nowhere to back up",
        S3,
        bucket(S3BackupMode="Enabled", **processing(LAMBDA)),
        "S3BackupConfiguration is required when S3BackupMode is Enabled",
    ),
    (
        "Redshift without a transform",
        "Redshift",
        redshift(S3BackupMode="Enabled", S3BackupConfiguration=bucket("reserva")),
        "needs a Lambda processor",
    ),
    (
        "Redshift without a backup bucket",
        "Redshift",
        redshift(S3BackupMode="Enabled", **processing(LAMBDA)),
        "S3BackupConfiguration is required",
    ),
    (
        "an unbuffered backup",
        "Splunk",
        splunk(S3Configuration=bucket(**hints(5, 0))),
        "IntervalInSeconds 0 of a backup bucket: give a number from 60 to 900",
    ),
    (
        "an Iceberg backup",
        "Iceberg",
        {
            "RoleARN": ROLE,
            "CatalogConfiguration": {},
            "S3Configuration": bucket(),
            "S3BackupMode": "AllData",
        },
        "AllData is not supported by Iceberg: choose FailedDataOnly",
    ),
    (
        "COPY of snappy",
        "Redshift",
        redshift(S3Configuration=bucket(CompressionFormat="Snappy")),
        "CompressionFormat Snappy cannot be copied into Redshift: choose UNCOMPRESSED or GZIP",
    ),
    (
        "COPY without GZIP",
        "Redshift",
        redshift(S3Configuration=bucket(CompressionFormat="GZIP")),
        "GZIP belongs in both of them or in neither",
    ),
    (
        "a Redshift prefix",
        "Redshift",
        redshift(S3Configuration=bucket(Prefix="!{timestamp:yyyy}/")),
        "cannot contain expressions when the destination is Amazon Redshift",
    ),
    (
        "expressions without an error prefix",
        S3,
        bucket(Prefix="!{timestamp:yyyy}/"),
        "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions",
    ),
    ("a strange namespace", S3, bucket(Prefix="!{hora:HH}/", ErrorOutputPrefix="e/"), "!{hora:HH}"),
    (
        "a wrong backup prefix",
        S3,
        bucket(
            S3BackupMode="Enabled",
            S3BackupConfiguration=bucket("reserva", Prefix="!{timestamp:HH}/"),
            **processing(LAMBDA),
        ),
        "ErrorOutputPrefix cannot be null",
    ),
    ("no time zone", S3, bucket(CustomTimeZone="Lua/Tranquilidade"), "Lua/Tranquilidade"),
]


@pytest.mark.parametrize(
    ("kind", "block", "part"), [pytest.param(*row[1:], id=row[0]) for row in WRONG]
)
def test_it_says_what_is_wrong(sim: Simulator, kind: str, block: dict[str, Any], part: str) -> None:
    request = {"DeliveryStreamName": NAME, f"{kind}DestinationConfiguration": block}
    with pytest.raises(ServiceError) as caught:
        sim.gate.call("firehose", "CreateDeliveryStream", request)
    assert caught.value.code == "InvalidArgumentException"
    assert part in caught.value.message
    assert len(sim.firehose) == 0


RIGHT: list[tuple[str, str, dict[str, Any]]] = [
    ("hints", S3, bucket(**hints(1, 0))),
    ("conversion", S3, converting()),
    ("conversion switched off", S3, {**converting(Enabled=False), **hints(5, 60)}),
    ("partitions", S3, bucket(**PARTITIONED, **processing(JQ), **hints(64, 60))),
    (
        "a secret",
        "Splunk",
        splunk(
            HECToken=None,
            SecretsManagerConfiguration={"Enabled": True, "SecretARN": SECRET, "RoleARN": ROLE},
        ),
    ),
    (
        "a backup of what a function changes",
        S3,
        bucket(
            S3BackupMode="Enabled", S3BackupConfiguration=bucket("reserva"), **processing(LAMBDA)
        ),
    ),
    (
        "GZIP in both",
        "Redshift",
        redshift(
            S3Configuration=bucket(CompressionFormat="GZIP"),
            CopyCommand={"DataTableName": "t", "CopyOptions": "json 'auto' gzip"},
        ),
    ),
    (
        "steps that are switched off",
        S3,
        bucket(ProcessingConfiguration={"Enabled": False, "Processors": [{"Type": "Lambda"}]}),
    ),
]


@pytest.mark.parametrize(("kind", "block"), [pytest.param(*row[1:], id=row[0]) for row in RIGHT])
def test_what_is_right_is_taken(sim: Simulator, kind: str, block: dict[str, Any]) -> None:
    """So that no rule above refuses more than it says."""
    request = {"DeliveryStreamName": NAME, f"{kind}DestinationConfiguration": block}
    sim.gate.call("firehose", "CreateDeliveryStream", request)
    assert len(sim.firehose) == 1
