"""A diagram of states in Chromium: the present state, the way taken, the slider, looks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kinesis_sim import Simulator
from kinesis_sim.show.kit.theme import contrast
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.test_shard_map import TEXTS, hexed, meet
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
HERE = "svg[role=img] [data-here]"


def desk(page: Page, *, dark: bool = False, lang: str = "en") -> WidgetPage:
    sim = Simulator()
    sim.client("kinesis").create_stream(StreamName="rides", ShardCount=2)
    sim.advance(minutes=1)
    sim.client("kinesis").delete_stream(StreamName="rides")
    return WidgetPage(page, sim.show.live_states("stream", "rides", lang=lang), dark=dark)


def test_the_slider_goes_back_along_the_way(sheet: Page) -> None:
    shown = desk(sheet)
    expect(shown.find(HERE).first).to_have_attribute("data-here", "DELETING")
    expect(shown.find("svg[role=img] [data-step=delete] .kl-step-taken").first).to_be_attached()
    shown.find("input[type=range]").focus()
    sheet.keyboard.press("ArrowLeft")
    expect(shown.find(HERE).first).to_have_attribute("data-here", "ACTIVE")
    expect(shown.find("svg[role=img] [data-step=delete] .kl-step-taken")).to_have_count(0)
    expect(shown.find(".kl-notice")).to_contain_text("Its way: CREATING → ACTIVE.")
    sheet.keyboard.press("Home")
    expect(shown.find(HERE).first).to_have_attribute("data-here", "CREATING")
    expect(shown.find("svg[role=img]")).to_have_attribute(
        "aria-label", "The life of a stream. " + shown.find(".kl-notice").inner_text()
    )


def test_it_leaves_without_a_trace(sheet: Page) -> None:
    shown = desk(sheet)
    sheet.evaluate("window.leave()")
    shown.widget._sim.advance(minutes=1)
    shown.widget.refresh()
    shown.push()
    expect(shown.find(HERE).first).to_have_attribute("data-here", "DELETING")


@pytest.fixture(params=[(800, False), (800, True)])
def look(request: pytest.FixtureRequest, paper: Page) -> Iterator[WidgetPage]:
    """The diagram at a width and in a theme or language."""
    width, kind = request.param
    lang = kind if isinstance(kind, str) else "en"
    with blank(paper, width, 760) as page:
        yield desk(page, dark=kind is True, lang=lang)
        ARTIFACTS.mkdir(exist_ok=True)
        name = {True: "dark", False: "light"}.get(kind, kind)
        page.screenshot(path=ARTIFACTS / f"states-{width}-{name}.png", full_page=True)


def test_texts_are_large_enough_apart_inside_and_stand_out(look: WidgetPage) -> None:
    rows = look.find(".kl-states").evaluate(TEXTS)
    width = look.page.evaluate("document.documentElement.clientWidth")
    paper = hexed(
        look.find(".kl-states").evaluate("node => getComputedStyle(node).backgroundColor")
    )
    filled = look.find(HERE).first.locator("rect").evaluate("node => getComputedStyle(node).fill")
    [name] = [row for row in rows if row["said"] == "DELETING"]
    assert contrast(hexed(name["color"]), hexed(filled)) >= 4.5
    rows.remove(name)
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [row["said"] for row in rows if contrast(hexed(row["color"]), paper) < 4.5] == []
    assert [(a["said"], b["said"]) for a, b in combinations(rows, 2) if meet(a, b)] == []
