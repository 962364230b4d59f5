"""What part of their attempts shards accept in a step of a flow: 1, or what limits leave.

A shard's own limit makes its acceptance; the ceiling of an on-demand stream is one more part, the
same for every shard, since it refuses whoever comes once the stream is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kinesis_sim.streams.growth import RecordThroughput
from kinesis_sim.workloads.pipeline.fluid import Fluid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

NO_END = RecordThroughput(np.inf, np.inf)
SLACK = 1 + 1e-9
"""Rounding must not make a full shard an overloaded one."""
_TRIES, _CLOSE = 12, 3e-4  # to find the acceptance at which a shard is full, and how full
_FINE = 1_000  # records a second: when so many fit, the part of one that does not is nothing


def fill(records: Array, size: Array, most: RecordThroughput) -> Array:
    """How full a place would be: what it is to store a second over what it may.

    Records are not cut: a second's bytes are filled with whole ones, of the mean size.
    """
    if most.records == np.inf:
        return np.zeros_like(records)
    mean = size / np.maximum(records, 1e-12)
    whole: Array | float = most.bytes
    if mean.max(initial=0.0) > most.bytes / _FINE:
        mean = np.maximum(mean, 1.0)
        whole = np.maximum(1.0, most.bytes // mean) * mean
    found: Array = np.maximum(records / most.records, size / whole)
    return found


class Acceptance:
    """The search for it, step after step, with the same shards. most: of a shard a second."""

    def __init__(
        self, fluids: Sequence[Fluid], shards: int, dt: float, most: RecordThroughput
    ) -> None:
        self._fluids, self._dt, self._most = fluids, dt, most
        self._accepted = np.ones(shards)
        self._weights: Sequence[tuple[Array, Array]] = []

    def find(self, weights: Sequence[tuple[Array, Array]], ceiling: RecordThroughput) -> Array:
        """The acceptance of each shard in this step.

        weights: Kinesis records and bytes of a user record, per producer; ceiling: of the stream.
        """
        self._weights = weights
        p = self._of_shards()
        if ceiling is NO_END or self._over(p, ceiling) <= SLACK - 1:
            return p
        low, high = 0.0, 1.0
        for _ in range(2 * _TRIES):
            part = (low + high) / 2
            over = self._over(np.minimum(p, part), ceiling)
            if abs(over) < _CLOSE:
                break
            low, high = (low, part) if over > 0 else (part, high)
        capped: Array = np.minimum(p, part)
        return capped

    def _over(self, p: Array, ceiling: RecordThroughput) -> float:
        """How much more than its ceiling the stream would store, as a part of it."""
        records, size = self._stored(p)
        whole = fill(records.sum(keepdims=True), size.sum(keepdims=True), ceiling)
        return float(whole[0]) - 1

    def _of_shards(self) -> Array:
        """By false position with halved ends (Illinois): the fill grows with the acceptance."""
        low, high = np.zeros(len(self._accepted)), np.ones(len(self._accepted))
        above = self._fill_at(high) - 1
        over = above > SLACK - 1
        if not over.any():
            return high
        below, side = -np.ones(len(low)), np.zeros(len(low))
        p = np.clip(self._accepted, 1e-6, 1.0)  # most often it is about what it was a step ago
        for number in range(_TRIES):
            found = self._fill_at(np.where(over, p, 1.0)) - 1
            if np.abs(found[over]).max() < _CLOSE:
                break
            up = found > 0
            below = np.where(up & (side > 0), below / 2, below)
            above = np.where(~up & (side < 0), above / 2, above)
            high, above = np.where(up, p, high), np.where(up, found, above)
            low, below = np.where(up, low, p), np.where(up, below, found)
            side = np.where(up, 1.0, -1.0)
            guess = (low * above - high * below) / np.where(above > below, above - below, 1.0)
            p = np.clip(p / (1 + found), low, high) if number == 0 else guess
        self._accepted = np.where(over, p, 1.0)
        return self._accepted

    def _fill_at(self, p: Array) -> Array:
        """How full shards would be at this acceptance."""
        return fill(*self._stored(p), self._most)

    def _stored(self, p: Array) -> tuple[Array, Array]:
        """Kinesis records and bytes that shards would store a second at this acceptance."""
        records, size = np.zeros(len(p)), np.zeros(len(p))
        for each, (count, bulk) in zip(self._fluids, self._weights, strict=True):
            stored = p * each.attempts(p) / self._dt
            records += stored * count
            size += stored * bulk
        return records, size
