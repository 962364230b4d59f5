"""An item in plain words of one language: what every format is made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from kinesis_sim.course.item import Item
from kinesis_sim.course.telling import Teller
from kinesis_sim.course.words import in_language
from kinesis_sim.exam.words import ExamWords


def stem(item: Item, lang: str) -> str:
    """What is asked, with how many to select, or in which unit a number is wanted."""
    unit = f"({in_language(item.unit, lang)})" if item.unit else Teller(lang).instruction(item)
    return f"{in_language(item.stem, lang)} {unit}".strip()


def stem_and_prompts(item: Item, lang: str) -> str:
    """What is asked with all that is to be matched, for formats that have no place of its own."""
    prompts = "; ".join(in_language(prompt.text, lang) for prompt in item.prompts)
    return f"{stem(item, lang)} {prompts}".strip()


def options(item: Item, lang: str) -> Iterator[tuple[str, str, bool]]:
    """Each option: its text, why it is right or wrong, and whether it is."""
    for option in item.options:
        text, why = in_language(option.text, lang), in_language(option.why or {"en": ""}, lang)
        yield text, why, option.id in item.keys


def key(item: Item, lang: str) -> str:
    """The right answer as a sentence names it."""
    return Teller(lang).key(item)


def why(item: Item, lang: str) -> str:
    """Why it is so, of an item without options."""
    return in_language(item.why, lang) if item.why else ""


def sources(item: Item) -> str:
    """Where it was read, and when."""
    return "; ".join(f"{source.what} ({source.checked})" for source in item.sources)


def left_out(asked: Sequence[Item], kinds: Collection[str], lang: str) -> str:
    """What a format that has these kinds alone leaves out, in a sentence; empty for nothing."""
    ids = [item.id for item in asked if item.kind not in kinds]
    return ExamWords(lang).say("export.left-out", count=len(ids), ids=", ".join(ids)) if ids else ""


def unticked(text: str) -> str:
    """A text without the marks of `code` and **strong**."""
    return text.replace("`", "").replace("**", "")
