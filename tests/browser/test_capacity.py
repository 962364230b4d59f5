"""The capacity desk in Chromium, its Python side in the test: buttons, keyboard, themes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from kinesis_sim import Simulator
from kinesis_sim.show.kit.theme import contrast
from kinesis_sim.workloads.producers.shapes import Steps
from kinesis_sim.workloads.scenes.tide import Tide
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.test_shard_map import hexed, meet
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from kinesis_sim.show.capacity.widget import CapacityDesk

pytestmark = pytest.mark.browser
STREAM = "pedala-docks"
NUMBER = "input[type=number]"
TEXTS = """
node => [...node.querySelectorAll("svg text, p, button, strong, span, h3")]
  .filter((each) => each.textContent.trim() && !each.querySelector("p, button, svg"))
  .map((each) => {
    const { left, top, right, bottom } = each.getBoundingClientRect();
    const style = getComputedStyle(each);
    return { said: each.textContent, left, top, right, bottom, size: parseFloat(style.fontSize),
             color: each.closest("svg") ? style.fill : style.color };
  })
"""


def desk() -> CapacityDesk:
    """Forty minutes of a morning have passed; the wave comes at eight."""
    sim = Simulator(start="2026-01-01T06:59:00Z")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    sim.run_until("2026-01-01T07:00:00Z")
    steps = [(0, 1), (1_800, 1.8), (3_600, 3.6), (4_500, 5.5), (7_200, 0.8)]
    tide = Tide(sim, STREAM, Steps(steps))
    tide.play(minutes=40)
    return sim.show.live_capacity(tide, hours=3)


@pytest.fixture
def shown(sheet: Page) -> WidgetPage:
    return WidgetPage(sheet, desk())


def says(place: Locator, text: str) -> None:
    from playwright.sync_api import expect

    expect(place).to_contain_text(text)


def push(shown: WidgetPage, name: str) -> None:
    shown.page.get_by_role("button", name=name).click()


def test_it_teaches_before_anyone_touches_it(shown: WidgetPage) -> None:
    says(shown.find(".kl-notice"), "From 08:00 on the wave is above the line, up to 5.5.")
    says(shown.find("header"), "provisioned, 2 shards, ACTIVE")
    says(shown.find(".kl-side"), "An idle hour costs 0.0300.")
    assert shown.find("svg[role=img] .kl-ahead").count() == 1
    assert shown.find("svg[role=img] .kl-refused").count() == 0


def test_calm_water_until_the_wave_is_refused(shown: WidgetPage) -> None:
    for time in ("07:50", "08:00", "08:10"):
        push(shown, "+10 min")
        says(shown.find(".kl-time"), time)
    says(shown.find(".kl-notice"), "records were refused in it: the load is above the line.")
    says(shown.find(".kl-legend"), "throttled: refused, not stored")
    assert shown.find("svg[role=img] .kl-refused").count() == 1


def test_scaling_before_the_wave_refuses_nothing(shown: WidgetPage) -> None:
    for target, shards in (("4", 4), ("6", 6)):
        shown.find(NUMBER).fill(target)
        shown.find(NUMBER).press("Enter")
        says(shown.find("header"), f"{shards} shards")
    for _ in range(15):
        push(shown, "+10 min")
    says(shown.find(".kl-reply"), "The day ends here.")
    assert shown.find("svg[role=img] .kl-refused").count() == 0
    says(shown.find(".kl-notice"), "of what you pay for stands idle.")


def test_what_aws_refuses_is_told_in_its_own_words(shown: WidgetPage) -> None:
    shown.find(NUMBER).fill("5")
    push(shown, "UpdateShardCount")
    says(shown.find(".kl-reply"), "cannot scale up over double your current open shard count")
    shown.find(NUMBER).fill("")
    push(shown, "UpdateShardCount")
    says(shown.find(".kl-reply"), "Give the number of shards to have")
    says(shown.find("header"), "2 shards")


def test_the_keyboard_reaches_every_lever(shown: WidgetPage) -> None:
    shown.page.get_by_role("button", name="+10 min").focus()
    keyboard = shown.page.keyboard
    keyboard.press("Enter")
    says(shown.find(".kl-time"), "07:50")
    keyboard.press("Tab")
    keyboard.press("Space")
    says(shown.find("header"), "3 shards")
    keyboard.press("Tab")
    keyboard.press("Enter")
    says(shown.find("header"), "2 shards")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Control+a")
    keyboard.type("4")
    keyboard.press("Enter")
    says(shown.find("header"), "4 shards")
    keyboard.press("Tab")
    keyboard.press("Enter")
    says(shown.find("header"), "on-demand")
    says(shown.find(".kl-notice"), "On demand, AWS splits busy shards")
    push(shown, "Split the busiest")
    says(shown.find(".kl-reply"), "SplitShard was refused. ValidationException")


def test_at_most_six_controls_all_named(shown: WidgetPage) -> None:
    controls = shown.find(":is(button, input[type=number]):visible")
    assert controls.count() == 6
    named = "node => node.ariaLabel || node.textContent.trim()"
    assert all(control.evaluate(named) for control in controls.all())
    assert shown.find("[role=status]").count() == 2
    assert shown.find("svg[role=img][aria-label]").count() == 1
    quiet = ":is(button, input[type=number])[data-lm-suppress-shortcuts=true]:not([hidden])"
    assert shown.find(quiet).count() == 6


def test_it_leaves_without_a_trace(shown: WidgetPage) -> None:
    shown.page.evaluate("window.leave()")
    shown.widget.play()
    shown.push()
    says(shown.find(".kl-time"), "07:40")


# --- looks --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drowned() -> CapacityDesk:
    """The desk after a wave that came too early, for all who only look at it."""
    widget = desk()
    widget.play(35)
    widget.scale(4)
    widget.split()
    widget.play(30)
    return widget


@pytest.fixture(params=[(800, False), (800, True), (1400, False), (1400, True), (480, False)])
def look(
    request: pytest.FixtureRequest, paper: Page, drowned: CapacityDesk
) -> Iterator[WidgetPage]:
    """It at a width and in a theme."""
    width, dark = request.param
    with blank(paper, width, 700) as page:
        yield WidgetPage(page, drowned, dark=dark)
        ARTIFACTS.mkdir(exist_ok=True)
        theme = "dark" if dark else "light"
        page.screenshot(path=ARTIFACTS / f"capacity-{width}-{theme}.png", full_page=True)


def test_texts_are_large_enough_apart_inside_and_stand_out(look: WidgetPage) -> None:
    rows = look.find(".kl-capacity-desk").evaluate(TEXTS)
    paper = hexed(
        look.find(".kl-capacity-desk").evaluate("node => getComputedStyle(node).backgroundColor")
    )
    width = look.page.evaluate("document.documentElement.clientWidth")
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [row["said"] for row in rows if contrast(hexed(row["color"]), paper) < 4.5] == []
    assert [
        (one["said"], other["said"]) for one, other in combinations(rows, 2) if meet(one, other)
    ] == []
