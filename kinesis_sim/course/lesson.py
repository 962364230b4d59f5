"""The lesson as a notebook sees it: ``Lesson("producers")``, then predict, reveal, check, quiz."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kinesis_sim.clock import Clock
from kinesis_sim.course.checks import check_of, explained, is_untouched, verdict_on, written
from kinesis_sim.course.feedback import Feedback
from kinesis_sim.course.instants import show_instants
from kinesis_sim.course.predictions import Actual, Prediction, compared, plain
from kinesis_sim.course.progress import Checked, Progress, own_progress
from kinesis_sim.course.words import CourseWords, known_language
from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.words import Filling, speak

if TYPE_CHECKING:
    from kinesis_sim.course.ending import Ending
    from kinesis_sim.course.outline import Outline
    from kinesis_sim.course.widgets.journey import JourneyWidget
    from kinesis_sim.course.widgets.predict import PredictWidget
    from kinesis_sim.course.widgets.quiz import QuizWidget
    from kinesis_sim.simulator import Simulator
    from kinesis_sim.workloads.events.arrival import Arrival

SLUG = re.compile(r"[a-z][a-z0-9_]{0,59}")
Choices = Mapping[str, str] | Iterable[str]


def _today() -> int:
    """The learner's own clock, epoch ms: when something was done, not when in the simulation."""
    return Clock.wall().now


