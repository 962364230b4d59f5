"""Metrics of AWS/Firehose by name, unit and value (facts/firehose §7)."""

from __future__ import annotations

import gzip
from base64 import b64decode, b64encode
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.latency import Latency
from tests.firehose.calls import BUCKET, NAME, bucket, create, hints, processing, put
from tests.firehose.endpoints import into_http, into_opensearch, into_redshift, into_splunk, retry
from tests.firehose.test_source import from_stream
from tests.firehose.test_source import put as put_into_stream


def values(sim: Simulator, name: str, statistic: str = "Sum") -> list[float]:
    """A metric's statistic, minute by minute."""
    frame = sim.metrics("AWS/Firehose", metric=name)
    found: list[float] = frame[statistic].tolist() if len(frame) else []
    return found


def unit(sim: Simulator, name: str) -> str:
    cloudwatch = sim.client("cloudwatch")
    rows = cloudwatch.get_metric_statistics(
        Namespace="AWS/Firehose",
        MetricName=name,
        Dimensions=[{"Name": "DeliveryStreamName", "Value": NAME}],
        StartTime=sim.now.replace(year=2025),
        EndTime=sim.now.replace(year=2027),
        Period=86_400,
        Statistics=["Sum"],
    )["Datapoints"]
    return str(rows[0]["Unit"])


def test_direct_put() -> None:
    sim = Simulator(latency=None, delays="instant", account="210987654321")
    create(sim.client("firehose"))
    stream = sim.firehose[NAME]
    stream.put([bytes(1_000)] * 3)
    stream.put([bytes(500)])
    assert None in stream.put([bytes(1_000_000)] * 6)
    assert values(sim, "IncomingRecords") == [3 + 1 + 5]
    assert values(sim, "IncomingBytes") == [3_500 + 5_000_000]
    assert values(sim, "IncomingPutRequests") == [3]
    assert values(sim, "ThrottledRecords") == [1]
    assert values(sim, "RecordsPerSecondLimit", "Maximum") == [500_000]
    assert values(sim, "BytesPerSecondLimit", "Maximum") == [5 * 2**20]
    assert values(sim, "PutRequestsPerSecondLimit", "Maximum") == [2_000]
    assert unit(sim, "IncomingBytes") == "Bytes"
    assert unit(sim, "BytesPerSecondLimit") == "Bytes"
    assert unit(sim, "IncomingRecords") == "Count"


def test_a_throttled_request_is_no_incoming_one() -> None:
    sim = Simulator(latency=None, delays="instant", account="210987654321")
    create(sim.client("firehose"))
    for _ in range(2_000):
        sim.firehose[NAME].put([b""])
    sim.firehose[NAME].put([b""])
    assert values(sim, "IncomingPutRequests") == [2_000]
    assert values(sim, "ThrottledRecords") == [1]


def test_smaller_regions_say_so() -> None:
    sim = Simulator(latency=None, delays="instant", region="sa-east-1", account="210987654321")
    create(sim.client("firehose"))
    sim.firehose[NAME].put([b"a"])
    assert values(sim, "BytesPerSecondLimit", "Maximum") == [2**20]


def test_a_data_stream_as_source(sim: Simulator) -> None:
    from_stream(sim)
    put_into_stream(sim, b"12345")
    put_into_stream(sim, b"678")
    sim.advance(minutes=1)
    assert sum(values(sim, "DataReadFromKinesisStream.Records")) == 2
    assert sum(values(sim, "DataReadFromKinesisStream.Bytes")) == 8
    assert max(values(sim, "KinesisMillisBehindLatest", "Maximum")) == 0
    assert unit(sim, "KinesisMillisBehindLatest") == "Milliseconds"
    assert unit(sim, "DataReadFromKinesisStream.Bytes") == "Bytes"


def test_a_data_stream_that_refuses() -> None:
    """Five other reads within its second leave none for Firehose."""
    sim = Simulator(latency=None, delays="instant", account="210987654321")
    from_stream(sim)
    request = {
        "StreamName": "s",
        "ShardId": "shardId-000000000000",
        "ShardIteratorType": "LATEST",
    }
    place = sim.gate.call("kinesis", "GetShardIterator", request)["ShardIterator"]
    sim.advance(milliseconds=500)
    for _ in range(5):
        place = sim.gate.call("kinesis", "GetRecords", {"ShardIterator": place})[
            "NextShardIterator"
        ]
    sim.advance(milliseconds=500)
    assert values(sim, "ThrottledGetRecords") == [1]


