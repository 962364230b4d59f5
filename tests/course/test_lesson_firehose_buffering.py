"""The check of lesson 07: each likely mistake is met with its own reason, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.course.checks import explained
from kinesis_sim.course.exercises.firehose_buffering import clicks, fresh_lake
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables


def reason(*given: Any) -> str:
    verdict = fresh_lake(*given)
    for language in LANGUAGES:
        said = CourseWords("firehose_buffering", language).say(
            f"check.fresh-lake.{verdict.reason}", **verdict.values
        )
        assert "{" not in said
    return verdict.reason


@pytest.mark.parametrize("given", [(1, 50, 30), (5, 50, 31), (128, 52, 31), (1, 50, 25)])
def test_settings_that_meet_all_three(given: tuple[int, int, int]) -> None:
    assert reason(*given) == "passed"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("five", 60, 1), "shape"),
        (("5", "60", "1"), "second"),
        ((5, 60.5, 1), "shape"),
        ((True, 60, 1), "shape"),
        ((5, 60, 0), "pack"),
        ((0, 60, 1), "refused"),
        ((129, 60, 1), "refused"),
        ((5, 901, 1), "refused"),
        ((5, 300, 1), "interval"),
        ((5, 300, 31), "interval"),
        ((5, 60, 1), "second"),
        ((5, None, 1), "shape"),
        ((5, 60, 31), "gathered"),
        ((1, 10, 300), "gathered"),
        ((1, 10, 10**400), "gathered"),
        ((1, 50, 1), "air"),
        ((1, 0, 1), "air"),
        ((1, 50, 10), "air"),
        ((1, 50, 32), "over"),
        ((1, 0, 31), "many"),
        ((1, 30, 31), "many"),
        ((5, 40, 90), "crowded"),
    ],
)
def test_each_mistake_has_its_reason(given: tuple[Any, Any, Any], why: str) -> None:
    assert reason(*given) == why


def test_what_was_measured_is_told() -> None:
    assert fresh_lake(5, 60, 31).values["before"] == pytest.approx(6.8, abs=0.1)
    assert fresh_lake(1, 50, 32).values["bytes"] > 5_120
    passed = fresh_lake(1, 50, 31).values
    assert passed["stale"] <= 60
    assert passed["objects"] <= 75


@pytest.mark.parametrize(
    ("language", "most", "begins"), [("en", "0.00014", "0.000"), ("pt-BR", "0,00014", "0,000")]
)
def test_money_is_written_as_the_language_writes_it(language: str, most: str, begins: str) -> None:
    texts, verdict = CourseWords("firehose_buffering", language), fresh_lake(1, 50, 32)
    said = " ".join(explained("fresh-lake", verdict, 1, texts, CourseWords("ui", language)).lines)
    assert most in said
    assert begins in said.replace(most, "")


@pytest.mark.parametrize(("pack", "steps"), [(31, 1), (62, 2)])
def test_who_fills_two_steps_is_told_of_two(pack: int, steps: int) -> None:
    verdict = fresh_lake(1, 46, pack)
    assert verdict.ok
    said = CourseWords("firehose_buffering", "en").say("check.fresh-lake.passed", **verdict.values)
    assert f"billed as {steps} × 5 KB" in said


def test_the_hour_is_an_hour() -> None:
    hour = clicks()
    assert len(hour) == 24_939
    assert hour[-1].at - hour[0].at <= 3_600_000


def test_checks_speak_every_language() -> None:
    for exercise, texts in tables("firehose_buffering")["check"].items():
        for why, text in texts.items():
            for each in text if why == "hints" else [text]:
                assert set(each) == set(LANGUAGES), (exercise, why)
