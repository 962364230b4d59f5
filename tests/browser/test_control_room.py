"""The control room in Chromium, its Python side in the test: play, break, mend, keys, themes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from kinesis_sim.course.stage.page import PageServer
from kinesis_sim.course.stage.widget_page import WidgetPage as StagePage
from kinesis_sim.workloads.scenes.scene import PedalaScene
from tests.browser.jupyterlab import ARTIFACTS, Lab, fresh_page
from tests.browser.test_shard_map import TEXTS, hexed, meet, says
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
KERNEL = {
    "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
}
STOPS = ":is(button, select):not([tabindex='-1'])"


@pytest.fixture
def scene() -> PedalaScene:
    return PedalaScene()


@pytest.fixture
def shown(page: Page, scene: PedalaScene) -> WidgetPage:
    return WidgetPage(page, scene.show(ask=False))


@pytest.fixture(scope="module")
def calm() -> PedalaScene:
    """A scene for tests that only look."""
    return PedalaScene()


@pytest.fixture
def seen(page: Page, calm: PedalaScene) -> WidgetPage:
    return WidgetPage(page, calm.show(ask=False))


def watch(shown: WidgetPage, seconds: int) -> None:
    """Let the page's own clock, which stands still otherwise, run for so long; after each second
    the kernel answers what it was asked."""
    busy = shown.page.locator("#here [aria-busy]")
    expect(busy).to_have_count(0)
    for _ in range(seconds):
        shown.page.clock.run_for(1_000)
        expect(busy).to_have_count(0)


def still(shown: WidgetPage) -> None:
    """Stop the page's own clock: it runs when ``watch`` lets it, however long a test takes."""
    shown.page.clock.install(time=0)
    shown.page.clock.pause_at(1_000)


def faults(shown: WidgetPage, scene: PedalaScene, count: int) -> set[str]:
    """The scene's faults, once the widget shows so many buttons pressed: it has its answer."""
    expect(shown.page.locator("#here button[aria-pressed='true']")).to_have_count(count)
    return set(scene.faults)


def press(shown: WidgetPage, name: str) -> None:
    shown.find("button").filter(has_text=name).click()


