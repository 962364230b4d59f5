"""GetMetricData, GetMetricStatistics, ListMetrics, PutMetricData (botocore cloudwatch).

Metrics of namespaces other than AWS/Kinesis are those that callers put. The first period begins at
the start time, rounded down as the documentation of GetMetricStatistics says; a point is there as
soon as it is measured (AWS takes minutes).
"""

from __future__ import annotations

import math
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.cloudwatch.labels import labels
from kinesis_sim.account.cloudwatch.refusals import (
    invalid_combination,
    invalid_token,
    invalid_value,
)
from kinesis_sim.account.cloudwatch.room import CloudWatch
from kinesis_sim.account.metrics import STATISTICS, Metric
from kinesis_sim.account.paging import cut
from kinesis_sim.account.queries import Queries, metric_of
from kinesis_sim.account.series import TIERS, Point
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import DAY, HOUR, MINUTE

MOST_POINTS = 1_440
MOST_DATA = 100_800
_LISTED = 500
_LARGEST = 2.0**360
Slots = dict[int, float | None]
"""Values by the beginning of their period (epoch ms); None where there is none."""


def _rounded(start: int, now: int) -> int:
    """A start time, rounded down to the minute, to 5 minutes or to the hour by its age."""
    for width, keep in TIERS:
        if start >= now - keep:
            return start - start % width
    return start - start % HOUR


def get_metric_statistics(watch: CloudWatch, request: Request) -> Request:
    """Statistics of one metric per period, in no order that AWS promises (here: oldest first).

    Raises InvalidParameterValue for a start that is not before the end, a period that is no
    multiple of 60, and for percentiles, which are not kept; InvalidParameterCombination for more
    than 1,440 points (words recorded 2025-09-19, LocalStack).
    """
    names = request.get("Statistics") or []
    if request.get("ExtendedStatistics"):
        raise invalid_value("Kinesis Lab keeps no percentiles: ask for Statistics.")
    if not names:
        raise ServiceError("MissingParameter", "The parameter Statistics is required.")
    unknown = [name for name in names if name not in STATISTICS]
    if unknown:
        raise invalid_value(f"The parameter Statistics has an unknown value: {unknown[0]}.")
    period, start, end = request["Period"] * 1000, request["StartTime"], request["EndTime"]
    if start >= end:
        raise invalid_value("The parameter StartTime must be less than the parameter EndTime.")
    asked = math.ceil((end - start) / period)
    if asked > MOST_POINTS:
        raise invalid_combination(
            f"You have requested up to {asked:.0f} datapoints, which exceeds the limit of "
            f"{MOST_POINTS}. You may reduce the datapoints requested by increasing Period, or "
            "decreasing the time range."
        )
    if period % MINUTE:
        raise invalid_value("The parameter Period must be a multiple of 60.")
    start = _rounded(start, watch.clock.now)
    found = watch.metrics.points(metric_of(request), start, end, period, request.get("Unit"))
    rows = [_datapoint(point, unit, names) for unit, point in found]
    return {"Label": request["MetricName"], "Datapoints": rows}


def _datapoint(point: Point, unit: str, names: list[str]) -> Request:
    values = {name: float(point.statistic(name)) for name in names}
    return {"Timestamp": point.at, **values, "Unit": unit}


def get_metric_data(watch: CloudWatch, request: Request) -> Request:
    """Values of metrics and of expressions over them, newest first unless ScanBy says otherwise.

    MaxDatapoints counts the periods of a metric that is asked for alone, with a value or without
    (recorded 2026-09-23, radkawar/stackd, metric_search), and values otherwise (model's choice).
    Raises ValidationError for what cannot be worked out, InvalidNextToken for a strange token.
    """
    start = _rounded(request["StartTime"], watch.clock.now)
    if start >= request["EndTime"]:
        raise ServiceError(
            "ValidationError", "The parameter StartTime must be less than the parameter EndTime."
        )
    queries = Queries(request["MetricDataQueries"], watch.metrics, start, request["EndTime"])
    shown = [dict(row) for row in queries.rows.values() if row.get("ReturnData", True)]
    newest_first = request.get("ScanBy") != "TimestampAscending"
    flat = [
        (row["Id"], at, value)
        for row in shown
        for at, value in sorted(_slots(row, queries, request, start).items(), reverse=newest_first)
    ]
    most = min(request.get("MaxDatapoints") or MOST_DATA, MOST_DATA)
    refuse = invalid_token()
    rows, token = cut(flat, max(1, most), request.get("NextToken"), refuse)
    named = labels(shown)
    results = [_result(row, named[row["Id"]], rows, flat) for row in shown]
    return {"MetricDataResults": results, "Messages": [], **({"NextToken": token} if token else {})}


def _slots(query: Request, queries: Queries, request: Request, start: int) -> Slots:
    """What a page is cut from: the values, and of a lone metric the periods without one, too."""
    series: Slots = {**queries.series(query["Id"])}
    alone = len(queries.rows) == 1 and query.get("MetricStat")
    periods = range(start, request["EndTime"], queries.period)
    if not (alone and request.get("MaxDatapoints") and len(periods) <= MOST_DATA):
        return series
    return {**dict.fromkeys(periods), **series}


