"""The booth as a widget for notebooks: the same script as the page, the kernel behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any

import traitlets

from kinesis_sim.clock import Clock
from kinesis_sim.course.feedback import boxed
from kinesis_sim.course.item import Item
from kinesis_sim.course.progress import OutOfReach, Progress, own_progress
from kinesis_sim.course.widgets.quiz import QUESTIONS
from kinesis_sim.exam.booth import Booth
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.show.kit.widget import CourseWidget, script, style

SCRIPT = Path(__file__).with_name("exam.js")


def _today() -> int:
    return Clock.wall().now


class ExamDesk(CourseWidget):
    """Practice and mock exams in a notebook.

    lang: the language. progress: where turns are kept, the learner's own file unless given. bank:
    the questions, the course's unless given. today: who tells the learner's time (epoch ms).
    """

    _esm = script(QUESTIONS, SCRIPT)
    _css = style(QUESTIONS) + SCRIPT.with_suffix(".css").read_text("utf-8")

    view = traitlets.Dict().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        lang: str = "en",
        *,
        progress: Progress | None = None,
        bank: Iterable[Item] | None = None,
        today: Callable[[], int] = _today,
        seed: int | None = None,
    ) -> None:
        record = ExamRecord(own_progress() if progress is None else progress)
        self.booth = Booth(record, lang, bank, seed=seed)
        self._words, self._today = self.booth.words, today
        super().__init__(labels=self.booth.views.labels(), view=self.booth.view(today()))

    def wish(self, **wish: Any) -> None:
        """Do in code what a button does, e.g. ``desk.wish(do="mock", exam="clf", count=10)``."""
        self._do(wish)

    def summary(self) -> str:
        """What it is; the same whatever was answered."""
        return self._words.say("title")

    def static_html(self) -> str:
        """What to show where there is no kernel."""
        say = self._words.say
        parts = [f"<strong>{escape(say('title'))}</strong>"]
        parts += [f"<br>{escape(say(name))}" for name in ("notice", "static")]
        return boxed("".join(parts), "plain")

    def _wished(self, wish: Any) -> None:
        self._do(wish)

    def _do(self, wish: Any) -> None:
        try:
            self.booth.wish(wish, self._today())
            self.view = self.booth.view(self._today())
        except OutOfReach as error:
            said = escape(error.said(self.booth.words.lang), quote=False)
            self.view = {
                **self.view,
                "turn": self.booth.turn,
                "press": self.booth.press,
                "say": said,
                "tone": "bad",
            }
