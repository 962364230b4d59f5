"""Every picture on narrow paper: letters of 11 px at least, nothing cut, what scrolls in reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.jupyterlab import ARTIFACTS, fresh_page
from tests.browser.pictures import PICTURES
from tests.browser.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
SMALLEST = 11  # px
LETTERS = """
node => [...node.querySelectorAll("*")]
  .filter((each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .filter((each) => [...each.childNodes].some((one) => one.nodeType === 3 && one.data.trim()))
  .filter((each) => !["title", "style", "option"].includes(each.tagName))
  .map((each) => {
    const { right } = each.getBoundingClientRect();
    const scale = each.ownerSVGElement ? Math.abs(each.getScreenCTM().d) : 1;
    const frame = each.closest(".kl-frame, select, pre");
    return { said: each.textContent.trim().slice(0, 40), right, inside: frame !== null,
             px: parseFloat(getComputedStyle(each).fontSize) * scale };
  })
"""
"""What is written, how large its letters are on the screen, and where it ends."""
OUT_OF_REACH = """
node => [...node.querySelectorAll("*")]
  .filter((each) => !each.closest("svg") && each.scrollWidth > each.clientWidth + 1)
  .filter((each) => each.clientWidth > 1 && !["visible", "clip"].includes(getComputedStyle(each).overflowX))
  .filter((each) => getComputedStyle(each).overflowX === "hidden" || each.tabIndex < 0)
  .map((each) => `${each.tagName}.${each.className}: ${each.scrollWidth} in ${each.clientWidth}`)
"""  # noqa: E501
"""What is wider than its frame, and is cut, or scrolls without ever having the focus."""

COVERED = """
node => [...node.querySelectorAll("svg text")]
  .filter((each) => each.textContent.trim())
  .filter((each) => {
    const { left, top, width, height } = each.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    if (!hit || hit === each || !hit.ownerSVGElement || each.contains(hit)) return false;
    const above = each.compareDocumentPosition(hit) & Node.DOCUMENT_POSITION_FOLLOWING;
    return above && hit.tagName === "rect" && !["none", "rgba(0, 0, 0, 0)"].includes(getComputedStyle(hit).fill);
  })
  .map((each) => each.textContent)
"""  # noqa: E501
"""Texts of a drawing that a later box hides."""


@pytest.mark.parametrize("width", [800, 480])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_on_narrow_paper(app: Browser, name: str, width: int) -> None:
    lang, dark = ("pt-BR", True) if width == 480 else ("en", False)
    widget: Any = PICTURES[name](lang)
    with fresh_page(app, width, 900) as page:
        shown = WidgetPage(page, widget, dark=dark)
        root = shown.find(".kinesis-lab").first
        letters = root.evaluate(LETTERS)
        tall = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": tall})
        assert root.evaluate(COVERED) == []
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"small-{name}-{width}.png", full_page=True)
        assert letters
        assert [row for row in letters if round(row["px"], 2) < SMALLEST] == []
        out = [row for row in letters if row["right"] > width and not row["inside"]]
        assert out == []
        assert root.evaluate(OUT_OF_REACH) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
