"""PutMetricData: a caller's own data points (botocore cloudwatch).

Which are taken, and AWS's words for those that are not: recorded 2026-09-14 (radkawar/stackd,
testdata/aws/cloudwatch/metrics.json) and 2025-09-19 (LocalStack).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.cloudwatch.refusals import invalid_combination, invalid_value
from kinesis_sim.account.cloudwatch.room import CloudWatch
from kinesis_sim.account.metrics import Metric, Metrics
from kinesis_sim.account.queries import metric_of
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import DAY, HOUR, MINUTE
from kinesis_sim.journal.folding import MINUTES
from kinesis_sim.journal.images import Effect

_LARGEST = 2.0**360
RESOLUTIONS = (1, 60)
ENTITY_TYPES = ("Service", "RemoteService", "AWS::Service", "Resource", "AWS::Resource")
"""Types of entities that a strict call takes: those of CloudWatch's guide (related telemetry)."""
Sample = tuple[float, float, float, float]
"""Lowest, highest, total and count of a datum."""


def put_metric_data(watch: CloudWatch, request: Request) -> Request:
    """Keep a caller's own data points; they are not stored unless all are good.

    Raises InvalidParameterValue for a namespace of AWS's, a timestamp over two weeks old or two
    hours ahead, or a value beyond ±2^360; MissingParameter for no datum;
    InvalidParameterCombination for a datum without, or with more than one kind of, values. Entities
    are taken and forgotten. Of a resolution of a second, the minutes are kept.
    """
    namespace = request["Namespace"]
    if namespace.startswith("AWS/"):
        raise invalid_value("The value AWS/ for parameter Namespace is invalid.")
    rows = dict(_rows(request))
    if not rows:
        raise ServiceError(
            "MissingParameter", "At least one MetricDatum object must be present in the request."
        )
    now = watch.clock.now
    samples = [(row, _taken(row, now, where), _sample(row, where)) for where, row in rows.items()]
    put = list[tuple[Metric, str, int]]()
    for row, at, sample in samples:
        if sample:
            metric, unit = metric_of({**row, "Namespace": namespace}), row.get("Unit") or "None"
            for one in sample:
                watch.metrics.put(metric, unit, at, *one)
            put.append((metric, unit, at))
    if watch.alarms.is_stirred:
        watch.events.found(lambda: _left(watch.metrics, put))
    watch.alarms.stir()
    return {}


def _left(metrics: Metrics, put: list[tuple[Metric, str, int]]) -> Effect | None:
    """What a call left (``journal/folding``), where that can be told."""
    try:
        return [MINUTES, "cloudwatch", "PutMetricData", [_image(metrics, *each) for each in put]]
    except LookupError:
        return None


def _image(metrics: Metrics, metric: Metric, unit: str, at: int) -> list[Any]:
    named = [metric.namespace, metric.name, [list(pair) for pair in metric.dimensions], unit]
    return [named, at - at % MINUTE, *metrics.minute(metric, unit, at)]


def put_back(watch: CloudWatch, rows: list[Any]) -> None:
    """Have again what many calls left: the last of each minute (``journal/folding``)."""
    for namespace, name, dimensions, unit, minutes, *images in rows:
        pairs = tuple((key, value) for key, value in dimensions)
        of_minutes = zip(minutes, *images, strict=True)
        watch.metrics.put_back(Metric(namespace, name, pairs), unit, of_minutes)


def _rows(request: Request) -> Iterator[tuple[str, Request]]:
    """Every datum with its place, as refusals name it."""
    for place, row in enumerate(request.get("MetricData") or (), 1):
        yield f"MetricData.member.{place}", row
    entities = request.get("EntityMetricData")
    strict = request.get("StrictEntityValidation")
    if entities is not None and strict is None:
        raise invalid_combination(
            "Field StrictEntityValidation is required when setting EntityMetricData"
        )
    for number, one in enumerate(entities or (), 1):
        keys = (one.get("Entity") or {}).get("KeyAttributes") or {}
        if strict and keys.get("Type") not in ENTITY_TYPES:
            raise invalid_value("InvalidTypeValue: Unknown entity type")
        for place, row in enumerate(one.get("MetricData") or (), 1):
            yield f"EntityMetricData.member.{number}.MetricData.member.{place}", row


