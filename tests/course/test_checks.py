"""A check says passed or not yet, why, and the next hint, and never stops the notebook."""

from __future__ import annotations

import sys
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from kinesis_sim.course import Lesson
from kinesis_sim.course.checks import Verdict, explained, not_yet, passed, verdict_on
from kinesis_sim.course.words import CourseWords, in_language, leaves
from kinesis_sim.errors import UsageError

UI = CourseWords("ui", "en")


class Texts(CourseWords):
    """The texts of one exercise, without a file."""

    def __init__(self, language: str = "en") -> None:
        super().__init__("ui", language)
        hints = [{"en": "look"}, {"en": "look closer"}]
        one = {"passed": {"en": "{n} records."}, "few": {"en": "Only {n}."}, "hints": hints}
        leaves_of = leaves({"check": {"one": one}})
        self._texts = {key: in_language(texts, language) for key, texts in leaves_of}


def told(verdict: Verdict, tries: int = 1) -> tuple[str, ...]:
    return explained("one", verdict, tries, Texts(), UI).lines


def test_passed_says_why() -> None:
    assert told(passed(n=3)) == ("Passed.", "3 records.")


def test_numbers_are_written_as_the_language_writes_them() -> None:
    lines = explained("one", passed(n=1_234.5), 1, Texts("pt-BR"), UI).lines
    assert lines[1] == "1.234,5 records."
    assert told(passed(n=Decimal("7.50")))[1] == "7.50 records."


def test_a_number_without_end_is_told_in_short() -> None:
    huge = not_yet("few", n=10**5_000)
    assert told(huge)[1] == "Only 10**5000 or so."
    assert huge.outcome == not_yet("few", n=10**5_000).outcome != not_yet("few", n=1).outcome


def test_hints_come_in_steps() -> None:
    assert told(not_yet("few", n=1)) == ("Not yet.", "Only 1.", "Next hint: look")
    assert told(not_yet("few", n=1), 2)[2] == "Next hint: look closer"
    assert told(not_yet("few", n=1), 9)[2] == "Next hint: look closer"


@pytest.mark.parametrize("given", [(None,), (...,), (1, None)])
def test_an_untouched_answer_is_not_looked_at(given: tuple[Any, ...]) -> None:
    assert verdict_on(lambda *_: passed(), given).reason == "untouched"


def test_an_error_in_the_answer_is_explained() -> None:
    verdict = verdict_on(lambda answer: passed(n=answer["n"]), ({},))
    assert told(verdict)[1] == "Looking at your answer stopped with KeyError: 'n'."


@pytest.mark.parametrize("name", ["no-such", "../os", "_records", "Put-One"])
def test_an_unknown_exercise_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no exercise called"):
        Lesson("start_here").check(name, 1)


@pytest.fixture
def lesson(monkeypatch: pytest.MonkeyPatch) -> Lesson:
    """Lesson 97, with one exercise: hand in at least three records."""
    exercises = ModuleType("kinesis_sim.course.exercises.lesson_97")
    exercises.one = lambda n: passed(n=n) if n >= 3 else not_yet("few", n=n)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, exercises.__name__, exercises)
    made = Lesson("lesson_97")
    made._texts = Texts()
    return made


def test_an_exercise_from_untouched_to_passed(lesson: Lesson) -> None:
    said = [str(lesson.check("one", n)).splitlines() for n in (None, 1, 1, 2)]
    assert [lines[1] for lines in said] == [
        "There is no answer to look at yet.",
        "Only 1.",
        "Only 1.",
        "Only 2.",
    ]
    assert [lines[-1].removeprefix("Next hint: ") for lines in said] == [
        "look",
        "look",
        "look",
        "look closer",
    ], "an untouched answer is no try, nor is the same one again"
    assert said[2][2].startswith("This is the same outcome as before")
    with pytest.raises(UsageError, match="Not passed: one"):
        lesson.require_all_checks_passed()
    assert str(lesson.check("one", 3)) == "Passed.\n3 records."
    lesson.require_all_checks_passed()
