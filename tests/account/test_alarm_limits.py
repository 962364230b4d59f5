"""How far alarms go: what is looked at, how many there may be, and what is kept of them."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from tests.account.test_alarms import ALARM, put, state, write
from tests.account.test_alarms import sim as sim


def described(sim: Simulator, **request: Any) -> dict[str, Any]:
    answer = sim.gate.call("cloudwatch", "DescribeAlarms", request)
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize(("empty_minutes", "becomes"), [(2, "ALARM"), (3, "INSUFFICIENT_DATA")])
def test_two_periods_more_are_looked_at(sim: Simulator, empty_minutes: int, becomes: str) -> None:
    """An old breach counts while it is among the last four periods of an alarm of two."""
    write(sim, 9)
    sim.advance(minutes=empty_minutes)
    put(sim, TreatMissingData="missing")
    sim.advance(minutes=1)
    assert state(sim).name == becomes


def test_an_account_has_5000_alarms_of_which_a_page_is_50(sim: Simulator) -> None:
    for number in range(5_000):
        put(sim, AlarmName=f"a{number:04}")
    with pytest.raises(ServiceError, match="at most 5000 alarms"):
        put(sim, AlarmName="one-more")
    put(sim, AlarmName="a0000", Threshold=6.0)  # a change is none more
    page = described(sim)
    assert len(page["MetricAlarms"]) == 50
    assert page["NextToken"]


def test_the_last_10000_items_of_history_are_kept(sim: Simulator) -> None:
    for number in range(10_001):
        put(sim, Threshold=float(number))
    history = sim.cloudwatch.alarms.history
    assert len(history) == 10_000
    assert ALARM["AlarmName"] in history[0].summary
    assert "updated" in history[0].summary  # that it was created is forgotten


@pytest.mark.parametrize(
    ("period", "most"), [(60, 1440), (1800, 48), (3540, 24), (3600, 168), (86_400, 7)]
)
def test_an_evaluation_spans_a_day_or_seven_of_periods_from_an_hour(
    sim: Simulator, period: int, most: int
) -> None:
    put(sim, Period=period, EvaluationPeriods=most, DatapointsToAlarm=1)
    with pytest.raises(ServiceError, match="ask for fewer"):
        put(sim, Period=period, EvaluationPeriods=most + 1, DatapointsToAlarm=1)


@pytest.mark.parametrize("given", ["Missing", "NotBreaching", "none"])
def test_a_treatment_that_there_is_not_is_refused(sim: Simulator, given: str) -> None:
    words = r"TreatMissingData parameter are \[breaching, notBreaching, ignore, missing\]"
    with pytest.raises(ServiceError, match=words):
        put(sim, TreatMissingData=given)


def test_no_more_points_alarm_than_are_looked_at(sim: Simulator) -> None:
    with pytest.raises(ServiceError, match="must be less than or equal to EvaluationPeriods"):
        put(sim, EvaluationPeriods=1, DatapointsToAlarm=2)
