"""CloudWatch through real clients: in process and over HTTP, in each protocol it speaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.gate import CallRefused
from kinesis_sim.aws.server import start
from tests.aws.http_client import client, instant

STREAM = "meu-stream"
METRIC = {
    "Namespace": "AWS/Kinesis",
    "MetricName": "IncomingRecords",
    "Dimensions": [{"Name": "StreamName", "Value": STREAM}],
}
ALARM = {
    **METRIC,
    "AlarmName": "cheio",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


def filled() -> Simulator:
    sim = instant()
    sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": 1})
    for minute in range(10):
        sim.streams[STREAM].put([(b"x", "c", None)] * (minute + 1), sim.clock.now)
        sim.advance(minutes=1)
    return sim


Way = tuple[Simulator, Any]


@contextmanager
def in_process() -> Iterator[Way]:
    sim = filled()
    yield sim, sim.client("cloudwatch")


@contextmanager
def over_http() -> Iterator[Way]:
    sim = filled()
    with start(sim) as server, client(server, "cloudwatch") as made:
        yield sim, made


@pytest.fixture(params=[in_process, over_http], scope="module")
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    with request.param() as made:
        yield made


def span(sim: Simulator) -> dict[str, Any]:
    return {"StartTime": sim.now - timedelta(minutes=10), "EndTime": sim.now}


def query(**more: Any) -> dict[str, Any]:
    return {"Id": "m1", "MetricStat": {"Metric": METRIC, "Period": 60, "Stat": "Sum"}, **more}


# --- metrics --------------------------------------------------------------------------------------


def test_statistics(way: Way) -> None:
    sim, cloudwatch = way
    answer = cloudwatch.get_metric_statistics(
        **METRIC, **span(sim), Period=300, Statistics=["Sum", "SampleCount", "Average"]
    )
    assert answer["Label"] == "IncomingRecords"
    rows = sorted(answer["Datapoints"], key=lambda row: row["Timestamp"])
    assert [row["Sum"] for row in rows] == [15, 40]
    assert [row["SampleCount"] for row in rows] == [5, 5]
    assert rows[0] == {
        "Timestamp": sim.now - timedelta(minutes=10),
        "Sum": 15.0,
        "SampleCount": 5.0,
        "Average": 3.0,
        "Unit": "Count",
    }


def test_another_unit_has_no_data(way: Way) -> None:
    sim, cloudwatch = way
    answer = cloudwatch.get_metric_statistics(
        **METRIC, **span(sim), Period=60, Statistics=["Sum"], Unit="Bytes"
    )
    assert answer["Datapoints"] == []


def test_data_with_an_expression(way: Way) -> None:
    sim, cloudwatch = way
    share = {"Id": "e1", "Expression": "100 * m1 / SUM(m1)", "Label": "por cento"}
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[query(ReturnData=False), share],
        ScanBy="TimestampAscending",
        **span(sim),
    )
    [result] = answer["MetricDataResults"]
    assert (result["Id"], result["Label"], result["StatusCode"]) == ("e1", "por cento", "Complete")
    assert result["Values"] == pytest.approx([100 * n / 55 for n in range(1, 11)])
    assert all(0 <= value <= 100 for value in result["Values"])
    assert result["Timestamps"] == [sim.now - timedelta(minutes=n) for n in range(10, 0, -1)]


def test_data_comes_in_pages_newest_first(way: Way) -> None:
    sim, cloudwatch = way
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[query()], MaxDatapoints=4, **span(sim)
    )
    found = [page["MetricDataResults"][0]["Values"] for page in pages]
    assert found == [[10, 9, 8, 7], [6, 5, 4, 3], [2, 1]]


def test_metrics_are_listed(way: Way) -> None:
    _, cloudwatch = way
    rows = cloudwatch.list_metrics(
        Namespace="AWS/Kinesis", Dimensions=[{"Name": "StreamName"}], RecentlyActive="PT3H"
    )["Metrics"]
    assert METRIC in rows
    assert cloudwatch.list_metrics(MetricName="Nada")["Metrics"] == []
    other = [{"Name": "StreamName", "Value": "outro"}]
    assert cloudwatch.list_metrics(Dimensions=other)["Metrics"] == []


def test_own_data_is_kept_beside(way: Way) -> None:
    sim, cloudwatch = way
    at = sim.now - timedelta(minutes=3)
    kept = {"SampleCount": 2, "Sum": 5, "Minimum": 1, "Maximum": 4}
    cloudwatch.put_metric_data(
        Namespace="pedala",
        MetricData=[
            {"MetricName": "espera", "Value": 7, "Timestamp": at, "Unit": "Seconds"},
            {"MetricName": "espera", "StatisticValues": kept, "Timestamp": at, "Unit": "Seconds"},
            {
                "MetricName": "espera",
                "Values": [2.0, 3.0],
                "Counts": [1.0, 2.0],
                "Timestamp": at,
                "Unit": "Seconds",
            },
        ],
    )
    statistics = ["Sum", "SampleCount", "Minimum", "Maximum", "Average"]
    [row] = cloudwatch.get_metric_statistics(
        Namespace="pedala", MetricName="espera", **span(sim), Period=60, Statistics=statistics
    )["Datapoints"]
    assert (row["Sum"], row["SampleCount"], row["Minimum"], row["Maximum"]) == (20, 6, 1, 7)
    assert row["Average"] == pytest.approx(20 / 6)
    assert row["Unit"] == "Seconds"


# --- alarms ---------------------------------------------------------------------------------------


def test_alarms_from_birth_to_death(way: Way) -> None:
    sim, cloudwatch = way
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "time", "Value": "dados"}])
    [alarm] = cloudwatch.describe_alarms(AlarmNames=["cheio"])["MetricAlarms"]
    assert alarm["StateValue"] == "INSUFFICIENT_DATA"
    assert alarm["AlarmConfigurationUpdatedTimestamp"] == sim.now
    assert alarm["Dimensions"] == METRIC["Dimensions"]
    tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert tags == [{"Key": "time", "Value": "dados"}]
    sim.advance(minutes=1)
    found = cloudwatch.describe_alarms(StateValue="ALARM", AlarmNamePrefix="che")["MetricAlarms"]
    assert [row["AlarmName"] for row in found] == ["cheio"]
    cloudwatch.set_alarm_state(AlarmName="cheio", StateValue="OK", StateReason="teste")
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateReason"] == "teste"
    items = cloudwatch.describe_alarm_history(AlarmName="cheio", HistoryItemType="StateUpdate")
    assert [row["HistorySummary"] for row in items["AlarmHistoryItems"]] == [
        "Alarm updated from ALARM to OK",
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
    ]
    named = {"Namespace": "AWS/Kinesis", "MetricName": "IncomingRecords"}
    dimensions = METRIC["Dimensions"]
    watching = cloudwatch.describe_alarms_for_metric(**named, Dimensions=dimensions)
    assert len(watching["MetricAlarms"]) == 1
    cloudwatch.disable_alarm_actions(AlarmNames=["cheio"])
    assert not cloudwatch.describe_alarms()["MetricAlarms"][0]["ActionsEnabled"]
    cloudwatch.enable_alarm_actions(AlarmNames=["cheio"])
    cloudwatch.delete_alarms(AlarmNames=["cheio"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_alarms_come_in_pages(way: Way) -> None:
    _, cloudwatch = way
    names = [f"alarme-{number}" for number in range(5)]
    for name in names:
        cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": name})
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix="alarme-", PaginationConfig={"PageSize": 2}
    )
    found = [[row["AlarmName"] for row in page["MetricAlarms"]] for page in pages]
    assert found == [names[:2], names[2:4], names[4:]]
    cloudwatch.delete_alarms(AlarmNames=names)


# --- errors and neighbours ------------------------------------------------------------------------


def test_errors_are_the_models_exceptions(way: Way) -> None:
    sim, cloudwatch = way
    with pytest.raises(cloudwatch.exceptions.ResourceNotFound) as caught:
        cloudwatch.set_alarm_state(AlarmName="nenhum", StateValue="OK", StateReason="")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert caught.value.response["Error"]["Type"] == "Sender"
    with pytest.raises(cloudwatch.exceptions.InvalidParameterValueException):
        cloudwatch.get_metric_statistics(**METRIC, **span(sim), Period=61, Statistics=["Sum"])
    with pytest.raises(ClientError, match="ValidationError") as refused:
        cloudwatch.put_metric_alarm(**{**ALARM, "Period": 10})
    assert "multiple of 60" in refused.value.response["Error"]["Message"]


def test_dashboards_are_motos_and_composite_alarms_nobodys(way: Way) -> None:
    _, cloudwatch = way
    cloudwatch.put_dashboard(DashboardName="painel", DashboardBody='{"widgets": []}')
    names = [row["DashboardName"] for row in cloudwatch.list_dashboards()["DashboardEntries"]]
    assert "painel" in names
    with pytest.raises(ClientError, match="does not simulate PutCompositeAlarm"):
        cloudwatch.put_composite_alarm(AlarmName="junto", AlarmRule="TRUE")
    cloudwatch.delete_dashboards(DashboardNames=["painel"])


def test_what_is_refused_here_never_reaches_moto() -> None:
    sim = filled()
    cloudwatch = sim.client("cloudwatch")
    with pytest.raises(ClientError):
        cloudwatch.delete_alarms(AlarmNames=["nenhum"])
    assert [event.operation for event in sim.events.of(CallRefused)] == ["DeleteAlarms"]
