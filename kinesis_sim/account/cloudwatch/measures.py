"""GetMetricData, GetMetricStatistics, ListMetrics (botocore cloudwatch).

Metrics of namespaces other than AWS/Kinesis are those that callers put. The first period begins at
the start time, rounded down as the documentation of GetMetricStatistics says; a point is there as
soon as it is measured (AWS takes minutes).
"""

from __future__ import annotations

import math
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.cloudwatch.asking import (
    SHORT_PERIODS,
    checked,
    foreign,
    is_extended,
    told,
)
from kinesis_sim.account.cloudwatch.labels import labels
from kinesis_sim.account.cloudwatch.refusals import (
    invalid_combination,
    invalid_token,
    invalid_value,
)
from kinesis_sim.account.cloudwatch.room import CloudWatch
from kinesis_sim.account.metrics import STATISTICS, Metric, has_percentiles
from kinesis_sim.account.paging import cut, question
from kinesis_sim.account.percentiles import rank
from kinesis_sim.account.queries import NO_PERCENTILES, NO_TRIMMING, Queries, metric_of
from kinesis_sim.account.series import TIERS, Point
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import HOUR, MINUTE

MOST_POINTS = 1_440
MOST_DATA = 100_800
_NAMED = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_LISTED = 500
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

    The minute in which the end falls is left out, as it was recorded, and periods under a minute
    give the minutes of a metric of standard resolution (2026-09-14, radkawar/stackd, metrics).
    Raises InvalidParameterValue for a start that is not before the end, a period that is none, and
    for statistics that are not kept; InvalidParameterCombination for more than 1,440 points (words
    recorded 2025-09-19, LocalStack), and for Statistics beside ExtendedStatistics.
    """
    names, extended = request.get("Statistics") or [], _extended(request)
    if names and extended:
        raise invalid_combination(
            "Statistics and ExtendedStatistics cannot be asked for together: give one of them."
        )
    if not names and not extended:
        raise ServiceError("MissingParameter", "The parameter Statistics is required.")
    for place, name in enumerate(names, 1):
        if name not in STATISTICS:
            raise invalid_value(
                f"The parameter Statistics.member.{place}.<list element> must be a value in the "
                f"set [{', '.join(_NAMED)}]."
            )
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
    if period < MINUTE and request["Period"] not in SHORT_PERIODS:
        raise invalid_value(f"The parameter Period must be a value in the set {SHORT_PERIODS}.")
    period = max(period, MINUTE)
    if period % MINUTE:
        raise invalid_value("The parameter Period must be a multiple of 60.")
    start, end = _rounded(start, watch.clock.now), end - end % MINUTE
    found = watch.metrics.points(metric_of(request), start, end, period, request.get("Unit"))
    rows = [
        {"Timestamp": point.at, **values, "Unit": unit}
        for unit, point in found
        if (values := _values(point, names, extended))
    ]
    return {"Label": request["MetricName"], "Datapoints": rows}


def _extended(request: Request) -> list[str]:
    """The percentiles that are asked for. Raises InvalidParameterValue for what is not kept."""
    names: list[str] = request.get("ExtendedStatistics") or []
    for place, name in enumerate(names, 1):
        if not is_extended(name):
            raise invalid_value(
                f"The value {name} for parameter ExtendedStatistics.member.{place}.<list element> "
                "is not supported."
            )
    if any(rank(name) is None for name in names):
        raise invalid_value(NO_TRIMMING)
    if names and not has_percentiles(request["Namespace"]):
        raise invalid_value(NO_PERCENTILES)
    return names


def _values(point: Point, names: list[str], extended: list[str]) -> Request:
    """What a data point shows; nothing where AWS has no percentile."""
    if names:
        return {name: float(point.statistic(name)) for name in names}
    found = {name: point.value(name) for name in extended}
    kept = {name: float(value) for name, value in found.items() if value is not None}
    return {"ExtendedStatistics": kept} if kept else {}


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
    asked = checked(request["MetricDataQueries"])
    queries = Queries(asked, watch.metrics, start, request["EndTime"])
    shown = [dict(row) for row in queries.rows.values() if row.get("ReturnData", True)]
    newest_first = request.get("ScanBy") != "TimestampAscending"
    flat = [
        (row["Id"], at, value)
        for row in shown
        for at, value in sorted(_slots(row, queries, request, start).items(), reverse=newest_first)
        if not foreign(row, watch)
    ]
    most = min(request.get("MaxDatapoints") or MOST_DATA, MOST_DATA)
    refuse = invalid_token("")  # without a text, as recorded
    rows, token = cut(
        flat,
        max(1, most),
        request.get("NextToken"),
        refuse,
        question=question(request, "GetMetricData", "MaxDatapoints", "NextToken"),
        key=lambda row: row[:2],
    )
    named = labels(shown)
    results = [{**_result(row, named[row["Id"]], rows, flat), **told(row, watch)} for row in shown]
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

    Three hours with RecentlyActive. Raises InvalidParameterValue for a strange token or another
    time than three hours (words recorded 2026-09-14, radkawar/stackd, metrics).
    """
    asked = [(row["Name"], row.get("Value")) for row in request.get("Dimensions") or ()]
    since = watch.metrics.recent()
    if request.get("RecentlyActive") is not None:
        if request["RecentlyActive"] != "PT3H":
            raise invalid_value("Request parameter recentlyActive value is invalid")
        since = watch.clock.now - 3 * HOUR
    found = watch.metrics.known(
        request.get("Namespace"), request.get("MetricName"), asked, since=since
    )
    if request.get("OwningAccount") not in (None, watch.account):
        found = []
    refuse = invalid_value("Request parameter NextToken is invalid")
    rows, token = cut(
        found,
        _LISTED,
        request.get("NextToken"),
        refuse,
        question=question(request, "ListMetrics", "NextToken"),
        key=_row,
    )
    answer: Request = {"Metrics": [_row(metric) for metric in rows]}
    if request.get("IncludeLinkedAccounts"):
        answer["OwningAccounts"] = [watch.account] * len(rows)
    if token is not None:
        answer["NextToken"] = token
    return answer


def _row(metric: Metric) -> Request:
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
    }
