"""The shard map in Chromium, its Python side in the test: slider, keyboard, pins, clock, themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest

from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.widget_page import WidgetPage, blank
from tests.show.scenario import BEGIN, DAY, SPLIT_AT, STREAM, put, split_in_the_morning

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from kinesis_sim import Simulator
    from kinesis_sim.show.shards.widget import ShardMap

pytestmark = pytest.mark.browser
SLIDER = "input[type=range]"
KEY = "input[type=text]"
PICTURE = ".kl-scene[role=img]"
LANES, SLICES, DOTS = f"{PICTURE} [data-state]", f"{PICTURE} .kl-slice", f"{PICTURE} .kl-record"
TEXTS = """
node => [...node.querySelectorAll("svg text, p, button, label, strong, span, h3")]
  .filter((each) => each.textContent.trim() && !each.querySelector("p, button, label"))
  .map((each) => {
    const { left, top, right, bottom } = each.getBoundingClientRect();
    const style = getComputedStyle(each);
    return { said: each.textContent, left, top, right, bottom, size: parseFloat(style.fontSize),
             color: each.closest("svg") ? style.fill : style.color };
  })
"""


@pytest.fixture
def morning() -> Simulator:
    return split_in_the_morning()


@pytest.fixture
def shown(page: Page, morning: Simulator) -> WidgetPage:
    return WidgetPage(page, morning.show.live(STREAM, keys=["station-9"]))


def press(shown: WidgetPage, key: str, times: int = 1) -> None:
    for _ in range(times):
        shown.page.keyboard.press(key)


def says(place: Locator, text: str) -> None:
    from playwright.sync_api import expect

    expect(place).to_contain_text(text)


def counts(place: Locator, number: int) -> None:
    from playwright.sync_api import expect

    expect(place).to_have_count(number)


def test_it_teaches_before_anyone_touches_it(shown: WidgetPage) -> None:
    says(shown.find(".kl-title"), STREAM)
    says(shown.find(".kl-notice"), "Shard 0 was split at 00:00:40.")
    counts(shown.find(".kl-lane-closed"), 2)  # and the legend's
    counts(shown.find("[data-state=open]"), 3)
    counts(shown.find(SLICES), 3)
    counts(shown.find(DOTS), 4)
    counts(shown.find("[data-pin=station-9]"), 1)


def test_the_slider_changes_the_picture(shown: WidgetPage) -> None:
    stops = int(shown.find(SLIDER).get_attribute("max") or 0)
    shown.find(SLIDER).fill(str(stops // 2))  # second 25 of 50
    says(shown.find(".kl-time"), "2026-01-01 00:00:25")
    says(shown.find(".kl-notice"), "All 2 records are still there")
    counts(shown.find(LANES), 2)
    counts(shown.find(SLICES), 2)
    counts(shown.find(DOTS), 2)
    says(shown.find(PICTURE), "shown")


def test_the_keyboard_moves_through_history(shown: WidgetPage) -> None:
    shown.find(SLIDER).focus()
    press(shown, "Home")
    says(shown.find(".kl-time"), "2026-01-01 00:00:00")
    press(shown, "ArrowRight", 4)
    says(shown.find(".kl-time"), "2026-01-01 00:00:02")
    press(shown, "PageUp", 2)  # the first record, then the split
    says(shown.find(".kl-time"), "2026-01-01 00:00:40")
    press(shown, "PageDown")
    says(shown.find(".kl-time"), "2026-01-01 00:00:10")
    press(shown, "End")
    says(shown.find(".kl-time"), "2026-01-01 00:00:50")
    assert shown.find(SLIDER).get_attribute("aria-valuetext") == "2026-01-01 00:00:50"


def test_the_slider_marks_what_happened_and_says_so(shown: WidgetPage) -> None:
    places = [mark.evaluate("i => i.style.left") for mark in shown.find(".kl-marks i").all()]
    assert places == ["20%", "80%"]  # the first record, the split
    label = "Time shown: PageUp and PageDown jump to where something happened"
    assert shown.find(SLIDER).get_attribute("aria-label") == label
    press(shown, "Tab")
    press(shown, "PageDown")
    says(shown.find(".kl-time"), "00:00:40")
    ring, thumb = shown.find(".kl-marks i").last, shown.find(".kl-now")
    boxes = [each.bounding_box() for each in (ring, thumb)]
    middles = [box["x"] + box["width"] / 2 for box in boxes if box is not None]
    assert middles[0] == pytest.approx(middles[1], abs=1.5)


def test_a_pin_keeps_the_instant_shown_and_the_kernel_knows_it(shown: WidgetPage) -> None:
    shown.find(SLIDER).focus()
    press(shown, "Home")
    press(shown, "PageUp")
    says(shown.find(".kl-time"), "00:00:10")
    pin(shown, "bike-0042")
    says(shown.find(".kl-reply"), "it lands on shard 0.")  # the split came later
    says(shown.find(".kl-time"), "00:00:10")
    shown.find("button").filter(has_text="+1 s").click()
    says(shown.find(".kl-time"), "00:00:51")
    pin(shown, "bike-0042")
    pin(shown, "bike-0042")
    says(shown.find(".kl-reply"), "it lands on shard 2.")


def pin(shown: WidgetPage, key: str) -> None:
    shown.find(KEY).fill(key)
    shown.find(KEY).press("Enter")
    shown.settle()


def test_a_typed_key_is_pinned_on_ring_and_lane_by_the_kernel(shown: WidgetPage) -> None:
    shown.find(KEY).focus()
    shown.page.keyboard.type("bike-0042")
    press(shown, "Enter")
    says(shown.find(".kl-reply"), "bike-0042 has the hash 165674…: it lands on shard 2.")
    counts(shown.find("[data-pin=bike-0042]"), 1)
    says(shown.find("[data-home='2']"), "bike-0042")
    assert shown.find(KEY).input_value() == ""
    shown.find(SLIDER).focus()
    press(shown, "Home")
    says(shown.find("[data-home='0']"), "bike-0042")  # before the split it went to the parent


@pytest.mark.parametrize(
    ("button", "seconds"),
    [("+1 s", 1), ("+1 min", 60), ("+1 h", 3600), ("next event", DAY // 1000)],
)
def test_the_buttons_move_the_simulator_s_clock(
    shown: WidgetPage, morning: Simulator, button: str, seconds: int
) -> None:
    before = morning.clock.now
    shown.find("button").filter(has_text=button).click()
    says(shown.find(".kl-reply"), "The simulator's clock is at")
    moved = morning.clock.now - before
    expected = BEGIN + 10_001 + DAY - before if button == "next event" else seconds * 1000
    assert moved == expected


def test_the_clock_s_buttons_are_one_stop_of_the_tab_key(
    shown: WidgetPage, morning: Simulator
) -> None:
    shown.find("button.kl-play").focus()
    press(shown, "Tab")
    press(shown, "ArrowRight", 2)
    press(shown, "Enter")
    says(shown.find(".kl-reply"), "01:00:50")
    press(shown, "Tab")
    assert shown.find(KEY).evaluate("node => node === document.activeElement")


def test_what_is_trimmed_turns_grey(shown: WidgetPage, morning: Simulator) -> None:
    morning.run_until(BEGIN + DAY + 25_000)
    shown.widget.refresh()
    shown.push()
    counts(shown.find(".kl-record-gone"), 2)
    counts(shown.find(".kl-oldest"), 1)
    says(shown.find(".kl-notice"), "Gone: 2 of 4 records")
    morning.run_until(SPLIT_AT + DAY + 1)
    shown.widget.refresh()
    shown.push()
    counts(shown.find("[data-state=expired]"), 1)


def test_refused_records_are_hollow_and_hatched(page: Page) -> None:
    from kinesis_sim import Simulator

    sim = Simulator(latency=None, delays="instant", limits={"streams.shard_write_records": 5})
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    rows = [{"Data": b"x", "PartitionKey": "k"}] * 40
    for _ in range(2):
        kinesis.put_records(StreamName=STREAM, Records=rows)
    shown = WidgetPage(page, sim.show.live(STREAM))
    assert shown.find(f"{PICTURE} .kl-refused-dot").count() >= 1
    fill = shown.find(f"{PICTURE} .kl-refused-dot").first.evaluate("n => getComputedStyle(n).fill")
    assert "kl-hatch" in fill
    says(shown.find(".kl-legend"), "throttled: refused, not stored")


def test_playing_runs_to_now_and_stops(shown: WidgetPage) -> None:
    from playwright.sync_api import expect

    shown.page.clock.install(time=0)
    shown.page.clock.pause_at(1_000)  # the page's time runs when the test says so
    play = shown.find("button.kl-play")
    play.click()
    expect(play).to_have_attribute("aria-label", "Pause")
    shown.page.clock.run_for(13_000)
    expect(play).to_have_attribute("aria-label", "Play")
    says(shown.find(".kl-time"), "00:00:50")


def test_who_prefers_calm_is_led_from_moment_to_moment(shown: WidgetPage) -> None:
    shown.page.emulate_media(reduced_motion="reduce")
    shown.page.clock.install(time=0)
    shown.page.clock.pause_at(1_000)  # the page's time runs when the test says so
    shown.find("button.kl-play").click()
    says(shown.find(".kl-time"), "00:00:00")
    shown.page.clock.run_for(1_300)
    says(shown.find(".kl-time"), "00:00:10")
    shown.page.clock.run_for(1_300)
    says(shown.find(".kl-time"), "00:00:40")


def test_at_most_six_controls_all_named(shown: WidgetPage) -> None:
    stops = shown.find(":is(button, input):not([tabindex='-1'])")
    assert stops.count() <= 6
    named = "node => node.ariaLabel || node.labels?.length || node.textContent.trim()"
    assert all(control.evaluate(named) for control in shown.find(":is(button, input)").all())
    counts(shown.find("[role=status]"), 2)
    label = shown.find(PICTURE).get_attribute("aria-label") or ""
    assert label.startswith("meu-stream. Shard 0 was split")
    assert label.endswith("provisioned · 3 open shards · retention 24 h")
    counts(shown.find("[role=toolbar][aria-label]"), 1)
    suppressed = shown.find("[data-lm-suppress-shortcuts=true]").count()
    assert suppressed == shown.find(":is(button, input)").count()


def test_it_leaves_without_a_trace(shown: WidgetPage) -> None:
    shown.page.evaluate("window.leave()")
    shown.widget.pin("bike-1")
    shown.push()
    counts(shown.find("[data-pin=bike-1]"), 0)


# --- looks --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def a_day_later() -> ShardMap:
    """The map with a day behind it, for all who only look at it."""
    sim = split_in_the_morning()
    for step in range(30):
        put(sim, 2**127 + step * 2**122, 90 + step * 40)
        sim.advance(seconds=2)
    sim.run_until(SPLIT_AT + DAY - 5_000)
    return sim.show.live(STREAM, keys=["station-9", "bike-0042", "bike-0107"])


@pytest.fixture(params=[(800, False), (800, True), (1400, False), (1400, True), (480, False)])
def look(
    request: pytest.FixtureRequest, paper: Page, a_day_later: ShardMap
) -> Iterator[WidgetPage]:
    """It at a width and in a theme."""
    width, dark = request.param
    with blank(paper, width, 700) as page:
        yield WidgetPage(page, a_day_later, dark=dark)
        ARTIFACTS.mkdir(exist_ok=True)
        theme = "dark" if dark else "light"
        page.screenshot(path=ARTIFACTS / f"shard-map-{width}-{theme}.png", full_page=True)


def test_texts_are_large_enough_apart_and_inside(look: WidgetPage) -> None:
    rows = look.find(".kl-shards").evaluate(TEXTS)
    width = look.page.evaluate("document.documentElement.clientWidth")
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    assert [
        (one["said"], other["said"]) for one, other in combinations(rows, 2) if meet(one, other)
    ] == []


def meet(one: dict[str, float], other: dict[str, float], hair: float = 2) -> bool:
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return across > hair and down > hair


def test_the_time_is_told_to_the_second(shown: WidgetPage, morning: Simulator) -> None:
    from playwright.sync_api import expect

    morning.advance(milliseconds=748)
    shown.widget.refresh()
    shown.push()
    expect(shown.find(".kl-time")).to_have_text("2026-01-01 00:00:50")
    shown.find(SLIDER).press("ArrowLeft")
    expect(shown.find(".kl-time")).to_have_text(re.compile(r"^2026-01-01 00:00:\d\d$"))


def test_lanes_do_not_overlap(look: WidgetPage) -> None:
    boxes = [lane.bounding_box() for lane in look.find(LANES).all()]
    rows = sorted((box["y"], box["y"] + box["height"]) for box in boxes if box is not None)
    assert all(bottom + 8 < top for (_, bottom), (top, _) in pairwise(rows))


def test_words_stand_out_from_the_paper(look: WidgetPage) -> None:
    from kinesis_sim.show.kit.theme import contrast

    paper = hexed(
        look.find(".kl-shards").evaluate("node => getComputedStyle(node).backgroundColor")
    )
    rows = look.find(".kl-shards").evaluate(TEXTS)
    faint = [
        row["said"]
        for row in rows
        if len(row["said"]) > 1 and contrast(hexed(row["color"]), paper) < 4.5
    ]
    assert faint == []


def hexed(color: str) -> str:
    """CSS's rgb(…) as "#RRGGBB"; a little transparency over black or white is near enough."""
    numbers = [float(part) for part in color[color.index("(") + 1 : -1].split(",")[:3]]
    return "#" + "".join(f"{round(number):02X}" for number in numbers)
