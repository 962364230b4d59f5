"""Reading botocore's models: names, errors, and the two visitors between callers and plain
values."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.model import DenormalizedStructureBuilder

from kinesis_sim.aws import model


def put_records() -> Any:
    return model.inbound(model.operation("kinesis", "PutRecords").input_shape)


def test_operations_and_errors_are_read_not_copied() -> None:
    assert len(model.operations("kinesis")) >= 57
    assert model.declared_errors("kinesis", "DescribeLimits") == ("LimitExceededException",)
    assert model.service_model("kinesis") is model.service_model("kinesis")
    assert model.shared_loader() is model.shared_loader()


def test_a_request_of_bytes_is_handed_on_as_it_is() -> None:
    params = {"StreamName": "s", "Records": [{"Data": b"a", "PartitionKey": "k"}] * 3}
    assert put_records()(params) is params


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("é", b"\xc3\xa9"),
        (bytearray(b"a"), b"a"),
        (memoryview(b"a"), b"a"),
        (io.BytesIO(b"a"), b"a"),
        (io.StringIO("é"), b"\xc3\xa9"),
    ],
)
def test_blobs_become_bytes_without_touching_the_callers_containers(
    given: Any, plain: bytes
) -> None:
    record = {"Data": given, "PartitionKey": "k"}
    untouched = {"Data": b"b", "PartitionKey": "l"}
    params = {"StreamName": "s", "Records": [untouched, record]}
    after = put_records()(params)
    assert after["Records"] == [untouched, {"Data": plain, "PartitionKey": "k"}]
    assert after["Records"][0] is untouched
    assert type(after["Records"][1]["Data"]) is bytes
    assert record["Data"] is given
    assert params["Records"][1] is record


NOON = 1_767_268_800_000  # 2026-01-01T12:00:00Z


@pytest.mark.parametrize(
    ("given", "milliseconds"),
    [
        (datetime(2026, 1, 1, 12, tzinfo=UTC), NOON),
        (datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=-3))), NOON),
        (datetime(2026, 1, 1, 12), NOON),  # noqa: DTZ001  botocore takes a naive datetime as UTC
        (datetime(2026, 1, 1, 12, microsecond=1999, tzinfo=UTC), NOON + 1),
        ("2026-01-01T12:00:00Z", NOON),
        ("2026-01-01T12:00:00", NOON),
        ("2026-01-01", NOON - 43_200_000),
        (NOON // 1000, NOON),
        (NOON / 1000 + 0.25, NOON + 250),
        (str(NOON // 1000), NOON),
    ],
)
def test_instants_become_milliseconds_as_botocore_reads_them(given: Any, milliseconds: int) -> None:
    convert = model.inbound(model.operation("kinesis", "GetShardIterator").input_shape)
    assert convert is not None
    params = {"StreamName": "s", "Timestamp": given}
    assert convert(params) == {"StreamName": "s", "Timestamp": milliseconds}
    assert params["Timestamp"] == given


def test_nested_instants_are_found() -> None:
    convert = model.inbound(model.operation("kinesis", "SubscribeToShard").input_shape)
    assert convert is not None
    position = {"Type": "AT_TIMESTAMP", "Timestamp": "2026-01-01T12:00:00Z"}
    assert convert({"StartingPosition": position})["StartingPosition"]["Timestamp"] == NOON
    assert position["Timestamp"] == "2026-01-01T12:00:00Z"


def test_shapes_with_nothing_to_convert_compile_to_none() -> None:
    assert model.inbound(model.operation("kinesis", "DescribeStream").input_shape) is None
    assert model.inbound(None) is None
    assert model.timestamps_to(str, None) is None
    assert model.timestamps_to(str, model.operation("kinesis", "PutRecord").output_shape) is None


def test_answers_are_converted_in_place() -> None:
    visit = model.timestamps_to(str, model.operation("kinesis", "GetRecords").output_shape)
    assert visit is not None
    records = [{"ApproximateArrivalTimestamp": 1, "Data": b""}, {"Data": b""}]
    answer = {"Records": records}
    visit(answer)
    assert answer == {"Records": [{"ApproximateArrivalTimestamp": "1", "Data": b""}, {"Data": b""}]}
    assert answer["Records"] is records


def test_nested_answers_are_converted() -> None:
    visit = model.timestamps_to(str, model.operation("kinesis", "DescribeStream").output_shape)
    assert visit is not None
    answer = {"StreamDescription": {"StreamCreationTimestamp": 5, "Shards": []}}
    visit(answer)
    assert answer["StreamDescription"]["StreamCreationTimestamp"] == "5"


def test_the_event_stream_itself_is_left_alone() -> None:
    output = model.operation("kinesis", "SubscribeToShard").output_shape
    assert model.timestamps_to(str, output) is None
    event = output.members["EventStream"].members["SubscribeToShardEvent"]
    visit = model.timestamps_to(str, event)
    assert visit is not None
    payload = {"Records": [{"ApproximateArrivalTimestamp": 7}]}
    visit(payload)
    assert payload["Records"][0]["ApproximateArrivalTimestamp"] == "7"


def test_lists_and_maps_of_instants_and_of_blobs() -> None:
    shape = DenormalizedStructureBuilder().with_members({
        "Days": {"type": "list", "member": {"type": "timestamp"}},
        "ByName": {"type": "map", "key": {"type": "string"}, "value": {"type": "timestamp"}},
        "Parts": {"type": "map", "key": {"type": "string"}, "value": {"type": "blob"}},
    }).build_model()  # fmt: skip
    visit = model.timestamps_to(str, shape)
    convert = model.inbound(shape)
    assert visit is not None
    assert convert is not None
    answer = {"Days": [1, 2], "ByName": {"a": 3}, "Parts": {"p": b""}}
    visit(answer)
    assert answer == {"Days": ["1", "2"], "ByName": {"a": "3"}, "Parts": {"p": b""}}
    params = {"Parts": {"p": "x"}, "Days": [1]}
    assert convert(params) == {"Parts": {"p": b"x"}, "Days": [1000]}
    assert params == {"Parts": {"p": "x"}, "Days": [1]}
    unchanged = {"Parts": {"p": b"x"}}
    assert convert(unchanged) is unchanged


def test_a_shape_that_holds_itself_compiles() -> None:
    """SQS's and DynamoDB's values nest without end; none of ours does yet, but a model may
    change."""
    shape = model.operation("dynamodb", "PutItem").input_shape
    convert = model.inbound(shape)
    assert convert is not None
    item = {"TableName": "t", "Item": {"a": {"L": [{"M": {"b": {"B": "x"}}}]}}}
    assert convert(item)["Item"]["a"]["L"][0]["M"]["b"]["B"] == b"x"
