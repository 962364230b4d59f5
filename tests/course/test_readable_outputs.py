"""What a lesson prints can be read by a beginner: no raw tuples, no "1 records", known units."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kinesis_sim.course.predictions import one_of
from kinesis_sim.course.words import CourseWords
from kinesis_sim.show.kit.page import PAPER

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*/*.ipynb"))
ONE_OF_MANY = re.compile(
    r"(?<![\d.,:-])1 (?:records|shards|registros|objetos|objects|invocations|vezes|times)\b"
)
NUMBERS_MEET = re.compile(r"\d\. \d")  # "at 2. 345,600 records": where does one end?
RAW_TUPLE = re.compile(r"\((?:-?\d|[A-Z]\w*\(|\[)")  # of numbers, objects, lists
UNIT = re.compile(r'unit=_?\(?"([^"]+)"')
WITHOUT_PLURAL = {"ms"}
LETTERS = 78  # of a printed line that a window of 800 px shows; test_lessons.py measures it
FIGURE = re.compile(r'class="kl-figure"[^>]*width:max\((\d+)px')
"""A figure, and px that it does not shrink below."""
WIDGET = re.compile(r"live|desk|mixer|room|player")
"""Cells with a widget, which fits any width; its figure is for where no kernel runs."""


def code_cells(path: Path) -> list[dict[str, Any]]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_outputs_are_sentences_or_values_of_aws(path: Path) -> None:
    found = []
    for cell in code_cells(path):
        for output in cell["outputs"]:
            data = output.get("data", {})
            said = "".join(output.get("text") or data.get("text/plain") or "")
            tuple_shown = set(data) == {"text/plain"} and RAW_TUPLE.match(said)
            meet = cell["id"].startswith("reveal") is False and NUMBERS_MEET.search(said)
            if tuple_shown or meet or ONE_OF_MANY.search(said):
                found.append((cell["id"], said[:80]))
    assert found == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_printed_line_is_no_wider_than_narrow_paper(path: Path) -> None:
    """JupyterLab breaks a longer one in mid-word. One long word (an ARN) has no better place."""
    found = {
        cell["id"]: line
        for cell in code_cells(path)
        for output in cell["outputs"]
        if set(output.get("data", {"text/plain": ""})) == {"text/plain"}
        for line in "".join(output.get("text") or output["data"]["text/plain"]).split("\n")
        if len(line) > LETTERS and len(line.split()) > 2
    }
    assert found == {}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_figure_is_no_wider_than_narrow_paper(path: Path) -> None:
    found = {
        cell["id"]
        for cell in code_cells(path)
        for output in cell["outputs"]
        for least in FIGURE.findall("".join(output.get("data", {}).get("text/html", "")))
        if int(least) > PAPER and not WIDGET.search(cell["id"])
    }
    assert found == set()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_prediction_s_unit_is_known_with_its_singular(path: Path) -> None:
    words = CourseWords("ui", path.parent.name)
    units = {unit for cell in code_cells(path) for unit in UNIT.findall("".join(cell["source"]))}
    assert {unit for unit in units - WITHOUT_PLURAL if one_of(unit, 1, words) == unit} == set()


def test_one_is_called_one() -> None:
    english, portuguese = CourseWords("ui", "en"), CourseWords("ui", "pt-BR")
    assert [one_of("records", count, english) for count in (0, 1, 2)] == [
        *("records", "record", "records"),
    ]
    assert one_of("vezes", 1, portuguese) == "vez"
    assert one_of("ms", 1, english) == "ms"
