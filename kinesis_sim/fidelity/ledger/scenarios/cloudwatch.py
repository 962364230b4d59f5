"""CloudWatch: alarms that are not there, tokens nobody made, and numbers that make no sense."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kinesis_sim.account.cloudwatch.watches import MOST_ALARMS
from kinesis_sim.fidelity.ledger.stage import Book, Stage, raises

BOOK: Book = {}
STRANGE = "no-such-token"
ABSENT = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:nenhum"
ALARM = {
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "Namespace": "AWS/Kinesis",
    "MetricName": "IncomingRecords",
    "Statistic": "Sum",
    "Period": 60,
}


def _span(stage: Stage) -> dict[str, Any]:
    now = stage.sim.now
    return {"StartTime": now, "EndTime": now.replace(minute=59)}


@raises(BOOK, "ResourceNotFound", "DeleteAlarms")
def delete_nothing(stage: Stage, operation: str) -> None:
    """An alarm that is not there cannot be deleted."""
    stage.call(operation, AlarmNames=["nenhum"])


@raises(BOOK, "ResourceNotFound", "SetAlarmState")
def set_nothing(stage: Stage, operation: str) -> None:
    """An alarm that is not there has no state."""
    stage.call(operation, AlarmName="nenhum", StateValue="OK", StateReason="teste")


@raises(BOOK, "InvalidFormat", "SetAlarmState")
def no_json(stage: Stage, operation: str) -> None:
    """StateReasonData must be JSON."""
    stage.call("PutMetricAlarm", AlarmName="a", **ALARM)
    stage.call(operation, AlarmName="a", StateValue="OK", StateReason="", StateReasonData="{")


@raises(BOOK, "LimitExceeded", "PutMetricAlarm")
def one_alarm_too_many(stage: Stage, operation: str) -> None:
    """The account's alarms are at their quota."""
    for number in range(MOST_ALARMS):
        stage.sim.cloudwatch.alarms.put({**ALARM, "AlarmName": str(number)})
    stage.call(operation, AlarmName="a", **ALARM)


@raises(BOOK, "InvalidNextToken", "DescribeAlarmHistory", "DescribeAlarms")
def strange_page(stage: Stage, operation: str) -> None:
    """A token that no answer gave."""
    stage.call(operation, NextToken=STRANGE)


@raises(BOOK, "InvalidNextToken", "GetMetricData")
def strange_page_of_data(stage: Stage, operation: str) -> None:
    """The same, for data."""
    stage.call(operation, **_span(stage), MetricDataQueries=[], NextToken=STRANGE)


@raises(BOOK, "InvalidParameterValue", "ListMetrics")
def strange_page_of_metrics(stage: Stage, operation: str) -> None:
    """The same, for metrics, under another code."""
    stage.call(operation, NextToken=STRANGE)


@raises(BOOK, "InvalidParameterValue", "GetMetricStatistics")
def odd_period(stage: Stage, operation: str) -> None:
    """A period of 61 seconds."""
    stage.call(operation, **_span(stage), Period=61, Statistics=["Sum"])


@raises(BOOK, "MissingParameter", "GetMetricStatistics")
def no_statistics(stage: Stage, operation: str) -> None:
    """Neither Statistics nor ExtendedStatistics."""
    stage.call(operation, **_span(stage), Period=60)


@raises(BOOK, "InvalidParameterCombination", "GetMetricStatistics")
def too_many_points(stage: Stage, operation: str) -> None:
    """Two days of minutes."""
    since = stage.sim.now - timedelta(days=2)
    stage.call(operation, StartTime=since, EndTime=stage.sim.now, Period=60, Statistics=["Sum"])


@raises(BOOK, "InvalidParameterValue", "PutMetricData")
def namespace_of_aws(stage: Stage, operation: str) -> None:
    """Namespaces that begin with AWS/ are AWS's."""
    stage.call(operation, Namespace="AWS/Kinesis", MetricData=[{"MetricName": "a", "Value": 1}])


@raises(BOOK, "MissingParameter", "PutMetricData")
def no_datum(stage: Stage, operation: str) -> None:
    """A namespace, but nothing to put there."""
    stage.call(operation, Namespace="pedala", MetricData=[])


@raises(BOOK, "InvalidParameterCombination", "PutMetricData")
def datum_with_two_values(stage: Stage, operation: str) -> None:
    """Two kinds of numbers at once."""
    datum = {"MetricName": "a", "Value": 1, "Values": [1.0]}
    stage.call(operation, Namespace="pedala", MetricData=[datum])


@raises(BOOK, "ResourceNotFoundException", "ListTagsForResource", "TagResource", "UntagResource")
def tags_of_nothing(stage: Stage, operation: str) -> None:
    """An alarm that never was has no tags."""
    more: dict[str, dict[str, Any]] = {
        "TagResource": {"Tags": [{"Key": "a", "Value": "b"}]},
        "UntagResource": {"TagKeys": ["a"]},
    }
    stage.call(operation, ResourceARN=ABSENT, **more.get(operation, {}))
