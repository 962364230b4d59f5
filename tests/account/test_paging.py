"""A page's token goes on with its own question, and leaves no row out."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.account.paging import cut
from kinesis_sim.errors import ServiceError
from kinesis_sim.streams.paging import PageTokens
from tests.streams.calls import refused

NOBODYS = ServiceError("InvalidNextToken", "nobody's")


def paged(rows: list[str], token: str | None = None, question: object = "all") -> Any:
    return cut(rows, 2, token, NOBODYS, question=question, key=str)


def test_a_token_goes_on_where_the_page_ended() -> None:
    told, token = paged(["a", "b", "c", "d", "e"])
    assert told == ["a", "b"]
    told, token = paged(["a", "b", "c", "d", "e"], token)
    assert told == ["c", "d"]
    assert paged(["a", "b", "c", "d", "e"], token) == (["e"], None)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (["b", "c", "d"], ["c", "d"]),
        (["c", "d"], ["c", "d"]),
        (["a", "b", "d"], ["d"]),
        (["0", "a", "b", "bb", "c", "d"], ["c", "d"]),
        (["a", "b"], []),
        ([], []),
    ],
)
def test_rows_made_and_deleted_meanwhile_shift_nothing(now: list[str], told: list[str]) -> None:
    _, token = paged(["a", "b", "c", "d"])
    assert paged(now, token)[0] == told


@pytest.mark.parametrize("made", ["2", "7b7d", "5b312c322c332c345d", "no token", ""])
def test_what_no_answer_gave_is_refused(made: str) -> None:
    with pytest.raises(ServiceError, match="nobody's"):
        paged(["a", "b", "c"], made)


def test_a_token_of_another_question_or_of_a_list_that_is_gone_is_refused() -> None:
    _, token = paged(["a", "b", "c"])
    with pytest.raises(ServiceError, match="nobody's"):
        paged(["a", "b", "c"], token, question="some")
    with pytest.raises(ServiceError, match="nobody's"):
        paged(["x", "y", "z"], token)


def mapped(sim: Simulator) -> Any:
    """Three mappings of two streams to one function."""
    kinesis = sim.client("kinesis")
    sim.functions.register("f", lambda event: None)
    for stream in ("one", "two"):
        kinesis.create_stream(StreamName=stream, ShardCount=1)
    sim.advance(seconds=60)
    made = sim.client("lambda")
    for stream, consumer in (("one", None), ("one", "c"), ("two", None)):
        arn = kinesis.describe_stream_summary(StreamName=stream)
        source = arn["StreamDescriptionSummary"]["StreamARN"]
        if consumer:
            asked = kinesis.register_stream_consumer(StreamARN=source, ConsumerName=consumer)
            source = asked["Consumer"]["ConsumerARN"]
            sim.advance(seconds=60)
        made.create_event_source_mapping(
            FunctionName="f", EventSourceArn=source, StartingPosition="LATEST"
        )
    return made


def test_a_marker_of_another_filter_is_refused_by_lambda(sim: Simulator) -> None:
    made = mapped(sim)
    first = made.list_event_source_mappings(FunctionName="f", MaxItems=1)
    for more in ({}, {"EventSourceArn": first["EventSourceMappings"][0]["EventSourceArn"]}):
        with refused("InvalidParameterValueException"):
            made.list_event_source_mappings(Marker=first["NextMarker"], **more)
    rest = made.list_event_source_mappings(
        FunctionName="f", MaxItems=10, Marker=first["NextMarker"]
    )
    assert len(rest["EventSourceMappings"]) == 2


def test_a_mapping_deleted_between_pages_hides_no_other(sim: Simulator) -> None:
    made = mapped(sim)
    first = made.list_event_source_mappings(MaxItems=1)
    [gone] = first["EventSourceMappings"]
    made.delete_event_source_mapping(UUID=gone["UUID"])
    sim.advance(minutes=10)
    rest = made.list_event_source_mappings(Marker=first["NextMarker"])
    assert len(rest["EventSourceMappings"]) == 2


def test_a_token_of_another_stream_filter_is_refused() -> None:
    pages = PageTokens(b"secret", 300_000)
    token = pages.token("ListQueues", 0, {"after": "a", "filter": [{"StreamARN": "one"}]})
    assert pages.after("ListQueues", token, 0, [{"StreamARN": "one"}]) == "a"
    with pytest.raises(ServiceError, match="does not match the provided StreamFilter"):
        pages.after("ListQueues", token, 0, [])


def test_an_alarms_page_is_of_its_filter(sim: Simulator) -> None:
    watch = sim.client("cloudwatch")
    for name in ("a1", "a2", "b1"):
        watch.put_metric_alarm(
            AlarmName=name,
            Namespace="N",
            MetricName="m",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
    token = watch.describe_alarms(MaxRecords=1, AlarmNamePrefix="a")["NextToken"]
    with refused("InvalidNextToken"):
        watch.describe_alarms(NextToken=token)
    watch.delete_alarms(AlarmNames=["a1"])
    rest = watch.describe_alarms(AlarmNamePrefix="a", NextToken=token)
    assert [alarm["AlarmName"] for alarm in rest["MetricAlarms"]] == ["a2"]
