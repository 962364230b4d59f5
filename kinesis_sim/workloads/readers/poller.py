"""A polling consumer: its own place in every shard, read in turn, parents before children.

Each consumer keeps its place itself; a stream knows nothing of its readers.
"""

from __future__ import annotations

from kinesis_sim.arguments import numbers
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import UsageError
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.readers.lone import LoneConsumer
from kinesis_sim.workloads.readers.reader import Handler, ShardPlace, ShardReader, listed


class Poller(LoneConsumer[ShardReader]):
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
        super().__init__(sim, stream, handler, name, start, work_ms)
        numbers(every_ms=every_ms, limit=limit, work_ms=work_ms)
        if every_ms <= 0 or limit <= 0 or work_ms < 0:
            raise UsageError(
                f"every_ms={every_ms}, limit={limit}, work_ms={work_ms}: give positive numbers."
            )
        self._every = every_ms
        self._limit = limit
        self._timers: dict[str, ScheduledAction] = {}

    # --- running ------------------------------------------------------------------------------

    def start(self) -> Poller:
        """Begin polling on the clock; starting twice changes nothing. Returns itself."""
        if not self._running:
            rows = listed(self._sim, self._stream)
            self._running = True
            self._know_all(rows)
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

    def _reader(self, place: ShardPlace) -> ShardReader:
        return ShardReader(
            self._sim,
            self._stream,
            place,
            self._handler,
            self.reading,
            limit=self._limit,
            work_ms=self._work,
        )

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

    def _turn(self, place: ShardPlace) -> None:
        reader, before = self._readers[place.shard], place.checkpoint
        reader.turn()
        if place.checkpoint not in (None, before):
            self._tell(place.shard, place.checkpoint)
        if not place.ended:
            return
        self._know_children(place.shard)
        for other in self.places.values():
            if other.shard not in self._timers and not other.ended:
                self._next(other, 0)
