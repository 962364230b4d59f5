"""An attempt: one question answered once. All that practice, spacing and statistics are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kinesis_sim.exam.sitting import Sitting


@dataclass(frozen=True, slots=True)
class ItemAttempt:
    """Whether somebody answered an item right, and when (epoch ms).

    answer: as it was sent, None for blank. unsure: the question was flagged. sitting: which one.
    learner: whose, where there are many.
    """

    item: str
    right: bool
    at: int
    answer: Any = None
    unsure: bool = False
    sitting: str = ""
    learner: str = ""


def attempts_of(sitting: Sitting, name: str, learner: str = "") -> Iterator[ItemAttempt]:
    """The attempts of a sitting. A mock exam gives none before its end: answers may change."""
    if sitting.paper.mode == "mock" and sitting.ended is None:
        return
    for n, question in enumerate(sitting.paper.questions):
        given = sitting.answers.get(n)
        if given is not None:
            at = given.at if sitting.paper.mode == "practice" else sitting.ended or given.at
            unsure = n in sitting.flagged
            yield ItemAttempt(question.item, given.right, at, given.answer, unsure, name, learner)
        elif sitting.paper.mode == "mock":
            yield ItemAttempt(question.item, False, sitting.ended or 0, None, False, name, learner)


def in_order(attempts: Iterable[ItemAttempt]) -> list[ItemAttempt]:
    """Attempts by time; those of one instant as they came."""
    return sorted(attempts, key=lambda attempt: attempt.at)
