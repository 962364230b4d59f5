"""A quiz without its face: which questions, which answers so far, what is said after each."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from kinesis_sim.course.item import Item
from kinesis_sim.course.marking import Answer, answer_to, is_right
from kinesis_sim.course.outline import entry_of
from kinesis_sim.course.telling import Teller
from kinesis_sim.errors import UsageError


class Quiz:
    """The items of a lesson and the learner's first answer to each; a second one does not count.

    kept: answers of an earlier day, as they were sent. on_answer: told every new answer (item id,
    answer as sent, whether it is right).
    """

    def __init__(
        self,
        items: Iterable[Item],
        lesson: str,
        lang: str,
        kept: Mapping[str, Any] | None = None,
        on_answer: Callable[[str, Any, bool], None] | None = None,
    ) -> None:
        self.items = {item.id: item for item in items}
        self.lesson = lesson
        self.lang = lang
        self._tell = Teller(lang)
        self.words = self._tell.words
        self.answers: dict[str, Answer] = {}
        self._on_answer = on_answer
        for item_id, raw in (kept or {}).items():
            self._restore(item_id, raw)

    def _restore(self, item_id: str, raw: Any) -> None:
        """Take a kept answer again; one that the question no longer knows is forgotten."""
        with suppress(UsageError):
            if (
                item_id in self.items
                and (answer := answer_to(self.items[item_id], raw)) is not None
            ):
                self.answers[item_id] = answer

    @property
    def right(self) -> int:
        """How many answers so far are right."""
        return sum(is_right(self.items[key], answer) for key, answer in self.answers.items())

    def submit(self, item_id: str, raw: Any) -> None:
        """Keep an answer; UsageError when it is impossible.

        Blank and second answers change nothing.
        """
        item = self.items[item_id]
        answer = answer_to(item, raw)
        if answer is None or item_id in self.answers:
            return
        self.answers[item_id] = answer
        if self._on_answer is not None:
            self._on_answer(item_id, raw, is_right(item, answer))

    def score(self) -> str:
        """The score so far, in words."""
        answered, total = len(self.answers), len(self.items)
        return self.words.say("quiz.score", right=self.right, answered=answered, total=total)

    def title(self) -> str:
        """The quiz's heading."""
        return self.words.say("quiz.titled", lesson=entry_of(self.lesson).number)

    def questions(self) -> list[dict[str, Any]]:
        """What the browser may know before an answer: everything but key and explanations."""
        total = len(self.items)
        return [
            self._tell.question(item, n, total) for n, item in enumerate(self.items.values(), 1)
        ]

    def results(self) -> dict[str, dict[str, Any]]:
        """What the browser may know of the items that have been answered."""
        return {key: self._tell.result(self.items[key], said) for key, said in self.answers.items()}

    def proved(self, item_id: str) -> str:
        """Run an answered item's proof: its code and what the simulator says, as HTML."""
        return self._tell.proved(self.items[item_id]) if item_id in self.answers else ""
