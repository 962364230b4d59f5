"""A widget on a bare page: its real script in Chromium, its real Python side in the test.

No kernel, no JupyterLab: what the script sends goes straight to the Python widget, and what that
changes goes straight back. JupyterLab's colours are set as its themes set them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.jupyterlab import SLOWNESS

Kernel = Callable[[dict[str, Any]], dict[str, Any]]
LIGHT: dict[str, str] = {}
DARK = {
    "--jp-ui-font-color0": "rgba(255, 255, 255, 1)",
    "--jp-ui-font-color1": "rgba(255, 255, 255, 0.87)",
    "--jp-layout-color1": "#111111",
    "--jp-layout-color2": "#424242",
    "--jp-border-color1": "#616161",
    "--jp-brand-color1": "#2196f3",
}
"""Of JupyterLab's dark theme; in the light one the widgets' own fallbacks are near enough."""

SHOW = """
async ({ script, style, state, late }) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
  const listeners = new Map();
  const tell = (name) => (listeners.get(name) ?? []).forEach((react) => react());
  const take = (fresh) => {
    const changed = Object.keys(fresh).filter(
      (key) => JSON.stringify(fresh[key]) !== JSON.stringify(state[key]));
    Object.assign(state, fresh);
    changed.forEach((key) => tell(`change:${key}`));
  };
  const later = window.setTimeout; // not of a clock that a test holds
  let dirty = {}; // what was set and not sent yet: the widget protocol sends no more than that
  window.unanswered = 0;
  const ask = async (question) => {
    window.unanswered += 1;
    const answer = await window.kernel(question);
    if (late) await new Promise((over) => later(over, late));
    take(answer);
    window.unanswered -= 1; // after what the answer makes the widget ask
  };
  const model = {
    get: (key) => state[key],
    set(key, value) { dirty[key] = value; take({ [key]: value }); },
    save_changes() { const changes = dirty; dirty = {}; return ask({ state: changes }); },
    send: (content) => ask({ content }),
    on: (name, react) => listeners.set(name, [...(listeners.get(name) ?? []), react]),
    off: (name, react) =>
      listeners.set(name, (listeners.get(name) ?? []).filter((other) => other !== react)),
  };
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  window.take = take;
  window.leave = await widget.render({ model, el: document.getElementById("here") });
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}
"""
"""Draws the widget, and waits until what watches its size has seen it."""
SETTLED = "window.unanswered === 0"
LATE_MS = 50
"""How much later a kernel answers for every time that a page is slower (``SLOWNESS``)."""


SHARED: dict[Page, Kernel | None] = {}
"""Pages that show one widget after the other, with what answers the one shown now."""


@contextmanager
def shared(page: Page) -> Iterator[Page]:
    """Have a page show one widget after the other (``blank``): a name can be exposed once only."""
    SHARED[page] = None
    page.expose_function("kernel", lambda message: (SHARED[page] or silent)(message))
    try:
        yield page
    finally:
        del SHARED[page]


@contextmanager
def blank(page: Page, width: int, height: int) -> Iterator[Page]:
    """A shared page at a size, with nothing on it, for a test that looks and touches no clock.

    A page of its own would cost it two thirds of a second.
    """
    page.set_viewport_size({"width": width, "height": height})
    page.mouse.move(0, 0)
    try:
        yield page
    finally:
        page.goto("about:blank")  # in a window of its own: nothing is left of the one before
        SHARED[page] = None


def silent(message: dict[str, Any]) -> dict[str, Any]:
    """Nobody is there any more."""
    return {}


def expose(page: Page, kernel: Kernel) -> None:
    """Let a page ask the Python side."""
    if page in SHARED:
        SHARED[page] = kernel
    else:
        page.expose_function("kernel", kernel)


class WidgetPage:
    """A page that shows one widget."""

    def __init__(self, page: Page, widget: Any, *, dark: bool = False) -> None:
        self.page, self.widget = page, widget
        colors = "".join(f"{name}:{value};" for name, value in (DARK if dark else LIGHT).items())
        paper = "#111" if dark else "#fff"
        page.set_content(
            f'<body data-jp-theme-light="{str(not dark).lower()}" style="margin:8px;'
            f'background:{paper};{colors}"><div id="here"></div></body>'
        )
        expose(page, self._kernel)
        source = {"script": str(widget._esm), "style": str(widget._css), "state": self.state()}
        page.evaluate(SHOW, source | {"late": LATE_MS * (SLOWNESS - 1)})

    def state(self) -> dict[str, Any]:
        """What the Python side has synced."""
        hidden = ("_", "layout", "tabbable", "tooltip")
        state = self.widget.get_state()
        return {key: value for key, value in state.items() if not key.startswith(hidden)}

    def push(self) -> None:
        """Send what the Python side changed by itself."""
        self.page.evaluate("state => window.take(state)", self.state())

    def settle(self) -> None:
        """Wait until nothing is under way between the script and the Python side."""
        self.page.wait_for_function(SETTLED, polling=20)

    def find(self, selector: str) -> Locator:
        """An element of the widget, once the Python side has answered all it was asked."""
        self.settle()
        return self.page.locator(f"#here {selector}")

    def _kernel(self, message: dict[str, Any]) -> dict[str, Any]:
        """What the Python side changed while it took the message.

        Not what it was told: as in JupyterLab, a page that has moved on since is not pulled back
        by the late echo of what it had said before.
        """
        said = message.get("state", {})
        known = self.state() | said
        if "content" in message:
            self.widget._handle_custom_msg(message["content"], [])
        else:
            self.widget.set_state(said)
        return {key: value for key, value in self.state().items() if value != known[key]}
