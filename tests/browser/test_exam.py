"""An exam by keyboard alone: in JupyterLab, its kernel killed in the middle, and on the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from kinesis_sim.clock import Clock
from kinesis_sim.course.progress import Progress
from kinesis_sim.course.stage.page import PageServer
from kinesis_sim.exam.page.server import ExamPage
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.exam.words import ExamWords
from tests.browser.jupyterlab import (
    ARTIFACTS,
    LOOPBACK,
    NOTEBOOKS,
    PATIENCE,
    THEME,
    Lab,
    fresh_page,
    put_on,
)
from tests.browser.lesson import OpenLesson

pytestmark = pytest.mark.browser
NARROW = 800  # px
UNROLLED = "html, body, .jp-LabShell { height: 100vh !important; overflow: visible !important }"
"""Without it axe-core takes what JupyterLab's panes scroll for hidden, and judges no contrast."""
QUESTIONS = 10
LINK = re.compile(r"(?P<file>[\w-]+\.ipynb)#cell-id=(?P<cell>.+)$")
SHOWN = """([path, id]) => {
  const { context, content } = globalThis.jupyterapp?.shell.currentWidget ?? {};
  const cell = content?.widgets?.find((each) => each.model.id === id);
  if (!cell || !context.path.endsWith(path)) return false;
  const { top, bottom } = cell.node.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}"""
"""Whether the notebook in front is that one, and the cell is in sight."""


def depth(lang: str, file: str, cell: str) -> int:
    """How many cells of a lesson stand before one."""
    cells = json.loads((NOTEBOOKS / lang / file).read_text("utf-8"))["cells"]
    return [each["id"] for each in cells].index(cell)


