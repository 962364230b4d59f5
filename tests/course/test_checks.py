"""A check says passed or not yet, why, and the next hint, and never stops the notebook."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.course import Lesson
from kinesis_sim.course.checks import Verdict, explained, not_yet, passed, verdict_on
from kinesis_sim.course.words import Words
from kinesis_sim.errors import UsageError

UI = Words("ui", "en")


class Texts(Words):
    """The texts of one exercise, without a file."""

    def __init__(self) -> None:
        super().__init__("ui", "en")
        hints = [{"en": "look"}, {"en": "look closer"}]
        one = {"passed": {"en": "{n} records."}, "few": {"en": "Only {n}."}, "hints": hints}
        self._tables = {"check": {"one": one}}


def told(verdict: Verdict, tries: int = 1) -> tuple[str, ...]:
    return explained("one", verdict, tries, Texts(), UI).lines


def test_passed_says_why() -> None:
    assert told(passed(n=3)) == ("Passed.", "3 records.")


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
        Lesson("00").check(name, 1)


@pytest.fixture
def lesson_and_stream(sim: Simulator, kinesis: Any) -> tuple[Lesson, Any]:
    kinesis.create_stream(StreamName="meu-stream", ShardCount=1)
    return Lesson("00"), kinesis


def test_lesson_00_from_untouched_to_passed(
    sim: Simulator, lesson_and_stream: tuple[Lesson, Any]
) -> None:
    lesson, kinesis = lesson_and_stream
    assert "no answer to look at" in str(lesson.check("put-one", None, sim))
    first, second = (str(lesson.check("put-one", "?", sim)) for _ in range(2))
    assert first != second, "a second try brings a further hint"
    with pytest.raises(UsageError, match="Not passed: put-one"):
        lesson.require_all_checks_passed()
    answer = kinesis.put_record(StreamName="meu-stream", PartitionKey="chave2", Data=b"x")
    assert str(lesson.check("put-one", answer, sim)).startswith("Passed.\nThe record")
    lesson.require_all_checks_passed()
