"""Pumps and anomaly scores in Chromium: texts that can be read at any width, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from kinesis_sim import Simulator
from kinesis_sim.show.kit.theme import contrast
from kinesis_sim.workloads.scenes.fraud_watch import Scored, WatchedDay
from kinesis_sim.workloads.scenes.unlocks import Unlocks
from tests.browser.jupyterlab import ARTIFACTS, fresh_page
from tests.browser.test_shard_map import TEXTS, hexed, meet
from tests.browser.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
WATCH = WatchedDay(
    "AMOUNT",
    tuple(
        Scored(1_717_372_800_000 + 600_000 * at, f"p{at}", 9.0, 0.4 + at % 13 / 5, pattern)
        for at, pattern in enumerate(["", "big ticket", "", "card testing", "", ""] * 24)
    ),
)


def desk(page: Page, *, dark: bool = False, lang: str = "en") -> WidgetPage:
    unlocks = Unlocks(Simulator(start="2024-06-03T10:59:00Z"))
    unlocks.four()
    return WidgetPage(page, unlocks.sim.show.live_pumps(unlocks, lang=lang), dark=dark)


def scores(page: Page, *, dark: bool = False, lang: str = "en") -> WidgetPage:
    return WidgetPage(page, Simulator().show.live_anomalies(WATCH, lang=lang), dark=dark)


PICTURES = {"pumps": desk, "anomalies": scores}


@pytest.fixture(params=[(800, False), (800, True)])
def size(request: pytest.FixtureRequest, app: Browser) -> Iterator[tuple[Page, object]]:
    """A page of a width, in a theme or language."""
    width, kind = request.param
    with fresh_page(app, width, 900) as page:
        yield page, kind


@pytest.mark.parametrize("picture", PICTURES)
def test_texts_are_large_enough_apart_inside_and_stand_out(
    size: tuple[Page, object], picture: str
) -> None:
    page, kind = size
    lang = kind if isinstance(kind, str) else "en"
    look = PICTURES[picture](page, dark=kind is True, lang=lang)
    ARTIFACTS.mkdir(exist_ok=True)
    width = page.evaluate("document.documentElement.clientWidth")
    name = {True: "dark", False: "light"}.get(kind, kind)  # type: ignore[call-overload]
    page.screenshot(path=ARTIFACTS / f"{picture}-{width}-{name}.png", full_page=True)
    root = look.find(f".kl-{picture}")
    rows = root.evaluate(TEXTS)
    paper = hexed(root.evaluate("node => getComputedStyle(node).backgroundColor"))
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [row["said"] for row in rows if contrast(hexed(row["color"]), paper) < 4.5] == []
    met = [(a["said"], b["said"]) for a, b in combinations(rows, 2) if meet(a, b)]
    assert [pair for pair in met if pair[0] != pair[1]] == []  # a label lies on its own parts
