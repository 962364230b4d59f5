"""Parametric items: their numbers are drawn by a seed, and the simulator finds the key for them.

A proof of such an item takes the numbers by name and returns the key, or a ``Drawing`` when texts
have further blanks that follow from the numbers (a distractor "{by_bytes} shards")::

    def shards_for(records: int, size: int) -> Drawing:
        return Drawing(key=("right",), fills={"by_bytes": …, "by_both": …})
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from kinesis_sim.course.item import Item, Key, Option, Texts
from kinesis_sim.words import number_in


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a proof finds for some numbers: the key, and what fills further blanks of the texts."""

    key: Key
    fills: Mapping[str, float] = field(default_factory=dict)


def numbers_of(item: Item, seed: int | None) -> dict[str, float]:
    """The numbers that a seed draws for an item; without a seed the first of each."""
    rng = Random(f"{item.id}:{seed}")
    return {
        name: values[0] if seed is None else rng.choice(values)
        for name, values in item.numbers.items()
    }


def filled(item: Item, drawing: Drawing, numbers: Mapping[str, float]) -> Item:
    """An ordinary item: its blanks filled as each language writes numbers, its key as found.

    It keeps its numbers, as the only ones that there are, so that its proof can be run again.
    """
    fills = {**numbers, **drawing.fills}
    return replace(
        item,
        key=drawing.key,
        numbers={name: (value,) for name, value in numbers.items()},
        stem=_texts(item.stem, fills),
        options=tuple(_option(option, fills) for option in item.options),
        prompts=tuple(_option(prompt, fills) for prompt in item.prompts),
        why=_texts(item.why, fills),
        unit=_texts(item.unit, fills),
    )


def _option(option: Option, fills: Mapping[str, float]) -> Option:
    return Option(option.id, _texts(option.text, fills), _texts(option.why, fills))


def _texts(texts: Texts, fills: Mapping[str, float]) -> Texts:
    return {
        lang: text.format_map({name: number_in(value, lang) for name, value in fills.items()})
        for lang, text in texts.items()
    }
