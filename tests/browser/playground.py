"""What the test notebook shows: a prediction by choice, and a quiz with every kind of question.

The test copies this file beside the notebook, as learners' kernels do not see the tests.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from kinesis_sim.course import Lesson
from kinesis_sim.course.item import item_from
from kinesis_sim.course.predictions import compared
from kinesis_sim.course.widgets.quiz import QuizWidget

CHOICES = {"one": "On **one** shard", "any": "On any shard", "all": "On all shards"}
lesson = Lesson("firehose_buffering")


def text(words: str) -> dict[str, str]:
    return {"en": words}


def table(kind: str, key: object, **more: Any) -> dict[str, Any]:
    options = [
        {"id": name, "text": text(f"Option {name}"), "why": text(f"This is why of `{name}`.")}
        for name in ("red", "green", "blue")
    ]
    base = {
        "id": f"K06-{kind}",
        "lesson": "firehose_buffering",
        "topics": ["K06"],
        "exams": {},
        "difficulty": 1,
    }
    source = {"what": "the test", "checked": date(2026, 11, 22)}
    return base | {
        "type": kind,
        "key": key,
        "stem": text(f"A {kind} question?"),
        "options": [] if kind == "numeric" else options,
        "proof": "",
        "provenance": "original",
        "sources": [source],
        **more,
    }


PROMPTS = [{"id": prompt, "text": text(f"Prompt {prompt}")} for prompt in ("x", "y", "z")]
TABLES = [
    table("single", ["green"]),
    table("multi", ["red", "blue"]),
    table("order", ["blue", "red", "green"]),
    table("match", {"x": "red", "y": "green", "z": "blue"}, prompts=PROMPTS),
    table("numeric", 1000, unit=text("records"), why=text("It is the limit.")),
]


def predict() -> Any:
    """The prediction."""
    return lesson.predict("shard", "Where does the record land?", choices=CHOICES)


def reveal() -> Any:
    """What happened."""
    prediction = lesson.predictions["shard"]
    prediction.actual = "one"
    guesses = {"any": "That would be round robin."}
    return compared(prediction, lesson._ui, "The hash of the key decides.", guesses, 0)


def quiz() -> QuizWidget:
    """All five kinds."""
    return QuizWidget([item_from(entry) for entry in TABLES], "firehose_buffering", "en")
