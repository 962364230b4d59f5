"""A quiz without its face: which questions, which answers so far, what is said after each."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from html import escape
from typing import Any

from kinesis_sim.course.bank import proof_text, prove
from kinesis_sim.course.feedback import inline
from kinesis_sim.course.item import Item, Option
from kinesis_sim.course.marking import Answer, answer_to, is_right
from kinesis_sim.course.outline import entry_of
from kinesis_sim.course.words import CourseWords, in_language
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
        self.words = CourseWords("ui", lang)
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
        return [self._question(item, n, total) for n, item in enumerate(self.items.values(), 1)]

    def results(self) -> dict[str, dict[str, Any]]:
        """What the browser may know of the items that have been answered."""
        return {key: self._result(self.items[key], answer) for key, answer in self.answers.items()}

    def text(self, texts: Any) -> str:
        """One of an item's texts in the quiz's language, as HTML."""
        return inline(in_language(texts, self.lang))

    def instruction(self, item: Item) -> str:
        """What a multiple-response or ordering item asks for; the count comes from the key."""
        if item.kind == "multi":
            count = self.words.say(f"quiz.count.{len(item.keys)}")
            return self.words.say("quiz.select-many", count=count)
        return self.words.say("quiz.order") if item.kind == "order" else ""

    def more(self, item: Item) -> str:
        """What to say when an answer names another number of options than the question wants."""
        if item.kind != "multi":
            return ""
        count = self.words.say(f"quiz.count.{len(item.keys)}")
        return self.words.say("quiz.more", count=count)

    def proved(self, item_id: str) -> str:
        """Run an answered item's proof: its code and what the simulator says, as HTML."""
        item = self.items[item_id]
        if item_id not in self.answers or not item.proof:
            return ""
        key = self._key(replace(item, key=prove(item)))
        said = inline(self.words.say("quiz.proved", key=key))
        return f"<pre><code>{escape(proof_text(item))}</code></pre><p>{said}</p>"

    def _question(self, item: Item, number: int, total: int) -> dict[str, Any]:
        return {
            "id": item.id,
            "kind": item.kind,
            "count": len(item.keys),
            "label": self.words.say("quiz.question", number=number, total=total),
            "stem": self.text(item.stem),
            "instruction": self.instruction(item),
            "options": [[option.id, self.text(option.text)] for option in item.options],
            "prompts": [[prompt.id, self.text(prompt.text)] for prompt in item.prompts],
            "unit": self.text(item.unit) if item.unit else "",
            "more": self.more(item),
        }

    def _result(self, item: Item, answer: Answer) -> dict[str, Any]:
        right = is_right(item, answer)
        say = self.words.say
        verdict = say("quiz.right") if right else say("quiz.wrong", key=self._key(item))
        return {
            "right": right,
            "answer": answer,
            "verdict": inline(verdict),
            "why": self.text(item.why) if item.why else "",
            "options": [self._explained(option, item, answer) for option in item.options],
            "sources": [self._source(source) for source in item.sources],
            "provable": bool(item.proof),
        }

    def _source(self, source: Any) -> str:
        said = inline(self.words.say("quiz.source", what="@", checked=source.checked))
        what = inline(source.what)
        if source.url.startswith("https://"):
            what = f'<a href="{escape(source.url)}" target="_blank" rel="noopener">{what}</a>'
        return said.replace("@", what, 1)

    def _explained(self, option: Option, item: Item, answer: Answer) -> dict[str, Any]:
        right = option.id in item.keys
        chosen = isinstance(answer, tuple) and option.id in answer
        marks = [
            self.words.say(f"quiz.mark-{mark}")
            for mark, shown in {"right": right, "yours": chosen}.items()
            if shown and item.kind in ("single", "multi")
        ]
        return {"right": right, "marks": ", ".join(marks), "why": self.text(option.why)}

    def _key(self, item: Item) -> str:
        """The right answer as a sentence names it: options, an order, pairs or a number."""
        if isinstance(item.key, int | float):
            unit = in_language(item.unit, self.lang) if item.unit else ""
            return f"{self.words.number(item.key)} {unit}".rstrip()
        every = (*item.options, *item.prompts)
        texts = {one.id: in_language(one.text, self.lang).rstrip(".") for one in every}
        if isinstance(item.key, tuple):
            joint = " → " if item.kind == "order" else "; "
            return joint.join(texts[option] for option in item.key)
        return "; ".join(
            f"{texts[prompt]} → {texts[option]}" for prompt, option in item.key.items()
        )