class Lesson:
    """One lesson in one language; what the learner predicts, solves and answers is kept.

    slug: the lesson's name, e.g. "producers". progress: where it is kept; the learner's own file
    unless given. today: who tells the learner's time in epoch ms. UsageError when there is no such
    language, or the slug is none.
    """

    def __init__(
        self,
        slug: str,
        *,
        lang: str = "en",
        progress: Progress | None = None,
        today: Callable[[], int] = _today,
    ) -> None:
        if not SLUG.fullmatch(slug):
            raise UsageError(f'A lesson goes by its name, e.g. Lesson("producers"), not {slug!r}.')
        self.slug = slug
        self.lang = known_language(lang)
        speak(lang)
        show_instants()
        self.predictions: dict[str, Prediction] = {}
        self.checks: dict[str, bool] = {}
        self.progress = own_progress() if progress is None else progress
        self._today = today
        self._outcomes: dict[str, list[str]] = {}
        self._ending: Ending | None = None
        self._ui = CourseWords("ui", lang)
        self._texts = CourseWords(slug, lang)

    def __repr__(self) -> str:
        return f'Lesson("{self.slug}", lang="{self.lang}")'

    def predict(
        self,
        name: str,
        question: str,
        *,
        choices: Choices | None = None,
        number: bool = False,
        unit: str = "",
    ) -> "PredictWidget":
        """Ask ``question`` before the cell that answers it; never blocks.

        choices: id -> text, or texts that are their own ids; or number=True, with an optional unit.
        A guess of an earlier day stands again. MissingPackage when anywidget is not installed.
        """
        if bool(choices) == number:
            raise UsageError("predict() takes either choices=… or number=True.")
        prediction = Prediction(name, question, _by_id(choices or ()), unit)
        prediction.restore(self.progress.guess(self.slug, name))
        prediction.on_answer = self._predicted
        if name in self.predictions:  # the cell is run again
            prediction.actual = self.predictions[name].actual
        self.predictions[name] = prediction
        return widgets("predict").PredictWidget(prediction, self._ui)  # type: ignore[no-any-return]

    def _predicted(self, prediction: Prediction) -> None:
        assert prediction.guess is not None
        self.progress.predict(self.slug, prediction.id, prediction.guess, self._today())
        self._count_again()

    def reveal(self, name: str, actual: Actual, *, within: float = 0, **values: object) -> Feedback:
        """Compare what happened (a number, or the id of a choice) with the prediction ``name``.

        Why it happens, and what leads people to a wrong choice, stand in the lesson's text file,
        not in the code above: ``[reveal.name.because]``, ``[reveal.name.if_guessed.<id>]``; values
        fill them. within: how far off a number may be and still be called close, in the
        prediction's own unit.
        """
        if name not in self.predictions:
            raise UsageError(f"Run the cell that asks for the prediction {name!r} first.")
        prediction = self.predictions[name]
        if prediction.choices and actual not in prediction.choices:
            known = ", ".join(prediction.choices)
            raise UsageError(f"{actual!r} is not among the choices of {name!r}: {known}.")
        prediction.actual = actual if isinstance(actual, str) else plain(actual)
        said = {key: written(value, self._texts) for key, value in values.items()}
        because = self._texts.say(f"reveal.{name}.because", **said)
        mistakes = self._texts.under(f"reveal.{name}.if_guessed")
        return compared(prediction, self._ui, because, mistakes, within)

    def tell(self, text: str, **values: object) -> None:
        """Print what was found in a sentence: ``text`` with its ``{placeholders}`` filled.

        Numbers are written as the language writes them, ``{cost:.2f}`` as 0.33 or 0,33; a truth is
        a yes or a no.
        """
        answers = {True: self._ui.say("yes"), False: self._ui.say("no")}
        said = {
            name: answers[value] if isinstance(value, bool) else value
            for name, value in values.items()
        }
        sys.stdout.write(Filling(self.lang).format(text, **said) + "\n")

    def check(self, exercise: str, *given: object) -> Feedback:
        """Look at what the learner hands in: passed or not yet, why, the next hint.

        A further hint comes only with another outcome: a cell left untouched, or run again without
        a change, is no try.
        """
        before = self.progress.checked(self.slug, exercise)
        verdict = verdict_on(check_of(self.slug, exercise), given)
        self.checks[exercise] = verdict.ok
        outcomes = self._outcomes.setdefault(exercise, [])
        same = bool(outcomes) and outcomes[-1] == verdict.outcome
        tries = before.tries
        if not is_untouched(given) and verdict.outcome not in outcomes:
            outcomes.append(verdict.outcome)
            tries += 1
        self.progress.check(
            self.slug, exercise, Checked(verdict.ok, tries, min(tries, 3)), self._today()
        )
        self._count_again()
        return explained(
            exercise,
            verdict,
            max(tries, 1),
            self._texts,
            self._ui,
            again=same,
            passed_before=before.passed,
        )

    def quiz(self) -> "QuizWidget":
        """The lesson's questions; their key stays in the kernel until a question is answered.

        Answers of an earlier run stand again. MissingPackage when anywidget is not installed.
        """
        from kinesis_sim.course.bank import items_of

        return widgets("quiz").QuizWidget(  # type: ignore[no-any-return]
            items_of(self.slug),
            self.slug,
            self.lang,
            kept=self.progress.answers(self.slug),
            on_answer=self._answered,
        )

    def _answered(self, item: str, answer: object, right: bool) -> None:
        self.progress.answer(self.slug, item, answer, right, self._today())
        self._count_again()

    def end(self) -> "Ending":
        """What was learned, how it went, and the next lesson as a link.

        Where it stands in a notebook it counts what is done after it, too.
        """
        from kinesis_sim.course.ending import Ending

        learned = tuple(self._texts.list("end.learned"))
        self._ending = Ending(self.slug, self.lang, self.progress, learned)
        return self._ending

    def _count_again(self) -> None:
        """Bring the end of the lesson up to date where a notebook shows it already."""
        if self._ending is not None:
            self._ending.renew()

    def journey(self, sim: "Simulator", stream: str, event: "Arrival") -> "JourneyWidget":
        """One event's way through the services, step by step, with real calls where they exist.

        UsageError when ``sim`` has no such stream; MissingPackage when anywidget is not installed.
        """
        from kinesis_sim.course.journey import Journey

        words = CourseWords("journey", self.lang)
        way = Journey(sim, stream, event, words)
        return widgets("journey").JourneyWidget(way, stream, words)  # type: ignore[no-any-return]

    def outline(self) -> "Outline":
        """Every lesson of the course, with its one idea, its time, and whether it exists yet."""
        from kinesis_sim.course.outline import Outline

        return Outline(self.lang, self.progress)

    def require_all_checks_passed(self) -> None:
        """Raise UsageError unless every check of the notebook has passed.

        CI runs it on the solutions.
        """
        failed = [exercise for exercise, ok in self.checks.items() if not ok]
        if failed:
            raise UsageError(f"Not passed: {', '.join(failed)}.")


def _by_id(choices: Choices) -> dict[str, str]:
    if isinstance(choices, Mapping):
        return dict(choices)
    return {text: text for text in choices}


def widgets(name: str) -> Any:
    """The module ``kinesis_sim.course.widgets.<name>``; MissingPackage when anywidget is absent."""
    return needing_widgets(f"kinesis_sim.course.widgets.{name}")


def needing_widgets(module: str) -> Any:
    """A module that holds a widget; MissingPackage when anywidget is absent."""
    from importlib import import_module

    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in {"anywidget", "traitlets", "ipywidgets"}:
            raise
        raise MissingPackage('Widgets need anywidget: pip install "kinesis-lab[lab]"') from error
