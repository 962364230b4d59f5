"""A bank of plain questions for the engine's tests, and learners who sit exams on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

from kinesis_sim.course.item import Item
from kinesis_sim.course.progress import Progress
from kinesis_sim.exam.certification import Certification, certification
from kinesis_sim.exam.draw import mock_paper
from kinesis_sim.exam.paper import PaperQuestion, asked
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.exam.turns import Turn
from tests.course.items import item, option

DAY = date(2026, 12, 2)
SAA = certification("saa", DAY)
TASKS = ("1.3", "2.1", "3.5", "4.2")
TOPICS = ("S01", "C01", "K02", "P01")
LESSONS = ("security", "what_is_kinesis", "producers", "cost")
NOW = 1_780_000_000_000


def question(domain: int, number: int, **changes: Any) -> Item:
    """A question of a domain of SAA-C03: its key is "b", and its longest option is "c"."""
    options = [option("a"), option("b"), option("c", "the option that goes on and on"), option("d")]
    return item(
        id=f"{TOPICS[domain]}-q{number}",
        topics=[TOPICS[domain]],
        lesson=changes.pop("lesson", LESSONS[domain]),
        exams={"saa": TASKS[domain]},
        options=options,
        **changes,
    )


def pool(each: int = 20) -> dict[str, Item]:
    """So many questions of each of the four domains."""
    items = [question(domain, number) for domain in range(4) for number in range(each)]
    return {one.id: one for one in items}


Answerer = Callable[[Item, Random], Any]


def knows(*domains: str) -> Answerer:
    """A learner who knows some domains of SAA-C03 and guesses in all others."""

    def answer(asked: Item, rng: Random) -> Any:
        known = asked.exams["saa"][0] in domains
        return list(asked.keys) if known else [rng.choice(asked.options).id]

    return answer


def longest(asked: Item, _: Random) -> Any:
    return [max(asked.options, key=lambda each: len(each.text["en"])).id]


def at_random(asked: Item, rng: Random) -> Any:
    return [rng.choice(asked.options).id]


def sit(
    learner: Answerer,
    bank: dict[str, Item],
    *,
    seed: int,
    at: int = NOW,
    questions: int = 40,
    record: ExamRecord | None = None,
    exam: Certification = SAA,
) -> tuple[ExamRecord, str]:
    """A learner sits a mock exam from begin to end, a minute a question."""
    record = record or ExamRecord(Progress())
    paper = mock_paper(exam, bank.values(), questions, seed)
    name = record.begin(paper, at)
    rng = Random(seed)
    for n, asked_question in enumerate(paper.questions):
        found = shown(asked_question, bank)
        given = learner(found, rng)
        right = sorted(given) == sorted(found.keys)
        record.append(name, Turn("answer", at + (n + 1) * 60_000, n, given, right))
    record.append(name, Turn("end", at + (len(paper.questions) + 1) * 60_000))
    return record, name


def shown(asked_question: PaperQuestion, bank: dict[str, Item]) -> Item:
    found = asked(asked_question, bank)
    assert found is not None
    return found
