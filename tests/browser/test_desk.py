"""What the desk gives every picture: sliders, choices, playing; and the marks that wings share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import traitlets
from playwright.sync_api import expect

from kinesis_sim.show.kit import marks
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Control, Frame, Page, Shelf, figure
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.words import Words
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

pytestmark = pytest.mark.browser
BLUE = "#0072B2"
STEPS = ("1 s", "2 s", "5 s")


def wings() -> Scene:
    """One of each mark."""
    scene = Scene(20, 20)
    scene.height = 330
    marks.window(scene, scene.x(0.1), scene.x(0.4), 30, 90, BLUE, "00:00 to 00:10")
    marks.watermark(scene, [(scene.x(0), 110), (scene.x(0.7), 40)], "watermark")
    marks.late(scene, (scene.x(0.3), 70), "late")
    marks.lost(scene, (scene.x(0.6), 70))
    for place, state in enumerate(("", "waiting", "failed")):
        begin, end = scene.x(0.1 + 0.2 * place), scene.x(0.3 + 0.2 * place)
        marks.fragment(scene, begin, end, 120, 20, BLUE, state=state)
    for x, name in ((scene.x(0.2), "master"), (scene.x(0.8), "viewer")):
        marks.peer(scene, x, 160, 250, name)
    marks.message(scene, scene.x(0.8), scene.x(0.2), 210, "SDP offer")
    marks.message(scene, scene.x(0.2), scene.x(0.8), 236, "SDP answer", arrives=False)
    marks.joint(scene, (X(4), 270), "stream", "pedala-rides", BLUE)
    marks.joint(scene, (scene.x(1) + -128, 270), "Lambda", "billing", BLUE)
    ends = [(X(134), 293.0), (scene.x(1) + -132, 293.0)]
    marks.road(scene, ends, BLUE, traffic="120/s", twice=True, loses=True)
    return scene


class Toy(Desk):
    """A page with everything; it keeps what it was wished."""

    def __init__(self) -> None:
        self.wishes: list[Any] = []
        self.step = 1
        self._words = Words("kit", "en")
        super().__init__("toy")

    def _state(self) -> object:
        return self.step

    def _made(self) -> Page:
        scene = wings()
        for second in range(4):
            with scene.during(second, second + 1 if second < 3 else None):
                scene.dot((scene.x(second / 3), 255), 5, "record", hue=BLUE)
        frames = [Frame(second, f"00:00:0{second}", f"Second {second}.") for second in range(4)]
        controls = [
            Control("pace", "Pace", {"kind": "pace"}, value=self.step, steps=STEPS),
            Control("how", "How", {"kind": "how"}, value=0, steps=("even", "bursts"), choice=True),
        ]
        return Page("Toy", "", [scene], frames, "Toy.", controls=controls, play_ms=3_000)

    def _wished(self, wish: Any) -> None:
        self.wishes.append(wish)
        if wish["kind"] == "pace":
            self.step = wish["value"]
        self.refresh()


@pytest.fixture
def shown(page: BrowserPage) -> WidgetPage:
    return WidgetPage(page, Toy())


def test_a_slider_and_a_choice_send_the_place_of_their_step(shown: WidgetPage) -> None:
    pace = shown.page.get_by_role("slider", name="Pace")
    expect(pace).to_have_attribute("aria-valuetext", "2 s")
    pace.focus()
    shown.page.keyboard.press("ArrowRight")
    shown.page.keyboard.press("Tab")
    expect(pace).to_have_attribute("aria-valuetext", "5 s")
    shown.page.get_by_role("combobox", name="How").select_option("1")
    shown.settle()
    assert {"kind": "pace", "value": 2} in shown.widget.wishes
    assert {"kind": "how", "value": 1} in shown.widget.wishes


def test_play_goes_through_the_frames_and_stops_at_the_last(shown: WidgetPage) -> None:
    shown.page.clock.install(time=0)
    shown.page.clock.pause_at(1_000)
    play, time = shown.find(".kl-play"), shown.find(".kl-time")
    play.click()
    expect(play).to_have_attribute("aria-label", "Pause")
    shown.page.clock.run_for(1_500)
    expect(time).to_have_text("00:00:01")
    shown.page.clock.run_for(3_000)
    expect(time).to_have_text("00:00:03")
    expect(play).to_have_attribute("aria-label", "Play")


def test_marks_are_the_same_in_the_browser_and_on_paper(shown: WidgetPage) -> None:
    for role in ("window", "watermark", "late", "fragment-failed", "lifeline", "message-lost"):
        assert shown.find(f".kl-scene .kl-{role}").count() >= 1
    said = set(shown.find(".kl-scene text").all_text_contents())
    assert {"SDP offer", "watermark", "120/s", "master", "Lambda"} <= said
    ARTIFACTS.mkdir(exist_ok=True)
    shown.page.screenshot(path=ARTIFACTS / "desk-marks.png")
    sheet = figure(shown.widget._made(), Words("kit", "en"))
    (ARTIFACTS / "desk-marks-paper.png").write_bytes(sheet.png())
    assert said <= {text.get_text() for text in sheet.axes[0].texts} | {""}


class Uneven(Toy):
    """Instants that are not evenly spaced, a button that asks which one is shown, and a shelf."""

    opened = traitlets.Dict({"chosen": "b", "key": "b", "rows": [["1"]], "note": ""}).tag(sync=True)

    def _made(self) -> Page:
        scene = Scene(20, 20, least=2_000)
        scene.height = 40
        instants = (0, 10, 20, 100)
        for _, role in scene.each(instants, lambda at: "step" if at < 20 else "late"):
            scene.line([(scene.x(0), 0), (scene.x(1), 20)], role)
        frames = [Frame(at, f"{at} s", "", lead=f"{at} of 100", note="so far") for at in instants]
        controls = [
            Control("mark", "Mark", {"kind": "mark", "at": None}),
            Control("word", "a word", {}),
        ]
        shelf = Shelf("Things", [(0, "a", "first"), (20, "b", "second")], ["code"], "none")
        return Page("Uneven", "", [scene], frames, "", controls=controls, shelf=shelf)

    def _wished(self, wish: Any) -> None:
        self.wishes.append(wish)


def test_the_slider_stands_where_its_instant_does_and_wishes_know_it(page: BrowserPage) -> None:
    shown = WidgetPage(page, Uneven())
    slider, mark = shown.find("input[type=range]"), page.get_by_role("button", name="Mark")
    mark.click()
    slider.focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "10 s")
    assert slider.evaluate("node => node.style.getPropertyValue('--place')") == "10%"
    expect(shown.find(".kl-lead")).to_have_text("10 of 100")
    expect(shown.find(".kl-note")).to_have_text("so far")
    mark.click()
    shown.settle()
    assert [wish["at"] for wish in shown.widget.wishes] == [None, 10]


def test_what_is_not_there_yet_is_not_on_the_shelf_and_what_is_wide_scrolls(
    page: BrowserPage,
) -> None:
    shown = WidgetPage(page, Uneven())
    options, paper = shown.find("option"), shown.find(".kl-paper")
    expect(options).to_have_text(["second", "first"])
    expect(shown.find(".kl-opened dd")).to_have_text("1")
    shown.find("input[type=range]").focus()
    page.keyboard.press("Home")
    expect(options).to_have_text(["first"])
    shown.find("select").select_option("a")
    shown.settle()
    assert shown.widget.wishes == [{"kind": "open", "key": "a"}]
    expect(paper).to_have_attribute("tabindex", "0")
    assert paper.evaluate("node => node.scrollWidth > node.clientWidth")
