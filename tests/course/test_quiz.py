"""The quiz: the browser learns a key only after an answer, and the first answer counts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_sim.course import Lesson
from kinesis_sim.course.bank import items_of
from kinesis_sim.course.item import Item
from kinesis_sim.course.outline import entries
from kinesis_sim.course.quiz import Quiz
from kinesis_sim.course.telling import Teller
from kinesis_sim.course.widgets.quiz import QuizWidget
from tests.course.items import MATCH, MULTI, NUMERIC, ORDER, item

RIGHT: dict[str, Any] = {
    "K06-a-question": ["b"],
    "K06-multi": ["c", "a"],
    "K06-order": ["b", "a", "c"],
    "K06-match": {"one": "b", "two": "a", "three": "c"},
    "K06-number": 1000,
}


@pytest.fixture
def items() -> list[Item]:
    return [item(**changes) for changes in ({}, MULTI, ORDER, MATCH, NUMERIC)]


@pytest.fixture
def widget(items: list[Item]) -> QuizWidget:
    return QuizWidget(items, "shards_and_partition_keys", "en")


def state(widget: QuizWidget) -> dict[str, Any]:
    """What the browser holds, apart from code and style."""
    return {
        name: value for name, value in widget.get_state().items() if name not in ("_esm", "_css")
    }


def test_before_an_answer_the_browser_knows_no_key(widget: QuizWidget) -> None:
    known = json.dumps(state(widget), default=str) + widget.static_html() + repr(widget)
    assert "because" not in known
    assert all("key" not in question for question in widget.questions)
    assert widget.results == {}


def test_an_answer_brings_its_own_key_only(widget: QuizWidget) -> None:
    widget.submitted = {"K06-a-question": ["a"]}
    assert list(widget.results) == ["K06-a-question"]
    result = widget.results["K06-a-question"]
    assert result["right"] is False
    assert result["verdict"] == "Not quite. The right answer: the option called b."
    assert [entry["marks"] for entry in result["options"]] == [
        "your answer",
        "right",
        "",
        "",
    ]
    assert result["options"][0]["why"] == "because of a"


def test_the_first_answer_counts(widget: QuizWidget) -> None:
    widget.submitted = {"K06-a-question": ["a"]}
    widget.submitted = {"K06-a-question": ["b"]}
    assert widget.results["K06-a-question"]["right"] is False


def test_every_kind_can_be_answered_right(widget: QuizWidget) -> None:
    widget.submitted = RIGHT
    assert {name: result["right"] for name, result in widget.results.items()} == dict.fromkeys(
        RIGHT, True
    )
    assert widget.score == "5 right of 5 answered, 5 in all."


def test_one_answer_is_told_in_the_singular(items: list[Item]) -> None:
    quiz = Quiz(items, "shards_and_partition_keys", "pt-BR")
    quiz.submit("K06-a-question", ["b"])
    assert quiz.score() == "1 certa de 1 respondida, 5 ao todo."


def test_a_page_is_named_once_as_a_source() -> None:
    for entry in (entry for entry in entries() if entry.quiz):
        for asked in items_of(entry.slug):
            sources = Teller("en").result(asked, None)["sources"]
            assert len(sources) == len(set(sources)), asked.id


def test_every_kind_names_its_key(items: list[Item]) -> None:
    quiz = Quiz(items, "shards_and_partition_keys", "en")
    wrong = {"K06-multi": ["b"], "K06-order": ["a", "b", "c"], "K06-number": 1}
    wrong |= {"K06-match": {"one": "a", "two": "b", "three": "c"}}  # type: ignore[dict-item]
    for name, raw in wrong.items():
        quiz.submit(name, raw)
    keys = {name: result["verdict"].partition(": ")[2] for name, result in quiz.results().items()}
    a, b, c = (f"the option called {name}" for name in "abc")
    assert keys == {
        "K06-multi": f"{a}; {c}.",
        "K06-order": f"{b} → {a} → {c}.",
        "K06-match": f"one → {b}; two → {a}; three → {c}.",
        "K06-number": "1,000 records.",
    }


def test_multiple_response_says_how_many(widget: QuizWidget) -> None:
    assert [q["instruction"] for q in widget.questions if q["kind"] == "multi"] == ["Select TWO."]


def test_a_lesson_has_its_quiz_in_its_language() -> None:
    quiz = Lesson("shards_and_partition_keys", lang="pt-BR").quiz()
    assert quiz.title == "Perguntas da lição 02"
    assert "Três produtores" in quiz.static_html()
    assert repr(quiz) == repr(Lesson("shards_and_partition_keys", lang="pt-BR").quiz())
