"""The terminal's own bounds: characters that it cannot show, and how wide it is.

A terminal in Latin-1 or ASCII, or a pipe that a program reads so, shows what comes nearest to a
character; nobody's work breaks off over a dot.
"""

from __future__ import annotations

import codecs
import os
import re
import shutil
import sys
import textwrap
from unicodedata import combining, normalize

NEAREST = "kinesis-lab-nearest"
"""The name under which Python knows ``_nearest``."""
LIKE = str.maketrans(dict(zip("·•⚑–—−…×", "-*!---.x", strict=True))) | str.maketrans(
    {"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "→": "->", "≤": "<=", "≥": ">="}
)
COLUMNS = re.compile(r"\s{2,}")
"""What parts a row's columns, in a list of keys."""
INDENT = re.compile(r"\s*(?:\W?\d+\s+)?")
"""What a line that goes on is set in by: its margin, and the number of an option."""


def make_legible() -> None:
    """Have the process's streams show what comes nearest to what they cannot, and read anything."""
    codecs.register_error(NEAREST, _nearest)
    for stream, errors in ((sys.stdout, NEAREST), (sys.stderr, NEAREST), (sys.stdin, "replace")):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=errors)


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(LIKE)
    parted = "".join(each for each in normalize("NFKD", text) if not combining(each))
    return parted.encode("ascii", "replace").decode(), error.end


def width() -> int:
    """How many characters a line of the terminal takes; 0 where it is none, and none are broken."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return 0


def broken(text: str, columns: int) -> str:
    """A text with its lines broken between words, so that none is longer than so many columns."""
    if columns < 1:
        return text
    return "\n".join(_broken_line(line, columns) for line in text.split("\n"))


def _broken_line(line: str, columns: int) -> str:
    if len(line) <= columns:
        return line
    found = INDENT.match(line)
    indent = " " * min(found.end() if found else 0, columns // 2)
    return textwrap.fill(
        line, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def keys(text: str, columns: int) -> str:
    """A list of keys in two columns, or in one where the terminal is narrow."""
    lines = text.split("\n")
    if columns < 1 or max(map(len, lines)) <= columns:
        return text
    cells = [COLUMNS.split(line.strip()) for line in lines]
    pairs = [row[at : at + 2] for at in (0, 2) for row in cells if len(row) > at]
    return "\n".join(f"{'  '.join(pair)}" for pair in pairs)
