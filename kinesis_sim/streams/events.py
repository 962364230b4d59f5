"""What can happen to a stream. Counts, bytes and places; never payloads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from kinesis_sim.events import Event, Labels
from kinesis_sim.folded import Number
from kinesis_sim.units import KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent(Event):
    """Something that happened to the stream of this name."""

    stream: str

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """One row per stream and kind, counting."""
        yield (("stream", self.stream),), {"count": 1}


PUT_UNIT_BYTES = 25 * KIB
"""A PUT payload unit: 25 KB of a record (facts/data-streams §8); KB as KiB is the model's
choice."""


@dataclass(frozen=True, slots=True)
class ShardShare:
    """One shard's part of a put. Bytes: data and partition key; throttled ones were not stored.

    more_units, more_kib: what the bill's units (PUT payload units of 25 KB, record sizes rounded up
    to 1 KB) count beyond one per stored record. smallest, largest: of the stored records, in bytes.
    """

    shard: int
    records: int
    bytes: int
    throttled: int = 0
    throttled_bytes: int = 0
    more_units: int = 0
    more_kib: int = 0
    smallest: int = 0
    largest: int = 0

    @property
    def units(self) -> int:
        """PUT payload units of the stored records."""
        return self.records + self.more_units

    @property
    def kib(self) -> int:
        """KiB of the stored records, each rounded up."""
        return self.records + self.more_kib


Sizes = defaultdict[int, list[int]]


def shares(stored: Sizes, throttled: Sizes) -> tuple[ShardShare, ...]:
    """What each shard stored and refused, by index, from its records' sizes in bytes."""
    if len(stored) == 1 and not throttled:
        [(shard, sizes)] = stored.items()
        if len(sizes) == 1:
            return lone(shard, sizes[0])
    indices = sorted(stored.keys() | throttled.keys())
    return tuple(_share(index, stored[index], throttled[index]) for index in indices)


@lru_cache(maxsize=4096)
def lone(shard: int, size: int) -> tuple[ShardShare]:
    """One stored record's share; events of equal records hold the same one, as they are many."""
    return (_share(shard, [size], []),)


def lone_refused(shard: int, size: int) -> tuple[ShardShare]:
    """The share of one record that was not stored."""
    return (_share(shard, [], [size]),)


def _share(shard: int, stored: list[int], throttled: list[int]) -> ShardShare:
    largest = max(stored, default=0)
    return ShardShare(
        shard,
        len(stored),
        sum(stored),
        len(throttled),
        sum(throttled),
        _beyond_first(stored, PUT_UNIT_BYTES) if largest > PUT_UNIT_BYTES else 0,
        _beyond_first(stored, KIB) if largest > KIB else 0,
        min(stored, default=0),
        largest,
    )


