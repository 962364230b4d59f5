"""A question as data: what is asked, why each option is right or wrong, what proves it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from kinesis_sim import facts
from kinesis_sim.errors import UsageError

Kind = Literal["single", "multi", "order", "match", "numeric"]
KINDS: tuple[Kind, ...] = ("single", "multi", "order", "match", "numeric")
EXAM_KINDS: tuple[Kind, ...] = ("single", "multi")
"""What the exams print: one of four, or several of five and more."""
OWN_ROW = re.compile(r"([a-z-]+ )?\u00a7[\d.]+|(exams|firehose|data-streams|video|analytics)/\S+")
"""A citation that names other rows of our facts: ``firehose §3``, ``exams/2.1/K19``."""
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

    url: the page itself; empty where the source is no page. fact: the row of facts that has it,
    e.g. "data-streams/4.1/write"; empty where the item names its source itself.
    """

    what: str
    checked: date
    url: str = ""
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One question. Its file is named after its first topic, an id of the exam blueprint.

    lesson: the slug of the lesson that teaches it; which questions a lesson's quiz asks stands in
    ``lessons.toml``. exams: exam family -> task, e.g. {"dva": "1.1"} for domain 1, task 1; versions
    stand in ``exam_families.toml``. difficulty: the author's guess, 1 (recall) to 5 (weighing
    several facts). proof: "module.function" under ``proofs/``, which runs the simulator and returns
    the key; empty where no experiment can show it and the sources have to. numbers: blank -> the
    values that a seed may draw for it, see ``drawing``; empty where the numbers are always the
    same. why, unit, tolerance: of numeric items, which have no options.
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
    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The option ids that the key names; empty for numeric items."""
        if isinstance(self.key, Mapping):
            return tuple(self.key.values())
        return self.key if isinstance(self.key, tuple) else ()

    @property
    def practice_only(self) -> bool:
        """Whether no exam of these families prints this kind of question."""
        return self.kind not in EXAM_KINDS

    @property
    def proved(self) -> bool:
        """Whether a run of the simulator gives its key."""
        return bool(self.proof)

    def option(self, option_id: str) -> Option:
        """The option of that id; KeyError when there is none."""
        return {option.id: option for option in self.options}[option_id]


def item_from(table: Mapping[str, Any]) -> Item:
    """An item from its TOML table; KeyError names a field that is missing."""
    return Item(
        id=table["id"],
        lesson=table.get("lesson", ""),
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
        sources=(*_of_facts(table), *map(_source, table.get("sources", ()))),
        why=table.get("why", {}),
        unit=table.get("unit", {}),
        tolerance=table.get("tolerance", 0),
        numbers={name: tuple(values) for name, values in table.get("numbers", {}).items()},
    )


def _of_facts(table: Mapping[str, Any]) -> tuple[FactSource, ...]:
    """The sources of the rows of facts that an item names; UsageError when there is no such row.

    A row that points to others of our own says nothing that a learner could open.
    """
    return tuple(
        FactSource(cite.title, row.checked, cite.page, row.name)
        for row in map(_row, table.get("facts", ()))
        for cite in row.citations
        if not OWN_ROW.fullmatch(cite.title)
    )


def _row(name: str) -> facts.Row:
    row = facts.row_named(name)
    if row is None:
        raise UsageError(f"There is no row {name!r} of facts.")
    return row


def _source(table: Mapping[str, Any]) -> FactSource:
    return FactSource(table["what"], table["checked"], table.get("url", ""))


def _option(table: Mapping[str, Any]) -> Option:
    return Option(table["id"], table["text"], table.get("why", {}))
