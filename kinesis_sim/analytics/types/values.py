"""Values that Python has no type of its own for, and how large values may grow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kinesis_sim.units import MIB

LONGEST_JOINED = MIB
"""Characters of a text that is put together of others (the model's choice)."""
MOST_MEMBERS = 65_536
"""Values in an array or map, those within its members counted too (the model's choice)."""


class SqlMap(dict[Any, Any]):
    """A MAP: it is not changed, so that rows that hold one can be keys of an operator's state."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def bounded_text(text: str) -> str:
    """A text that was put together. Raises ValueError for one that is too long."""
    if len(text) > LONGEST_JOINED:
        raise ValueError(f"a text of more than {LONGEST_JOINED:,} characters would be made")
    return text


def concatenated(*parts: str) -> str:
    """Texts one behind the other. Raises ValueError before they are too long."""
    if sum(map(len, parts)) > LONGEST_JOINED:
        raise ValueError(f"a text of more than {LONGEST_JOINED:,} characters would be made")
    return "".join(parts)


def bounded_members(value: Any) -> Any:
    """An array or map, counted to its innermost values. Raises ValueError for too many.

    Arrays that hold one another share their members, so that a few bytes can be written as
    terabytes.
    """
    count, layer = 0, [value]
    while layer:
        following: list[Any] = []
        for each in layer:
            members: Iterable[Any] = each.values() if isinstance(each, dict) else each
            count += len(each)
            if count > MOST_MEMBERS:
                raise ValueError(f"an array or map of more than {MOST_MEMBERS:,} values")
            following += (one for one in members if isinstance(one, tuple | dict))
        layer = following
    return value
