"""Queries of GetMetricData: which are taken, and what is told beside an answer.

AWS's words: recorded 2026-09-14 (radkawar/stackd, testdata/aws/cloudwatch/metrics.json).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.cloudwatch.room import CloudWatch
from kinesis_sim.account.metric_math import wrong
from kinesis_sim.account.metrics import STATISTICS
from kinesis_sim.account.queries import Query, metric_of

SHORT_PERIODS = [1, 5, 10, 20, 30]
"""Periods under a minute that may be asked for, in seconds; they give the minutes that are kept."""
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_PERCENT = r"(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]+)?)"
_EXTENDED = re.compile(
    rf"(?:p|tm|tc|ts|wm){_PERCENT}|(?:PR|TM|TC|TS|WM)\([^()]+\)|IQM", re.IGNORECASE
)
"""Statistics that AWS has beside the five; of these the model has percentiles (``pNN``)."""


def checked(queries: Sequence[Query]) -> list[dict[str, Any]]:
    """The queries, a short period of a metric as the minute that is kept.

    Raises ServiceError (ValidationError) for a bad or doubled Id, a query of two kinds, and what is
    no statistic.
    """
    for place, query in enumerate(queries, 1):
        where, stat = f"MetricDataQueries.member.{place}", query.get("MetricStat")
        if not _ID.fullmatch(query["Id"]):
            raise wrong(
                f"The value for parameter {where}.Id is not matching the expected pattern "
                "^[a-z][a-zA-Z0-9_]*$."
            )
        if stat is not None and query.get("Expression") is not None:
            raise wrong(
                f"The parameters {where}.Expression and {where}.MetricStat are mutually exclusive "
                "and you have specified both."
            )
        if stat is not None and not _is_statistic(stat["Stat"]):
            raise wrong(
                f"The value for parameter {where}.MetricStat.Stat is not a valid statistic."
            )
    if len({query["Id"] for query in queries}) != len(queries):
        raise wrong("The values for parameter id in MetricDataQueries are not unique.")
    return [_of_minutes(query) for query in queries]


def is_extended(name: str) -> bool:
    """Whether AWS knows a statistic beside the five, such as ``p99.9`` or ``TM(10%:90%)``."""
    return _EXTENDED.fullmatch(name) is not None


def _is_statistic(name: str) -> bool:
    return name in STATISTICS or is_extended(name)


def _of_minutes(query: Query) -> dict[str, Any]:
    stat = query.get("MetricStat")
    if stat is None or stat["Period"] not in SHORT_PERIODS:
        return dict(query)
    return {**query, "MetricStat": {**stat, "Period": 60}}


def foreign(query: Query, watch: CloudWatch) -> bool:
    """Whether a query is about another account, which none is linked to here."""
    return query.get("AccountId") not in (None, watch.account)


def told(query: Query, watch: CloudWatch) -> Request:
    """What is told beside the values of a query: another account's metric, or several units."""
    if foreign(query, watch):
        return {
            "StatusCode": "Forbidden",
            "Messages": [
                {
                    "Code": "Forbidden",
                    "Value": "Access denied when getting data - please check that this account and "
                    "the requested metric account are linked",
                }
            ],
        }
    stat = query.get("MetricStat")
    if stat is None or stat.get("Unit") is not None:
        return {}
    units = sorted(watch.metrics.units(metric_of(stat["Metric"])))
    if len(units) < 2:
        return {}
    value = f"Multiple units returned: '[{', '.join(units)}]'"
    return {"Messages": [{"Code": "MultipleUnits", "Value": value}]}
