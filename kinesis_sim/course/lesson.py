"""The lesson as a notebook sees it: ``lesson = Lesson("02", lang="en")``, then predict, reveal,
check, quiz."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kinesis_sim.course.checks import check_of, explained, verdict_on
from kinesis_sim.course.feedback import Feedback
from kinesis_sim.course.predictions import Answer, Prediction, compared
from kinesis_sim.course.words import Words, known_language
from kinesis_sim.errors import MissingPackage, UsageError

if TYPE_CHECKING:
    from kinesis_sim.course.outline import Outline
    from kinesis_sim.course.widgets.journey import JourneyWidget
    from kinesis_sim.course.widgets.predict import PredictWidget
    from kinesis_sim.course.widgets.quiz import QuizWidget
    from kinesis_sim.simulator import Simulator
    from kinesis_sim.workloads.events.arrival import Arrival

NUMBER = re.compile(r"\d\d")
Choices = Mapping[str, str] | Iterable[str]


class Lesson:
    """One lesson in one language. What the learner predicts, solves and answers is kept in the
    kernel.

    ``number`` is the lesson's two digits. UsageError when there is no such language or number.
    """

    def __init__(self, number: str, *, lang: str = "en") -> None:
        if not NUMBER.fullmatch(number):
            raise UsageError(f'A lesson is named by two digits, e.g. Lesson("02"), not {number!r}.')
        self.number = number
        self.lang = known_language(lang)
        self.predictions: dict[str, Prediction] = {}
        self.checks: dict[str, bool] = {}
        self._tries: dict[str, int] = {}
        self._ui = Words("ui", lang)
        self._texts = Words(number, lang)

    def __repr__(self) -> str:
        return f'Lesson("{self.number}", lang="{self.lang}")'

    def predict(
        self,
        name: str,
        question: str,
        *,
        choices: Choices | None = None,
        number: bool = False,
        unit: str = "",
    ) -> "PredictWidget":
        """Ask ``question`` before the cell that answers it; give ``choices`` (id -> text, or texts
        that are their own ids) or ``number=True`` (with an optional ``unit``). Never blocks.

        MissingPackage when anywidget is not installed.
        """
        if bool(choices) == number:
            raise UsageError("predict() takes either choices=… or number=True.")
        options = _by_id(choices or ())
        prediction = Prediction(name, question, options, unit)
        if name in self.predictions:  # the cell is run again: the answer stands
            prediction.guess = self.predictions[name].guess
        self.predictions[name] = prediction
        return widgets("predict").PredictWidget(prediction, self._ui)  # type: ignore[no-any-return]

    def reveal(
        self,
        name: str,
        actual: Answer,
        *,
        because: str,
        if_guessed: Mapping[str, str] | None = None,
        within: float = 0,
    ) -> Feedback:
        """Compare what happened (a number, or the id of a choice) with the prediction ``name``.

        because: why it happens. if_guessed: for a wrong choice (id -> text), what leads people to
        it. within: how far off a number may be and still be called close, in the prediction's own
        unit.
        """
        if name not in self.predictions:
            raise UsageError(f"Run the cell that asks for the prediction {name!r} first.")
        prediction = self.predictions[name]
        if prediction.choices and actual not in prediction.choices:
            known = ", ".join(prediction.choices)
            raise UsageError(f"{actual!r} is not among the choices of {name!r}: {known}.")
        prediction.actual = actual
        return compared(prediction, self._ui, because, if_guessed or {}, within)

    def check(self, exercise: str, *given: object) -> Feedback:
        """Look at what the learner hands in for ``exercise``: passed or not yet, why, the next
        hint.

        A further hint comes only with a further try, and a cell left untouched is no try.
        """
        verdict = verdict_on(check_of(self.number, exercise), given)
        self.checks[exercise] = verdict.ok
        if verdict.reason != "untouched":
            self._tries[exercise] = self._tries.get(exercise, 0) + 1
        tries = max(self._tries.get(exercise, 0), 1)
        return explained(exercise, verdict, tries, self._texts, self._ui)

    def quiz(self) -> "QuizWidget":
        """The lesson's questions; their key stays in the kernel until a question is answered.

        MissingPackage when anywidget is not installed.
        """
        from kinesis_sim.course.bank import items_of

        return widgets("quiz").QuizWidget(items_of(self.number), self.number, self.lang)  # type: ignore[no-any-return]

    def journey(self, sim: "Simulator", stream: str, event: "Arrival") -> "JourneyWidget":
        """One event's way through the services, step by step, with real calls where they exist.

        UsageError when ``sim`` has no such stream; MissingPackage when anywidget is not installed.
        """
        from kinesis_sim.course.journey import Journey

        words = Words("journey", self.lang)
        way = Journey(sim, stream, event, words)
        return widgets("journey").JourneyWidget(way, stream, words)  # type: ignore[no-any-return]

    def outline(self) -> "Outline":
        """Every lesson of the course, with its one idea, its time, and whether it exists yet."""
        from kinesis_sim.course.outline import Outline

        return Outline(self.lang)

    def require_all_checks_passed(self) -> None:
        """Raise UsageError unless every check of the notebook has passed: CI runs it on the
        solutions."""
        failed = [exercise for exercise, ok in self.checks.items() if not ok]
        if failed:
            raise UsageError(f"Not passed: {', '.join(failed)}.")


def _by_id(choices: Choices) -> dict[str, str]:
    if isinstance(choices, Mapping):
        return dict(choices)
    return {text: text for text in choices}


def widgets(name: str) -> Any:
    """The module ``kinesis_sim.course.widgets.<name>``; MissingPackage when anywidget is absent."""
    from importlib import import_module

    try:
        return import_module(f"kinesis_sim.course.widgets.{name}")
    except ModuleNotFoundError as error:
        if error.name not in {"anywidget", "traitlets", "ipywidgets"}:
            raise
        raise MissingPackage('Widgets need anywidget: pip install "kinesis-lab[lab]"') from error
