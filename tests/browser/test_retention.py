"""The retention timeline in Chromium, its Python side in the test: buttons, keyboard, themes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.show.kit.theme import contrast
from kinesis_sim.workloads.events.generators import payments
from kinesis_sim.workloads.readers.bookmark import Bookmark
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.test_capacity import TEXTS, says
from tests.browser.test_shard_map import hexed, meet
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from kinesis_sim.show.retention.widget import RetentionDesk

pytestmark = pytest.mark.browser
STREAM = "pedala-payments"
PICTURE = ".kl-scene[role=img]"


def desk() -> RetentionDesk:
    """36 hours of payments; of three readers one keeps up, one is late, one has fallen off."""
    sim = Simulator(latency=None)
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    sim.advance(seconds=30)
    deaths = {"ledger": None, "fraud": "2026-01-01T22:00:00Z", "report": "2026-01-01T06:00:00Z"}
    readers = [Bookmark(sim, STREAM, n).every(hours=1, until=end) for n, end in deaths.items()]
    week = payments(sim.now, hours=7 * 24, per_day=500)
    found = sim.show.live_retention(STREAM, readers=readers, traffic=week)
    found.advance(hours=36)
    return found


@pytest.fixture
def shown(sheet: Page) -> WidgetPage:
    return WidgetPage(sheet, desk())


def push(shown: WidgetPage, name: str) -> None:
    shown.page.get_by_role("button", name=name).click()


def test_it_teaches_before_anyone_touches_it(shown: WidgetPage) -> None:
    says(shown.find(".kl-notice"), "report fell off the edge")
    says(shown.find(PICTURE), "✕ fell off the edge")
    says(shown.find(PICTURE), "trim horizon")
    says(shown.find(".kl-legend"), "checkpoint that fell off")
    assert shown.find(f"{PICTURE} .kl-reader-fallen").count() == 1
    assert shown.find(f"{PICTURE} .kl-missed").count() == 1


def test_the_slider_goes_back_to_when_nothing_was_lost(shown: WidgetPage) -> None:
    shown.find("input").focus()
    keyboard = shown.page.keyboard
    keyboard.press("Home")
    says(shown.find(".kl-notice"), "There is no record yet.")
    for _ in range(6):
        keyboard.press("PageUp")
    says(shown.find(".kl-notice"), "none is older than 24 h.")
    assert shown.find(f"{PICTURE} .kl-reader-fallen").count() == 0
    assert shown.find(f"{PICTURE} .kl-gone").count() == 0
    says(shown.find(PICTURE), "here")
    keyboard.press("End")
    says(shown.find(".kl-time"), "Fri 12:00")


def test_raising_now_and_raising_in_time(shown: WidgetPage) -> None:
    push(shown, "+ retention")
    says(shown.find(".kl-notice"), "Nothing comes back: what was trimmed stays trimmed.")
    shown.find("input").focus()
    for _ in range(5):
        shown.page.keyboard.press("PageDown")
    push(shown, "+ retention")
    says(shown.find(".kl-notice"), "records that are gone would be there.")
    assert shown.find(f"{PICTURE} .kl-oldest").count() == 1
    assert shown.find(f"{PICTURE} .kl-reader-fallen").count() == 0


def test_time_and_reading_move_what_they_move(shown: WidgetPage) -> None:
    horizon = horizon_of(shown)
    push(shown, "Let readers read")
    says(shown.find(".kl-reply"), "none has left the stream for that.")
    assert horizon_of(shown) == pytest.approx(horizon, abs=1)
    says(shown.find(".kl-notice"), "report reads on;")
    push(shown, "+6 h")
    says(shown.find(".kl-time"), "Fri 18:00")
    assert horizon_of(shown) > horizon


def horizon_of(shown: WidgetPage) -> Any:
    return shown.find(f"{PICTURE} .kl-horizon").evaluate("node => node.getBBox().x")


def test_at_most_six_controls_all_named(shown: WidgetPage) -> None:
    controls = shown.find(":is(button, input):visible")
    assert controls.count() == 6
    named = "node => node.ariaLabel || node.textContent.trim()"
    assert all(control.evaluate(named) for control in controls.all())
    assert shown.find("[data-lm-suppress-shortcuts=true]:visible").count() == 6
    assert shown.find("svg[role=img][aria-label]").count() == 1


@pytest.fixture(scope="module")
def seen() -> RetentionDesk:
    """A desk for all who only look at it."""
    return desk()


@pytest.fixture(params=[(1000, False), (1000, True), (420, False)], ids=str)
def look(paper: Page, request: pytest.FixtureRequest, seen: RetentionDesk) -> Iterator[WidgetPage]:
    width, dark = request.param
    with blank(paper, width, 800) as page:
        yield WidgetPage(page, seen, dark=dark)
        ARTIFACTS.mkdir(exist_ok=True)
        theme = "dark" if dark else "light"
        page.screenshot(path=ARTIFACTS / f"retention-{width}-{theme}.png", full_page=True)


def test_texts_are_large_enough_apart_inside_and_stand_out(look: WidgetPage) -> None:
    rows = look.find(".kl-retention").evaluate(TEXTS)
    rows = [row for row in rows if row["said"] != "Call it now"]  # disabled: no contrast is asked
    paper = hexed(
        look.find(".kl-retention").evaluate("node => getComputedStyle(node).backgroundColor")
    )
    width = look.page.evaluate("document.documentElement.clientWidth")
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [row["said"] for row in rows if contrast(hexed(row["color"]), paper) < 4.5] == []
    assert [
        (one["said"], other["said"]) for one, other in combinations(rows, 2) if meet(one, other)
    ] == []
