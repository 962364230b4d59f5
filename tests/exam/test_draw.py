"""Papers: domains by weight, topics in turn, options shuffled, and all of it by seed."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.course.bank import items
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.certification import certification
from kinesis_sim.exam.draw import mock_paper, practice_paper, seats
from kinesis_sim.exam.paper import ExamPaper, asked, paper_from
from tests.exam.pool import DAY, SAA, pool, question, shown

WEIGHTS = {"1": 30, "2": 26, "3": 24, "4": 20}


def domains(paper: ExamPaper, bank: dict[str, object]) -> Counter[str]:
    found = [asked(one, bank) for one in paper.questions]  # type: ignore[arg-type]
    return Counter(SAA.domain_of(one) or "" for one in found if one is not None)


@given(
    st.dictionaries(st.sampled_from("1234"), st.integers(0, 40), min_size=4, max_size=4),
    st.integers(1, 120),
)
def test_seats_are_given_out_whole_and_never_beyond_the_room(
    room: dict[str, int], questions: int
) -> None:
    given_out = seats(WEIGHTS, room, questions)
    assert sum(given_out.values()) == min(questions, sum(room.values()))
    assert all(given_out[domain] <= room[domain] for domain in WEIGHTS)


@given(st.integers(1, 200))
def test_with_room_for_all_each_domain_is_within_one_of_its_weight(questions: int) -> None:
    given_out = seats(WEIGHTS, dict.fromkeys(WEIGHTS, 500), questions)
    for domain, weight in WEIGHTS.items():
        assert abs(given_out[domain] - questions * weight / 100) < 1


def test_a_mock_exam_has_the_exams_weights() -> None:
    bank = pool(40)
    paper = mock_paper(SAA, bank.values(), 50, seed=1)
    assert domains(paper, bank) == {"1": 15, "2": 13, "3": 12, "4": 10}  # type: ignore[arg-type]
    assert len({one.item for one in paper.questions}) == 50
    assert paper.ms == 50 * 120_000


def test_what_a_domain_lacks_the_others_give_and_the_paper_says_so() -> None:
    bank = {name: one for name, one in pool(20).items() if not name.startswith("S01-q1")}
    paper = mock_paper(SAA, bank.values(), 40, seed=1)
    found = domains(paper, bank)  # type: ignore[arg-type]
    assert found["1"] == 9
    assert found.total() == 40
    assert paper.seats == {"1": 12, "2": 10, "3": 10, "4": 8}


def test_a_seed_draws_the_same_paper_and_another_seed_another() -> None:
    bank = pool()
    assert mock_paper(SAA, bank.values(), 20, 5) == mock_paper(SAA, bank.values(), 20, 5)
    assert mock_paper(SAA, bank.values(), 20, 5) != mock_paper(SAA, bank.values(), 20, 6)


def test_options_are_shuffled_over_every_place() -> None:
    bank = pool()
    paper = mock_paper(SAA, bank.values(), 80, seed=2)
    places = Counter([o.id for o in shown(one, bank).options].index("b") for one in paper.questions)
    assert set(places) == {0, 1, 2, 3}
    assert min(places.values()) >= 10


def test_topics_of_a_domain_take_turns() -> None:
    many = [question(2, number) for number in range(30)]
    few = [question(2, 100 + n, lesson="capacity") for n in range(2)]
    bank = {one.id: one for one in many}
    other = {one.id.replace("K02", "K05"): one for one in few}
    from dataclasses import replace

    bank |= {name: replace(one, id=name, topics=("K05",)) for name, one in other.items()}
    paper = mock_paper(SAA, bank.values(), 4, seed=3)
    assert Counter(one.item[:3] for one in paper.questions) == {"K02": 2, "K05": 2}


def test_a_paper_is_written_and_read_back() -> None:
    paper = mock_paper(SAA, pool().values(), 65, seed=9)
    assert paper_from(paper.written()) == paper


@pytest.mark.parametrize("family", ["clf", "saa", "dva", "dea"])
def test_every_exam_has_questions_in_the_bank(family: str) -> None:
    exam = certification(family, DAY)
    paper = mock_paper(exam, items(), 10, seed=0)
    assert paper.questions
    assert paper.exam == exam.exam


@pytest.mark.parametrize("questions", [0, -1, 201, 10**30, True, 1.5])
def test_a_number_of_questions_that_is_none_is_refused(questions: int) -> None:
    with pytest.raises(UsageError, match=r"questions"):
        mock_paper(SAA, pool().values(), questions, 0)


def test_an_exam_without_questions_says_so() -> None:
    with pytest.raises(UsageError, match="no questions of SAA-C03"):
        mock_paper(SAA, [], 10, 0)
    with pytest.raises(UsageError, match="no question to practise for K99"):
        practice_paper([], 10, 0, about="K99")


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "cheat"},
        {"mode": ["mock"]},
        {"questions": []},
        {"questions": [["x", 1, ["a"]]] * 201},
        {"questions": [["x", -1, ["a"]]]},
        {"questions": [["x", 10**40, ["a"]]]},
        {"questions": [["x" * 500, 1, ["a"]]]},
        {"questions": [[{"__class__": "os.system"}, 1, ["a"]]]},
        {"questions": [["x", 1, "abc"]]},
        {"ms": -5},
        {"ms": 1e9},
        {"ms": 10**30},
        {"seats": {"1": "many"}},
        {"family": None},
    ],
)
def test_a_strangers_paper_is_refused_in_a_sentence(change: dict[str, object]) -> None:
    good = mock_paper(SAA, pool().values(), 3, seed=9).written()
    with pytest.raises(UsageError, match="This is no exam paper"):
        paper_from(good | change)
    for data in (None, [], "paper", {}, 7):
        with pytest.raises(UsageError, match="This is no exam paper"):
            paper_from(data)
