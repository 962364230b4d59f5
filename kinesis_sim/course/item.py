"""A question as data: what is asked, why each option is right or wrong, what proves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Kind = Literal["single", "multi", "order", "match", "numeric"]
KINDS: tuple[Kind, ...] = ("single", "multi", "order", "match", "numeric")
Texts = Mapping[str, str]  # language -> text
Key = tuple[str, ...] | Mapping[str, str] | int | float
"""The right answer: option ids (in order for "order"), prompt id -> option id, or a number."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option (or, in a "match" item, one prompt, whose ``why`` is empty)."""

    id: str
    text: Texts
    why: Texts


@dataclass(frozen=True, slots=True)
class FactSource:
    """Where a fact was read: ``what`` names the page or botocore member, ``checked`` the day.

    url: the page itself; empty where the source is no page.
    """

    what: str
    checked: date
    url: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One question. Its file is named after its first topic, an id of the exam blueprint.

    exams: exam family -> task, e.g. {"dva": "1.1"} for domain 1, task 1; versions stand in
    ``exams.toml``. difficulty: the author's guess, 1 (recall) to 5 (weighing several facts).
    proof: "module.function" under ``proofs/``, which runs the simulator and returns the key. why,
    unit, tolerance: of numeric items, which have no options.
    """

    id: str
    lesson: str
    topics: tuple[str, ...]
    exams: Mapping[str, str]
    kind: Kind
    difficulty: int
    stem: Texts
    options: tuple[Option, ...]
    prompts: tuple[Option, ...]
    key: Key
    proof: str
    provenance: str
    sources: tuple[FactSource, ...]
    why: Texts
    unit: Texts
    tolerance: float
    quizzed: bool = True
    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The option ids that the key names; empty for numeric items."""
        if isinstance(self.key, Mapping):
            return tuple(self.key.values())
        return self.key if isinstance(self.key, tuple) else ()

    def option(self, option_id: str) -> Option:
        """The option of that id; KeyError when there is none."""
        return {option.id: option for option in self.options}[option_id]


def item_from(table: Mapping[str, Any]) -> Item:
    """An item from its TOML table; KeyError names a field that is missing."""
    return Item(
        id=table["id"],
        lesson=table["lesson"],
        topics=tuple(table["topics"]),
        exams=table["exams"],
        kind=table["type"],
        difficulty=table["difficulty"],
        stem=table["stem"],
        options=tuple(map(_option, table.get("options", ()))),
        prompts=tuple(map(_option, table.get("prompts", ()))),
        key=tuple(table["key"]) if isinstance(table["key"], list) else table["key"],
        proof=table.get("proof", ""),
        provenance=table["provenance"],
        sources=tuple(map(_source, table["sources"])),
        why=table.get("why", {}),
        unit=table.get("unit", {}),
        tolerance=table.get("tolerance", 0),
        quizzed=table.get("quiz", True),
        numbers={name: tuple(values) for name, values in table.get("numbers", {}).items()},
    )


def _source(table: Mapping[str, Any]) -> FactSource:
    return FactSource(table["what"], table["checked"], table.get("url", ""))


def _option(table: Mapping[str, Any]) -> Option:
    return Option(table["id"], table["text"], table.get("why", {}))
