"""Lesson 05 in JupyterLab: it runs, its levers work by keyboard, and wrong plans are explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
LESSON = "en/05_capacity.ipynb"
BEGIN, IMPORT, DESK, EXERCISE = (
    "lesson = Lesson",
    "import Steps",
    "desk = Simulator",
    "shards, plan",
)
TOO_FAR = "shards, plan = 2, {6*60: 5}"
TOO_LATE = "shards, plan = 2, {5*60 + 25: 4, 7*60: 8}"
TOO_DEAR = "shards, plan = 8, {}"
SMALLEST = (
    "shards, plan = 2, {5*60 + 25: 4, 6*60 + 20: 7, 8*60 + 50: 4, "
    "16*60 + 10: 8, 19*60 + 20: 4, 20*60 + 45: 2}"
)


def capacity_desk(notebook: Notebook) -> Locator:
    found = notebook.panel.locator(".kl-capacity-desk")
    found.scroll_into_view_if_needed()
    return found


@pytest.fixture
def begun(lab: Lab, page: Page) -> Notebook:
    """The lesson begun: its first cell has run."""
    notebook = lab.open(page, LESSON)
    notebook.clear()
    notebook.run(BEGIN)
    return notebook


def test_the_lesson_runs_and_its_levers_work_by_keyboard(lab: Lab, page: Page) -> None:
    lesson = lab.open(page, LESSON)
    lesson.run_all()
    shown, keyboard = capacity_desk(lesson), page.keyboard
    notice, reply = shown.locator(".kl-notice"), shown.locator(".kl-reply")
    expect(notice).to_contain_text("From 08:00 on the wave is above the line")
    lesson.photograph("lesson-05-capacity", shown)
    target = shown.get_by_role("spinbutton", name="Shards to have")
    target.focus()
    keyboard.press("Control+a")
    keyboard.type("6")
    keyboard.press("Enter")
    expect(reply).to_contain_text("cannot scale up over double")
    keyboard.press("Control+a")
    keyboard.type("4")
    keyboard.press("Enter")
    expect(reply).to_contain_text("UpdateShardCount: done.")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(shown.locator("header")).to_contain_text("on-demand, 4 shards")
    for time in ("07:54", "08:04", "08:14", "08:24"):
        shown.get_by_role("button", name="+10 min").focus()
        keyboard.press("Enter")
        expect(shown.locator(".kl-time")).to_have_text(time)
    expect(shown.locator("header")).to_contain_text("on-demand, 8 shards")
    expect(shown.locator("svg[role=img] .kl-refused")).to_have_count(0)
    lesson.photograph("lesson-05-capacity-wave", shown)


def test_a_prediction_of_throttling_is_met(begun: Notebook) -> None:
    form = begun.run("lesson.predict").locator(".kl-predict")
    form.get_by_role("radio", name="throttled until AWS has added shards").check()
    form.get_by_role("button").click()
    form.get_by_text("Your prediction is kept").wait_for()
    begun.run(IMPORT)
    begun.run("pedala-app")
    revealed = begun.run("lesson.reveal").get_by_role("status")
    expect(revealed).to_contain_text("That is what happens when traffic more than doubles.")


def test_wrong_plans_are_told_apart_and_the_smallest_passes(begun: Notebook) -> None:
    for plan, told in (
        (TOO_FAR, "5 is more than double or less than half"),
        (TOO_LATE, "At 06:28 records are refused: 4023 come each second"),
        (TOO_DEAR, "it makes 192.0 shard hours"),
        (SMALLEST, "Passed."),
    ):
        cell = begun.cell(EXERCISE)
        cell.locator(".cm-content").click()
        begun.page.keyboard.press("Control+a")
        begun.page.keyboard.insert_text(plan)
        begun.run(EXERCISE)
        begun.run("lesson.check").get_by_text(told).wait_for()


def test_it_is_as_clear_in_the_dark(dark_lab: Lab, page: Page) -> None:
    lesson = dark_lab.open(page, LESSON)
    lesson.clear()
    lesson.run(BEGIN)
    lesson.run(IMPORT)
    lesson.run(DESK)
    shown = capacity_desk(lesson)
    expect(shown.locator(".kl-notice")).to_contain_text("the line is at 2")
    lesson.photograph("lesson-05-capacity-dark", shown)
