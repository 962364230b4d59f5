"""Alarms through the API (botocore cloudwatch): metric alarms only.

Texts of errors are the model's unless a docstring says otherwise; the states and actions are
those of ``account/alarms.py``.
"""

from __future__ import annotations

from collections.abc import Collection

from kinesis_sim.account.alarm import Alarm
from kinesis_sim.account.calls import Request
from kinesis_sim.account.cloudwatch.refusals import invalid_token
from kinesis_sim.account.cloudwatch.room import CloudWatch
from kinesis_sim.account.paging import cut, question
from kinesis_sim.account.queries import metric_of
from kinesis_sim.account.states import AlarmState
from kinesis_sim.errors import ServiceError

_PAGE = 100
_DEFAULT_PAGE = 50
_MOST_TAGS = 50
MOST_ALARMS = 5_000
"""A quota, so that there is an end (no source found: model's choice, unverified)."""


def put_metric_alarm(watch: CloudWatch, request: Request) -> Request:
    """Create or change an alarm.

    Raises LimitExceeded beyond 5,000 alarms, ValidationError for what cannot be evaluated, and for
    a new alarm's tags what TagResource refuses.
    """
    if request["AlarmName"] not in watch.alarms:
        _check_tags({}, {tag["Key"] for tag in request.get("Tags") or ()})
    if request["AlarmName"] not in watch.alarms and len(list(watch.alarms)) >= MOST_ALARMS:
        raise ServiceError("LimitExceeded", f"An account has at most {MOST_ALARMS} alarms.")
    watch.alarms.put(request)
    return {}


def describe_alarms(watch: CloudWatch, request: Request) -> Request:
    """Metric alarms by name, at most 100 a page. Raises InvalidNextToken."""
    names, prefix = request.get("AlarmNames"), request.get("AlarmNamePrefix")
    state, action = request.get("StateValue"), request.get("ActionPrefix")
    types = request.get("AlarmTypes") or ["MetricAlarm"]
    related = request.get("ChildrenOfAlarmName") or request.get("ParentsOfAlarmName")
    found = [
        alarm
        for alarm in watch.alarms
        if "MetricAlarm" in types
        and not related
        and (not names or alarm.name in names)
        and (prefix is None or alarm.name.startswith(prefix))
        and (state is None or alarm.state.value == state)
        and (action is None or _has_action(alarm, action))
    ]
    rows, token = _page(found, request)
    answer: Request = {"MetricAlarms": [alarm.row() for alarm in rows]}
    answer |= {"CompositeAlarms": [], "LogAlarms": []}
    return answer if token is None else {**answer, "NextToken": token}


def _page(found: list[Alarm], request: Request) -> tuple[list[Alarm], str | None]:
    refuse = invalid_token()
    most = min(request.get("MaxRecords") or _DEFAULT_PAGE, _PAGE)
    asked = question(request, "DescribeAlarms", "MaxRecords", "NextToken")
    token = request.get("NextToken")
    return cut(found, most, token, refuse, question=asked, key=lambda alarm: alarm.name)


def _has_action(alarm: Alarm, prefix: str) -> bool:
    members = ("OKActions", "AlarmActions", "InsufficientDataActions")
    actions = [action for member in members for action in alarm.settings.get(member) or ()]
    return any(action.startswith(prefix) for action in actions)


def describe_alarms_for_metric(watch: CloudWatch, request: Request) -> Request:
    """The alarms that watch one metric (those on expressions not among them)."""
    metric, given = metric_of(request), ("Statistic", "Period", "Unit")
    found = [
        alarm.row()
        for alarm in watch.alarms
        if not alarm.settings.get("Metrics")
        and metric_of(alarm.settings) == metric
        and all(request.get(key) in (None, alarm.settings.get(key)) for key in given)
    ]
    return {"MetricAlarms": found}


