"""Spaced repetition: when to ask a question again, by FSRS, and towards the day of an exam.

Cards are a fold over attempts, so nothing but attempts is kept. Wrong is "Again", right is "Good",
right but flagged is "Hard". Towards an exam the wanted retention rises, and no interval reaches
beyond its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from kinesis_sim.arguments import whole
from kinesis_sim.errors import MissingPackage
from kinesis_sim.exam.attempts import ItemAttempt, in_order
from kinesis_sim.exam.words import spoken_exam
from kinesis_sim.instants import DAY, LAST, to_datetime, to_ms
from kinesis_sim.signatures import typed

if TYPE_CHECKING:
    from fsrs import Card, Scheduler

RETENTION = 0.9
"""Share of questions to be known when they come again; FSRS's own default."""
RETENTION_AT_EXAM = 0.95
"""The same on the day of the exam (the model's choice)."""
RAMP_DAYS = 60
"""Days before the exam from which on it rises (the model's choice)."""
LONGEST_DAYS = 365
"""No question stays away for longer (the model's choice)."""
MOST_TIMES = 1_000
"""A question is asked in a plan at most so often (the model's choice)."""


@dataclass(frozen=True, slots=True)
class DueItem:
    """A question that was answered: when to ask it again (epoch ms), and how well it is known.

    known: FSRS's retrievability at the instant asked for, 0 to 1.
    """

    item: str
    at: int
    known: float


@typed
def schedule(
    attempts: Iterable[ItemAttempt], at: int, exam_day: date | None = None
) -> list[DueItem]:
    """Every question that was answered, the one to be asked first in front.

    MissingPackage where fsrs is absent.
    """
    cards = _cards(attempts, exam_day)
    now = to_datetime(at)
    engine = _scheduler(None)
    found = [
        DueItem(item, to_ms(card.due), engine.get_card_retrievability(card, now))
        for item, card in cards.items()
    ]
    return sorted(found, key=lambda due: (due.at, due.known, due.item))


def due(attempts: Iterable[ItemAttempt], at: int, exam_day: date | None = None) -> list[DueItem]:
    """The questions to be asked again by now, the least known first."""
    waiting = [each for each in schedule(attempts, at, exam_day) if each.at <= at]
    return sorted(waiting, key=lambda each: (each.known, each.item))


@typed
def gaps(times: int, at: int, exam_day: date | None = None) -> list[int]:
    """The days between a question's ``times`` askings, each answered right when it was due.

    They end where the next one would not come before the exam. MissingPackage where fsrs is absent.
    """
    attempts: list[ItemAttempt] = []
    found: list[int] = []
    whole("at", at, least=0, most=LAST - MOST_TIMES * LONGEST_DAYS * DAY)
    for _ in range(whole("times", times, least=0, most=MOST_TIMES)):
        attempts.append(ItemAttempt("one", True, at))
        [card] = schedule(attempts, at, exam_day)
        if exam_day is not None and to_datetime(card.at).date() >= exam_day:
            break
        found.append(round((card.at - at) / DAY))
        at = card.at
    return found


def retention(days_left: float | None) -> float:
    """The retention wanted so many days before an exam."""
    if days_left is None or days_left >= RAMP_DAYS or days_left < 0:
        return RETENTION
    return RETENTION_AT_EXAM - (RETENTION_AT_EXAM - RETENTION) * days_left / RAMP_DAYS


def _cards(attempts: Iterable[ItemAttempt], exam_day: date | None) -> Mapping[str, Card]:
    fsrs = _fsrs()
    cards: dict[str, Card] = {}
    for attempt in in_order(attempts):
        when = to_datetime(attempt.at)
        card = cards.get(attempt.item) or fsrs.Card(card_id=len(cards) + 1, due=when)
        left = _days_left(exam_day, attempt.at)
        rating = fsrs.Rating.Again
        if attempt.right:
            rating = fsrs.Rating.Hard if attempt.unsure else fsrs.Rating.Good
        card, _ = _scheduler(left).review_card(card, rating, when)
        cards[attempt.item] = card
    return cards


def _days_left(exam_day: date | None, at: int) -> float | None:
    """Days until the exam's day begins (UTC), None without one and once it is past."""
    if exam_day is None:
        return None
    left = (to_ms(f"{exam_day.isoformat()}T00:00:00Z") - at) / DAY
    return left if left >= 0 else None


def _scheduler(days_left: float | None) -> Scheduler:
    most = LONGEST_DAYS if days_left is None else max(int(days_left), 1)
    return _fsrs().Scheduler(  # type: ignore[no-any-return]
        desired_retention=retention(days_left),
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=min(most, LONGEST_DAYS),
        enable_fuzzing=False,
    )


def _fsrs() -> Any:
    try:
        import fsrs
    except ModuleNotFoundError as error:
        raise MissingPackage(spoken_exam().say("needs.fsrs")) from error
    return fsrs
