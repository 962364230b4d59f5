"""How an exam went: right of asked, by domain and in all. Never a scaled score.

AWS scales scores by a method that it does not publish, so a number between 100 and 1,000 would be
invented. A percentage of few questions says little, either: below ``TOO_FEW`` none is said, and
above it comes with the range in which the true share lies nine times out of ten (Wilson's).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from kinesis_sim.course.item import Item
from kinesis_sim.exam.certification import Certification
from kinesis_sim.exam.sitting import Sitting

TOO_FEW = 5
"""Questions of a domain below which no percentage is said (the model's choice)."""
NINE_OF_TEN = 1.6449
"""The normal quantile of a two-sided 90 percent."""


@dataclass(frozen=True, slots=True)
class DomainScore:
    """Right of asked. wanted: how many the exam's weights would have; asked may be fewer."""

    id: str
    right: int
    asked: int
    wanted: int = 0

    @property
    def percent(self) -> int | None:
        """Percent right, rounded; None where there are too few questions to say."""
        return None if self.asked < TOO_FEW else round(100 * self.right / self.asked)

    @property
    def between(self) -> tuple[int, int] | None:
        """The range of the true share in percent, nine times out of ten; None for too few."""
        if self.asked < TOO_FEW:
            return None
        n, z2 = self.asked, NINE_OF_TEN**2
        share = self.right / n
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = NINE_OF_TEN * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return round(100 * max(middle - half, 0)), round(100 * min(middle + half, 1))


@dataclass(frozen=True, slots=True)
class ExamReport:
    """Scores by domain and in all, what was left blank, and the time used (ms).

    wrong: places of the questions that were not answered right, blank ones among them.
    """

    domains: tuple[DomainScore, ...]
    total: DomainScore
    blank: int
    wrong: tuple[int, ...]
    spent: int


def report_of(sitting: Sitting, bank: Mapping[str, Item], exam: Certification | None) -> ExamReport:
    """The report of a sitting; exam: whose domains it is by, None for practice of no exam.

    A question that the bank has no more counts in the total, in no domain.
    """
    places = range(len(sitting.paper.questions))
    right = {n for n in places if n in sitting.answers and sitting.answers[n].right}
    blank = len(sitting.open)
    total = DomainScore("", len(right), len(places))
    wrong = tuple(n for n in places if n not in right)
    domains = _by_domain(sitting, bank, exam, right) if exam is not None else ()
    return ExamReport(domains, total, blank, wrong, sitting.spent)


def _by_domain(
    sitting: Sitting, bank: Mapping[str, Item], exam: Certification, right: set[int]
) -> tuple[DomainScore, ...]:
    asked: dict[str, list[int]] = {domain.id: [] for domain in exam.domains}
    for n, question in enumerate(sitting.paper.questions):
        item = bank.get(question.item)
        domain = None if item is None else exam.domain_of(item)
        if domain in asked:
            asked[domain].append(n)
    seats = sitting.paper.seats or {}
    return tuple(
        DomainScore(domain, len(right & set(ns)), len(ns), seats.get(domain, 0))
        for domain, ns in asked.items()
    )
