"""Where a question is taught: the lesson, and the very cell of its topic.

JupyterLab scrolls to a cell that an address names: ``lesson.ipynb#cell-id=two-limits``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kinesis_sim.course.item import Item
from kinesis_sim.course.outline import OutlineEntry, address, entries, entry_of
from kinesis_sim.course.words import in_language
from kinesis_sim.course.workbook import lessons_folder
from kinesis_sim.errors import UsageError


@dataclass(frozen=True, slots=True)
class TaughtPlace:
    """A place of a lesson. name: "03 Producers: Two limits"; href: seen from another lesson.

    href is empty for a lesson that is still to come.
    """

    name: str
    href: str


def taught(item: Item, language: str) -> TaughtPlace | None:
    """Where an item is taught in a language; None where no lesson is to teach it.

    Its own lesson goes before others that have a cell of one of its topics. Where none has, it is
    the lesson that is to teach it.
    """
    teaching = (each for each in entries() if set(item.topics) & set(each.topics))
    own = next((each for each in entries() if each.slug == item.lesson), next(teaching, None))
    others = [each for each in entries() if each is not own]
    for entry in (*([] if own is None else [own]), *others):
        cells = _tagged(entry.slug, language) if entry.written else {}
        for topic in item.topics:
            if topic in cells:
                return _place(entry, language, *cells[topic])
    return None if own is None else _place(own, language)


def _place(entry: OutlineEntry, language: str, cell: str = "", heading: str = "") -> TaughtPlace:
    title = in_language(entry.title, language)
    if not entry.written:
        return TaughtPlace(title, "")
    name, href = f"{entry.number} {title}", address(entry, language)
    shown = f"{name}: {heading}" if heading else name
    return TaughtPlace(shown, f"{href}#cell-id={quote(cell)}" if cell else href)


@cache
def _tagged(slug: str, language: str) -> dict[str, tuple[str, str]]:
    """Topic -> the first cell that is tagged with it, and the heading that it stands under."""
    found: dict[str, tuple[str, str]] = {}
    heading = ""
    for cell in _cells(entry_of(slug), language):
        lines = "".join(cell["source"]).split("\n")
        if cell["cell_type"] == "markdown":
            titles = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
            heading = titles[-1] if titles else heading
        for tag in cell.get("metadata", {}).get("tags", ()):
            found.setdefault(tag, (cell["id"], heading))
    return found


def _cells(entry: OutlineEntry, language: str) -> Iterator[dict[str, Any]]:
    spoken = language if language in entry.written else "en"
    try:
        path = Path(lessons_folder(), spoken, f"{entry.file}.ipynb")
        yield from json.loads(path.read_text("utf-8"))["cells"]
    except (UsageError, OSError):  # a package without its lessons links to none
        return
