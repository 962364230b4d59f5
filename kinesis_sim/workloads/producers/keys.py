"""Which partition key a record gets: as many as there are, some more often than others.

A chooser draws keys for records one by one, and says for capacity plans how often each key comes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Protocol

from kinesis_sim.arguments import number, whole
from kinesis_sim.errors import UsageError


class KeyChooser(Protocol):
    """Chooses partition keys."""

    def draw(self, count: int, chance: random.Random) -> list[str]:
        """The keys of the next ``count`` records."""

    def weights(self) -> dict[str, float] | None:
        """How often each key comes, adding up to 1; None when no key comes twice."""

    @property
    def mean_bytes(self) -> float:
        """UTF-8 bytes of a key, on average over records."""


def _at_least_one(name: str, value: int) -> None:
    whole(name, value)
    if value < 1:
        raise UsageError(f"{name}={value}: there must be at least one key.")


@dataclass(frozen=True)
class WeightedKeys:
    """These keys, each as often as its weight says; weights need not add up to 1."""

    keys: Sequence[str]
    shares: Sequence[float]

    def __post_init__(self) -> None:
        _at_least_one("keys", len(self.keys))
        if len(self.keys) != len(self.shares):
            raise UsageError(f"{len(self.keys)} keys but {len(self.shares)} shares.")
        for share in self.shares:
            number("share", share)
        if min(self.shares) < 0 or sum(self.shares) <= 0:
            raise UsageError("shares: give numbers of 0 or more, at least one of them above 0.")

    @cached_property
    def _cumulated(self) -> list[float]:
        return list(accumulate(self.shares))

    def draw(self, count: int, chance: random.Random) -> list[str]:
        """The keys of the next ``count`` records."""
        return chance.choices(self.keys, cum_weights=self._cumulated, k=count)

    def weights(self) -> dict[str, float]:
        """How often each key comes, adding up to 1."""
        total = sum(self.shares)
        found: dict[str, float] = {}
        for key, share in zip(self.keys, self.shares, strict=True):
            found[key] = found.get(key, 0.0) + share / total
        return found

    @property
    def mean_bytes(self) -> float:
        """UTF-8 bytes of a key, on average over records."""
        return sum(len(key.encode()) * share for key, share in self.weights().items())


def uniform_keys(count: int = 1_000, prefix: str = "key-") -> WeightedKeys:
    """``count`` keys, each as often as the others."""
    _at_least_one("count", count)
    return WeightedKeys(_names(count, prefix), [1.0] * count)


def zipf_keys(count: int = 1_000, exponent: float = 1.0, prefix: str = "key-") -> WeightedKeys:
    """``count`` keys of which the n-th comes 1/n**exponent as often as the first.

    exponent: 0 is uniform, 1 the classic of words and web pages, 2 very skewed.
    """
    _at_least_one("count", count)
    number("exponent", exponent)
    if exponent < 0:
        raise UsageError(f"exponent={exponent}: give 0 (uniform) or more (skewed).")
    return WeightedKeys(_names(count, prefix), [n**-exponent for n in range(1, count + 1)])


def hot_key(
    share: float = 0.5, others: int = 1_000, hot: str = "station-09", prefix: str = "key-"
) -> WeightedKeys:
    """One key that takes ``share`` of all records; ``others`` keys share the rest evenly."""
    number("share", share)
    if not 0 <= share <= 1:
        raise UsageError(f"share={share}: give the hot key's part of all records, 0 to 1.")
    _at_least_one("others", others)
    rest = [(1 - share) / others] * others
    return WeightedKeys([hot, *_names(others, prefix)], [share, *rest])


def _names(count: int, prefix: str) -> list[str]:
    return [f"{prefix}{number:04d}" for number in range(count)]


@dataclass(frozen=True)
class FreshKeys:
    """A new key for every record, as a random id: the most even spread there is."""

    prefix: str = ""

    def draw(self, count: int, chance: random.Random) -> list[str]:
        """The keys of the next ``count`` records."""
        prefix, bits = self.prefix, chance.getrandbits
        return [f"{prefix}{bits(64):016x}" for _ in range(count)]

    def weights(self) -> None:
        """No key comes twice."""

    @property
    def mean_bytes(self) -> float:
        """UTF-8 bytes of a key."""
        return len(self.prefix.encode()) + 16
