"""Producers that back off, as fluids: a chain of waiting rooms, one per retry.

Records leave a room at the rate of one over the mean back-off. The chain is solved implicitly
(backward Euler), so that a step may be longer than the waits in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kinesis_sim.workloads.pipeline.fluid import TRACE, Plain, Settled, widened
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.producer import TICK_MS
from kinesis_sim.workloads.producers.sdk_loop import SdkLoop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Places = NDArray[np.intp]


class Retrying(Plain):
    """Refused records come back after a back-off, up to ``retries`` times."""

    def __init__(
        self, producer: Batcher | SdkLoop, shards: int, dt: float, *, retries: int
    ) -> None:
        super().__init__(producer, shards, dt)
        jitter = not isinstance(producer, Batcher) or producer.jitter
        caps = [min(producer.cap_ms, producer.base_ms * 2.0**n) for n in range(retries)]
        # Mean of full jitter is half the cap; a tick is waited for half on average.
        ends = producer.call_ms + TICK_MS / 2
        means = np.array([(cap / 2 if jitter else cap) + ends for cap in caps]) / 1000
        leave = dt / means
        self._out = leave / (1 + leave)  # the part of a room that leaves in a step
        self._out_of: list[float] = self._out.tolist()
        self._chains = _chains(self._out)
        self._delays = np.cumsum(means)
        self._rooms = np.zeros((retries, shards))
        self._buffer = producer.buffer

    @property
    def waiting(self) -> Array:
        """Records in back-off."""
        total: Array = self._rooms.sum(axis=0)
        return total

    def offer(self, offered: Array) -> None:
        """Records that are new in this step."""
        self._offered = offered
        self._powers = self._polynomial(offered)

    def _polynomial(self, offered: Array) -> Array:
        """The attempts of a step as a polynomial in the refused part: its coefficients.

        The k-th attempts are those of the k-th room, and what of the attempts before was refused
        and comes back within the step, each times the part of a room that leaves in a step.
        """
        entering = np.vstack((offered, self._out[:, None] * self._rooms))
        powers: Array = self._chains @ entering
        return powers

    def attempts(self, p: Array) -> Array:
        """New records, and those whose back-off ends in this step."""
        return _horner(self._powers, 1 - p)

    def _chain(self, p: Array, offered: Array) -> tuple[Array, Array]:
        """The waiting rooms after the step, and the attempts: first ones, then by retry."""
        if len(offered) == 1:
            return self._lone_chain(1 - float(p[0]), float(offered[0]))
        refused = 1 - p
        rooms = np.empty_like(self._rooms)
        made = np.empty((len(rooms) + 1, len(offered)))
        made[0] = offered
        for number, out in enumerate(self._out):
            entered = self._rooms[number] + refused * made[number]
            made[number + 1] = entered * out
            rooms[number] = entered - made[number + 1]
        return rooms, made

    def _lone_chain(self, refused: float, offered: float) -> tuple[Array, Array]:
        """The same of a single shard, in plain numbers: a hot key's week spends its time here."""
        rooms, made = [], [offered]
        for room, out in zip(self._rooms[:, 0].tolist(), self._out_of, strict=True):
            entered = room + refused * made[-1]
            made.append(entered * out)
            rooms.append(entered - made[-1])
        return np.array(rooms)[:, None], np.array(made)[:, None]

    def _first(self, p: Array) -> Array:
        """First attempts of the step at this acceptance."""
        return self._offered

    def settle(self, p: Array) -> Settled:
        """Have the step happen; what the buffer cannot hold is dropped."""
        first = self._first(p)
        self._rooms, made = self._chain(p, first)
        self._rooms[self._rooms < TRACE] = 0
        total = made.sum(axis=0)
        waited = p * (made[1:] * self._delays[:, None]).sum(axis=0)
        expired = (1 - p) * made[-1]
        return Settled(p * total, (1 - p) * total, total - first, expired, self._drop(), waited)

    def _drop(self) -> Array:
        waiting = self.waiting
        held = waiting.sum()
        if held <= self._buffer:
            return np.zeros(len(waiting))
        keep = self._buffer / held
        self._rooms *= keep
        dropped: Array = waiting * (1 - keep)
        return dropped

    def narrow(self, places: Places) -> None:
        """Go on with some shards."""
        self._rooms = self._rooms[:, places]

    def widen(self, places: Places, shards: int) -> None:
        """Go back to all."""
        self._rooms = widened(self._rooms, places, shards)

    def reshape(self, move: Array) -> None:
        """Backlogs follow their keys."""
        self._rooms = self._rooms @ move


