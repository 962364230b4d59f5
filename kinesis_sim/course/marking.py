"""Marking an answer as the exams do: all parts right or nothing, and a blank is no answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from kinesis_sim.arguments import said
from kinesis_sim.course.item import Item, Option
from kinesis_sim.errors import UsageError

Answer = tuple[str, ...] | Mapping[str, str] | float
LARGEST_NUMBER = 1e15
"""Beyond it, and with what is no number at all, nothing is answered."""


def answer_to(item: Item, raw: Any) -> Answer | None:
    """An answer as the browser sent it, or None for a blank one.

    UsageError when it names what the item does not have, or more than it has.
    """
    if raw in (None, "", [], {}):
        return None
    if item.kind == "numeric" and _is_number(raw):
        return float(raw) if isinstance(raw, float) else int(raw)
    if item.kind == "match" and isinstance(raw, dict):
        _known(item, tuple(raw), item.prompts)
        return dict(zip(raw, _known(item, tuple(raw.values()), item.options), strict=True))
    listed = item.kind in ("single", "multi", "order") and isinstance(raw, list | tuple)
    if listed and len(raw) <= len(item.options):
        return _known(item, tuple(raw), item.options)
    raise UsageError(f"This is no answer to {item.id}: {said(raw)}.")


def _known(item: Item, named: tuple[Any, ...], there: Iterable[Option]) -> tuple[str, ...]:
    ids = {one.id for one in there}
    for name in named:
        if not isinstance(name, str) or name not in ids:
            raise UsageError(f"{item.id} has no option {said(name)}.")
    return named


def _is_number(raw: Any) -> bool:
    return type(raw) in (int, float) and abs(raw) <= LARGEST_NUMBER


def wants(item: Item) -> int:
    """How many parts an answer to an item has: options, rows, or one number."""
    return len(item.keys) or 1


def parts_of(answer: Answer) -> int:
    """How many parts an answer has; what is named twice counts once."""
    if isinstance(answer, int | float):
        return 1
    return len(answer) if isinstance(answer, Mapping) else len(set(answer))


def is_right(item: Item, answer: Answer) -> bool:
    """Whether ``answer`` equals the key; order counts in "order" items only."""
    if isinstance(answer, int | float):
        assert isinstance(item.key, int | float)
        return abs(answer - item.key) <= item.tolerance
    if item.kind in ("single", "multi"):
        assert isinstance(answer, tuple)
        return sorted(answer) == sorted(item.keys)
    return answer == item.key
