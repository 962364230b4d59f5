"""Producers as fluids: what each attempts, given what part of its attempts shards accept.

Arrays have one number per shard; records are user records; a step lasts ``dt`` seconds. It goes:
``offer`` what arrives, ask for ``attempts`` at some acceptance p (per shard, 0 to 1) as often as
needed to find the p that fits the shards' capacity, then ``settle`` on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Places = NDArray[np.intp]


TRACE = 1e-6
"""Records: less than this waiting is nobody."""


def widened(values: Array, places: Places, shards: int) -> Array:
    """Values of some shards among all, 0 for the others. The last axis is the shards'."""
    found = np.zeros((*values.shape[:-1], shards))
    found[..., places] = values
    return found


@dataclass(slots=True)
class Settled:
    """What a step came to, per shard. waited: seconds from offer to storage, added up."""

    stored: Array
    throttled: Array
    retried: Array
    expired: Array
    dropped: Array
    waited: Array


class Fluid(Protocol):
    """A producer at work as a fluid."""

    @property
    def waiting(self) -> Array:
        """Records that are neither stored nor lost."""

    def offer(self, offered: Array) -> None:
        """So many records arrive in this step."""

    def attempts(self, p: Array) -> Array:
        """How many would be sent at this acceptance."""

    def settle(self, p: Array) -> Settled:
        """Have the step happen."""

    @property
    def idle(self) -> bool:
        """Whether nothing that was offered earlier is still to be sent."""

    def narrow(self, places: Places) -> None:
        """Go on with the shards at these places alone; nothing waits at the others."""

    def widen(self, places: Places, shards: int) -> None:
        """Go back to all shards."""

    def reshape(self, move: Array) -> None:
        """Shards changed: ``move[old, new]`` is the part of an old shard's backlog that goes on."""

    def weight(self, per_second: Array) -> tuple[Array, Array]:
        """Kinesis records, and bytes with keys, per user record at so many offered a second."""

    def passes(self, per_second: float) -> bool:
        """Whether so many a second, none refused, go straight through."""

    @property
    def delay_ms(self) -> float:
        """From offer to storage when nothing is refused."""


class Plain:
    """What the fluids of unaggregated records share."""

    def __init__(self, producer: Any, shards: int, dt: float) -> None:
        self._dt = dt
        self._offered = np.zeros(shards)
        self._bytes = producer.load.mean_bytes + producer.load.keys.mean_bytes
        self.delay_ms = float(producer.call_ms)

    def weight(self, per_second: Array) -> tuple[Array, Array]:
        """One Kinesis record each, of the same size everywhere."""
        return np.ones(()), np.array(self._bytes)

    def passes(self, per_second: float) -> bool:
        """Whatever the rate."""
        return True

    @property
    def idle(self) -> bool:
        """Nothing waits for the producer itself, only for shards."""
        return True
