"""Read every committed notebook as somebody who has not answered yet: no answer above its reveal.

What is visible is prose, code, text and HTML outputs outside of closed ``<details>``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from kinesis_sim.course.notebooks.build import Course
from kinesis_sim.course.words import CourseWords, tables
from tests.project.source import ROOT

COURSE = Course(ROOT / "notebooks")
EDITIONS = [(name, lang) for name in COURSE.names() for lang in COURSE.languages(name)]
editions = pytest.mark.parametrize(("name", "language"), EDITIONS, ids=lambda part: str(part))
FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
ASKED = re.compile(r'lesson\.predict\(\s*"([a-z0-9-]+)"')
REVEALED = re.compile(r'lesson\.reveal\(\s*"([a-z0-9-]+)"')
TAG = re.compile(r"<[^>]+>")


def cells(name: str, language: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(COURSE.path(name, language).read_text("utf-8"))[
        "cells"
    ]
    return found


def outputs(cell: dict[str, Any]) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        yield "".join(output.get("text", ""))
        for mime, data in output.get("data", {}).items():
            if mime.startswith("text/"):
                yield "".join(data)


def visible(cell: dict[str, Any]) -> str:
    """All that a reader sees of a cell, folded parts apart."""
    shown = ["".join(cell["source"]), *outputs(cell)]
    return "\n".join(FOLDED.sub("", text) for text in shown)


def answer_of(cell: dict[str, Any], language: str) -> str:
    """What the folded part of a reveal says has happened."""
    [html] = [text for text in outputs(cell) if "<details>" in text]
    inside = FOLDED.search(html)
    assert inside is not None
    told = TAG.sub("", inside[0].partition("</summary>")[2].partition("<br>")[0])
    before, _, after = CourseWords("ui", language).say("reveal.actual", actual="@").partition("@")
    return told.removeprefix(before).removesuffix(after).strip("“”")


@editions
def test_every_prediction_has_its_reveal_and_reasons(name: str, language: str) -> None:
    text = "\n".join("".join(cell["source"]) for cell in cells(name, language))
    asked, revealed = ASKED.findall(text), REVEALED.findall(text)
    assert asked == revealed
    assert set(tables(name).get("reveal", {})) == set(asked)


@editions
def test_no_reason_is_visible_anywhere(name: str, language: str) -> None:
    words = CourseWords(name, language)
    everything = "\n".join(visible(cell) for cell in cells(name, language))
    for prediction in tables(name).get("reveal", {}):
        mistakes = words.under(f"reveal.{prediction}.if_guessed").values()
        for reason in (words.say(f"reveal.{prediction}.because"), *mistakes):
            assert reason not in everything


@editions
def test_no_answer_stands_above_its_own_reveal(name: str, language: str) -> None:
    """Between the question and its reveal, no output tells the answer."""
    open_cells: dict[str, list[str]] = {}
    told = []
    for cell in cells(name, language):
        source = "".join(cell["source"])
        for asked in open_cells:
            shown = [TAG.sub("", FOLDED.sub("", text)) for text in outputs(cell)]
            open_cells[asked].append("\n".join(shown))
        for revealed in REVEALED.findall(source):
            answer = answer_of(cell, language)
            seen = "\n".join(open_cells.pop(revealed))
            if re.search(rf"(?<![\w.,-]){re.escape(answer)}(?![\w-])", seen):
                told.append(f"{revealed}: {answer}")
        for asked in ASKED.findall(source):
            open_cells[asked] = []
    assert told == []


@editions
def test_a_reveal_says_nothing_but_itself(name: str, language: str) -> None:
    """What was counted on the way to an answer belongs into its folded part."""
    revealing = [c for c in cells(name, language) if REVEALED.search("".join(c["source"]))]
    assert [c["id"] for c in revealing if len(c["outputs"]) != 1] == []


@editions
def test_cells_that_only_ask_are_folded(name: str, language: str) -> None:
    for cell in cells(name, language):
        source = "".join(cell["source"])
        if re.fullmatch(r"lesson\.(predict|reveal|check|quiz|end)\(.*\)\s*", source, re.DOTALL):
            assert cell["metadata"]["jupyter"] == {"source_hidden": True}, cell["id"]
