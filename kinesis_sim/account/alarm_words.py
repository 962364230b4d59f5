"""Why an alarm is in a state, in CloudWatch's words: the reason's text, and its data.

Source: StateReason and StateReasonData as they were recorded (localstack/localstack, snapshots of
2025-09-19 and 2026-02-26) and as alarms' messages quote them (2019 to 2026; facts/data-streams
§7). An alarm with DatapointsToAlarm says how many of how many; one without counts data points.
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.account.alarm_rules import COMPARISONS
from kinesis_sim.account.states import AlarmState
from kinesis_sim.instants import to_datetime

TREATED = {
    "breaching": "Breaching",
    "notBreaching": "NonBreaching",
    "ignore": "Ignored",
    "missing": "Missing",
}
Seen = list[tuple[int, float | None]]
"""The data points of an evaluation's periods, oldest first: when each began (epoch ms), its value
or None for a missing one."""


def instant(ms: int) -> str:
    """As the reason's data writes instants: ``2026-01-01T00:00:00.000+0000``."""
    return to_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def reason(settings: dict[str, Any], state: AlarmState, seen: Seen) -> str:
    """The text for a state that an alarm with these settings went to on what it saw."""
    real = [(at, value) for at, value in reversed(seen) if value is not None]
    missing = len(seen) - len(real)
    if state is AlarmState.INSUFFICIENT_DATA:
        return f"Insufficient Data: {_points(missing)} {_were(missing)} unknown."
    if not real:
        return (
            f"Threshold Crossed: no datapoints were received for {_count(len(seen), 'period')} "
            f"and {_treated(settings, missing)}."
        )
    crossed = "" if state is AlarmState.ALARM else "not "
    breaches = COMPARISONS[settings["ComparisonOperator"]][0]
    told = real
    many = settings.get("DatapointsToAlarm")
    if many is not None:
        told = [
            row
            for row in real
            if breaches(row[1], settings["Threshold"]) is (state is AlarmState.ALARM)
        ] or real
    points = ", ".join(f"{float(value)!r} ({_day(at)})" for at, value in told)
    compared = (
        f"{_were(len(told))} {crossed}{COMPARISONS[settings['ComparisonOperator']][1]} "
        f"the threshold ({float(settings['Threshold'])!r})"
    )
    if many is not None:
        return (
            f"Threshold Crossed: {len(told)} out of the last {len(seen)} datapoints [{points}] "
            f"{compared} ({_least(many, len(seen), state)})."
        )
    rest = f" and {_treated(settings, missing)}" if missing else ""
    return f"Threshold Crossed: {_points(len(told))} [{points}] {compared}{rest}."


def data(
    settings: dict[str, Any],
    state: AlarmState,
    seen: Seen,
    counts: dict[int, float],
    period_s: int,
    now: int,
) -> dict[str, Any]:
    """StateReasonData. counts: the samples of the periods that have some, by their beginning.

    An alarm with DatapointsToAlarm evaluates those that led to its state, and as many missing ones
    as are wanting (recorded 2026-09-14, radkawar/stackd, alarm_evaluation).
    """
    real = [(at, value) for at, value in seen if value is not None]
    told: dict[str, Any] = {"version": "1.0", "queryDate": instant(now)}
    if real:
        told["startDate"] = instant(real[0][0])
    if settings.get("Unit"):
        told["unit"] = settings["Unit"]
    if settings.get("Statistic"):
        told["statistic"] = settings["Statistic"]
    told |= {
        "period": period_s,
        "recentDatapoints": [value for _, value in real],
        "threshold": float(settings["Threshold"]),
        "evaluatedDatapoints": [
            _evaluated(at, value, counts) for at, value in reversed(_leading(settings, state, seen))
        ],
    }
    return told


def _leading(settings: dict[str, Any], state: AlarmState, seen: Seen) -> Seen:
    many = settings.get("DatapointsToAlarm")
    if many is None:
        return seen
    breaches = COMPARISONS[settings["ComparisonOperator"]][0]
    alarming = state is AlarmState.ALARM
    told = [
        row
        for row in seen
        if row[1] is not None and breaches(row[1], settings["Threshold"]) is alarming
    ]
    least = len(seen) - many + 1 if state is AlarmState.OK else many
    gaps = [row for row in seen if row[1] is None]
    wanted = max(0, least - len(told))
    return sorted([*told, *gaps[len(gaps) - wanted :]]) if wanted <= len(gaps) else seen


def _evaluated(at: int, value: float | None, counts: dict[int, float]) -> dict[str, Any]:
    told: dict[str, Any] = {"timestamp": instant(at)}
    if at in counts:
        told["sampleCount"] = counts[at]
    return told if value is None else {**told, "value": value}


def _least(many: int, periods: int, state: AlarmState) -> str:
    least, way = many, "OK -> ALARM"
    if state is AlarmState.OK:
        least, way = periods - many + 1, "ALARM -> OK"
    return f"minimum {_points(least)} for {way} transition"


def _treated(settings: dict[str, Any], missing: int) -> str:
    treatment = TREATED[settings.get("TreatMissingData") or "missing"]
    return f"{_count(missing, 'missing datapoint')} {_were(missing)} treated as [{treatment}]"


def _points(number: int) -> str:
    return _count(number, "datapoint")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _day(ms: int) -> str:
    return to_datetime(ms).strftime("%d/%m/%y %H:%M:%S")
