"""What a reader may ask of a data stream at whose tip it stands: not to be woken for nothing.

The port between those who read data streams and the room that keeps them (``streams/tip.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Told = Callable[[int, int, int], None]
"""Told of a stretch of skipped polls: the first (epoch ms), the ms between two, how many."""


class Settles(Protocol):
    """Whoever rests, and can say what it would have done meanwhile."""

    def settle(self) -> None:
        """Report what was skipped so far."""


class Resting(Protocol):
    """A reader that finds nothing until something happens to its shard; the clock asks it."""

    def quiet(self, at: int) -> bool:
        """Whether a look at ``at`` (epoch ms) would be answered, and find nothing."""

    def skip(self, first: int, every: int, count: int) -> None:
        """Remember looks that were skipped."""


class AtTip(Resting, Protocol):
    """A reader that polls."""

    def leave(self) -> str:
        """Stand there no longer; what was skipped is reported. The iterator to go on with."""


class Rests(Protocol):
    """The port that lets a reader rest."""

    def __call__(self, iterator: str, every: int, told: Told | None = None) -> AtTip:
        """A reader whose last call gave ``iterator`` and found nothing; it polls every so many ms.

        told: who hears of polls that were skipped, a stretch at a time.
        """
