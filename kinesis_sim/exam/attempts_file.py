"""Attempts as a file, a line of JSON each: what a learner hands to a teacher.

What is read is checked line by line: a stranger's file is refused in one sentence, nothing of it
is run, and nothing is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kinesis_sim.course.progress_file import NAME
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.attempts import ItemAttempt
from kinesis_sim.exam.text_file import read_text
from kinesis_sim.exam.words import ExamWords, spoken_exam
from kinesis_sim.instants import LAST
from kinesis_sim.units import MIB
from kinesis_sim.words import is_printable

FIELDS = {"learner", "sitting", "item", "answer", "right", "at"}
LARGEST_FILE = 64 * MIB
LONGEST_LINE = 4_000  # characters
LONGEST_NAME = 80


def as_lines(attempts: Iterable[ItemAttempt]) -> bytes:
    """Attempts as lines of JSON; UsageError for a learner's name that would not be read back."""
    attempts = list(attempts)
    for name in {each.learner for each in attempts}:
        if not _is_learner(name):
            raise UsageError(spoken_exam().say("attempts.name", most=LONGEST_NAME))
    rows = (
        {
            "learner": each.learner,
            "sitting": each.sitting,
            "item": each.item,
            "answer": each.answer,
            "right": each.right,
            "at": each.at,
        }
        for each in attempts
    )
    return "".join(
        json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows
    ).encode()


def read_attempts(paths: Iterable[Path]) -> list[ItemAttempt]:
    """The attempts of several files.

    UsageError, in the language that is spoken, names the file and the line that is none.
    """
    words = spoken_exam()
    return [attempt for path in paths for attempt in _of_file(words, path)]


def _of_file(words: ExamWords, path: Path) -> Iterator[ItemAttempt]:
    try:
        text = read_text(path, LARGEST_FILE)
    except (OSError, UnicodeDecodeError) as error:
        why = words.reason(error)
        raise UsageError(words.say("attempts.unread", path=path, why=why)) from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            where = words.say("attempts.where", number=number, path=path)
            yield _attempt(words, where, line)


def _attempt(words: ExamWords, where: str, line: str) -> ItemAttempt:
    data = _json(words, where, line)
    if not isinstance(data, dict) or set(data) != FIELDS:
        fields = ", ".join(sorted(FIELDS))
        raise UsageError(words.say("attempts.fields", where=where, fields=fields))
    for name, fits in FITS.items():
        if not fits(data[name]):
            shown = repr(data[name])[:40]
            raise UsageError(words.say("attempts.field", where=where, name=name, value=shown))
    known = {name: data[name] for name in ("item", "right", "at", "answer", "sitting", "learner")}
    return ItemAttempt(**known)


def _json(words: ExamWords, where: str, line: str) -> Any:
    if len(line) > LONGEST_LINE:
        raise UsageError(
            words.say("attempts.long", where=where, count=len(line), most=LONGEST_LINE)
        )
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        why = words.say("reason.json", column=error.colno)
    except RecursionError as error:
        why = words.reason(error)
    except ValueError:  # a whole number of more digits than Python reads
        why = words.say("reason.json", column=1)
    raise UsageError(words.say("attempts.json", where=where, why=why))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _is_learner(value: Any) -> bool:
    return isinstance(value, str) and is_printable(value) and len(value) <= LONGEST_NAME


FITS: Mapping[str, Callable[[Any], bool]] = {
    "item": _is_name,
    "sitting": _is_name,
    "learner": _is_learner,
    "at": lambda value: type(value) is int and 0 <= value <= LAST,
    "right": lambda value: isinstance(value, bool),
}
"""What the fields of an attempt may hold; an answer may be anything."""
