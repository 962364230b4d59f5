"""When an alarm is in which state: a pure function of its last data points.

Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data" (its two
tables are this module's tests). What the guide leaves open is this model's choice: the evaluation
range is two periods longer than EvaluationPeriods (as in its examples), and a young breaching
point among missing ones leaves the state as it is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from kinesis_sim.account.states import AlarmState

MORE_PERIODS = 2
"""How many periods more than EvaluationPeriods are looked at, in case some are missing."""

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")


def verdict(
    breaches: Sequence[bool | None], periods: int, to_alarm: int, treatment: str, now: AlarmState
) -> AlarmState:
    """The state after looking at an evaluation range.

    breaches: oldest first; None is a missing point. periods, to_alarm: N and M of "M out of N".
    treatment: one of TREATMENTS. now: the state the alarm is in.
    """
    real = [breach for breach in breaches if breach is not None]
    if len(real) >= periods:
        return _alarm_if(sum(real[-periods:]) >= to_alarm)
    if treatment == "breaching":
        return _alarm_if(sum(real) + periods - len(real) >= to_alarm)
    if treatment == "notBreaching" or not all(real):
        return _alarm_if(sum(real) >= to_alarm)
    if not real:
        return now if treatment == "ignore" else AlarmState.INSUFFICIENT_DATA
    return _only_breaching(breaches, len(real), to_alarm, treatment, now)


def _only_breaching(
    breaches: Sequence[bool | None], real: int, to_alarm: int, treatment: str, now: AlarmState
) -> AlarmState:
    """Some points breach and all others are missing: an alarm if they are enough, or old enough."""
    age_of_oldest = len(breaches) - list(breaches).index(True)
    if real >= to_alarm:
        return AlarmState.ALARM
    if treatment == "missing" and age_of_oldest >= to_alarm:
        return AlarmState.ALARM
    return now


def _alarm_if(alarming: bool) -> AlarmState:
    return AlarmState.ALARM if alarming else AlarmState.OK
