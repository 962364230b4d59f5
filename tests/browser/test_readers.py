"""The readers' desk in Chromium, its Python side in the test: slider, crash, poison, looks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kinesis_sim import Simulator
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.test_shard_map import TEXTS, hexed, meet
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
CONTROLS = ":is(input, button)"
DOTS = "svg[role=img] :is(.kl-record, .kl-record-past)"
SLIDER, NOTICE, REPLY = "input[type=range]", ".kl-notice", ".kl-reply"


def desk(page: Page, *, dark: bool = False, lang: str = "en") -> WidgetPage:
    sim = Simulator(latency=None, delays="instant")
    return WidgetPage(page, sim.show.live_readers(lang=lang), dark=dark)


@pytest.fixture
def shown(sheet: Page) -> WidgetPage:
    return desk(sheet)


def press(shown: WidgetPage, label: str) -> None:
    shown.find(f"button:text-is('{label}')").focus()
    shown.page.keyboard.press("Enter")


def test_it_teaches_before_anyone_touches_it(shown: WidgetPage) -> None:
    expect(shown.find(NOTICE)).to_contain_text("worker-2 crashed 7 s ago")
    expect(shown.find(NOTICE)).to_contain_text("The other readers do not notice")
    expect(shown.find("[data-shard]")).to_have_count(2)
    expect(shown.find("[data-reader]")).to_have_count(8)
    expect(shown.find(".kl-reader-bad")).to_have_count(1)
    assert shown.find(".kl-said-bad").all_text_contents() == ["7.0 s", "worker-2 crashed"]
    for label in ("TRIM_HORIZON", "now = LATEST"):
        expect(shown.find("svg[role=img]")).to_contain_text(label)


def test_time_brings_the_take_over_and_the_slider_goes_back_before_the_crash(
    shown: WidgetPage,
) -> None:
    press(shown, "+10 s")
    press(shown, "+10 s")
    expect(shown.find(NOTICE)).to_contain_text("worker-1 took the lease of shard 0 over")
    expect(shown.find(".kl-reader-bad")).to_have_count(0)
    shown.find(SLIDER).focus()
    for _ in range(3):
        shown.page.keyboard.press("PageDown")
    expect(shown.find(NOTICE)).to_contain_text("Nobody is more than")
    expect(shown.find("svg[role=img]")).to_contain_text("shown")
    dots = shown.find(DOTS).count()
    shown.page.keyboard.press("End")
    expect(shown.find("svg[role=img]")).to_contain_text("now = LATEST")
    assert shown.find(DOTS).count() > dots


def test_a_worker_is_crashed_and_started_again(shown: WidgetPage) -> None:
    press(shown, "restart worker-2")
    expect(shown.find(REPLY)).to_contain_text("back with empty hands")
    press(shown, "crash worker-1")
    expect(shown.find(REPLY)).to_contain_text("worker-1 is lost without a word")
    assert shown.widget._audience.alive == {"worker-1": False, "worker-2": True}
    for _ in range(2):
        press(shown, "+10 s")
    expect(shown.find(NOTICE)).to_contain_text("worker-2 took the lease")
    expect(shown.find("button:text-is('restart worker-1')")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_poison_stops_one_reader_and_no_other(shown: WidgetPage) -> None:
    press(shown, "poison billing")
    for _ in range(3):
        press(shown, "+10 s")
    expect(shown.find(NOTICE)).to_contain_text("billing gets the same batch again and again")
    expect(shown.find(".kl-reader-bad")).to_have_count(1)
    expect(shown.find(".kl-said-bad").last).to_contain_text("fails, tries again")
    press(shown, "mend billing")
    for _ in range(2):
        press(shown, "+10 s")
    expect(shown.find(".kl-reader-bad")).to_have_count(0)


def test_wishes_that_are_none_are_not_heard(shown: WidgetPage) -> None:
    before = shown.widget.page
    for wish in ({"kind": "advance", "step": "year"}, {"kind": "switch", "what": "kernel"}, [], 1):
        shown.page.evaluate("content => window.kernel({content})", wish)
    assert shown.widget.page == before


def test_six_controls_all_named(shown: WidgetPage) -> None:
    assert shown.find(f"{CONTROLS}:visible").count() == 6
    expect(shown.find(f":is({CONTROLS}):visible[data-lm-suppress-shortcuts=true]")).to_have_count(6)
    expect(shown.find("input[aria-label]")).to_have_count(1)
    expect(shown.find("svg[role=img][aria-label]")).to_have_count(1)


def test_it_leaves_without_a_trace(shown: WidgetPage) -> None:
    shown.page.evaluate("window.leave()")
    shown.widget.advance(30)
    shown.push()
    expect(shown.find(NOTICE)).to_contain_text("crashed 7 s ago")


# --- looks ----------------------------------------------------------------------------------------


@pytest.fixture(params=[(800, True), (1200, False), (800, "pt-BR")])
def look(request: pytest.FixtureRequest, paper: Page) -> Iterator[WidgetPage]:
    """The desk with a crash and poison, at a width and in a theme or language."""
    width, kind = request.param
    lang = kind if isinstance(kind, str) else "en"
    with blank(paper, width, 760) as page:
        shown = desk(page, dark=kind is True, lang=lang)
        shown.widget.switch("poison")
        shown.widget.advance(12)
        shown.push()
        yield shown
        ARTIFACTS.mkdir(exist_ok=True)
        name = {True: "dark", False: "light"}.get(kind, kind)
        page.screenshot(path=ARTIFACTS / f"readers-{width}-{name}.png", full_page=True)


def test_texts_are_large_enough_apart_inside_and_stand_out(look: WidgetPage) -> None:
    from kinesis_sim.show.kit.theme import contrast

    rows = [row for row in look.find(".kl-readers").evaluate(TEXTS) if row["right"] > row["left"]]
    width = look.page.evaluate("document.documentElement.clientWidth")
    paper = hexed(
        look.find(".kl-readers").evaluate("node => getComputedStyle(node).backgroundColor")
    )
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [row["said"] for row in rows if contrast(hexed(row["color"]), paper) < 4.5] == []
    svg = look.find(".kl-frame").evaluate(TEXTS)
    assert [(a["said"], b["said"]) for a, b in combinations(svg, 2) if meet(a, b)] == []
