"""A picture as a widget: its page in the browser, and wishes that come back.

A subclass says how its page is made and what it does with a wish; script, style sheet, slider,
legend, controls and the picture for places without a kernel are the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import traitlets

from kinesis_sim.show.kit import looks
from kinesis_sim.show.kit.page import Control, Page, figure
from kinesis_sim.show.kit.settings import Settings
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.widget import CourseWidget, script, style
from kinesis_sim.show.kit.words import Words

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

SCRIPT = Path(__file__).with_name("desk.js")
SCENE = Path(__file__).with_name("scene.js")
Mix = TypeVar("Mix", bound=Settings)


class Desk(CourseWidget):
    """A page that follows what it shows.

    After every notebook cell it is made anew if that changed anything; elsewhere ``refresh()``
    does. A subclass has its words before it begins, and its simulator or a ``_state`` of its own.
    """

    _esm = script(SCENE, SCRIPT)
    _css = style(SCRIPT) + looks.css()

    page = traitlets.Dict().tag(sync=True)
    reply = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)

    _words: Words
    _sim: Simulator

    def __init__(self, name: str) -> None:
        """name: of the picture, for styles and tests."""
        self._kit = Words("kit", self._words.lang)
        super().__init__(name=name)
        self.refresh()
        self._follows(self._follow)

    def refresh(self) -> None:
        """Show everything as it is now."""
        self._page = self._made()
        self._seen = self._state()
        self.page = self._page.rows(self._kit)

    def _made(self) -> Page:
        """The page as it is now."""
        raise NotImplementedError

    def _state(self) -> object:
        """What the page is made of: when that is another, there is something new to show."""
        return self._sim.clock.now

    def _button(self, name: str, kind: str, key: str, **more: Any) -> Control:
        """A button that wishes for a ``kind`` with its name as ``key``."""
        return Control(name, self._words.say(f"control.{name}"), {"kind": kind, key: name}, **more)

    def _steps(self, steps: Iterable[str], apart: str = "") -> list[Control]:
        """Buttons that move the clock, where it can be moved."""
        manual = self._sim.clock.is_manual
        return [
            self._button(step, "advance", "step", enabled=manual, apart=step == apart)
            for step in steps
        ]

    def summary(self) -> str:
        """What the picture shows, in one text."""
        return self._page.summary

    def _called(self, client: Any, operation: str, **params: Any) -> bool:
        """Whether an operation was done, called as a learner would; what AWS refuses is told."""
        from botocore import xform_name
        from botocore.exceptions import ClientError

        try:
            getattr(client, xform_name(operation))(**params)
        except ClientError as error:
            told = error.response["Error"]
            said = {"code": told["Code"], "message": told["Message"]}
            self.reply = self._words.say("reply.refused", operation=operation, **said)
            return False
        return True

    def _follow(self, *_: object) -> None:
        if self._seen != self._state():
            self.refresh()

    def drawn(self) -> Sheet:
        """What it shows now, for places without a kernel: GitHub shows it."""
        return figure(self._page, self._kit)


class Mixer(Desk, Generic[Mix]):
    """A page to play with: what its controls are set to is played anew, in a simulator of its own.

    Its page says what to read meanwhile (``busy``).
    """

    def __init__(self, name: str, mix: Mix) -> None:
        self.mix = mix
        super().__init__(name)

    def play(self, mix: Mix) -> None:
        """Play a mix and show what it did."""
        self.mix = mix
        self.refresh()

    def _state(self) -> object:
        return self.mix

    def _controls(self, said: Callable[[str, Any], str]) -> list[Control]:
        """A control for each setting, its steps in words (``said``); numbers slide."""
        return [
            Control(
                name, self._words.say(f"control.{name}"), {"kind": "mix"},
                value=self.mix.places[name], steps=[said(name, step) for step in steps],
                choice=isinstance(steps[0], str),
            )
            for name, steps in self.mix.steps.items()
        ]  # fmt: skip

    def _wished(self, wish: Any) -> None:
        """Play what the controls ask for; anything that is no mix is not heard."""
        if (mix := type(self.mix).wished(wish)) is not None:
            self.play(mix)