def describe_alarm_history(watch: CloudWatch, request: Request) -> Request:
    """What happened to alarms, newest first unless ScanBy says otherwise; nothing of other types.

    Raises InvalidNextToken.
    """
    name, kind = request.get("AlarmName"), request.get("HistoryItemType")
    start, end = request.get("StartDate"), request.get("EndDate")
    types = request.get("AlarmTypes") or ["MetricAlarm"]
    entries = [
        entry
        for entry in watch.alarms.history
        if "MetricAlarm" in types
        and name in (None, entry.alarm)
        and kind in (None, entry.kind)
        and (start is None or entry.at >= start)
        and (end is None or entry.at <= end)
    ]
    if request.get("ScanBy") != "TimestampAscending":
        entries.reverse()
    refuse = invalid_token()
    most = min(request.get("MaxRecords") or _PAGE, _PAGE)
    rows, token = cut(
        entries,
        most,
        request.get("NextToken"),
        refuse,
        question=question(request, "DescribeAlarmHistory", "MaxRecords", "NextToken"),
        key=lambda entry: (entry.at, entry.alarm, entry.kind, entry.summary, entry.data),
    )
    items = [
        {
            "AlarmName": entry.alarm,
            "AlarmType": "MetricAlarm",
            "Timestamp": entry.at,
            "HistoryItemType": entry.kind,
            "HistorySummary": entry.summary,
            "HistoryData": entry.data,
        }
        for entry in rows
    ]
    answer: Request = {"AlarmHistoryItems": items}
    return answer if token is None else {**answer, "NextToken": token}


def delete_alarms(watch: CloudWatch, request: Request) -> Request:
    """Delete alarms. Raises ResourceNotFound when the only name given is not there."""
    watch.alarms.delete(request["AlarmNames"])
    return {}


def set_alarm_state(watch: CloudWatch, request: Request) -> Request:
    """Put an alarm into a state until its next evaluation, at the end of the minute at the latest.

    Raises ResourceNotFound, and InvalidFormat for StateReasonData that is not JSON.
    """
    data = request.get("StateReasonData") or ""
    _check_json(data)
    watch.alarms.set_state(
        request["AlarmName"], AlarmState(request["StateValue"]), request["StateReason"], data
    )
    return {}


def _check_json(text: str) -> None:
    import json

    try:
        json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise ServiceError("InvalidFormat", "StateReasonData is not valid JSON.") from None


def enable_alarm_actions(watch: CloudWatch, request: Request) -> Request:
    """Have alarms act again; names that are not there are passed over."""
    watch.alarms.enable(request["AlarmNames"], True)
    return {}


def disable_alarm_actions(watch: CloudWatch, request: Request) -> Request:
    """Have alarms change state without acting; names that are not there are passed over."""
    watch.alarms.enable(request["AlarmNames"], False)
    return {}


# --- tags -----------------------------------------------------------------------------------------


def _tagged(watch: CloudWatch, arn: str) -> Alarm:
    try:
        return watch.alarms.by_arn(arn)
    except ServiceError:
        raise ServiceError("ResourceNotFoundException", f"There is no alarm {arn}.", 404) from None


def tag_resource(watch: CloudWatch, request: Request) -> Request:
    """Put tags on an alarm.

    Raises ResourceNotFoundException, AccessDenied for keys that are AWS's own, and ValidationError
    for more than 50 in all (recorded 2026-09-14, radkawar/stackd, alarm_controls).
    """
    tags = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    alarm = _tagged(watch, request["ResourceARN"])
    _check_tags(alarm.tags, tags.keys())
    alarm.tags.update(tags)
    return {}


def _check_tags(kept: dict[str, str], keys: Collection[str]) -> None:
    if any(key.lower().startswith("aws:") for key in keys):
        text = 'The provided tag keys must not start with any case of "aws:"'
        raise ServiceError("AccessDenied", text, 403)
    if len({*kept, *keys}) > _MOST_TAGS:
        raise ServiceError(
            "ValidationError",
            f"The resultant tag set must not have more than {_MOST_TAGS} user tags.",
        )


def untag_resource(watch: CloudWatch, request: Request) -> Request:
    """Take tags off an alarm. Raises ResourceNotFoundException."""
    tags = _tagged(watch, request["ResourceARN"]).tags
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags_for_resource(watch: CloudWatch, request: Request) -> Request:
    """The tags of an alarm; none of one that was deleted (recorded 2026-02-17, LocalStack).

    Raises ResourceNotFoundException for one that never was (recorded 2026-09-14, radkawar/stackd).
    """
    arn = request["ResourceARN"]
    if any(arn.endswith(f":alarm:{entry.alarm}") for entry in watch.alarms.history):
        found = [alarm.tags for alarm in watch.alarms if alarm.arn == arn]
    else:
        found = [_tagged(watch, arn).tags]
    tags = found[0] if found else {}
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
