"""The committed lessons: what their sources build, small cells, outputs kept, solutions that pass.

That the outputs are those of today is nbval's to say (``make nbval``).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kinesis_sim.course.notebooks.build import Course, build_solved, check
from kinesis_sim.course.notebooks.messages import plain_python
from tests.project.source import ROOT

COURSE = Course(ROOT / "notebooks")
EDITIONS = [(name, lang) for name in COURSE.names() for lang in COURSE.languages(name)]
LINES = 15  # at most, in a code cell
editions = pytest.mark.parametrize(("name", "language"), EDITIONS, ids=lambda part: str(part))
PLOTTING = {"matplotlib", "pyplot", "seaborn", "plotly", "altair"}
UNCOMPARABLE = {"interact", "interactive", "interactive_output", "interact_manual", "Output"}


def cells(name: str, language: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for cell in json.loads(COURSE.path(name, language).read_text("utf-8"))["cells"]:
        yield cell["id"], cell


def codes(name: str, language: str) -> Iterator[tuple[str, str]]:
    for cell_id, cell in cells(name, language):
        if cell["cell_type"] == "code":
            yield cell_id, "".join(cell["source"])


def used(tree: ast.AST) -> set[str]:
    """Every name a cell imports, calls or reads, in its parts."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {part for alias in node.names for part in alias.name.split(".")}
            names |= set((getattr(node, "module", None) or "").split("."))
    return names


def test_the_course_has_lessons() -> None:
    assert "start_here" in COURSE.names()
    assert COURSE.strays() == []


@editions
def test_the_notebook_is_what_its_source_builds(name: str, language: str) -> None:
    assert check(COURSE, name, language, run=False) is None


@pytest.mark.parametrize("name", COURSE.names())
def test_the_solutions_pass_their_checks(name: str) -> None:
    assert "lesson.require_all_checks_passed()" in build_solved(COURSE, name)


@editions
def test_every_code_cell_was_executed_in_order(name: str, language: str) -> None:
    counts = [
        cell["execution_count"] for _, cell in cells(name, language) if cell["cell_type"] == "code"
    ]
    assert counts == list(range(1, len(counts) + 1))


@editions
def test_code_cells_are_small(name: str, language: str) -> None:
    long = {cell_id for cell_id, code in codes(name, language) if code.count("\n") >= LINES}
    assert long == set()


@editions
def test_code_cells_define_draw_and_hide_nothing(name: str, language: str) -> None:
    """No class, function or plotting code in a notebook; nothing that nbval cannot compare."""
    for cell_id, code in codes(name, language):
        tree = ast.parse(plain_python(code))
        defined = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        assert not [n for n in ast.walk(tree) if isinstance(n, defined)], cell_id
        assert used(tree).isdisjoint(PLOTTING | UNCOMPARABLE), cell_id
        assert not code.rstrip().endswith(";"), cell_id


@editions
def test_the_notebook_holds_nothing_of_one_machine(name: str, language: str) -> None:
    notebook = json.loads(COURSE.path(name, language).read_text("utf-8"))
    assert sorted(notebook["metadata"]) == ["kernelspec", "language_info"]
    assert "widget-view" not in json.dumps(notebook)


@editions
def test_links_between_pages_lead_somewhere(name: str, language: str) -> None:
    folder = COURSE.path(name, language).parent
    prose = ["".join(c["source"]) for _, c in cells(name, language) if c["cell_type"] == "markdown"]
    targets = {target for text in prose for target in re.findall(r"\]\(([^)#\s]+)", text)}
    local = {target for target in targets if "://" not in target}
    assert {target for target in local if not Path(folder, target).exists()} == set()


def pictures(name: str, language: str) -> dict[str, str]:
    """What each picture of a notebook says in text, by cell."""
    outputs = {cell_id: cell.get("outputs", []) for cell_id, cell in cells(name, language)}
    shown = [(i, out["data"]) for i, outs in outputs.items() for out in outs if "data" in out]
    return {i: "".join(data["text/plain"]) for i, data in shown if "image/png" in data}


@pytest.mark.parametrize(
    ("name", "language"), [edition for edition in EDITIONS if edition[1] != "en"], ids=str
)
def test_pictures_speak_the_language_of_their_edition(name: str, language: str) -> None:
    english, own = pictures(name, "en"), pictures(name, language)
    assert own.keys() == english.keys()
    assert [cell_id for cell_id in own if own[cell_id] == english[cell_id]] == []
