"""Predict, then run: the guess is kept, compared and explained, and never blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kinesis_sim.course import Lesson
from kinesis_sim.errors import UsageError

CHOICES = {"one": "on one shard", "any": "on any shard"}


@pytest.fixture
def lesson() -> Lesson:
    return Lesson("02", lang="en")


def guessed(lesson: Lesson, guess: Any, choices: Mapping[str, str] | None = None) -> None:
    widget = lesson.predict(
        "p", "How many?", choices=choices, number=choices is None, unit="records"
    )
    widget.guess = guess  # as the browser does


def test_without_a_prediction_the_outcome_is_told(lesson: Lesson) -> None:
    lesson.predict("p", "How many?", number=True)
    told = lesson.reveal("p", 1000, because="A shard takes no more.")
    assert str(told) == (
        "You made no prediction. It happened like this: 1,000.\nA shard takes no more."
    )


@pytest.mark.parametrize(
    ("guess", "first"),
    [
        (1000, "As you predicted: 1,000 records."),
        (1000.0, "As you predicted: 1,000 records."),
        (1004, "Close: you predicted 1,004 records, it was 1,000 records."),
        (0, "You predicted 0 records, and it was 1,000 records. This is the interesting case."),
    ],
)
def test_a_number_is_compared(lesson: Lesson, guess: float, first: str) -> None:
    guessed(lesson, guess)
    assert lesson.reveal("p", 1000, because="So.", within=5).lines == (first, "So.")


def test_a_wrong_choice_is_explained(lesson: Lesson) -> None:
    guessed(lesson, "any", CHOICES)
    told = lesson.reveal("p", "one", because="A hash.", if_guessed={"any": "Round robin."})
    assert told.lines[1:] == ("Round robin.", "A hash.")
    assert told.tone == "wait"


def test_a_right_choice_needs_no_excuse(lesson: Lesson) -> None:
    guessed(lesson, "one", CHOICES)
    told = lesson.reveal("p", "one", because="A hash.", if_guessed={"any": "Round robin."})
    assert told.lines == ("As you predicted: “on one shard”.", "A hash.")


def test_running_the_question_again_keeps_the_answer(lesson: Lesson) -> None:
    guessed(lesson, 7)
    assert lesson.predict("p", "How many?", number=True).guess == 7


def test_plain_texts_are_their_own_ids(lesson: Lesson) -> None:
    widget = lesson.predict("p", "Which?", choices=["shard-0", "shard-1"])
    assert widget.choices == [["shard-0", "shard-0"], ["shard-1", "shard-1"]]


def test_portuguese_numbers_and_words() -> None:
    lesson = Lesson("02", lang="pt-BR")
    guessed(lesson, 1500)
    told = lesson.reveal("p", 1500, because="Assim.")
    assert str(told) == "Como você previu: 1.500 records.\nAssim."


@pytest.mark.parametrize("raw", ["z", 3, True, float("nan")])
def test_an_impossible_answer_is_refused(lesson: Lesson, raw: object) -> None:
    lesson.predict("p", "Which?", choices=CHOICES)
    with pytest.raises(UsageError, match="no answer to the prediction 'p'"):
        lesson.predictions["p"].answer(raw)


def test_misuse_is_told_in_a_sentence(lesson: Lesson) -> None:
    with pytest.raises(UsageError, match=r"either choices=… or number=True"):
        lesson.predict("p", "What?")
    with pytest.raises(UsageError, match="asks for the prediction 'q' first"):
        lesson.reveal("q", 1, because="")
    lesson.predict("p", "Which?", choices=CHOICES)
    with pytest.raises(UsageError, match="not among the choices of 'p': one, any"):
        lesson.reveal("p", "two", because="")


@pytest.mark.parametrize("number", ["2", "002", "ab"])
def test_a_lesson_is_two_digits(number: str) -> None:
    with pytest.raises(UsageError, match="two digits"):
        Lesson(number)


def test_the_widget_reads_the_same_in_every_run(lesson: Lesson) -> None:
    one, other = (lesson.predict("p", "`Which`?", choices=CHOICES) for _ in range(2))
    assert (
        repr(one) == repr(other) == ("Predict, then run: `Which`?\n- on one shard\n- on any shard")
    )
    html = one.static_html()
    assert html == other.static_html()
    assert "<code>Which</code>" in html


def test_learners_text_is_never_markup(lesson: Lesson) -> None:
    widget = lesson.predict("p", "<script>x</script>", choices={"a": "<b>a</b>", "b": "b"})
    assert "<script>" not in widget.question + widget.static_html()
    assert "<b>" not in str(widget.choices) + widget.static_html()


def test_the_status_follows_the_answer(lesson: Lesson) -> None:
    widget = lesson.predict("p", "How many?", number=True, unit="records")
    assert widget.status == "Answer before you run the next cell."
    widget.guess = 3
    assert widget.status == "Your prediction is kept: 3 records. Now run the next cell."
    lesson.reveal("p", 3, because="So.")
    widget.guess = 4
    assert widget.status.startswith("Kept: 4 records. The outcome has been shown already")
