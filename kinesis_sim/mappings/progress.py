"""How far a mapping is through with a shard: up to the oldest record that a lane still has."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from kinesis_sim.mappings.batch import Record


class ShardProgress:
    """Sequence numbers that were read of one shard, until they are dealt with.

    moved: called with the last that is, when that is another one.
    """

    def __init__(self, moved: Callable[[int], None]) -> None:
        self._moved = moved
        self._read: deque[int] = deque()

    def add(self, records: Iterable[Record]) -> None:
        """Records were read, in order."""
        self._read.extend(int(record["SequenceNumber"]) for record in records)

    def settle(self, fronts: Iterable[Record | None]) -> None:
        """Say how far that is, if it moved. fronts: the oldest record of each lane."""
        numbers = [int(record["SequenceNumber"]) for record in fronts if record is not None]
        oldest, reached = min(numbers, default=None), None
        while self._read and (oldest is None or self._read[0] < oldest):
            reached = self._read.popleft()
        if reached is not None:
            self._moved(reached)
