"""Predict, then run: a question, the learner's guess, and how it compares with the run."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite

from kinesis_sim.course.feedback import Feedback
from kinesis_sim.course.words import CourseWords
from kinesis_sim.errors import UsageError

Answer = str | int | float
Actual = Answer | Decimal


@dataclass(slots=True)
class Prediction:
    """A question with ``choices`` (id -> text), or, without them, one that wants a number.

    ``guess`` is the learner's answer (a choice's id or a number), None until there is one.
    """

    id: str
    question: str
    choices: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    guess: Answer | None = None
    actual: Answer | None = None
    on_answer: Callable[["Prediction"], None] | None = None

    @property
    def wants_number(self) -> bool:
        """Whether the answer is a number rather than a choice."""
        return not self.choices

    def answer(self, raw: object) -> None:
        """Keep an answer given in the browser; UsageError when it is no possible answer."""
        self.guess = self._checked(raw)
        if self.on_answer is not None:
            self.on_answer(self)

    def restore(self, raw: object) -> None:
        """Take a kept guess again; one that is no possible answer any more is forgotten."""
        with suppress(UsageError):
            self.guess = None if raw is None else self._checked(raw)

    def _checked(self, raw: object) -> Answer:
        if self.wants_number and isinstance(raw, int | float) and _is_number(raw):
            return int(raw) if raw == int(raw) else raw
        if not self.wants_number and raw in self.choices:
            return str(raw)
        raise UsageError(f"{raw!r} is no answer to the prediction {self.id!r}.")

    def shown(self, answer: Answer | None, words: CourseWords) -> str:
        """``answer`` in a sentence: the text of a choice in quotes, or a number with its unit."""
        if isinstance(answer, int | float):
            return f"{words.number(answer)} {one_of(self.unit, answer, words)}".rstrip()
        return f"“{self.choices.get(str(answer), str(answer)).rstrip('.')}”"

    def outcome(self, within: float) -> str:
        """ "none", "right", "close" (a number at most ``within`` away) or "wrong"."""
        if self.guess is None:
            return "none"
        if self.guess == self.actual:
            return "right"
        return "close" if self._distance() <= within else "wrong"

    def _distance(self) -> float:
        if isinstance(self.guess, str) or isinstance(self.actual, str):
            return float("inf")
        assert self.guess is not None
        assert self.actual is not None
        return abs(self.guess - self.actual)


def plain(number: float | Decimal) -> int | float:
    """A number without a fraction that says nothing: 5 for 5.0."""
    return int(number) if number == int(number) else float(number)


def one_of(unit: str, count: float, words: CourseWords) -> str:
    """A unit as it follows a count: "records", but 1 "record". One without plural stays."""
    units = words.under("unit")
    [name, *_] = [key for key, text in units.items() if text == unit and count == 1] or [""]
    return units.get(name.replace("-many", "-one"), unit)


def _is_number(raw: float) -> bool:
    return not isinstance(raw, bool) and isfinite(raw)


TONES = {"right": "good", "close": "good", "wrong": "wait"}


def compared(
    prediction: Prediction,
    words: CourseWords,
    because: str,
    if_guessed: Mapping[str, str],
    within: float,
) -> Feedback:
    """The guess beside what happened, why it happened, and what leads to that guess.

    Without a guess the answer is folded away: predict first, or ask for it.
    """
    outcome = prediction.outcome(within)
    if outcome == "none":
        actual = words.say("reveal.actual", actual=prediction.shown(prediction.actual, words))
        lines = (words.say("reveal.none"),)
        return Feedback("wait", lines, (actual, because), words.say("reveal.anyway"))
    guess = prediction.shown(prediction.guess, words)
    actual = prediction.shown(prediction.actual, words)
    first = words.say(f"reveal.{outcome}", guess=guess, actual=actual)
    about_guess = if_guessed.get(str(prediction.guess), "") if outcome == "wrong" else ""
    return Feedback(TONES[outcome], tuple(filter(None, (first, about_guess, because))))
