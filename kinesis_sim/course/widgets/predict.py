"""The prediction as a widget: a question in the browser, the answer in the kernel."""

from html import escape
from pathlib import Path
from typing import Any

import traitlets

from kinesis_sim.course.feedback import boxed, inline
from kinesis_sim.course.predictions import Prediction
from kinesis_sim.course.words import CourseWords
from kinesis_sim.show.kit.widget import CourseWidget, script, style

SCRIPT = Path(__file__).with_name("predict.js")


class PredictWidget(CourseWidget):
    """Asks a ``Prediction`` and keeps what the learner answers in it."""

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    question = traitlets.Unicode().tag(sync=True)
    choices: traitlets.List[Any] = traitlets.List().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    guess = traitlets.Any(None, allow_none=True).tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    tone = traitlets.Unicode("plain").tag(sync=True)

    def __init__(self, prediction: Prediction, words: CourseWords) -> None:
        self.prediction = prediction
        self._words = words
        super().__init__(
            question=inline(prediction.question),
            choices=[[key, inline(text)] for key, text in prediction.choices.items()],
            unit=prediction.unit,
            labels=_labels(prediction, words),
            guess=prediction.guess,
        )
        self._say()
        self.observe(self._answered, "guess")

    def summary(self) -> str:
        """The question and its choices, as one text."""
        title, question = self._words.say("predict.title"), self.prediction.question
        return "\n".join([f"{title}: {question}", *(f"- {text}" for text in self._texts())])

    def static_html(self) -> str:
        """The question and its choices, to be read without a kernel."""
        rows = "".join(f"<li>{inline(text)}</li>" for text in self._texts())
        listed = f'<ul style="margin:4px 0">{rows}</ul>' if rows else "<br>"
        title, question = self._words.say("predict.title"), inline(self.prediction.question)
        note = escape(self._words.say("predict.static"))
        return boxed(f"<strong>{title}:</strong> {question}{listed}<em>{note}</em>", "plain")

    def _texts(self) -> list[str]:
        return list(self.prediction.choices.values())

    def _answered(self, change: Any) -> None:
        self.prediction.answer(change.new)
        self._say()

    def _say(self) -> None:
        """Set status and tone in one message, as the browser draws them together."""
        with self.hold_sync():
            self.status, self.tone = self._state()

    def _state(self) -> tuple[str, str]:
        prediction = self.prediction
        if prediction.guess is None:
            return self._words.say("predict.waiting"), "plain"
        key = "predict.kept" if prediction.actual is None else "predict.changed-late"
        guess = prediction.shown(prediction.guess, self._words)
        return inline(self._words.say(key, guess=guess)), "good"


def _labels(prediction: Prediction, words: CourseWords) -> dict[str, str]:
    labels = {name: words.say(f"predict.{name}") for name in ("title", "keep", "number")}
    missing = "need-number" if prediction.wants_number else "need-choice"
    return labels | {"missing": words.say(f"predict.{missing}")}