def _result(query: Request, label: str, rows: list[Any], flat: list[Any]) -> Request:
    own = [row for row in rows if row[0] == query["Id"]]
    rest = any(row[0] == query["Id"] for row in flat[flat.index(rows[-1]) + 1 :]) if rows else False
    return {
        "Id": query["Id"],
        "Label": label,
        "Timestamps": [at for _, at, value in own if value is not None],
        "Values": [float(value) for _, _, value in own if value is not None],
        "StatusCode": "PartialData" if rest else "Complete",
    }


def list_metrics(watch: CloudWatch, request: Request) -> Request:
    """The metrics that reported in the last two weeks, 500 a page.

    Three hours with RecentlyActive. Raises InvalidParameterValue for a strange token.
    """
    asked = [(row["Name"], row.get("Value")) for row in request.get("Dimensions") or ()]
    since = watch.metrics.recent()
    if request.get("RecentlyActive"):
        since = watch.clock.now - 3 * HOUR
    found = watch.metrics.known(
        request.get("Namespace"), request.get("MetricName"), asked, since=since
    )
    refuse = invalid_value("The value of the parameter NextToken is invalid.")
    rows, token = cut(found, _LISTED, request.get("NextToken"), refuse)
    answer: Request = {"Metrics": [_row(metric) for metric in rows], "OwningAccounts": []}
    if token is not None:
        answer["NextToken"] = token
    return answer


def _row(metric: Metric) -> Request:
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
    }


# --- putting --------------------------------------------------------------------------------------


def put_metric_data(watch: CloudWatch, request: Request) -> Request:
    """Keep a caller's own data points; they are not stored unless all are good.

    Raises InvalidParameterValue for a namespace of AWS's, a timestamp over two weeks old or two
    hours ahead, or a value beyond ±2^360; MissingParameter and InvalidParameterCombination for a
    datum without, or with more than one kind of, values. Entities are taken and forgotten.
    """
    namespace = request["Namespace"]
    if namespace.startswith("AWS/"):
        raise invalid_value(f"The value {namespace} for parameter Namespace is invalid.")
    entities = [
        row for one in request.get("EntityMetricData") or () for row in one.get("MetricData") or ()
    ]
    rows = [*(request.get("MetricData") or ()), *entities]
    if not rows:
        raise ServiceError("MissingParameter", "The parameter MetricData is required.")
    samples = [_sample(row, watch.clock.now, place) for place, row in enumerate(rows, 1)]
    for row, (at, low, high, total, count) in zip(rows, samples, strict=True):
        metric = metric_of({**row, "Namespace": namespace})
        watch.metrics.put(metric, row.get("Unit") or "None", at, low, high, total, count)
    watch.alarms.stir()
    return {}


def _sample(row: Request, now: int, place: int) -> tuple[int, float, float, float, float]:
    """When a datum was taken, and its lowest, highest, total and count. place: from 1.

    A Value stands alone; StatisticValues beside Values are taken, and count (recorded 2025-09-19,
    LocalStack; which of the two counts is the model's choice).
    """
    where = f"MetricData.member.{place}"
    at = row.get("Timestamp")
    at = now if at is None else at
    if not now - 14 * DAY <= at <= now + 2 * HOUR:
        raise invalid_value(
            "The parameter Timestamp must be at most two weeks in the past and two hours ahead."
        )
    given = [name for name in ("Value", "StatisticValues", "Values") if row.get(name) is not None]
    if not given:
        raise ServiceError(
            "MissingParameter", "A datum needs one of Value, Values and StatisticValues."
        )
    if given[0] == "Value" and len(given) > 1:
        other = "Values" if "Values" in given else given[1]
        raise invalid_combination(
            f"The parameters {where}.Value and {where}.{other} are mutually exclusive and you have "
            "specified both."
        )
    low, high, total, count = _values(row, where)
    if not all(abs(value) <= _LARGEST for value in (low, high, total, count)):
        raise invalid_value("A value must be a number between -2^360 and 2^360.")
    return at, low, high, total, count


def _values(row: Request, where: str) -> tuple[float, float, float, float]:
    if row.get("Value") is not None:
        return row["Value"], row["Value"], row["Value"], 1
    kept = row.get("StatisticValues")
    if kept is not None:
        if kept["SampleCount"] <= 0 or kept["Minimum"] > kept["Maximum"]:
            raise invalid_value("StatisticValues need samples, and Minimum not above Maximum.")
        return kept["Minimum"], kept["Maximum"], kept["Sum"], kept["SampleCount"]
    values = row["Values"]
    counts = row.get("Counts") or [1.0] * len(values)
    if len(counts) != len(values):
        raise invalid_value(
            f"The parameters {where}.Values and {where}.Counts must be of the same size."
        )
    if not values or min(counts) <= 0:
        raise invalid_value("Values must not be empty, and Counts above zero.")
    total = sum(value * count for value, count in zip(values, counts, strict=True))
    return min(values), max(values), total, sum(counts)
