"""A load: how many records arrive when (a shape), under which keys, and how large they are."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, repeat
from typing import Protocol

from kinesis_sim.arguments import number, whole
from kinesis_sim.errors import UsageError
from kinesis_sim.streams.stream import Entry
from kinesis_sim.units import MIB
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.producers.keys import KeyChooser, WeightedKeys, uniform_keys
from kinesis_sim.workloads.producers.shapes import Poisson, Shape, shape

LARGEST_BYTES = 10 * MIB
"""A record on a stream that allows large ones (facts/data-streams §4.2)."""
_STEPS = 16  # sizes drawn between the ends of a range
_BY_HAND = 30.0  # up to this mean, Poisson counts are drawn exactly


class RecordSource(Protocol):
    """Records on their way, as time passes."""

    def take(self, now: int) -> list[Entry]:
        """What arrived since the last call, up to ``now`` (epoch ms)."""


class Offered(Protocol):
    """What a producer is given to send. Two readings of one load: records, and rates."""

    def start(self, chance: random.Random, begin: int) -> RecordSource:
        """Records one by one, from ``begin`` (epoch ms) on."""

    def rate(self, at: int, begin: int) -> float:
        """Records per second at an instant, on average."""

    def mean_rate(self, since: int, until: int, begin: int) -> float:
        """Records per second between two instants, on average."""

    @property
    def keys(self) -> KeyChooser:
        """Under which keys they come."""

    @property
    def mean_bytes(self) -> float:
        """Bytes of data of a record, on average; its key is not counted."""


@dataclass(frozen=True)
class Load:
    """Made-up records: their content is filler, what counts is when, where and how much.

    arriving: records per second, or a shape (Constant, Daily, Bursts, Steps, Ramp; Poisson around
    any of them). keys: a chooser (a thousand equally frequent ones unless given). size: bytes of
    data, a (least, most) range, or {bytes: weight}. Raises UsageError for impossible numbers.
    """

    arriving: Shape | float
    keys: KeyChooser = field(default_factory=uniform_keys)
    size: int | tuple[int, int] | Mapping[int, float] = 200

    def __post_init__(self) -> None:
        shape(self.arriving)
        _check_sizes(self.sizes)

    @cached_property
    def sizes(self) -> dict[int, float]:
        """Sizes (bytes of data) and how often each comes, adding up to 1."""
        if not isinstance(self.size, tuple | Mapping):
            return {whole("size", self.size): 1.0}
        if isinstance(self.size, tuple):
            least, most = (whole("size", each) for each in self.size)
            if least > most:
                raise UsageError(f"size=({least}, {most}): give the smaller number of bytes first.")
            found = {least + (most - least) * n // (_STEPS - 1) for n in range(_STEPS)}
            return dict.fromkeys(sorted(found), 1 / len(found))
        total = sum(self.size.values())
        return {size: weight / total for size, weight in self.size.items()} if total > 0 else {}

    @property
    def mean_bytes(self) -> float:
        """Bytes of data of a record, on average."""
        return sum(size * share for size, share in self.sizes.items())

    def rate(self, at: int, begin: int) -> float:
        """Records per second at an instant."""
        return shape(self.arriving).rate(at, begin)

    def mean_rate(self, since: int, until: int, begin: int) -> float:
        """Records per second between two instants: the rate half-way."""
        return self.rate((since + until) // 2, begin)

    def start(self, chance: random.Random, begin: int) -> RecordSource:
        """Records one by one, from ``begin`` on."""
        return _Made(self, chance, begin)


def _check_sizes(sizes: Mapping[int, float]) -> None:
    if not sizes or min(sizes.values()) < 0:
        raise UsageError("size: give weights of 0 or more, at least one of them above 0.")
    for size in sizes:
        if not 0 <= size <= LARGEST_BYTES:
            raise UsageError(f"size={size}: a record has 0 to {LARGEST_BYTES:,} bytes of data.")


class _Made:
    """The records of a Load. One payload per size is shared by all records of that size."""

    def __init__(self, load: Load, chance: random.Random, begin: int) -> None:
        self._load, self._chance, self._begin = load, chance, begin
        self._at = begin
        self._due = 0.0
        self._payloads = [bytes(size) for size in load.sizes]
        self._cumulated = list(accumulate(load.sizes.values()))
        self._random = isinstance(load.arriving, Poisson)

    def take(self, now: int) -> list[Entry]:
        count, chance = self._count(now), self._chance
        if not count:
            return []
        keys = self._load.keys.draw(count, chance)
        payloads = self._payloads
        if len(payloads) == 1:
            return list(zip(repeat(payloads[0], count), keys, repeat(None)))
        data = chance.choices(payloads, cum_weights=self._cumulated, k=count)
        return list(zip(data, keys, repeat(None)))

    def _count(self, now: int) -> int:
        middle = (self._at + now) // 2
        expected = self._load.rate(middle, self._begin) * (now - self._at) / 1000
        self._at = now
        if self._random:
            return _poisson(expected, self._chance)
        self._due += expected
        whole = int(self._due + 1e-9)
        self._due -= whole
        return whole


def _poisson(mean: float, chance: random.Random) -> int:
    """A Poisson count; above 30 the normal distribution stands in for it, rounded."""
    if mean > _BY_HAND:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    count, passed = 0, chance.expovariate(1.0)
    while passed < mean:
        count += 1
        passed += chance.expovariate(1.0)
    return count


class Recorded:
    """Arrivals that are known beforehand: a generator's (``rides(…)``), or a recording.

    rebase: they come as if their first second were the run's first; False: at their own instants.
    faster: 2 plays them in half the time. They are read whole, once.
    """

    def __init__(
        self, arrivals: Iterable[Arrival], *, rebase: bool = True, faster: float = 1.0
    ) -> None:
        number("faster", faster)
        if not faster > 0:
            raise UsageError(f"faster={faster}: give a number above 0; 1 is their own pace.")
        self.arrivals = sorted(arrivals, key=lambda arrival: arrival.at)
        self.rebase = rebase
        self.faster = faster

    @cached_property
    def keys(self) -> WeightedKeys:
        """Their keys, as often as each comes."""
        counts: dict[str, float] = {}
        for arrival in self.arrivals:
            counts[arrival.key] = counts.get(arrival.key, 0) + 1
        return WeightedKeys(list(counts), list(counts.values()))

    @cached_property
    def mean_bytes(self) -> float:
        """Bytes of data, on average."""
        return sum(len(a.data) for a in self.arrivals) / max(1, len(self.arrivals))

    @cached_property
    def _per_second(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for arrival in self.arrivals:
            second = self.due(arrival, 0) // 1000
            found[second] = found.get(second, 0) + 1
        return found

    def due(self, arrival: Arrival, begin: int) -> int:
        """When an arrival comes in a run that began at ``begin`` (epoch ms)."""
        if not self.rebase:
            return arrival.at
        first = self.arrivals[0].at // 1000 * 1000
        return begin + round((arrival.at - first) / self.faster)

    def rate(self, at: int, begin: int) -> float:
        """Records in the second of an instant."""
        return self._per_second.get((at - begin if self.rebase else at) // 1000, 0)

    def mean_rate(self, since: int, until: int, begin: int) -> float:
        """Records between two instants, counted, per second."""
        base = begin if self.rebase else 0
        first, last = (bisect_left(self._dues, at - base) for at in (since, until))
        return (last - first) * 1000 / (until - since)

    @cached_property
    def _dues(self) -> list[int]:
        return [self.due(arrival, 0) for arrival in self.arrivals]

    def start(self, chance: random.Random, begin: int) -> RecordSource:
        """Records one by one."""
        return _Replayed(self, begin)


class _Replayed:
    def __init__(self, recorded: Recorded, begin: int) -> None:
        self._recorded, self._begin = recorded, begin
        self._next = 0

    def take(self, now: int) -> list[Entry]:
        arrivals, first = self._recorded.arrivals, self._next
        last = len(arrivals)
        due = self._recorded.due
        while self._next < last and due(arrivals[self._next], self._begin) <= now:
            self._next += 1
        return [
            (a.data, a.key, None if a.explicit is None else int(a.explicit))
            for a in arrivals[first : self._next]
        ]
