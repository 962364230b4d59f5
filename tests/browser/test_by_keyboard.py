"""A lesson from its first cell to its quiz with nothing but the keyboard, in JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kinesis_sim.course.workbook import Workbook
from tests.browser.jupyterlab import NOTEBOOKS, Lab, jupyterlab
from tests.browser.lesson import OpenLesson

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
SLUG = "what_is_kinesis"
BEGIN = """() => {
  const { shell } = jupyterapp;
  shell.currentWidget.content.activeCellIndex = 0;
  shell.activateById(shell.currentWidget.id);
  shell.currentWidget.content.node.focus();
}"""
RAN = """(place) => {
  const cell = jupyterapp.shell.currentWidget.content.widgets[place];
  return cell.model.type !== "code" || cell.model.executionState === "idle" && cell.model.executionCount !== null;
}"""  # noqa: E501
INSIDE = "(names) => document.activeElement?.closest(names) !== null"
ANSWERED = "() => document.activeElement.closest('.kl-question')?.dataset.answered === 'true'"
FIELD = "() => document.activeElement.type"
BROKEN = """() => [...document.querySelectorAll(".jp-NotebookPanel :not(pre) > code")]
  .filter((code) => code.offsetParent !== null && code.getClientRects().length > 1)
  .map((code) => code.textContent)"""


@pytest.fixture
def own(app: Browser, tmp_path: Path) -> Iterator[Lab]:
    """A learner's folder of this test's own: what it answers is in nobody else's progress."""
    workbook = Workbook(tmp_path / "mine", NOTEBOOKS)
    workbook.prepare()
    with jupyterlab(tmp_path / "lab", workbook.folder) as running:
        yield running


def test_a_lesson_from_the_first_cell_to_the_quiz(own: Lab, page: Page) -> None:
    lesson = OpenLesson.open(own, page, SLUG, "en")
    predictions = [cell for cell, _ in lesson.holding("predict")]
    [(quiz, _)] = [(cell["id"], n) for n, cell in enumerate(lesson.cells)
                   if "lesson.quiz(" in "".join(cell["source"])]  # fmt: skip
    page.evaluate(BEGIN)
    for place, cell in enumerate(lesson.cells):
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(RAN, arg=place)
        if cell["id"] in predictions:
            predict(page)
        if cell["id"] == quiz:
            break
    assert lesson.errors() == []
    expect(page.locator(".kl-predict [role=status][data-tone=good]")).to_have_count(
        len(predictions)
    )
    expect(lesson.cell(quiz).locator(".kl-question")).to_have_count(len(lesson.questions()))
    answer_one(page)
    assert page.evaluate(BROKEN) == []  # a word of code is kept whole
    own.leave(page)


def predict(page: Page) -> None:
    """The question has the focus by itself; what is kept hands it to the next cell."""
    page.wait_for_function(INSIDE, arg=".kl-predict")
    page.keyboard.press("Space" if page.evaluate(FIELD) == "radio" else "1")
    page.keyboard.press("Enter")
    page.wait_for_function(INSIDE, arg=".jp-Cell:not(:has(.kl-predict :focus))")


def answer_one(page: Page) -> None:
    """The last question, to which Shift+Tab leads back from the cell after the quiz."""
    back_to(page, ".kl-quiz .kl-question")
    back_to(page, ".kl-question input, .kl-question select")
    page.keyboard.press("ArrowDown" if page.evaluate(FIELD) == "select-one" else "Space")
    page.keyboard.press("Enter")
    page.wait_for_function(ANSWERED)


def back_to(page: Page, names: str) -> None:
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(INSIDE, names):
            return
    raise AssertionError(f"Shift+Tab never came to {names}")
