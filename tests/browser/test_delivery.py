"""The pipeline's desk in Chromium, its Python side in the test: slider, faults, error objects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kinesis_sim import Simulator
from kinesis_sim.workloads.scenes.click_flow import ClickFlow
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.test_shard_map import TEXTS, hexed, meet
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
CONTROLS = ":is(input, button, select)"
SLIDER, NOTICE, REPLY, SUM = "input[type=range]", ".kl-notice", ".kl-reply", ".kl-lead"
PICTURE, BAD = ".kl-scene[role=img]", "[role=img] .kl-stage-bad"
LATER = "[role=img] :is(.kl-taken-later, .kl-refusal-later, .kl-object-later)"
ACCOUNT = "508508508508"


def desk(page: Page, *, dark: bool = False, lang: str = "en", to: str = "s3") -> WidgetPage:
    sim = Simulator(latency=None, delays="instant", account=ACCOUNT)
    flow = ClickFlow(sim, to=to)
    return WidgetPage(page, sim.show.live_delivery(flow.stream, lang=lang), dark=dark)


@pytest.fixture
def shown(sheet: Page) -> WidgetPage:
    return desk(sheet)


def press(shown: WidgetPage, label: str) -> None:
    shown.find(f"button:has-text('{label}')").focus()
    shown.page.keyboard.press("Enter")


def numbers(shown: WidgetPage) -> list[int]:
    """The numbers of the sum, in its order."""
    words = shown.find(SUM).inner_text().replace(",", "").split()
    return [int(word) for word in words if word.isdigit()]


def test_it_teaches_before_anyone_touches_it(shown: WidgetPage) -> None:
    expect(shown.find(NOTICE)).to_contain_text("Every try at S3 since")
    expect(shown.find(NOTICE)).to_contain_text("Nothing is lost")
    expect(shown.find("[data-stage]")).to_have_count(6)
    expect(shown.find(BAD)).to_have_count(1)
    expect(shown.find("[data-stage=destination] .kl-stage-bad")).to_have_count(1)
    expect(shown.find(PICTURE)).to_contain_text("processing-failed")
    expect(shown.find(".kl-opened")).to_contain_text("rawData, decoded")
    accepted, *rest = numbers(shown)
    assert accepted == sum(rest)


def test_a_mended_destination_gets_everything_at_its_next_try(shown: WidgetPage) -> None:
    press(shown, "mend S3")
    expect(shown.find(REPLY)).to_contain_text("at the next try, not before")
    press(shown, "+10 min")
    expect(shown.find(BAD)).to_have_count(0)
    expect(shown.find(NOTICE)).not_to_contain_text("refuses")
    accepted, *rest = numbers(shown)
    assert accepted == sum(rest)


def test_a_broken_function_fills_the_error_output_and_its_rows_open(shown: WidgetPage) -> None:
    press(shown, "mend S3")
    press(shown, "break the function")
    press(shown, "+10 min")
    expect(shown.find(NOTICE)).to_contain_text("Lambda.FunctionError")
    shown.find("select").focus()
    shown.page.keyboard.press("Home")
    for place in range(shown.find("option").count()):
        if "processing-failed" in (shown.find("option").nth(place).text_content() or ""):
            break
        shown.page.keyboard.press("ArrowDown")
    opened = shown.find(".kl-opened")
    expect(opened).to_contain_text("it returned an error result")
    expect(opened).to_contain_text("session_id")
    expect(opened.locator("dl").first).to_contain_text("attemptsMade4")


def test_the_slider_goes_back_before_the_fault(shown: WidgetPage) -> None:
    shown.find(SLIDER).focus()
    now = numbers(shown)[0]
    shown.page.keyboard.press("Home")
    expect(shown.find(BAD)).to_have_count(0)
    assert numbers(shown)[0] < now
    expect(shown.find("select")).to_be_disabled()
    expect(shown.find(LATER).first).to_be_attached()
    for _ in range(3):
        shown.page.keyboard.press("PageUp")
    accepted, *rest = numbers(shown)
    assert accepted == sum(rest) > 0
    shown.page.keyboard.press("End")
    expect(shown.find(LATER)).to_have_count(0)


def test_an_endpoint_gives_up_into_the_error_output(sheet: Page) -> None:
    shown = desk(sheet, to="opensearch")
    expect(shown.find(NOTICE)).to_contain_text("No try at OpenSearch since")
    press(shown, "+10 min")
    expect(shown.find(PICTURE)).to_contain_text("AmazonOpenSearchService-failed")
    expect(shown.find("[data-stage=conversion] .kl-stage-off")).to_have_count(1)
    expect(shown.find("[data-stage=conversion] title")).to_have_text("off")


def test_wishes_that_are_none_are_not_heard(shown: WidgetPage) -> None:
    before = shown.widget.page
    for wish in (
        {"kind": "advance", "step": "year"},
        {"kind": "switch", "part": "kernel"},
        {"kind": "open", "key": "secrets"},
        [],
    ):
        shown.page.evaluate("content => window.kernel({content})", wish)
    assert shown.widget.page == before


def test_six_controls_all_named(shown: WidgetPage) -> None:
    assert shown.find(f"{CONTROLS}:visible").count() == 6
    expect(shown.find(f":is({CONTROLS}):visible[data-lm-suppress-shortcuts=true]")).to_have_count(6)
    expect(shown.find(":is(input, select):visible[aria-label]")).to_have_count(2)
    expect(shown.find("svg[role=img][aria-label]")).to_have_count(1)


def test_it_leaves_without_a_trace(shown: WidgetPage) -> None:
    shown.page.evaluate("window.leave()")
    said = shown.find(SUM).inner_text()
    shown.widget.advance(30)
    shown.push()
    assert shown.find(SUM).inner_text() == said


OUTSIDE = """nodes => nodes.flatMap(node => {
  const box = node.querySelector("rect").getBoundingClientRect();
  return [...node.ownerSVGElement.querySelectorAll("text")].filter(text => {
    const at = text.getBoundingClientRect();
    const within = at.top >= box.top && at.bottom <= box.bottom;
    return within && at.left >= box.left && at.left < box.right && at.right > box.right - 2;
  }).map(text => text.textContent);
})"""
"""Texts of a box that stick out at its right."""


# --- looks ----------------------------------------------------------------------------------------


@pytest.fixture(params=[(840, True), (1200, False)])
def look(request: pytest.FixtureRequest, paper: Page) -> Iterator[WidgetPage]:
    """The desk with both faults, at a width and in a theme or language."""
    width, kind = request.param
    lang = kind if isinstance(kind, str) else "en"
    with blank(paper, width, 900) as page:
        shown = desk(page, dark=kind is True, lang=lang)
        shown.widget.switch("transform")
        shown.widget.advance(3)
        shown.push()
        yield shown
        ARTIFACTS.mkdir(exist_ok=True)
        name = {True: "dark", False: "light"}.get(kind, kind)
        page.screenshot(path=ARTIFACTS / f"delivery-{width}-{name}.png", full_page=True)


def test_texts_are_large_enough_apart_inside_and_stand_out(look: WidgetPage) -> None:
    from kinesis_sim.show.kit.theme import contrast

    rows = [row for row in look.find(".kl-delivery").evaluate(TEXTS) if row["right"] > row["left"]]
    paper = hexed(
        look.find(".kl-delivery").evaluate("node => getComputedStyle(node).backgroundColor")
    )
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if contrast(hexed(row["color"]), paper) < 4.5] == []
    svg = look.find(".kl-frame").evaluate(TEXTS)
    assert [(a["said"], b["said"]) for a, b in combinations(svg, 2) if meet(a, b)] == []
    [wide] = [look.find("svg[role=img]").bounding_box()]
    assert wide is not None
    assert [r["said"] for r in svg if r["right"] > wide["x"] + wide["width"]] == []
    boxes = look.find(":is([data-stage], [data-output])")
    assert boxes.count() == 8
    assert boxes.evaluate_all(OUTSIDE) == []
    page_wide = look.page.evaluate("document.documentElement.scrollWidth")
    assert page_wide <= look.page.evaluate("document.documentElement.clientWidth")
