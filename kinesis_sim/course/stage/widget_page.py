"""A page for one widget: its script, its style, its state, and its wishes.

A wish is what a Jupyter kernel would be sent; the widget hears it as it hears that.
"""

from __future__ import annotations

from pathlib import Path
from string import Template
from threading import Lock
from typing import Any, ClassVar

from kinesis_sim.aws.exchange import Reply
from kinesis_sim.course.stage.page import LocalPage, answered

HERE = Path(__file__).parent
UNSENT = ("_", "layout", "tabbable", "tooltip", "comm")
HTML, SCRIPT, STYLE = (f"text/{kind}; charset=utf-8" for kind in ("html", "javascript", "css"))


class WidgetPage(LocalPage):
    """The page of a widget, in a language."""

    styles: ClassVar[str] = "'self' 'unsafe-inline'"  # widgets place their marks by style

    def __init__(self, widget: Any, lang: str) -> None:
        super().__init__()
        self._widget, self._lock = widget, Lock()
        page = Template((HERE / "page.html").read_text("utf-8"))
        self._files = {
            "/": (HTML, page.substitute(lang=lang, title="Kinesis Lab")),
            "/stage.js": (SCRIPT, (HERE / "stage.js").read_text("utf-8")),
            "/widget.js": (SCRIPT, str(widget._esm)),
            "/widget.css": (STYLE, str(widget._css)),
        }

    def file(self, path: str) -> Reply | None:
        """A file of the page, or the widget's state."""
        if path == "/state":
            return answered(self.state())
        if path not in self._files:
            return None
        kind, text = self._files[path]
        return Reply(200, text.encode(), kind)

    def granted(self, wish: Any) -> Reply:
        """Do what the page asks; the state after it."""
        with self._lock:
            match wish:
                case {"content": content}:
                    self._widget._handle_custom_msg(content, [])
                case {"state": {"ping": int(ping)}}:
                    self._widget.ping = ping
            return answered(self._state())

    def state(self) -> dict[str, Any]:
        """What a kernel would have synced."""
        with self._lock:
            return self._state()

    def _state(self) -> dict[str, Any]:
        found = self._widget.get_state()
        return {key: value for key, value in found.items() if not key.startswith(UNSENT)}
