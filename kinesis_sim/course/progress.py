"""What a learner has done, in one SQLite file of their own.

Guesses, checks and their hints, answers, minutes; exams sat, turn by turn, and when one is sat.

Laws
1. The file belongs to the learner: it lies in their own folder, and can be exported, imported and
   deleted. Without such a folder everything is kept in memory and gone with the kernel.
2. Each thing done is one transaction, so a kernel that is killed loses nothing that was shown as
   kept, and two windows that write at once lose nothing of each other's.
3. What is read from a file or an import is checked before it counts: a stranger's file cannot run
   anything, and what does not fit is refused in one sentence with the old progress untouched.

Time is an argument: epoch milliseconds of the learner's own clock, given by whoever calls.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from kinesis_sim.course.progress_file import (
    OF_A_LESSON,
    TABLES,
    VERSION,
    checked_rows,
    is_row,
    opened,
    value_of,
)
from kinesis_sim.course.words import CourseWords
from kinesis_sim.errors import UsageError
from kinesis_sim.words import spoken_language

FILE = "progress.sqlite"
VARIABLE = "KINESIS_LAB_PROGRESS"  # the file, where whoever starts the lessons names it
IDLE_MINUTES = 5  # a pause longer than this is not time spent on a lesson
PASSING = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL),
        *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),
    }
)
"""What SQLite answers where the disk, or another program, is in the way and the file is sound."""


class OutOfReach(UsageError):
    """The file is sound, but cannot be read or written just now."""

    def __init__(self, path: Path, error: sqlite3.Error) -> None:
        self.path, self.reason = path, str(error)
        super().__init__(self.said(spoken_language()))

    def said(self, lang: str) -> str:
        """The sentence, in a language."""
        words = CourseWords("ui", lang)
        return words.say("progress.out-of-reach", path=self.path, error=self.reason)


@dataclass(frozen=True, slots=True)
class Checked:
    """How an exercise stands: passed once, how many tries, how many hints were shown."""

    passed: bool = False
    tries: int = 0
    hints: int = 0


@dataclass(frozen=True, slots=True)
class LessonStanding:
    """How far a lesson is: counts of what was predicted, passed, answered and right; minutes."""

    predicted: int = 0
    passed: int = 0
    answered: int = 0
    right: int = 0
    minutes: int = 0

    @property
    def begun(self) -> bool:
        """Whether anything of the lesson has been done."""
        return bool(self.predicted or self.passed or self.answered or self.minutes)


class Progress:
    """A learner's progress. path: the file, made on first use; None keeps it in memory.

    Raises UsageError when the file is no progress file, or one of a later version; OutOfReach
    (from any method) while the disk or another program is in the way.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._memory = opened(":memory:") if path is None else None
        if path is not None:
            with self._connected():
                pass

    # --- what is done -------------------------------------------------------------------------

    def predict(self, lesson: str, name: str, guess: str | float, at: int) -> None:
        """Keep a guess; a later one replaces it."""
        row = (lesson, name, json.dumps(guess, allow_nan=False), at)
        self._write("insert or replace into predictions values (?, ?, ?, ?)", row, lesson, at)

    def check(self, lesson: str, exercise: str, now: Checked, at: int) -> None:
        """Keep how an exercise stands; one that was passed stays passed."""
        row = (lesson, exercise, now.passed, now.tries, now.hints, at)
        sql = (
            "insert into checks values (?, ?, ?, ?, ?, ?) on conflict (lesson, exercise) do update "
            "set passed = max(passed, excluded.passed), tries = max(tries, excluded.tries), "
            "hints = max(hints, excluded.hints), at = excluded.at"
        )
        self._write(sql, row, lesson, at)

    def answer(self, lesson: str, item: str, answer: Any, right: bool, at: int) -> None:
        """Keep the first answer to a question; a second one does not count."""
        row = (lesson, item, json.dumps(answer, allow_nan=False), right, at)
        self._write("insert or ignore into answers values (?, ?, ?, ?, ?)", row, lesson, at)

    def seen(self, lesson: str, at: int) -> None:
        """Keep that the learner was at the lesson in this minute."""
        self._write("select 1", (), lesson, at)

    def forget(self, lesson: str) -> None:
        """Start a lesson again: all that was kept of it goes."""
        with self._connected() as db, db:
            for table in OF_A_LESSON:
                db.execute(f"delete from {table} where lesson = ?", (lesson,))

    # --- what was done ------------------------------------------------------------------------

    def guess(self, lesson: str, name: str) -> str | float | None:
        """The kept guess, or None."""
        rows = self._read(
            "select guess from predictions where lesson = ? and name = ?", (lesson, name)
        )
        return value_of(rows[0][0]) if rows else None

    def checked(self, lesson: str, exercise: str) -> Checked:
        """How an exercise stands."""
        sql = "select passed, tries, hints from checks where lesson = ? and exercise = ?"
        rows = self._read(sql, (lesson, exercise))
        return Checked(bool(rows[0][0]), rows[0][1], rows[0][2]) if rows else Checked()

    def answers(self, lesson: str) -> dict[str, Any]:
        """The kept answers of a lesson's quiz, by item."""
        rows = self._read("select item, answer from answers where lesson = ?", (lesson,))
        return {item: value_of(answer) for item, answer in rows}

    def standing(self, lesson: str) -> LessonStanding:
        """How far a lesson is."""
        counts = {
            "predicted": "select count(*) from predictions where lesson = ?",
            "passed": "select count(*) from checks where passed and lesson = ?",
            "answered": "select count(*) from answers where lesson = ?",
            "right": "select count(*) from answers where is_right and lesson = ?",
        }
        found = {name: self._read(sql, (lesson,))[0][0] for name, sql in counts.items()}
        sql = "select minute from minutes where lesson = ? order by minute"
        return LessonStanding(
            **found, minutes=_spent([row[0] for row in self._read(sql, (lesson,))])
        )

    # --- for rooms above, which keep their own rows -------------------------------------------

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """What a query finds."""
        return self._read(sql, values)

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other window's comes between; kept when the block ends well."""
        with self._connected() as db, db:
            db.execute("begin immediate")
            yield db

    # --- export, import, delete ---------------------------------------------------------------

    def exported(self) -> dict[str, Any]:
        """All of it as plain data, for a file of the learner's own.

        A row that no import would take, which a stranger's file may hold, is left aside.
        """
        tables = {
            table: [
                dict(zip(columns, row, strict=True))
                for row in self._rows_of(table)
                if is_row(columns, row)
            ]
            for table, columns in TABLES.items()
        }
        return {"kinesis_lab_progress": VERSION, **tables}

    def take_in(self, document: str) -> int:
        """Add an export to what is here; what is here already stays. Returns how many rows came.

        Raises UsageError, with nothing changed, when the text is no export.
        """
        rows = list(checked_rows(document))
        with self._connected() as db, db:
            before = db.total_changes
            for table, row in rows:
                marks = ", ".join("?" * len(row))
                db.execute(f"insert or ignore into {table} values ({marks})", row)
            return db.total_changes - before

    def delete(self) -> None:
        """Delete the file with all that is in it."""
        if self.path is not None:
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        else:
            self._memory = opened(":memory:")

    # --- the file -----------------------------------------------------------------------------

    def _rows_of(self, table: str) -> list[tuple[Any, ...]]:
        return self._read(f"select * from {table} order by 1, 2", ())

    def _read(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._connected() as db:
            return db.execute(sql, values).fetchall()

    def _write(self, sql: str, values: tuple[Any, ...], lesson: str, at: int) -> None:
        with self._connected() as db, db:
            db.execute("begin immediate")
            db.execute(sql, values)
            db.execute("insert or ignore into minutes values (?, ?)", (lesson, at // 60_000))

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        if self._memory is not None:
            yield self._memory
            return
        assert self.path is not None
        try:
            with closing(opened(str(self.path))) as db:
                yield db
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in PASSING:
                raise OutOfReach(self.path, error) from error
            words = CourseWords("ui", spoken_language())
            raise UsageError(words.say("progress.unfit", path=self.path, error=error)) from error


def _spent(minutes: list[int]) -> int:
    """How long somebody was busy who did something in these minutes of the epoch."""
    pauses = pairwise(minutes)
    return sum(min(later - earlier, IDLE_MINUTES) for earlier, later in pauses) + bool(minutes)


# --- where it lies --------------------------------------------------------------------------------


def progress_file(start: Path | None = None) -> Path | None:
    """The learner's progress file: the one named by KINESIS_LAB_PROGRESS, or that of the folder.

    A learner's folder (``kinesis-lab lab`` makes it) has its mark in it; start: where to look from,
    upwards (default: the working folder). None where there is no such folder.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents[:3]):
        if (folder / MARK).is_file():
            return folder / FILE
    return None


MARK = ".kinesis-lab.json"  # what makes a folder a learner's own


def own_progress() -> Progress:
    """The progress of whoever works here: in their folder's file, or in memory without a folder."""
    return Progress(progress_file())
