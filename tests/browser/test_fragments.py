"""The fragment timeline in Chromium, its Python side in the test: buttons, slider, looks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kinesis_sim import Simulator
from kinesis_sim.show.kit.theme import contrast
from kinesis_sim.workloads.scenes.filming import Filming
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.test_capacity import TEXTS
from tests.browser.test_shard_map import hexed, meet
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from kinesis_sim.show.fragments.widget import FragmentDesk

pytestmark = pytest.mark.browser
BOXES = "svg[role=img] :is(.kl-fragment, .kl-fragment-held, .kl-fragment-waiting)"


def desk(lang: str = "en") -> FragmentDesk:
    sim = Simulator(latency=None)
    filming = Filming(sim)
    filming.film()
    return sim.show.live_fragments(filming, lang=lang)


def test_buttons_film_cut_and_let_time_pass(sheet: Page) -> None:
    shown = WidgetPage(sheet, desk())
    expect(shown.find(BOXES)).to_have_count(10)
    sheet.get_by_role("button", name="Cut the line").press("Enter")
    expect(shown.find(".kl-notice")).to_contain_text("The line was cut inside the newest fragment")
    expect(shown.find("svg[role=img] .kl-lost")).to_have_count(2)
    sheet.get_by_role("button", name="Key frame every 24 s").click()
    expect(shown.find(".kl-notice")).to_contain_text("ERROR 4002 MAX_FRAGMENT_DURATION_REACHED")
    sheet.get_by_role("button", name="+1 h").click()
    expect(shown.find("svg[role=img] .kl-fragment-gone")).to_have_count(12)
    sheet.get_by_role("combobox").select_option(label="0 h")
    expect(shown.find(".kl-reply")).to_have_text("UpdateDataRetention: from 1 h to 0 h.")
    expect(shown.find("header")).to_contain_text("retention 0")


def test_the_slider_shows_a_fragment_coming_in(sheet: Page) -> None:
    shown = WidgetPage(sheet, desk())
    shown.find("input[type=range]").focus()
    sheet.keyboard.press("Home")
    expect(shown.find(BOXES)).to_have_count(2)
    expect(shown.find("svg[role=img] .kl-fragment-waiting")).to_have_count(2)
    expect(shown.find(".kl-notice")).to_contain_text("Coming in 1.")


LOOKS = [(800, False, "en"), (800, True, "en"), (1280, False, "pt-BR"), (480, False, "pt-BR")]


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest, paper: Page) -> Iterator[WidgetPage]:
    """All that can befall fragments, at a width, in a theme and a language."""
    width, dark, lang = request.param
    widget = desk(lang)
    for what in ("late", "cut", "long", "hour", "film"):
        widget.act(what)
    with blank(paper, width, 760) as page:
        yield WidgetPage(page, widget, dark=dark)
        ARTIFACTS.mkdir(exist_ok=True)
        theme = "dark" if dark else "light"
        page.screenshot(path=ARTIFACTS / f"fragments-{width}-{theme}.png", full_page=True)


def test_texts_are_large_enough_apart_inside_and_stand_out(look: WidgetPage) -> None:
    rows = look.find(".kl-fragments").evaluate(TEXTS)
    paper = hexed(
        look.find(".kl-fragments").evaluate("node => getComputedStyle(node).backgroundColor")
    )
    width = look.page.evaluate("document.documentElement.clientWidth")
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [row["said"] for row in rows if contrast(hexed(row["color"]), paper) < 4.5] == []
    assert [(a["said"], b["said"]) for a, b in combinations(rows, 2) if meet(a, b)] == []
