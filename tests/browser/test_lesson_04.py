"""Lesson 04 in JupyterLab: it runs, its desk is played by keyboard, and wrong tries are met."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
LESSON = "en/04_consumers.ipynb"
BEGIN, AUDIENCE, DESK = "lesson = Lesson", "import Audience", "live_readers"
BLOCKED, EXERCISE = "import Blocked", "trial = Blocked"
GIVEN = 'trial = Blocked()\nfunctions = trial.sim.client("lambda")\n'
CHANGE = "functions.update_event_source_mapping(UUID=trial.uuid, {})\n"
WAIT = "trial.sim.advance(minutes=20)"
BISECT, RETRIES = "BisectBatchOnFunctionError=True", "MaximumRetryAttempts=2"
TELL = 'DestinationConfig={"OnFailure": {"Destination": trial.queue_arn}}'


def desk(notebook: Notebook) -> Locator:
    found = notebook.panel.locator(".kl-readers")
    found.scroll_into_view_if_needed()
    return found


@pytest.fixture
def begun(lab: Lab, page: Page) -> Notebook:
    """The lesson begun: its first cell has run."""
    notebook = lab.open(page, LESSON)
    notebook.clear()
    notebook.run(BEGIN)
    return notebook


def test_the_lesson_runs_and_its_desk_is_played_by_keyboard(lab: Lab, page: Page) -> None:
    lesson = lab.open(page, LESSON)
    lesson.run_all()
    shown, keyboard = desk(lesson), page.keyboard
    notice = shown.locator(".kl-notice")
    expect(notice).to_contain_text("worker-2 crashed 7 s ago")
    lesson.photograph("lesson-04-readers", shown)
    shown.get_by_role("button", name="+10 s").focus()
    keyboard.press("Enter")
    expect(notice).to_contain_text("worker-1 took the lease of shard 0 over from worker-2")
    slider = shown.get_by_role("slider")
    slider.focus()
    keyboard.press("PageDown")
    expect(notice).to_contain_text("crashed")
    lesson.photograph("lesson-04-readers-back", shown)


def test_a_prediction_for_one_poller_is_met(begun: Notebook) -> None:
    form = begun.run("Three pollers take turns").locator(".kl-predict")
    form.get_by_role("spinbutton").fill("200")
    begun.page.keyboard.press("Enter")
    form.get_by_text("Your prediction is kept").wait_for()
    for cell in ("iterators = {kind", "empty =", "seconds=301", "import Drip"):
        begun.run(cell)
    revealed = begun.run('lesson.reveal("pollers"').get_by_role("status")
    expect(revealed).to_contain_text("That is what one poller alone gets.")


def test_wrong_tries_are_told_apart_and_three_settings_pass(begun: Notebook) -> None:
    begun.run(BLOCKED)
    for settings, said in (
        ("", "Still stuck: 137 payments are charged"),
        (f"MaximumRetryAttempts=0, {TELL}", "told of a batch of 100 records"),
        (f"{BISECT}, {TELL}", "now it fails alone"),
        (f"{BISECT}, {RETRIES}", "gone without a trace"),
        (f"{BISECT}, {RETRIES}, {TELL}", "Passed."),
    ):
        answer(begun, GIVEN + (CHANGE.format(settings) if settings else "") + WAIT)
        checked = begun.run('lesson.check("unstick"')
        checked.get_by_text(said).wait_for()
    begun.photograph("lesson-04-passed", checked)


def answer(lesson: Notebook, code: str) -> None:
    """Write ``code`` into the exercise and run it."""
    lesson.cell(EXERCISE).locator(".cm-content").click()
    lesson.page.keyboard.press("Control+a")
    lesson.page.keyboard.press("Delete")
    lesson.page.keyboard.insert_text(code)
    lesson.run(EXERCISE)


def test_it_looks_right_in_the_dark(dark_lab: Lab, page: Page) -> None:
    notebook = dark_lab.open(page, LESSON)
    notebook.clear()
    for cell in (BEGIN, AUDIENCE, DESK):
        notebook.run(cell)
    shown = desk(notebook)
    expect(shown.locator(".kl-notice")).to_contain_text("crashed 7 s ago")
    paper = shown.evaluate("node => getComputedStyle(node).backgroundColor")
    assert paper != "rgb(255, 255, 255)"
    notebook.photograph("lesson-04-dark", shown)
