"""The check of lesson 05: each likely mistake is met with its own reason, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.course.checks import explained
from kinesis_sim.course.exercises.capacity import smallest_plan
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables

MORNING = {5 * 60 + 25: 4, 6 * 60 + 20: 7, 8 * 60 + 50: 4}
EVENING = {16 * 60 + 10: 8, 19 * 60 + 20: 4, 20 * 60 + 45: 2}
LATE = {5 * 60 + 25: 4, 7 * 60: 8}


def reason(shards: Any, plan: Any) -> str:
    verdict = smallest_plan(shards, plan)
    for language in LANGUAGES:
        key = f"check.smallest-plan.{verdict.reason}"
        assert CourseWords("capacity", language).say(key, **verdict.values)
    return verdict.reason


def test_a_plan_of_six_calls_passes() -> None:
    verdict = smallest_plan(2, MORNING | EVENING)
    assert verdict.ok
    assert verdict.values["calls"] == 6
    written = {str(minute): str(target) for minute, target in (MORNING | EVENING).items()}
    assert smallest_plan("2", written) == verdict


def test_a_plan_without_end_is_answered_at_once_in_both_languages() -> None:
    for language, said in (("en", "10**5000 or so shards"), ("pt-BR", "10**5000 or so shards")):
        words, ui = CourseWords("capacity", language), CourseWords("ui", language)
        told = explained("smallest-plan", smallest_plan(10**5_000, {}), 1, words, ui)
        assert said in " ".join(told.lines)
        assert "7" in told.lines[1]


@pytest.mark.parametrize(
    ("shards", "plan", "why"),
    [
        ("two", {}, "shape"),
        (0, {}, "shape"),
        (2, [4, 7], "shape"),
        (2, {2.5: 4}, "row"),
        (2, {1_440: 4}, "row"),
        (2, dict.fromkeys(range(100, 111), 2), "calls"),
        (2, {5: 4, 6: 7, 8: 4, 16: 8, 19: 4, 20: 2}, "hours"),
        (2, {360: 4, 480: 8, 540: 4, 1_020: 8, 1_200: 4}, "throttled"),
        (4, {420: 8, 540: 4, 1_020: 8, 1_140: 4}, "throttled"),
        (2, {325: 4, 380: 8, 530: 4, 970: 8, 1_160: 4, 1_245: 2}, "dear"),
        (2, {300: 5}, "bounds"),
        (8, {300: 3}, "bounds"),
        (4, {}, "throttled"),
        (2, LATE, "throttled"),
        (8, {}, "dear"),
        (100, {}, "dear"),
        (101, {}, "too-many"),
        (10**9, {}, "too-many"),
        (10**5_000, {}, "too-many"),
        (8, {300: 10**9}, "too-many"),
        (8, {300: "1,000"}, "too-many"),
        (2, {10**5_000: 4}, "row"),
        (2, {300: -4}, "row"),
        (2, {300: "four"}, "row"),
        (True, {}, "shape"),
        (4, {6 * 60 + 20: 7, 8 * 60 + 50: 4} | EVENING, "dear"),
    ],
    ids=lambda value: "",  # some are too long to be printed
)
def test_each_mistake_has_its_reason(shards: Any, plan: Any, why: str) -> None:
    assert reason(shards, plan) == why


def test_the_first_refusal_is_told_by_its_time_and_load() -> None:
    values = smallest_plan(2, LATE).values
    assert values == {"time": "06:28", "load": 4023, "shards": 4}


@pytest.mark.parametrize(("language", "hours"), [("en", "98.8"), ("pt-BR", "98,8")])
def test_hours_have_a_place_behind_the_point_only_where_it_says_something(
    language: str, hours: str
) -> None:
    words, ui = CourseWords("capacity", language), CourseWords("ui", language)
    passed = explained("smallest-plan", smallest_plan(2, MORNING | EVENING), 1, words, ui)
    assert f" {hours} " in passed.lines[1]
    dear = explained("smallest-plan", smallest_plan(8, {}), 1, words, ui)
    assert " 192 " in dear.lines[1]
    assert " 8 shards" in dear.lines[1]


def test_checks_speak_every_language() -> None:
    for exercise, texts in tables("capacity")["check"].items():
        for why, text in texts.items():
            for each in text if why == "hints" else [text]:
                assert set(each) == set(LANGUAGES), (exercise, why)
