"""Lesson 03 in JupyterLab: it runs, its mixer plays loads, and its exercise answers wrong tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
LESSON = "en/03_producers.ipynb"
BEGIN, EXERCISE, MIXER = "lesson = Lesson", "pedala-unlocks", "sim.show.mixer"
LOOP = """while waiting:
    batch, rest = waiting[:500], waiting[500:]
    answer = producer.put_records(StreamName="pedala-unlocks", Records=batch)
    failed = [entry for entry, told in zip(batch, answer["Records"]) if "ErrorCode" in told]
"""
FORGETS = f"{LOOP}    waiting = rest"
DOUBLES = f"{LOOP}    waiting = (batch if failed else []) + rest".replace("500", "400")
HAMMERS = f"{LOOP}    waiting = failed + rest"
IN_STEP = f"{LOOP}    waiting = failed + rest\n    trial.advance(seconds=1 if failed else 0)"
PATIENT = (
    f"wait = 100\n{LOOP}    waiting = failed + rest\n"
    "    trial.advance(milliseconds=chance.randint(0, wait) if failed else 0)\n"
    "    wait = 2 * wait if failed else 100"
)


@pytest.fixture
def lesson(lab: Lab, page: Page) -> Notebook:
    """The lesson begun: its first cell has run."""
    notebook = lab.open(page, LESSON)
    notebook.clear()
    notebook.run(BEGIN)
    return notebook


def mixer(notebook: Notebook) -> Locator:
    found = notebook.panel.locator(".kl-mixer")
    found.scroll_into_view_if_needed()
    return found


def test_the_lesson_runs_and_its_mixer_is_played_by_keyboard(lab: Lab, page: Page) -> None:
    lesson = lab.open(page, LESSON)
    lesson.run_all()
    shown = mixer(lesson)
    notice, keyboard = shown.get_by_role("status"), lesson.page.keyboard
    expect(notice).to_contain_text("it was at 1,000 records a second")
    lesson.photograph("lesson-03-mixer", shown)
    shown.get_by_role("slider", name="Hot key's share").focus()
    keyboard.press("Home")
    expect(notice).to_contain_text("No shard refused anything.")
    shown.get_by_role("slider", name="Record size").focus()
    for _ in range(4):
        keyboard.press("ArrowRight")
    expect(notice).to_contain_text("1 MiB a second were used up")
    shown.get_by_role("combobox", name="Refused records").focus()
    keyboard.press("ArrowDown")
    keyboard.press("Tab")
    expect(notice).to_contain_text("times again")
    lesson.photograph("lesson-03-mixer-bytes", shown)


def test_a_prediction_by_bytes_alone_is_met(lesson: Notebook) -> None:
    form = lesson.run("1,100 tiny records").locator(".kl-predict")
    form.get_by_role("spinbutton").fill("1100")
    lesson.page.keyboard.press("Enter")
    form.get_by_text("Your prediction is kept").wait_for()
    revealed = lesson.run('lesson.reveal("tiny"').get_by_role("status")
    expect(revealed).to_contain_text("By bytes alone that would be right.")


def test_wrong_tries_are_told_apart_and_a_patient_one_passes(lesson: Notebook) -> None:
    tries = {
        FORGETS: "Those were refused and not sent again.",
        DOUBLES: "you sent again what was stored already",
        HAMMERS: "The shard spent its seconds saying no.",
        IN_STEP: "your waits are all alike",
        PATIENT: "nothing lost, nothing hammered",
    }
    given = lesson.cell(EXERCISE).locator(".cm-content").inner_text()
    given = given.partition("# Write your code here")[0]
    for code, said in tries.items():
        answer(lesson, given + code)
        checked = lesson.run('lesson.check("resend"')
        checked.get_by_text(said).wait_for()
    lesson.photograph("lesson-03-passed", checked)


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
    notebook.run(BEGIN)
    notebook.run(MIXER)
    shown = mixer(notebook)
    expect(shown.get_by_role("status")).to_contain_text("it was at 1,000 records a second")
    paper = shown.evaluate("node => getComputedStyle(node).backgroundColor")
    assert paper != "rgb(255, 255, 255)"
    notebook.photograph("lesson-03-dark", shown)
