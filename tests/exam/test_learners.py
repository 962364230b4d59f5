"""Simulated learners through exam, report, choice and spacing: each fares as it should."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from kinesis_sim.course.bank import drawn, items
from kinesis_sim.course.item import Item
from kinesis_sim.course.progress import Progress
from kinesis_sim.course.words import LANGUAGES, in_language
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.attempts import ItemAttempt
from kinesis_sim.exam.choice import fresh_first, of_exam, of_topics, standings, weak
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.exam.report import ExamReport, report_of
from kinesis_sim.exam.spacing import (
    LONGEST_DAYS,
    RETENTION,
    RETENTION_AT_EXAM,
    due,
    retention,
    schedule,
)
from kinesis_sim.instants import DAY
from tests.exam.pool import NOW, SAA, Answerer, at_random, knows, longest, pool, sit

BANK = pool(40)


def reported(learner: Answerer, seed: int, questions: int = 60) -> ExamReport:
    record, name = sit(learner, BANK, seed=seed, questions=questions)
    return report_of(record.sitting(name), BANK, SAA)


def test_one_who_guesses_gets_a_quarter() -> None:
    shares = [reported(at_random, seed).total.percent or 0 for seed in range(30)]
    assert 22 <= sum(shares) / len(shares) <= 28


def test_one_who_takes_the_longest_option_gets_nothing_for_it() -> None:
    assert reported(longest, 1).total.right == 0, "the key of these questions is never the longest"


def test_on_the_courses_own_bank_the_longest_option_is_worth_no_more_than_a_guess() -> None:
    single = [drawn(one, 0) for one in items() if one.kind == "single"]
    right = {
        language: sum(_longest_in(one, language) in one.keys for one in single)
        for language in LANGUAGES
    }
    expected = sum(1 / len(one.options) for one in single)
    spread = 3 * sum((len(o.options) - 1) / len(o.options) ** 2 for o in single) ** 0.5
    assert all(count <= expected + spread for count in right.values()), (right, expected)


def _longest_in(one: Item, language: str) -> str:
    return max(one.options, key=lambda each: len(in_language(each.text, language))).id


def test_one_who_is_strong_in_a_domain_is_told_so() -> None:
    found = {score.id: score for score in reported(knows("2"), 3).domains}
    assert found["2"].percent == 100
    assert all((found[other].percent or 0) < 60 for other in "134")


def test_one_who_improves_is_told_so_and_is_asked_later() -> None:
    """Four exams, each knowing one domain more: the report rises, and what is due thins out."""
    record, percents, spaces = ExamRecord(Progress()), [], []
    for number in range(5):
        at = NOW + number * 10 * DAY
        learner = knows(*"1234"[:number])
        _, name = sit(learner, BANK, seed=7, questions=60, at=at, record=record)
        percents.append(report_of(record.sitting(name), BANK, SAA).total.percent or 0)
        cards = schedule(record.attempts(), at)
        spaces.append(sum(card.at - at for card in cards) / len(cards))
    assert percents == sorted(percents)
    assert percents[0] < 45 < percents[-1] == 100
    assert spaces == sorted(spaces), "the better, the later it is asked again"


def test_what_is_weak_is_what_went_wrong_and_comes_first() -> None:
    record, _ = sit(knows("1", "2", "4"), BANK, seed=3, questions=60)
    first, *_ = standings(BANK, record.attempts())
    assert first.topic == "K02"
    practice = weak(BANK, record.attempts())
    wrong = {a.item for a in record.attempts() if not a.right}
    assert {item.topics for item in practice} == {("K02",)}
    assert {item.id for item in practice[: len(wrong)]} == wrong


def test_one_who_knows_all_has_nothing_weak() -> None:
    record, _ = sit(knows("1", "2", "3", "4"), BANK, seed=3)
    with pytest.raises(UsageError, match="Nothing has gone wrong"):
        weak(BANK, record.attempts())
    with pytest.raises(UsageError, match="Nothing has gone wrong"):
        weak(BANK, [])


def test_unseen_questions_come_before_those_seen_long_ago() -> None:
    old, new = ItemAttempt("K02-q1", True, NOW), ItemAttempt("K02-q2", True, NOW + DAY)
    items = [BANK[name] for name in ("K02-q1", "K02-q2", "K02-q3")]
    order = [item.id for item in fresh_first(items, [new, old], seed=1)]
    assert order == ["K02-q3", "K02-q1", "K02-q2"]


@pytest.mark.parametrize(
    ("choose", "said"),
    [
        (lambda: of_topics(BANK.values(), ["Z99"]), "no topic 'Z99'"),
        (lambda: of_topics(BANK.values(), ["V01"]), "no question about V01"),
        (lambda: of_exam(BANK.values(), "xyz"), "no exam family 'xyz'"),
        (lambda: of_exam(BANK.values(), "clf"), "no questions of clf"),
    ],
)
def test_what_cannot_be_practised_is_named(choose: object, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        choose()  # type: ignore[operator]


# --- spacing --------------------------------------------------------------------------------------


def studied(item: str, *outcomes: tuple[float, bool]) -> list[ItemAttempt]:
    return [ItemAttempt(item, right, NOW + round(day * DAY)) for day, right in outcomes]


def test_what_was_wrong_comes_again_before_what_was_right() -> None:
    attempts = studied("wrong", (0, False)) + studied("right", (0, True))
    first, second = schedule(attempts, NOW)
    assert (first.item, second.item) == ("wrong", "right")
    assert first.at >= NOW + DAY
    assert due(attempts, NOW) == []
    assert [each.item for each in due(attempts, first.at)] == ["wrong"]


def test_what_was_guessed_comes_again_before_what_was_known() -> None:
    unsure = [ItemAttempt("guessed", True, NOW, unsure=True)]
    first, _ = schedule(unsure + studied("known", (0, True)), NOW)
    assert first.item == "guessed"


def test_one_who_improves_is_asked_less_and_less_often() -> None:
    """Asked whenever due, wrong at first, right from the third time on."""
    attempts: list[ItemAttempt] = []
    at, gaps = NOW, []
    for number in range(9):
        attempts.append(ItemAttempt("K02-q1", number >= 2, at))
        [card] = schedule(attempts, at)
        gaps.append(card.at - at)
        at = card.at
    assert gaps[2:] == sorted(gaps[2:])
    assert gaps[-1] > 20 * gaps[2]
    assert gaps[-1] <= LONGEST_DAYS * DAY


def test_one_who_guesses_never_gets_rid_of_a_question() -> None:
    rng = Random(1)
    attempts: list[ItemAttempt] = []
    at = NOW
    for _ in range(40):
        attempts.append(ItemAttempt("K02-q1", rng.random() < 0.25, at))
        at = schedule(attempts, at)[0].at
    assert (at - NOW) / 40 < 12 * DAY


def test_no_interval_reaches_beyond_the_exam() -> None:
    exam = date(2026, 6, 20)
    attempts = studied("K02-q1", *((day, True) for day in (0, 3, 9)))
    [free], [bound] = schedule(attempts, NOW), schedule(attempts, NOW, exam)
    day = 1_781_913_600_000  # 2026-06-20T00:00:00Z
    assert bound.at <= day < free.at
    assert bound.at < free.at


def test_the_wanted_retention_rises_towards_the_exam() -> None:
    wanted = [retention(days) for days in (90, 60, 30, 10, 0)]
    assert wanted == sorted(wanted)
    assert (wanted[0], wanted[1], wanted[-1]) == (RETENTION, RETENTION, RETENTION_AT_EXAM)
    assert retention(None) == retention(-3) == RETENTION


def test_an_exam_that_is_past_changes_nothing() -> None:
    attempts = studied("K02-q1", (0, True), (4, True))
    assert schedule(attempts, NOW, date(2020, 1, 1)) == schedule(attempts, NOW)


def test_the_schedule_follows_from_the_attempts_alone() -> None:
    record, _ = sit(at_random, BANK, seed=8)
    attempts = record.attempts()
    assert schedule(attempts, NOW) == schedule(reversed(attempts), NOW)


def test_a_clock_turned_back_breaks_no_card() -> None:
    attempts = studied("K02-q1", (5, True), (2, False), (2, True))
    [card] = schedule(attempts, NOW - 400 * DAY)
    assert 0 <= card.known <= 1


def test_a_whole_bank_can_be_learned_until_the_exam() -> None:
    """Everybody who answers what is due each day knows nearly all on the day."""
    exam, last = date(2026, 6, 27), 30
    attempts: list[ItemAttempt] = []
    items: list[Item] = list(BANK.values())[:30]
    for day in range(last):
        at = NOW + day * DAY
        new = [item.id for item in items[day * 2 : day * 2 + 2]]
        again = [each.item for each in due(attempts, at, exam)]
        attempts += [ItemAttempt(item, True, at) for item in (*again, *new)]
    known = [each.known for each in schedule(attempts, NOW + last * DAY, exam)]
    assert len(known) == 30
    assert min(known) > 0.85


def days_until_asked(learner: Answerer, seed: int) -> float:
    """How many days, on average, until one who sat one exam is asked its questions again."""
    record, _ = sit(learner, BANK, seed=seed, questions=60)
    end = NOW + DAY
    cards = schedule(record.attempts(), end)
    assert len(cards) == 60
    return sum(max(card.at - end, 0) for card in cards) / len(cards) / DAY


def test_each_learner_is_asked_again_as_they_fared() -> None:
    """The guesser soonest, who knows a domain later, who knows all latest."""
    found = {
        "longest": days_until_asked(longest, 5),
        "random": days_until_asked(at_random, 5),
        "strong in one": days_until_asked(knows("1"), 5),
        "all": days_until_asked(knows("1", "2", "3", "4"), 5),
    }
    assert list(found) == sorted(found, key=found.__getitem__), found
    assert len(set(found.values())) == 4
