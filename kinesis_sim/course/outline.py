"""The course as a whole: every lesson with its idea, its time and its topics, from
``lessons.toml``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from kinesis_sim.course.item import Texts
from kinesis_sim.course.words import Words, in_language

FILE = Path(__file__).with_name("lessons.toml")


@dataclass(frozen=True, slots=True)
class Entry:
    """One lesson of the outline.

    file: its source without suffix; minutes: how long it takes; written: the languages it exists
    in; topics: ids of the exam blueprint.
    """

    file: str
    title: Texts
    minutes: int
    written: tuple[str, ...]
    topics: tuple[str, ...]
    idea: Texts

    @property
    def number(self) -> str:
        """The lesson's two digits."""
        return self.file[:2]


@cache
def entries() -> tuple[Entry, ...]:
    """Every lesson of the course in order, those to come included."""
    tables = tomllib.loads(FILE.read_text("utf-8"))["lesson"]
    return tuple(map(_entry, tables))


def _entry(table: dict[str, Any]) -> Entry:
    lists = {name: tuple(table[name]) for name in ("written", "topics")}
    return Entry(**{**table, **lists})


class Outline:
    """The map of the course in one language; shows itself when it ends a cell."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._words = Words("ui", language)

    def __repr__(self) -> str:
        rows = [[self._name(entry), *self._about(entry)] for entry in entries()]
        return "\n".join(" | ".join(row) for row in rows)

    def _repr_html_(self) -> str:
        columns = ("lesson", "idea", "time", "state")
        head = _row("th", [escape(self._words.say(f"outline.{name}")) for name in columns])
        rows = [[self._link(entry), *map(escape, self._about(entry))] for entry in entries()]
        body = "".join(_row("td", row) for row in rows)
        return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"

    def _name(self, entry: Entry) -> str:
        return f"{entry.number} {in_language(entry.title, self._language)}"

    def _about(self, entry: Entry) -> list[str]:
        time = self._words.say("outline.minutes", minutes=entry.minutes)
        return [in_language(entry.idea, self._language), time, self._state(entry)]

    def _state(self, entry: Entry) -> str:
        if not entry.written:
            return self._words.say("outline.coming")
        here = self._language in entry.written
        return self._words.say("outline.here" if here else "outline.english")

    def _link(self, entry: Entry) -> str:
        """The lesson's name, leading to its notebook: the English one where there is no other."""
        if not entry.written:
            return escape(self._name(entry))
        folder = "" if self._language in entry.written else "../en/"
        return f'<a href="{folder}{entry.file}.ipynb">{escape(self._name(entry))}</a>'


def _row(tag: str, cells: list[str]) -> str:
    return "<tr>" + "".join(f'<{tag} style="text-align:left">{c}</{tag}>' for c in cells) + "</tr>"
