"""Metric math: what it works out, and what it refuses without harm."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.account.metric_math import FUNCTIONS, Grid, Value, evaluate
from kinesis_sim.errors import ServiceError

GRID = Grid(0, 300_000, 60_000)
SERIES: dict[str, dict[int, float]] = {
    "m1": {0: 2.0, 60_000: 4.0, 180_000: 8.0},
    "m2": {0: 1.0, 60_000: 0.0, 120_000: 5.0},
}


def lookup(name: str) -> Value:
    if name == "METRICS":
        return list(SERIES.values())
    if name not in SERIES:
        raise ServiceError("ValidationError", name)
    return SERIES[name]


def worked_out(expression: str) -> Value:
    return evaluate(expression, lookup, GRID)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("10 - 4 - 3", 3.0),
        ("1.5e2 / 3", 50.0),
        ("m1 * 10", {0: 20.0, 60_000: 40.0, 180_000: 80.0}),
        ("100 * m2 / m1", {0: 50.0, 60_000: 0.0}),
        ("m1 / m2", {0: 2.0}),
        ("CEIL(m1 / 0)", {}),
        ("FLOOR(1e999)", math.inf),
        ("m1 + m2", {0: 3.0, 60_000: 4.0}),
        ("SUM(m1)", 14.0),
        ("AVG(m1)", 14.0 / 3),
        ("MAX([m1, m2])", {0: 2.0, 60_000: 4.0, 120_000: 5.0, 180_000: 8.0}),
        ("SUM(METRICS())", {0: 3.0, 60_000: 4.0, 120_000: 5.0, 180_000: 8.0}),
        ("MIN([m1, 3])", {0: 2.0, 60_000: 3.0, 120_000: 3.0, 180_000: 3.0, 240_000: 3.0}),
        ("FILL(m1, 0)", {0: 2.0, 60_000: 4.0, 120_000: 0.0, 180_000: 8.0, 240_000: 0.0}),
        ("FILL(m1, REPEAT)", {0: 2.0, 60_000: 4.0, 120_000: 4.0, 180_000: 8.0, 240_000: 8.0}),
        ("RATE(m1)", {60_000: 2 / 60, 180_000: 4 / 120}),
        ("DIFF(m1)", {60_000: 2.0, 180_000: 4.0}),
        ("m1 / PERIOD(m1)", {0: 2 / 60, 60_000: 4 / 60, 180_000: 8 / 60}),
        ("ABS(0 - m2)", {0: 1.0, 60_000: 0.0, 120_000: 5.0}),
        ("FLOOR(m1 / 3)", {0: 0.0, 60_000: 1.0, 180_000: 2.0}),
        ("TIME_SERIES(1 + 1)", dict.fromkeys(range(0, 300_000, 60_000), 2.0)),
        ("REMOVE_EMPTY([m1, m1 / 0])", [SERIES["m1"]]),
        ("FIRST(METRICS())", SERIES["m1"]),
        ("LAST(METRICS())", SERIES["m2"]),
        ("FIRST(REMOVE_EMPTY([m1 / 0]))", {}),
        ("FIRST(SORT(METRICS(), MAX, ASC))", SERIES["m2"]),
        ("SORT([m1 / 0, m2, m1], SUM, DESC)", [SERIES["m1"], SERIES["m2"], {}]),
        ("SORT(METRICS(), MIN, ASC, 1)", [SERIES["m2"]]),
        ("CEIL(m1 / 3)", {0: 1.0, 60_000: 2.0, 180_000: 3.0}),
    ],
)
def test_it_works_out(expression: str, value: Value) -> None:
    assert worked_out(expression) == value


def test_a_number_divided_by_zero_is_no_number() -> None:
    found = worked_out("1 / 0")
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "1 +",
        "(1",
        "m1 m2",
        "__import__('os')",
        "m1.real",
        "m9",
        "SEARCH('x')",
        "IF(m1 > 2, 1)",
        "FILL(m1, LINEAR)",
        "FILL(m1)",
        "SUM(1)",
        "RATE([m1])",
        "[m1] + [m2]",
        "TIME_SERIES(m1)",
        "FIRST(m1)",
        "SORT(METRICS(), MAX)",
        "SORT(METRICS(), [m1], ASC)",
        "SORT(METRICS(), m1, ASC)",
        "NOTHING(m1)",
        "MAX * 2",
        "REPEAT * 2",
        "[REPEAT]",
        "(" * 500 + "1" + ")" * 500,
        "-" * 500 + "1",
        "[" * 500,
    ],
)
def test_it_refuses_in_words(expression: str) -> None:
    with pytest.raises(ServiceError) as caught:
        worked_out(expression)
    assert caught.value.code == "ValidationError"
    assert caught.value.message


@given(st.text(alphabet="m12SUFILRATE()[],+-*/^. 0e", max_size=40))
def test_no_text_does_anything_but_work_out_or_be_refused(text: str) -> None:
    with suppress(ServiceError):
        assert isinstance(worked_out(text), float | dict | list | str)


def test_huge_powers_end() -> None:
    found = worked_out("9 ^ 9 ^ 9 ^ 9")
    assert isinstance(found, float)
    assert math.isnan(found)


def test_every_function_is_tried_above() -> None:
    tried = " ".join(str(mark) for mark in test_it_works_out.pytestmark)  # type: ignore[attr-defined]
    assert {name for name in FUNCTIONS if f"{name}(" not in tried} == set()
