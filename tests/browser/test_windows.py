"""The windows' desk and the job's memory in Chromium: playing, controls, looks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kinesis_sim import Simulator
from kinesis_sim.workloads.scenes import tunnels
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.test_shard_map import TEXTS, meet
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SQL = """CREATE TABLE rides (bike STRING, ended TIMESTAMP(3),
  WATERMARK FOR ended AS ended - INTERVAL '5' SECOND);
  SELECT window_start, COUNT(*) AS n
  FROM TABLE(TUMBLE(TABLE rides, DESCRIPTOR(ended), INTERVAL '1' MINUTE))
  GROUP BY window_start, window_end;"""
SLIDER, NOTICE, REPLY = "input[type=range]", ".kl-notice", ".kl-reply"


def windows(page: Page, *, dark: bool = False, lang: str = "en") -> WidgetPage:
    rows = tunnels.minutes(3, every_ms=2_500, seed=58)
    sim = Simulator(latency=None)
    return WidgetPage(page, sim.show.live_windows(SQL, rows, lang=lang), dark=dark)


def memory(page: Page, *, dark: bool = False, lang: str = "en") -> WidgetPage:
    sim = Simulator(start=tunnels.OPENING, latency=None)
    return WidgetPage(page, sim.show.live_checkpoints(lang=lang), dark=dark)


def test_a_row_is_seen_late_where_the_slider_stands_and_another_delay_saves_it(sheet: Page) -> None:
    shown = windows(sheet)
    expect(shown.find("svg[role=img] .kl-late")).to_have_count(2)
    shown.find(SLIDER).first.focus()
    sheet.keyboard.press("Home")
    expect(shown.find("svg[role=img] .kl-late")).to_have_count(0)
    expect(shown.find("svg[role=img] [data-closed]")).to_have_count(0)
    shown.find("select").select_option(label="30 s")
    expect(shown.find("svg[role=img] .kl-late")).to_have_count(0)
    expect(shown.find("svg[role=img] [data-closed]").first).to_be_attached()
    shown.find("button:text-is('read shard after shard')").click()
    expect(shown.find("svg[role=img] .kl-late").first).to_be_attached()
    expect(shown.find("button:text-is('read shard after shard')")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_crash_goes_back_to_the_checkpoint_and_repeats_in_the_stream_alone(sheet: Page) -> None:
    shown = memory(sheet)
    again = "svg[role=img] [data-again=True]"
    expect(shown.find(f"{again}[data-sink=live]")).to_have_count(4)
    expect(shown.find(f"{again}[data-sink=books]")).to_have_count(0)
    expect(shown.find(NOTICE)).to_contain_text("4 counts stand twice there")
    shown.find("button:text-is('stop')").click()
    expect(shown.find(REPLY)).to_contain_text("takes a snapshot first")
    expect(shown.find(NOTICE)).to_contain_text("wait in the stream")
    expect(shown.find("button:text-is('crash')")).to_be_disabled()
    shown.find("button:text-is('start')").click()
    expect(shown.find(f"{again}[data-sink=live]")).to_have_count(4)


@pytest.fixture(params=[(800, False), (800, True), (800, "pt-BR")])
def look(request: pytest.FixtureRequest, paper: Page) -> Iterator[WidgetPage]:
    """Both pictures at a width and in a theme or language, the second one below."""
    width, kind = request.param
    lang = kind if isinstance(kind, str) else "en"
    with blank(paper, width, 900) as page:
        made = memory if request.node.callspec.params["picture"] == "checkpoints" else windows
        yield made(page, dark=kind is True, lang=lang)
        ARTIFACTS.mkdir(exist_ok=True)
        name = {True: "dark", False: "light"}.get(kind, kind)
        picture = request.node.callspec.params["picture"]
        page.screenshot(path=ARTIFACTS / f"{picture}-{width}-{name}.png", full_page=True)


@pytest.mark.parametrize("picture", ["windows", "checkpoints"])
def test_texts_are_large_enough_apart_and_inside(look: WidgetPage, picture: str) -> None:
    rows = look.find(f".kl-{picture} .kl-frame").evaluate(TEXTS)
    width = look.page.evaluate("document.documentElement.clientWidth")
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [(a["said"], b["said"]) for a, b in combinations(rows, 2) if meet(a, b)] == []