class Sitter:
    """Somebody at the exam who has a keyboard and no mouse."""

    def __init__(self, exam: Locator, lang: str) -> None:
        self.exam, self.page, self.words = exam, exam.page, ExamWords(lang)

    def named(self, name: str) -> Locator:
        return self.exam.locator(f'[data-name="{name}"]')

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, name: str) -> None:
        """Press Tab until the focus is there, and Enter."""
        focused = "document.activeElement.getAttribute('data-name')"
        for _ in range(60):
            if self.page.evaluate(focused) == name:
                self.press("Enter")
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not lead to {name}.")

    def begin(self) -> None:
        """Choose a mock exam of ten questions of DEA-C01."""
        self.named("what").focus()
        self.press("Tab", "Tab", "Tab", "ArrowDown", "ArrowDown", "ArrowDown", "Tab", "ArrowUp")
        self.tab_to("begin-mock")
        expect(self.exam.get_by_role("heading", name="DEA-C01")).to_be_visible()

    def answer(self, places: range) -> None:
        """Answer questions with their first options, one after the other."""
        done = self.words.say("sitting.answered")
        for place in places:
            expect(self.named(f"place-{place}")).to_have_attribute("aria-current", "step")
            boxes = self.exam.locator('input[type="checkbox"]').count()
            for digit in "123"[: 2 if boxes else 1]:
                self.press(digit)
                chosen = self.exam.locator(".kl-choice input").nth(int(digit) - 1)
                expect(chosen).to_be_checked()
            said = f"{self.words.say('sitting.place', number=place + 1)}, {done}"
            expect(self.named(f"place-{place}")).to_have_attribute("aria-label", re.compile(said))
            self.press("n")

    def finish(self) -> None:
        """End it once each question has its answer: then one Enter does."""
        self.tab_to("end")
        expect(self.exam.locator(".kl-total")).to_be_visible()

    def see_a_proof(self) -> None:
        """Have one experiment run."""
        first = self.exam.locator('[data-name^="show-"]').first
        shown = str(first.get_attribute("data-name"))
        self.tab_to(shown)
        expect(self.exam.locator(".kl-proof pre")).to_be_visible()
        expect(self.named(shown)).to_be_focused()

    def follow_a_link(self) -> tuple[str, str]:
        """Open, by Enter, the link that leads deepest into a lesson; the file and the cell."""
        links = self.exam.locator(".kl-taught a")
        led = [LINK.search(str(each.get_attribute("href"))) for each in links.all()]
        found = [(each["file"], each["cell"]) for each in led if each is not None]
        assert len(found) == len(led) > 0
        depths = [depth(self.words.lang, *each) for each in found]
        deepest = depths.index(max(depths))
        links.nth(deepest).focus()
        self.press("Enter")
        return found[deepest]

    def photograph(self, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        self.exam.screenshot(path=ARTIFACTS / f"exam-{name}.png")

    def faults(self, theme: str = "") -> list[str]:
        """What axe-core finds in the exam that is serious or worse, by day and by night."""
        return faults_of(self.page, ".kl-exam", theme)


SHADED = "worn => [undefined, worn].includes(document.body.dataset.jpThemeLight)"


def faults_of(page: Page, within: str, theme: str = "") -> list[str]:
    """What axe-core finds in a part of a page that is serious or worse, in both colour schemes.

    theme: the attribute of the body that JupyterLab sets when it has put on a theme.
    """
    before = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    found = [
        f"{scheme}: {fault}"
        for scheme in ("light", "dark")
        for fault in _faults_in(page, within, theme, scheme)
    ]
    _put_on(page, theme, "dark" if before else "light")
    return found


def _put_on(page: Page, theme: str, scheme: Literal["light", "dark"]) -> None:
    if theme:
        put_on(page, scheme)
    else:
        page.emulate_media(color_scheme=scheme)
        worn = str(scheme == "light").lower()  # a page that shades itself does it a moment later
        page.wait_for_function(SHADED, arg=worn)


def _faults_in(
    page: Page, within: str, theme: str, scheme: Literal["light", "dark"]
) -> Iterator[str]:
    _put_on(page, theme, scheme)
    size = page.viewport_size
    assert size is not None
    if theme:
        part = page.locator(within).first.bounding_box()
        assert part is not None
        page.add_style_tag(content=UNROLLED)
        tall = int(part["height"]) + size["height"]
        page.set_viewport_size({"width": size["width"], "height": tall})
        page.locator(within).scroll_into_view_if_needed()
    found = Axe().run(page, context=within, options={"resultTypes": ["violations"]}).response
    page.set_viewport_size(size)
    assert "color-contrast" in {each["id"] for each in found["passes"]}, "no contrast was judged"
    for fault in found["violations"]:
        if fault["impact"] in ("serious", "critical"):
            for node in fault["nodes"]:
                yield f"{fault['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"


@pytest.mark.parametrize(("lang", "dark"), [("en", True), ("pt-BR", False)])
def test_an_exam_in_jupyterlab_outlives_its_kernel(
    learner: Lab, app: Browser, lang: str, dark: bool
) -> None:
    with fresh_page(app, width=NARROW, dark=dark) as page:
        lesson = OpenLesson.open(learner, page, "exam", lang)
        expect(page.locator("body")).to_have_attribute(THEME, str(not dark).lower())
        lesson.run_all()
        sitter = Sitter(lesson.cell("desk").locator(".kl-exam"), lang)
        sitter.begin()
        sitter.answer(range(QUESTIONS // 2))
        sitter.press("f", "t")
        half = sitter.named(f"place-{QUESTIONS // 2}")
        flagged = sitter.words.say("sitting.flagged")
        expect(half).to_have_attribute("aria-label", re.compile(flagged))  # not the one before
        assert sitter.faults(THEME) == []
        sitter.photograph(f"lab-{lang}")
        lesson.restart()
        lesson.run_all()
        expect(sitter.exam).to_have_count(1)
        sitter.named("go-on").focus()
        sitter.press("Enter")
        expect(sitter.exam.get_by_role("status")).to_contain_text(
            f"5 {sitter_of(lang)} {QUESTIONS}"
        )
        sitter.answer(range(QUESTIONS // 2, QUESTIONS))
        sitter.finish()
        sitter.see_a_proof()
        assert sitter.faults(THEME) == []
        page.screenshot(path=ARTIFACTS / f"exam-lab-report-{lang}.png")
        assert lesson.errors() == []
        assert lesson.wider_than_the_paper() == []
        if dark:  # once is enough: it takes a second JupyterLab
            lead_to_a_cell(page, sitter)
        learner.leave(page)


def lead_to_a_cell(page: Page, sitter: Sitter) -> None:
    """A link opens the lesson in a JupyterLab of its own, which scrolls to the cell."""
    with page.expect_popup() as opened:
        path, cell = sitter.follow_a_link()
    tab = opened.value
    tab.wait_for_function(SHOWN, arg=[path, cell])
    tab.screenshot(path=ARTIFACTS / "exam-lab-cell.png")
    tab.close()


def sitter_of(lang: str) -> str:
    """The word between two numbers: "5 of 10"."""
    return {"en": "of", "pt-BR": "de"}[lang]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The page, with a learner's file of its own."""
    record = ExamRecord(Progress(tmp_path / "progress.sqlite"))
    with PageServer(ExamPage(record, lambda: Clock.wall().now)) as server:
        yield server.url


@pytest.mark.parametrize(("lang", "scheme"), [("en", "dark"), ("pt-BR", "light")])
def test_an_exam_on_the_page(app: Browser, served: str, lang: str, scheme: str) -> None:
    context = app.new_context(
        viewport={"width": NARROW, "height": 1000},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=lang,
    )
    context.route(lambda url: not url.startswith(LOOPBACK), lambda route: route.abort())
    context.set_default_timeout(PATIENCE)
    try:
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(f"{served}/{lang}")
        sitter = Sitter(page.locator(".kl-exam"), lang)
        sit_on_the_page(page, sitter, f"{lang}-{scheme}")
        assert wrong == []
    finally:
        context.close()


def test_a_sitting_deleted_elsewhere_is_said_on_the_page(
    app: Browser, served: str, tmp_path: Path
) -> None:
    with fresh_page(app, width=NARROW) as page:
        page.goto(f"{served}/en")
        sitter = Sitter(page.locator(".kl-exam"), "en")
        sitter.begin()
        Progress(tmp_path / "progress.sqlite").delete()
        sitter.press("1")
        expect(sitter.exam.get_by_role("status")).to_contain_text("You can begin anew here")
        expect(sitter.named("begin-mock")).to_be_visible()


def test_a_key_struck_while_a_question_is_on_its_way_is_meant_for_that_one(
    app: Browser, served: str
) -> None:
    """The view of an earlier press, an answer that took its time, does not end the wait."""
    with fresh_page(app, width=NARROW) as page:
        page.goto(f"{served}/en")
        sitter = Sitter(page.locator(".kl-exam"), "en")
        sitter.begin()
        held: list[Route] = []
        holds = True
        page.route("**/wish", lambda route: held.append(route) if holds else route.continue_())
        sitter.press("1")
        expect(sitter.exam.locator(".kl-choice input").first).to_be_checked()
        sitter.press("n")  # waits behind the answer
        wait_for(page, lambda: bool(held))
        held.pop().continue_()
        answered = re.compile("Question 1, answered")
        expect(sitter.named("place-0")).to_have_attribute("aria-label", answered)
        sitter.press("f")
        wait_for(page, lambda: bool(held))
        holds = False
        held.pop().continue_()
        expect(sitter.named("place-1")).to_have_attribute("aria-label", re.compile("flagged"))
        expect(sitter.named("place-0")).not_to_have_attribute("aria-label", re.compile("flagged"))


def wait_for(page: Page, ready: Callable[[], bool]) -> None:
    """Let the page go on until something has come to us."""
    while not ready():
        page.evaluate("0")


def sit_on_the_page(page: Page, sitter: Sitter, name: str) -> None:
    sitter.named("what").wait_for()
    assert sitter.faults() == []
    sitter.photograph(f"page-hall-{name}")
    sitter.begin()
    sitter.answer(range(QUESTIONS))
    sitter.press("f", "p")
    expect(sitter.named("place-8")).to_have_attribute("aria-current", "step")  # it is kept now
    assert sitter.faults() == []
    sitter.photograph(f"page-question-{name}")
    page.reload()
    expect(sitter.named("place-8")).to_have_attribute("aria-current", "step")
    assert sitter.exam.get_by_role("timer").is_hidden(), "the time is quiet until it is asked for"
    sitter.named("stem").focus()
    sitter.press("t")
    expect(sitter.exam.get_by_role("status")).to_contain_text("minut")
    sitter.finish()
    sitter.see_a_proof()
    assert sitter.faults() == []
    sitter.photograph(f"page-report-{name}")
    with page.expect_popup() as opened:
        _, cell = sitter.follow_a_link()
    read_the_lesson(opened.value, cell, name)


def read_the_lesson(page: Page, cell: str, name: str) -> None:
    """The lesson's page begins at the cell, and axe-core finds nothing serious in it."""
    expect(page.locator(f'[id="cell-id={cell}"]')).to_be_in_viewport()
    page.screenshot(path=ARTIFACTS / f"exam-lesson-{name}.png")
    assert faults_of(page, ".kl-lesson") == []
    page.close()
