"""Marks: how code, tests, data and lessons' sources name the rows they follow.

``facts/data-streams §4.1`` is a section, ``facts/data-streams §4.1, §4.4`` are two and
``facts/firehose §1.2 to §1.6`` several, ``facts/data-streams §10.58`` is row 58 of section 10, and
``facts/data-streams/4.1/write`` one row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kinesis_sim.facts.document import DOCUMENTS, Row, document, row_named

NAMES = "|".join(DOCUMENTS)
SECTIONS = re.compile(
    rf"(?:facts\s*/\s*)?(?P<document>{NAMES})(?:\s+(?:and\s+|to\s+)?§\d+(?:\.\d+)?,?)+"
)
NUMBER = re.compile(r"§(\d+(?:\.\d+)?)")
ROW = re.compile(rf"(?:facts/)?(?P<name>(?:{NAMES})/\d+(?:\.\d+)?/[\w.-]*\w)")


@dataclass(frozen=True, slots=True)
class FactMark:
    """One mark as found in a text. name: "data-streams §4.1" or "data-streams/4.1/write"."""

    name: str

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows it stands for; none where it leads nowhere."""
        return rows_of(self.name)

    @property
    def resolves(self) -> bool:
        """Whether it leads to a row, or to a part whose sections have rows."""
        return bool(self.rows)


def marks(text: str) -> Iterator[FactMark]:
    """Every mark of a text, in order; a mark may run over the end of a line."""
    found = [(match.start(), match["name"]) for match in ROW.finditer(text)]
    for match in SECTIONS.finditer(text):
        numbers = NUMBER.findall(match[0])
        found += [(match.start(), f"{match['document']} §{number}") for number in numbers]
    return (FactMark(name) for _, name in sorted(found, key=lambda pair: pair[0]))


def rows_of(name: str) -> tuple[Row, ...]:
    """The rows of a mark: one of them, a section's, or a part's; none for an unknown name."""
    name = name.strip().removeprefix("facts/")
    if (row := row_named(name)) is not None:
        return (row,)
    book, _, number = name.partition(" §")
    if book not in DOCUMENTS or not number:
        return ()
    sections = document(book).sections
    if number in sections:
        within = [s for key, s in sections.items() if f"{key}.".startswith(f"{number}.")]
        return tuple(row for section in within for row in section.rows)
    part, _, one = number.rpartition(".")
    row = row_named(f"{book}/{part}/{one}")
    return () if row is None else (row,)


def cited(text: str) -> tuple[Row, ...]:
    """The rows that a text's marks stand for, each once."""
    return tuple(dict.fromkeys(row for mark in marks(text) for row in mark.rows))
