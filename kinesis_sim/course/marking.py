"""Marking an answer as the exams do: all parts right or nothing, and a blank is no answer."""

from collections.abc import Mapping
from typing import Any

from kinesis_sim.course.item import Item
from kinesis_sim.errors import UsageError

Answer = tuple[str, ...] | Mapping[str, str] | float


def answer_to(item: Item, raw: Any) -> Answer | None:
    """An answer as the browser sent it, or None for a blank one.

    UsageError when it names what the item does not have.
    """
    if raw in (None, "", [], {}):
        return None
    if item.kind == "numeric" and isinstance(raw, int | float) and not isinstance(raw, bool):
        return raw
    if item.kind == "match" and isinstance(raw, dict):
        return _known(item, tuple(raw.values())) and {str(k): str(v) for k, v in raw.items()}
    if item.kind in ("single", "multi", "order") and isinstance(raw, list | tuple):
        return _known(item, tuple(raw))
    raise UsageError(f"{raw!r} is no answer to {item.id}.")


def _known(item: Item, named: tuple[Any, ...]) -> tuple[str, ...]:
    if unknown := set(named) - {option.id for option in item.options}:
        raise UsageError(f"{item.id} has no option {sorted(map(str, unknown))}.")
    return named


def is_right(item: Item, answer: Answer) -> bool:
    """Whether ``answer`` equals the key; order counts in "order" items only."""
    if isinstance(answer, int | float):
        assert isinstance(item.key, int | float)
        return abs(answer - item.key) <= item.tolerance
    if item.kind in ("single", "multi"):
        assert isinstance(answer, tuple)
        return sorted(answer) == sorted(item.keys)
    return answer == item.key
