"""Percentiles: bins as AWS was recorded having them, and who has none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.account.metrics import Metric, Metrics
from kinesis_sim.account.percentiles import ZERO, bins_of, both, percentile, rank
from kinesis_sim.account.series import Series
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import DAY, HOUR, MINUTE

RECORDED = {"p0": 2.0, "p50": 9.874619498547638, "p90": 9.974797183077614, "p100": 10.0}
"""Of two 2s and three 10s (radkawar/stackd, testdata/aws/cloudwatch/metrics.json, 2026-09-14)."""


@pytest.fixture
def sim() -> Simulator:
    return Simulator(latency=None)


def recorded(series: Series, at: int = 0) -> None:
    series.add(at, 2, 2, 4, 2)
    series.add(at, 10, 10, 30, 3)


def put(sim: Simulator, *data: dict[str, Any], namespace: str = "Lab") -> None:
    rows = [{"MetricName": "m", **one} for one in data]
    asked = {"Namespace": namespace, "MetricData": rows}
    sim.gate.call("cloudwatch", "PutMetricData", asked)


def statistics(sim: Simulator, *names: str, **more: Any) -> list[dict[str, Any]]:
    now = sim.clock.now
    asked = {"Namespace": "Lab", "MetricName": "m", "StartTime": now - HOUR, "EndTime": now + HOUR}
    asked |= {"Period": 60, "ExtendedStatistics": list(names), **more}
    found: list[dict[str, Any]] = sim.gate.call("cloudwatch", "GetMetricStatistics", asked)[
        "Datapoints"
    ]
    return found


@pytest.mark.parametrize(
    ("name", "value"), [("p0", 0), ("p99.9", 99.9), ("p100", 100), ("tm90", None), ("Sum", None)]
)
def test_a_percentile_is_named_by_its_rank(name: str, value: float | None) -> None:
    assert rank(name) == value


def test_values_are_known_that_are_alike_or_alone() -> None:
    assert bins_of(7, 7, 21, 3) == {20: 3}
    assert bins_of(0, 0, 0, 2) == {ZERO: 2}
    assert bins_of(1, 4, 3, 1) == bins_of(3, 3, 3, 1)
    assert bins_of(1, 4, 5, 2) is None
    assert bins_of(-1, -1, -1, 1) is None
    assert both({1: 2}, {1: 1, 4: 1}) == {1: 3, 4: 1}
    assert both({1: 2}, None) is None


def test_percentiles_lie_between_the_bounds_of_their_bin() -> None:
    bins = both(bins_of(2, 2, 4, 2), bins_of(10, 10, 30, 3))
    assert {name: percentile(rank(name) or 0, 2, 10, bins) for name in RECORDED} == RECORDED
    assert percentile(20, 0, 5, both({ZERO: 4}, bins_of(5, 5, 5, 1))) == 0


def test_without_values_only_the_ends_are_known() -> None:
    assert [percentile(asked, 1, 9, None) for asked in (0, 50, 100)] == [1, None, 9]
    assert [percentile(asked, -1, 9, {3: 2}) for asked in (0, 50, 100)] == [-1, None, 9]
    assert percentile(50, 7, 7, None) == 7


@pytest.mark.parametrize("age", [0, 20 * DAY, 70 * DAY])
def test_periods_and_age_keep_the_values(age: int) -> None:
    series = Series(spread=True)
    series.add(0, 2, 2, 4, 2)
    series.add(MINUTE, 10, 10, 10, 1)
    series.add(2 * MINUTE, 10, 10, 20, 2)
    if age:
        for minute in range(3, 2 * 15 * 24 * 60 + 10):
            series.add(minute * MINUTE, 1, 1, 1, 1)
        series.add(age, 1, 1, 1, 1)
    point = series.points(0, HOUR, HOUR, HOUR)[0]
    assert point.value("p100") == 10
    if not age:
        assert {name: point.value(name) for name in RECORDED} == RECORDED
    else:
        assert point.bins is not None
        assert sum(point.bins.values()) == point.count == 62


def test_a_minute_that_is_put_back_has_its_values() -> None:
    series, again = Series(spread=True), Series(spread=True)
    recorded(series)
    again.add(0, 1, 5, 6, 2)
    again.put_back((0, *json.loads(json.dumps(series.minute(0)))))
    assert again.points(0, HOUR, MINUTE, 0) == series.points(0, HOUR, MINUTE, 0)
    assert again.points(0, HOUR, MINUTE, 0)[0].value("p90") == RECORDED["p90"]


def test_values_are_kept_of_metrics_that_callers_put_alone() -> None:
    metrics = Metrics(lambda: HOUR)
    for namespace in ("Lab", "AWS/Kinesis"):
        metric = Metric.of(namespace, "m", ())
        metrics.put(metric, "Count", 0, 2, 2, 2, 1)
        metrics.put(metric, "Count", 0, 9, 9, 9, 1)
        ((_, point),) = metrics.points(metric, 0, HOUR, MINUTE)
        assert (point.bins is None) is (namespace == "AWS/Kinesis")


def test_statistics_show_percentiles_beside_each_other(sim: Simulator) -> None:
    put(sim, {"Values": [2, 10], "Counts": [2, 3]})
    ((found),) = statistics(sim, *RECORDED)
    assert found["ExtendedStatistics"] == RECORDED
    assert set(found) == {"Timestamp", "ExtendedStatistics", "Unit"}


def test_a_statistic_set_has_no_percentiles_but_its_ends(sim: Simulator) -> None:
    put(sim, {"StatisticValues": {"SampleCount": 4, "Sum": 20, "Minimum": 2, "Maximum": 9}})
    assert statistics(sim, "p50") == []
    assert statistics(sim, "p50", "p100")[0]["ExtendedStatistics"] == {"p100": 9}
    put(sim, {"Value": 5})
    assert statistics(sim, "p50") == []


def test_data_and_expressions_have_percentiles(sim: Simulator) -> None:
    put(sim, {"Values": [2, 10], "Counts": [2, 3]})
    metric = {"Namespace": "Lab", "MetricName": "m"}
    queries = [
        {"Id": "p", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p90"}},
        {"Id": "twice", "Expression": "p * 2"},
    ]
    asked = {"StartTime": sim.clock.now - HOUR, "EndTime": sim.clock.now + HOUR}
    asked |= {"MetricDataQueries": queries}
    found = sim.gate.call("cloudwatch", "GetMetricData", asked)["MetricDataResults"]
    assert [row["Values"] for row in found] == [[RECORDED["p90"]], [2 * RECORDED["p90"]]]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"Namespace": "AWS/Kinesis"}, "metrics that callers put"),
        ({"ExtendedStatistics": ["tm90"]}, "no trimmed statistics"),
        ({"ExtendedStatistics": ["p101"]}, "The value p101 for parameter ExtendedStatistics"),
        ({"Statistics": ["Sum"]}, "give one of them"),
    ],
)
def test_what_is_not_kept_is_refused(sim: Simulator, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ServiceError, match=named):
        statistics(sim, "p50", **changes)
