"""A sitting: the last answer counts, time is what passed, and nothing comes after the end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.errors import UsageError
from kinesis_sim.exam.draw import mock_paper, practice_paper
from kinesis_sim.exam.report import TOO_FEW, DomainScore, report_of
from kinesis_sim.exam.sitting import Sitting
from kinesis_sim.exam.turns import Turn, turn_from
from tests.exam.pool import NOW, SAA, pool

BANK = pool()
PAPER = mock_paper(SAA, BANK.values(), 10, seed=1)
MINUTE = 60_000


def answered(at: int, question: int, option: str = "b") -> Turn:
    return Turn("answer", at, question, [option], option == "b")


def sat(*turns: Turn, pace: str = "1") -> Sitting:
    return Sitting.of(PAPER, [Turn("begin", NOW, pace=pace), *turns])


def test_an_answer_can_be_changed_and_taken_back_until_the_end() -> None:
    going = sat(answered(NOW + 1, 0, "a"), answered(NOW + 2, 0), answered(NOW + 3, 1))
    assert going.right == 2
    going.take(Turn("clear", NOW + 4, 1))
    assert (going.right, going.open) == (1, list(range(1, 10)))
    going.take(Turn("end", NOW + 5))
    going.take(answered(NOW + 6, 5))
    assert (going.right, going.ended) == (1, NOW + 5)


def test_in_practice_the_first_answer_counts() -> None:
    paper = practice_paper(list(BANK.values()), 3, 0, about="K02")
    going = Sitting.of(paper, [Turn("begin", NOW), answered(NOW, 0, "a"), answered(NOW, 0)])
    assert going.right == 0
    assert going.left(NOW + 10**9) is None


def test_time_is_the_exams_own_and_can_be_doubled_or_switched_off() -> None:
    going = sat(answered(NOW + 5 * MINUTE, 0))
    assert going.left(NOW + 6 * MINUTE) == 14 * MINUTE
    going.take(Turn("pace", NOW + 6 * MINUTE, pace="2"))
    assert going.left(NOW + 6 * MINUTE) == 34 * MINUTE
    going.take(Turn("pace", NOW + 6 * MINUTE, pace="off"))
    assert going.left(NOW + 600 * MINUTE) is None
    assert not going.is_over(NOW + 600 * MINUTE)
    assert sat(pace="1.5").left(NOW) == 30 * MINUTE


def test_when_time_is_up_a_late_answer_does_not_count() -> None:
    going = sat(answered(NOW + MINUTE, 0))
    assert going.is_over(NOW + 20 * MINUTE)
    going.take(answered(NOW + 21 * MINUTE, 1))
    assert (going.right, going.ended, going.spent) == (1, NOW + 20 * MINUTE, 20 * MINUTE)


def test_a_clock_turned_back_gives_and_takes_nothing() -> None:
    going = sat(answered(NOW + 5 * MINUTE, 0), answered(NOW - 600 * MINUTE, 1))
    assert going.left(NOW - 600 * MINUTE) == 15 * MINUTE
    assert going.left(NOW - 599 * MINUTE) == 14 * MINUTE
    assert going.left(NOW - 5000 * MINUTE) == 15 * MINUTE
    assert going.right == 2


def test_what_passed_while_it_was_broken_off_costs_nothing() -> None:
    going = sat(answered(NOW + 5 * MINUTE, 0), Turn("resume", NOW + 9_000 * MINUTE))
    assert going.left(NOW + 9_001 * MINUTE) == 14 * MINUTE


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abcd"), st.integers(-9, 9))))
def test_a_crash_at_any_turn_loses_nothing_and_time_never_grows(
    done: list[tuple[int, str, int]],
) -> None:
    at, turns = NOW, [Turn("begin", NOW)]
    for question, option, step in done:
        at += step * 10_000
        turns.append(answered(at, question, option))
    whole = Sitting.of(PAPER, turns)
    for cut in range(len(turns)):
        half = Sitting.of(PAPER, turns[:cut])
        for turn in turns[cut:]:
            half.take(turn)
        assert half == whole
    left = [
        Sitting.of(PAPER, turns[: cut + 1]).left(turns[cut].at) or 0 for cut in range(len(turns))
    ]
    assert left == sorted(left, reverse=True)


def test_flags_are_set_and_taken_away() -> None:
    going = sat(Turn("flag", NOW, 3), Turn("flag", NOW, 4), Turn("unflag", NOW, 3))
    assert going.flagged == {4}
    going.take(Turn("flag", NOW, 99))
    assert going.flagged == {4}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"did": "cheat"},
        {"did": "answer", "question": -1},
        {"did": "answer", "question": 10**9},
        {"did": "answer", "question": "0"},
        {"did": "answer", "question": True},
        {"did": "answer", "question": 1, "right": "yes"},
        {"did": "pace", "pace": "fast"},
        {"did": ["end"]},
    ],
)
def test_a_strangers_turn_is_refused(data: Any) -> None:
    with pytest.raises(UsageError):
        turn_from(data, NOW)


def test_a_turn_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(UsageError, match="calendar"):
        turn_from({"did": "end"}, 1 << 52)


def test_a_report_is_by_domain_and_says_nothing_of_few() -> None:
    bank = pool(20)
    paper = mock_paper(SAA, bank.values(), 16, seed=1)
    turns = [Turn("begin", NOW), *(answered(NOW + n, n) for n in range(16)), Turn("end", NOW + 99)]
    found = report_of(Sitting.of(paper, turns), bank, SAA)
    assert [(score.asked, score.percent) for score in found.domains] == [
        (5, 100),
        (4, None),
        (4, None),
        (3, None),
    ]
    assert [score.wanted for score in found.domains] == [5, 4, 4, 3]
    assert (found.total.percent, found.wrong, found.blank) == (100, (), 0)


def test_blank_is_wrong() -> None:
    found = report_of(sat(answered(NOW, 3), answered(NOW, 4, "a")), BANK, SAA)
    assert (found.total.right, found.total.asked, found.blank) == (1, 10, 8)
    assert found.wrong == (0, 1, 2, 4, 5, 6, 7, 8, 9)


@pytest.mark.parametrize(
    ("right", "asked", "between"),
    [(0, 10, (0, 21)), (10, 10, (79, 100)), (5, 10, (27, 73)), (40, 50, (69, 88)), (4, 4, None)],
)
def test_the_range_of_a_share_is_wilsons(
    right: int, asked: int, between: tuple[int, int] | None
) -> None:
    """By the published formula at z = 1.6449, reckoned apart."""
    assert DomainScore("1", right, asked).between == between


def test_too_few_is_a_number_that_a_test_notices() -> None:
    assert TOO_FEW == 5


def test_a_question_that_left_the_bank_counts_in_the_total_alone() -> None:
    gone = PAPER.questions[0].item
    rest = {name: one for name, one in BANK.items() if name != gone}
    found = report_of(sat(answered(NOW, 0)), rest, SAA)
    assert sum(score.asked for score in found.domains) == 9
    assert (found.total.asked, found.total.right) == (10, 1)
