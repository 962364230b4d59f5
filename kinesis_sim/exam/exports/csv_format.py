"""The bank as CSV: a row a question, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from kinesis_sim.course.item import Item
from kinesis_sim.exam.exports import plain
from kinesis_sim.exam.statistics import unspoilt

MOST_OPTIONS = 8
COLUMNS = (
    *("id", "kind", "topics", "exams", "difficulty", "stem"),
    *(f"{what}{n}" for n in range(1, MOST_OPTIONS + 1) for what in ("option", "right", "why")),
    *("key", "why", "sources"),
)


def files(asked: Sequence[Item], path: Path, lang: str, at: int) -> Mapping[Path, bytes]:
    """One CSV file, UTF-8 with a mark that spreadsheets look for."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(_row(item, lang) for item in asked)
    return {path: text.getvalue().encode("utf-8-sig")}


def _row(item: Item, lang: str) -> dict[str, object]:
    row: dict[str, object] = {
        "id": item.id,
        "kind": item.kind,
        "topics": " ".join(item.topics),
        "exams": " ".join(f"{family}:{task}" for family, task in item.exams.items()),
        "difficulty": item.difficulty,
        "stem": plain.stem_and_prompts(item, lang),
        "key": plain.key(item, lang),
        "why": plain.why(item, lang),
        "sources": plain.sources(item),
    }
    for n, (text, why, right) in enumerate(plain.options(item, lang), 1):
        row |= {f"option{n}": text, f"right{n}": int(right), f"why{n}": why}
    return {name: unspoilt(value) for name, value in row.items()}
