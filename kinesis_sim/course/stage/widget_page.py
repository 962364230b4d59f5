"""A page for one widget: its script, its style, its state, and its wishes.

A wish is what a Jupyter kernel would be sent; the widget hears it as it hears that. At ``/`` is one
widget; at ``/beside`` are two more like it; at ``/teacher`` is the plan of a class hour.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from string import Template
from threading import Lock
from typing import Any, ClassVar

from kinesis_sim.aws.exchange import Reply
from kinesis_sim.course.stage.page import LocalPage, answered, refused
from kinesis_sim.words import Texts

HERE = Path(__file__).parent
UNSENT = ("_", "layout", "tabbable", "tooltip", "comm")
HTML, SCRIPT, STYLE = (f"text/{kind}; charset=utf-8" for kind in ("html", "javascript", "css"))


BESIDE = ("left", "right")


class WidgetPage(LocalPage):
    """The page of a widget, in a language.

    another: makes a further widget like it; without, there is nothing beside. plan: makes the table
    of the teacher's page.
    """

    styles: ClassVar[str] = "'self' 'unsafe-inline'"  # widgets place their marks by style
    frames: ClassVar[str] = "'self'"

    def __init__(
        self,
        widget: Any,
        lang: str,
        *,
        another: Callable[[], Any] | None = None,
        plan: Callable[[], str] | None = None,
    ) -> None:
        super().__init__()
        self._widgets, self._another, self._plan = {"": widget}, another, plan
        self._lock, self._words = Lock(), Texts(HERE / "text.toml", lang)
        self._files = {
            "": (HTML, self._page("page.html")),
            "stage.js": (SCRIPT, (HERE / "stage.js").read_text("utf-8")),
            "beside.js": (SCRIPT, (HERE / "beside.js").read_text("utf-8")),
            "widget.js": (SCRIPT, str(widget._esm)),
            "widget.css": (STYLE, str(widget._css)),
        }

    def file(self, path: str) -> Reply | None:
        """A file of the page, or a widget's state."""
        place, name = _split(path)
        if path == "/beside" and self._another:
            return _sent(HTML, self._page("beside.html"))
        if path == "/teacher" and self._plan:
            return _sent(HTML, self._page("teacher.html", plan=self._plan()))
        if place and not self._another:
            return None
        if name == "state":
            return answered(self.state(place))
        return _sent(*self._files[name]) if name in self._files else None

    def granted(self, wish: Any) -> Reply:
        """Do what the page asks; the state after it. at: of which widget, "" or one of BESIDE."""
        place = wish.get("at", "") if isinstance(wish, dict) else ""
        if place != "" and (place not in BESIDE or not self._another):
            return refused(404, "There is no such widget; the page is at /.")
        with self._lock:
            widget = self._widget(place)
            match wish:
                case {"content": content}:
                    widget._handle_custom_msg(content, [])
                case {"state": {"ping": int(ping)}}:
                    widget.ping = ping
            return answered(_synced(widget))

    def state(self, place: str = "") -> dict[str, Any]:
        """What a kernel would have synced."""
        with self._lock:
            return _synced(self._widget(place))

    def _widget(self, place: str) -> Any:
        if place not in self._widgets:
            assert self._another is not None
            self._widgets[place] = self._another()
        return self._widgets[place]

    def _page(self, name: str, **more: str) -> str:
        page, said = Template((HERE / name).read_text("utf-8")), self._words.under("page")
        return page.substitute(lang=self._words.lang, **said, **more)


def _split(path: str) -> tuple[str, str]:
    """The widget that a path means, "" or one of BESIDE, and what of it."""
    place, slash, name = path.removeprefix("/").partition("/")
    return (place, name) if slash and place in BESIDE else ("", path.removeprefix("/"))


def _sent(kind: str, text: str) -> Reply:
    return Reply(200, text.encode(), kind)


def _synced(widget: Any) -> dict[str, Any]:
    found = widget.get_state()
    return {key: value for key, value in found.items() if not key.startswith(UNSENT)}
