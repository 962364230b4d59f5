"""A stream's shards for flows: ranges of the hash space, and what part of a load each gets."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kinesis_sim.account.hashing import HASH_SPACE, even_ranges, hash_key
from kinesis_sim.workloads.producers.keys import KeyChooser

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """The open shards in the order of their ranges. numbers: their indices in the stream."""

    starts: tuple[int, ...]
    numbers: tuple[int, ...]
    next_number: int

    @classmethod
    def even(cls, count: int) -> Layout:
        """The shards of a new stream."""
        return cls(tuple(start for start, _ in even_ranges(count)), tuple(range(count)), count)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def ends(self) -> tuple[int, ...]:
        """Where each range ends; the end itself lies outside."""
        return (*self.starts[1:], HASH_SPACE)

    def split(self, number: int) -> Layout:
        """The shard of this number split in the middle."""
        at = self.numbers.index(number)
        middle = (self.starts[at] + self.ends[at]) // 2
        new = (self.next_number, self.next_number + 1)
        return Layout(
            (*self.starts[: at + 1], middle, *self.starts[at + 1 :]),
            (*self.numbers[:at], *new, *self.numbers[at + 1 :]),
            self.next_number + 2,
        )

    def scaled(self, count: int) -> Layout:
        """As many equal shards; every shard whose range changes gets a new number.

        UpdateShardCount also opens shards that it merges again at once: their numbers are skipped
        in the stream itself, not here.
        """
        old = dict(zip(zip(self.starts, self.ends, strict=True), self.numbers, strict=True))
        numbers, following = [], self.next_number
        for start, end in even_ranges(count):
            known = old.get((start, end + 1))
            numbers.append(following if known is None else known)
            following += known is None
        return Layout(tuple(start for start, _ in even_ranges(count)), tuple(numbers), following)

    def moves(self, other: Layout) -> Array:
        """``moves[old, new]``: the part of each shard's range that a shard of ``other`` takes."""
        found = np.zeros((len(self), len(other)))
        here = zip(self.starts, self.ends, strict=True)
        for row, (start, end) in enumerate(here):
            for column, (low, high) in enumerate(zip(other.starts, other.ends, strict=True)):
                common = min(end, high) - max(start, low)
                if common > 0:
                    found[row, column] = common / (end - start)
        return found


class Spread:
    """How a load's keys fall on shards."""

    def __init__(self, keys: KeyChooser) -> None:
        weights = keys.weights()
        self._hashes: list[int] | None = None
        if weights is None:
            return
        placed = sorted((hash_key(key), weight) for key, weight in weights.items())
        self._hashes = [place for place, _ in placed]
        # The exact sums, so that the parts of all shards add up to the whole.
        self._below = [0.0, *np.cumsum([weight for _, weight in placed]).tolist()]

    def over(self, layout: Layout) -> Array:
        """The part of all records that goes to each shard, adding up to 1."""
        if self._hashes is None:
            ends = zip(layout.starts, layout.ends, strict=True)
            return np.array([(end - start) / HASH_SPACE for start, end in ends])
        borders = [self._below[bisect_left(self._hashes, b)] for b in (*layout.starts, HASH_SPACE)]
        parts: Array = np.diff(np.array(borders))
        return parts / parts.sum() if not math.isclose(parts.sum(), 0) else parts
