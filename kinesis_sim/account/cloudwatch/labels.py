"""Labels of GetMetricData that nobody gave: what tells metrics apart.

Rules as recorded 2026-09-14 and 2026-09-23 (radkawar/stackd, metric_labels, metric_search): among
the queries that are shown and have no label of their own, a label holds the namespace, the values
of dimensions (by their names) and the metric's name where these differ; the name alone where
nothing does; and statistic or period where one metric is asked for twice.
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.metrics import Metric
from kinesis_sim.account.queries import metric_of

_Row = tuple[Request, Metric]


def labels(shown: list[Request]) -> dict[str, str]:
    """The labels of the queries whose data are shown, by their Id."""
    found = {row["Id"]: str(row.get("Label") or row["Id"]) for row in shown}
    rows = [
        (row, metric_of(row["MetricStat"]["Metric"]))
        for row in shown
        if row.get("MetricStat") and not row.get("Label")
    ]
    words = _words(rows)
    return found | {
        row["Id"]: " ".join([*words[metric], *_asked(row, metric, rows)]) for row, metric in rows
    }


def _words(rows: list[_Row]) -> dict[Metric, list[str]]:
    metrics = [metric for _, metric in rows]
    spaces = len({metric.namespace for metric in metrics}) > 1
    names = len({metric.name for metric in metrics}) > 1
    values = [dict(metric.dimensions) for metric in metrics]
    keys = sorted({key for one in values for key in one})
    telling = [key for key in keys if len({one.get(key) for one in values}) > 1]
    words = {}
    for metric in metrics:
        mine = dict(metric.dimensions)
        parts = [metric.namespace] if spaces else []
        parts += [mine[key] for key in telling if key in mine]
        words[metric] = [*parts, metric.name] if names or not parts else parts
    return words


def _asked(row: Request, metric: Metric, rows: list[_Row]) -> list[str]:
    stats = [other["MetricStat"] for other, same in rows if same == metric]
    mine: dict[str, Any] = row["MetricStat"]
    return [str(mine[key]) for key in ("Stat", "Period") if len({one[key] for one in stats}) > 1]
