"""Where a question is taught: the lesson, and the heading over the cell of its topic."""

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
    """Where an item is taught in a language; None where no lesson is to teach it."""
    entry = next((each for each in entries() if each.slug == item.lesson), None)
    if entry is None:
        return None
    title = in_language(entry.title, language)
    if not entry.written:
        return TaughtPlace(title, "")
    name, href = f"{entry.number} {title}", address(entry, language)
    heading = next((h for t in item.topics if (h := _headings(entry.slug, language).get(t))), "")
    if heading:
        anchor = quote(heading.replace(" ", "-"))
        return TaughtPlace(f"{name}: {heading}", f"{href}#{anchor}")
    return TaughtPlace(name, href)


@cache
def _headings(slug: str, language: str) -> dict[str, str]:
    """Topic -> the heading over the first cell that is tagged with it."""
    found: dict[str, str] = {}
    heading = ""
    for cell in _cells(entry_of(slug), language):
        lines = "".join(cell["source"]).split("\n")
        if cell["cell_type"] == "markdown":
            titles = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
            heading = titles[-1] if titles else heading
        for tag in cell.get("metadata", {}).get("tags", ()):
            found.setdefault(tag, heading)
    return found


def _cells(entry: OutlineEntry, language: str) -> Iterator[dict[str, Any]]:
    spoken = language if language in entry.written else "en"
    try:
        path = Path(lessons_folder(), spoken, f"{entry.file}.ipynb")
        yield from json.loads(path.read_text("utf-8"))["cells"]
    except (UsageError, OSError):  # a package without its lessons links to none
        return
