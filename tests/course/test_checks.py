"""A check says passed or not yet, why, and the next hint, and never stops the notebook."""

from __future__ import annotations

import sys
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.course import Lesson
from kinesis_sim.course.checks import (
    Verdict,
    check_of,
    explained,
    not_yet,
    passed,
    verdict_on,
)
from kinesis_sim.course.feedback import inline
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


def test_a_whole_number_has_no_fraction_and_a_list_no_brackets() -> None:
    assert told(not_yet("few", n=12.0))[1] == "Only 12."
    assert told(not_yet("few", n=[1, 2, 1000]))[1] == "Only 1, 2, 1,000."


def test_a_number_without_end_is_told_in_short() -> None:
    huge = not_yet("few", n=10**5_000)
    assert told(huge)[1] == "Only 10**5000 or so."
    assert huge.outcome == not_yet("few", n=10**5_000).outcome != not_yet("few", n=1).outcome


def test_hints_come_in_steps() -> None:
    assert told(not_yet("few", n=1)) == ("Not yet.", "Only 1.", "Hint 1 of 2: look")
    assert told(not_yet("few", n=1), 2)[2] == "Hint 2 of 2: look closer"
    last = told(not_yet("few", n=1), 9)[2]
    assert last == "There is no further hint. Hint 2 of 2: look closer"


@pytest.mark.parametrize("given", [(None,), (...,), (None, None)])
def test_an_untouched_answer_is_not_looked_at(given: tuple[Any, ...]) -> None:
    assert verdict_on(lambda *_: passed(), given).reason == "untouched"


def test_what_was_done_before_the_answer_is_looked_at() -> None:
    """A trial that went wrong is told of, though the answer that it should give is not there."""
    trial, answer = "a stream", None
    assert verdict_on(lambda *_: not_yet("few", n=1), (trial, answer)).reason == "few"


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
    assert [lines[-1].split(": ")[1] for lines in said] == [
        "look",
        "look",
        "look",
        "look closer",
    ], "an untouched answer is no try, nor is the same one again"
    assert said[2][2].startswith("The outcome is the same as last time")
    with pytest.raises(UsageError, match="Not passed: one"):
        lesson.require_all_checks_passed()
    assert str(lesson.check("one", 3)) == "Passed.\n3 records."
    lesson.require_all_checks_passed()


def test_a_table_without_a_value_is_no_try(lesson: Lesson) -> None:
    """Running the cells from top to bottom, before one has written anything, costs no hint."""
    lesson.check("one", {"A": None, "B": None})
    assert lesson.progress.checked("lesson_97", "one").tries == 0
    assert "Hint 1 of 2" in str(lesson.check("one", 1))


def test_what_was_passed_once_stays_passed(lesson: Lesson) -> None:
    """Next day the cell is empty again: the check does not sound as if the work were lost."""
    assert "before" not in str(lesson.check("one", 1))
    lesson.check("one", 3)
    for given in (None, 1):
        assert "You have passed this exercise before" in str(lesson.check("one", given))
    assert lesson.progress.checked(lesson.slug, "one").passed


@pytest.mark.parametrize(
    ("lesson", "exercise", "given", "name"),
    [
        ("producers", "resend", ("3,000 records stored, 0 refused",), "trial"),
        ("workers", "unstick", (Simulator(),), "trial"),
        ("start_here", "lose-one", ({"SequenceNumber": "1"}, "now", 5), "sim"),
        ("exam", "doubt", (200, None), "sim"),
        ("firehose_destinations", "repair", ([],), "ward"),
        ("retention_and_replay", "replay-hour", (Simulator(), []), "books"),
    ],
)
def test_a_variable_of_the_courses_that_was_written_over_is_named(
    lesson: str, exercise: str, given: tuple[object, ...], name: str
) -> None:
    """``trial = feed(trial, …)`` leaves no account to look into."""
    found = verdict_on(check_of(lesson, exercise), given)
    assert (found.reason, found.values) == ("replaced", {"name": name})
    assert name in CourseWords("ui", "pt-BR").say("exercise.replaced", **found.values)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("see `a`, **b**", "see <code>a</code>, <strong>b</strong>"),
        ("`f(**one, **two)`", "<code>f(**one, **two)</code>"),
        ("**`a` and b**", "<strong><code>a</code> and b</strong>"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
    ],
)
def test_stars_in_code_are_code(text: str, html: str) -> None:
    """A hint shows a call with ``**hints(…)``, which loses its stars when they are read as bold."""
    assert inline(text) == html
