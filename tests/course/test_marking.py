"""Answers are marked as in the exams: all parts right or nothing; blank is no answer."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.course.marking import answer_to, is_right
from kinesis_sim.errors import UsageError
from tests.course.items import MATCH, MULTI, NUMERIC, ORDER, item


@pytest.mark.parametrize(
    ("changes", "raw", "right"),
    [
        ({}, ["b"], True),
        ({}, ["a"], False),
        (MULTI, ["c", "a"], True),
        (MULTI, ["a"], False),
        (MULTI, ["a", "b", "c"], False),
        (ORDER, ["b", "a", "c"], True),
        (ORDER, ["a", "b", "c"], False),
        (MATCH, {"one": "b", "two": "a", "three": "c"}, True),
        (MATCH, {"one": "b", "two": "c", "three": "a"}, False),
        (NUMERIC, 1005, True),
        (NUMERIC, 994.9, False),
    ],
)
def test_marking(changes: dict[str, Any], raw: Any, right: bool) -> None:
    asked = item(**changes)
    answer = answer_to(asked, raw)
    assert answer is not None
    assert is_right(asked, answer) is right


@pytest.mark.parametrize("raw", [None, "", [], {}])
def test_blank_is_no_answer(raw: Any) -> None:
    assert answer_to(item(), raw) is None


@pytest.mark.parametrize(
    ("changes", "raw"),
    [({}, ["z"]), ({}, 3), ({}, "b"), (NUMERIC, True), (NUMERIC, ["a"]), (MATCH, {"one": "z"})],
)
def test_what_the_item_does_not_have_is_refused(changes: dict[str, Any], raw: Any) -> None:
    with pytest.raises(UsageError, match="K06"):
        answer_to(item(**changes), raw)


def test_zero_is_an_answer() -> None:
    assert answer_to(item(**NUMERIC), 0) == 0


@pytest.mark.parametrize(
    ("changes", "raw"),
    [
        ({}, [[1]]),
        ({}, [{}]),
        ({}, ["a", "b", "c", "d", "a"]),
        (MULTI, ["a"] * 900),
        (MATCH, {"zz": "a"}),
        (MATCH, {"one": [1]}),
        (NUMERIC, float("nan")),
        (NUMERIC, float("inf")),
        (NUMERIC, -1e999),
        (NUMERIC, 10**5_000),
    ],
    ids=lambda value: str(value)[:30] if not isinstance(value, int) else "digits",
)
def test_what_no_face_sends_is_refused_in_a_sentence(changes: dict[str, Any], raw: Any) -> None:
    with pytest.raises(UsageError, match="K06"):
        answer_to(item(**changes), raw)
