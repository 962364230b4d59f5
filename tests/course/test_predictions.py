"""Predict, then run: the guess is kept, compared and explained, and never blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kinesis_sim.course import Lesson
from kinesis_sim.course.feedback import Feedback
from kinesis_sim.course.predictions import compared
from kinesis_sim.errors import UsageError

CHOICES = {"one": "on one shard", "any": "on any shard"}


@pytest.fixture
def lesson() -> Lesson:
    return Lesson("shards_and_partition_keys", lang="en")


def guessed(lesson: Lesson, guess: Any, choices: Mapping[str, str] | None = None) -> None:
    widget = lesson.predict(
        "p", "How many?", choices=choices, number=choices is None, unit="records"
    )
    widget.guess = guess  # as the browser does


def revealed(
    lesson: Lesson,
    actual: int | str,
    because: str,
    if_guessed: Mapping[str, str] | None = None,
    within: float = 0,
) -> Feedback:
    """What the lesson says of the prediction "p" once it has happened."""
    prediction = lesson.predictions["p"]
    prediction.actual = actual
    return compared(prediction, lesson._ui, because, if_guessed or {}, within)


def test_without_a_prediction_the_answer_is_folded_away(lesson: Lesson) -> None:
    lesson.predict("p", "How many?", number=True)
    told = revealed(lesson, 1000, "A shard takes no more.")
    assert str(told) == "Predict first: answer the question above, then run this cell again."
    html = told._repr_html_()
    visible, _, folded = html.partition("<details>")
    assert "1,000" not in visible
    assert "A shard" not in visible
    assert folded.startswith(
        "<summary>Show the answer anyway</summary>It happened like this: 1,000."
    )
    assert "A shard takes no more." in folded


def test_the_reasons_stand_in_the_text_file_of_the_lesson() -> None:
    lesson = Lesson("producers")
    lesson.predict("tiny", "How many?", number=True).guess = 1100
    assert lesson.reveal("tiny", 1000).lines[1:] == (
        "By bytes alone that would be right.",
        "Together they have 14 KB, a seventieth of the limit of bytes. The count was used up "
        "first, and the rest was refused: not queued, not delayed.",
    )


@pytest.mark.parametrize(
    ("guess", "first"),
    [
        (1000, "As you predicted: 1,000 records."),
        (1000.0, "As you predicted: 1,000 records."),
        (1004, "Close: you predicted 1,004 records. The result: 1,000 records."),
        (0, "You predicted 0 records. The result: 1,000 records."),
    ],
)
def test_a_number_is_compared(lesson: Lesson, guess: float, first: str) -> None:
    guessed(lesson, guess)
    assert revealed(lesson, 1000, "So.", within=5).lines == (first, "So.")


def test_a_wrong_choice_is_explained(lesson: Lesson) -> None:
    guessed(lesson, "any", CHOICES)
    told = revealed(lesson, "one", "A hash.", {"any": "Round robin."})
    assert told.lines[1:] == ("Round robin.", "A hash.")
    assert told.tone == "wait"


def test_a_right_choice_needs_no_excuse(lesson: Lesson) -> None:
    guessed(lesson, "one", CHOICES)
    told = revealed(lesson, "one", "A hash.", {"any": "Round robin."})
    assert told.lines == ("As you predicted: “on one shard”.", "A hash.")


def test_running_the_question_again_keeps_the_answer(lesson: Lesson) -> None:
    guessed(lesson, 7)
    assert lesson.predict("p", "How many?", number=True).guess == 7


def test_plain_texts_are_their_own_ids(lesson: Lesson) -> None:
    widget = lesson.predict("p", "Which?", choices=["shard-0", "shard-1"])
    assert widget.choices == [["shard-0", "shard-0"], ["shard-1", "shard-1"]]


def test_portuguese_numbers_and_words() -> None:
    lesson = Lesson("shards_and_partition_keys", lang="pt-BR")
    guessed(lesson, 1500)
    told = revealed(lesson, 1500, "Assim.")
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
        lesson.reveal("q", 1)
    lesson.predict("p", "Which?", choices=CHOICES)
    with pytest.raises(UsageError, match="not among the choices of 'p': one, any"):
        lesson.reveal("p", "two")


@pytest.mark.parametrize("slug", ["02", "Producers", "a-b", ""])
def test_a_lesson_goes_by_its_name(slug: str) -> None:
    with pytest.raises(UsageError, match="goes by its name"):
        Lesson(slug)


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
    revealed(lesson, 3, "So.")
    widget.guess = 4
    assert widget.status.startswith("Kept: 4 records. The outcome has been shown already")
