"""How many records arrive per second, as time goes by.

A shape says the rate at an instant; ``Poisson`` around one makes arrivals random instead of even.
``at``: epoch ms; ``begin``: epoch ms at which the run began. The shapes are free inventions to try
a stream with: no fact of AWS is among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kinesis_sim.arguments import number
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import DAY, HOUR, SECOND
from kinesis_sim.workloads.events.rhythm import RHYTHM


class Shape(Protocol):
    """A rate over time."""

    def rate(self, at: int, begin: int) -> float:
        """Records per second at an instant."""


def checked(name: str, value: float) -> float:
    """A rate or a length of time as it is; UsageError unless it is a number of 0 or more."""
    number(name, value)
    if value < 0:
        raise UsageError(f"{name}={value}: give a number of 0 or more.")
    return value


def _positive(name: str, value: float) -> None:
    if checked(name, value) == 0:
        raise UsageError(f"{name}=0: give a number above 0.")


@dataclass(frozen=True)
class Constant:
    """The same rate always: records per second."""

    per_second: float

    def __post_init__(self) -> None:
        checked("per_second", self.per_second)

    def rate(self, at: int, begin: int) -> float:
        """Records per second, whenever."""
        return self.per_second


@dataclass(frozen=True)
class Daily:
    """A day's rhythm by the simulated clock, UTC.

    hours: 24, in proportion; ``peak`` per second in the busiest. Pedala's rhythm has two rush hours
    and a quiet night.
    """

    peak: float
    rhythm: Sequence[float] = RHYTHM

    def __post_init__(self) -> None:
        checked("peak", self.peak)
        if len(self.rhythm) != 24 or min(self.rhythm) < 0 or max(self.rhythm) <= 0:
            raise UsageError("rhythm: give 24 numbers of 0 or more, one an hour, not all 0.")

    def rate(self, at: int, begin: int) -> float:
        """Records per second: from hour to hour in a straight line, so that nothing jumps."""
        hour, rest = divmod(at % DAY, HOUR)
        now, then = self.rhythm[hour], self.rhythm[(hour + 1) % 24]
        return self.peak * (now + (then - now) * rest / HOUR) / max(self.rhythm)


@dataclass(frozen=True)
class Bursts:
    """``base`` per second, and ``height`` instead for ``last_s`` seconds of every ``every_s``.

    The first burst ends the first period, so that calm water comes before it.
    """

    base: float
    height: float
    every_s: float = 60
    last_s: float = 5

    def __post_init__(self) -> None:
        checked("base", self.base)
        checked("height", self.height)
        _positive("every_s", self.every_s)
        if not 0 <= self.last_s <= self.every_s:
            raise UsageError(f"last_s={self.last_s}: a burst lasts 0 to every_s={self.every_s} s.")

    def rate(self, at: int, begin: int) -> float:
        """Records per second."""
        calm = (at - begin) / SECOND % self.every_s < self.every_s - self.last_s
        return self.base if calm else self.height


@dataclass(frozen=True)
class Steps:
    """(second, rate) pairs: from each second of the run on, that rate; 0 before the first."""

    steps: Sequence[tuple[float, float]]

    def __post_init__(self) -> None:
        seconds = [checked("second", second) for second, _ in self.steps]
        for _, rate in self.steps:
            checked("rate", rate)
        if not seconds or seconds != sorted(seconds):
            raise UsageError(f"steps={self.steps!r}: give (second, rate) pairs in order of time.")

    def rate(self, at: int, begin: int) -> float:
        """Records per second."""
        second, rate = (at - begin) / SECOND, 0.0
        for start, height in self.steps:
            if start > second:
                break
            rate = height
        return rate


@dataclass(frozen=True)
class Ramp:
    """From one rate to another in a straight line over ``over_s`` seconds, then level."""

    first: float
    last: float
    over_s: float

    def __post_init__(self) -> None:
        checked("first", self.first)
        checked("last", self.last)
        _positive("over_s", self.over_s)

    def rate(self, at: int, begin: int) -> float:
        """Records per second."""
        done = min(1.0, (at - begin) / SECOND / self.over_s)
        return self.first + (self.last - self.first) * done


@dataclass(frozen=True)
class Poisson:
    """Independent arrivals around a shape, or around a constant rate per second."""

    around: Shape | float

    def __post_init__(self) -> None:
        shape(self.around)

    def rate(self, at: int, begin: int) -> float:
        """Records per second, on average."""
        return shape(self.around).rate(at, begin)


def shape(of: Shape | float) -> Shape:
    """A number as a constant rate; a shape as it is; UsageError for anything else."""
    if isinstance(of, (int, float)):
        return Constant(of)
    if not hasattr(of, "rate"):
        raise UsageError(f"{of!r} is no load: give records per second, or a shape such as Daily.")
    return of
