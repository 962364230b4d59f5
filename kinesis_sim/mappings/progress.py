"""How far a mapping is through with a shard: up to the oldest record that a lane still has."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kinesis_sim.mappings.batch import Record
from kinesis_sim.mappings.events import PlaceMoved

if TYPE_CHECKING:
    from kinesis_sim.mappings.mapping import Mapping


class Progress:
    """Sequence numbers that were read of one shard, until they are dealt with."""

    def __init__(self, mapping: Mapping, shard: str) -> None:
        self._mapping = mapping
        self._shard = shard
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
            self._tell(reached)

    def _tell(self, number: int) -> None:
        mapping = self._mapping
        mapping.ports.events.append(
            PlaceMoved(
                at=mapping.ports.clock.now,
                stream=mapping.stream,
                function=mapping.function,
                shard=self._shard,
                sequence_number=str(number),
            )
        )
