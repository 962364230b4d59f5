"""Numbers that no calendar and no clock has: refused by a 400, at once, in every protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import cbor2
import httpx
import pytest

from kinesis_sim.aws.model import operation as operation_model
from kinesis_sim.aws.server import Server, start
from kinesis_sim.aws.wire.cbor import CBOR, RPC_V2
from kinesis_sim.aws.wire.json import JSON
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.firehose.processing.partition_query import names_of
from kinesis_sim.instants import LAST, duration_ms
from tests.aws.http_client import instant, post

SECONDS: list[Any] = [1e308, -1e308, 1e300, 10**17, -(10**17), 253_402_300_800, -62_135_596_801]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with start(instant(limits="off")) as running:
        yield running


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.endpoint_url) as client:
        yield client


@pytest.mark.parametrize("seconds", SECONDS)
@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        (
            "GetShardIterator",
            {"StreamName": "s", "ShardId": "x", "ShardIteratorType": "AT_TIMESTAMP"},
        ),
        ("ListShards", {"StreamName": "s"}),
        ("ListStreamConsumers", {"StreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/s"}),
    ],
)
def test_json_timestamps(
    http: httpx.Client, operation: str, request_: dict[str, Any], seconds: float
) -> None:
    member = "Timestamp" if operation == "GetShardIterator" else "StreamCreationTimestamp"
    if operation == "ListStreamConsumers":
        member = "StreamCreationTimestamp"
    answer = post(http, operation, json.dumps({**request_, member: seconds}).encode())
    assert answer.status_code == 400
    assert answer.json()["__type"] == "SerializationException"


@pytest.mark.parametrize("form", [CBOR, RPC_V2])
@pytest.mark.parametrize("seconds", [*SECONDS, float("nan"), float("inf")])
@pytest.mark.parametrize("tagged", [True, False])
def test_cbor_timestamps(form: Any, seconds: float, tagged: bool) -> None:
    if type(seconds) is int:
        seconds *= 1_000 if form is CBOR or not tagged else 1
    shape = operation_model("kinesis", "GetShardIterator").input_shape
    body = cbor2.dumps({"Timestamp": cbor2.CBORTag(1, seconds) if tagged else seconds})
    with pytest.raises(ServiceError) as raised:
        form.reader(shape)(form.loads(body))
    assert raised.value.status == 400


def test_the_ends_of_the_calendar_are_instants() -> None:
    read = JSON.reader(operation_model("kinesis", "GetShardIterator").input_shape)
    assert read({"Timestamp": 253_402_300_799})["Timestamp"] == 253_402_300_799_000
    assert read({"Timestamp": -62_135_596_800})["Timestamp"] == -62_135_596_800_000


@pytest.mark.parametrize("text", ["9" * 400, "1e308"])
def test_query_timestamps(http: httpx.Client, text: str) -> None:
    form = {
        "Action": "GetMetricStatistics",
        "Version": "2010-08-01",
        "Namespace": "n",
        "MetricName": "m",
        "Period": "60",
        "Statistics.member.1": "Sum",
        "StartTime": text,
        "EndTime": "2026-01-01T00:00:00Z",
    }
    assert http.post("/", data=form).status_code == 400


def test_put_metric_data_takes_an_entity_without_data() -> None:
    request = {
        "Namespace": "n",
        "EntityMetricData": [{"Entity": {"KeyAttributes": {"Type": "Service", "Name": "n"}}}],
        "StrictEntityValidation": True,
    }
    with pytest.raises(ServiceError, match="At least one MetricDatum"):
        instant().gate.call("cloudwatch", "PutMetricData", request)


@pytest.mark.parametrize("by", ["9" * 400 + "d", "1" * 20_000 + "x", "1" * 99 + "d", "", "5 x"])
def test_durations(http: httpx.Client, by: str) -> None:
    answer = http.post("/_kinesis_lab/clock/advance", json={"by": by})
    assert answer.status_code == 400
    assert len(answer.json()["message"]) < 300


def test_a_duration_is_read_in_steps_that_grow_with_its_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Too long a text is not looked at; within the limit each part is matched once."""
    import re

    from kinesis_sim import instants

    steps = [0]

    class Counting:
        def match(self, text: str, at: int) -> re.Match[str] | None:
            steps[0] += 1
            return pattern.match(text, at)

    pattern = instants._PART
    monkeypatch.setattr(instants, "_PART", Counting())
    assert duration_ms("1h30m") == 5_400_000
    assert steps == [2]
    for text in ("1" * 99 + "x", "1" * 100_000 + "x"):
        steps[0] = 0
        with pytest.raises(UsageError, match="no duration"):
            duration_ms(text)
        assert steps[0] <= 1
    with pytest.raises(UsageError, match="calendar"):
        duration_ms(f"{LAST + 1}ms")


def test_texts_within_texts_of_a_jq_query_have_an_end() -> None:
    def nested(levels: int) -> str:
        return "{a: " + '"\\(' * levels + ".x" + ')"' * levels + "}"

    assert names_of(nested(20)) == ("a",)
    for levels in (21, 1_500):
        with pytest.raises(ServiceError, match="texts within texts"):
            names_of(nested(levels))
