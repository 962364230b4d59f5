"""Configurations that cannot be: each answer names the value, the rule and the remedy."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from tests.firehose.calls import NAME, ROLE, bucket, hints, processing

NUMBERS = count(1)

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
        "Cannot provide both Elasticsearch cluster endpoint and domain ARN. Provide either",
    ),
    ("no domain", "Elasticsearch", opensearch(), "Provide either the Elasticsearch cluster"),
    (
        "no collection",
        "AmazonOpenSearchServerless",
        opensearch(),
        "Must specify collection endpoint",
    ),
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
        "Invalid secret ARN: null",
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
        "Redshift Database Password is required for Redshift Destination",
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
        "PrivateKey must be provided.",
    ),
    (
        "a step twice",
        S3,
        bucket(**processing(LAMBDA, LAMBDA)),
        "Cannot have more than 1 Lambda processor.",
    ),
    (
        "no function",
        S3,
        bucket(**processing(("Lambda", {}))),
        "LambdaArn is required when Lambda processor is used.",
    ),
    ("no ARN", S3, lambda_with(LambdaArn="t"), "LambdaArn t is not the ARN of a Lambda function"),
    (
        "an ARN of another service",
        S3,
        lambda_with(LambdaArn="arn:aws:s3:::t"),
        "LambdaArn arn:aws:s3:::t is not the ARN of a Lambda function",
    ),
    ("no role's ARN", S3, lambda_with(RoleArn="r"), "RoleArn r is not the ARN of an IAM role"),
    (
        "half a try",
        S3,
        lambda_with(NumberOfRetries="1.5"),
        "Number of retries for lambda must be between 0 and 300.",
    ),
    (
        "half a second",
        S3,
        lambda_with(BufferSizeInMBs="1", BufferIntervalInSeconds="60.5"),
        "BufferIntervalInSeconds for lambda processor must be between 0 and 900.",
    ),
    (
        "no engine",
        S3,
        bucket(**processing(("MetadataExtraction", {"MetadataExtractionQuery": "."}))),
        "MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6",
    ),
    (
        "another engine",
        S3,
        bucket(**processing((JQ[0], {**JQ[1], "JsonParsingEngine": "JQ-1.7"}))),
        "MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6",
    ),
    (
        "no sub-record type",
        S3,
        bucket(**processing(("RecordDeAggregation", {}))),
        "SubRecordType has to be one of JSON, DELIMITED",
    ),
    (
        "a strange sub-record type",
        S3,
        bucket(**processing(("RecordDeAggregation", {"SubRecordType": "CSV"}))),
        "SubRecordType has to be one of JSON, DELIMITED",
    ),
    (
        "a strange compression",
        S3,
        bucket(**processing(("Decompression", {"CompressionFormat": "ZIP"}))),
        "CompressionFormat has to be GZIP",
    ),
    (
        "a small function buffer",
        S3,
        lambda_with(BufferSizeInMBs="0.1", BufferIntervalInSeconds="60"),
        "BufferSizeInMBs for lambda processor must be between 0.2 and 3.",
    ),
    (
        "a long function buffer",
        S3,
        lambda_with(BufferIntervalInSeconds="901", BufferSizeInMBs="1"),
        "BufferIntervalInSeconds for lambda processor must be between 0 and 900.",
    ),
    (
        "no number",
        S3,
        lambda_with(NumberOfRetries="many"),
        "Number of retries for lambda must be between 0 and 300.",
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
        "The S3 destination's compression format must be set to UNCOMPRESSED when data format",
    ),
    (
        "no table",
        S3,
        converting(SchemaConfiguration={"RoleARN": ROLE, "DatabaseName": "db"}),
        "TableName must not be null",
    ),
    (
        "no serializer",
        S3,
        converting(OutputFormatConfiguration={"Serializer": {}}),
        "Serializer must not be null",
    ),
    (
        "two deserializers",
        S3,
        converting(
            InputFormatConfiguration={"Deserializer": {"OpenXJsonSerDe": {}, "HiveJsonSerDe": {}}}
        ),
        "More than one deserializer specified. Only one may be chosen.",
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
        "model.MetadataExtractionProcessor can only be present when Dynamic Partitioning is",
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
    (
        "no steps",
        S3,
        bucket(**PARTITIONED),
        "Processing Configuration is not enabled when DataPartitioning is enabled",
    ),
    (
        "no keys",
        S3,
        bucket(**PARTITIONED, **processing(("AppendDelimiterToRecord", {}))),
        "Dynamic Partitioning needs keys",
    ),
    (
        "a key nobody finds",
        S3,
        bucket(**{**PARTITIONED, "Prefix": "!{partitionKeyFromQuery:cor}/"}, **processing(JQ)),
        "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix",
    ),
    (
        "nowhere to back up",
        S3,
        bucket(S3BackupMode="Enabled", **processing(LAMBDA)),
        "S3 backup destination configuration is required when enabling S3 backup.",
    ),
    (
        "Redshift without a backup bucket",
        "Redshift",
        redshift(S3BackupMode="Enabled", **processing(LAMBDA)),
        "S3 backup destination configuration is required when enabling S3 backup.",
    ),
    (
        "an unbuffered backup",
        "Splunk",
        splunk(S3Configuration=bucket(**hints(5, 0))),
        "S3 backup buffering interval must be between 60 and 900 seconds.",
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
        "S3BackupMode.AllData is not supported for Iceberg as destination.",
    ),
    (
        "COPY of snappy",
        "Redshift",
        redshift(S3Configuration=bucket(CompressionFormat="Snappy")),
        "compression formats are allowed when using Redshift: [UNCOMPRESSED, GZIP]",
    ),
    (
        "a Redshift prefix",
        "Redshift",
        redshift(S3Configuration=bucket(Prefix="!{timestamp:yyyy}/")),
        "Prefix Expressions or ErrorOutputPrefix is currently not supported for this destination",
    ),
    (
        "expressions without an error prefix",
        S3,
        bucket(Prefix="!{timestamp:yyyy}/"),
        "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions",
    ),
    (
        "a strange namespace",
        S3,
        bucket(Prefix="!{hora:HH}/", ErrorOutputPrefix="e/"),
        "of colon (hora)",
    ),
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
    ("no time zone", S3, bucket(CustomTimeZone="Lua/Tranquilidade"), "is not supported"),
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


def test_a_steps_role_is_of_the_streams_account(sim: Simulator) -> None:
    block = lambda_with(RoleArn="arn:aws:iam::999000999000:role/r")
    request = {"DeliveryStreamName": NAME, "ExtendedS3DestinationConfiguration": block}
    with pytest.raises(ServiceError, match="not authorized to access this resource") as caught:
        sim.gate.call("firehose", "CreateDeliveryStream", request)
    assert caught.value.code == "AccessDeniedException"
    assert len(sim.firehose) == 0


RIGHT: list[tuple[str, str, dict[str, Any]]] = [
    ("hints", S3, bucket(**hints(1, 0))),
    ("a step's role", S3, lambda_with(RoleArn=ROLE, NumberOfRetries="0")),
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
    ("a backup of the same", S3, bucket(S3BackupMode="Enabled", S3BackupConfiguration=bucket("b"))),
    (
        "a backup of what is copied",
        "Redshift",
        redshift(S3BackupMode="Enabled", S3BackupConfiguration=bucket("b")),
    ),
    (
        "COPY told otherwise than the bucket",
        "Redshift",
        redshift(S3Configuration=bucket(CompressionFormat="GZIP")),
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


@pytest.mark.parametrize(
    ("domain", "taken"),
    [
        ({"service": "opensearch", "EngineVersion": "OpenSearch_1.3"}, False),
        ({"service": "opensearch", "EngineVersion": "Elasticsearch_7.10"}, False),
        ({"service": "es", "ElasticsearchVersion": "7.1"}, False),
        ({"service": "es", "ElasticsearchVersion": "6.8"}, True),
        (None, True),
    ],
)
def test_a_type_is_for_domains_that_know_types(
    sim: Simulator, domain: dict[str, str] | None, taken: bool
) -> None:
    name = f"rides-{next(NUMBERS)}"  # moto keeps what another case made
    if domain is not None:
        create = {"es": "create_elasticsearch_domain", "opensearch": "create_domain"}
        made = dict(domain)
        service = made.pop("service")
        getattr(sim.client(service), create[service])(DomainName=name, **made)
    block = opensearch(
        DomainARN=f"arn:aws:es:us-east-1:{sim.account}:domain/{name}", TypeName="ride"
    )
    request = {"DeliveryStreamName": NAME, "AmazonopensearchserviceDestinationConfiguration": block}
    if taken:
        sim.gate.call("firehose", "CreateDeliveryStream", request)
        return
    with pytest.raises(ServiceError, match="TypeName must be empty"):
        sim.gate.call("firehose", "CreateDeliveryStream", request)
    block["TypeName"] = ""
    sim.gate.call("firehose", "CreateDeliveryStream", request)
