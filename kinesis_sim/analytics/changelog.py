"""Changes of a result as Apache Flink writes them: +I insert, −U and +U an update's two halves, −D.

A kind is a small int while rows flow, for speed; ``SIGNS`` has their texts. The law of a changelog:
folded, it is the answer that a batch over the same rows gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

Row = tuple[Any, ...]
"""Values of a row in the order of its schema; None for NULL."""

INSERT, UPDATE_BEFORE, UPDATE_AFTER, DELETE = 0, 1, 2, 3
SIGNS = ("+I", "-U", "+U", "-D")
ADDS = (True, False, True, False)
"""Whether a kind adds its row to the result, or takes it away."""


class Change(NamedTuple):
    """One change of a result: kind (see ``SIGNS``) and row."""

    kind: int
    row: Row


def folded(changes: Iterable[Change | tuple[int, Row]]) -> Counter[Row]:
    """The rows that a changelog leaves, with how often each is there.

    Raises ValueError when a change takes away what is not there: then it is no changelog.
    """
    rows: Counter[Row] = Counter()
    for kind, row in changes:
        rows[row] += 1 if ADDS[kind] else -1
        if rows[row] < 0:
            raise ValueError(f"{SIGNS[kind]} of {row} takes away a row that is not there")
    return +rows