def _chains(out: Array) -> Array:
    """Row j, column i: the part of what enters room i's attempts that was refused j times since."""
    rooms = len(out) + 1
    found = np.zeros((rooms, rooms))
    for i in range(rooms):
        found[0, i] = 1
        for j in range(1, rooms - i):
            found[j, i] = found[j - 1, i] * out[i + j - 1]
    return found


def _horner(powers: Array, x: Array) -> Array:
    """A polynomial's value; its coefficients from the constant on."""
    if powers.shape[1] == 1 and len(x) == 1:
        return np.array([_plain_horner(powers[::-1, 0].tolist(), float(x[0]))])
    total: Array = powers[-1].copy()
    for coefficients in powers[-2::-1]:
        total *= x
        total += coefficients
    return total


def _plain_horner(powers: list[float], x: float) -> float:
    """The same in plain numbers; coefficients from the highest power on."""
    total = 0.0
    for coefficient in powers:
        total = total * x + coefficient
    return total


class Workers(Retrying):
    """A retrying producer whose workers make one call at a time and sit out back-offs."""

    def __init__(self, loop: SdkLoop, shards: int, dt: float) -> None:
        super().__init__(loop, shards, dt, retries=loop.attempts - 1)
        self._loop = loop
        self._queue = np.zeros(shards)

    @property
    def waiting(self) -> Array:
        """Records in back-off, and those that wait for a worker."""
        total: Array = self._rooms.sum(axis=0) + self._queue
        return total

    def passes(self, per_second: float) -> bool:
        """As fast as the workers can call."""
        return per_second * self._loop.call_ms / 1000 <= self._loop.workers

    @property
    def idle(self) -> bool:
        """Whether nobody waits for a worker."""
        return not self._queue.any()

    def offer(self, offered: Array) -> None:
        """New records queue for a worker."""
        self._offered = offered
        self._queue = self._queue + offered

    def attempts(self, p: Array) -> Array:
        """Those that workers are free for, and those whose back-off ends in this step."""
        return _horner(self._polynomial(self._first(p)), 1 - p)

    def _first(self, p: Array) -> Array:
        """As many of the queue as keep every worker busy: calling, or in back-off."""
        idle = self._busy(p, np.zeros_like(self._queue))
        all_in = self._busy(p, self._queue)
        if all_in <= self._loop.workers:
            return self._queue
        part = max(0.0, self._loop.workers - idle) / (all_in - idle)
        return self._queue * part

    def _busy(self, p: Array, first: Array) -> float:
        rooms, made = self._chain(p, first)
        return float(rooms.sum() + made.sum() * self._loop.call_ms / 1000 / self._dt)

    def settle(self, p: Array) -> Settled:
        """Have the step happen; what the queue cannot hold is dropped."""
        first, offered = self._first(p), self._offered
        found = super().settle(p)
        # Who leaves a queue that grows came when it was shorter; who leaves one that shrinks waits
        # as long as those before him take.
        pace = np.maximum(np.maximum(first, offered), 1e-12)
        self._queue = self._queue - first
        found.waited += found.stored * self._queue / pace * self._dt
        held = self._queue.sum()
        keep = min(1.0, self._loop.buffer / held) if held > 0 else 1.0
        found.dropped = self._queue * (1 - keep)
        self._queue = np.where(self._queue < TRACE, 0.0, self._queue * keep)
        return found

    def _drop(self) -> Array:
        return np.zeros_like(self._queue)

    def narrow(self, places: Places) -> None:
        """Go on with some shards."""
        super().narrow(places)
        self._queue = self._queue[places]

    def widen(self, places: Places, shards: int) -> None:
        """Go back to all."""
        super().widen(places, shards)
        self._queue = widened(self._queue, places, shards)

    def reshape(self, move: Array) -> None:
        """Backlogs follow their keys."""
        super().reshape(move)
        self._queue = self._queue @ move
