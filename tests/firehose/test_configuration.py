"""What a configuration is filled up with where its owner says nothing."""

from __future__ import annotations

from typing import Any

from kinesis_sim import Simulator
from tests.firehose.calls import NAME, bucket, processing


def described(sim: Simulator, **block: Any) -> dict[str, Any]:
    request = {
        "DeliveryStreamName": NAME,
        "ExtendedS3DestinationConfiguration": bucket(**block),
    }
    sim.gate.call("firehose", "CreateDeliveryStream", request)
    answer = sim.gate.call("firehose", "DescribeDeliveryStream", {"DeliveryStreamName": NAME})
    [found] = answer["DeliveryStreamDescription"]["Destinations"]
    return dict(found["ExtendedS3DestinationDescription"])


def test_a_stream_that_partitions_buffers_64_mib_for_five_minutes(sim: Simulator) -> None:
    query = processing(
        ("MetadataExtraction", {"MetadataExtractionQuery": "{a:.b}", "JsonParsingEngine": "JQ-1.6"})
    )
    found = described(
        sim,
        Prefix="!{partitionKeyFromQuery:a}/",
        ErrorOutputPrefix="e/",
        DynamicPartitioningConfiguration={"Enabled": True},
        **query,
    )
    assert found["BufferingHints"] == {"SizeInMBs": 64, "IntervalInSeconds": 300}
    again = found["DynamicPartitioningConfiguration"]["RetryOptions"]
    assert again == {"DurationInSeconds": 300}
