"""Attempts as a file, a line of JSON each: what a learner hands to a teacher.

What is read is checked line by line: a stranger's file is refused in one sentence, nothing of it
is run, and nothing is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kinesis_sim.course.progress_file import NAME
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.attempts import ItemAttempt
from kinesis_sim.instants import LAST
from kinesis_sim.units import MIB
from kinesis_sim.words import is_printable

FIELDS = {"learner", "sitting", "item", "answer", "right", "at"}
LARGEST_FILE = 64 * MIB
LONGEST_LINE = 4_000  # characters
LONGEST_NAME = 80


def as_lines(attempts: Iterable[ItemAttempt]) -> bytes:
    """Attempts as lines of JSON."""
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
    """The attempts of several files; UsageError names the file and the line that is none."""
    return [attempt for path in paths for attempt in _of_file(path)]


def _of_file(path: Path) -> Iterator[ItemAttempt]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(f"{path} is larger than {LARGEST_FILE} bytes: it is not read.")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as attempts: {error}.") from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _attempt(f"line {number} of {path}", line)


def _attempt(where: str, line: str) -> ItemAttempt:
    data = _json(where, line)
    if not isinstance(data, dict) or set(data) != FIELDS:
        raise UsageError(f"{where} is no attempt: it has not just {', '.join(sorted(FIELDS))}.")
    learner, at, answer = data["learner"], data["at"], data["answer"]
    for name in ("item", "sitting"):
        if not isinstance(data[name], str) or not NAME.fullmatch(data[name]):
            raise UsageError(f"{where} is no attempt: its {name} is {repr(data[name])[:40]}.")
    shown = isinstance(learner, str) and is_printable(learner)
    if not shown or len(learner) > LONGEST_NAME:
        raise UsageError(f"{where} is no attempt: its learner is {repr(learner)[:40]}.")
    if type(at) is not int or not 0 <= at <= LAST:
        raise UsageError(f"{where} is no attempt: its at is {repr(at)[:40]}.")
    if not isinstance(data["right"], bool):
        raise UsageError(f"{where} is no attempt: its right is {repr(data['right'])[:40]}.")
    return ItemAttempt(data["item"], data["right"], at, answer, False, data["sitting"], learner)


def _json(where: str, line: str) -> Any:
    if len(line) > LONGEST_LINE:
        raise UsageError(f"{where} has {len(line)} characters; {LONGEST_LINE} at most are read.")
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} is no attempt: it is no JSON ({error}).") from error
