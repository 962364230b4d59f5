"""One event's way, step by step in JupyterLab, in Portuguese."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kinesis_sim.course.journey import STEPS
from kinesis_sim.course.outline import entry_of
from tests.browser.jupyterlab import Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
LESSON = f"pt-BR/{entry_of('what_is_kinesis').file}.ipynb"


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
        expect(status).to_contain_text(f"lição {step.lesson}" if step.later else "funciona aqui")
        if step.id == "firehose":
            lesson.photograph("journey-coming", way)
    lesson.photograph("journey", way)
    expect(button).to_be_disabled()
    way.get_by_role("button", name="Recomeçar").click()
    expect(status).to_contain_text("Clique em Próximo passo")
