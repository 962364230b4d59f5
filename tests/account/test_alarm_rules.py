"""The tables of CloudWatch's user guide, "Configuring how CloudWatch alarms treat missing data"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.account.alarm_rules import COMPARISONS, TREATMENTS, verdict
from kinesis_sim.account.states import AlarmState

OK, ALARM, NO_DATA = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA
KEEPS = None
FLAGS = {"0": False, "X": True, "-": None}
# data points, M of 3, then the states for missing, ignore, breaching, notBreaching
GUIDE = [
    ("0 - X - X", 3, (OK, OK, OK, OK)),
    ("0 - - - -", 3, (OK, OK, OK, OK)),
    ("- - - - -", 3, (NO_DATA, KEEPS, ALARM, OK)),
    ("0 X X - X", 3, (ALARM, ALARM, ALARM, ALARM)),
    ("- - X - -", 3, (ALARM, KEEPS, ALARM, OK)),
    ("0 - X - X", 2, (ALARM, ALARM, ALARM, ALARM)),
    ("0 0 X 0 X", 2, (ALARM, ALARM, ALARM, ALARM)),
    ("0 - X - -", 2, (OK, OK, ALARM, OK)),
    ("- - - - 0", 2, (OK, OK, ALARM, OK)),
    ("- - - X -", 2, (ALARM, KEEPS, ALARM, OK)),
]
ORDER = ("missing", "ignore", "breaching", "notBreaching")


@pytest.mark.parametrize("now", AlarmState)
@pytest.mark.parametrize(("points", "to_alarm", "states"), GUIDE)
def test_the_guides_tables(
    points: str, to_alarm: int, states: tuple[AlarmState | None, ...], now: AlarmState
) -> None:
    flags = [FLAGS[mark] for mark in points.split()]
    for treatment, state in zip(ORDER, states, strict=True):
        assert verdict(flags, 3, to_alarm, treatment, now) is (now if state is KEEPS else state)


@pytest.mark.parametrize("points", ["- - - - X", "- - - X -"])
def test_a_young_breach_among_missing_points_is_no_alarm_yet(points: str) -> None:
    flags = [FLAGS[mark] for mark in points.split()]
    assert verdict(flags, 3, 3, "missing", OK) is OK
    assert verdict(flags, 3, 3, "missing", NO_DATA) is NO_DATA


@given(
    flags=st.lists(st.booleans(), min_size=3, max_size=5),
    to_alarm=st.integers(1, 3),
    treatment=st.sampled_from(TREATMENTS),
    now=st.sampled_from(AlarmState),
)
def test_with_all_points_there_only_the_last_ones_count(
    flags: list[bool], to_alarm: int, treatment: str, now: AlarmState
) -> None:
    assert (verdict(flags, 3, to_alarm, treatment, now) is ALARM) is (sum(flags[-3:]) >= to_alarm)


def test_comparisons() -> None:
    found = {
        name: [act(value, 2.0) for value in (1, 2, 3)] for name, (act, _) in COMPARISONS.items()
    }
    assert found == {
        "GreaterThanOrEqualToThreshold": [False, True, True],
        "GreaterThanThreshold": [False, False, True],
        "LessThanThreshold": [True, False, False],
        "LessThanOrEqualToThreshold": [True, True, False],
    }
