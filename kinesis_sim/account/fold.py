"""What all folds over the event log have in common: metrics, charges and pictures.

A fold begins with what the domain is at some instant, takes in what happens from there on, and says
from when it knows. It names the classes of events that it wants; nobody tells it others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

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
