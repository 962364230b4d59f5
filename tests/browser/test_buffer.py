"""Firehose's buffers in Chromium, with their Python side in the test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from kinesis_sim import Simulator
from kinesis_sim.show.kit.theme import contrast
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.test_shard_map import hexed, meet
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from kinesis_sim.show.buffer.widget import BufferMixer

pytestmark = pytest.mark.browser
TEXTS = """
node => [...node.querySelectorAll("svg text, p, button, strong, header span, label span, h3")]
  .filter((each) => each.textContent.trim() && !each.querySelector("p, button, svg, span, strong"))
  .map((each) => {
    const { left, top, right, bottom } = each.getBoundingClientRect();
    const style = getComputedStyle(each);
    return { said: each.textContent, left, top, right, bottom, size: parseFloat(style.fontSize),
             color: each.closest("svg") ? style.fill : style.color };
  })
"""
OBJECTS = ".kl-paper :is(.kl-stored, .kl-pale, .kl-held-up)"
SLIDER = ".kl-frame input"


def mixer(**settings: Any) -> BufferMixer:
    return Simulator().show.buffer_mixer(**settings)


@pytest.fixture
def shown(page: Page) -> WidgetPage:
    return WidgetPage(page, mixer())


def seen(shown: WidgetPage) -> int:
    """Objects that are drawn."""
    return shown.find(OBJECTS).count()


def move(shown: WidgetPage, part: float) -> None:
    """Slide to a part of the time."""
    slider = shown.find(SLIDER)
    slider.fill(str(round(part * int(slider.get_attribute("max") or 0))))


def first(shown: WidgetPage, scale: str) -> Locator:
    """What marks a scale as the one that fires first."""
    return shown.find(f"[data-first={scale}]")


def test_it_teaches_before_anyone_touches_it(shown: WidgetPage) -> None:
    expect(shown.find("header")).to_contain_text("5 MiB or 300 s, whichever comes first")
    expect(shown.find(".kl-notice")).to_contain_text("time fired first")
    assert seen(shown) == 9
    move(shown, 0.047)
    shown.find(SLIDER).press("PageUp")
    expect(shown.find(".kl-notice")).to_contain_text("size fired first")


def test_time_moves_and_the_scales_race(shown: WidgetPage) -> None:
    move(shown, 0.047)
    expect(shown.find(".kl-time")).to_have_text("08:01:20")
    assert seen(shown) == 0
    expect(first(shown, "size").first).to_be_visible()
    expect(first(shown, "size").last).to_have_text("fires first, in 70 s")
    assert first(shown, "interval").count() == 0
    expect(shown.find("svg[role=img]")).to_contain_text("79 s")
    shown.find(SLIDER).press("PageUp")
    expect(shown.find(".kl-time")).to_have_text("08:02:30")
    expect(first(shown, "size").last).to_have_text("fired")
    assert shown.find(".kl-fired").count() == 1
    assert seen(shown) == 1


def test_arrows_go_step_by_step_and_pages_from_object_to_object(shown: WidgetPage) -> None:
    slider, time = shown.find(SLIDER), shown.find(".kl-time")
    assert "PageDown" in (slider.get_attribute("aria-label") or "")
    slider.press("PageDown")
    expect(time).to_have_text("08:30:04")
    slider.press("PageDown")
    expect(time).to_have_text("08:25:04")
    slider.press("ArrowLeft")
    expect(time).to_have_text("08:24:59")
    slider.press("PageUp")
    slider.press("PageUp")
    expect(time).to_have_text("08:30:04")


def test_the_slider_stands_under_its_instant(shown: WidgetPage) -> None:
    move(shown, 0.5)
    now = shown.find(".kl-now").bounding_box()
    track = shown.find(SLIDER).bounding_box()
    assert now
    assert track
    slider = shown.find(SLIDER)
    part = int(slider.input_value()) / int(slider.get_attribute("max") or 1)
    thumb = track["x"] + 9 + (track["width"] - 18) * part
    assert abs(now["x"] + now["width"] / 2 - thumb) < 2


def test_controls_play_the_half_hour_again(shown: WidgetPage) -> None:
    traffic = shown.page.get_by_role("slider", name="Traffic")
    traffic.press("ArrowLeft")
    traffic.press("ArrowLeft")
    expect(shown.find(".kl-notice")).to_contain_text("time fired first")
    assert traffic.get_attribute("aria-valuetext") == "0.5 MiB/min"
    assert seen(shown) == 6
    shown.page.get_by_role("slider", name="Buffer interval").press("Home")
    expect(shown.find(".kl-notice")).to_contain_text("307 objects so far")


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        ("S3 refuses for 10 min", "held up by an earlier object"),
        ("S3 refuses for 25 h", "records lost"),
    ],
)
def test_refusals_and_losses_are_marked(shown: WidgetPage, happens: str, told: str) -> None:
    shown.page.get_by_role("combobox", name="What happens").select_option(happens)
    expect(shown.find(".kl-legend")).to_contain_text(told)
    assert shown.find(".kl-paper .kl-refusal").count() >= 5
    lost = shown.find(".kl-paper .kl-lost").count()
    assert (lost > 0) == (told == "records lost")
    move(shown, 0.4)
    expect(shown.find(".kl-notice")).to_contain_text("S3 refused an object")


def test_each_shard_has_its_own_scales(shown: WidgetPage) -> None:
    shown.page.get_by_role("combobox", name="What happens").select_option(
        "source: a stream of 4 shards"
    )
    expect(shown.find(".kl-paper")).to_contain_text("shard 3")
    expect(shown.find(".kl-notice")).to_contain_text("4 shards make 4 objects")


ICON = "(button) => getComputedStyle(button.querySelector('path')).fill"
BACKGROUND = "(button) => getComputedStyle(button).backgroundColor"


def still(shown: WidgetPage) -> None:
    """Stop the page's own clock: it runs when the test lets it, however long a test takes."""
    shown.page.clock.install(time=0)
    shown.page.clock.pause_at(1_000)


