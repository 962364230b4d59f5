"""CBOR as the Java SDKs speak it."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest

from kinesis_sim.aws.model import operation
from kinesis_sim.aws.wire import format_of
from kinesis_sim.aws.wire.cbor import CBOR, MAX_DEPTH, RPC_V2
from kinesis_sim.errors import ServiceError


def read(name: str, document: Any) -> Any:
    return CBOR.reader(operation("kinesis", name).input_shape)(CBOR.loads(cbor2.dumps(document)))


def refused(body: bytes) -> str:
    with pytest.raises(ServiceError) as caught:
        CBOR.loads(body)
    return caught.value.code


@pytest.mark.parametrize(
    "moment",
    [
        cbor2.CBORTag(1, 1767225600123),
        1767225600123,
        1767225600.123,
        cbor2.CBORTag(1, 1767225600.123),
    ],
)
def test_timestamps_are_milliseconds_unless_they_are_floats(moment: Any) -> None:
    assert read("GetShardIterator", {"Timestamp": moment}) == {"Timestamp": 1767225600123}


def test_answers_carry_tag_1_with_milliseconds() -> None:
    write = CBOR.writer(operation("kinesis", "GetRecords").output_shape)
    body = CBOR.dumps(write({"Records": [{"Data": b"a", "ApproximateArrivalTimestamp": 123}]}))
    assert cbor2.dumps(cbor2.CBORTag(1, 123)) in body
    assert cbor2.dumps(b"a") in body


@pytest.mark.parametrize("seconds", [1767225600, 1767225600.0])
def test_rpc_v2_counts_seconds_both_ways(seconds: float) -> None:
    body = cbor2.dumps({"StartTime": cbor2.CBORTag(1, seconds)})
    shapes = operation("cloudwatch", "GetMetricStatistics")
    read_ms = RPC_V2.reader(shapes.input_shape)(RPC_V2.loads(body))
    assert read_ms == {"StartTime": 1767225600000}
    write = RPC_V2.writer(shapes.output_shape)
    answer = RPC_V2.dumps(write({"Datapoints": [{"Timestamp": 1767225600500}]}))
    assert cbor2.dumps(cbor2.CBORTag(1, 1767225600.5)) in answer


def test_indefinite_lengths_are_read_as_aws_and_java_write_them() -> None:
    body = b"\xbf\x64Data\x5f\x41a\x41b\xff\x6cPartitionKey\x61k\xff"
    document = CBOR.loads(body)
    shape = operation("kinesis", "PutRecord").input_shape
    assert CBOR.reader(shape)(document) == {"Data": b"ab", "PartitionKey": "k"}


def test_a_blob_is_no_string_and_a_string_no_blob() -> None:
    with pytest.raises(ServiceError, match="can not be converted to a Blob"):
        read("PutRecord", {"Data": "YQ=="})
    with pytest.raises(ServiceError, match="can not be converted to an String"):
        read("PutRecord", {"PartitionKey": b"k"})


def test_no_tag_but_the_timestamp_is_read() -> None:
    taken = [tag for tag in range(65_536) if _is_taken(cbor2.CBORTag(tag, 1))]
    assert taken == [1]


def _is_taken(value: Any) -> bool:
    try:
        CBOR.loads(cbor2.dumps([value]))
    except ServiceError:
        return False
    return True


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x81" * (MAX_DEPTH + 2) + b"\x01",
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x5b\x00\x00\x00\xff\xff\xff\xff\xff\x01",
        b"\x62\xff\xfe",
        b"\xa1\x61a",
        b"\xff",
        b"\xc1\x61a",
    ],
)
def test_broken_items_are_refused(body: bytes) -> None:
    assert refused(body) == "SerializationException"


def test_errors_and_the_media_type() -> None:
    assert cbor2.loads(CBOR.error("ValidationException", "x")) == {
        "__type": "ValidationException",
        "message": "x",
    }
    assert format_of("application/x-amz-cbor-1.1") is CBOR
    assert format_of("application/cbor") is RPC_V2
