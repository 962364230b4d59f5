"""A polling consumer: its own place in every shard, read in turn, parents before children.

Each consumer keeps its place itself; a stream knows nothing of its readers.
"""

from __future__ import annotations

from collections.abc import Iterable

from kinesis_sim.arguments import numbers
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import UsageError
from kinesis_sim.simulator import Simulator
from kinesis_sim.streams.events import ShardCheckpointed
from kinesis_sim.workloads.readers.reader import (
    Handler,
    Reading,
    Record,
    ShardPlace,
    ShardReader,
    listed,
    parents_of,
)

STARTS = ("TRIM_HORIZON", "LATEST")


class Poller:
    """A consumer that polls all shards of a stream.

    name: how pictures call it. start: TRIM_HORIZON or LATEST, for shards that exist when it starts;
    later ones are read from their beginning. every_ms: pause between two polls of a shard. limit:
    records a call. work_ms: simulated milliseconds that one record costs the handler, during which
    its shard waits.
    """

    def __init__(
        self,
        sim: Simulator,
        stream: str,
        handler: Handler,
        *,
        name: str = "consumer",
        start: str = "TRIM_HORIZON",
        every_ms: int = 1_000,
        limit: int = 10_000,
        work_ms: float = 0,
    ) -> None:
        if start not in STARTS:
            raise UsageError(f"start={start!r}: choose {' or '.join(STARTS)}.")
        numbers(every_ms=every_ms, limit=limit, work_ms=work_ms)
        if every_ms <= 0 or limit <= 0 or work_ms < 0:
            raise UsageError(
                f"every_ms={every_ms}, limit={limit}, work_ms={work_ms}: give positive numbers."
            )
        self.name = name
        self.reading = Reading()
        self.places: dict[str, ShardPlace] = {}
        self._sim = sim
        self._stream = stream
        self._handler = handler
        self._start = start
        self._every = every_ms
        self._limit = limit
        self._work = work_ms
        self._readers: dict[str, ShardReader] = {}
        self._timers: dict[str, ScheduledAction] = {}
        self._running = False

    # --- running ------------------------------------------------------------------------------

    def start(self) -> Poller:
        """Begin polling on the clock; starting twice changes nothing. Returns itself."""
        if not self._running:
            rows = listed(self._sim, self._stream)
            self._running = True
            self._discover(rows, self._start)
            for place in self.places.values():
                self._next(place, 0)
        return self

    def stop(self) -> None:
        """Stop polling, as a process that is killed.

        What was not processed is read again after the next start, from the last checkpoint.
        """
        self._running = False
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for shard, place in self.places.items():
            self._readers[shard].wake()
            place.iterator, place.held = None, []

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

    def _discover(self, rows: Iterable[Record], start: str) -> None:
        for row in rows:
            self._know(row["ShardId"], parents_of(row), start)

    def _know(self, shard: str, parents: tuple[str, ...], start: str) -> ShardPlace:
        place = self.places.get(shard)
        if place is None:
            place = self.places[shard] = ShardPlace(shard, parents, start)
            self._readers[shard] = ShardReader(
                self._sim,
                self._stream,
                place,
                self._handler,
                self.reading,
                limit=self._limit,
                work_ms=self._work,
            )
        return place

    def _next(self, place: ShardPlace, ms: int) -> None:
        if self._running and not place.ended:
            at = max(self._sim.clock.now + ms, place.busy_until)
            reader = self._readers[place.shard]
            self._timers[place.shard] = reader.plan(at, self._every, lambda: self._poll(place))

    # --- one poll -----------------------------------------------------------------------------

    def _poll(self, place: ShardPlace) -> None:
        try:
            if self._may_begin(place):
                self._turn(place)
        finally:
            self._next(place, self._every)

    def _may_begin(self, place: ShardPlace) -> bool:
        """A child waits until its parents are read to their ends, so that order holds per key."""
        return all(
            parent not in self.places or self.places[parent].ended for parent in place.parents
        )

    def _turn(self, place: ShardPlace) -> None:
        reader, before = self._readers[place.shard], place.checkpoint
        reader.turn()
        if place.checkpoint not in (None, before):
            self._tell(place)
        if not place.ended:
            return
        for child in reader.children:
            self._know(child["ShardId"], tuple(child["ParentShards"]), "TRIM_HORIZON")
        for other in self.places.values():
            if other.shard not in self._timers and not other.ended:
                self._next(other, 0)

    def _tell(self, place: ShardPlace) -> None:
        """Say how far it is: nobody else knows, the stream least of all."""
        self._sim.events.append(
            ShardCheckpointed(
                at=self._sim.clock.now,
                stream=self._stream,
                application=self.name,
                worker=self.name,
                shard=int(place.shard.rpartition("-")[2]),
                checkpoint=place.checkpoint or "",
            )
        )
