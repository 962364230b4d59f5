"""What many writes leave, as the last image of each thing that was written to.

Items of moto's tables, and minutes of metrics: of each the newest image counts, and its place among
the others is that of the first (``folding``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Effect = list[Any]
"""What an input came to."""


class ItemImages:
    """The last images of items, in the order in which their tables have them."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str, str], dict[str, list[Any]]] = {}
        self._hashes: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._callers: dict[tuple[str, str, str], None] = {}
        self._seed = 0

    def add(self, effect: Effect) -> None:
        """What one input came to."""
        _, account, region, caller, seed, rows = effect
        self._seed = max(self._seed, seed)
        self._callers.pop((account, region, caller), None)
        self._callers[account, region, caller] = None
        for name, key, at_hash, at_range, image in rows:
            table = account, region, name
            known = self._tables.setdefault(table, {})
            if at_range is not None:
                self._hashes.setdefault(table, {}).setdefault(repr(at_hash), at_hash)
            row = known.get(key)
            if row is None:
                known[key] = [at_hash, at_range, image is None, image]
            elif row[3] is None and image is not None:
                del known[key]  # it comes last now, wherever it was
                known[key] = [at_hash, at_range, True, image]
            else:
                row[3] = image

    def given(self) -> list[Any]:
        """All of them as an entry has them."""
        tables = [
            [*table, list(self._hashes.get(table, {}).values()), list(rows.values())]
            for table, rows in self._tables.items()
        ]
        return [0, self._seed, [list(caller) for caller in self._callers], tables]


class MinuteImages:
    """The last images of minutes of metrics, by the place where they are."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], dict[str, tuple[list[Any], dict[int, list[Any]]]]] = {}

    def add(self, place: str, effect: Effect) -> None:
        """What one input came to that came in at a place."""
        _, service, _, rows = effect
        known = self._places.setdefault((place, service), {})
        for metric, at, *image in rows:
            key = repr(metric)
            if key not in known:
                known[key] = metric, {}
            known[key][1][at] = image

    def given(self) -> Iterator[tuple[str, list[Any]]]:
        """All of them, each place's as an entry has them: minutes, then images in columns."""
        for (place, service), metrics in self._places.items():
            rows = [
                [*metric, list(minutes), *map(list, zip(*minutes.values(), strict=True))]
                for metric, minutes in metrics.values()
            ]
            yield place, [0, service, rows]
