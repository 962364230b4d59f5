"""The check of the lesson on SQL over streams: a forest's columns and a threshold that hold."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from kinesis_sim.analytics.refusals import SqlError, SqlSyntaxError
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.workloads.scenes.fraud_watch import AMOUNT, WatchedDay, watch

ALARMS, FRAUDS = 20, 10
"""What the fraud desk can look at in a day, and wants to find."""
MONDAY, TUESDAY = 0, 1
SELECT = re.compile(r"select\b", re.IGNORECASE)
"""How a whole query begins: the learner writes only a part of one."""


def catch_fraud(columns: Any, threshold: Any) -> Verdict:
    """On two days, one of them unseen, few enough alarms tell enough frauds."""
    if not isinstance(columns, str) or not columns.strip() or SELECT.match(columns.lstrip()):
        return not_yet("no-columns")
    if threshold is None and columns == AMOUNT:  # as the notebook has it
        return not_yet("untouched")
    if isinstance(threshold, bool) or not isinstance(threshold, int | float):
        return not_yet("no-number")
    try:
        monday = watch(columns, day=MONDAY)
    except SqlError as error:
        reason = "syntax" if isinstance(error, SqlSyntaxError) else "sql"
        return not_yet(reason, error=error.problem)
    if wrong := _on(monday, threshold):
        reason, values = wrong
        return not_yet(reason, **values)
    tuesday = watch(columns, day=TUESDAY)
    if wrong := _weighed(tuesday, threshold):
        reason, values = wrong
        alone = reason == "blind" and monday.charges == watch(AMOUNT, day=MONDAY).charges
        return not_yet("amount-alone" if alone else f"tuesday-{reason}", **values)
    return passed(
        alarms=len(monday.alarms(threshold)),
        found=_found(monday, threshold),
        tuesday_alarms=len(tuesday.alarms(threshold)),
        tuesday_found=_found(tuesday, threshold),
    )


def _on(day: WatchedDay, threshold: float) -> tuple[str, dict[str, object]] | None:
    """What is wrong on a day; None when nothing is."""
    if not day.alarms(threshold):
        return "silent", {"highest": round(max(one.score for one in day.charges), 1)}
    return _weighed(day, threshold)


def _weighed(day: WatchedDay, threshold: float) -> tuple[str, dict[str, object]] | None:
    """Whether the alarms of a day are too many, or tell too few frauds; None when neither.

    "blind": too few, and no other threshold would help: the scores tell them apart too badly.
    """
    alarms, found = len(day.alarms(threshold)), _found(day, threshold)
    values: dict[str, object] = {"alarms": alarms, "found": found, "frauds": len(day.frauds)}
    if alarms > ALARMS:
        return "flood", values | {"honest": alarms - found}
    if found < FRAUDS:
        most = _most_found(day)
        reason = "misses" if most >= FRAUDS else "blind"
        return reason, values | {"missed": _most_missed(day, threshold), "most": most}
    return None


def _most_found(day: WatchedDay) -> int:
    """How many frauds the best threshold of a day tells without too many alarms."""
    highest = sorted((charge.score for charge in day.charges), reverse=True)
    return sum(charge.score > highest[ALARMS] for charge in day.frauds)


def _found(day: WatchedDay, threshold: float) -> int:
    return sum(bool(charge.pattern) for charge in day.alarms(threshold))


def _most_missed(day: WatchedDay, threshold: float) -> int:
    """How many frauds of the pattern that is missed most."""
    missed = Counter(charge.pattern for charge in day.frauds if charge.score < threshold)
    return max(missed.values())
