"""What GetMetricData and alarms ask of metrics: MetricDataQuery, and metric math over answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kinesis_sim.account.metric_math import (
    Grid,
    Series,
    UnknownFunction,
    Value,
    evaluate,
    wrong,
)
from kinesis_sim.account.metrics import STATISTICS, Metric, Metrics, has_percentiles
from kinesis_sim.account.percentiles import rank
from kinesis_sim.instants import MINUTE

Query = Mapping[str, Any]
NO_PERCENTILES = (
    "Kinesis Lab keeps percentiles of metrics that callers put, and of a service's own only "
    "Minimum, Maximum, Average, Sum and SampleCount: ask for one of these."
)
NO_TRIMMING = (
    "Kinesis Lab keeps no trimmed statistics: ask for percentiles (p0 to p100), or for Statistics."
)


def metric_of(row: Query) -> Metric:
    """The metric that a structure with Namespace, MetricName and Dimensions names."""
    dimensions = [(pair["Name"], pair["Value"]) for pair in row.get("Dimensions") or ()]
    return Metric.of(row.get("Namespace") or "", row.get("MetricName") or "", dimensions)


def check_period(seconds: int) -> int:
    """A period in ms. Raises ServiceError (ValidationError) unless it is a multiple of 60 s."""
    if seconds <= 0 or seconds * 1000 % MINUTE:
        raise wrong(
            f"Period {seconds} is not simulated: Kinesis Lab keeps one point a minute, so give a "
            "multiple of 60."
        )
    return seconds * 1000


def check_statistic(name: str) -> str:
    """One of the five statistics. Raises ServiceError (ValidationError) for others."""
    if name not in STATISTICS:
        raise wrong(
            f"Kinesis Lab does not keep the statistic {name}; it has: {', '.join(STATISTICS)}."
        )
    return name


def check_asked(name: str, metric: Metric) -> str:
    """A statistic or percentile that is kept of a metric. Raises ServiceError (ValidationError)."""
    if rank(name) is None:
        return check_statistic(name)
    if not has_percentiles(metric.namespace):
        raise wrong(NO_PERCENTILES)
    return name


class Queries:
    """A list of queries over one span of time, each worked out once, in any order of reference.

    start, end: epoch ms; the first period begins at ``start``.
    """

    def __init__(self, queries: Sequence[Query], metrics: Metrics, start: int, end: int) -> None:
        self.rows = {query["Id"]: query for query in queries}
        if len(self.rows) != len(queries):
            raise wrong("Each query needs an Id of its own.")
        self._metrics = metrics
        self._start, self._end = start, end
        self._values: dict[str, Value] = {}
        self._open: list[str] = []
        self.period = self._widest()

    def _widest(self) -> int:
        """The period of expressions: the longest of the metrics asked for, or their own."""
        periods = [
            (query.get("MetricStat") or {}).get("Period") or query.get("Period") or 0
            for query in self.rows.values()
        ]
        return check_period(max(periods, default=0) or 60)

    def series(self, name: str) -> Series:
        """The points of one query; a number stands at every period."""
        value = self.value(name)
        if isinstance(value, float):
            if not math.isfinite(value):
                return {}
            return dict.fromkeys(self._grid(self.period).instants(), value)
        if not isinstance(value, dict):
            raise wrong(f"The result of {name} is not one time series.")
        return value

    def value(self, name: str) -> Value:
        """What a query or expression comes to. Raises ServiceError (ValidationError)."""
        if name == "METRICS":
            names = [key for key, query in self.rows.items() if query.get("MetricStat")]
            return [self.series(key) for key in names]
        query = self.rows.get(name)
        if query is None:
            raise wrong(f"There is no query with the Id {name}.")
        if name not in self._values:
            if name in self._open:
                raise wrong(f"The expression {name} refers to itself.")
            self._open.append(name)
            self._values[name] = self._worked_out(query)
            self._open.pop()
        return self._values[name]

    def _worked_out(self, query: Query) -> Value:
        stat, expression = query.get("MetricStat"), query.get("Expression")
        if (stat is None) is (expression is None):
            raise wrong(f"Query {query['Id']} needs either MetricStat or Expression.")
        if stat is None:
            return self._expression(query["Id"], str(expression))
        return self._asked(stat)

    def _expression(self, name: str, expression: str) -> Value:
        def lookup(other: str) -> Value:
            if other != "METRICS" and other not in self.rows:
                raise wrong(f"Error in expression '{name}': ID '{other}' not found")
            return self.value(other)

        try:
            return evaluate(expression, lookup, self._grid(self.period))
        except UnknownFunction as unknown:
            raise wrong(f"Error in expression '{name}': {unknown.message}") from None

    def _asked(self, stat: Query) -> Series:
        metric = metric_of(stat["Metric"])
        name, period = check_asked(stat["Stat"], metric), check_period(stat["Period"])
        rows = self._metrics.points(metric, self._start, self._end, period, stat.get("Unit"))
        rows.sort(key=lambda row: row[0], reverse=True)  # of several units, the first by name
        values = {point.at: point.value(name) for _, point in rows}
        return {at: value for at, value in values.items() if value is not None}

    def _grid(self, period: int) -> Grid:
        return Grid(self._start, self._end, period)
