"""Producers as fluids: what each attempts, given what part of its attempts shards accept.

Arrays have one number per shard; records are user records; a step lasts ``dt`` seconds. It goes:
``offer`` what arrives, ask for ``attempts`` at some acceptance p (per shard, 0 to 1) as often as
needed to find the p that fits the shards' capacity, then ``settle`` on it.

Back-off is a chain of waiting rooms, one per retry, that records leave at the rate of one over the
mean back-off; the chain is solved implicitly (backward Euler), so that a step may be longer than
the waits in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from kinesis_sim.errors import UsageError
from kinesis_sim.workloads.aggregation import ENVELOPE_BYTES
from kinesis_sim.workloads.batcher import Batcher
from kinesis_sim.workloads.kpl import SHARD_BYTES, SHARD_RECORDS, Kpl
from kinesis_sim.workloads.producer import TICK_MS, Producer
from kinesis_sim.workloads.protobuf import varint
from kinesis_sim.workloads.sdk_loop import SdkLoop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Places = NDArray[np.intp]


_TRACE = 1e-6  # records: less than this waiting is nobody


def _widened(values: Array, places: Places, shards: int) -> Array:
    """Values of some shards among all, 0 for the others. The last axis is the shards'."""
    found = np.zeros((*values.shape[:-1], shards))
    found[..., places] = values
    return found


def size_of(count: Array, data: float, keys: Array, key_bytes: float) -> Array:
    """Bytes, about, of aggregates of ``count`` records of ``data`` bytes under so many ``keys``."""
    inner = 3 + _width(data) + data
    table = keys * (2 + key_bytes)
    return ENVELOPE_BYTES + table + count * (1 + _width(inner) + inner)


def _width(number: float) -> int:
    return len(varint(int(number)))


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


def fluid(producer: Producer, shards: int, dt: float) -> Fluid:
    """The fluid of a producer; UsageError for a kind that has none."""
    if isinstance(producer, Batcher):
        return _Retrying(producer, shards, dt, retries=producer.retries)
    if isinstance(producer, SdkLoop):
        return _Workers(producer, shards, dt)
    if isinstance(producer, Kpl):
        return _Limited(producer, shards, dt)
    raise UsageError(f"{producer.name}: flows know Batcher, SdkLoop and Kpl; use run() for others.")


class _Plain:
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


class _Retrying(_Plain):
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
        refused = 1 - p
        rooms = np.empty_like(self._rooms)
        made = np.empty((len(rooms) + 1, len(offered)))
        made[0] = offered
        for number, out in enumerate(self._out):
            entered = self._rooms[number] + refused * made[number]
            made[number + 1] = entered * out
            rooms[number] = entered - made[number + 1]
        return rooms, made

    def _first(self, p: Array) -> Array:
        """First attempts of the step at this acceptance."""
        return self._offered

    def settle(self, p: Array) -> Settled:
        """Have the step happen; what the buffer cannot hold is dropped."""
        first = self._first(p)
        self._rooms, made = self._chain(p, first)
        self._rooms[self._rooms < _TRACE] = 0
        total = made.sum(axis=0)
        waited = p * (made[1:] * self._delays[:, None]).sum(axis=0)
        expired = (1 - p) * made[-1]
        return Settled(p * total, (1 - p) * total, total - first, expired, self._drop(), waited)

    def _drop(self) -> Array:
        waiting = self.waiting
        held = waiting.sum()
        if held <= self._buffer:
            return np.zeros_like(waiting)
        keep = self._buffer / held
        self._rooms *= keep
        dropped: Array = waiting * (1 - keep)
        return dropped

    def narrow(self, places: Places) -> None:
        """Go on with some shards."""
        self._rooms = self._rooms[:, places]

    def widen(self, places: Places, shards: int) -> None:
        """Go back to all."""
        self._rooms = _widened(self._rooms, places, shards)

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
    total: Array = powers[-1].copy()
    for coefficients in powers[-2::-1]:
        total *= x
        total += coefficients
    return total


class _Workers(_Retrying):
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
        self._queue = np.where(self._queue < _TRACE, 0.0, self._queue * keep)
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
        self._queue = _widened(self._queue, places, shards)

    def reshape(self, move: Array) -> None:
        """Backlogs follow their keys."""
        super().reshape(move)
        self._queue = self._queue @ move