def test_delivery_to_s3(sim: Simulator, firehose: Any) -> None:
    create(firehose, **hints(1, 120))
    sim.firehose[NAME].put([b"12345", b"678"])
    sim.advance(minutes=3)
    assert values(sim, "DeliveryToS3.Records") == [2]
    assert values(sim, "DeliveryToS3.Bytes") == [8]
    assert values(sim, "DeliveryToS3.Success", "Average") == [1]
    assert values(sim, "DeliveryToS3.ObjectCount") == [1]
    assert unit(sim, "DeliveryToS3.Bytes") == "Bytes"
    assert unit(sim, "DeliveryToS3.DataFreshness") == "Seconds"


def test_freshness_is_there_every_minute_while_records_wait(sim: Simulator, firehose: Any) -> None:
    create(firehose, **hints(1, 300))
    sim.advance(seconds=30)
    sim.firehose[NAME].put([b"a"])
    sim.advance(minutes=4)
    assert values(sim, "DeliveryToS3.DataFreshness", "Maximum") == [30, 90, 150, 210]
    sim.advance(minutes=10)
    freshness = values(sim, "DeliveryToS3.DataFreshness", "Maximum")
    assert freshness == [30, 90, 150, 210, 270, 300]  # the last one: of the delivery itself


def test_freshness_grows_while_a_bucket_takes_nothing(sim: Simulator, firehose: Any) -> None:
    create(firehose, **hints(1, 60))
    sim.buckets.refuse(BUCKET)
    sim.firehose[NAME].put([b"a"])
    sim.advance(hours=1)
    freshness = values(sim, "DeliveryToS3.DataFreshness", "Maximum")
    assert len(freshness) == 60
    assert freshness == sorted(freshness)
    assert freshness[-1] == 3_600
    assert max(values(sim, "DeliveryToS3.Success", "Maximum")) == 0


def test_an_idle_stream_is_not_watched(sim: Simulator, firehose: Any) -> None:
    create(firehose, **hints(1, 60))
    sim.firehose[NAME].put([b"a"])
    sim.advance(minutes=3)
    assert sim.clock.next_due() is None


@pytest.mark.parametrize(
    ("make", "name", "record"),
    [
        (into_http, "HttpEndpoint", b"a"),
        (into_splunk, "Splunk", b"a\n"),
        (into_opensearch, "AmazonOpenSearchService", b'{"n":1}'),
        (into_redshift, "Redshift", b'{"n":1}'),
    ],
)
def test_every_destination_has_its_own(sim: Simulator, make: Any, name: str, record: bytes) -> None:
    make(sim)
    sim.firehose[NAME].put([record])
    sim.advance(minutes=10)
    assert values(sim, f"DeliveryTo{name}.Records") == [1]
    assert values(sim, f"DeliveryTo{name}.Bytes") == [len(record)]
    assert values(sim, f"DeliveryTo{name}.Success", "Average") == [1]
    assert values(sim, f"DeliveryTo{name}.DataFreshness", "Maximum")
    assert unit(sim, f"DeliveryTo{name}.DataFreshness") == "Seconds"


def test_splunks_acknowledgement(sim: Simulator) -> None:
    receiver = into_splunk(sim, **hints(1, 60))
    receiver.acknowledge_after(7_000)
    sim.firehose[NAME].put([b"a\n"])
    sim.advance(minutes=5)
    assert values(sim, "DeliveryToSplunk.DataAckLatency", "Maximum") == [10]  # two looks, 5 s apart
    assert unit(sim, "DeliveryToSplunk.DataAckLatency") == "Seconds"


def test_opensearch_refuses(sim: Simulator) -> None:
    receiver = into_opensearch(sim, **hints(1, 60))
    receiver.reject()
    sim.firehose[NAME].put([b'{"n":1}'])
    sim.advance(minutes=10)
    assert values(sim, "DeliveryToAmazonOpenSearchService.DeliveryRejected") == [1, 0]
    assert values(sim, "DeliveryToAmazonOpenSearchService.AuthFailure") == [0, 0]


