"""A paper: which questions are asked, with which numbers, in which order of options, in what time.

It is small and plain, so that a sitting can be gone on with after any crash; questions themselves
stay in the bank. What is read back is checked: a stranger's paper is refused in one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from kinesis_sim.course.bank import drawn
from kinesis_sim.course.item import Item
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import DAY
from kinesis_sim.words import is_printable

Mode = Literal["mock", "practice"]
MODES: tuple[Mode, ...] = ("mock", "practice")
MOST_QUESTIONS = 200
LONGEST_MS = DAY
LARGEST_SEED = 1 << 31


@dataclass(frozen=True, slots=True)
class PaperQuestion:
    """One question of a paper. seed: of its numbers; options: their ids in the order shown."""

    item: str
    seed: int
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExamPaper:
    """The questions of a sitting.

    mode: "mock" hides right and wrong until the end, "practice" tells at once. family, exam: what
    is sat, empty in practice of no exam. about: what practice is of, e.g. a topic. ms: the time
    allowed at the exam's own pace, None without limit. seats: domain -> questions it should have by
    the exam's weights; fewer are there where the bank has no more.
    """

    mode: Mode
    questions: tuple[PaperQuestion, ...]
    family: str = ""
    exam: str = ""
    about: str = ""
    ms: int | None = None
    seats: Mapping[str, int] | None = None

    def written(self) -> dict[str, Any]:
        """The paper as plain data."""
        return {
            "mode": self.mode,
            "questions": [[each.item, each.seed, list(each.options)] for each in self.questions],
            "family": self.family,
            "exam": self.exam,
            "about": self.about,
            "ms": self.ms,
            "seats": None if self.seats is None else dict(self.seats),
        }


def asked(question: PaperQuestion, bank: Mapping[str, Item]) -> Item | None:
    """The question as it is asked: numbers drawn, options in order; None where the bank lost it."""
    item = bank.get(question.item)
    if item is None:
        return None
    item = drawn(item, question.seed)
    places = {option: place for place, option in enumerate(question.options)}
    options = sorted(item.options, key=lambda option: places.get(option.id, len(places)))
    return replace(item, options=tuple(options))


def paper_from(data: Any) -> ExamPaper:
    """A paper from plain data; UsageError for what is none."""
    try:
        return _paper(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"This is no exam paper ({error}).") from error


def _paper(data: Any) -> ExamPaper:
    questions = tuple(_question(*row) for row in data["questions"])
    texts = {name: _text(data[name]) for name in ("family", "exam", "about")}
    if data["mode"] not in MODES or not 0 < len(questions) <= MOST_QUESTIONS:
        raise ValueError("its mode or its number of questions is none")
    ms, seats = data["ms"], data["seats"]
    if seats is not None:
        seats = {_text(domain): _count(count, MOST_QUESTIONS) for domain, count in seats.items()}
    return ExamPaper(
        mode=data["mode"],
        questions=questions,
        ms=None if ms is None else _count(ms, LONGEST_MS),
        seats=seats,
        **texts,
    )


def _question(item: Any, seed: Any, options: Any) -> PaperQuestion:
    if not isinstance(options, list) or len(options) > 20:
        raise ValueError("the options of a question are no short list")
    return PaperQuestion(_text(item), _count(seed, LARGEST_SEED), tuple(map(_text, options)))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 120 or not is_printable(value):
        raise ValueError("a name in it is no short text")
    return value


def _count(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError("a number in it is out of bounds")
    return value
