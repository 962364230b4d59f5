"""Every picture on narrow paper, in both languages, by day and by night.

Letters of 11 px at least, no text over another or over its picture's edge, nothing cut, what
scrolls in reach of the keyboard, headings in order, and nothing that axe-core finds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from kinesis_sim.show.kit.words import LANGUAGES
from tests.browser.jupyterlab import ARTIFACTS
from tests.browser.pictures import PICTURES
from tests.browser.widget_page import WidgetPage, blank

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
WIDTHS = (800, 480)
SMALLEST = 11  # px
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],  # of what passes, one node a rule is told: it is not read
}
LESSON = """lang => {
  document.documentElement.lang = lang;
  document.title = "A lesson";
  const parts = ["h1", "h2"].map((tag) => Object.assign(document.createElement(tag), { textContent: tag }));
  const main = document.createElement("main");
  main.append(...parts, ...document.body.childNodes);
  main.style.color = "var(--jp-ui-font-color0)";
  document.body.append(main);
}"""  # noqa: E501
"""Puts the picture under the headings of a document."""
FAULTS = """
([smallest, width]) => {
  const root = document.querySelector(".kinesis-lab");
  const nodes = [...root.querySelectorAll("*")];
  const styles = new Map(nodes.map((node) => [node, getComputedStyle(node)]));
  const shown = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const cuts = (node) => styles.has(node) && node.tagName !== "svg" && styles.get(node).overflowX !== "visible";

  // What a frame that scrolls shows of a box; nothing of what has been scrolled away.
  function visible({ left, top, right, bottom }, node) {
    for (let each = node.parentElement; root.contains(each); each = each.parentElement) {
      if (!cuts(each)) continue;
      const frame = each.getBoundingClientRect();
      [left, top] = [Math.max(left, frame.left), Math.max(top, frame.top)];
      [right, bottom] = [Math.min(right, frame.right), Math.min(bottom, frame.bottom)];
    }
    return { left, top, right, bottom };
  }
  function lines(node) {
    const words = [...node.childNodes].filter((one) => one.nodeType === 3 && one.data.trim());
    return words.flatMap((one) => {
      const range = document.createRange();
      range.selectNodeContents(one);
      return [...range.getClientRects()].map((box) => {
        const scale = node.ownerSVGElement ? Math.abs(node.getScreenCTM().d) : 1;
        const px = parseFloat(styles.get(node).fontSize) * scale;
        return { said: one.data.trim().slice(0, 40), node, px, box, ...visible(box, node) };
      });
    }).filter(({ left, top, right, bottom }) => right - left > 1 && bottom - top > 1);
  }
  const said = nodes.filter((node) => !["title", "style", "option"].includes(node.tagName))
    .filter(shown).flatMap(lines);

  const meet = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 3;
  const out = ({ node, box }) => {
    const paper = node.ownerSVGElement?.getBoundingClientRect();
    if (!paper) return box.right > width && !node.closest("select, pre");
    return box.left < paper.left - 1 || box.right > paper.right + 1 || box.top < paper.top - 1 || box.bottom > paper.bottom + 1;
  };
  const hidden = ({ node, box }) => {
    if (!node.ownerSVGElement) return false;
    const hit = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    if (!hit || hit === node || !hit.ownerSVGElement || node.contains(hit)) return false;
    const above = node.compareDocumentPosition(hit) & Node.DOCUMENT_POSITION_FOLLOWING;
    return above && hit.tagName === "rect" && !["none", "rgba(0, 0, 0, 0)"].includes(getComputedStyle(hit).fill);
  };
  const wide = (node) => !node.closest("svg") && node.clientWidth > 1 && node.scrollWidth > node.clientWidth + 1;
  const unreached = (node) => {
    const over = styles.get(node).overflowX;
    return wide(node) && !["visible", "clip"].includes(over) && (over === "hidden" || node.tabIndex < 0);
  };
  const faults = {
    small: said.filter(({ px }) => Math.round(100 * px) / 100 < smallest),
    out: said.filter(out),
    covered: said.filter(hidden),
    crossed: said.flatMap((one, place) => said.slice(place + 1).filter((other) => meet(one, other))
      .map((other) => ({ said: `${one.said} × ${other.said}` }))),
  };
  const named = Object.entries(faults).map(([name, rows]) => [name, rows.map((row) => row.said)]);
  const called = (node) => `${node.tagName}.${node.className}`;
  const cut = nodes.filter(unreached).map(called);
  const headings = nodes.filter((node) => /^H[1-6]$/.test(node.tagName) && node.tagName !== "H3");
  const page = document.documentElement.scrollWidth > width ? ["the page"] : [];
  return [said.length, Object.fromEntries([...named, ["cut", [...cut, ...page]],
    ["headings", headings.map((node) => node.textContent)]].filter(([, rows]) => rows.length))];
}
"""  # noqa: E501
"""How many lines are written, and by kind what is wrong with them."""
DRAWN = "() => new Promise((on) => requestAnimationFrame(() => requestAnimationFrame(on)))"


def narrowed(page: Page, width: int) -> None:
    """Show the whole picture at a width, laid out anew."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(DRAWN)
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": tall})
    page.evaluate(DRAWN)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_on_narrow_paper(paper: Page, name: str, lang: str) -> None:
    widget: Any = PICTURES[name](lang)
    ARTIFACTS.mkdir(exist_ok=True)
    with blank(paper, WIDTHS[0], 900) as page:
        WidgetPage(page, widget, dark=lang != "en")
        found = {}
        for width in WIDTHS:
            narrowed(page, width)
            page.screenshot(path=ARTIFACTS / f"small-{name}-{lang}-{width}.png", full_page=True)
            lines, found[width] = page.evaluate(FAULTS, [SMALLEST, width])
            assert lines > 3
        assert [rows for rows in found.values() if rows] == []
        page.evaluate(LESSON, lang)
        told = {
            each["id"]: [node["html"][:120] for node in each["nodes"]]
            for each in Axe().run(page, options=RULES).response["violations"]
        }
        assert told == {}
