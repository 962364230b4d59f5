"""The CloudWatch metrics of namespace AWS/Kinesis, folded from events into minutes.

Names, units and dimensions: facts/data-streams §7. What one sample is, was recorded
(facts/data-streams §7 "Samples"): a call or a pushed event, but a record for the shard-level
IncomingBytes and WriteProvisionedThroughputExceeded; IteratorAgeMilliseconds is 0 once caught up.
The model's choice: a refusal other than a throttle is no call at all; latencies are those of the
in-process latency model.

Shard-level metrics exist while EnableEnhancedMonitoring has them on, and only from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kinesis_sim.account.fold import FoldFromNow
from kinesis_sim.account.metrics import Dimensions, Metric, Metrics
from kinesis_sim.events import Event
from kinesis_sim.instants import MINUTE
from kinesis_sim.streams.events import (
    EmptyReads,
    PushesIdle,
    QueueUsed,
    ReadsIdle,
    ReadThrottled,
    ReceivesIdle,
    RecordsPushed,
    RecordsPut,
    RecordsRead,
    SettingChanged,
    ShardShare,
    StatusChanged,
    SubscriptionChanged,
)
from kinesis_sim.streams.shard import shard_id

NAMESPACE = "AWS/Kinesis"
SHARD_LEVEL = "shard-level metrics"
_QUEUE_USES = {
    "received": "ReceivedQueueRecords",
    "received dead": "ReceivedDeadLetterQueueRecords",
    "acknowledged": "AcknowledgedQueueRecords",
    "acknowledged dead": "AcknowledgedDeadLetterQueueRecords",
}
_EMPTY = {"received": "EmptyReceives", "received dead": "EmptyDeadLetterReceives"}
_CALLS = {
    api: (f"{api}.Bytes", f"{api}.Latency", f"{api}.Success") for api in ("PutRecord", "PutRecords")
}
_IDLE_SHARD = (
    *("OutgoingBytes", "OutgoingRecords"),
    *("IteratorAgeMilliseconds", "ReadProvisionedThroughputExceeded"),
)
"""Shard-level metrics of a read, all zero when it found nothing."""
_HEARTBEAT = {
    "SubscribeToShardEvent.Bytes": 0,
    "SubscribeToShardEvent.Records": 0,
    "SubscribeToShardEvent.MillisBehindLatest": 0,
    "SubscribeToShardEvent.Success": 1,
}
_RENEWED = {
    "SubscribeToShardEvent.Success": 0,
    "SubscribeToShard.Success": 1,
    "SubscribeToShard.RateExceeded": 0,
}
"""Of a subscription that ended by itself, and the next one."""
_UNSUCCESSFUL = ("failed", "ended")
"""Ends that count as an event without success: an error, and five minutes that are over (recorded,
facts/data-streams/7/subscription-ends); a caller who goes leaves none."""
Rows = dict[str, list[float]]
"""Samples of one minute by metric: lowest, highest, total, count."""


def unit(name: str) -> str:
    """The unit of a metric: told by its name, throughout facts/data-streams §7."""
    if name.endswith("Bytes"):
        return "Bytes"
    return "Milliseconds" if name.endswith(("Latency", "Milliseconds", "BehindLatest")) else "Count"


class StreamMetrics(FoldFromNow):
    """The fold. latency: milliseconds that a call of an operation takes its caller."""

    def __init__(self, metrics: Metrics, latency: Callable[[str], float]) -> None:
        self._metrics = metrics
        self._latency = latency
        self._minute = -1
        self._rows: dict[Dimensions, Rows] = {}
        self._shard_level: dict[str, frozenset[str]] = {}

    def take(self, events: Iterable[Event]) -> None:
        """Take events in, in order; what they add up to is in the metrics afterwards."""
        folds = _FOLDS
        for event in events:
            take = folds.get(type(event))
            if take is not None:
                minute = event.at // MINUTE
                if minute != self._minute:
                    self._hand_in()
                    self._minute = minute
                take(self, event)
        self._hand_in()

    def _hand_in(self) -> None:
        at, rows = self._minute * MINUTE, self._rows
        self._rows = {}
        for dimensions, samples in rows.items():
            for name, row in samples.items():
                self._metrics.put(Metric(NAMESPACE, name, dimensions), unit(name), at, *row)

    def _of(self, stream: str, **more: str) -> Rows:
        """The minute's rows of a stream, or of a part of it."""
        dimensions = (
            tuple(sorted({"StreamName": stream, **more}.items()))
            if more
            else (("StreamName", stream),)
        )
        rows = self._rows.get(dimensions)
        if rows is None:
            rows = self._rows[dimensions] = {}
        return rows

    # --- writes -------------------------------------------------------------------------------

    def _put(self, event: RecordsPut) -> None:
        rows, api, shares = self._of(event.stream), event.api, event.shares
        call_bytes, call_latency, call_success = _CALLS[api]
        stored = size = throttled = 0
        for share in shares:
            stored += share.records
            size += share.bytes
            throttled += share.throttled
        if stored:
            _note(rows, "IncomingRecords", stored)
            _note(rows, "IncomingBytes", size)
            _note(rows, call_bytes, size)
        _note(rows, call_latency, self._latency(api))
        _note(rows, call_success, 1 if stored else 0)
        _note(rows, "WriteProvisionedThroughputExceeded", throttled)
        if api == "PutRecords":
            _note(rows, "PutRecords.TotalRecords", stored + throttled + event.failed)
            _note(rows, "PutRecords.SuccessfulRecords", stored)
            _note(rows, "PutRecords.ThrottledRecords", throttled)
            _note(rows, "PutRecords.FailedRecords", event.failed)
        for share in shares if event.stream in self._shard_level else ():
            self._put_shard(event.stream, share)

    def _put_shard(self, stream: str, share: ShardShare) -> None:
        """Bytes and throttles have a sample per record here, records one per call."""
        stored, refused = share.records, share.throttled
        if stored:
            self._note_shard(stream, share.shard, "IncomingRecords", stored)
            sizes = share.smallest, share.largest, share.bytes, stored
            self._note_shards(stream, share.shard, "IncomingBytes", *sizes)
        throttles = int(not stored), int(refused > 0), refused, stored + refused
        self._note_shards(stream, share.shard, "WriteProvisionedThroughputExceeded", *throttles)

    # --- reads --------------------------------------------------------------------------------

    def _read(self, event: RecordsRead) -> None:
        rows, stream, shard = self._of(event.stream), event.stream, event.shard
        age = event.age if event.behind else 0
        _note(rows, "GetRecords.Bytes", event.bytes)
        _note(rows, "GetRecords.Records", event.records)
        _note(rows, "GetRecords.IteratorAgeMilliseconds", age)
        _note(rows, "GetRecords.Latency", self._latency("GetRecords"))
        _note(rows, "GetRecords.Success", 1)
        _note(rows, "ReadProvisionedThroughputExceeded", 0)
        self._note_shard(stream, shard, "OutgoingBytes", event.bytes)
        self._note_shard(stream, shard, "OutgoingRecords", event.records)
        self._note_shard(stream, shard, "IteratorAgeMilliseconds", age)
        self._note_shard(stream, shard, "ReadProvisionedThroughputExceeded", 0)

    def _empty_reads(self, event: EmptyReads) -> None:
        """As so many reads that found nothing."""
        rows, stream, shard, times = self._of(event.stream), event.stream, event.shard, event.calls
        for name, value in self._idle_read().items():
            _note_all(rows, name, value, value, value * times, times)
        for name in _IDLE_SHARD:
            self._note_shards(stream, shard, name, 0, 0, 0, times)

    def _idle_read(self) -> dict[str, float]:
        """The stream-level samples of a read that finds nothing."""
        return {
            "GetRecords.Bytes": 0,
            "GetRecords.Records": 0,
            "GetRecords.IteratorAgeMilliseconds": 0,
            "GetRecords.Latency": self._latency("GetRecords"),
            "GetRecords.Success": 1,
            "ReadProvisionedThroughputExceeded": 0,
        }

    def _reads_idle(self, event: ReadsIdle) -> None:
        """The samples of reads that found nothing, by arithmetic."""
        stream = event.stream
        named = (("StreamName", stream),)
        for name, value in self._idle_read().items():
            self._run(name, named, event, value)
        known = self._shard_level.get(stream, ())
        of_shard = (("ShardId", shard_id(event.shard)), *named)
        for name in _IDLE_SHARD:
            if name in known:
                self._run(name, of_shard, event, 0)

    def _pushes_idle(self, event: PushesIdle) -> None:
        """The samples of heartbeats and renewals, by arithmetic."""
        stream, put = event.stream, self._metrics.run
        whose = tuple(sorted({"StreamName": stream, "ConsumerName": event.consumer}.items()))
        beats = event.since, event.every, event.events
        for name, value in _HEARTBEAT.items():
            put(Metric(NAMESPACE, name, whose), unit(name), *beats, value)
        if event.renewals:
            renewals = event.renewed, event.lasts, event.renewals
            for name, value in _RENEWED.items():
                put(Metric(NAMESPACE, name, whose), unit(name), *renewals, value)
        of_shard = (("ShardId", shard_id(event.shard)), ("StreamName", stream))
        for name in ("OutgoingBytes", "OutgoingRecords"):
            if name in self._shard_level.get(stream, ()):
                put(Metric(NAMESPACE, name, of_shard), unit(name), *beats, 0)

    def _run(self, name: str, dimensions: Dimensions, event: ReadsIdle, value: float) -> None:
        metric = Metric(NAMESPACE, name, dimensions)
        self._metrics.run(metric, unit(name), event.since, event.every, event.calls, value)

    def _read_throttled(self, event: ReadThrottled) -> None:
        rows = self._of(event.stream)
        _note(rows, "GetRecords.Latency", self._latency("GetRecords"))
        _note(rows, "GetRecords.Success", 0)
        _note(rows, "ReadProvisionedThroughputExceeded", 1)
        self._note_shard(event.stream, event.shard, "ReadProvisionedThroughputExceeded", 1)

    def _subscription(self, event: SubscriptionChanged) -> None:
        rows = self._of(event.stream, ConsumerName=event.consumer)
        if event.became in ("opened", "refused"):
            _note(rows, "SubscribeToShard.Success", int(event.became == "opened"))
            _note(rows, "SubscribeToShard.RateExceeded", int(event.became == "refused"))
        elif event.became in _UNSUCCESSFUL:
            _note(rows, "SubscribeToShardEvent.Success", 0)

    def _pushed(self, event: RecordsPushed) -> None:
        rows = self._of(event.stream, ConsumerName=event.consumer)
        _note(rows, "SubscribeToShardEvent.Bytes", event.bytes)
        _note(rows, "SubscribeToShardEvent.Records", event.records)
        _note(rows, "SubscribeToShardEvent.MillisBehindLatest", event.behind)
        _note(rows, "SubscribeToShardEvent.Success", 1)
        self._note_shard(event.stream, event.shard, "OutgoingBytes", event.bytes)
        self._note_shard(event.stream, event.shard, "OutgoingRecords", event.records)

    # --- queues -------------------------------------------------------------------------------

    def _queue(self, event: QueueUsed) -> None:
        name = _QUEUE_USES.get(event.what)
        if name is None:
            return
        dimensions = (("QueueId", event.queue_id), ("QueueName", event.queue))
        rows = self._rows.setdefault(dimensions, {})
        _note(rows, name, event.records)
        if event.what in _EMPTY:
            _note(rows, _EMPTY[event.what], int(event.records == 0))

    def _receives_idle(self, event: ReceivesIdle) -> None:
        dimensions = (("QueueId", event.queue_id), ("QueueName", event.queue))
        for name, value in (("ReceivedQueueRecords", 0), ("EmptyReceives", 1)):
            metric = Metric(NAMESPACE, name, dimensions)
            self._metrics.run(metric, unit(name), event.since, event.every, event.calls, value)

    # --- shard level --------------------------------------------------------------------------

    def _note_shard(self, stream: str, shard: int, name: str, value: float) -> None:
        if name in self._shard_level.get(stream, ()):
            _note(self._of(stream, ShardId=shard_id(shard)), name, value)

    def _note_shards(self, stream: str, shard: int, name: str, *samples: float) -> None:
        """Several samples at once: the lowest, the highest, their total and how many."""
        if name in self._shard_level.get(stream, ()):
            _note_all(self._of(stream, ShardId=shard_id(shard)), name, *samples)

    def _setting(self, event: SettingChanged) -> None:
        if event.setting == SHARD_LEVEL:
            self._shard_level[event.stream] = frozenset(event.value.split(", ")) - {"none"}

    def _status(self, event: StatusChanged) -> None:
        if event.became is None:
            self._shard_level.pop(event.stream, None)


