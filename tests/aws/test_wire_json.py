"""AWS JSON 1.1. Wordings: mhart/kinesalite test/helpers.js (assertType), run against AWS."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.aws.model import operation
from kinesis_sim.aws.wire import format_of
from kinesis_sim.aws.wire.json import JSON, read_blob, write_blob
from kinesis_sim.errors import ServiceError

NUMBER = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
LIST = "Start of list found where not expected"
STRUCTURE = "Start of structure or map found where not expected."


def read(name: str, document: Any) -> Any:
    return JSON.reader(operation("kinesis", name).input_shape)(document)


def refused(name: str, document: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        read(name, document)
    assert caught.value.code == "SerializationException"
    return caught.value.message


STRING = ("PutRecord", "PartitionKey")
INTEGER = ("CreateStream", "ShardCount")
BLOB = ("PutRecord", "Data")
BOOLEAN = ("DeleteStream", "EnforceConsumerDeletion")
TIMESTAMP = ("GetShardIterator", "Timestamp")
A_LIST = ("PutRecords", "Records")
A_MAP = ("AddTagsToStream", "Tags")
A_STRUCTURE = ("CreateStream", "StreamModeDetails")


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        (STRING, True, "class java.lang.Boolean can not be converted to an String"),
        (STRING, 23, f"{NUMBER} can not be converted to an String"),
        (STRING, 34.56, f"{NUMBER} can not be converted to an String"),
        (STRING, [], LIST),
        (STRING, {}, STRUCTURE),
        (INTEGER, "23", "class java.lang.String can not be converted to an Integer"),
        (INTEGER, True, "class java.lang.Boolean can not be converted to an Integer"),
        (INTEGER, [], LIST),
        (INTEGER, {}, STRUCTURE),
        (BLOB, True, "class java.lang.Boolean can not be converted to a Blob"),
        (BLOB, 23, f"{NUMBER} can not be converted to a Blob"),
        (BLOB, [], LIST),
        (BLOB, {}, STRUCTURE),
        (BOOLEAN, "23", "'23' can not be converted to an Boolean"),
        (BOOLEAN, 23, f"{NUMBER} can not be converted to an Boolean"),
        (BOOLEAN, [], LIST),
        (
            TIMESTAMP,
            "23",
            "class java.lang.String can not be converted to milliseconds since epoch",
        ),
        (
            TIMESTAMP,
            True,
            "class java.lang.Boolean can not be converted to milliseconds since epoch",
        ),
        (TIMESTAMP, {}, STRUCTURE),
        (A_LIST, "23", "Expected list or null"),
        (A_LIST, 23, "Expected list or null"),
        (A_LIST, {}, STRUCTURE),
        (A_MAP, "23", "Expected map or null"),
        (A_MAP, [], LIST),
        (A_STRUCTURE, True, "Expected null"),
        (A_STRUCTURE, 34.56, "Expected null"),
        (A_STRUCTURE, [], LIST),
    ],
)
def test_wrong_types_are_refused_in_the_words_of_aws(
    member: tuple[str, str], value: Any, message: str
) -> None:
    assert refused(member[0], {member[1]: value}) == message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("23456", "Base64 encoded length is expected a multiple of 4 bytes but found: 5"),
        ("=+/=", "Invalid Base64 character: '='"),
        ("+/+=", "Invalid last non-pad Base64 character dectected"),
        ("AB==", "Invalid last non-pad Base64 character dectected"),
        ("YW é", "Invalid Base64 character: ' '"),
        ("====", "Invalid Base64 character: '='"),
        ("YQ==YQ==", "Invalid Base64 character: '='"),
        ("YW\n=", "Invalid Base64 character: '\n'"),
    ],
)
def test_base64_is_read_strictly(text: str, why: str) -> None:
    assert refused("PutRecord", {"Data": text}) == f"'{text}' can not be converted to a Blob: {why}"


@given(st.binary(max_size=200))
def test_blobs_come_back(data: bytes) -> None:
    assert read_blob(write_blob(data)) == data


@given(st.text(alphabet="AQgwEIMBz+/=09 é", max_size=12))
def test_base64_is_taken_exactly_when_it_is_canonical(text: str) -> None:
    try:
        data = read_blob(text)
    except ServiceError:
        with_any = text.isascii() and _decodes(text)
        assert not with_any or base64.b64encode(base64.b64decode(text)).decode() != text
    else:
        assert base64.b64encode(data).decode() == text


def _decodes(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def test_unknown_members_and_nulls_are_left_out() -> None:
    document = {"StreamName": "s", "Whatever": {"deep": []}, "ShardCount": None}
    assert read("CreateStream", document) == {"StreamName": "s"}


def test_numbers_are_cut_and_clamped_as_by_aws() -> None:
    assert read("CreateStream", {"ShardCount": 1.9}) == {"ShardCount": 1}
    assert read("CreateStream", {"ShardCount": 100_000_000_000}) == {"ShardCount": 2**31 - 1}
    assert read("CreateStream", {"ShardCount": -1e300}) == {"ShardCount": -(2**31)}


@pytest.mark.parametrize(
    ("word", "meaning"), [("true", True), ("No", False), ("1", True), (0.5, True)]
)
def test_booleans_that_aws_takes(word: Any, meaning: bool) -> None:
    read_back = read("DeleteStream", {"EnforceConsumerDeletion": word})
    assert read_back == {"EnforceConsumerDeletion": meaning}


def test_timestamps_are_epoch_seconds_outside_and_milliseconds_inside() -> None:
    assert read("GetShardIterator", {"Timestamp": 1767225600.123}) == {"Timestamp": 1767225600123}
    write = JSON.writer(operation("kinesis", "GetRecords").output_shape)
    record = {"Data": b"a", "PartitionKey": "k", "ApproximateArrivalTimestamp": 1767225600123}
    answer = {"Records": [record], "MillisBehindLatest": 0}
    written = json.loads(JSON.dumps(write(answer)))
    assert written["Records"][0]["ApproximateArrivalTimestamp"] == 1767225600.123
    assert written["Records"][0]["Data"] == "YQ=="
    assert record["Data"] == b"a", "the gate's answer is not changed"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"hello", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"a":1e999}', b"\x00"],
)
def test_what_is_no_json_is_refused_without_a_text(body: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        JSON.loads(body)
    assert (caught.value.code, caught.value.message) == ("SerializationException", "")


def test_of_equal_names_the_last_counts() -> None:
    assert JSON.loads(b'{"a": 1, "a": 2}') == {"a": 2}


def test_text_that_utf8_cannot_carry_is_escaped() -> None:
    assert JSON.dumps({"k": "\ud800"}) == b'{"k":"\\ud800"}'


def test_errors_are_spelt_as_by_aws() -> None:
    assert JSON.error("UnknownOperationException", "") == b'{"__type":"UnknownOperationException"}'
    assert b'"Message":"x"' in JSON.error("SerializationException", "x")
    assert b'"message":"x"' in JSON.error("ValidationException", "x")


def test_every_operation_compiles() -> None:
    from kinesis_sim.aws.model import operations

    for name in operations("kinesis"):
        shapes = operation("kinesis", name)
        assert JSON.reader(shapes.input_shape)({}) == {}
        if shapes.output_shape is not None:
            assert JSON.writer(shapes.output_shape)({}) == {}


def test_shapes_that_contain_themselves_compile() -> None:
    shape = operation("dynamodb", "PutItem").input_shape
    document = {"Item": {"a": {"L": [{"M": {"b": {"B": "YQ=="}}}]}}}
    inside = JSON.reader(shape)(document)
    assert inside == {"Item": {"a": {"L": [{"M": {"b": {"B": b"a"}}}]}}}
    assert JSON.writer(shape)(inside) == document


@pytest.mark.parametrize("header", ["application/x-amz-json-1.1", " application/x-amz-json-1.1 ;a"])
def test_media_types_are_found_with_parameters(header: str) -> None:
    assert format_of(header) is JSON


def test_other_media_types_are_none_of_ours() -> None:
    assert format_of("application/x-amz-json-2.0") is None
