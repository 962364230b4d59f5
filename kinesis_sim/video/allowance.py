"""So much per second of what flows: an allowance of a second, and how long to wait for more."""

from __future__ import annotations

from kinesis_sim.instants import SECOND


class MediaAllowance:
    """Bytes, or fragments, of one connection. most: how many a second.

    A second's worth may come at once; what is over is waited for (the model's choice: AWS says how
    much a second, and not over which time).
    """

    __slots__ = ("_free", "_most")

    def __init__(self, most: int) -> None:
        self._most, self._free = most, 0.0

    def add(self, now: int, amount: int) -> None:
        """Count what came at ``now`` (epoch ms)."""
        self._free = max(self._free, float(now)) + amount * SECOND / self._most

    @property
    def next_at(self) -> int:
        """When more may come (epoch ms)."""
        return int(self._free) - SECOND
