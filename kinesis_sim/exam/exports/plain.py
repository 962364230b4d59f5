"""An item in plain words of one language: what every format is made of."""

from __future__ import annotations

from collections.abc import Iterator

from kinesis_sim.course.item import Item
from kinesis_sim.course.telling import Teller
from kinesis_sim.course.words import in_language


def stem(item: Item, lang: str) -> str:
    """What is asked, with how many to select."""
    asked = in_language(item.stem, lang)
    return f"{asked} {Teller(lang).instruction(item)}".strip()


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


def unticked(text: str) -> str:
    """A text without the marks of `code` and **strong**."""
    return text.replace("`", "").replace("**", "")
