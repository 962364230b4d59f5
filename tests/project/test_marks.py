"""Every mark of a source leads to rows of facts, and no learner ever sees one."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kinesis_sim import facts
from kinesis_sim.account.prices import price_list
from kinesis_sim.account.quotas import TABLE
from tests.project.source import PACKAGE, ROOT

ROOM = PACKAGE / "facts"
ELSEWHERE = {"test_documents.py", "test_marks.py"}  # marks that are meant to lead nowhere
KEYS = {key for name in facts.DOCUMENTS for key in facts.document(name).sources}
PAGE = re.compile(r"\b(DG23|DG22|DG|BC|BK|KS|AW|GS|REF|WEB):(?=[\w*])")
"""A page by its key, e.g. the guide's page on limits; what follows the colon is the page."""
BARE = re.compile(r"§")
SHOWN_NOWHERE = {"source", "fact"}  # members of data files that name rows, for ``why`` to open


def texts() -> Iterator[tuple[str, str]]:
    """Place and text of every file that may hold marks."""
    for folder in (PACKAGE, ROOT / "tests", ROOT / "notebooks" / "source", ROOT / "benchmarks"):
        for path in sorted(folder.rglob("*")):
            written = path.suffix in {".py", ".toml", ".md", ".js", ".css"}
            if written and "node_modules" not in path.parts and path.name not in ELSEWHERE:
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def of_rooms() -> Iterator[tuple[str, str]]:
    """The same without the facts themselves, which name sections of their own by number."""
    return ((place, text) for place, text in texts() if not place.startswith("kinesis_sim/facts/"))


def test_every_mark_leads_to_rows() -> None:
    wrong = [
        f"{place}: {mark.name}" for place, text in of_rooms() for mark in facts.marks(text)
        if not mark.resolves
    ]  # fmt: skip
    assert wrong == []


def test_every_section_sign_belongs_to_a_mark() -> None:
    """A bare ``§4.1`` says nothing of its document."""
    others = ("RFC 9113 §", '"§"', 'near "§', "sections = ", "(?<!", "row.document} §")
    rest = {
        f"{place}: {line.strip()[:80]}"
        for place, text in of_rooms()
        for line in facts.SECTIONS.sub("", text).splitlines()
        if "§" in line and not any(other in line for other in others)
    }
    assert rest == set()


def test_every_page_key_is_one_of_a_documents_sources() -> None:
    found = {(place, match[1]) for place, text in of_rooms() for match in PAGE.finditer(text)}
    assert len(found) > 20
    assert {pair for pair in found if pair[1] not in KEYS} == set()


def test_keys_beside_a_mark_are_sources_of_its_document() -> None:
    """``(facts/data-streams §9, BR)``: BR is one of that document's keys."""
    beside = re.compile(rf"({facts.SECTIONS.pattern})[ \s]*[(,;]?\s*([A-Z]{{2,4}}\d*)(?=[,;).])")
    wrong, met = [], 0
    for place, text in of_rooms():
        for match in beside.finditer(text):
            met += 1
            if match[3] not in facts.document(match["document"]).sources:
                wrong.append(f"{place}: {match[0]}")
    assert met >= 3
    assert wrong == []


def test_every_quota_follows_a_row() -> None:
    assert [name for name, quota in TABLE.items() if not quota.rows] == []


def test_every_price_follows_a_row() -> None:
    prices = price_list("us-east-1").prices
    assert [item for item, price in prices.items() if not facts.cited(price.fact)] == []


# --- what learners see ----------------------------------------------------------------------------


def is_internal(text: str) -> bool:
    """Whether a text names a source in the way that only this repository understands."""
    return bool(BARE.search(text) or PAGE.search(text) or re.search(r"\bfacts/", text))


def docstrings(tree: ast.Module) -> set[int]:
    """Strings that are statements by themselves: for those who read the code."""
    return {
        id(statement.value)
        for node in ast.walk(tree)
        if isinstance(body := getattr(node, "body", None), list)
        for statement in body
        if isinstance(statement, ast.Expr)
    }


def said() -> Iterator[tuple[str, str]]:
    """Strings that are no docstrings (errors, labels), of the modules that have marks."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text("utf-8")
        if ROOM in path.parents or not is_internal(text):
            continue
        tree = ast.parse(text)
        silent = docstrings(tree)
        for node in ast.walk(tree):
            said = node.value if isinstance(node, ast.Constant) else None
            if isinstance(said, str) and id(node) not in silent:
                yield f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}", said


def strings(value: Any, member: str = "") -> Iterator[str]:
    """Every text of a data file but those that name rows."""
    if isinstance(value, dict):
        for name, each in value.items():
            if not name.startswith("image/"):
                yield from strings(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each, member)
    elif isinstance(value, str) and member not in SHOWN_NOWHERE:
        yield value


def data() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.toml")):
        if ROOM not in path.parents:
            for text in strings(tomllib.loads(path.read_text("utf-8"))):
                yield path.relative_to(PACKAGE).as_posix(), text


def lessons() -> Iterator[tuple[str, str]]:
    """Everything that a built notebook shows, outputs included, and what it is built from."""
    folder = ROOT / "notebooks"
    for path in sorted(folder.rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            for text in strings(json.loads(path.read_text("utf-8")), "cell"):
                yield path.relative_to(ROOT).as_posix(), text
    for path in sorted([*folder.rglob("*.md"), *folder.rglob("*.po")]):
        yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


WHY = {"account/why.py"}  # cites by section, on purpose: that is what it is asked for


@pytest.mark.parametrize("shown", [said, data, lessons])
def test_no_learner_ever_sees_an_internal_mark(shown: Any) -> None:
    met = [(place, text) for place, text in shown()]
    assert len(met) > 10
    wrong = [f"{place}: {text[:90]}" for place, text in met if is_internal(text)]
    assert [one for one in wrong if one.split(":")[0] not in WHY] == []


@pytest.mark.parametrize(
    "text",
    ["(facts §4.2)", "§1.3", "DG:limits", "facts/firehose §1", "facts/firehose/1.5/direct-put"],
)
def test_the_search_finds_internal_marks(text: str) -> None:
    assert is_internal(f"Give 1 to 5 {text}.")


@pytest.mark.parametrize("text", ["the facts", "s3://bucket/facts.json", "12 facts / day", "BC: 3"])
def test_the_search_lets_other_texts_be(text: str) -> None:
    assert not is_internal(text)


def test_places_exist() -> None:
    assert all((PACKAGE / place).is_file() for place in WHY)
    assert isinstance(ROOM, Path)
