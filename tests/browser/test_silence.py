"""A widget whose kernel is gone says so, and says nothing while the kernel answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from kinesis_sim.course import Lesson
from tests.browser.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


class Mute(WidgetPage):
    """A page whose kernel takes what it is sent and never answers."""

    mute = True

    def _kernel(self, message: dict[str, Any]) -> dict[str, Any]:
        return {} if self.mute else super()._kernel(message)


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "No answer from Python yet"), ("pt-BR", "ainda não respondeu")]
)
def test_a_kernel_that_is_gone_is_told(page: Page, lang: str, said: str) -> None:
    lesson = Lesson("producers", lang=lang)
    shown = Mute(page, lesson.predict("tiny", "How many?", choices={"a": "A", "b": "B"}))
    page.clock.install(time=0)
    page.clock.pause_at(1_000)
    notice = page.locator(".kl-silent")
    page.get_by_role("radio", name="A").click()
    page.clock.run_for(4_900)
    expect(notice).to_be_hidden()
    page.clock.run_for(200)
    expect(notice).to_contain_text(said)
    assert shown.widget.guess is None


def test_a_kernel_that_answers_is_not_called_gone(page: Page) -> None:
    lesson = Lesson("producers")
    shown = WidgetPage(page, lesson.predict("tiny", "How many?", choices={"a": "A", "b": "B"}))
    page.clock.install(time=0)
    page.clock.pause_at(1_000)
    page.get_by_role("radio", name="A").click()
    shown.settle()
    page.clock.run_for(60_000)
    expect(page.locator(".kl-silent")).to_be_hidden()
