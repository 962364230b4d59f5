"""The load mixer in Chromium, its Python side in the test: controls, keyboard, hatches, looks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kinesis_sim import Simulator
from kinesis_sim.show.heat.mix import Mix
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.test_shard_map import TEXTS, hexed, meet
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
CONTROLS = ".kl-controls :is(input, select)"


@pytest.fixture
def mixer(sheet: Page) -> WidgetPage:
    return WidgetPage(sheet, Simulator().show.mixer())


def heard(mixer: WidgetPage, notice: str) -> None:
    expect(mixer.find(".kl-notice")).to_contain_text(notice)


def test_it_teaches_before_anyone_touches_it(mixer: WidgetPage) -> None:
    heard(mixer, "it was at 1,000 records a second")
    heard(mixer, "The others refused nothing")
    expect(mixer.find(".kl-scene [data-shard]")).to_have_count(4)
    refused = mixer.find(".kl-paper .kl-refused-part")
    expect(refused).to_have_count(30)
    assert "#kl-hatch" in refused.first.evaluate("node => getComputedStyle(node).fill")
    expect(mixer.find("g:has(.kl-stored) title").first).to_contain_text("records stored")
    expect(mixer.find(".kl-time")).to_be_hidden()


def test_the_mix_is_moved_by_keyboard_and_played_by_the_kernel(mixer: WidgetPage) -> None:
    mixer.find("[data-name=rate]").focus()
    mixer.page.keyboard.press("Home")
    heard(mixer, "No shard refused anything.")
    assert mixer.widget.mix == Mix(rate=100)
    expect(mixer.find("label").first).to_contain_text("100/s")
    mixer.page.keyboard.press("Tab")
    mixer.page.keyboard.press("End")
    heard(mixer, "its 1 MiB a second were used up")
    assert mixer.widget.mix == Mix(rate=100, size=50_000)


def test_where_a_control_came_to_while_a_mix_was_played_counts(mixer: WidgetPage) -> None:
    mixer.find("[data-name=rate]").focus()
    for _step in range(3):
        mixer.page.keyboard.press("ArrowLeft")
    expect(mixer.find("label").first).to_contain_text("1,500/s")
    assert mixer.widget.mix == Mix(rate=1_500)


def test_every_control_changes_the_mix(mixer: WidgetPage) -> None:
    for name in ("rate", "size", "hot", "shards"):
        before = mixer.widget.mix
        mixer.find(f"[data-name={name}]").focus()
        mixer.page.keyboard.press("ArrowLeft")
        expect(mixer.find(".kl-heat")).not_to_have_attribute("aria-busy", "true")
        assert getattr(mixer.widget.mix, name) < getattr(before, name)
    expect(mixer.find(".kl-scene [data-shard]")).to_have_count(3)
    mixer.find("[data-name=rhythm]").select_option("1")
    mixer.find("[data-name=retry]").select_option("2")
    heard(mixer, "times again")
    assert (mixer.widget.mix.rhythm, mixer.widget.mix.retry) == ("rush", "back-off")


def test_what_is_no_mix_is_not_heard(mixer: WidgetPage) -> None:
    before = mixer.widget.mix
    places = before.places
    for wrong in ({}, {"rate": 0}, places | {"rate": 99}, places | {"rate": "1"}, [places]):
        mixer.page.evaluate("content => window.kernel({content})", {"kind": "mix", "places": wrong})
    assert mixer.widget.mix == before


def test_six_controls_all_named(mixer: WidgetPage) -> None:
    assert mixer.find(CONTROLS).count() == 6
    assert all(each.evaluate("node => node.labels.length") for each in mixer.find(CONTROLS).all())
    assert mixer.find(f"{CONTROLS}:not([data-lm-suppress-shortcuts=true])").count() == 0
    expect(mixer.find(".kl-notice[role=status]")).to_have_count(1)
    expect(mixer.find("svg[role=img][aria-label]")).to_have_count(1)


def test_it_leaves_without_a_trace(mixer: WidgetPage) -> None:
    mixer.page.evaluate("window.leave()")
    mixer.widget.play(Mix(shards=2))
    mixer.push()
    expect(mixer.find(".kl-scene [data-shard]")).to_have_count(4)


# --- looks ----------------------------------------------------------------------------------------

RUSH: dict[str, int | str] = {"rate": 1_000, "shards": 8, "rhythm": "rush", "retry": "back-off"}


@pytest.fixture(params=[(800, False), (800, True), (1200, False), (480, False), (800, "pt-BR")])
def look(request: pytest.FixtureRequest, paper: Page) -> Iterator[WidgetPage]:
    """The mixer after a rush, at a width and in a theme or language."""
    width, kind = request.param
    lang = kind if isinstance(kind, str) else "en"
    with blank(paper, width, 700) as page:
        sim = Simulator()
        sim.show.lang = lang
        widget = sim.show.mixer(**RUSH)  # type: ignore[arg-type]
        yield WidgetPage(page, widget, dark=kind is True)
        ARTIFACTS.mkdir(exist_ok=True)
        name = {True: "dark", False: "light"}.get(kind, kind)
        page.screenshot(path=ARTIFACTS / f"load-mixer-{width}-{name}.png", full_page=True)


def test_texts_are_large_enough_apart_inside_and_stand_out(look: WidgetPage) -> None:
    from kinesis_sim.show.kit.theme import contrast

    rows = [row for row in look.find(".kl-heat").evaluate(TEXTS) if row["right"] > row["left"]]
    width = look.page.evaluate("document.documentElement.clientWidth")
    paper = hexed(look.find(".kl-heat").evaluate("node => getComputedStyle(node).backgroundColor"))
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [row["said"] for row in rows if contrast(hexed(row["color"]), paper) < 4.5] == []
    svg = look.find(".kl-paper").evaluate(TEXTS)
    assert [(a["said"], b["said"]) for a, b in combinations(svg, 2) if meet(a, b)] == []