def test_opensearch_denies(sim: Simulator) -> None:
    receiver = into_opensearch(sim, **hints(1, 60))
    receiver.fail(403, kind="security_exception")
    sim.firehose[NAME].put([b'{"n":1}'])
    sim.advance(minutes=10)
    assert values(sim, "DeliveryToAmazonOpenSearchService.AuthFailure") == [1, 0]


def test_what_goes_to_the_backup_bucket(sim: Simulator) -> None:
    receiver = into_http(sim, **retry(0), **hints(1, 60))
    receiver.fail(500, times=None)
    sim.firehose[NAME].put([b"a"])
    sim.advance(minutes=10)
    assert values(sim, "DeliveryToS3.Success", "Average") == [1]
    assert values(sim, "DeliveryToS3.Records") == values(sim, "BackupToS3.Records") == []
    assert values(sim, "DeliveryToHttpEndpoint.Success", "Average") == [0]


def test_a_backup_of_everything_counts_by_destination(sim: Simulator) -> None:
    """OpenSearch's is DeliveryToS3, that of others BackupToS3 (facts/firehose/7/buckets)."""
    into_opensearch(sim, S3BackupMode="AllDocuments", **hints(1, 60))
    sim.firehose[NAME].put([b'{"n":1}'])
    sim.advance(minutes=10)
    assert values(sim, "DeliveryToS3.Records") == [1]
    assert values(sim, "BackupToS3.Records") == []
    other = Simulator(latency=None, delays="instant", account="210987654321", region="sa-east-1")
    into_http(other, S3BackupMode="AllData", **hints(1, 60))
    other.firehose[NAME].put([b"12345"])
    other.advance(minutes=10)
    assert values(other, "BackupToS3.Bytes") == [5]
    assert values(other, "DeliveryToS3.Success") == []


def test_an_endpoint_counts_what_was_tried(sim: Simulator) -> None:
    receiver = into_http(sim, **retry(300), **hints(1, 60))
    receiver.fail(500, times=2)
    sim.firehose[NAME].put([b"12345", b"678"])
    sim.advance(minutes=10)
    assert sum(values(sim, "DeliveryToHttpEndpoint.ProcessedRecords")) == 6
    assert sum(values(sim, "DeliveryToHttpEndpoint.ProcessedBytes")) == 24
    assert sum(values(sim, "DeliveryToHttpEndpoint.Records")) == 2
    assert unit(sim, "DeliveryToHttpEndpoint.ProcessedBytes") == "Bytes"


def test_calls_count_by_operation() -> None:
    sim = Simulator(latency=Latency(data=30), delays="instant", account="210987654321")
    firehose = sim.client("firehose")
    create(firehose)
    sim.advance(minutes=1)
    firehose.put_record(DeliveryStreamName=NAME, Record={"Data": b"12"})
    put(firehose, b"345", b"6")
    put(firehose, b"7")
    assert values(sim, "PutRecord.Requests") == [1]
    assert values(sim, "PutRecord.Bytes") == [2]
    assert values(sim, "PutRecordBatch.Requests") == [2]
    assert values(sim, "PutRecordBatch.Records") == [3]
    assert values(sim, "PutRecordBatch.Bytes") == [5]
    assert values(sim, "PutRecordBatch.Latency", "Average") == [30]
    assert values(sim, "PutRecord.Records") == []
    assert unit(sim, "PutRecord.Latency") == "Milliseconds"


def test_decompression(sim: Simulator) -> None:
    create(sim.client("firehose"), **processing(("Decompression", {})))
    plain = b'{"messageType":"CONTROL_MESSAGE","logEvents":[]}'
    sim.firehose[NAME].put([gzip.compress(plain), b"no gzip"])
    assert values(sim, "OutputDecompressedRecords.Success") == [1]
    assert values(sim, "OutputDecompressedBytes.Success") == [len(plain)]
    assert values(sim, "OutputDecompressedRecords.Failed") == [1]
    assert values(sim, "OutputDecompressedBytes.Failed") == [7]
    assert unit(sim, "OutputDecompressedBytes.Failed") == "Bytes"


