"""Lesson 02 in JupyterLab: it runs, and its shard map goes through time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
LESSON = "en/02_shards_and_partition_keys.ipynb"


@pytest.fixture
def lesson(lab: Lab, page: Page) -> Notebook:
    notebook = lab.open(page, LESSON)
    notebook.run_all()
    return notebook


def shards_in(shard_map: Locator) -> list[str]:
    """The names in front of the lanes."""
    return shard_map.locator(".kl-lanes .kl-name").all_inner_texts()


def test_the_time_slider_changes_the_map(lesson: Notebook) -> None:
    shard_map = lesson.panel.locator(".kl-map")
    ring, time = shard_map.locator(".kl-ring"), shard_map.locator(".kl-time")
    slider = shard_map.get_by_role("slider")
    slider.scroll_into_view_if_needed()
    today, now = ring.inner_html(), time.inner_text()
    lesson.photograph("lesson-02-now", shard_map)
    slider.focus()
    lesson.page.keyboard.press("Home")
    expect(time).not_to_have_text(now)
    lesson.page.keyboard.press("PageUp")
    assert ring.inner_html() != today, "one open shard of another number, before the split"
    lesson.photograph("lesson-02-before-the-split", shard_map)
    lesson.page.keyboard.press("End")
    expect(time).to_have_text(now)
    assert ring.inner_html() == today


def test_a_pinned_key_shows_where_it_lands(lesson: Notebook) -> None:
    shard_map = lesson.panel.locator(".kl-map")
    shard_map.get_by_role("textbox").fill("bike-0107")
    shard_map.get_by_role("textbox").press("Enter")
    expect(shard_map.locator(".kl-ring")).to_contain_text("bike-0107")


def test_the_clock_button_moves_the_simulator(lesson: Notebook) -> None:
    shard_map = lesson.panel.locator(".kl-map")
    before = shard_map.locator(".kl-time").inner_text()
    shard_map.get_by_role("button", name="+1 h").click()
    expect(shard_map.locator(".kl-time")).not_to_have_text(before)


def test_a_wrong_answer_is_met_with_a_hint_and_a_right_one_passes(lesson: Notebook) -> None:
    answer(lesson, 'key = ["station_id", "bike_id"]')
    lesson.run("spread-station").get_by_text("nobody can read them in order").wait_for()
    answer(lesson, 'key = "bike_id"')
    lesson.run("spread-station").get_by_text("Passed.").wait_for()


def answer(lesson: Notebook, line: str) -> None:
    """Write ``line`` into the exercise, below what the lesson gives, and run it."""
    editor = lesson.cell("trial = Simulator").locator(".cm-content")
    given = editor.inner_text().partition("key =")[0]
    editor.click()
    lesson.page.keyboard.press("Control+a")
    lesson.page.keyboard.insert_text(f'{given}{line}\nfeed(trial, "pedala-rides", rides(key=key))')
    lesson.run("trial = Simulator")