def notebook(source: str) -> str:
    """A notebook of one cell."""
    cell = {"cell_type": "code", "id": "room", "source": source, "metadata": {}}
    run: dict[str, Any] = {"outputs": [], "execution_count": None}
    cells = [{**cell, **run}]
    return json.dumps({"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5})


def throttled(shown: WidgetPage, shard: int) -> str:
    return shown.find(f"[data-shard='{shard}'] .kl-throttled").text_content() or ""


def test_it_teaches_before_anyone_touches_it(seen: WidgetPage) -> None:
    says(seen.find(".kl-time"), "00:01:00")
    says(seen.find(".kl-notice"), "All is well: no shard is more than")
    assert seen.find("[data-shard]").count() == 4
    assert seen.find("[data-shard='0'] .kl-bar").count() == 60
    assert seen.find("[data-kind=sender]").count() == 3
    assert seen.find("[data-kind=reader]").count() == 3
    assert seen.find(".kl-dot").count() > 20
    assert seen.find("circle.kl-refused").count() == 0


def test_playing_asks_the_kernel_for_time_and_shows_it_second_by_second(
    shown: WidgetPage, scene: PedalaScene
) -> None:
    still(shown)
    shown.find(".kl-play").click()
    says(shown.find(".kl-time"), "00:01:00")
    watch(shown, 3)
    says(shown.find(".kl-time"), "00:01:03")
    assert scene.seconds == 64  # a second ahead of the picture
    shown.find(".kl-play").click()
    says(shown.find(".kl-time"), "00:01:04")
    watch(shown, 3)
    says(shown.find(".kl-time"), "00:01:04")


def test_it_plays_faster(shown: WidgetPage) -> None:
    still(shown)
    shown.find("select").select_option("5")
    shown.find(".kl-play").click()
    watch(shown, 3)
    says(shown.find(".kl-time"), "00:01:15")


def test_a_hot_key_is_seen_to_throttle_its_shard_while_it_plays(
    shown: WidgetPage, scene: PedalaScene
) -> None:
    still(shown)
    shown.find(".kl-play").click()
    press(shown, "hot key")
    says(shown.find(".kl-reply"), f"Watch shard {scene.hot_shard}.")
    watch(shown, 8)
    says(shown.find(".kl-notice"), f"Hot key: in the last 10 s shard {scene.hot_shard} refused")
    assert throttled(shown, scene.hot_shard).endswith("% throttled")
    assert shown.find(f"[data-shard='{scene.hot_shard}'] rect.kl-refused").count() >= 4
    assert shown.find("circle.kl-refused").count() > 0
    assert [throttled(shown, n) for n in range(4) if n != scene.hot_shard] == ["", "", ""]
    press(shown, "hot key")
    watch(shown, 8)
    assert throttled(shown, scene.hot_shard) == ""


def test_what_is_refused_fits_its_box_in_portuguese(page: Page, scene: PedalaScene) -> None:
    """ "258/s recusados" ran over the border; "258/s refused" is shorter."""
    shown = WidgetPage(page, scene.show(lang="pt-BR", ask=False))
    still(shown)
    shown.find(".kl-play").click()
    press(shown, "chave quente")
    watch(shown, 8)
    refused = shown.page.locator("#here .kl-node text", has_text="/s recusados")
    expect(refused.first).to_be_visible()
    spare = shown.page.evaluate(
        """() => [...document.querySelectorAll("#here .kl-node")].map((node) =>
          node.querySelector("rect").getBBox().width + node.querySelector("rect").getBBox().x
          - Math.max(...[...node.querySelectorAll("text")].map(
            (text) => text.getBBox().x + text.getBBox().width)))"""
    )
    assert min(spare) >= 4


def test_a_crashed_worker_s_shards_are_seen_to_be_taken_over(shown: WidgetPage) -> None:
    press(shown, "crash a worker")
    press(shown, "next event")
    says(shown.find(".kl-notice"), "worker-2 crashed and still holds the leases of shards 0 and 1")
    says(shown.find("[data-node='worker-2']"), "crashed")
    says(shown.find("[data-shard='0']"), "nobody")
    press(shown, "next event")
    says(shown.find(".kl-notice"), "worker-1 took shards 0 and 1 over from worker-2")
    says(shown.find("[data-node='worker-1']"), "shards 0, 1, 2, 3")
    says(shown.find("[data-shard='0']"), "worker-1")


def test_poison_blocks_one_reader_and_not_the_other(shown: WidgetPage, scene: PedalaScene) -> None:
    press(shown, "poison record")
    shown.find("select").select_option("10")
    for _ in range(6):
        press(shown, "+1 s")
    lane = shown.find(f"[data-shard='{scene.poison_shard}']")
    says(lane, "stuck")
    says(shown.find(".kl-notice"), f"blocks shard {scene.poison_shard}")
    press(shown, "poison record")
    says(shown.find(".kl-reply"), "puts aside what it cannot read")
    for _ in range(3):
        press(shown, "+1 s")
    assert "stuck" not in (lane.text_content() or "")


def test_the_keyboard_does_it_all(shown: WidgetPage, scene: PedalaScene) -> None:
    keyboard = shown.page.keyboard
    shown.find(".kl-play").focus()
    keyboard.press("s")
    says(shown.find(".kl-time"), "00:01:01")
    keyboard.press("ArrowRight")
    keyboard.press("Enter")  # +1 s
    says(shown.find(".kl-time"), "00:01:02")
    keyboard.press("3")
    says(shown.find(".kl-reply"), "worker-2 is lost")
    assert faults(shown, scene, 1) == {"crash_worker"}
    keyboard.press("n")
    says(shown.find(".kl-notice"), "worker-2 crashed")
    for _ in range(3):
        keyboard.press("Tab")  # speed, view, faults
    keyboard.press("ArrowRight")
    keyboard.press("Space")
    assert faults(shown, scene, 2) == {"crash_worker", "slow_consumer"}
    focused = "document.activeElement.getAttribute('aria-pressed')"
    assert shown.page.evaluate(focused) == "true"
    keyboard.press("2")
    assert faults(shown, scene, 1) == {"crash_worker"}


def test_at_most_six_stops_all_named(seen: WidgetPage) -> None:
    assert seen.find(STOPS).count() <= 6
    named = "node => node.ariaLabel || node.labels?.length || node.textContent.trim()"
    controls = seen.find(":is(button, select)")
    assert all(control.evaluate(named) for control in controls.all())
    assert seen.find("[data-lm-suppress-shortcuts=true]").count() == controls.count()
    assert seen.find("[role=status]").count() == 2
    assert seen.find("svg[role=img][aria-label]").count() == 1


def test_who_prefers_calm_sees_numbers_change_and_nothing_fly(shown: WidgetPage) -> None:
    shown.page.emulate_media(reduced_motion="reduce")
    still(shown)
    places = "nodes => nodes.filter(n => n.tagName == 'circle').map(n => n.getAttribute('cx'))"
    before = shown.find(".kl-dot").evaluate_all(places)
    shown.find(".kl-play").click()
    shown.page.clock.run_for(500)
    assert shown.find(".kl-dot").evaluate_all(places) == before
    watch(shown, 3)
    says(shown.find(".kl-time"), "00:01:03")


def test_a_button_pressed_while_the_kernel_is_at_work_is_not_forgotten(shown: WidgetPage) -> None:
    shown.find("[data-act=step]").evaluate("node => { node.click(); node.click(); }")
    says(shown.find(".kl-time"), "00:01:02")


def test_dots_fly_while_it_plays(shown: WidgetPage) -> None:
    still(shown)
    place = "node => node.getAttribute('cx')"
    before = shown.find(".kl-dot").first.evaluate(place)
    shown.find(".kl-play").click()
    shown.page.clock.run_for(500)
    assert shown.find(".kl-dot").first.evaluate(place) != before


def test_a_class_sees_it_larger(seen: WidgetPage) -> None:
    before = seen.find(".kl-frame > svg").bounding_box()
    press(seen, "full screen")
    seen.page.wait_for_function("document.fullscreenElement !== null")
    after = seen.find(".kl-frame > svg").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] >= before["width"]
    seen.page.keyboard.press("f")
    seen.page.wait_for_function("document.fullscreenElement === null")


def test_it_asks_first_and_plays_on_the_answer(page: Page, scene: PedalaScene) -> None:
    shown = WidgetPage(page, scene.show())
    still(shown)
    shown.find("[data-fault=hot_key]").focus()
    page.keyboard.press("Enter")
    says(shown.find(".kl-asks"), "Which shards will refuse records?")
    assert page.evaluate("document.activeElement.dataset.option") == "one"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(shown.page.locator(".kl-asks")).to_be_hidden()
    assert page.evaluate("document.activeElement.dataset.act") == "play"
    watch(shown, 13)
    says(shown.find(".kl-reply"), "You said: Several shards. What happened: One shard.")
    page.keyboard.press("Shift+Digit1")
    says(shown.find(".kl-reply"), "10 keys")
    expect(page.locator("[data-cure=other_key]")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("r")
    says(shown.find(".kl-reply"), "The room starts again at 2026-01-01 00:01:00")
    says(shown.find(".kl-time"), "00:01:00")


def test_the_demo_fills_a_class_s_screen_with_letters_that_can_be_read(app: Browser) -> None:
    stage = StagePage(PedalaScene().show(), "en")
    with PageServer(stage) as server, fresh_page(app, 1920, 1080) as page:
        page.goto(server.url)
        says(page.locator(".kl-time"), "00:01:00")
        expect(page.locator(".kl-stage")).to_be_visible()
        sizes = page.locator(".kl-frame svg text").evaluate_all(
            "nodes => nodes.map(n => parseFloat(getComputedStyle(n).fontSize) * n.getScreenCTM().d)"
        )
        assert min(sizes) >= 22
        inside = "document.documentElement.scrollHeight <= innerHeight"
        assert page.evaluate(inside)
        page.keyboard.press("6")  # nothing is in focus yet
        page.locator("[data-votes=all]").fill("5")  # a digit typed there breaks nothing
        page.locator("[data-votes=none]").press("7")
        page.screenshot(path=ARTIFACTS / "control-room-votes.png")
        page.locator("[data-option='']").click()
        says(page.locator(".kl-reply"), "The hands are counted")
        page.locator("[data-act=play]").click()
        says(page.locator(".kl-node[data-node='4 teams']"), "5 polls/s each")
        page.screenshot(path=ARTIFACTS / "control-room-stage.png")


def test_it_leaves_without_a_trace(shown: WidgetPage) -> None:
    still(shown)
    shown.find(".kl-play").click()
    shown.page.evaluate("window.leave()")
    shown.widget.advance(5)
    shown.push()
    watch(shown, 3)
    says(shown.find(".kl-time"), "00:01:00")


def test_a_kernel_plays_it_in_jupyterlab(lab: Lab, page: Page) -> None:
    source = (
        "from kinesis_sim.workloads.scenes.scene import PedalaScene\nPedalaScene().show(ask=False)"
    )
    (lab.root / "room.ipynb").write_text(notebook(source))
    room = lab.open(page, "room.ipynb").run("PedalaScene()").locator(".kl-room")
    time, play = room.locator(".kl-time"), room.locator(".kl-play")
    room.locator("select").select_option("10")
    begin = time.inner_text()
    play.click()
    expect(time).not_to_have_text(begin)
    play.click()
    page.keyboard.press("1")
    says(room.locator(".kl-reply"), "Watch shard 3.")
    page.keyboard.press("n")  # on to what happens next
    says(room.locator(".kl-notice"), "Hot key: in the last 10 s shard 3 refused")


# --- looks --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def broken() -> PedalaScene:
    """A scene in which almost everything is broken."""
    scene = PedalaScene()
    for fault in (scene.hot_key, scene.slow_consumer, scene.poison_record):
        fault()
    scene.sim.advance(seconds=14)
    scene.crash_worker()
    scene.sim.advance(seconds=4)
    return scene


@pytest.fixture(params=[(330, True), (480, False), (800, False), (1400, True)])
def look(request: pytest.FixtureRequest, paper: Page, broken: PedalaScene) -> Iterator[WidgetPage]:
    """The broken room at a width, in a language and in a theme."""
    width, dark = request.param
    with blank(paper, width, 700) as page:
        yield WidgetPage(
            page, broken.show(lang="pt-BR" if width in (330, 1400) else "en"), dark=dark
        )
        ARTIFACTS.mkdir(exist_ok=True)
        theme = "dark" if dark else "light"
        page.screenshot(path=ARTIFACTS / f"control-room-{width}-{theme}.png", full_page=True)


def test_texts_are_large_enough_apart_inside_and_stand_out(look: WidgetPage) -> None:
    from kinesis_sim.show.kit.theme import contrast

    rows = [row for row in look.find(".kl-room").evaluate(TEXTS) if row["right"] > row["left"]]
    width = look.page.evaluate("document.documentElement.clientWidth")
    assert [row["said"] for row in rows if row["size"] < 11] == []
    assert [row["said"] for row in rows if row["left"] < 0 or row["right"] > width] == []
    meeting = [(a["said"], b["said"]) for a, b in combinations(rows, 2) if meet(a, b)]
    assert meeting == []
    style = "node => getComputedStyle(node).backgroundColor"
    paper = hexed(look.find(".kl-room").evaluate(style))
    pressed = {each.inner_text() for each in look.find("[aria-pressed=true]").all()}
    faint = [
        row["said"]
        for row in rows
        if row["said"] not in pressed and contrast(hexed(row["color"]), paper) < 4.5
    ]
    assert faint == []
    for each in look.find("[aria-pressed=true]").all():
        ink = hexed(each.evaluate("node => getComputedStyle(node).color"))
        assert contrast(ink, hexed(each.evaluate(style))) >= 4.5
