"""A picture as a widget: its page in the browser, and wishes that come back.

A subclass says how its page is made and what it does with a wish; script, style sheet, slider,
legend, controls and the picture for places without a kernel are the same for all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets

from kinesis_sim.show.kit import looks
from kinesis_sim.show.kit.page import Page, figure
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.widget import CourseWidget, after_every_cell, script, style
from kinesis_sim.show.kit.words import Words

SCRIPT = Path(__file__).with_name("desk.js")
SCENE = Path(__file__).with_name("scene.js")


class Desk(CourseWidget):
    """A page that follows what it shows.

    After every notebook cell it is made anew if that changed anything; elsewhere ``refresh()``
    does. ``refresh()`` must be called once at the beginning.
    """

    _esm = script(SCENE, SCRIPT)
    _css = style(SCRIPT) + looks.css()

    page = traitlets.Dict().tag(sync=True)
    reply = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)

    def __init__(self, name: str, lang: str) -> None:
        """name: of the picture, for styles and tests."""
        self._kit = Words("kit", lang)
        self._forget: Callable[[], None] = lambda: None  # it may be closed before it is whole
        super().__init__(name=name)
        self.refresh()
        self.on_msg(lambda _, wish, __: self._wished(wish))
        self._forget = after_every_cell(self._follow)

    def refresh(self) -> None:
        """Show everything as it is now."""
        self._page = self._made()
        self.page = self._page.rows(self._kit)

    def _made(self) -> Page:
        """The page as it is now."""
        raise NotImplementedError

    def _wished(self, wish: Any) -> None:
        """Do what a control asks for; what is no wish is not heard."""

    def _changed(self) -> bool:
        """Whether there is anything new to show."""
        return True

    def summary(self) -> str:
        """What the picture shows, in one text."""
        return self._page.summary

    def close(self) -> None:
        """End the widget: it follows nothing any longer."""
        if hasattr(self, "_forget"):
            self._forget()
        super().close()

    def _follow(self, *_: object) -> None:
        if self._changed():
            self.refresh()

    def drawn(self) -> Sheet:
        """What it shows now, for places without a kernel: GitHub shows it."""
        return figure(self._page, self._kit)
