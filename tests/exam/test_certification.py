"""Every number of an exam is that of its row of facts; versions follow the day."""

from __future__ import annotations

import re
from datetime import date

import pytest

from kinesis_sim import facts
from kinesis_sim.course.bank import families
from kinesis_sim.course.blueprint import topics
from kinesis_sim.errors import UsageError
from kinesis_sim.exam import certification as module
from kinesis_sim.exam.certification import _tables, certification, exams_on
from tests.exam.pool import DAY, question

FAMILIES = ("clf", "saa", "dva", "dea")
LAST_OF_C02 = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("family", "day"), [*((family, DAY) for family in FAMILIES), ("dva", LAST_OF_C02)]
)
def test_weights_questions_and_minutes_are_the_facts(family: str, day: date) -> None:
    exam = certification(family, day)
    row = facts.row_named(exam.fact.removeprefix("facts/"))
    assert row is not None
    more = row.more
    said = re.findall(r"(\D+?) (\d+)(?:, |$)", more["Domains (weight)"])
    assert [domain.weight for domain in exam.domains] == [int(weight) for _, weight in said]
    assert sum(domain.weight for domain in exam.domains) == 100
    scored, unscored, minutes = map(
        int, re.findall(r"\d+", more["Q scored+unscored · min · pass"])[:3]
    )
    assert (exam.questions, exam.minutes) == (scored + unscored, minutes)
    assert exam.unscored == unscored
    assert [domain.id for domain in exam.domains] == ["1", "2", "3", "4"]
    for domain, (name, _) in zip(exam.domains, said, strict=True):
        assert name.split()[0].lower()[:4] in domain.name["en"].lower().replace("-", " ")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_tag_of_the_blueprint_lies_in_a_domain(family: str) -> None:
    known = {domain.id for domain in certification(family, DAY).domains}
    tags = {tag for topic in topics().values() for tag in topic.exams.get(family, ())}
    assert tags
    assert {tag.partition(".")[0] for tag in tags if tag[0].isdigit()} <= known


@pytest.mark.parametrize(
    ("day", "exam", "weights"),
    [
        (LAST_OF_C02, "DVA-C02", [32, 26, 24, 18]),
        (date(2026, 12, 1), "DVA-C03", [30, 26, 22, 22]),
    ],
)
def test_the_developer_exam_changes_its_version_and_its_weights_on_its_day(
    day: date, exam: str, weights: list[int]
) -> None:
    found = certification("dva", day)
    assert (found.exam, found.blueprint, found.is_doubtful) == (exam, exam, False)
    assert [domain.weight for domain in found.domains] == weights
    assert exams_on(day)["dva"] == exam
    assert certification(exam, day) == found
    assert certification("dva", day).domains[2].name["en"].endswith("eployment")


def test_a_version_whose_guide_nobody_has_read_is_sat_with_the_older_ones_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = {name: table for name, table in _tables().items() if name != "DVA-C03"}
    older = families() | {"dva": families()["dva"] | {"tags": "DVA-C02"}}
    monkeypatch.setattr(module, "_tables", lambda: tables)
    monkeypatch.setattr(module, "families", lambda: older)
    found = certification("dva", DAY)
    assert (found.exam, found.blueprint, found.is_doubtful) == ("DVA-C03", "DVA-C02", True)


def test_the_pace_is_the_exams_own() -> None:
    assert certification("clf", DAY).milliseconds(65) == 90 * 60_000
    assert certification("clf", DAY).milliseconds(1) == 83_077
    assert certification("dea", DAY).milliseconds(10) == 20 * 60_000


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("xyz", "There is no mock exam 'xyz'; there are CLF-C02, SAA-C03, DVA-C03, DEA-C01"),
        ("sap", "SAP-C03 has no mock exam here"),
        ("DVA-C02", "DVA-C02 is not sat on 2026-12-02; DVA-C03 is"),
        ("SAA-C04", "SAA-C04 is not sat"),
    ],
)
def test_an_exam_that_cannot_be_sat_is_named(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        certification(name, DAY)


def test_kinds_that_no_exam_has_are_for_practice() -> None:
    exam = certification("saa", DAY)
    assert exam.asks(question(2, 1))
    assert not exam.asks(question(2, 1, type="order", key=["b", "a", "c", "d"]))
    assert not certification("dva", DAY).asks(question(2, 1))
