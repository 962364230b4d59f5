"""A bank of one's own: questions from a TOML file, as the course's are written, but for proofs.

It may be a stranger's, so nothing of it is run: a file that names a proof, rows of facts or numbers
to draw is refused, and so is whatever does not fit, in one sentence that says which item.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

from kinesis_sim.course.bank import families, items
from kinesis_sim.course.blueprint import topics
from kinesis_sim.course.item import KINDS, Item, item_from
from kinesis_sim.course.lint import key_fits
from kinesis_sim.course.progress_file import NAME
from kinesis_sim.course.words import LANGUAGES
from kinesis_sim.errors import UsageError
from kinesis_sim.units import MIB
from kinesis_sim.words import is_printable

LARGEST_FILE = MIB
MOST_ITEMS, MOST_OPTIONS, LONGEST_TEXT = 500, 10, 4_000
RUNS = ("proof", "numbers", "facts", "lesson")
"""What only the course's own questions have."""


def read_bank(path: Path) -> list[Item]:
    """The questions of a file; UsageError, in one sentence, for what is none."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(f"{path} is larger than {LARGEST_FILE} bytes: it is not read.")
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as questions: {error}.") from error
    tables = data.get("item")
    if not isinstance(tables, list) or not 0 < len(tables) <= MOST_ITEMS:
        raise UsageError(f"{path} holds no questions: 1 to {MOST_ITEMS} tables [[item]] are read.")
    found = [_item(f"Item {n} of {path}", table) for n, table in enumerate(tables, 1)]
    if len({item.id for item in found}) < len(found):
        raise UsageError(f"Two items of {path} share an id.")
    own = {item.id for item in items()}
    for n, item in enumerate(found, 1):
        if item.id in own:
            raise UsageError(
                f"Item {n} of {path} has the id of a question of the course, {item.id}: give it "
                "another, or what was answered of one would count for both."
            )
    return found


def _item(where: str, table: Any) -> Item:
    if not isinstance(table, dict):
        raise UsageError(f"{where} is no table.")
    if own := [name for name in RUNS if name in table]:
        raise UsageError(f"{where} has {own[0]!r}, which only the course's own questions have.")
    for fault in _faults(table):
        raise UsageError(f"{where} is no question: {fault}.")
    item = item_from({"provenance": "a file", "sources": [], **table})
    for fault in key_fits(item):
        raise UsageError(f"{where} is no question: {fault}.")
    return item


def _faults(table: Mapping[str, Any]) -> Iterator[str]:
    """What of a table does not fit, in order; what comes later relies on what came before."""
    for name in ("id", "type", "difficulty", "topics", "exams", "stem", "key"):
        if name not in table:
            yield f"it has no {name}"
    if not _named(table["id"]):
        yield "its id is no short name"
    if table["type"] not in KINDS:
        yield f"its type is none of {', '.join(KINDS)}"
    if type(table["difficulty"]) is not int or not 1 <= table["difficulty"] <= 5:
        yield "its difficulty is not 1 to 5"
    if not _listed(table["topics"], topics()) or not table["topics"]:
        yield "its topics are no list of topics of the blueprint"
    exams = table["exams"]
    if not isinstance(exams, dict) or not all(
        family in families() and _is_text(task) and len(task) < 20 for family, task in exams.items()
    ):
        yield "its exams are no table of exam families and tasks"
    if not _speaks(table["stem"]):
        yield "its stem is no text in en, or another language of the course"
    yield from _option_faults(table)
    if not _is_key(table["key"]):
        yield "its key is neither names of options nor a number"
    if not _is_number(table.get("tolerance", 0)):
        yield "its tolerance is no number"


def _option_faults(table: Mapping[str, Any]) -> Iterator[str]:
    for name in ("options", "prompts"):
        rows = table.get(name, [])
        if not isinstance(rows, list) or len(rows) > MOST_OPTIONS:
            yield f"its {name} are no list of {MOST_OPTIONS} at most"
            return
        for row in rows:
            if (
                not isinstance(row, dict)
                or not _named(row.get("id"))
                or not _speaks(row.get("text"))
            ):
                yield f"one of its {name} has no id or no text"
            elif "why" in row and not _speaks(row["why"]):
                yield f"one of its {name} has a why that is no text"
    for name in ("why", "unit"):
        if name in table and not _speaks(table[name]):
            yield f"its {name} is no text"
    sources = table.get("sources", [])
    if not isinstance(sources, list) or not all(map(_is_source, sources)):
        yield "its sources are no list of what was read, and when"


def _named(value: Any) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _listed(value: Any, known: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v in known for v in value)


def _speaks(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and "en" in value
        and set(value) <= set(LANGUAGES)
        and all(map(_is_text, value.values()))
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and is_printable(value)


def _is_key(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_named, value))
    if isinstance(value, dict):
        return all(map(_named, value)) and all(map(_named, value.values()))
    return _is_number(value)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and isfinite(value) and abs(value) < 1e15


def _is_source(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_text(value.get("what"))
        and type(value.get("checked")) is date
        and ("url" not in value or _is_text(value["url"]))
    )
