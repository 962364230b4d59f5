"""Reading one shard as a client does: a place, an iterator, and what to do when AWS refuses.

Everything goes through the gate, so a reader meets the limits, errors and iterators that a client
on AWS meets. A handler that raises keeps its records: the same batch comes again, until it is
processed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import ServiceError
from kinesis_sim.interruption import interruptible
from kinesis_sim.simulator import Simulator

if TYPE_CHECKING:
    from kinesis_sim.clock import ScheduledAction
    from kinesis_sim.streams.tip import Tip

Record = dict[str, Any]
DATA = itemgetter("Data")
"""A record with the API's member names; ApproximateArrivalTimestamp in epoch ms."""
Handler = Callable[[str, list[Record]], object]
"""Called with a shard id and its next records, in order. What it raises sends the batch back."""


@dataclass(slots=True)
class ShardPlace:
    """Where a reader is in one shard.

    checkpoint: the last sequence number processed, None before the first. behind:
    MillisBehindLatest of the last answer (ms). ended: read to the end of a closed shard.
    """

    shard: str
    parents: tuple[str, ...] = ()
    start: str = "TRIM_HORIZON"
    iterator: str | None = None
    checkpoint: str | None = None
    behind: int = 0
    ended: bool = False
    busy_until: int = 0
    held: list[Record] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """What a consumer did so far. errors: texts of what its handler raised, newest last.

    counted: calls that were reported; ``settle``: has those who rest report theirs.
    """

    counted: int = 0
    records: int = 0
    bytes: int = 0
    throttled: int = 0
    expired_iterators: int = 0
    failures: int = 0
    errors: list[str] = field(default_factory=list)
    settle: Callable[[], None] | None = field(default=None, repr=False, compare=False)

    @property
    def calls(self) -> int:
        """Calls that read so far."""
        if self.settle is not None:
            self.settle()
        return self.counted

    def failed(self, error: Exception) -> None:
        """Count a failure of the handler and keep its text (the last hundred)."""
        self.failures += 1
        self.errors.append(f"{type(error).__name__}: {error}")
        del self.errors[:-100]


def listed(sim: Simulator, stream: str, rule: Record | None = None) -> list[Record]:
    """Shards as ListShards describes them, page by page.

    All that retention still covers, or those that a ShardFilter picks.
    """
    rows: list[Record] = []
    request: Record = {"StreamName": stream}
    if rule is not None:
        request["ShardFilter"] = rule
    while True:
        answer = sim.gate.call("kinesis", "ListShards", request)
        rows += answer["Shards"]
        if "NextToken" not in answer:
            return rows
        request = {"NextToken": answer["NextToken"]}


def parents_of(row: Record) -> tuple[str, ...]:
    """The parents of a shard as ListShards describes it, in order."""
    found = (row.get("ParentShardId"), row.get("AdjacentParentShardId"))
    return tuple(sorted(parent for parent in found if parent is not None))


class Handing:
    """Hands a shard's batches to a handler, and moves its place on when that went well.

    work_ms: simulated milliseconds that one record costs the handler. keep_failed: whether a batch
    whose handler raised comes again, or is skipped. children: of a shard that has ended.
    """

    def __init__(
        self,
        sim: Simulator,
        place: ShardPlace,
        handler: Handler,
        reading: Reading,
        *,
        work_ms: float,
        keep_failed: bool,
    ) -> None:
        self.place = place
        self.children: list[dict[str, Any]] = []
        self.work_ms = work_ms
        self._sim = sim
        self._handler = handler
        self._reading = reading
        self._keep_failed = keep_failed
        reading.settle = sim.streams.settle

    def _process(self, records: list[Record]) -> None:
        """Have a batch handled; one that comes again is held."""
        place = self.place
        place.busy_until = self._sim.clock.now + round(self.work_ms * len(records))
        last, size = records[-1]["SequenceNumber"], sum(map(len, map(DATA, records)))
        try:
            interruptible(self._handler, place.shard, [*records])
        except Exception as error:
            self._reading.failed(error)
            if self._keep_failed:
                place.held = records
                return
        place.held = []
        place.checkpoint = last
        self._reading.records += len(records)
        self._reading.bytes += size


class ShardReader(Handing):
    """Reads one shard of a stream from its place on. limit: records a call."""

    def __init__(
        self,
        sim: Simulator,
        stream: str,
        place: ShardPlace,
        handler: Handler,
        reading: Reading,
        *,
        limit: int = 10_000,
        work_ms: float = 0,
        keep_failed: bool = True,
    ) -> None:
        super().__init__(sim, place, handler, reading, work_ms=work_ms, keep_failed=keep_failed)
        self._stream = stream
        self._limit = limit
        self._at_tip = False
        self._tip: Tip | None = None

    def plan(self, at: int, every: int, action: Callable[[], None]) -> ScheduledAction:
        """Have ``action`` fire at ``at`` (epoch ms); it plans itself again every so many ms.

        After a poll that found nothing at the tip it fires when there is something to find.
        """
        clock, place = self._sim.clock, self.place
        if not (self._at_tip and place.iterator and at == clock.now + every):
            return clock.schedule(at, action)
        self._tip = self._sim.streams.tip(place.iterator, every, self._skipped)
        return clock.repeat(at, every, action, self._tip)

    def wake(self) -> None:
        """Rest no longer; polls that were skipped count as made."""
        if self._tip is not None:
            tip, self._tip = self._tip, None
            self.place.iterator = tip.leave()

    def _skipped(self, first: int, every: int, count: int) -> None:
        self._reading.counted += count

    def turn(self) -> None:
        """One poll: read, process, and remember how far that got.

        Sets ``place.ended`` at the end.
        """
        self.wake()
        place, self._at_tip = self.place, False
        try:
            records = place.held or self._read()
        except ServiceError as error:
            self._refused(error)
            return
        if records:
            self._process(records)
        if place.iterator is None and not place.held:
            place.ended = True

    def _read(self) -> list[Record]:
        place = self.place
        if place.iterator is None:
            place.iterator = self._iterator()
        request = {"ShardIterator": place.iterator, "Limit": self._limit}
        answer = self._sim.gate.call("kinesis", "GetRecords", request)
        self._reading.counted += 1
        place.iterator = answer.get("NextShardIterator")
        place.behind = answer["MillisBehindLatest"]
        self.children = answer.get("ChildShards", [])
        records: list[Record] = answer["Records"]
        self._at_tip = not records and not place.behind
        return records

    def _iterator(self) -> str:
        place = self.place
        request: Record = {
            "StreamName": self._stream,
            "ShardId": place.shard,
            "ShardIteratorType": place.start,
        }
        if place.checkpoint is not None:
            request["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER"
            request["StartingSequenceNumber"] = place.checkpoint
        return str(self._sim.gate.call("kinesis", "GetShardIterator", request)["ShardIterator"])

    def _refused(self, error: ServiceError) -> None:
        """Throttled: the same place again. Expired: a new iterator. Gone: nothing left to read."""
        if error.code == "ProvisionedThroughputExceededException":
            self._reading.throttled += 1
        elif error.code == "ExpiredIteratorException":
            self._reading.expired_iterators += 1
            self.place.iterator = None
        elif error.code == "ResourceNotFoundException":
            self.place.ended = True
        else:
            self._reading.failed(error)
