"""Lesson 01 in JupyterLab, in Portuguese: the notes' commands and one event's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kinesis_sim.course.journey import STEPS
from tests.browser.jupyterlab import Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
LESSON = "pt-BR/01_what_is_kinesis.ipynb"


@pytest.fixture
def lesson(lab: Lab, page: Page) -> Notebook:
    notebook = lab.open(page, LESSON)
    notebook.run_all()
    return notebook


def test_an_event_goes_its_way_step_by_step(lesson: Notebook) -> None:
    way = lesson.panel.locator(".kl-journey")
    status = way.get_by_role("status")
    button = way.get_by_role("button", name="Próximo passo")
    button.focus()
    for number, step in enumerate(STEPS, 1):
        lesson.page.keyboard.press("Enter")
        expect(status).to_contain_text(f"{number}. ")
        expect(status).to_contain_text("em breve" if step.coming else "funciona aqui")
        if step.id == "firehose":
            lesson.photograph("lesson-01-coming", way)
    lesson.photograph("lesson-01-journey", way)
    expect(button).to_be_disabled()
    way.get_by_role("button", name="Recomeçar").click()
    expect(status).to_contain_text("Clique em Próximo passo")


def test_the_notes_commands_are_met_with_reasons(lesson: Notebook) -> None:
    write(lesson, "aged = None", 'aged = {"B", "F", "G"}')
    lesson.run('check("aged"').get_by_text("Ainda vale: F.").wait_for()
    write(lesson, 'aged = {"B"', 'aged = {"B", "D", "G"}')
    lesson.run('check("aged"').get_by_text("Certo.").wait_for()
    create = "!aws kinesis create-stream --stream-name meu-segundo-stream --shard-count 2"
    write(lesson, "# One ", create)
    lesson.run('check("notes-cli"').get_by_text("ainda está em CREATING").wait_for()


def write(lesson: Notebook, holding: str, code: str) -> None:
    """Put ``code`` in the place of what a cell holds, and run it."""
    lesson.cell(holding).locator(".cm-content").click()
    lesson.page.keyboard.press("Control+a")
    lesson.page.keyboard.insert_text(code)
    lesson.run(code)
