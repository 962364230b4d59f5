"""What one consumer of a pipeline was handed, minute by minute, and how far behind that leaves it.

Exact, because it looks at the stream itself: no consumer on AWS could tell its lag that well.
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.account.functions import Function
from kinesis_sim.simulator import Simulator
from kinesis_sim.streams import sequence
from kinesis_sim.workloads.readers.reader import Handler, Record


class HandlerTally:
    """A handler around the learner's own (None: records are taken and forgotten).

    records: processed, that is, the handler returned. duplicates: records handed over that were
    handed over before, be it after a failure, a crash or a take-over. oldest: the largest age of a
    batch's last record when it was handed over (ms). skips: whether a batch whose handler raised is
    passed over.
    """

    def __init__(
        self, sim: Simulator, stream: str, handler: Handler | None, start: str, skips: bool = False
    ) -> None:
        self.records = 0
        self.duplicates = 0
        self.oldest = 0
        self._sim, self._stream = sim, sim.streams[stream]
        self._handler = handler
        self._skips = skips
        self._handed: dict[str, int] = {}
        self._done: dict[int, int] = {}
        retained = self._stream.retained_shards(sim.clock.now)
        self._begins = {s.index: s.log.end for s in retained} if start == "LATEST" else {}

    def __call__(self, shard: str, records: list[Record]) -> None:
        """Take a batch of a shard, in order; raises what the handler raises."""
        last = self._count(shard, records)
        try:
            if self._handler is not None:
                self._handler(shard, records)
        except Exception:
            if self._skips:
                self._reached(last)
            raise
        self.records += len(records)
        self._reached(last)

    def _count(self, shard: str, records: list[Record]) -> int:
        """Count what comes again; the last record's number."""
        known, last = self._handed.get(shard, -1), int(records[-1]["SequenceNumber"])
        if int(records[0]["SequenceNumber"]) <= known:
            numbers = [int(record["SequenceNumber"]) for record in records]
            self.duplicates += sum([number <= known for number in numbers])
        self._handed[shard] = max(known, last)
        self._look_at(records[-1])
        return last

    def _look_at(self, record: Record) -> None:
        age = self._sim.clock.now - record["ApproximateArrivalTimestamp"]
        self.oldest = max(self.oldest, age)

    def _reached(self, number: int) -> None:
        shard = number >> 4 & 0xFFFF_FFFF
        self._done[shard] = max(self._done.get(shard, 0), number)

    def lag(self) -> int:
        """The age of the oldest record in the stream that is not processed (ms), 0 for none."""
        now = self._sim.clock.now
        oldest = now
        for shard in self._stream.retained_shards(now):
            log = shard.log
            place = max(self._place(shard.index), log.first)
            if place < log.end:
                oldest = min(oldest, log.time_at(place))
        return now - oldest

    def _place(self, shard: int) -> int:
        """The position of the first record of a shard that is not processed."""
        done = self._done.get(shard)
        if done is None:
            return self._begins.get(shard, 0)
        return sequence.parse(str(done)).index

    def age(self) -> int:
        """``oldest`` since the last call."""
        found, self.oldest = self.oldest, 0
        return found


class LooseTally(HandlerTally):
    """For queues, where records come one by one in any order; who received again is theirs."""

    def _count(self, shard: str, records: list[Record]) -> int:
        self._look_at(records[-1])
        return 0

    def _reached(self, number: int) -> None:
        """A queue keeps no place."""


class FunctionTally:
    """The same around a Lambda function, which gets events.

    lanes: whether several batches of a shard can be under way at once, so that order holds only
    within a key.

    An invocation that times out is not run, so its records do not count as handed over.
    """

    def __init__(self, sim: Simulator, function: Function, lanes: bool) -> None:
        self.duplicates = 0
        self.bytes = 0
        self._sim, self._function = sim, function
        self._lanes = lanes
        self._oldest = 0
        self._handed: dict[str, int] = {}

    def __call__(self, event: dict[str, Any]) -> Any:
        """Run the function with the event; answers and raises as it does."""
        rows = event["Records"]
        if rows:
            self._count(rows)
        return self._function(event)

    def age(self) -> int:
        """The largest age (ms) of a batch's last record when handed over, since the last call."""
        found, self._oldest = self._oldest, 0
        return found

    def _count(self, rows: list[Record]) -> None:
        shard = rows[0]["eventID"].partition(":")[0]
        about = [row["kinesis"] for row in rows]
        self.bytes += sum([len(row["data"]) * 3 // 4 for row in about])
        arrived = round(about[-1]["approximateArrivalTimestamp"] * 1000)
        self._oldest = max(self._oldest, self._sim.clock.now - arrived)
        if self._lanes:
            for row in about:
                self._compare(row["partitionKey"], [row])
        else:
            self._compare(shard, about)

    def _compare(self, line: str, about: list[Record]) -> None:
        known, last = self._handed.get(line, -1), int(about[-1]["sequenceNumber"])
        if int(about[0]["sequenceNumber"]) <= known:
            self.duplicates += sum([int(row["sequenceNumber"]) <= known for row in about])
        self._handed[line] = max(known, last)
