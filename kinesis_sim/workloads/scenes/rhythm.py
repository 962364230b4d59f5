"""What a scene does over and over on the simulator's clock."""

from __future__ import annotations

from collections.abc import Callable

from kinesis_sim.clock import Clock


def every(clock: Clock, ms: int, act: Callable[[], None], *, first: int | None = None) -> None:
    """Do something every ``ms`` milliseconds for good, from ``first`` ms on, else after ``ms``.

    What it raises goes to whoever moves the clock, and it is done again next time all the same.
    """

    def again() -> None:
        try:
            act()
        finally:
            clock.schedule(clock.now + ms, again)

    clock.schedule(clock.now + (ms if first is None else first), again)
