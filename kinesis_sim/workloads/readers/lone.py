"""A consumer that reads all shards of a stream alone: without leases, its places kept by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

from kinesis_sim.errors import UsageError
from kinesis_sim.streams.events import ShardCheckpointed
from kinesis_sim.workloads.readers.reader import (
    Handing,
    Handler,
    Reading,
    Record,
    ShardPlace,
    parents_of,
)

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

STARTS = ("TRIM_HORIZON", "LATEST")
OneShard = TypeVar("OneShard", bound=Handing)
"""What reads one shard of it."""


def start_of(start: str) -> str:
    """Where a reader starts that knows no better. Raises UsageError for none of STARTS."""
    if start not in STARTS:
        raise UsageError(f"start={start!r}: choose {' or '.join(STARTS)}.")
    return start


def tell_place(sim: Simulator, stream: str, name: str, shard: str, checkpoint: str) -> None:
    """Say how far a lone reader is: nobody else knows, the stream least of all."""
    sim.events.append(
        ShardCheckpointed(
            at=sim.clock.now,
            stream=stream,
            application=name,
            worker=name,
            shard=int(shard.rpartition("-")[2]),
            checkpoint=checkpoint,
        )
    )


class LoneConsumer(ABC, Generic[OneShard]):
    """Its places in a stream's shards, parents before children, so that order holds per key."""

    def __init__(
        self, sim: Simulator, stream: str, handler: Handler, name: str, start: str, work_ms: float
    ) -> None:
        self.name = name
        self.reading = Reading()
        self.places: dict[str, ShardPlace] = {}
        self._sim, self._stream, self._handler = sim, stream, handler
        self._start = start_of(start)
        self._work = work_ms
        self._readers: dict[str, OneShard] = {}
        self._running = False

    @property
    def behind(self) -> int:
        """The lag: the largest MillisBehindLatest over the shards it reads (ms)."""
        return max((place.behind for place in self.places.values() if not place.ended), default=0)

    @property
    def work_ms(self) -> float:
        """Simulated milliseconds that one record costs the handler; it can change on the way."""
        return self._work

    @work_ms.setter
    def work_ms(self, ms: float) -> None:
        self._work = ms
        for reader in self._readers.values():
            reader.work_ms = ms

    @abstractmethod
    def _reader(self, place: ShardPlace) -> OneShard:
        """What is to read a shard from this place on."""

    def _know(self, shard: str, parents: tuple[str, ...], start: str) -> None:
        if shard not in self.places:
            place = self.places[shard] = ShardPlace(shard, parents, start)
            self._readers[shard] = self._reader(place)

    def _know_all(self, rows: Iterable[Record]) -> None:
        """Know what ListShards describes."""
        for row in rows:
            self._know(row["ShardId"], parents_of(row), self._start)

    def _know_children(self, shard: str) -> None:
        """Know what a shard that has ended was split or merged into."""
        for child in self._readers[shard].children:
            self._know(child["ShardId"], tuple(child["ParentShards"]), "TRIM_HORIZON")

    def _may_begin(self, place: ShardPlace) -> bool:
        """A child waits until its parents are read to their ends."""
        return all(
            parent not in self.places or self.places[parent].ended for parent in place.parents
        )

    def _tell(self, shard: str, checkpoint: str | None) -> None:
        tell_place(self._sim, self._stream, self.name, shard, checkpoint or "")