def _note(rows: Rows, name: str, value: float) -> None:
    row = rows.get(name)
    if row is None:
        rows[name] = [value, value, value, 1]
        return
    if value < row[0]:
        row[0] = value
    elif value > row[1]:
        row[1] = value
    row[2] += value
    row[3] += 1


def _note_all(
    rows: Rows, name: str, lowest: float, highest: float, total: float, count: float
) -> None:
    row = rows.setdefault(name, [lowest, highest, 0, 0])
    row[0], row[1] = min(row[0], lowest), max(row[1], highest)
    row[2] += total
    row[3] += count


_FOLDS: dict[type, Callable[[StreamMetrics, Any], None]] = {
    RecordsPut: StreamMetrics._put,
    RecordsRead: StreamMetrics._read,
    EmptyReads: StreamMetrics._empty_reads,
    ReadsIdle: StreamMetrics._reads_idle,
    ReadThrottled: StreamMetrics._read_throttled,
    RecordsPushed: StreamMetrics._pushed,
    PushesIdle: StreamMetrics._pushes_idle,
    SubscriptionChanged: StreamMetrics._subscription,
    QueueUsed: StreamMetrics._queue,
    ReceivesIdle: StreamMetrics._receives_idle,
    SettingChanged: StreamMetrics._setting,
    StatusChanged: StreamMetrics._status,
}
StreamMetrics.kinds = tuple(_FOLDS)
