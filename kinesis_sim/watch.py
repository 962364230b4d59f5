"""Looking on while a clock moves: how far it is, and a way to stop it from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kinesis_sim.errors import UsageError

EVERY = 10_000
"""Actions between two reports, unless told otherwise (the model's choice)."""


@dataclass(frozen=True, slots=True)
class MoveProgress:
    """How far a move is.

    now, until: where time is, and is to be (epoch ms); fired: actions so far, over all moves that
    this watch has seen.
    """

    now: int
    until: int
    fired: int


class Watch:
    """Who looks on while a clock moves: ``with sim.clock.watched(watch): sim.advance(days=365)``.

    told: called between two actions, after every so many; what it raises ends the move there.
    """

    def __init__(
        self, told: Callable[[MoveProgress], object] | None = None, *, every: int = EVERY
    ) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise UsageError(f"every={every!r}: give a whole number of actions, 1 or more.")
        self._told = told
        self._every = every
        self.fired = 0
        self.stopped = False

    def stop(self) -> None:
        """End the move between two actions, and refuse further ones; from any thread, for good."""
        self.stopped = True

    def count(self, now: int, until: int) -> None:
        """An action has fired."""
        self.fired += 1
        if self._told is not None and self.fired % self._every == 0:
            self._told(MoveProgress(now, until, self.fired))
