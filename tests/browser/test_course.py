"""The course's own controls in JupyterLab, by keyboard alone, in both themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.jupyterlab import THEME, Lab, Notebook, fresh_page, put_on

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser
PLAYGROUND = "playground.ipynb"


@pytest.fixture(scope="module")
def room(app: Browser) -> Iterator[Page]:
    """One page for all these tests: JupyterLab is loaded once."""
    with fresh_page(app) as page:
        yield page


@pytest.fixture
def untouched(light: Lab, room: Page) -> Iterator[Notebook]:
    """The notebook as it comes, with a kernel of its own."""
    yield light.open(room, PLAYGROUND)
    light.leave(room)


@pytest.fixture
def notebook(untouched: Notebook) -> Notebook:
    """The notebook, all of it run."""
    untouched.run_all()
    return untouched


def question(notebook: Notebook, kind: str) -> Locator:
    return notebook.panel.locator(".kl-question", has_text=f"A {kind} question?")


def press(notebook: Notebook, *keys: str) -> None:
    for key in keys:
        notebook.page.keyboard.press(key)


def test_a_prediction_is_made_by_keyboard_and_compared(untouched: Notebook) -> None:
    notebook = untouched
    notebook.run("import playground")
    form = notebook.run("playground.predict").locator(".kl-predict")
    form.get_by_role("button").click()
    form.get_by_text("Choose one of the answers first.").wait_for()
    form.get_by_role("radio", name="On one shard").focus()
    press(notebook, "ArrowDown", "Enter")
    form.get_by_text("Your prediction is kept: “On any shard”.").wait_for()
    press(notebook, "Shift+Enter")  # the next cell has the focus
    notebook.panel.get_by_text("That would be round robin.").wait_for()
    form.get_by_role("radio").first.focus()
    press(notebook, "Escape")
    expect(notebook.cell("playground.predict")).to_be_focused()
    notebook.photograph("predict", notebook.panel.locator(".jp-Notebook"))


def test_every_kind_of_question_is_answered_by_keyboard(notebook: Notebook) -> None:
    down = "ArrowDown"
    keys: dict[str, tuple[str, ...]] = {
        "single": ("Space", down, "Enter"),
        "multi": ("Space", "Tab", "Tab", "Space", "Enter"),
        "order": (down, down, down, "Tab", down, "Tab", down, down, "Tab", "Enter"),
        "match": (down, "Tab", down, down, "Tab", down, down, down, "Tab", "Enter"),
        "numeric": ("1", "0", "0", "0", "Enter"),
    }
    for kind, strokes in keys.items():
        asked = question(notebook, kind)
        asked.locator("input, select").first.focus()
        press(notebook, *strokes)
        asked.get_by_text("Right.").wait_for()
        expect(asked.get_by_role("status")).to_be_focused()
    notebook.panel.get_by_text("5 right of 5 answered, 5 in all.").wait_for()
    notebook.photograph("quiz-right", notebook.panel.locator(".kl-quiz"))


def test_a_wrong_answer_is_marked_in_words_and_cannot_be_changed(notebook: Notebook) -> None:
    asked = question(notebook, "single")
    assert "This is why" not in notebook.page.content(), (
        "the key stays in the kernel until an answer"
    )
    asked.get_by_role("radio", name="Option red").check()
    asked.get_by_role("button").click()
    asked.get_by_text("Not quite. The right answer: Option green.").wait_for()
    expect(asked.get_by_text("your answer", exact=True)).to_have_count(1)
    expect(asked.get_by_text("right", exact=True)).to_have_count(1)
    expect(asked.locator("input:enabled")).to_have_count(0)
    expect(asked.get_by_role("button", name="Check my answer")).to_have_count(0)
    assert "This is why" not in question(notebook, "multi").inner_html()


def test_controls_are_named_for_those_who_listen(notebook: Notebook) -> None:
    group = notebook.panel.get_by_role("group", name="Where does the record land?")
    expect(group.get_by_role("radio")).to_have_count(3)
    quiz = notebook.panel.get_by_role("region", name=re.compile("Quiz of lesson"))
    two = quiz.get_by_role("group", name="Select TWO.")
    expect(quiz.get_by_role("group")).to_have_count(5)
    expect(two.get_by_role("checkbox")).to_have_count(3)
    expect(quiz.get_by_role("combobox", name="Place 1")).to_have_count(1)
    expect(quiz.get_by_role("combobox", name="Prompt z")).to_have_count(1)
    expect(quiz.get_by_role("spinbutton", name="Your number")).to_have_count(1)


def test_the_course_is_readable_in_the_light_and_in_the_dark(notebook: Notebook) -> None:
    page = notebook.page
    assert page.locator("body").get_attribute(THEME) == "true"
    answer_wrong(notebook)
    assert faint(page) == {}
    put_on(page, "dark")
    notebook.photograph("quiz-dark", notebook.panel.locator(".kl-quiz"))
    assert faint(page) == {}
    put_on(page, "light")


def answer_wrong(notebook: Notebook) -> None:
    """Show every tone: a wrong answer, a right one, and a blank one."""
    question(notebook, "single").get_by_role("radio", name="Option red").check()
    question(notebook, "numeric").get_by_role("spinbutton").fill("1000")
    for kind, tone in (("single", "bad"), ("numeric", "good"), ("order", "wait")):
        asked = question(notebook, kind)
        asked.get_by_role("button").click()
        # What it says moves the next question down: a click meanwhile may miss its button.
        expect(asked.get_by_role("status")).to_have_attribute("data-tone", tone)


def faint(page: Page) -> dict[str, float]:
    """Texts of the widgets with a contrast under 4.5 (WCAG 2 AA), or smaller than 11 px."""
    found: dict[str, float] = page.evaluate(FAINT)
    return found


FAINT = """() => {
  const curve = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const rgba = (css) => css.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => curve(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = rgba(getComputedStyle(document.querySelector(".jp-NotebookPanel")).backgroundColor);
  const over = ([r, g, b, a = 1]) => [r, g, b].map((v, i) => v * a + paper[i] * (1 - a));
  const found = {};
  for (const node of document.querySelectorAll(".kinesis-lab *")) {
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())) continue;
    const style = getComputedStyle(node);
    const [ink, back] = [light(over(rgba(style.color))), light(paper)];
    const ratio = (Math.max(ink, back) + 0.05) / (Math.min(ink, back) + 0.05);
    const name = `${node.tagName}.${node.className}`;
    if (ratio < 4.5) found[name] = ratio;
    if (parseFloat(style.fontSize) < 11) found[`${name} in px`] = parseFloat(style.fontSize);
  }
  return found;
}"""
