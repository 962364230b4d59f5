"""The Lambda contract: events as the guide shows them, and every broken answer as its log code."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.firehose.processing.transform import (
    LARGEST_PAYLOAD,
    MESSAGES,
    Broken,
    Dropped,
    Failed,
    Ok,
    event,
    event_size,
    results,
)
from kinesis_sim.firehose.record import Origin, Record

FAILED = "Lambda.ProcessingFailedStatus"
ARN = "arn:aws:firehose:us-east-1:123456789012:deliverystream/clicks"


def text(data: bytes) -> str:
    return b64encode(data).decode()


def row(name: str, result: str = "Ok", **more: Any) -> dict[str, Any]:
    return {"recordId": name, "result": result, "data": text(b"new"), **more}


def codes(answer: object, *ids: str) -> list[str]:
    return [
        found.code if isinstance(found, Failed) else type(found).__name__
        for found in results(answer, ids)
    ]


def test_the_event_of_direct_put() -> None:
    records = [Record(b"a", 1_000, 0), Record(b"\xff", 2_000, 1)]
    assert event(records, ["0", "1"], invocation_id="i", stream_arn=ARN, region="us-east-1") == {
        "invocationId": "i",
        "deliveryStreamArn": ARN,
        "region": "us-east-1",
        "records": [
            {"recordId": "0", "approximateArrivalTimestamp": 1_000, "data": "YQ=="},
            {"recordId": "1", "approximateArrivalTimestamp": 2_000, "data": "/w=="},
        ],
    }


def test_the_event_of_a_data_stream() -> None:
    origin = Origin("shardId-000000000000", "k", "4951", 3, 900)
    built = event(
        [Record(b"a", 1_000, 0, origin)],
        ["0"],
        invocation_id="i",
        stream_arn=ARN,
        region="us-east-1",
        source_arn="arn:stream",
    )
    assert built["sourceKinesisStreamArn"] == "arn:stream"
    assert built["records"][0]["kinesisRecordMetadata"] == {
        "shardId": "shardId-000000000000",
        "partitionKey": "k",
        "sequenceNumber": "4951",
        "subsequenceNumber": 3,
        "approximateArrivalTimestamp": 900,
    }


@given(data=st.binary(max_size=200), key=st.text(min_size=1, max_size=64))
def test_a_record_is_never_larger_than_said(data: bytes, key: str) -> None:
    record = Record(data, 10**13, 5, Origin("shardId-000000000000", key, "4" * 56, 9, 10**13))
    built = event([record], ["4" * 56], invocation_id="", stream_arn="", region="")
    empty = event([], [], invocation_id="", stream_arn="", region="")
    assert len(json.dumps(built)) - len(json.dumps(empty)) <= event_size(record)


@pytest.mark.parametrize(
    "encode", [lambda value: value, json.dumps, lambda v: json.dumps(v).encode()]
)
def test_an_answer_in_any_order(encode: Any) -> None:
    answer = encode({"records": [row("b", "Dropped"), row("c", "ProcessingFailed"), row("a")]})
    kept, dropped, broken = results(answer, ["a", "b", "c"])
    assert kept == Ok(b"new")
    assert dropped == Dropped()
    assert broken == Failed(
        "Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record"
    )


def test_metadata_gives_keys_and_route() -> None:
    metadata = {
        "partitionKeys": {"year": 2026, "customer": "c1"},
        "otfMetadata": {"destinationTableName": "t", "operation": "insert"},
    }
    [kept] = results({"records": [row("a", metadata=metadata)]}, ["a"])
    assert kept == Ok(
        b"new",
        (("customer", "c1"), ("year", "2026")),
        {"destinationTableName": "t", "operation": "insert"},
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, ["Lambda.MissingRecordId"] * 2),
        ({"records": None}, ["Lambda.MissingRecordId"] * 2),
        ({"records": []}, ["Lambda.MissingRecordId"] * 2),
        ({"records": [row("a"), row("zz")]}, ["Ok", "Lambda.MissingRecordId"]),
        ({"records": [row("a", "ProcessingFailed")]}, [FAILED, "Lambda.MissingRecordId"]),
        ({"records": [row("a"), row("b", data="")]}, ["Ok", "Ok"]),
    ],
)
def test_what_fails_record_by_record(answer: object, expected: list[str]) -> None:
    assert codes(answer, "a", "b") == expected
    for found in results(answer, ["a", "b"]):
        assert not isinstance(found, Failed) or found.message == MESSAGES[found.code]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (None, "Lambda.FunctionError"),
        ({"records": "a"}, "Lambda.FunctionError"),
        ("{", "Lambda.JsonProcessingException"),
        ({"records": [3]}, "Lambda.FunctionError"),
        ({"records": [{"result": "Ok"}]}, "Lambda.FunctionError"),
        ({"records": [row("a"), row("a"), row("b")]}, "Lambda.DuplicatedRecordId"),
        ({"records": [row("a", "OK"), row("b")]}, "Lambda.FunctionError"),
        ({"records": [row("a", data="?"), row("b")]}, "Lambda.FunctionError"),
        ({"records": [row("a", data="Zm9"), row("b")]}, "Lambda.FunctionError"),
        ({"records": [row("a", data="é"), row("b")]}, "Lambda.FunctionError"),
        ({"records": [row("a", data=7), row("b")]}, "Lambda.FunctionError"),
        ({"records": [row("a", data=None), row("b")]}, "Lambda.FunctionError"),
        (
            {"records": [row("a", metadata={"partitionKeys": {"k": None}}), row("b")]},
            "Lambda.FunctionError",
        ),
        ({"records": [row("a", metadata="x"), row("b", data="")]}, "Lambda.FunctionError"),
    ],
)
def test_what_breaks_the_whole_answer(answer: object, code: str) -> None:
    with pytest.raises(Broken) as caught:
        results(answer, ["a", "b"])
    assert (caught.value.code, caught.value.message) == (code, MESSAGES[code])


def test_an_answer_of_more_than_six_megabytes_fails_whole() -> None:
    data = "A" * (LARGEST_PAYLOAD // 2)
    answer = {"records": [row("a", data=data), row("b", data=data)]}
    with pytest.raises(Broken) as caught:
        results(answer, ["a", "b"])
    assert caught.value.code == "Lambda.FunctionError"
    assert "6291456" in caught.value.message


NAMES = st.sampled_from("abcdx")
ROWS = st.fixed_dictionaries(
    {"recordId": NAMES},
    optional={
        "result": st.sampled_from(["Ok", "Dropped", "ProcessingFailed", "ok", None]),
        "data": st.sampled_from(["bmV3", "", "?", None, 5]),
        "metadata": st.sampled_from([None, {}, {"partitionKeys": {"k": "v"}}, []]),
    },
)


@given(st.one_of(st.lists(ROWS, max_size=6).map(lambda rows: {"records": rows}), st.text()))
def test_every_record_sent_has_one_result_or_none_has(answer: object) -> None:
    try:
        found = len(results(answer, ["a", "b", "c", "d"]))
    except Broken as broken:
        found = 4 if broken.code in MESSAGES else 0
    assert found == 4
