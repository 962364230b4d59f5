"""The quiz as a widget: questions in the browser, the key in the kernel."""

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import traitlets

from kinesis_sim.course.feedback import boxed
from kinesis_sim.course.item import Item
from kinesis_sim.course.quiz import Quiz
from kinesis_sim.show.kit.widget import CourseWidget, script, style

SCRIPT = Path(__file__).with_name("quiz.js")
QUESTIONS = Path(__file__).with_name("questions.js")
LABELS = ("answer", "blank", "choose", "place", "number", "twice", "show-me")


class QuizWidget(CourseWidget):
    """Asks the items of a lesson one under the other.

    ``submitted`` comes from the browser (item id -> answer); ``results`` goes there, for answered
    items only. ``asked`` is the item whose proof the learner wants to see; ``proofs`` answers.
    """

    _esm = script(QUESTIONS, SCRIPT)
    _css = style(QUESTIONS)

    title = traitlets.Unicode().tag(sync=True)
    questions: traitlets.List[Any] = traitlets.List().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    submitted = traitlets.Dict().tag(sync=True)
    results = traitlets.Dict().tag(sync=True)
    score = traitlets.Unicode().tag(sync=True)
    asked = traitlets.Unicode().tag(sync=True)
    proofs = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        items: list[Item],
        lesson: str,
        lang: str,
        kept: Mapping[str, Any] | None = None,
        on_answer: Callable[[str, Any, bool], None] | None = None,
    ) -> None:
        self.quiz = Quiz(items, lesson, lang, kept, on_answer)
        self._words = self.quiz.words
        super().__init__(
            title=self.quiz.title(),
            questions=self.quiz.questions(),
            labels={name: self.quiz.words.say(f"quiz.{name}", number="#") for name in LABELS},
        )
        if self.quiz.answers:
            self._tell()
        self.observe(self._answered, "submitted")
        self.observe(self._show, "asked")

    def summary(self) -> str:
        """The title and the number of questions; no keys."""
        return f"{self.title}: {len(self.questions)}"

    def static_html(self) -> str:
        """The questions and options without keys, to be read without a kernel."""
        asked = "".join(f"<li>{_listed(question)}</li>" for question in self.questions)
        note = escape(self.quiz.words.say("quiz.static"))
        body = f"<strong>{escape(self.title)}</strong><ol>{asked}</ol><em>{note}</em>"
        return boxed(body, "plain")

    def _answered(self, change: Any) -> None:
        for item_id, raw in change.new.items():
            self.quiz.submit(item_id, raw)
        self._tell()

    def _tell(self) -> None:
        with self.hold_sync():
            self.score = self.quiz.score()
            self.results = self.quiz.results()

    def _show(self, change: Any) -> None:
        """Run the proof that the learner asks to see."""
        if change.new in self.quiz.answers:
            self.proofs = {**self.proofs, change.new: self.quiz.proved(change.new)}


def _listed(question: dict[str, Any]) -> str:
    rows = "".join(f"<li>{text}</li>" for _, text in (*question["prompts"], *question["options"]))
    options = f'<ul style="margin:2px 0 8px">{rows}</ul>' if rows else ""
    return f"{question['stem']} {question['instruction']}{options}"
