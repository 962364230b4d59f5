"""What all folds over the event log have in common: metrics, charges and pictures.

A fold begins with what the domain is at some instant, takes in what happens from there on, and says
from when it knows. It names the classes of events that it wants; nobody tells it others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol

from kinesis_sim.events import Event


class Fold(Protocol):
    """A state that follows events. The domain it is about is handed to its constructor."""

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """The classes of events that it wants, subclasses included."""

    @property
    def whole_from(self) -> int:
        """From when on it knows all (epoch ms): when it was started, or later."""

    def start(self, now: int) -> None:
        """Begin anew with the domain as it is now (epoch ms), and forget what was taken before."""

    def take(self, events: Iterable[Event]) -> None:
        """Take in events that happened since, in order."""


class FoldFromNow:
    """A fold that begins with nothing: it knows all that happened since it was started.

    kinds: the classes of events that it wants; each fold says them once, for all of its instances.
    """

    kinds: ClassVar[tuple[type[Event], ...]] = ()
    whole_from: int = 0

    def start(self, now: int) -> None:
        """Begin now (epoch ms)."""
        self.whole_from = now
