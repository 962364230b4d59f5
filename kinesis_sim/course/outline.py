"""The course as a whole: every lesson with its idea, its topics and how far the learner is."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinesis_sim.course.item import Texts
from kinesis_sim.course.words import CourseWords, in_language
from kinesis_sim.errors import UsageError
from kinesis_sim.words import spoken_language

if TYPE_CHECKING:
    from kinesis_sim.course.progress import LessonStanding, Progress

FILE = Path(__file__).with_name("lessons.toml")


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """One lesson of the outline. Its identity is its slug; its number follows from the order.

    minutes: how long it takes, by the formula of ``minutes``; written: the languages it exists in;
    exercises: ids of its checks; topics: ids of the exam blueprint; quiz: ids of the questions it
    ends with (the bank has more on its topics); appendix: read beside the course, without a quiz
    and a picture to play with.
    """

    slug: str
    title: Texts
    minutes: int
    written: tuple[str, ...]
    topics: tuple[str, ...]
    idea: Texts
    exercises: tuple[str, ...] = ()
    quiz: tuple[str, ...] = ()
    appendix: bool = False
    part: str = ""
    place: int = field(default=0, compare=False)

    @property
    def number(self) -> str:
        """The lesson's two digits."""
        return f"{self.place:02d}"

    @property
    def file(self) -> str:
        """The name of its notebook, without suffix."""
        return f"{self.number}_{self.slug}"


@cache
def entries() -> tuple[OutlineEntry, ...]:
    """Every lesson of the course in order, those to come included."""
    tables = tomllib.loads(FILE.read_text("utf-8"))["lesson"]
    return tuple(_entry(table, place) for place, table in enumerate(tables))


def _entry(table: dict[str, Any], place: int) -> OutlineEntry:
    lists = {
        name: tuple(table.get(name, ())) for name in ("written", "topics", "exercises", "quiz")
    }
    return OutlineEntry(**{**table, **lists}, place=place)


def entry_of(slug: str) -> OutlineEntry:
    """The lesson of that slug; UsageError when the course has none."""
    for entry in entries():
        if entry.slug == slug:
            return entry
    known = ", ".join(entry.slug for entry in entries())
    said = CourseWords("commands", spoken_language())
    raise UsageError(said.say("lesson.unknown", slug=repr(slug), known=known))


def following(slug: str) -> OutlineEntry | None:
    """The next lesson that is written, or None after the last."""
    later = [entry for entry in entries() if entry.place > entry_of(slug).place and entry.written]
    return later[0] if later else None


def address(entry: OutlineEntry, language: str) -> str:
    """Where a lesson's notebook lies, seen from another one in ``language``."""
    folder = "" if language in entry.written else "../en/"
    return f"{folder}{entry.file}.ipynb"


def link(entry: OutlineEntry, language: str) -> str:
    """The lesson's name as HTML, leading to its notebook where there is one."""
    name = escape(f"{entry.number} {in_language(entry.title, language)}")
    return f'<a href="{address(entry, language)}">{name}</a>' if entry.written else name


class Outline:
    """The map of the course in one language; shows itself when it ends a cell."""

    def __init__(self, language: str, progress: Progress | None = None) -> None:
        self._language = language
        self._words = CourseWords("ui", language)
        self._progress = progress

    def __repr__(self) -> str:
        rows = [[self._name(entry), *self._about(entry)] for entry in entries()]
        return "\n".join(" | ".join(row) for row in rows)

    def _repr_html_(self) -> str:
        columns = ("lesson", "idea", "time", "state")
        head = _row("th", [escape(self._words.say(f"outline.{name}")) for name in columns])
        body = "".join(_row("td", self._cells(entry)) for entry in entries())
        table = f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"
        return table + self._go_on()

    def _cells(self, entry: OutlineEntry) -> list[str]:
        """A lesson's row as HTML; its time stays in one line, however narrow the page."""
        idea, time, state = map(escape, self._about(entry))
        return [link(entry, self._language), idea, time.replace(" ", "&nbsp;"), state]

    def _name(self, entry: OutlineEntry) -> str:
        return f"{entry.number} {in_language(entry.title, self._language)}"

    def _about(self, entry: OutlineEntry) -> list[str]:
        time = self._words.say("outline.minutes", minutes=entry.minutes)
        return [in_language(entry.idea, self._language), time, self._state(entry)]

    def _state(self, entry: OutlineEntry) -> str:
        if not entry.written:
            return self._words.say("outline.coming")
        stands = self._standing(entry)
        if stands is not None and stands.begun:
            items = items_in(entry.slug)
            done = stands.passed >= len(entry.exercises) and stands.answered >= items
            values = {"passed": stands.passed, "right": stands.right, "minutes": stands.minutes}
            return self._words.say(f"outline.{'done' if done else 'begun'}", items=items, **values)
        here = self._language in entry.written
        return self._words.say("outline.here" if here else "outline.english")

    def _standing(self, entry: OutlineEntry) -> LessonStanding | None:
        return None if self._progress is None else self._progress.standing(entry.slug)

    def _go_on(self) -> str:
        """Where to go on: the first lesson begun but not done, else the first not begun."""
        if self._progress is None or self._progress.path is None:
            return ""
        for entry in entries():
            stands = self._progress.standing(entry.slug)
            wanting = stands.passed < len(entry.exercises) or stands.answered < items_in(entry.slug)
            if entry.written and wanting:
                text = self._words.say("outline.go-on", link=link(entry, self._language))
                return f"<p><strong>{text}</strong></p>"
        return ""


def items_in(slug: str) -> int:
    """How many questions a lesson's quiz has."""
    return len(entry_of(slug).quiz)


def _row(tag: str, cells: list[str]) -> str:
    return "<tr>" + "".join(f'<{tag} style="text-align:left">{c}</{tag}>' for c in cells) + "</tr>"
