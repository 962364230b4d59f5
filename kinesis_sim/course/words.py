"""The course's own words, read from ``text/*.toml``."""

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kinesis_sim import words
from kinesis_sim.plain_file import NoPlainFile
from kinesis_sim.words import LANGUAGES as LANGUAGES
from kinesis_sim.words import Texts, in_language, leaves

__all__ = [
    "LANGUAGES",
    "TEXT",
    "CourseWords",
    "in_language",
    "known_language",
    "leaves",
    "reason",
    "tables",
]
TEXT = Path(__file__).parent / "text"
REASONS: Mapping[type[Exception], str] = {
    FileNotFoundError: "absent",
    PermissionError: "denied",
    IsADirectoryError: "folder",
    NotADirectoryError: "no-folder",
    UnicodeDecodeError: "no-text",
    RecursionError: "deep",
    NoPlainFile: "endless",
}
"""Why a file could not be used, by what ``text/commands.toml`` calls it (``reason.…``)."""
NUMBERED: Mapping[int, str] = {
    errno.EDQUOT: "full",
    errno.EIO: "faulty",
    errno.ELOOP: "circle",
    errno.ENAMETOOLONG: "long-name",
    errno.ENOSPC: "full",
    errno.ENXIO: "nobody-reads",
    errno.EROFS: "read-only",
}
"""The same for what the system says by a number only."""


class CourseWords(Texts):
    """The texts of one file in one language.

    >>> Words("ui", "en").say("exercise.passed")
    'Passed.'
    """

    def __init__(self, file: str, language: str) -> None:
        super().__init__(TEXT / f"{file}.toml", known_language(language))


def known_language(language: str) -> str:
    """A language itself; UsageError when the course does not speak it."""
    return words.known_language(language, "The course speaks")


def tables(file: str) -> dict[str, Any]:
    """The tables of ``text/<file>.toml``; empty when a lesson has no texts of its own."""
    return words.tables(TEXT / f"{file}.toml")


def reason(error: Exception, lang: str) -> str:
    """Why a file could not be read or written, in a language; else what the system calls it."""
    words = CourseWords("commands", lang)
    for kind, name in REASONS.items():
        if isinstance(error, kind):
            return words.say(f"reason.{name}")
    number: int = getattr(error, "errno", None) or 0
    if number in NUMBERED:
        return words.say(f"reason.{NUMBERED[number]}")
    name = errno.errorcode.get(number, type(error).__name__)
    return words.say("reason.other", name=name)
