"""What is said of a question, in one language: before an answer without the key, after it with it.

Quizzes and exams say it alike. Texts are HTML, made and escaped here.
"""

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any

from kinesis_sim.course.bank import proof_text, prove
from kinesis_sim.course.feedback import inline
from kinesis_sim.course.item import FactSource, Item, Option
from kinesis_sim.course.marking import Answer, is_right
from kinesis_sim.course.words import CourseWords, in_language


class Teller:
    """Tells of questions in ``lang``."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.words = CourseWords("ui", lang)

    def text(self, texts: Any) -> str:
        """One of an item's texts in the language, as HTML."""
        return inline(in_language(texts, self.lang))

    def question(self, item: Item, number: int, total: int) -> dict[str, Any]:
        """What may be known before an answer: everything but key and explanations."""
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

    def result(self, item: Item, answer: Answer | None) -> dict[str, Any]:
        """What may be known after an answer; None is a blank one."""
        right = answer is not None and is_right(item, answer)
        say = self.words.say
        verdict = say("quiz.right") if right else say("quiz.wrong", key=self.key(item))
        return {
            "right": right,
            "answer": answer,
            "verdict": inline(verdict),
            "why": self.text(item.why) if item.why else "",
            "options": [self._explained(option, item, answer) for option in item.options],
            "sources": list(dict.fromkeys(map(self._source, item.sources))),
            "provable": bool(item.proof),
        }

    def instruction(self, item: Item) -> str:
        """What a multiple-response or ordering item asks for; the count comes from the key."""
        if item.kind == "multi":
            return self.words.say("quiz.select-many", count=self._count(item.keys))
        return self.words.say("quiz.order") if item.kind == "order" else ""

    def more(self, item: Item) -> str:
        """What to say when an answer names another number of options than the question wants."""
        if item.kind != "multi":
            return ""
        return self.words.say("quiz.more", count=self._count(item.keys))

    def wanted(self, item: Item) -> str:
        """What answer a question takes, said to whoever gave another number or another kind."""
        number = self._count(item.keys) if item.kind == "multi" else len(item.keys)
        return self.words.say(f"quiz.wanted.{item.kind}", count=number)

    def key(self, item: Item) -> str:
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

    def proved(self, item: Item) -> str:
        """Run an item's proof: its code and what the simulator says, as HTML; "" without proof."""
        if not item.proof:
            return ""
        key = self.key(replace(item, key=prove(item)))
        said = inline(self.words.say("quiz.proved", key=key))
        return f"<pre><code>{escape(proof_text(item))}</code></pre><p>{said}</p>"

    def _count(self, keys: Sequence[str]) -> str:
        return self.words.say(f"quiz.count.{len(keys)}")

    def _explained(self, option: Option, item: Item, answer: Answer | None) -> dict[str, Any]:
        right = option.id in item.keys
        chosen = isinstance(answer, tuple) and option.id in answer
        marks = [
            self.words.say(f"quiz.mark-{mark}")
            for mark, shown in {"right": right, "yours": chosen}.items()
            if shown and item.kind in ("single", "multi")
        ]
        return {
            "right": right,
            "marks": ", ".join(marks),
            "why": self.text(option.why) if option.why else "",
        }

    def _source(self, source: FactSource) -> str:
        said = inline(self.words.say("quiz.source", what="@", checked="#"))
        what = inline(source.what)
        if source.url.startswith("https://"):
            what = f'<a href="{escape(source.url)}" target="_blank" rel="noopener">{what}</a>'
        return said.replace("#", f"<time>{source.checked}</time>", 1).replace("@", what, 1)
