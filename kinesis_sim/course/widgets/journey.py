"""One event's way through the services as a widget.

Steps are taken in the kernel, the picture is drawn in the browser.
"""

from html import escape
from pathlib import Path
from typing import Any

import traitlets

from kinesis_sim.course.feedback import boxed, inline
from kinesis_sim.course.journey import STEPS, Journey, JourneyStep
from kinesis_sim.course.words import CourseWords
from kinesis_sim.show.kit.widget import CourseWidget, script, style

SCRIPT = Path(__file__).with_name("journey.js")


class JourneyWidget(CourseWidget):
    """Takes a ``Journey`` step by step. ``told`` goes to the browser: what each step said."""

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    steps: traitlets.List[Any] = traitlets.List().tag(sync=True)
    told: traitlets.List[Any] = traitlets.List().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)

    def __init__(self, journey: Journey, stream: str, words: CourseWords) -> None:
        self.journey = journey
        self._words = words
        super().__init__(
            steps=[_row(step, words) for step in STEPS], labels=_labels(words) | {"name": stream}
        )

    def summary(self) -> str:
        """The steps, and whether each works here or is a later lesson's."""
        lines = [f"{n}. {title} ({state})" for n, (title, state) in enumerate(self._listed(), 1)]
        return "\n".join([self._words.say("title"), *lines])

    def static_html(self) -> str:
        """The steps as a list, to be read without a kernel."""
        rows = "".join(
            f"<li>{escape(title)} <em>({escape(state)})</em></li>"
            for title, state in self._listed()
        )
        note = escape(self._words.say("static"))
        return boxed(
            f"<strong>{escape(self._words.say('title'))}</strong><ol>{rows}</ol><em>{note}</em>",
            "plain",
        )

    def _listed(self) -> list[tuple[str, str]]:
        return [(self._words.say(f"step.{step.id}"), _state(step, self._words)) for step in STEPS]

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "next"}:
                self.journey.step()
            case {"kind": "again"}:
                self.journey.again()
        self.told = [inline(text) for text in self.journey.told]


def _row(step: JourneyStep, words: CourseWords) -> dict[str, Any]:
    title, state = words.say(f"step.{step.id}"), _state(step, words)
    return {"road": list(step.road), "built": not step.later, "title": title, "state": state}


def _state(step: JourneyStep, words: CourseWords) -> str:
    return words.say("later", lesson=step.lesson) if step.later else words.say("works")


PLACES = (
    *("bike", "app", "stream", "billing", "map", "audit", "firehose", "lake", "flink", "counts"),
    *("camera", "video", "player"),
)


def _labels(words: CourseWords) -> dict[str, str]:
    said = {name: words.say(name) for name in ("title", "next", "again", "waiting")}
    return said | {f"place.{place}": words.say(f"place.{place}") for place in PLACES}
