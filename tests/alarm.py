"""An alarm for tests that need there to be one: it rings when a minute's sum is above 1."""

from __future__ import annotations

from typing import Any

ALARM: dict[str, Any] = {
    "AlarmName": "a",
    "MetricName": "M",
    "Namespace": "N",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanThreshold",
}
"""What PutMetricAlarm is asked for."""
