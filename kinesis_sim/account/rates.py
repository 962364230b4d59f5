"""So many per second, or per day: the sliding windows by which services throttle.

A span is half open: what happened exactly one span ago no longer counts. AWS does not publish its
windows; a sliding one is this model's choice, because over no span of that length more gets through
than the quota says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

from kinesis_sim.instants import SECOND


class Window:
    """How much happened in the span (ms) that ends now, in one unit. Times never run backwards."""

    __slots__ = ("_entries", "_span", "total")

    def __init__(self, span: int = SECOND) -> None:
        self._entries: deque[list[int]] = deque()
        self._span = span
        self.total = 0

    def at(self, now: int) -> int:
        """The total of the span that ends at ``now`` (epoch ms)."""
        entries, start = self._entries, now - self._span
        while entries and entries[0][0] <= start:
            self.total -= entries.popleft()[1]
        return self.total

    def seen(self, now: int) -> int:
        """The total of the span that ends at ``now``, which may lie ahead; nothing is forgotten."""
        return sum(amount for at, amount in self._entries if at > now - self._span)

    def insert(self, instants: list[int]) -> None:
        """Count one at each of some instants of the span that has passed."""
        self.total += len(instants)
        self._entries = deque(sorted([*self._entries, *([at, 1] for at in instants)]))

    def remove(self, instants: list[int]) -> None:
        """Count one less at each of some instants; what is out of the span already stays out."""
        for entry in self._entries:
            gone = min(entry[1], instants.count(entry[0]))
            entry[1] -= gone
            self.total -= gone

    def add(self, now: int, amount: int) -> None:
        """Count ``amount`` at ``now``."""
        self.total += amount
        if self._entries and self._entries[-1][0] == now:
            self._entries[-1][1] += amount
        else:
            self._entries.append([now, amount])


class Rate:
    """Admits so many per span (ms)."""

    __slots__ = ("_seen", "most")

    def __init__(self, most: int, span: int = SECOND) -> None:
        self.most = most
        self._seen = Window(span)

    def full(self, now: int) -> bool:
        """Whether one more at ``now`` (epoch ms) is one too many."""
        return self._seen.at(now) >= self.most

    def seen(self, now: int) -> int:
        """How many there were in the span that ends at ``now``, which may lie ahead."""
        return self._seen.seen(now)

    def insert(self, instants: list[int]) -> None:
        """Count what happened at some instants of the span that has passed."""
        self._seen.insert(instants)

    def admit(self, now: int) -> bool:
        """Whether one more at ``now`` (epoch ms) is let through; if so, it is counted."""
        if self._seen.at(now) >= self.most:
            return False
        self._seen.add(now, 1)
        return True


_KEPT = 10_000


class Rates:
    """A rate of its own for each of many: operations, changes, streams. span: ms.

    Those that are quiet are forgotten when there are very many: their names may be a stranger's.
    """

    def __init__(self, span: int = SECOND) -> None:
        self._span = span
        self._rates: dict[Hashable, Rate] = {}
        self._room = _KEPT

    def admit(self, what: Hashable, most: int, now: int) -> bool:
        """Whether one more of something is let through at ``now`` (epoch ms).

        If so, it is counted.
        """
        rate = self._rates.get(what)
        if rate is None:
            if len(self._rates) >= self._room:
                self._rates = {key: each for key, each in self._rates.items() if each.seen(now)}
                self._room = max(_KEPT, 2 * len(self._rates))
            rate = self._rates[what] = Rate(most, self._span)
        return rate.admit(now)
