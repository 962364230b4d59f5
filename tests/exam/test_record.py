"""Turns in the learner's file: kept at once, by several windows, and never a stranger's."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from kinesis_sim.course.progress import Progress
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.draw import mock_paper, practice_paper
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.exam.turns import Turn
from tests.exam.pool import NOW, SAA, at_random, knows, pool, sit

BANK = pool()
PAPER = mock_paper(SAA, BANK.values(), 10, seed=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "progress.sqlite"


def answer(record: ExamRecord, name: str, question: int, at: int = NOW) -> None:
    record.append(name, Turn("answer", at, question, ["b"], True))


def test_a_crash_in_mid_exam_loses_no_answer(file: Path) -> None:
    first = ExamRecord(Progress(file))
    name = first.begin(PAPER, NOW)
    for question in range(4):
        answer(first, name, question)
    after = ExamRecord(Progress(file))
    assert after.open() == name
    assert sorted(after.sitting(name).answers) == [0, 1, 2, 3]
    assert after.sitting(name).paper == PAPER


def test_two_windows_lose_nothing(file: Path) -> None:
    one, other = ExamRecord(Progress(file)), ExamRecord(Progress(file))
    name = one.begin(PAPER, NOW)
    for question in range(10):
        answer(one if question % 2 else other, name, question)
    assert one.sitting(name).open == []
    assert other.sitting(name) == one.sitting(name)


def test_two_exams_begun_in_one_instant_are_two(file: Path) -> None:
    record = ExamRecord(Progress(file))
    assert len({record.begin(PAPER, NOW) for _ in range(3)}) == 3


def test_a_mock_exam_gives_attempts_at_its_end_blank_ones_too() -> None:
    record = ExamRecord(Progress())
    name = record.begin(PAPER, NOW)
    answer(record, name, 2)
    assert record.attempts() == []
    record.append(name, Turn("end", NOW + 5))
    found = record.attempts()
    assert [attempt.right for attempt in found].count(True) == 1
    assert [attempt.answer for attempt in found].count(None) == 9
    assert record.open() is None


def test_practice_gives_an_attempt_with_each_answer() -> None:
    record = ExamRecord(Progress())
    name = record.begin(practice_paper(list(BANK.values()), 3, 0, about="K02"), NOW)
    record.append(name, Turn("flag", NOW, 1))
    answer(record, name, 1, NOW + 7)
    [attempt] = record.attempts()
    assert (attempt.right, attempt.unsure, attempt.at) == (True, True, NOW + 7)


def test_exam_days_are_kept_and_forgotten() -> None:
    record = ExamRecord(Progress())
    record.aim("saa", date(2027, 1, 20), NOW)
    record.aim("clf", date(2026, 12, 20), NOW)
    assert record.next_exam(date(2026, 12, 21)) == date(2027, 1, 20)
    record.aim("saa", None, NOW)
    assert record.goals() == {"clf": date(2026, 12, 20)}
    assert record.next_exam(date(2026, 12, 21)) is None


def test_an_export_brings_exams_to_another_machine(file: Path) -> None:
    record, name = sit(knows("1"), BANK, seed=4, questions=5, record=ExamRecord(Progress(file)))
    record.aim("saa", date(2027, 1, 20), NOW)
    text = json.dumps(record.progress.exported())
    there = ExamRecord(Progress())
    there.progress.take_in(text)
    assert there.attempts() == record.attempts()
    assert there.sitting(name) == record.sitting(name)
    assert there.progress.take_in(text) == 0, "what is here already stays"


def test_forgetting_a_lesson_forgets_no_exam(file: Path) -> None:
    record, _ = sit(at_random, BANK, seed=4, questions=3, record=ExamRecord(Progress(file)))
    record.progress.forget("producers")
    assert len(record.attempts()) == 3


STRANGE = [
    ("sittings", ("x", '{"mode": "mock", "questions": [["__import__", 1, ["os"]]]}', 5)),
    ("sittings", ("x", "[" * 30, 5)),
    ("sittings", ("x", '"<script>alert(1)</script>"', 5)),
    ("sittings", ("x", b"\x00\xff", 5)),
    ("turns", ("SITTING", 77, '{"did": "answer", "question": 999999999999}', NOW)),
    ("turns", ("SITTING", 77, '{"did": "end"}', 1 << 52)),
    ("turns", ("SITTING", 77, "NaN", NOW)),
]


@pytest.mark.parametrize(("table", "row"), STRANGE)
def test_what_a_stranger_wrote_into_the_file_is_left_aside(
    file: Path, table: str, row: tuple[object, ...]
) -> None:
    record, name = sit(at_random, BANK, seed=4, questions=2, record=ExamRecord(Progress(file)))
    kept, _ = sit(at_random, BANK, seed=5, questions=2, record=record)
    values = tuple(name if value == "SITTING" else value for value in row)
    with sqlite3.connect(file) as db:
        db.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)
    assert len(kept.attempts()) in (2, 4)
    assert record.open() is None


def test_a_sitting_that_is_none_is_named() -> None:
    with pytest.raises(UsageError, match="no sitting 'mock-1-1'"):
        ExamRecord(Progress()).sitting("mock-1-1")
