"""Mentions of other lessons as links, and cells whose code is only a question to the learner."""

import ast
import re
from dataclasses import replace

from kinesis_sim.course.notebooks.messages import plain_python
from kinesis_sim.course.notebooks.source import Cell, SourceError
from kinesis_sim.course.outline import OutlineEntry, address, entries
from kinesis_sim.course.words import CourseWords, in_language

MENTION = re.compile(r"\{lesson:([a-z0-9_]+)\}")
ASKING = {"predict", "reveal", "check", "quiz", "end"}


MINUTES = "{minutes}"


def timed(cell: Cell, lesson: str) -> Cell:
    """``cell`` with ``{minutes}`` as what the outline says the lesson takes."""
    minutes = next((str(entry.minutes) for entry in entries() if entry.slug == lesson), MINUTES)
    return replace(cell, text=cell.text.replace(MINUTES, minutes))


def linked(cell: Cell, language: str) -> Cell:
    """``cell`` with every ``{lesson:slug}`` of its prose as a link; SourceError for no slug."""
    if cell.kind != "markdown":
        return cell
    return replace(cell, text=MENTION.sub(lambda found: _link(found[1], cell, language), cell.text))


def _link(slug: str, cell: Cell, language: str) -> str:
    for entry in entries():
        if entry.slug == slug:
            return _named(entry, language)
    raise SourceError(f"cell {cell.id!r} mentions a lesson {slug!r} that the outline has not.")


def _named(entry: OutlineEntry, language: str) -> str:
    words = CourseWords("ui", language)
    if not entry.written:
        return words.say("lesson.to-come", title=in_language(entry.title, language))
    return f"[{words.say('lesson.named', number=entry.number)}]({address(entry, language)})"


def only_asks(code: str) -> bool:
    """Whether every statement of a cell asks the learner something: predict, reveal, check …"""
    try:
        body = ast.parse(plain_python(code)).body
    except SyntaxError:
        return False
    return bool(body) and all(map(_asks, body))


def _asks(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ASKING
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "lesson"
    )
