"""An exam as its guide describes it: domains and weights, questions, minutes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from kinesis_sim.arguments import said
from kinesis_sim.course.bank import exam_of, families
from kinesis_sim.course.item import Item, Texts
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.words import spoken_exam
from kinesis_sim.signatures import typed

FILE = Path(__file__).with_name("certifications.toml")
ASKED_KINDS = ("single", "multi")
"""Kinds of questions that these exams have; all others are for practice only."""


@dataclass(frozen=True, slots=True)
class ExamDomain:
    """A domain of an exam; weight: its share of the scored questions in percent."""

    id: str
    weight: int
    name: Texts


@dataclass(frozen=True, slots=True)
class Certification:
    """An exam that can be sat here.

    exam: the version of the day, e.g. "DVA-C03"; blueprint: the version whose domains and weights
    these are, which is an older one where the new one's guide could not be read. minutes: for all
    ``questions``, of which so many ``unscored`` ones do not count.
    """

    family: str
    exam: str
    blueprint: str
    name: str
    questions: int
    unscored: int
    minutes: int
    domains: tuple[ExamDomain, ...]
    fact: str

    @property
    def is_doubtful(self) -> bool:
        """Whether the weights are those of an earlier version."""
        return self.exam != self.blueprint

    def milliseconds(self, questions: int) -> int:
        """The time for so many questions at the exam's own pace."""
        return round(self.minutes * 60_000 * questions / self.questions)

    def domain_of(self, item: Item) -> str | None:
        """The id of the domain that asks an item, None where this exam does not."""
        task = item.exams.get(self.family)
        return None if task is None else task.partition(".")[0]

    def asks(self, item: Item) -> bool:
        """Whether the exam has such a question: of one of its domains, and of a kind it knows."""
        known = {domain.id for domain in self.domains}
        return item.kind in ASKED_KINDS and self.domain_of(item) in known


@typed
def certification(name: str, day: date) -> Certification:
    """The exam of a family ("dva") or of a version ("DVA-C02") as it is sat on a day.

    UsageError for one that cannot be sat here, or not on that day.
    """
    family = name.partition("-")[0].lower()
    if family in families() and not has_mock(family):
        raise UsageError(spoken_exam().say("refused.unread", exam=exam_of(family, day)))
    if not has_mock(family):
        known = ", ".join(exams_on(day).values())
        raise UsageError(spoken_exam().say("refused.exam", exam=said(name), known=known))
    exam = exam_of(family, day)
    if "-" in name and name.upper() != exam:
        text = spoken_exam().say("refused.version", exam=name.upper(), day=day, version=exam)
        raise UsageError(text)
    about = families()[family]
    blueprint = exam if exam in _tables() else about["tags"]
    table = _tables()[blueprint]
    return Certification(
        family=family,
        exam=exam,
        blueprint=blueprint,
        name=about["name"],
        questions=table["questions"],
        unscored=table["unscored"],
        minutes=table["minutes"],
        domains=tuple(ExamDomain(**domain) for domain in table["domains"]),
        fact=table["fact"],
    )


def family_of(name: str) -> str | None:
    """The family of a name ("dva") or of a version, present or past ("DVA-C03"); None for none."""
    family, dash, _ = name.lower().partition("-")
    if family not in families():
        return None
    versions = {each["exam"] for each in families()[family]["versions"]}
    return None if dash and name.upper() not in versions else family


def exams_on(day: date) -> Mapping[str, str]:
    """The exams that can be sat here on a day: family -> version, e.g. "dva" -> "DVA-C03"."""
    return {family: exam_of(family, day) for family in families() if has_mock(family)}


def has_mock(family: str) -> bool:
    """Whether an exam of a family can be sat here; the others can be practised only."""
    return family in families() and families()[family]["tags"] in _tables()


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))
