"""A bank of one's own: questions from a TOML file, as the course's are written, but for proofs.

It may be a stranger's, so nothing of it is run: a file that names a proof, rows of facts or numbers
to draw is refused, and so is whatever does not fit, in one sentence that says which item.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from kinesis_sim.course.bank import families, items
from kinesis_sim.course.blueprint import topics
from kinesis_sim.course.item import KINDS, Item, item_from
from kinesis_sim.course.lint import key_fits
from kinesis_sim.course.progress_file import NAME
from kinesis_sim.course.words import LANGUAGES
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.text_file import read_text
from kinesis_sim.exam.words import ExamWords, spoken_exam
from kinesis_sim.units import MIB
from kinesis_sim.words import is_printable

LARGEST_FILE = MIB
MOST_ITEMS, MOST_OPTIONS, LONGEST_TEXT = 500, 10, 4_000
POSITION = re.compile(r"line (?P<line>\d+), column (?P<column>\d+)")
"""Where tomllib says that a text goes wrong."""
WORDS_AND_REMARKS = re.compile(
    r"""
    "{3}(?:\\.|[^\\])*?(?:"{3}|\\?\Z) | '{3}.*?(?:'{3}|\Z)
    | "(?:\\.|[^"\\\n])*"? | '[^'\n]*'? | \#[^\n]*
    """,
    re.DOTALL | re.VERBOSE,
)
"""Texts and remarks of TOML; one that is not closed reaches to where tomllib ends it."""
SPACES = re.compile(r"[ \t]+")
LONG_KEY = re.compile(r"[\w-](?:\.[\w-]+){8}")
"""A key of nine parts or more: tomllib's work grows with their square, and questions need three."""
Fault = tuple[str, dict[str, Any]]
"""What does not fit, as ``text.toml`` calls it (``bank.fault.…``), and what fills its blanks."""
RUNS = ("proof", "numbers", "facts", "lesson")
"""What only the course's own questions have."""


def read_bank(path: Path) -> list[Item]:
    """The questions of a file.

    UsageError, in one sentence of the language that is spoken, for what is none.
    """
    words = spoken_exam()
    tables = _tables(path, words)
    if not isinstance(tables, list) or not 0 < len(tables) <= MOST_ITEMS:
        raise UsageError(words.say("bank.empty", path=path, most=MOST_ITEMS))
    found = [_item(words, _where(words, n, path), table) for n, table in enumerate(tables, 1)]
    if len({item.id for item in found}) < len(found):
        raise UsageError(words.say("bank.share", path=path))
    own = {item.id for item in items()}
    for n, item in enumerate(found, 1):
        if item.id in own:
            where = _where(words, n, path)
            raise UsageError(words.say("bank.courses", where=where, id=item.id))
    return found


def _where(words: ExamWords, number: int, path: Path) -> str:
    return words.say("bank.where", number=number, path=path)


def _tables(path: Path, words: ExamWords) -> Any:
    try:
        text = read_text(path, LARGEST_FILE)
        if LONG_KEY.search(SPACES.sub("", WORDS_AND_REMARKS.sub("_", text))):
            raise RecursionError
        return tomllib.loads(text).get("item")
    except tomllib.TOMLDecodeError as error:
        at = POSITION.search(str(error))
        name, place = ("reason.toml", at.groupdict()) if at else ("reason.toml-end", {})
        raise UsageError(
            words.say("bank.unread", path=path, why=words.say(name, **place))
        ) from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        why = words.reason(error)
        raise UsageError(words.say("bank.unread", path=path, why=why)) from error
    except UsageError:  # which is a ValueError, too
        raise
    except ValueError as error:  # a whole number of more digits than Python reads
        why = words.say("reason.digits")
        raise UsageError(words.say("bank.unread", path=path, why=why)) from error


def _item(words: ExamWords, where: str, table: Any) -> Item:
    if not isinstance(table, dict):
        raise UsageError(words.say("bank.no-table", where=where))
    if own := [name for name in RUNS if name in table]:
        raise UsageError(words.say("bank.runs", where=where, name=own[0]))
    for fault, values in _faults(table):
        raise _no_question(words, where, fault, values)
    item = item_from({"provenance": "a file", "sources": [], **table})
    for fault in key_fits(item):
        raise _no_question(words, where, "key-fits", {"fault": fault})
    return item


def _no_question(words: ExamWords, where: str, name: str, values: dict[str, Any]) -> UsageError:
    said = words.say(f"bank.fault.{name}", **values)
    return UsageError(words.say("bank.no-question", where=where, fault=said))


def _faults(table: Mapping[str, Any]) -> Iterator[Fault]:
    """What of a table does not fit, in order; what comes later relies on what came before."""
    for name in ("id", "type", "difficulty", "topics", "exams", "stem", "key"):
        if name not in table:
            yield "lacks", {"name": name}
    if not _named(table["id"]):
        yield "id", {}
    if table["type"] not in KINDS:
        yield "type", {"known": ", ".join(KINDS)}
    if type(table["difficulty"]) is not int or not 1 <= table["difficulty"] <= 5:
        yield "difficulty", {}
    if not _listed(table["topics"], topics()) or not table["topics"]:
        yield "topics", {}
    exams = table["exams"]
    if not isinstance(exams, dict) or not all(
        family in families() and _is_text(task) and len(task) < 20 for family, task in exams.items()
    ):
        yield "exams", {}
    if not _speaks(table["stem"]):
        yield "stem", {"most": LONGEST_TEXT}
    yield from _option_faults(table)
    if not _is_key(table["key"]):
        yield "key", {}
    if not _is_number(table.get("tolerance", 0)):
        yield "tolerance", {}


def _option_faults(table: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("options", "prompts"):
        rows = table.get(name, [])
        if not isinstance(rows, list) or len(rows) > MOST_OPTIONS:
            yield "many", {"name": name, "most": MOST_OPTIONS}
            return
        for row in rows:
            if (
                not isinstance(row, dict)
                or not _named(row.get("id"))
                or not _speaks(row.get("text"))
            ):
                yield "row", {"name": name, "most": LONGEST_TEXT}
            elif "why" in row and not _speaks(row["why"]):
                yield "why", {"name": name, "most": LONGEST_TEXT}
    for name in ("why", "unit"):
        if name in table and not _speaks(table[name]):
            yield "text", {"name": name, "most": LONGEST_TEXT}
    sources = table.get("sources", [])
    if not isinstance(sources, list) or not all(map(_is_source, sources)):
        yield "sources", {}


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
    return type(value) in (int, float) and abs(value) < 1e15  # NaN is not less


def _is_source(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_text(value.get("what"))
        and type(value.get("checked")) is date
        and ("url" not in value or _is_text(value["url"]))
    )
