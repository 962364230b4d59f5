"""CloudWatch metrics: which there are, and their statistics per period.

Whoever measures puts samples in, already added up per minute (``streams/metrics.py``) or as a
caller of PutMetricData sends them. Percentiles are kept of the latter alone (``percentiles``): what
services measure is four numbers a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.series import Kept, Pairs, Point, Series
from kinesis_sim.arguments import said, whole
from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.instants import DAY, MINUTE, to_datetime

if TYPE_CHECKING:
    import pandas

Dimensions = tuple[tuple[str, str], ...]
STATISTICS = ("Minimum", "Maximum", "Average", "Sum", "SampleCount")
RECENT_MS = 14 * DAY
"""ListMetrics leaves out what has not reported for two weeks (botocore cloudwatch ListMetrics)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's identity. dimensions: sorted pairs of name and value."""

    namespace: str
    name: str
    dimensions: Dimensions = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Iterable[tuple[str, str]]) -> Metric:
        """A metric whose dimensions come in any order."""
        return cls(namespace, name, tuple(sorted(dimensions)))


def has_percentiles(namespace: str) -> bool:
    """Whether values of its metrics are kept one by one: those that callers put.

    What the services measure is kept as sums of a minute (model's choice).
    """
    return not namespace.startswith("AWS/")


class Metrics:
    """All metrics of one account in one Region.

    now: tells the simulated time (epoch ms). Before every question those who measure are asked to
    hand in what they have (``before_reading``).
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._series: dict[Metric, dict[str, Series]] = {}
        self._sources: list[Callable[[], None]] = []

    def before_reading(self, catch_up: Callable[[], None]) -> None:
        """Have ``catch_up`` called before anything is read."""
        self._sources.append(catch_up)

    def put(
        self,
        metric: Metric,
        unit: str,
        at: int,
        low: float,
        high: float,
        total: float,
        count: float,
    ) -> None:
        """Add samples that were taken in the minute of ``at`` (epoch ms)."""
        self._of(metric, unit).add(at, low, high, total, count)

    def run(
        self, metric: Metric, unit: str, since: int, every: int, count: int, value: float
    ) -> None:
        """Add ``count`` samples of one value, from ``since`` (epoch ms) on, ``every`` ms apart."""
        self._of(metric, unit).run(since, every, count, value)

    def minute(
        self, metric: Metric, unit: str, at: int
    ) -> tuple[float, float, float, float, Pairs | None]:
        """Low, high, total, count and bins of a minute to which something was just added.

        at: epoch ms. Raises LookupError when nothing was.
        """
        return self._series[metric][unit].minute(at)

    def put_back(self, metric: Metric, unit: str, rows: Iterable[Kept]) -> None:
        """Have minutes be again what ``minute`` said of them: each with its beginning (ms) first.

        In the order in which they were added to first.
        """
        series = self._of(metric, unit)
        for row in rows:
            series.put_back(row)

    def _of(self, metric: Metric, unit: str) -> Series:
        units = self._series.get(metric)
        if units is None:
            units = self._series[metric] = {}
        series = units.get(unit)
        if series is None:
            series = units[unit] = Series(has_percentiles(metric.namespace))
        return series

    def points(
        self, metric: Metric, start: int, end: int, period: int, unit: str | None = None
    ) -> list[tuple[str, Point]]:
        """Points with their unit, oldest first; see ``Series.points``. Times: ms.

        unit: None for every unit there is, each with points of its own.
        """
        self._catch_up()
        units = self._series.get(metric, {})
        asked = units if unit is None else {unit: units[unit]} if unit in units else {}
        found = [
            (name, point)
            for name, series in asked.items()
            for point in series.points(start, end, period, self._now())
        ]
        return sorted(found, key=lambda row: row[1].at)

    def units(self, metric: Metric) -> tuple[str, ...]:
        """The units in which a metric was reported."""
        return tuple(self._series.get(metric, ()))

    def known(
        self,
        namespace: str | None = None,
        name: str | None = None,
        dimensions: Iterable[tuple[str, str | None]] = (),
        since: int | None = None,
    ) -> list[Metric]:
        """Metrics that fit, by namespace, name and dimensions.

        dimensions: what a metric must have, value None for any. since: epoch ms of the oldest last
        report.
        """
        self._catch_up()
        asked = list(dimensions)
        found = [
            metric
            for metric, units in self._series.items()
            if namespace in (None, metric.namespace)
            and name in (None, metric.name)
            and _has(dict(metric.dimensions), asked)
            and (since is None or any(series.newest >= since for series in units.values()))
        ]
        return sorted(found, key=lambda m: (m.namespace, m.name, m.dimensions))

    def recent(self) -> int:
        """The instant (epoch ms) after which a metric must have reported to be listed."""
        return self._now() - RECENT_MS

    def table(
        self, namespace: str | None, period: int, dimensions: Mapping[str, str], name: str | None
    ) -> Iterator[dict[str, Any]]:
        """One row per metric, unit and period of ``period`` ms, oldest first in each metric."""
        end = self._now() + period
        for metric in self.known(namespace, name, dimensions.items()):
            for unit, point in self.points(metric, 0, end, period):
                yield {
                    "time": to_datetime(point.at),
                    "namespace": metric.namespace,
                    "metric": metric.name,
                    **dict(metric.dimensions),
                    **{statistic: point.statistic(statistic) for statistic in STATISTICS},
                    "Unit": unit,
                }

    def _catch_up(self) -> None:
        for catch_up in self._sources:
            catch_up()


def _has(dimensions: dict[str, str], asked: Iterable[tuple[str, str | None]]) -> bool:
    return all(key in dimensions and value in (None, dimensions[key]) for key, value in asked)


def frame(
    metrics: Metrics,
    namespace: str | None,
    *,
    metric: str | None,
    period: int,
    dimensions: Mapping[str, str],
) -> pandas.DataFrame:
    """The table as a DataFrame, columns in a fixed order; dimensions a metric lacks are empty.

    period: seconds. Raises MissingPackage without pandas, UsageError for a period that is no
    multiple of 60.
    """
    try:
        import pandas
    except ImportError:
        raise MissingPackage('sim.metrics needs pandas: pip install "kinesis-lab[lab]"') from None
    whole("period", period)
    if period <= 0 or period * 1000 % MINUTE:
        raise UsageError(f"period={said(period)}: give a multiple of 60 seconds.")
    rows = list(metrics.table(namespace, period * 1000, dimensions, metric))
    first, last = ["time", "namespace", "metric"], [*STATISTICS, "Unit"]
    between = sorted({key for row in rows for key in row} - {*first, *last})
    table = pandas.DataFrame(rows, columns=[*first, *between, *last])
    table["time"] = pandas.to_datetime(table["time"], utc=True)
    return table.fillna(dict.fromkeys(between, ""))
