"""A picture as a widget: its page in the browser, and wishes that come back.

A subclass says how its page is made and what it does with a wish; script, style sheet, slider,
legend, controls and the picture for places without a kernel are the same for all.
"""

from __future__ import annotations

from pathlib import Path

import traitlets

from kinesis_sim.show.kit import looks
from kinesis_sim.show.kit.page import Page, figure
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.widget import CourseWidget, script, style
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
        super().__init__(name=name)
        self.refresh()
        self._follows(self._follow)

    def refresh(self) -> None:
        """Show everything as it is now."""
        self._page = self._made()
        self.page = self._page.rows(self._kit)

    def _made(self) -> Page:
        """The page as it is now."""
        raise NotImplementedError

    def _changed(self) -> bool:
        """Whether there is anything new to show."""
        return True

    def summary(self) -> str:
        """What the picture shows, in one text."""
        return self._page.summary

    def _follow(self, *_: object) -> None:
        if self._changed():
            self.refresh()

    def drawn(self) -> Sheet:
        """What it shows now, for places without a kernel: GitHub shows it."""
        return figure(self._page, self._kit)
