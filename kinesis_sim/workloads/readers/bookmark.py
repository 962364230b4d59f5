"""A reader that keeps its own place: how far it got in each shard, written down after every read.

A stream knows nothing of its readers. What a reader has not read when it expires is gone for it,
and nothing tells it so: it goes on at the oldest record that is left (facts/data-streams §3.3 has
conflicting reports of what AWS does there; this is the model's choice).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.instants import to_ms, total
from kinesis_sim.interruption import interruptible
from kinesis_sim.workloads.readers.lone import start_of, tell_place

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

Record = dict[str, Any]


class Bookmark:
    """A reader of all shards of a stream.

    ``checkpoints`` is its place: shard id → the sequence number that it read last.

    name: how pictures call it. handler: called with the records of each read that found some.
    start: TRIM_HORIZON or LATEST, for shards that it has no checkpoint of; UsageError for others.
    """

    def __init__(
        self,
        sim: Simulator,
        stream: str,
        name: str,
        handler: Callable[[list[Record]], object] | None = None,
        *,
        start: str = "TRIM_HORIZON",
    ) -> None:
        self.name = name
        self.checkpoints: dict[str, str] = {}
        self._sim, self._stream, self._start = sim, stream, start_of(start)
        self._handler = handler or (lambda records: None)

    def read(self) -> list[Record]:
        """Read on from its checkpoints to the present; returns the records, times in epoch ms.

        Raises the ServiceError of the read that AWS would refuse; what was read before it counts.
        """
        found: list[Record] = []
        for row in self._call("ListShards", StreamName=self._stream)["Shards"]:
            found += self._shard(row["ShardId"])
        return found

    def every(
        self, *, hours: float = 0, minutes: float = 0, until: str | datetime | int | None = None
    ) -> Bookmark:
        """Read at this pace on the clock, ``until`` it dies (never, unless given); returns itself.

        Raises UsageError for a pace of nothing.
        """
        pause = total(hours=hours, minutes=minutes)
        if pause < 1:
            raise UsageError(f"hours={hours}, minutes={minutes}: give a pace above nothing.")
        end = None if until is None else to_ms(until)
        self._schedule(pause, end)
        return self

    def _schedule(self, pause: int, end: int | None) -> None:
        due = self._sim.clock.now + pause
        if end is None or due <= end:
            self._sim.clock.schedule(due, lambda: self._turn(pause, end))

    def _turn(self, pause: int, end: int | None) -> None:
        """One read on the clock; what was refused for its pace is read the next time."""
        try:
            self.read()
        except ServiceError as error:
            if error.code != "ProvisionedThroughputExceededException":
                raise
        except BaseException:
            self._schedule(pause, end)
            raise
        self._schedule(pause, end)

    def _shard(self, shard: str) -> list[Record]:
        found: list[Record] = []
        iterator: str | None = self._iterator(shard)
        while iterator is not None:
            answer = self._call("GetRecords", ShardIterator=iterator)
            if answer["Records"]:
                found += answer["Records"]
                self._reached(shard, answer["Records"])
            iterator = answer.get("NextShardIterator") if answer["MillisBehindLatest"] else None
        return found

    def _iterator(self, shard: str) -> str:
        place: Record = {"ShardIteratorType": self._start}
        if shard in self.checkpoints:
            place["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER"
            place["StartingSequenceNumber"] = self.checkpoints[shard]
        answer = self._call("GetShardIterator", StreamName=self._stream, ShardId=shard, **place)
        return str(answer["ShardIterator"])

    def _reached(self, shard: str, records: list[Record]) -> None:
        """Process what came, then write down how far that was."""
        last = records[-1]["SequenceNumber"]
        interruptible(self._handler, records)
        self.checkpoints[shard] = last
        tell_place(self._sim, self._stream, self.name, shard, last)

    def _call(self, operation: str, **request: Any) -> Record:
        return self._sim.gate.call("kinesis", operation, request)
