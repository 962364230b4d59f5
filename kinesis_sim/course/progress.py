"""What a learner has done, in one SQLite file of their own.

Guesses, checks and their hints, answers, minutes.

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
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from kinesis_sim.errors import UsageError

FILE = "progress.sqlite"
VARIABLE = "KINESIS_LAB_PROGRESS"  # the file, where whoever starts the lessons names it
VERSION = 1
BUSY_MS = 5_000  # how long one window waits for another's transaction
IDLE_MINUTES = 5  # a pause longer than this is not time spent on a lesson
LARGEST_IMPORT = 4 << 20  # bytes; a learner's whole course takes some 50 KB
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
LONGEST_ANSWER = 2_000  # characters of one kept answer, as JSON

SCHEMA = """
create table if not exists predictions (
  lesson text, name text, guess text not null, at integer not null, primary key (lesson, name));
create table if not exists checks (
  lesson text, exercise text, passed integer not null, tries integer not null,
  hints integer not null, at integer not null, primary key (lesson, exercise));
create table if not exists answers (
  lesson text, item text, answer text not null, is_right integer not null, at integer not null,
  primary key (lesson, item));
create table if not exists minutes (lesson text, minute integer, primary key (lesson, minute));
"""
TABLES = {
    "predictions": ("lesson", "name", "guess", "at"),
    "checks": ("lesson", "exercise", "passed", "tries", "hints", "at"),
    "answers": ("lesson", "item", "answer", "is_right", "at"),
    "minutes": ("lesson", "minute"),
}
NUMBERS = {"at", "passed", "tries", "hints", "is_right", "minute"}
LARGEST = 1 << 53


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

    Raises UsageError when the file is no progress file, or one of a later version.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._memory = _opened(":memory:") if path is None else None
        if path is not None:
            with self._connected():
                pass

    # --- what is done -------------------------------------------------------------------------

    def predict(self, lesson: str, name: str, guess: str | float, at: int) -> None:
        """Keep a guess; a later one replaces it."""
        row = (lesson, name, json.dumps(guess), at)
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
        row = (lesson, item, json.dumps(answer), right, at)
        self._write("insert or ignore into answers values (?, ?, ?, ?, ?)", row, lesson, at)

    def seen(self, lesson: str, at: int) -> None:
        """Keep that the learner was at the lesson in this minute."""
        self._write("select 1", (), lesson, at)

    def forget(self, lesson: str) -> None:
        """Start a lesson again: all that was kept of it goes."""
        with self._connected() as db, db:
            for table in TABLES:
                db.execute(f"delete from {table} where lesson = ?", (lesson,))

    # --- what was done ------------------------------------------------------------------------

    def guess(self, lesson: str, name: str) -> str | float | None:
        """The kept guess, or None."""
        rows = self._read(
            "select guess from predictions where lesson = ? and name = ?", (lesson, name)
        )
        return json.loads(rows[0][0]) if rows else None

    def checked(self, lesson: str, exercise: str) -> Checked:
        """How an exercise stands."""
        sql = "select passed, tries, hints from checks where lesson = ? and exercise = ?"
        rows = self._read(sql, (lesson, exercise))
        return Checked(bool(rows[0][0]), rows[0][1], rows[0][2]) if rows else Checked()

    def answers(self, lesson: str) -> dict[str, Any]:
        """The kept answers of a lesson's quiz, by item."""
        rows = self._read("select item, answer from answers where lesson = ?", (lesson,))
        return {item: json.loads(answer) for item, answer in rows}

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

    # --- export, import, delete ---------------------------------------------------------------

    def exported(self) -> dict[str, Any]:
        """All of it as plain data, for a file of the learner's own."""
        tables = {
            table: [dict(zip(columns, row, strict=True)) for row in self._rows_of(table)]
            for table, columns in TABLES.items()
        }
        return {"kinesis_lab_progress": VERSION, **tables}

    def take_in(self, document: str) -> int:
        """Add an export to what is here; what is here already stays. Returns how many rows came.

        Raises UsageError, with nothing changed, when the text is no export.
        """
        rows = list(_checked_rows(document))
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
            self._memory = _opened(":memory:")

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
            with closing(_opened(str(self.path))) as db:
                yield db
        except sqlite3.DatabaseError as error:
            raise UsageError(
                f"{self.path} is not to be used as a progress file: {error}. "
                "Move it away, and a new one is made."
            ) from error


def _opened(name: str) -> sqlite3.Connection:
    db = sqlite3.connect(name, timeout=BUSY_MS / 1000, check_same_thread=False)
    db.execute("pragma trusted_schema = off")  # nothing in a stranger's schema is run
    [version] = db.execute("pragma user_version").fetchone()
    if version > VERSION:
        db.close()
        raise UsageError(
            f"{name} was written by a later Kinesis Lab (version {version}; this one reads "
            f"{VERSION}): update with pip install --upgrade kinesis-lab."
        )
    if version < VERSION:
        if name != ":memory:":
            db.execute("pragma journal_mode = wal")
        db.executescript(f"{SCHEMA} pragma user_version = {VERSION};")
    elif odd := _odd_parts(db):
        db.close()
        raise UsageError(f"{name} holds {odd}, which no progress file has: it is not opened.")
    return db


def _odd_parts(db: sqlite3.Connection) -> str:
    """What a file holds beside the tables of a progress file; a trigger could change answers."""
    rows = db.execute("select type, name from sqlite_master").fetchall()
    own = {("table", table) for table in TABLES}
    extra = [f"{kind} {name}" for kind, name in rows if (kind, name) not in own]
    extra = [part for part in extra if not part.startswith("index sqlite_autoindex_")]
    return ", ".join(sorted(extra)[:3])


def _spent(minutes: list[int]) -> int:
    """How long somebody was busy who did something in these minutes of the epoch."""
    pauses = pairwise(minutes)
    return sum(min(later - earlier, IDLE_MINUTES) for earlier, later in pauses) + bool(minutes)


def _checked_rows(document: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The rows of an export; UsageError names the first part that is none."""
    if len(document) > LARGEST_IMPORT:
        raise UsageError(
            f"This export has {len(document)} characters; {LARGEST_IMPORT} at most are read."
        )
    try:
        data = json.loads(document, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"This is no export of progress: it is no JSON ({error}).") from error
    if not isinstance(data, dict) or data.get("kinesis_lab_progress") != VERSION:
        raise UsageError(f'This is no export of progress: "kinesis_lab_progress" is not {VERSION}.')
    for table, columns in TABLES.items():
        rows = data.get(table, [])
        if not isinstance(rows, list):
            raise UsageError(f"This is no export of progress: {table!r} is no list.")
        for number, row in enumerate(rows, 1):
            yield table, _checked_row(f"row {number} of {table!r}", row, columns)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _checked_row(where: str, row: Any, columns: tuple[str, ...]) -> tuple[Any, ...]:
    if not isinstance(row, dict) or set(row) != set(columns):
        raise UsageError(f"This is no export of progress: {where} has not just {columns}.")
    for column in columns:
        if not _fits(column, row[column]):
            shown = repr(row[column])[:40]
            raise UsageError(f"This is no export of progress: {column} of {where} is {shown}.")
    return tuple(row[column] for column in columns)


def _fits(column: str, value: Any) -> bool:
    if column in NUMBERS:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and 0 <= value < LARGEST
    if not isinstance(value, str):
        return False
    if column in ("guess", "answer"):
        return len(value) <= LONGEST_ANSWER and _is_json(value)
    return NAME.fullmatch(value) is not None


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


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
