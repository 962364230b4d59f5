"""The bank as QTI 1.2, the form that Canvas and its like import, made by text2qti.

Choices and numbers alone: the text that text2qti reads has neither matching nor ordering. The ids
of what is left out stand in the quiz's description.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from kinesis_sim.course.item import Item
from kinesis_sim.errors import MissingPackage
from kinesis_sim.exam.exports import plain
from kinesis_sim.exam.words import ExamWords, spoken_exam

MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+.!$-])")
KINDS = ("single", "multi", "numeric")


def files(asked: Sequence[Item], path: Path, lang: str, at: int) -> Mapping[Path, bytes]:
    """One ZIP file. MissingPackage where text2qti is absent."""
    return {path: packed(as_quiz_text(asked, lang))}


def as_quiz_text(asked: Sequence[Item], lang: str) -> str:
    """The questions in text2qti's own text."""
    fitting = [item for item in asked if item.kind in KINDS]
    title = ExamWords(lang).say("paper.title", count=len(fitting))
    lines = [f"Quiz title: {_safe(title)}"]
    if missing := plain.left_out(asked, KINDS, lang):
        lines.append(f"Quiz description: {_safe(missing)}")
    lines.append("")
    for number, item in enumerate(fitting, 1):
        lines += [*_question(number, item, lang), ""]
    return "\n".join(lines)


def _question(number: int, item: Item, lang: str) -> Iterator[str]:
    yield f"Title: {_safe(item.id)}"
    yield f"{number}.  {_safe(plain.stem(item, lang))}"
    if isinstance(item.key, int | float):
        yield f"...  {_safe(f'{plain.why(item, lang)} {plain.sources(item)}'.strip())}"
        yield f"=   {item.key:g} +- {item.tolerance:g}"
        return
    yield f"...  {_safe(plain.sources(item))}"
    for place, (text, why, right) in enumerate(plain.options(item, lang)):
        if item.kind == "multi":
            yield f"[{'*' if right else ' '}] {_safe(text)}"
        else:
            yield f"{'*' if right else ''}{chr(97 + place)})  {_safe(text)}"
        if why:
            yield f"...  {_safe(why)}"


def _safe(text: str) -> str:
    """A text that Markdown leaves as it is, on one line."""
    line = escape(plain.unticked(text).replace("\n", " "), quote=False)
    return MARKDOWN.sub(r"\\\1", line)


def packed(text: str) -> bytes:
    """The ZIP file that text2qti makes of its text; it runs no code that stands in it."""
    text2qti = _text2qti()
    config = text2qti["config"]()
    quiz = text2qti["quiz"](text, config=config)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "quiz.zip")
        text2qti["qti"](quiz).save(str(file))
        return file.read_bytes()


def _text2qti() -> dict[str, Any]:
    try:
        from text2qti.config import Config
        from text2qti.qti import QTI
        from text2qti.quiz import Quiz
    except ModuleNotFoundError as error:
        raise MissingPackage(spoken_exam().say("needs.text2qti")) from error
    return {"config": Config, "qti": QTI, "quiz": Quiz}
