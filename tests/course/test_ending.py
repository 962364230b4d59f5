"""The end of a lesson counts what is done after its cell has run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from IPython.utils.capture import capture_output

from kinesis_sim.course import Lesson
from kinesis_sim.course.bank import items_of
from kinesis_sim.course.progress import Progress


@pytest.fixture
def shell() -> Iterator[None]:
    InteractiveShell.instance()  # type: ignore[no-untyped-call]
    yield
    InteractiveShell.clear_instance()


def test_it_is_shown_anew_where_it_stands(shell: None) -> None:
    lesson = Lesson("capacity", progress=Progress())
    quiz = lesson.quiz()
    guess = lesson.predict("docks", "How many?", number=True)
    one, other = items_of("capacity")[:2]
    end = lesson.end()
    with capture_output() as captured:
        quiz.submitted = {one.id: list(one.keys)}
        assert captured.outputs == []  # nobody has been shown the end yet
        display(end)  # type: ignore[no-untyped-call]
        quiz.submitted = {**quiz.submitted, other.id: list(other.keys)}
        guess.prediction.answer(4)
        lesson.check("smallest-plan", 2, {})
    first, *anew = captured.outputs
    assert "Quiz: 1 right of 1 answered" in first.data["text/plain"]
    assert not first.update
    assert [each.update for each in anew] == [True] * 3
    assert len({each.transient["display_id"] for each in captured.outputs}) == 1
    told = ["Quiz: 2 right of 2 answered, 5 in all. Predictions made: 0",
            "Quiz: 2 right of 2 answered, 5 in all. Predictions made: 1",
            "Quiz: 2 right of 2 answered, 5 in all. Predictions made: 1"]  # fmt: skip
    for each, words in zip(anew, told, strict=True):
        assert words in each.data["text/plain"]
        assert words in each.data["text/html"]


def test_without_a_notebook_nothing_is_shown() -> None:
    lesson = Lesson("capacity", progress=Progress())
    assert "0 answered" in repr(lesson.end())
    lesson.check("smallest-plan", 2, {})
    assert "0 answered" in repr(lesson.end())
