"""How long somebody who is connected was not heard."""

from __future__ import annotations

from collections.abc import Callable

from kinesis_sim.clock import Clock


class Silence:
    """Calls ``over`` when nothing was heard for ``most`` ms. heard: when it was last (epoch ms)."""

    def __init__(self, clock: Clock, most: int, over: Callable[[], None]) -> None:
        self._clock, self._most, self._over = clock, most, over
        self.heard = clock.now
        self._timer = clock.schedule(self.heard + most, self._look)

    def breaks(self) -> None:
        """Something is heard."""
        self.heard = self._clock.now

    def cancel(self) -> None:
        """Nobody listens any more."""
        self._timer.cancel()

    def _look(self) -> None:
        if self._clock.now - self.heard >= self._most:
            self._over()
        else:
            self._timer = self._clock.schedule(self.heard + self._most, self._look)
