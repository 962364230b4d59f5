"""What a learner did is kept: in one file, through crashes and two windows, and is theirs."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.course import Lesson, progress, progress_file
from kinesis_sim.course.progress import MARK, VARIABLE, Checked, OutOfReach, Progress
from kinesis_sim.course.progress import progress_file as own_file
from kinesis_sim.errors import UsageError

LESSON = "producers"
DAY = 86_400_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "progress.sqlite"


def test_a_new_kernel_finds_what_the_old_one_kept(file: Path) -> None:
    first = Progress(file)
    first.predict(LESSON, "tiny", 1000, at=0)
    first.predict(LESSON, "tiny", 900, at=1)
    first.check(LESSON, "resend", Checked(True, 4, 3), at=2)
    first.answer(LESSON, "K02-one-second", ["b"], right=False, at=3)
    second = Progress(file)
    assert second.guess(LESSON, "tiny") == 900
    assert second.checked(LESSON, "resend") == Checked(True, 4, 3)
    assert second.answers(LESSON) == {"K02-one-second": ["b"]}


def test_the_first_answer_counts_and_a_passed_exercise_stays_passed() -> None:
    kept = Progress()
    kept.answer(LESSON, "x", ["a"], right=True, at=0)
    kept.answer(LESSON, "x", ["b"], right=False, at=1)
    kept.check(LESSON, "e", Checked(True, 2, 2), at=2)
    kept.check(LESSON, "e", Checked(False, 1, 1), at=3)
    assert kept.answers(LESSON) == {"x": ["a"]}
    assert kept.checked(LESSON, "e") == Checked(True, 2, 2)
    assert kept.standing(LESSON).right == 1


def test_minutes_are_those_of_work_not_of_the_night_between(file: Path) -> None:
    kept = Progress(file)
    for minute in (0, 1, 3, 4, 24 * 60, 24 * 60 + 2):
        kept.seen(LESSON, minute * 60_000)
    assert kept.standing(LESSON).minutes == 4 + 5 + 2 + 1


def test_two_windows_lose_nothing_of_each_other(file: Path) -> None:
    one, other = Progress(file), Progress(file)
    for number in range(20):
        (one if number % 2 else other).answer(LESSON, f"q-{number}", ["a"], right=True, at=number)
    assert len(one.answers(LESSON)) == len(other.answers(LESSON)) == 20


def test_an_export_comes_back_and_adds_to_what_is_there(file: Path) -> None:
    kept = Progress(file)
    kept.predict(LESSON, "tiny", "one", at=5)
    kept.answer(LESSON, "q", {"a": "b"}, right=True, at=DAY)
    text = json.dumps(kept.exported())
    fresh = Progress()
    fresh.predict(LESSON, "tiny", "mine", at=9)
    fresh.take_in(text)
    assert fresh.guess(LESSON, "tiny") == "mine", "what is here already stays"
    assert fresh.answers(LESSON) == {"q": {"a": "b"}}
    kept.delete()
    assert not file.exists()


GOOD: dict[str, Any] = {
    "kinesis_lab_progress": 1,
    "answers": [{"lesson": "a", "item": "b", "answer": '["x"]', "is_right": 1, "at": 5}],
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"kinesis_lab_progress": 9}',
        '{"kinesis_lab_progress": 2, "turns": '
        '[{"sitting": "s", "number": 1, "turn": "{", "at": 1}]}',
        '{"kinesis_lab_progress": 2, "goals": [{"family": "clf", "day": "tomorrow", "at": 1}]}',
        json.dumps(
            {
                "kinesis_lab_progress": 2,
                "sittings": [{"sitting": "s", "paper": f'"{"x" * 60_000}"', "at": 1}],
            }
        ),
        '{"kinesis_lab_progress": 1, "answers": {}}',
        '{"kinesis_lab_progress": 1, "answers": [1]}',
        '{"kinesis_lab_progress": NaN}',
        '{"kinesis_lab_progress": 1, "answers": [], "answers": []}',
        json.dumps(GOOD).replace('"item":', '"item": "other", "item":', 1),
        *[
            json.dumps(GOOD | {"answers": [GOOD["answers"][0] | {column: value}]})
            for column, value in [
                ("lesson", "../../etc"),
                ("lesson", "<script>alert(1)</script>"),
                ("item", "x" * 5_000),
                ("answer", "no json"),
                ("answer", "[" * 1_900),
                ("at", 1e400),
                ("at", 10**40),
                ("at", -1),
                ("at", True),
                ("at", "1; drop table answers"),
                ("is_right", None),
                ("more", 1),
            ]
        ],
    ],
)
def test_a_strangers_export_is_refused_and_nothing_changes(text: str) -> None:
    kept = Progress()
    kept.answer(LESSON, "q", ["a"], right=True, at=1)
    before = kept.exported()
    with pytest.raises(UsageError, match="no export of progress"):
        kept.take_in(text)
    assert kept.exported() == before


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_whatever_is_imported_is_taken_or_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="no export of progress"):
        Progress().take_in(text)


def test_a_file_that_is_no_progress_is_named_and_left_alone(file: Path) -> None:
    file.write_bytes(b"not a database, but a diary" * 100)
    with pytest.raises(UsageError, match="not to be used as a progress file"):
        Progress(file)
    assert file.read_bytes().startswith(b"not a database")


def test_a_strangers_trigger_is_not_opened(file: Path) -> None:
    Progress(file).seen(LESSON, 0)
    with sqlite3.connect(file) as db:
        db.execute("create trigger t after insert on answers begin delete from checks; end")
    with pytest.raises(UsageError, match="trigger t"):
        Progress(file)


def test_another_programs_database_is_not_written_to(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("create table diary (day text)")
    with pytest.raises(UsageError, match="table diary"):
        Progress(file)
    with sqlite3.connect(file) as db:
        assert [name for (name,) in db.execute("select name from sqlite_master")] == ["diary"]


def test_a_file_of_the_first_version_is_brought_up_to_date(file: Path) -> None:
    Progress(file).answer(LESSON, "q", ["a"], right=True, at=1)
    with sqlite3.connect(file) as db:
        for table in ("sittings", "turns", "goals"):
            db.execute(f"drop table {table}")
        db.execute("pragma user_version = 1")
    kept = Progress(file)
    assert kept.answers(LESSON) == {"q": ["a"]}
    assert kept.rows("select count(*) from turns") == [(0,)]


def test_a_later_versions_file_is_refused(file: Path) -> None:
    Progress(file).seen(LESSON, 0)
    with sqlite3.connect(file) as db:
        db.execute("pragma user_version = 9")
    with pytest.raises(UsageError, match="later Kinesis Lab"):
        Progress(file)


def test_the_file_is_that_of_the_learners_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert own_file(tmp_path) is None
    (tmp_path / MARK).write_text("{}")
    (tmp_path / "en").mkdir()
    assert own_file(tmp_path / "en") == tmp_path / "progress.sqlite"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "other"))
    assert own_file(tmp_path) == tmp_path / "other"


def test_a_lesson_restored_in_a_new_kernel(file: Path) -> None:
    choices = {"one": "one shard", "any": "any shard"}
    lesson = Lesson(LESSON, progress=Progress(file), today=lambda: 1)
    lesson.predict("tiny", "How many?", choices=choices).guess = "any"
    quiz = lesson.quiz()
    first = next(iter(quiz.quiz.items.values()))
    quiz.submitted = {first.id: [first.options[0].id]} if first.options else {first.id: 1}
    later = Lesson(LESSON, progress=Progress(file), today=lambda: DAY)
    assert later.predict("tiny", "How many?", choices=choices).guess == "any"
    assert set(later.quiz().results) == {first.id}
    assert "1 answered" in later.quiz().score
    assert later.end().progress.standing(LESSON).answered == 1


def test_a_busy_or_full_disk_is_no_corrupt_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_file, "BUSY_MS", 1)
    kept = Progress(file)
    kept.seen(LESSON, 0)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin exclusive")
        with pytest.raises(OutOfReach, match="what was kept before is safe") as busy:
            kept.seen(LESSON, 1)
    assert "em inglês: database is locked)" in busy.value.said("pt-BR")
    assert "Move it away" not in str(busy.value)
    kept.seen(LESSON, 2)


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_BUSY_SNAPSHOT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY_DIRECTORY,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_CANTOPEN_ISDIR,
    ],
)
def test_what_passes_is_told_as_passing(
    file: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Progress(file)
    error = sqlite3.OperationalError("the disk says no")
    error.sqlite_errorcode = code

    def fails(_: str) -> sqlite3.Connection:
        raise error

    monkeypatch.setattr(progress, "opened", fails)
    with pytest.raises(OutOfReach, match="the disk says no"):
        kept.seen(LESSON, 0)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("turns", ("s", 1, b"\xff", 5)),
        ("sittings", ("s", b"\x00", 5)),
        ("turns", ("s", 1, '{"did": "answer", "answer": 1e999}', 5)),
        ("turns", ("s", 1, '{"did": "answer", "answer": NaN}', 5)),
        ("turns", ("s", 1, "{}", "yesterday")),
        ("predictions", (LESSON, "tiny", b"\xff", 1)),
        ("answers", (LESSON, "q", "no json", 1, 1)),
    ],
)
def test_what_a_stranger_wrote_into_the_file_leaves_the_export_whole(
    file: Path, table: str, values: tuple[Any, ...]
) -> None:
    kept = Progress(file)
    kept.predict(LESSON, "own", 7, at=5)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)
    assert kept.guess(LESSON, "tiny") is None
    assert kept.answers(LESSON).get("q") is None
    fresh = Progress()
    assert fresh.take_in(json.dumps(kept.exported(), allow_nan=False)) == 2
    assert fresh.guess(LESSON, "own") == 7


def test_what_json_cannot_say_is_never_kept() -> None:
    kept = Progress()
    with pytest.raises(ValueError, match="JSON"):
        kept.predict(LESSON, "tiny", float("nan"), at=1)
    with pytest.raises(ValueError, match="JSON"):
        kept.answer(LESSON, "q", float("inf"), right=False, at=1)
