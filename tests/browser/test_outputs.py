"""What a lesson leaves on the page besides widgets: axe finds no fault in what it shows."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.widget_page import DARK, blank

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],  # of what passes, one node a rule is told: it is not read
}
OF_OTHERS = {"region", "page-has-heading-one", "landmark-one-main", "empty-table-header"}
"""Rules about a whole document, which an output is not, and about pandas' column of row numbers."""


def shown(output: dict[str, Any]) -> str:
    """What JupyterLab shows of an output: HTML before images, images before text."""
    data = output.get("data", {})
    if "text/html" in data:
        return "".join(data["text/html"])
    text = "".join(output.get("text") or data.get("text/plain") or "")
    return f"<pre>{escape(text)}</pre>"


def outputs(path: Path) -> list[str]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [shown(output) for cell in cells for output in cell.get("outputs", ())]


def document(path: Path, *, dark: bool) -> str:
    """A page of all that a lesson's cells have put out."""
    colors = "".join(f"{name}:{value};" for name, value in DARK.items()) if dark else ""
    sheet, ink, link = ("#111", "#ddd", "#64b5f6") if dark else ("#fff", "#1f2933", "#1565c0")
    lang = path.parent.name
    return (
        f'<!doctype html><html lang="{lang}"><title>{path.stem}</title>'
        f"<style>a{{color:{link}}}</style>"
        f'<body data-jp-theme-light="{str(not dark).lower()}" style="background:{sheet};'
        f'color:{ink};{colors}">{"".join(f"<div>{each}</div>" for each in outputs(path))}'
    )


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_nobody_is_left_out_by_what_a_lesson_shows(paper: Page, path: Path) -> None:
    """English ones on light paper, Portuguese ones in the dark theme."""
    dark = path.parent.name == "pt-BR"
    with blank(paper, 1200, 1000) as page:
        page.set_content(document(path, dark=dark))
        found = Axe().run(page, options=RULES).response["violations"]
    told = {
        each["id"]: [node["html"][:160] for node in each["nodes"]][:3]
        for each in found
        if each["id"] not in OF_OTHERS
    }
    assert told == {}
