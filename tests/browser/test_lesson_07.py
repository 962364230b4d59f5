"""Lesson 07 in JupyterLab: it runs, its picture plays by keyboard, wrong settings are explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
LESSON = "en/07_firehose_buffering.ipynb"
BEGIN, MIXER, EXERCISE = "lesson = Lesson", "buffer_mixer", "size, interval, pack"


def picture(notebook: Notebook) -> Locator:
    found = notebook.panel.locator(".kl-buffer")
    found.scroll_into_view_if_needed()
    return found


@pytest.fixture
def begun(lab: Lab, page: Page) -> Notebook:
    """The lesson begun: its first cell has run."""
    notebook = lab.open(page, LESSON)
    notebook.clear()
    notebook.run(BEGIN)
    return notebook


def test_the_lesson_runs_and_its_picture_works_by_keyboard(lab: Lab, page: Page) -> None:
    lesson = lab.open(page, LESSON)
    lesson.run_all()
    shown, keyboard = picture(lesson), page.keyboard
    expect(shown.locator(".kl-notice")).to_contain_text("12 objects so far, 5 MiB each")
    lesson.photograph("lesson-07-buffer", shown)
    shown.get_by_role("slider", name="Time").focus()
    keyboard.press("PageDown")
    expect(shown.locator(".kl-time")).to_have_text("08:30:00")
    shown.get_by_role("slider", name="Traffic").focus()
    keyboard.press("ArrowLeft")
    keyboard.press("ArrowLeft")
    expect(shown.locator(".kl-notice")).to_contain_text("6 objects so far")
    keyboard.press("Tab")
    keyboard.type("S3 refuses for 25")
    expect(shown.locator(".kl-legend")).to_contain_text("records lost", timeout=30_000)
    lesson.photograph("lesson-07-buffer-lost", shown)


def test_a_wrong_prediction_is_met(begun: Notebook) -> None:
    begun.run("sim.buckets.create")
    form = begun.run('lesson.predict("first"').locator(".kl-predict")
    form.get_by_role("spinbutton").fill("300")
    form.get_by_role("button").click()
    form.get_by_text("Your prediction is kept").wait_for()
    revealed = begun.run('lesson.reveal("first"').get_by_role("status")
    expect(revealed).to_contain_text("You predicted 300 seconds, and it was 150")


def test_wrong_settings_are_told_apart_and_good_ones_pass(begun: Notebook) -> None:
    for settings, told in (
        ("5, 300, 1", "The oldest click reached the lake after 301.0 s"),
        ("5, 60, 31", "up to 6.8 s passed before Firehose had the click"),
        ("5, 50, 1", "you pay mostly for air"),
        ("1, 50, 32", "more than 5,120"),
        ("1, 20, 31", "objects in the hour; 75 is the most"),
        ("1, 50, 30", "Passed."),
    ):
        cell = begun.cell(EXERCISE)
        cell.locator(".cm-content").click()
        begun.page.keyboard.press("Control+a")
        begun.page.keyboard.insert_text(f"size, interval, pack = {settings}")
        begun.run(EXERCISE)
        begun.run("lesson.check").get_by_text(told).wait_for()


def test_it_is_as_clear_in_the_dark(dark_lab: Lab, page: Page) -> None:
    lesson = dark_lab.open(page, LESSON)
    lesson.clear()
    lesson.run(BEGIN)
    lesson.run(MIXER)
    shown = picture(lesson)
    expect(shown.locator(".kl-notice")).to_contain_text("12 objects so far")
    lesson.photograph("lesson-07-buffer-dark", shown)
