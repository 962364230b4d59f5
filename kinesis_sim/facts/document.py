"""The documents, their sections and their rows, read from ``<document>/<section>.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from importlib import resources
from typing import Any

from kinesis_sim.errors import UsageError
from kinesis_sim.facts.citation import Citation, CitedSource, citations

DOCUMENTS = ("data-streams", "firehose", "analytics", "video", "around", "exams")
HEAD = "document.toml"
"""Each document's own file: its title, the titles of its parts, and its sources by key."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fact. name: ``data-streams/4.1/write``; checked: the day it was read.

    claim: what it is about, or all of it where ``value`` is empty. more: what else the row says, by
    heading. source: the citations as written. doubt: "unverified" (no source found), "old",
    "conflict" (sources disagree), "derived" (worked out here), "choice" (the model's own).
    given: members that only some readers know, e.g. an exam topic's ``exams``.
    """

    name: str
    claim: str
    value: str
    more: Mapping[str, str] = field(compare=False)
    group: str
    source: str
    citations: tuple[Citation, ...]
    checked: date
    doubt: tuple[str, ...]
    given: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def document(self) -> str:
        """The document's name."""
        return self.name.split("/")[0]

    @property
    def section(self) -> str:
        """The section's number, e.g. "4.1"."""
        return self.name.split("/")[1]

    @property
    def words(self) -> str:
        """All that the row says, for a search."""
        said = " ".join(f"{heading}: {text}" for heading, text in self.more.items())
        return " ".join((self.group, self.claim, self.value, said))


@dataclass(frozen=True, slots=True)
class Section:
    """A section's rows in order. number: "4.1"."""

    document: str
    number: str
    title: str
    rows: tuple[Row, ...]


class Document:
    """One document: ``document("firehose").section("1.5").rows``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._folder = resources.files(__package__).joinpath(name)
        self._head = self._read(HEAD)
        self.title: str = self._head["title"]

    def _read(self, file: str) -> dict[str, Any]:
        return tomllib.loads(self._folder.joinpath(file).read_text(encoding="utf-8"))

    @cached_property
    def sources(self) -> dict[str, CitedSource]:
        """What its citations stand for, by key, e.g. "Q" or "DG"."""
        tables = self._head["source"]
        return {table["key"]: CitedSource(**table) for table in tables}

    @cached_property
    def sections(self) -> dict[str, Section]:
        """Its sections by number, in order; a part whose sections hold all its rows has none."""
        names = [item.name for item in self._folder.iterdir() if item.name.endswith(".toml")]
        tables = [self._read(name) for name in names if name != HEAD]
        tables += [
            {"section": number, "title": title, "checked": date.min}
            for number, title in self._head.get("parts", {}).items()
        ]
        found = sorted(map(self._section, tables), key=lambda section: _order(section.number))
        return {section.number: section for section in found}

    def _section(self, table: dict[str, Any]) -> Section:
        number = table["section"]
        rows = tuple(self._row(row, table["checked"]) for row in table.get("row", ()))
        return Section(self.name, number, table["title"], rows)

    def _row(self, table: dict[str, Any], checked: date) -> Row:
        given = dict(table)
        source = given.pop("source", "")
        return Row(
            name=f"{self.name}/{given.pop('id')}",
            claim=given.pop("claim"),
            value=given.pop("value", ""),
            more=given.pop("more", {}),
            group=given.pop("group", ""),
            source=source,
            citations=citations(source, self.sources),
            checked=given.pop("checked", checked),
            doubt=tuple(given.pop("doubt", ())),
            given=given,
        )

    def section(self, number: str) -> Section:
        """The section of that number; UsageError names those there are."""
        found = self.sections.get(number)
        if found is None:
            known = ", ".join(self.sections)
            raise UsageError(f"{self.name} has no section {number!r}; it has {known}.")
        return found

    @property
    def rows(self) -> Iterator[Row]:
        """Every row, section after section."""
        for section in self.sections.values():
            yield from section.rows

    @cached_property
    def by_name(self) -> dict[str, Row]:
        """Its rows by name."""
        return {row.name: row for row in self.rows}


def old_rows(today: date, days: int = 365) -> tuple[Row, ...]:
    """The rows that rest on nothing younger than so many days: to be read again."""
    rows = (row for name in DOCUMENTS for row in document(name).rows)
    return tuple(row for row in rows if _is_old(row, today, days))


def _is_old(row: Row, today: date, days: int) -> bool:
    written = [cite.written for cite in row.citations]
    return bool(written) and all(day and (today - day).days > days for day in written)


def _order(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split(".")))


@cache
def document(name: str) -> Document:
    """A document by name; UsageError when there is none of that name."""
    if name not in DOCUMENTS:
        raise UsageError(f"There is no document {name!r}; there are {', '.join(DOCUMENTS)}.")
    return Document(name)


def row_named(name: str) -> Row | None:
    """The row ``data-streams/4.1/write``, or None."""
    known = name.split("/")[0]
    return document(known).by_name.get(name) if known in DOCUMENTS else None