def test_it_plays_and_stops(shown: WidgetPage) -> None:
    still(shown)
    play = shown.find(".kl-play")
    assert play.evaluate(ICON) != play.evaluate(BACKGROUND), "its sign can be seen"
    play.press("Enter")
    expect(play).to_have_attribute("aria-label", "Pause")
    shown.page.clock.run_for(3_000)
    play.press("Enter")
    expect(play).to_have_attribute("aria-label", "Play")
    part = int(shown.find(SLIDER).input_value()) / int(shown.find(SLIDER).get_attribute("max") or 1)
    assert 0.1 < part < 0.3
    assert seen(shown) < 12


def test_who_prefers_reduced_motion_sees_steps(shown: WidgetPage) -> None:
    shown.page.emulate_media(reduced_motion="reduce")
    still(shown)
    shown.find(".kl-play").press("Enter")
    shown.page.clock.run_for(1_300)
    expect(shown.find(".kl-time")).to_have_text("08:02:30")


def test_at_most_six_controls_all_named(shown: WidgetPage) -> None:
    controls = shown.find(":is(button, input, select)")
    assert controls.count() == 6
    named = "node => node.ariaLabel || node.closest('label')?.textContent.trim()"
    assert all(control.evaluate(named) for control in controls.all())
    assert shown.find("[data-lm-suppress-shortcuts=true]").count() == 6
    assert shown.find(".kl-notice[role=status]").count() == 1
    label = shown.find("svg[role=img]").get_attribute("aria-label") or ""
    assert "time fired first" in label
    assert "File sizes: " in label


def test_it_leaves_without_a_trace(shown: WidgetPage) -> None:
    from kinesis_sim.show.buffer.mix import BufferMix

    shown.page.evaluate("window.leave()")
    shown.widget.play(BufferMix(traffic=0.5))
    shown.push()
    assert seen(shown) == 9


# --- looks --------------------------------------------------------------------------------------

LOOKS = [
    (800, False, "well"),
    (800, True, "refused"),
    (1200, False, "lost"),
    (1200, True, "shards"),
    (480, False, "refused"),
]


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest, paper: Page) -> Iterator[WidgetPage]:
    """The picture at a width, in a theme, of each thing that may happen."""
    width, dark, happens = request.param
    with blank(paper, width, 700) as page:
        yield WidgetPage(page, mixer(happens=happens, traffic=1), dark=dark)
        ARTIFACTS.mkdir(exist_ok=True)
        theme = "dark" if dark else "light"
        page.screenshot(path=ARTIFACTS / f"buffer-{width}-{theme}-{happens}.png", full_page=True)


@pytest.mark.parametrize("place", [0, 430, 1000])
def test_texts_are_large_enough_apart_inside_and_stand_out(look: WidgetPage, place: int) -> None:
    move(look, place / 1000)
    rows = [row for row in look.find(".kl-buffer").evaluate(TEXTS) if row["right"] > row["left"]]
    paper = hexed(
        look.find(".kl-buffer").evaluate("node => getComputedStyle(node).backgroundColor")
    )
    width = look.page.evaluate("document.documentElement.clientWidth")
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [row["said"] for row in rows if contrast(hexed(row["color"]), paper) < 4.5] == []
    assert [
        (one["said"], other["said"]) for one, other in combinations(rows, 2) if meet(one, other)
    ] == []