def _beyond_first(sizes: list[int], unit: int) -> int:
    """Units that sizes, each rounded up, count beyond one each; even an empty record counts one."""
    return sum([(size - 1) // unit for size in sizes if size > unit])


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingChanged(StreamEvent):
    """An on-demand stream as a whole takes so many records and bytes a second from now on."""

    records: float
    bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsPut(StreamEvent):
    """One PutRecord or PutRecords call.

    api: the operation's name; failed: records refused by an inner fault.
    """

    chatter: ClassVar[bool] = True
    api: str
    shares: tuple[ShardShare, ...]
    latency: int = 0
    failed: int = 0

    @property
    def units(self) -> int:
        """One, and one for every shard when there are several."""
        return 1 if len(self.shares) <= 1 else 1 + len(self.shares)

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per shard for volume and one per API for calls."""
        for share in self.shares:
            yield (
                (("stream", self.stream), ("shard", str(share.shard))),
                {
                    "records": share.records,
                    "bytes": share.bytes,
                    "throttled": share.throttled,
                    "throttled_bytes": share.throttled_bytes,
                    "units": share.units,
                    "kib": share.kib,
                },
            )
        yield (("stream", self.stream), ("api", self.api)), {"calls": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsRead(StreamEvent):
    """One answered GetRecords call.

    behind: MillisBehindLatest; age: ms since the last record read arrived.
    """

    chatter: ClassVar[bool] = True
    shard: int
    records: int
    bytes: int
    behind: int
    age: int

    @property
    def idle(self) -> bool:
        """Whether nothing was there to read."""
        return not self.records

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per shard."""
        yield (
            (("stream", self.stream), ("shard", str(self.shard))),
            {"calls": 1, "records": self.records, "bytes": self.bytes},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyReads(StreamEvent):
    """So many ``RecordsRead`` of one shard in one minute, all at the tip: for those who add up.

    Only a replay tells it (``again.read_nothing``); the log has the events it stands for.
    """

    chatter: ClassVar[bool] = True
    shard: int
    calls: int

    @property
    def idle(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadsIdle(StreamEvent):
    """GetRecords calls of one reader that found nothing, one after another.

    ``calls`` of them, from ``since`` (epoch ms) on, ``every`` ms apart; ``at`` is the last one's.
    """

    chatter: ClassVar[bool] = True
    shard: int
    since: int
    every: int
    calls: int

    @property
    def idle(self) -> bool:
        """Always."""
        return True

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per shard, in the minute of the last call."""
        yield (("stream", self.stream), ("shard", str(self.shard))), {"calls": self.calls}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsPushed(StreamEvent):
    """One event of an enhanced fan-out subscription left for its consumer."""

    chatter: ClassVar[bool] = True
    consumer: str
    shard: int
    records: int
    bytes: int
    behind: int

    @property
    def place(self) -> tuple[object, ...]:
        """Of each consumer, the newest stays: that it was pushed to is known for good."""
        return (self.consumer,)

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per consumer and shard."""
        labels = (("stream", self.stream), ("consumer", self.consumer), ("shard", str(self.shard)))
        yield labels, {"events": 1, "records": self.records, "bytes": self.bytes}


@dataclass(frozen=True, slots=True, kw_only=True)
class PushesIdle(StreamEvent):
    """Heartbeats of one fan-out consumer of a shard, one after another, and its renewals.

    ``events`` heartbeats, from ``since`` (epoch ms) on, ``every`` ms apart; ``at`` is the last
    one's. ``renewals``: subscriptions that ended and were opened anew at once, ``lasts`` ms each,
    the first at ``renewed``.
    """

    chatter: ClassVar[bool] = True
    consumer: str
    shard: int
    since: int
    every: int
    events: int
    renewed: int
    lasts: int
    renewals: int

    @property
    def idle(self) -> bool:
        """Always."""
        return True

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per consumer and shard, in the minute of the last heartbeat."""
        labels = (("stream", self.stream), ("consumer", self.consumer), ("shard", str(self.shard)))
        yield labels, {"events": self.events, "renewals": self.renewals}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivesIdle(StreamEvent):
    """Receives from a queue that waited until their waits were over, one after another.

    ``calls`` of them; the first ended at ``since`` (epoch ms), then one every ``every`` ms; ``at``
    is the last one's end.
    """

    chatter: ClassVar[bool] = True
    queue: str
    queue_id: str
    since: int
    every: int
    calls: int

    @property
    def idle(self) -> bool:
        """Always."""
        return True

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per queue, in the minute of the last one's end."""
        labels = (("stream", self.stream), ("queue", self.queue), ("what", "received"))
        yield labels, {"calls": self.calls, "empty": self.calls}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadThrottled(StreamEvent):
    """A GetRecords call that the shard's read limits refused."""

    chatter: ClassVar[bool] = True
    shard: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCreated(StreamEvent):
    """CreateStream was accepted; the shards exist once the stream is ACTIVE."""

    mode: str
    shards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(StreamEvent):
    """The stream went from one status to another; ``became`` is None once it is gone.

    why: the change asked for.
    """

    was: str
    became: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardOpened(StreamEvent):
    """A shard began to take records for its range of hash keys."""

    shard: int
    start: int
    end: int
    parents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardClosed(StreamEvent):
    """A shard was split or merged; it takes records until ``ShardEnded``.

    children: the shards that have its keys.
    """

    shard: int
    children: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardEnded(StreamEvent):
    """A closed shard takes no more records: its readers come to its end."""

    shard: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionChanged(StreamEvent):
    """The retention period went from one number of hours to another."""

    was: int
    became: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChanged(StreamEvent):
    """A setting of the stream changed.

    Its mode, encryption, record size, distribution, warm throughput …
    """

    setting: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerChanged(StreamEvent):
    """A registered consumer went to a status; None once it is gone."""

    consumer: str
    became: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentChanged(Event):
    """The account's minimum throughput billing commitment (on-demand Advantage) began or ended."""

    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueUsed(StreamEvent):
    """Records of a queue were received, acknowledged, delayed or restored.

    ``records`` is 0 for an empty receive.
    """

    chatter: ClassVar[bool] = True
    queue: str
    queue_id: str
    what: str
    records: int

    @property
    def idle(self) -> bool:
        """Whether nothing was there to receive."""
        return not self.records

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per queue and kind of use."""
        labels = (("stream", self.stream), ("queue", self.queue), ("what", self.what))
        yield labels, {"calls": 1, "records": self.records, "empty": int(self.records == 0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDelivered(StreamEvent):
    """A channel's delivery was due.

    bytes: as stored; errors: records in error objects; failed: why nothing more could be written,
    None when all was.
    """

    chatter: ClassVar[bool] = True
    channel: str
    objects: int
    records: int
    bytes: int
    errors: int
    failed: str | None

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per channel."""
        labels = (("stream", self.stream), ("channel", self.channel))
        yield (
            labels,
            {"objects": self.objects, "records": self.records, "bytes": self.bytes},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseMoved(StreamEvent):
    """A worker of a consumer application took a shard's lease; ``was``: who held it before."""

    application: str
    worker: str
    shard: int
    was: str | None
    became: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardCheckpointed(StreamEvent):
    """A worker wrote down how far it processed a shard."""

    chatter: ClassVar[bool] = True
    application: str
    worker: str
    shard: int
    checkpoint: str

    @property
    def place(self) -> tuple[object, ...]:
        """Of each application's checkpoints of a shard, the newest stays."""
        return self.application, self.shard


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerChanged(StreamEvent):
    """A worker of a consumer application began, ended or was lost.

    state: "running", "stopped" (as it should) or "crashed".
    """

    application: str
    worker: str
    became: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChanged(StreamEvent):
    """A subscription to a shard opened, was refused, was taken over or ended."""

    chatter: ClassVar[bool] = True
    consumer: str
    shard: int
    became: str
