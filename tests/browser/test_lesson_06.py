"""Lesson 06 in JupyterLab: it runs, its timeline works by keyboard, wrong replays are explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
LESSON = "en/06_retention_and_replay.ipynb"
BEGIN, READERS, FEED, READ = "lesson = Lesson", "import Bookmark", "import payments", "import read"
DESK, DAY, EXERCISE = "desk = Simulator", "trial = Simulator", "Write your code here"


def timeline(notebook: Notebook) -> Locator:
    found = notebook.panel.locator(".kl-retention")
    found.scroll_into_view_if_needed()
    return found


@pytest.fixture
def begun(lab: Lab, page: Page) -> Notebook:
    """The lesson begun: its first cells have run."""
    notebook = lab.open(page, LESSON)
    notebook.clear()
    for cell in (BEGIN, READERS, FEED, READ):
        notebook.run(cell)
    return notebook


def test_the_lesson_runs_and_its_timeline_works_by_keyboard(lab: Lab, page: Page) -> None:
    lesson = lab.open(page, LESSON)
    lesson.run_all()
    shown, keyboard = timeline(lesson), page.keyboard
    notice, reply = shown.locator(".kl-notice"), shown.locator(".kl-reply")
    expect(notice).to_contain_text("report fell off the edge")
    lesson.photograph("lesson-06-retention", shown)
    slider = shown.get_by_role("slider")
    slider.focus()
    for _ in range(4):
        keyboard.press("PageDown")
    expect(shown.locator(".kl-time")).to_have_text("Fri 00:18")
    keyboard.press("Tab")
    keyboard.press("Tab")
    for hours in ("2 d", "3 d"):
        keyboard.press("Enter")
        expect(shown.locator(".kl-what-if")).to_have_text(f"what if: {hours}")
    expect(notice).to_contain_text("records that are gone would be there.")
    lesson.photograph("lesson-06-what-if", shown)
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(reply).to_contain_text("IncreaseStreamRetentionPeriod: done. The retention is 3 d.")
    expect(notice).to_contain_text("what was gone stayed gone.")
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(reply).to_contain_text("It is Fri 18:0")
    shown.get_by_role("button", name="Let readers read").press("Enter")
    expect(reply).to_contain_text("none has left the stream for that.")
    lesson.photograph("lesson-06-read-on", shown)


def test_a_prediction_that_yesterday_comes_back_is_met(begun: Notebook) -> None:
    form = begun.run("lesson.predict").locator(".kl-predict")
    form.get_by_role("radio", name="yes: it is younger than seven days").check()
    form.get_by_role("button").click()
    form.get_by_text("Your prediction is kept").wait_for()
    begun.run("before = ")
    revealed = begun.run('lesson.reveal("raise"').get_by_role("status")
    expect(revealed).to_contain_text("it had to go when it was older")


def test_wrong_replays_are_told_apart_and_a_safe_one_passes(begun: Notebook) -> None:
    check = begun.cell('lesson.check("replay-hour"')
    code = begun.cell(EXERCISE).locator(".cm-content")
    marker = "# Write your code here"
    for lines, told in (
        ("", "34 payments of the hour are still booked by the faulty version only"),
        ("for r in read(trial, stream, start=begin): books.book(r)", "twice: the faulty line"),
        (
            "books.strike(begin, end)\nfor r in read(trial, stream): books.book(r)",
            "from before 14:00 are booked twice",
        ),
        (
            "books.strike(begin, end)\nfor r in read(trial, stream, start=begin): books.book(r)",
            "the replay did not stop",
        ),
        (
            "books.strike(begin, end)\n"
            "[books.book(r) for r in read(trial, stream, start=begin) "
            'if r["ApproximateArrivalTimestamp"] < end]',
            "Passed.",
        ),
    ):
        begun.run(DAY)
        code.click()
        begun.page.keyboard.press("Control+a")
        begun.page.keyboard.press("Delete")
        begun.page.keyboard.insert_text(f"{marker}\n{lines}")
        begun.run(EXERCISE)
        begun.run('lesson.check("replay-hour"')
        check.get_by_text(told).wait_for()
    begun.photograph("lesson-06-check", check)


def test_it_is_as_clear_in_the_dark(dark_lab: Lab, page: Page) -> None:
    lesson = dark_lab.open(page, LESSON)
    lesson.clear()
    for cell in (BEGIN, READERS, FEED, DESK):
        lesson.run(cell)
    shown = timeline(lesson)
    expect(shown.locator(".kl-notice")).to_contain_text("report fell off the edge")
    lesson.photograph("lesson-06-retention-dark", shown)