def test_a_transform(sim: Simulator, firehose: Any) -> None:
    def sort(event: dict[str, Any]) -> Any:
        fates = {b"a": "Ok", b"b": "Dropped", b"c": "ProcessingFailed"}
        return {
            "records": [
                {
                    "recordId": row["recordId"],
                    "result": fates[b64decode(row["data"])],
                    "data": row["data"],
                }
                for row in event["records"]
            ]
        }

    sim.functions.register("t", sort, duration_ms=250)
    create(firehose, **processing(("Lambda", {"LambdaArn": sim.functions.arn("t")})))
    sim.firehose[NAME].put([b"a", b"b", b"c"])
    sim.advance(minutes=2)
    assert values(sim, "ExecuteProcessing.Duration", "Maximum") == [250]
    assert unit(sim, "ExecuteProcessing.Duration") == "Milliseconds"
    assert values(sim, "ExecuteProcessing.Success", "Average") == [1]
    # Ok alone, of the bytes that came in
    assert values(sim, "SucceedProcessing.Records") == [1]
    assert values(sim, "SucceedProcessing.Bytes") == [1]


def test_the_recorded_counts_of_a_transform_with_a_backup(sim: Simulator, firehose: Any) -> None:
    """One Ok of 51 bytes, one Dropped and one failed of 53 each, as AWS counted them (CAP)."""

    def sort(event: dict[str, Any]) -> Any:
        fates = {b"o": "Ok", b"d": "Dropped", b"f": "ProcessingFailed"}
        rows = [(row, b64decode(row["data"])[:1]) for row in event["records"]]
        changed = b64encode(b"a transformed text").decode()
        return {
            "records": [
                {"recordId": row["recordId"], "result": fates[first], "data": changed}
                for row, first in rows
            ]
        }

    sim.functions.register("t", sort)
    create(
        firehose,
        S3BackupMode="Enabled",
        S3BackupConfiguration=bucket("reserva"),
        **processing(("Lambda", {"LambdaArn": sim.functions.arn("t")})),
    )
    put(firehose, b"o" * 51, b"d" * 53, b"f" * 53)
    sim.advance(minutes=20)
    totals = {
        name: sum(values(sim, name))
        for name in (
            *("DeliveryToS3.Records", "DeliveryToS3.Bytes", "BackupToS3.Records"),
            *("BackupToS3.Bytes", "SucceedProcessing.Records", "SucceedProcessing.Bytes"),
        )
    }
    assert list(totals.values()) == [2, 104, 3, 157, 1, 51]


def test_partitions(sim: Simulator, firehose: Any) -> None:
    jq = {"MetadataExtractionQuery": "{k:.k}", "JsonParsingEngine": "JQ-1.6"}
    create(
        firehose,
        DynamicPartitioningConfiguration={"Enabled": True},
        Prefix="k=!{partitionKeyFromQuery:k}/",
        ErrorOutputPrefix="erros/",
        **hints(64, 60),
        **processing(("MetadataExtraction", jq)),
    )
    stream = sim.firehose[NAME]
    stream.site.most_partitions = 2
    stream.apply()
    stream.put([b'{"k":"a"}', b'{"k":"b"}'])
    assert values(sim, "PartitionCount", "Maximum") == [2]
    assert values(sim, "PartitionCountExceeded", "Maximum") == [0]
    assert values(sim, "ActivePartitionsLimit", "Maximum") == [2]
    stream.put([b'{"k":"c"}'])
    assert values(sim, "PartitionCountExceeded", "Maximum") == [1]


def test_conversion(sim: Simulator, firehose: Any) -> None:
    glue = sim.client("glue")
    glue.create_database(DatabaseInput={"Name": "metricas"})
    columns = {"Columns": [{"Name": "n", "Type": "int"}]}
    glue.create_table(
        DatabaseName="metricas", TableInput={"Name": "t", "StorageDescriptor": columns}
    )
    create(
        firehose,
        DataFormatConversionConfiguration={
            "SchemaConfiguration": {
                "RoleARN": bucket()["RoleARN"],
                "DatabaseName": "metricas",
                "TableName": "t",
            },
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        },
        **hints(64, 60),
    )
    sim.firehose[NAME].put([b'{"n":1}', b"no json"])
    sim.advance(minutes=2)
    assert values(sim, "SucceedConversion.Records") == [1]
    assert values(sim, "SucceedConversion.Bytes") == [7]
    assert values(sim, "FailedConversion.Records") == [1]
    assert values(sim, "FailedConversion.Bytes") == [7]
    glue.delete_table(DatabaseName="metricas", Name="t")
    glue.delete_database(Name="metricas")
