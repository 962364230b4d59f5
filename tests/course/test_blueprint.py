"""The blueprint of exam topics: whole, taught, and what questions' tags are held to."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from kinesis_sim import facts
from kinesis_sim.course.bank import exam_of, families, items
from kinesis_sim.course.blueprint import asked, topic, topics
from kinesis_sim.course.outline import entries
from kinesis_sim.errors import UsageError

LETTERS = {"K": 35, "R": 22, "F": 26, "A": 16, "V": 12, "C": 23, "S": 11, "M": 9, "P": 9}


def test_there_are_163_topics_numbered_without_a_gap() -> None:
    wanted = [f"{letter}{n:02}" for letter, most in LETTERS.items() for n in range(1, most + 1)]
    assert list(topics()) == wanted
    assert len(wanted) == 163


def test_most_of_them_can_be_shown_by_an_experiment() -> None:
    assert Counter(each.proof for each in topics().values()) == {
        "whole": 115,
        "part": 35,
        "none": 13,
    }


def test_every_topic_is_taught_and_every_lesson_teaches_topics_there_are() -> None:
    assert [each.id for each in topics().values() if not each.lessons] == []
    assert {name for entry in entries() for name in entry.topics} <= topics().keys()


def test_a_topic_is_asked_by_known_families_or_says_why_by_none() -> None:
    asking = {family for each in topics().values() for family in each.exams}
    assert asking == families().keys()
    scopes = {each.scope for each in topics().values() if not each.exams}
    assert scopes == {"beyond", "legacy", "all"}


@pytest.mark.parametrize("item", items(), ids=lambda item: item.id)
def test_a_questions_tags_are_in_the_blueprint(item: object) -> None:
    assert [
        (family, task) for family, task in item.exams.items()  # type: ignore[attr-defined]
        if not asked(item.topics, family, task)  # type: ignore[attr-defined]
    ] == []  # fmt: skip


def test_a_skill_is_of_its_task_and_no_other() -> None:
    assert topic("K02").is_asked("dea", "1.1")
    assert topic("K02").is_asked("dea", "1.1.9")
    assert not topic("K02").is_asked("dea", "4.3")
    assert not topic("K02").is_asked("clf", "1.1")


def test_an_unknown_topic_is_said_with_those_that_come_near() -> None:
    with pytest.raises(UsageError, match="no topic 'K36'; near it are K"):
        topic("K36")


@pytest.mark.parametrize(
    ("family", "day", "exam"),
    [
        ("dva", date(2026, 11, 30), "DVA-C02"),
        ("dva", date(2026, 12, 1), "DVA-C03"),
        ("sap", date(2026, 11, 16), "SAP-C02"),
        ("sap", date(2026, 11, 17), "SAP-C03"),
        ("mla", date(2026, 9, 28), "MLA-C01"),
        ("mla", date(2026, 11, 29), "MLA-C02"),
        ("dea", date(2026, 11, 29), "DEA-C01"),
    ],
)
def test_which_exam_is_sat_depends_on_the_day(family: str, day: date, exam: str) -> None:
    assert exam_of(family, day) == exam


def test_a_family_names_the_version_of_its_tags_and_its_row() -> None:
    for family in families().values():
        assert family["tags"] in {version["exam"] for version in family["versions"]}
        assert facts.cited(family["fact"])
    with pytest.raises(UsageError, match="no exam family 'das'"):
        exam_of("das", date(2026, 1, 1))
