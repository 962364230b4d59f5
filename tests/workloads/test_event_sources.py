"""Sources of events, given what cannot be meant: one sentence at the call, nothing drawn."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from kinesis_sim.errors import UsageError
from kinesis_sim.instants import DAY, HOUR, LAST, MINUTE
from kinesis_sim.workloads.events import generators
from kinesis_sim.workloads.events.face import MOST_A_DAY, MOST_A_SECOND, MOST_THINGS

SOURCES: dict[str, Callable[..., Any]] = {
    name: getattr(generators, name)
    for name in generators.__all__
    if "seed" in getattr(getattr(generators, name), "__annotations__", ())
}
NUMBERS: list[Any] = [
    None,
    math.nan,
    math.inf,
    -1,
    10**18,
    10**400,
    "x",
    [],
    True,
    object(),
    "\ud800",
]
TOO_MANY = {
    **dict.fromkeys(("per_day", "sessions_per_day"), MOST_A_DAY + 1),
    **dict.fromkeys(("bikes", "stations", "riders"), MOST_THINGS + 1),
    "per_second": MOST_A_SECOND + 1,
    "hours": (LAST - DAY) // HOUR + 1,
    "minutes": (LAST - DAY) // MINUTE + 1,
}
CASES = [
    (name, parameter)
    for name, source in SOURCES.items()
    for parameter in inspect.signature(source).parameters
    if parameter != "key"
]


def test_every_source_is_looked_at() -> None:
    assert len(SOURCES) == 7
    assert {parameter for _, parameter in CASES} == {
        *TOO_MANY, "start", "seed", "deploy_minute", "rollback_minute"
    }  # fmt: skip


@pytest.mark.parametrize(("name", "parameter"), CASES)
def test_what_cannot_be_meant_is_refused_at_the_call(name: str, parameter: str) -> None:
    values = [each for each in NUMBERS if not (parameter == "seed" and isinstance(each, int))]
    if parameter.endswith("_minute"):
        values.remove(10**18)
        values.remove(10**400)
    if parameter == "start":
        values += ["soon", "10000-01-01T00:00:00Z", LAST + 1]
    if parameter in TOO_MANY:
        values.append(TOO_MANY[parameter])
    for value in values:
        with pytest.raises(UsageError) as refused:
            SOURCES[name](**{parameter: value})
        said = str(refused.value)
        assert said.endswith(".")
        assert "\n" not in said
        assert len(said) < 300


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("rides", {"per_day": MOST_A_DAY, "hours": 0}),
        ("app_clicks", {"sessions_per_day": MOST_A_DAY, "hours": 0}),
        ("payments", {"riders": MOST_THINGS, "hours": 1}),
        ("bike_telemetry", {"bikes": MOST_THINGS, "hours": 0}),
        ("stock_ticks", {"per_second": MOST_A_SECOND}),
        ("service_logs", {"per_second": MOST_A_SECOND}),
        ("service_logs", {"per_second": 0}),
        ("rides", {"start": LAST - DAY - HOUR, "hours": 1, "per_day": 24}),
    ],
)
def test_as_much_as_may_be_asked_for_is_given(name: str, given: dict[str, Any]) -> None:
    list(islice(SOURCES[name](**given), 3))


def test_no_lines_a_second_are_no_lines() -> None:
    assert list(generators.service_logs(per_second=0)) == []
