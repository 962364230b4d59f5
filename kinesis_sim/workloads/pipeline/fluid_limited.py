"""The KPL as a fluid: no back-off, a rate limit per shard, and a time to live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kinesis_sim.account.aggregation import ENVELOPE_BYTES
from kinesis_sim.account.protobuf import varint
from kinesis_sim.workloads.pipeline.fluid import TRACE, Settled, widened
from kinesis_sim.workloads.producers.kpl import SHARD_BYTES, SHARD_RECORDS, Kpl
from kinesis_sim.workloads.producers.producer import TICK_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Places = NDArray[np.intp]


class Limited:
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
        self.waiting = np.where(kept < TRACE, 0.0, kept)
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
        self.waiting = widened(self.waiting, places, shards)
        self._recent = [widened(offered, places, shards) for offered in self._recent]

    def reshape(self, move: Array) -> None:
        """Backlogs follow their keys."""
        self.waiting = self.waiting @ move
        self._recent = [offered @ move for offered in self._recent]


def size_of(count: Array, data: float, keys: Array, key_bytes: float) -> Array:
    """Bytes, about, of aggregates of ``count`` records of ``data`` bytes under so many ``keys``."""
    inner = 3 + _width(data) + data
    table = keys * (2 + key_bytes)
    return ENVELOPE_BYTES + table + count * (1 + _width(inner) + inner)


def _width(number: float) -> int:
    return len(varint(int(number)))
