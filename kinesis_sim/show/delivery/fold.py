"""What became of a Firehose stream's records, at any instant: a fold over the event log.

The counts add up at every instant, as ``Tally`` does: accepted == delivered + dropped + errors +
lost + held, and held is what waits for the transform, in buffers, or under way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.events import EventLog, MinuteRow
from kinesis_sim.firehose.events import (
    BufferFlushed,
    DeliveryTried,
    FirehoseEvent,
    FunctionCalled,
    ObjectWritten,
    RecordsConverted,
    RecordsFailed,
    RecordsLost,
    RecordsOpened,
    RecordsPartitioned,
    RecordsTaken,
)

GOOD_KINDS = frozenset({"data", "backup", "staging", "manifest"})
"""Kinds of ``ObjectWritten`` that are no error output."""
_AT = {
    "decompression-failed": "source",
    "processing-failed": "transform",
    "metadata-extraction-failed": "partitions",
    "activePartitionExceeded": "partitions",
    "format-conversion-failed": "conversion",
}
"""The stage at which records of an error output type failed; any other failed at delivery."""


def stage_of(kind: str) -> str:
    """The stage that records of an error output type left at."""
    return _AT.get(kind, "destination")


@dataclass(slots=True)
class Counts:
    """Records so far.

    failed: by error output type, when they failed; written: by the same, when they were in S3;
    partitions: active ones when records last came to them; call: the last invocation of the
    transform; trial: the last try of the destination; failing_since, failures: of the tries that
    failed without one in between that did not (epoch ms, None when none did); in_part: how many of
    them the destination took some records of.
    """

    accepted: int = 0
    throttled: int = 0
    for_function: int = 0
    copied: int = 0
    ok: int = 0
    dropped: int = 0
    flushed: int = 0
    converted: int = 0
    delivered: int = 0
    partitions: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    call: FunctionCalled | None = None
    trial: DeliveryTried | None = None
    failing_since: int | None = None
    failures: int = 0
    in_part: int = 0

    @property
    def errors(self) -> int:
        """Records in the error output in S3."""
        return self.written.total()

    @property
    def held(self) -> int:
        """Records that Firehose still has."""
        return self.accepted - self.delivered - self.dropped - self.errors - self.lost.total()

    @property
    def at_transform(self) -> int:
        """Records that the transform has not answered for yet."""
        return self.for_function - self.ok - self.dropped - self.failed["processing-failed"]

    @property
    def onward(self) -> int:
        """Records that came to the partitions, or past where they would be."""
        opened = self.accepted - self.failed["decompression-failed"]
        return self.ok + opened - self.for_function

    @property
    def entered(self) -> int:
        """Records that came into a buffer."""
        return self.onward - self.failed_at("partitions")

    @property
    def buffered(self) -> int:
        """Records in the buffers of the destination."""
        return self.entered - self.flushed

    @property
    def under_way(self) -> int:
        """Records that left a buffer and wait for their destination, or for the error output."""
        return self.held - self.at_transform - self.buffered

    def failed_at(self, stage: str) -> int:
        """Records that failed at a stage."""
        return sum(n for kind, n in self.failed.items() if stage_of(kind) == stage)

    def take(self, event: FirehoseEvent) -> None:
        """Count one event."""
        count = _FOLDS.get(type(event))
        if count is not None:
            count(self, event)

    def kept(self) -> Counts:
        """A copy that further events do not change."""
        other = copy(self)
        other.failed, other.written = Counter(self.failed), Counter(self.written)
        other.lost = Counter(self.lost)
        return other

    def _taken(self, event: RecordsTaken) -> None:
        self.throttled += event.throttled

    def _opened(self, event: RecordsOpened) -> None:
        self.accepted += event.records
        if event.function:
            self.for_function += event.records - event.failed

    def _called(self, event: FunctionCalled) -> None:
        self.call = event
        if not event.code:
            self.ok += event.ok
            self.dropped += event.dropped

    def _failed(self, event: RecordsFailed) -> None:
        self.failed[event.kind] += event.records

    def _partitioned(self, event: RecordsPartitioned) -> None:
        self.partitions = event.active

    def _flushed(self, event: BufferFlushed) -> None:
        self.flushed += event.records

    def _converted(self, event: RecordsConverted) -> None:
        self.converted += event.converted

    def _tried(self, event: DeliveryTried) -> None:
        if event.backup:
            return
        self.trial = event
        self.failures = self.failures + 1 if event.code else 0
        if not event.code:
            self.failing_since, self.in_part = None, 0
        else:
            self.failing_since = self.failing_since or event.at
            self.in_part += event.delivered > 0
        if event.destination != "S3":  # what reaches S3 as data is counted by its objects
            self.delivered += event.delivered

    def _written(self, event: ObjectWritten) -> None:
        if event.kind == "data":
            self.delivered += event.records
        elif event.kind == "backup":
            self.copied += event.records
        elif event.kind not in GOOD_KINDS:
            self.written[event.kind] += event.records

    def _lost(self, event: RecordsLost) -> None:
        self.lost[event.reason] += event.records


_FOLDS: dict[type, Callable[[Counts, Any], None]] = {
    RecordsTaken: Counts._taken,
    RecordsOpened: Counts._opened,
    FunctionCalled: Counts._called,
    RecordsFailed: Counts._failed,
    RecordsPartitioned: Counts._partitioned,
    BufferFlushed: Counts._flushed,
    RecordsConverted: Counts._converted,
    DeliveryTried: Counts._tried,
    ObjectWritten: Counts._written,
    RecordsLost: Counts._lost,
}


def before(rows: Iterable[MinuteRow]) -> Counts:
    """The counts that minutes add up to; what was tried or called last is not known of them."""
    counts = Counts()
    for row in rows:
        labels, sums = dict(row.labels), Counter({k: int(v) for k, v in row.measures.items()})
        records = sums["records"]
        match row.kind, labels.get("kind", ""):
            case "RecordsTaken", _:
                counts.throttled += sums["throttled"]
            case "RecordsOpened", _:
                counts.accepted += records
                counts.for_function += records - sums["failed"] if labels["function"] else 0
            case "FunctionCalled", _ if not labels["code"]:
                counts.ok += sums["ok"]
                counts.dropped += sums["dropped"]
            case "RecordsFailed", kind:
                counts.failed[kind] += records
            case "BufferFlushed", _:
                counts.flushed += records
            case "RecordsConverted", _:
                counts.converted += sums["converted"]
            case "DeliveryTried", _:
                ours = labels["backup"] == "False" and labels["destination"] != "S3"
                counts.delivered += sums["delivered"] if ours else 0
            case "ObjectWritten", "data":
                counts.delivered += records
            case "ObjectWritten", "backup":
                counts.copied += records
            case "ObjectWritten", kind if kind not in GOOD_KINDS:
                counts.written[kind] += records
            case "RecordsLost", _:
                counts.lost[labels["reason"]] += records
    return counts


class Story:
    """A stream's events up to an instant (epoch ms), and what came before those that are whole.

    begin: from when on they are whole; None for all of them.
    """

    def __init__(self, log: EventLog, name: str, end: int) -> None:
        self.begin = log.whole_from(FirehoseEvent, stream=name)
        first = self.begin or 0
        events = log.of(FirehoseEvent, stream=name)
        self.events = [event for event in events if first <= event.at <= end]
        rows = log.minutes(*_FOLDS, stream=name) if self.begin is not None else []
        self.base = before(row for row in rows if row.minute < first)


def at_instants(
    events: Sequence[FirehoseEvent], instants: Iterable[int], base: Counts | None = None
) -> Iterator[tuple[int, Counts]]:
    """The counts at each of some instants (epoch ms, ascending); base: those before."""
    counts, place = base or Counts(), 0
    for instant in instants:
        while place < len(events) and events[place].at <= instant:
            counts.take(events[place])
            place += 1
        yield instant, counts.kept()
