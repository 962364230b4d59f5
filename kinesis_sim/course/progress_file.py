"""The learner's file: its tables, how it is opened, and what an import has to hold.

A stranger's file cannot run anything: a schema that holds more than these tables is not opened.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from kinesis_sim.course.words import CourseWords
from kinesis_sim.errors import UsageError
from kinesis_sim.words import spoken_language

VERSION = 2
READ = (1, VERSION)
"""Versions of exports that are taken in: the first one knew no exams."""
BUSY_MS = 5_000  # how long one window waits for another's transaction
LARGEST_IMPORT = 4 << 20  # bytes; a learner's whole course takes some 50 KB
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
LONGEST = {"guess": 2_000, "answer": 2_000, "turn": 2_000, "paper": 60_000}
"""Columns that hold JSON, and how many characters of it."""

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
create table if not exists sittings (
  sitting text primary key, paper text not null, at integer not null);
create table if not exists turns (
  sitting text, number integer, turn text not null, at integer not null,
  primary key (sitting, number));
create table if not exists goals (family text primary key, day text not null, at integer not null);
"""
TABLES = {
    "predictions": ("lesson", "name", "guess", "at"),
    "checks": ("lesson", "exercise", "passed", "tries", "hints", "at"),
    "answers": ("lesson", "item", "answer", "is_right", "at"),
    "minutes": ("lesson", "minute"),
    "sittings": ("sitting", "paper", "at"),
    "turns": ("sitting", "number", "turn", "at"),
    "goals": ("family", "day", "at"),
}
OF_A_LESSON = ("predictions", "checks", "answers", "minutes")
NUMBERS = {"at", "passed", "tries", "hints", "is_right", "minute", "number"}
LARGEST = 1 << 53


def opened(name: str) -> sqlite3.Connection:
    """The database of that name with its tables, those of an older version brought up to date.

    UsageError for one of a later version, and for one that holds anything else.
    """
    db = sqlite3.connect(name, timeout=BUSY_MS / 1000, check_same_thread=False)
    db.execute("pragma trusted_schema = off")  # nothing in a stranger's schema is run
    [version] = db.execute("pragma user_version").fetchone()
    if version > VERSION:
        db.close()
        raise UsageError(_said("later", path=name, version=version, known=VERSION))
    if odd := _odd_parts(db):
        db.close()
        raise UsageError(_said("odd", path=name, odd=odd))
    if version < VERSION:
        if name != ":memory:":
            db.execute("pragma journal_mode = wal")
        db.executescript(f"{SCHEMA} pragma user_version = {VERSION};")
    return db


def _said(key: str, **values: object) -> str:
    return CourseWords("ui", spoken_language()).say(f"progress.{key}", **values)


def _odd_parts(db: sqlite3.Connection) -> str:
    """What a file holds beside the tables of a progress file; a trigger could change answers."""
    rows = db.execute("select type, name from sqlite_master").fetchall()
    own = {("table", table) for table in TABLES}
    extra = [f"{kind} {name}" for kind, name in rows if (kind, name) not in own]
    extra = [part for part in extra if not part.startswith("index sqlite_autoindex_")]
    return ", ".join(sorted(extra)[:3])


def checked_rows(document: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The rows of an export; UsageError names the first part that is none."""
    if len(document) > LARGEST_IMPORT:
        raise _unfit("long", most=LARGEST_IMPORT)
    try:
        data = json.loads(document, parse_constant=_no_constant, object_pairs_hook=_told_once)
    except UsageError:
        raise
    except RecursionError as error:
        raise _unfit("deep") from error
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        column = getattr(error, "colno", 1)
        raise _unfit("no-json", line=line, column=column) from error
    if not isinstance(data, dict) or data.get("kinesis_lab_progress") not in READ:
        raise _unfit("no-mark", mark='"kinesis_lab_progress"', known=", ".join(map(str, READ)))
    for table, columns in TABLES.items():
        rows = data.get(table, [])
        if not isinstance(rows, list):
            raise _unfit("no-list", table=repr(table))
        for number, row in enumerate(rows, 1):
            yield table, _checked_row(row, columns, row=number, table=repr(table))


def _told_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON whose members have a name each: of two with one, neither is to be kept."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _unfit("twice", name=repr(name)[:40])
        found[name] = value
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _checked_row(found: Any, columns: tuple[str, ...], **where: object) -> tuple[Any, ...]:
    if not isinstance(found, dict) or set(found) != set(columns):
        raise _unfit("columns", **where, columns=", ".join(columns))
    for column in columns:
        if not _fits(column, found[column]):
            raise _unfit("value", **where, column=column, value=repr(found[column])[:40])
    return tuple(found[column] for column in columns)


def _unfit(key: str, **values: object) -> UsageError:
    return UsageError(CourseWords("commands", spoken_language()).say(f"import.{key}", **values))


def _fits(column: str, value: Any) -> bool:
    if column in NUMBERS:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and 0 <= value < LARGEST
    if not isinstance(value, str):
        return False
    if column in LONGEST:
        return len(value) <= LONGEST[column] and _is_json(value)
    if column == "day":
        return DATE.fullmatch(value) is not None
    return NAME.fullmatch(value) is not None


def is_row(columns: tuple[str, ...], row: tuple[Any, ...]) -> bool:
    """Whether a row of a table is one that an import takes."""
    return all(map(_fits, columns, row))


def value_of(text: Any) -> Any:
    """What a column of JSON holds; None where a stranger's file holds something else."""
    return json.loads(text) if isinstance(text, str) and _is_json(text) else None


def _is_json(text: str) -> bool:
    """Whether a text is JSON that can be kept: half a character, or 1e999, cannot."""
    try:
        told = json.loads(text, parse_constant=_no_constant)
        json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
        text.encode()
    except (ValueError, RecursionError):
        return False
    return True