class _Limited:
    """The KPL: no back-off, a rate limit per shard, and a time to live."""

    def __init__(self, kpl: Kpl, shards: int, dt: float) -> None:
        self._kpl, self._dt = kpl, dt
        self.waiting = np.zeros(shards)
        self._offered = np.zeros(shards)
        self._most = np.full(shards, np.inf)
        self._recent: list[Array] = []  # what was offered in the last TTL's steps, oldest first
        # In the mean half the buffered time passes; what a tick sees is at most a tick old.
        self.delay_ms = kpl.call_ms + max(0.0, kpl.record_max_buffered_time - TICK_MS) / 2

    def weight(self, per_second: Array) -> tuple[Array, Array]:
        """Kinesis records and bytes per user record."""
        load, kpl = self._kpl.load, self._kpl
        key = load.keys.mean_bytes
        if not kpl.aggregation:
            ones = np.ones_like(per_second)
            return ones, ones * (load.mean_bytes + key)
        weights = load.keys.weights()
        keys = np.inf if weights is None else len(weights) / per_second.shape[-1]
        each = load.mean_bytes + key + 16
        most = max(1.0, (kpl.aggregation_max_size - 20) // each)
        wave = np.maximum(1.0, per_second * max(kpl.record_max_buffered_time, TICK_MS) / 1000)
        count = wave / np.ceil(wave / most)
        size = size_of(count, load.mean_bytes, np.minimum(count, keys), key)
        size = np.where(count > 1, size, load.mean_bytes)  # one alone is not wrapped
        return 1 / count, (size + key) / count

    def passes(self, per_second: float) -> bool:
        """Shards, not the producer, are what limits it."""
        return True

    @property
    def idle(self) -> bool:
        """Nothing waits for the producer itself, only for shards."""
        return True

    def offer(self, offered: Array) -> None:
        """New records queue behind those that wait."""
        self._offered = offered
        records, size = self.weight(offered / self._dt)
        share = self._kpl.rate_limit / 100 * self._dt
        self._most = np.minimum(SHARD_RECORDS * share / records, SHARD_BYTES * share / size)

    def attempts(self, p: Array) -> Array:
        """What is refused is tried again every tick, up to the rate limit."""
        ticks = self._dt * 1000 / TICK_MS
        # Each try of a tick leaves 1 − p of it: a geometric sum as long as the step.
        tries = (1 - (1 - p) ** ticks) / np.maximum(p, 1e-12)
        found: Array = np.minimum(self._most, (self.waiting + self._offered) * tries)
        return found

    def settle(self, p: Array) -> Settled:
        """Have the step happen; who waits longer than the TTL is given up."""
        tried = self.attempts(p)
        stored = p * tried
        left = np.maximum(0.0, self.waiting + self._offered - stored)
        kept = np.minimum(left, self._young())
        expired = left - kept
        self.waiting = np.where(kept < _TRACE, 0.0, kept)
        again = np.maximum(0.0, tried - stored - expired)  # the oldest go first, and again
        pace = np.maximum(np.maximum(stored, self._offered), 1e-12)
        waited = stored * kept / pace * self._dt
        return Settled(stored, tried - stored, again, expired, np.zeros_like(kept), waited)

    def _young(self) -> Array:
        """What was offered within the TTL: nothing older is kept."""
        steps = self._kpl.record_ttl / 1000 / self._dt
        whole = int(steps)
        self._recent = [*self._recent[-whole:], self._offered] if whole else [self._offered]
        total = np.zeros_like(self._offered)
        for offered in self._recent[len(self._recent) - whole :]:
            total = total + offered
        if len(self._recent) > whole:
            total = total + self._recent[0] * (steps - whole)
        return total

    def narrow(self, places: Places) -> None:
        """Go on with some shards; where nobody waits, nothing of before matters."""
        self.waiting = self.waiting[places]
        self._recent = [offered[places] * (self.waiting > 0) for offered in self._recent]

    def widen(self, places: Places, shards: int) -> None:
        """Go back to all."""
        self.waiting = _widened(self.waiting, places, shards)
        self._recent = [_widened(offered, places, shards) for offered in self._recent]

    def reshape(self, move: Array) -> None:
        """Backlogs follow their keys."""
        self.waiting = self.waiting @ move
        self._recent = [offered @ move for offered in self._recent]
