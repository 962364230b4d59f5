"""Item statistics: by hand, from simulated classes, and never from a stranger's file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from random import Random

import pytest

from kinesis_sim.errors import UsageError
from kinesis_sim.exam.attempts import ItemAttempt
from kinesis_sim.exam.attempts_file import as_lines, read_attempts
from kinesis_sim.exam.statistics import analysed, as_csv, as_text, figure, frame


def sat(learner: str, marks: str) -> list[ItemAttempt]:
    """A sitting: "110" is right, right, wrong."""
    return [
        ItemAttempt(
            f"q{n}", mark == "1", n, ["b" if mark == "1" else "a"], sitting="s", learner=learner
        )
        for n, mark in enumerate(marks)
    ]


GUTTMAN = [
    attempt
    for n, marks in enumerate(("1111", "1110", "1100", "1000"))
    for attempt in sat(f"l{n}", marks)
]


def test_difficulty_discrimination_and_kr20_are_those_reckoned_by_hand() -> None:
    found = analysed(GUTTMAN)
    assert [item.difficulty for item in found.items] == [1, 0.75, 0.5, 0.25]
    # KR-20: 4/3 * (1 - (0 + 3/16 + 4/16 + 3/16) / 1.25), the scores being 4, 3, 2, 1
    assert found.kr20 == pytest.approx(4 / 3 * (1 - 0.625 / 1.25))
    assert (found.learners, found.sittings, found.alike) == (4, 4, (4, 4))
    first, second, third, _ = found.items
    assert first.discrimination is None, "all had it right"
    assert second.discrimination == pytest.approx(0.522, abs=0.001)
    assert third.discrimination == pytest.approx(0.707, abs=0.001)
    assert second.answers == {"b": 3, "a": 1}


def a_class(seed: int, learners: int = 200) -> list[ItemAttempt]:
    """Learners of different strength; q0 to q8 tell them apart, q9 is marked by chance."""
    rng = Random(seed)
    found: list[ItemAttempt] = []
    for n in range(learners):
        strength = rng.random()
        marks = ["1" if rng.random() < strength else "0" for _ in range(9)]
        found += sat(f"l{n}", "".join(marks) + rng.choice("01"))
    return found


def test_a_question_that_tells_nobody_apart_is_flagged() -> None:
    found = analysed(a_class(1))
    assert [item.item for item in found.items if "blunt" in item.flags] == ["q9"]
    assert all((item.discrimination or 0) > 0.3 for item in found.items[:9])
    assert 0.6 < (found.kr20 or 0) < 0.95


def test_few_attempts_flag_nothing() -> None:
    assert all(item.flags == () for item in analysed(GUTTMAN).items)


def test_an_unused_option_and_blanks_are_counted() -> None:
    attempts = [
        ItemAttempt(
            "K02-one-second", False, n, None if n < 3 else ["tiny", "large"], sitting=f"s{n}"
        )
        for n in range(12)
    ]
    [item] = analysed(attempts).items
    assert item.answers == {"–": 3, "tiny": 9, "large": 9}
    assert set(item.flags) == {"hard", "unused"}


def test_the_first_answer_of_a_sitting_counts() -> None:
    one, two = sat("l", "0"), sat("l", "1")
    assert analysed([*one, *two]).items[0].right == 0


def test_nothing_at_all_is_told_as_such() -> None:
    found = analysed([])
    assert as_text(found).startswith("Questions: 0; sittings: 0; learners: 0.\nNo KR-20")


def test_the_table_the_file_and_the_figure_say_the_same() -> None:
    found = analysed(a_class(2))
    table = frame(found)
    read = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert [float(row["difficulty"]) for row in read] == list(table["difficulty"])
    assert "flags" in table
    drawn = figure(found, "pt-BR")
    assert drawn.summary.startswith("10 questões")
    assert drawn.png().startswith(b"\x89PNG")


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("people", [1, 5])
def test_where_all_fare_alike_no_reliability_is_reckoned_and_it_is_said(
    right: bool, people: int
) -> None:
    sat = [
        ItemAttempt(item, right, 5, ["a"], sitting="s", learner=f"l{n}")
        for n in range(people)
        for item in ("K02-a", "K02-b")
    ]
    found = analysed([*sat, *sat])  # a file handed in twice counts once
    assert (found.learners, found.sittings, found.kr20) == (people, people, None)
    assert [(each.n, each.difficulty, each.discrimination) for each in found.items] == [
        (people, float(right), None)
    ] * 2
    assert "No KR-20" in as_text(found)
    assert "Sem KR-20" in as_text(found, "pt-BR")


def test_attempts_are_written_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "ana.jsonl"
    file.write_bytes(as_lines(GUTTMAN))
    assert read_attempts([file]) == GUTTMAN


ROW = {"learner": "ana", "sitting": "s-1", "item": "K02-a", "answer": ["a"], "right": True, "at": 5}


STRANGE = [
    "no json",
    "[]",
    "[" * 3_900,
    "x" * 5_000,
    json.dumps({k: v for k, v in ROW.items() if k != "at"}),
    *(
        json.dumps(ROW | change)
        for change in (
            {"more": 1},
            {"item": "../../etc/passwd"},
            {"item": "<script>alert(1)</script>"},
            {"sitting": 7},
            {"learner": "x" * 200},
            {"right": "yes"},
            {"at": True},
            {"at": -1},
            {"at": 10**40},
            {"at": 1e9},
        )
    ),
]
"""Lines that are no attempt."""


@pytest.mark.parametrize("text", STRANGE)
def test_a_strangers_attempts_are_refused_by_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps(ROW) + "\n" + text + "\n")
    with pytest.raises(UsageError, match=r"line 2 of .*a\.jsonl"):
        read_attempts([file])


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "b.jsonl"
    with pytest.raises(UsageError, match=r"b\.jsonl cannot be read"):
        read_attempts([file])
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"b\.jsonl cannot be read"):
        read_attempts([file])


def test_a_learners_name_is_no_formula_in_a_spreadsheet() -> None:
    attempt = ItemAttempt("K02-a", True, 1, ["=cmd()"], sitting="s", learner="=1+1")
    [row] = csv.DictReader(io.StringIO(as_csv(analysed([attempt]))))
    assert row["answers"] == "'=cmd() 1"
