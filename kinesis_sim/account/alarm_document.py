"""An alarm as others are told of it: its history as a document, Lambda functions as an event.

Shapes: HistoryData and events recorded 2026-09-14 (radkawar/stackd, alarm_controls,
alarm_delivery, alarm_idempotence, alarm_namespaces).
"""

from __future__ import annotations

import json
from typing import Any

from kinesis_sim.account.alarm import Alarm
from kinesis_sim.account.alarm_words import instant
from kinesis_sim.account.identifiers import uuid_of

_ONE_METRIC = {"Namespace": "namespace", "MetricName": "metricName", "Unit": "unit"}
_RULE = {
    "ComparisonOperator": "comparisonOperator",
    "EvaluationPeriods": "evaluationPeriods",
    "DatapointsToAlarm": "datapointsToAlarm",
    "TreatMissingData": "treatMissingData",
}
_STAMP = "alarmConfigurationUpdatedTimestamp"


def document(alarm: Alarm) -> dict[str, Any]:
    """An alarm's configuration and state as HistoryData has them."""
    settings = alarm.settings
    told: dict[str, Any] = {"alarmName": alarm.name}
    if settings.get("AlarmDescription") is not None:
        told["alarmDescription"] = settings["AlarmDescription"]
    told |= {"alarmArn": alarm.arn, _STAMP: instant(alarm.updated_at), **_watched(settings)}
    told["threshold"] = float(settings["Threshold"])
    told |= {name: settings[key] for key, name in _RULE.items() if key in settings}
    return told | {
        "stateValue": alarm.state.value,
        "stateUpdatedTimestamp": instant(alarm.state_updated_at),
        "actionsEnabled": alarm.acts,
        "alarmActions": settings.get("AlarmActions") or [],
        "insufficientDataActions": settings.get("InsufficientDataActions") or [],
        "okactions": settings.get("OKActions") or [],
    }


def _watched(settings: dict[str, Any]) -> dict[str, Any]:
    if settings.get("Metrics"):
        return {"dimensions": [], "metrics": [_query(row) for row in settings["Metrics"]]}
    return {
        **{name: settings[key] for key, name in _ONE_METRIC.items() if settings.get(key)},
        "extendedStatistic": settings["Statistic"].upper(),
        "period": settings["Period"],
        "dimensions": _dimensions(settings),
    }


def _dimensions(metric: dict[str, Any]) -> list[dict[str, str]]:
    pairs = metric.get("Dimensions") or ()
    return [{"value": pair["Value"], "name": pair["Name"]} for pair in pairs]


def _query(row: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"id": row["Id"]}
    told |= {
        name: row[key]
        for key, name in (("Expression", "expression"), ("Label", "label"), ("Period", "period"))
        if row.get(key) is not None
    }
    stat = row.get("MetricStat")
    if stat is not None:
        metric = stat["Metric"]
        named = {
            "dimensions": _dimensions(metric),
            "metricName": metric.get("MetricName"),
            "namespace": metric.get("Namespace"),
        }
        told["metricStat"] = _stat(stat, named)
    return told | {"returnData": row.get("ReturnData", True)}


def _stat(stat: dict[str, Any], metric: dict[str, Any]) -> dict[str, Any]:
    unit = {"unit": stat["Unit"]} if stat.get("Unit") else {}
    return {"metric": metric, "period": stat["Period"], "stat": stat["Stat"], **unit}


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """HistoryData of an update: the alarm as it is, and what it was where that has changed.

    A member that was not there before is not told of.
    """
    original = {name: value for name, value in before.items() if after.get(name) != value}
    return {"type": "Update", "updatedAlarm": after, "originalUpdatedFields": original}


# --- events ---------------------------------------------------------------------------------------


def configuration(alarm: Alarm) -> dict[str, Any]:
    """What an alarm watches, as events say it; a metric without a query's Id gets a UUID for one.

    The UUID stays while actions are switched off and on, and is another after a change (recorded).
    """
    queries, _ = alarm.watched
    told: dict[str, Any] = {"metrics": [_event_query(alarm, row) for row in queries]}
    if alarm.settings.get("AlarmDescription") is not None:
        told["description"] = alarm.settings["AlarmDescription"]
    return told


def _event_query(alarm: Alarm, row: dict[str, Any]) -> dict[str, Any]:
    told = _query(row)
    if not alarm.settings.get("Metrics"):
        kept = {name: value for name, value in alarm.settings.items() if name != "ActionsEnabled"}
        told["id"] = uuid_of(alarm.arn + json.dumps(kept))
    stat = row.get("MetricStat")
    if stat is not None:
        metric = stat["Metric"]
        pairs = metric.get("Dimensions") or ()
        named = {
            "namespace": metric.get("Namespace"),
            "name": metric.get("MetricName"),
            "dimensions": {pair["Name"]: pair["Value"] for pair in pairs},
        }
        told["metricStat"] = _stat(stat, named)
    return told


def state(value: str, reason: str, data: str, at: int) -> dict[str, Any]:
    """A state, this one or the one before, as events say it. at: epoch ms."""
    told = {"value": value, "reason": reason}
    if data:
        told["reasonData"] = data
    return {**told, "timestamp": instant(at)}


def acted(arn: str, at: int, error: str) -> dict[str, Any]:
    """HistoryData of an action that ran for the state that was entered ``at`` (epoch ms).

    Recorded of Lambda functions; what was published to a topic is not told (model's choice).
    """
    return {
        "actionState": "Failed" if error else "Succeeded",
        "stateUpdateTimestamp": at,
        "notificationResource": arn,
        "publishedMessage": None,
        "error": error or None,
        "muteWindowEndTimestamp": None,
    }