def _taken(row: Request, now: int, where: str) -> int:
    """When a datum was taken (epoch ms), once its resolution and dimensions are good."""
    at = row.get("Timestamp")
    if at is None:
        at = now
    if at < now - 14 * DAY:
        raise invalid_value(
            f"The parameter {where}.Timestamp must specify a time within the past two weeks."
        )
    if at > now + 2 * HOUR:
        raise invalid_value(
            f"The parameter {where}.Timestamp must specify a time no more than two hours in the "
            "future."
        )
    if row.get("StorageResolution", 60) not in RESOLUTIONS:
        raise invalid_value(
            f"The parameter {where}.StorageResolution must be a value in the set [ 1, 60 ]."
        )
    names = [pair["Name"] for pair in row.get("Dimensions") or ()]
    if len(names) != len(set(names)):
        raise invalid_value("No metric may specify the same dimension name twice.")
    return int(at)


def _sample(row: Request, where: str) -> list[Sample]:
    """What a datum says: samples, each of values that are alike, or of a statistic set.

    A Value stands alone; StatisticValues beside Values are taken, and count (recorded; which of the
    two counts is the model's choice).
    """
    given = [name for name in ("Value", "StatisticValues", "Values") if row.get(name) is not None]
    if not given:
        raise invalid_combination(
            "The parameter values must appears when the counts parameter is specified."
            if row.get("Counts") is not None
            else "At least one of the parameters must be specified."
        )
    if given[0] == "Value":
        if len(given) > 1:
            other = "Values" if "Values" in given else given[1]
            raise invalid_combination(
                f"The parameters {where}.Value and {where}.{other} are mutually exclusive and you "
                "have specified both."
            )
        value = _number(row["Value"], f"{where}.Value")
        return [(value, value, value, 1)]
    if given[0] == "StatisticValues":
        return [_statistics(row["StatisticValues"], f"{where}.StatisticValues")]
    return _values(row, where)


def _statistics(kept: Request, where: str) -> Sample:
    low, high, total, count = (
        _number(kept[name], f"{where}.{name}")
        for name in ("Minimum", "Maximum", "Sum", "SampleCount")
    )
    if count <= 0:
        raise invalid_value(f"The parameter {where}.SampleCount must be greater than 0.")
    if low > high:
        raise invalid_value(f"The parameter {where}.Maximum must be greater than {where}.Minimum.")
    return low, high, total, count


def _values(row: Request, where: str) -> list[Sample]:
    """Values and how often each; one that counts nothing is left out (model's choice)."""
    values = [_number(value, f"{where}.Values") for value in row["Values"]]
    counts = [1.0] * len(values) if row.get("Counts") is None else list(row["Counts"])
    if len(counts) != len(values):
        raise invalid_value(
            f"The parameters {where}.Values and {where}.Counts must be of the same size."
        )
    if not values:
        raise invalid_combination("At least one of the parameters must be specified.")
    if not min(counts) >= 0:
        raise invalid_value(
            f"The parameter {where}.Counts must contain only values greater than 0."
        )
    counted = [(value, count) for value, count in zip(values, counts, strict=True) if count]
    _number(sum(value * count for value, count in counted), f"{where}.Values")
    _number(sum(count for _, count in counted), f"{where}.Counts")
    return [(value, value, value * count, count) for value, count in counted]


def _number(value: float, where: str) -> float:
    """A number that may be kept: between -2^360 and 2^360."""
    if not abs(value) <= _LARGEST:
        raise invalid_value(f"The value {_as_java(value)} for parameter {where} is invalid.")
    return value


def _as_java(value: float) -> str:
    """A number beyond what is kept as AWS writes it: ``4.6970851655476665E108``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    digits, _, power = f"{float(value)!r}".partition("e+")
    return f"{digits if '.' in digits else f'{digits}.0'}E{power}"
