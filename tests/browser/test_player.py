"""The player in Chromium: decoded frames, the clock in the picture, an ended session."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from itertools import combinations

import pytest
from playwright.sync_api import Page, expect

from kinesis_sim import Simulator
from kinesis_sim.show.kit.theme import contrast
from kinesis_sim.workloads.camera.dock_camera import CLOCK_AT, CLOCK_SIZE, WIDTH
from kinesis_sim.workloads.camera.picture import digits_in
from kinesis_sim.workloads.scenes.filming import Filming
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.test_capacity import TEXTS
from tests.browser.test_players import LUMA
from tests.browser.test_shard_map import hexed, meet
from tests.browser.widget_page import WidgetPage, blank
from tests.show.test_player import address

pytestmark = pytest.mark.browser
ENDED = "() => document.querySelector('video').ended"
SEEN = "() => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames"


def screen(page: Page, *, gap: bool = False, dark: bool = False, lang: str = "en") -> WidgetPage:
    """Six seconds of film; gap: and four more after a quiet minute."""
    filming = Filming(Simulator(latency=None))
    filming.film(6)
    if gap:
        filming.sim.advance(minutes=1)
        filming.film(4)
    player = filming.sim.show.player(address(filming), lang=lang)
    return WidgetPage(page, player, dark=dark)


def play(shown: WidgetPage) -> None:
    """Play to the end, four times as fast."""
    shown.find("button").first.click()
    shown.page.evaluate("document.querySelector('video').playbackRate = 4")
    shown.page.wait_for_function(ENDED)


def luma(page: Page) -> bytes:
    page.evaluate("window.video = document.querySelector('video')")
    return b64decode(page.evaluate(LUMA))


def test_the_browser_decodes_every_picture_and_the_clock_can_be_read(page: Page) -> None:
    shown = screen(page)
    play(shown)
    assert page.evaluate(SEEN) >= 29
    assert digits_in(luma(page), WIDTH, *CLOCK_AT, 8, CLOCK_SIZE) == "00:00:08"
    expect(shown.find(".kl-quiet-text")).to_contain_text("Fetched 3 of 3 fragments")
    expect(shown.find("li[aria-current]")).to_contain_text("00:00:07")


def test_a_gap_in_the_film_is_jumped_over(page: Page) -> None:
    shown = screen(page, gap=True)
    play(shown)
    assert page.evaluate(SEEN) >= 48
    expect(shown.find(".kl-quiet-text")).to_contain_text("Fetched 5 of 5 fragments")


def test_a_session_that_is_over_says_so_where_one_looks(page: Page) -> None:
    shown = screen(page)
    shown.widget._sim.advance(minutes=6)
    shown.find("button").first.click()
    expect(shown.find(".kl-quiet-text")).to_contain_text("HTTP 403: The session is over")
    page.get_by_role("button", name="Read the playlist again").click()
    expect(shown.find("button").first).to_be_disabled()


def test_what_the_browser_cannot_decode_is_said(page: Page) -> None:
    shown = screen(page)
    shown.widget.rows = {**shown.widget.rows, "codecs": "hvc1.1.6.L93.B0"}
    shown.push()
    shown.find("button").first.click()
    expect(shown.find(".kl-quiet-text")).to_have_text(
        "This browser does not decode hvc1.1.6.L93.B0."
    )


def test_it_leaves_without_a_trace(page: Page) -> None:
    shown = screen(page)
    shown.find("button").first.click()
    page.evaluate("window.leave()")
    assert page.evaluate("document.querySelector('video').paused")


@pytest.fixture(params=[(800, False, "en"), (800, True, "pt-BR"), (480, False, "en")])
def look(request: pytest.FixtureRequest, paper: Page) -> Iterator[WidgetPage]:
    width, dark, lang = request.param
    with blank(paper, width, 620) as page:
        shown = screen(page, dark=dark, lang=lang)
        play(shown)
        shown.find("summary").click()
        yield shown
        ARTIFACTS.mkdir(exist_ok=True)
        theme = "dark" if dark else "light"
        page.screenshot(path=ARTIFACTS / f"player-{width}-{theme}.png", full_page=True)


def test_texts_are_large_enough_apart_inside_and_stand_out(look: WidgetPage) -> None:
    rows = look.find(".kl-player").evaluate(TEXTS)
    paper = hexed(
        look.find(".kl-player").evaluate("node => getComputedStyle(node).backgroundColor")
    )
    width = look.page.evaluate("document.documentElement.clientWidth")
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [row["said"] for row in rows if contrast(hexed(row["color"]), paper) < 4.5] == []
    assert [(a["said"], b["said"]) for a, b in combinations(rows, 2) if meet(a, b)] == []
