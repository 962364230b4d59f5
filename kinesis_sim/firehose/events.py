"""What can happen to a Firehose stream. Metrics, bill and pictures are folds over these.

Every event names its stream. lane: the shard (``shardId-…``), the active partition or "" that a
buffer is for; bytes are those of the records, before compression, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from kinesis_sim.events import Event, Labels
from kinesis_sim.folded import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class FirehoseEvent(Event):
    """Something that happened to the Firehose stream of this name."""

    stream: str

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Counted per stream."""
        yield (("stream", self.stream),), {"count": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStreamChanged(FirehoseEvent):
    """From one status to another; None before it was there, and after. kind: of its source."""

    was: str | None
    became: str | None
    kind: str = "DirectPut"


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationChanged(FirehoseEvent):
    """A configuration came into force.

    version: its VersionId; subnets: of a VPC it delivers into; the rest is what pictures need.
    """

    version: int
    destination: str
    size_bytes: int
    interval_ms: int
    conversion: bool = False
    partitioning: bool = False
    jq: bool = False
    subnets: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionChanged(FirehoseEvent):
    """The status of server-side encryption."""

    became: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsTaken(FirehoseEvent):
    """A put was answered.

    records, bytes: accepted; billed_bytes: each record rounded up to 5 KB; throttled: refused
    records.
    """

    chatter: ClassVar[bool] = True
    api: str
    records: int
    bytes: int
    billed_bytes: int
    throttled: int = 0

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Records and bytes per stream."""
        yield (
            (("stream", self.stream),),
            {
                "count": 1,
                "records": self.records,
                "bytes": self.bytes,
                "throttled": self.throttled,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRead(FirehoseEvent):
    """One GetRecords of a data stream.

    records, bytes: as read, aggregates unopened; behind: MillisBehindLatest.
    """

    chatter: ClassVar[bool] = True
    shard: str
    records: int
    bytes: int
    billed_bytes: int
    behind: int

    @property
    def idle(self) -> bool:
        """Whether nothing was there to read."""
        return not self.records

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Per shard."""
        labels = (("stream", self.stream), ("shard", self.shard))
        yield labels, {"calls": 1, "records": self.records, "bytes": self.bytes}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceIdle(FirehoseEvent):
    """GetRecords calls of a data stream that found nothing, one after another.

    ``calls`` of them, from ``since`` (epoch ms) on, ``every`` ms apart; ``at`` is the last one's.
    """

    chatter: ClassVar[bool] = True
    shard: str
    since: int
    every: int
    calls: int

    @property
    def idle(self) -> bool:
        """Always."""
        return True

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Per shard, in the minute of the last call."""
        yield (("stream", self.stream), ("shard", self.shard)), {"calls": self.calls}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRefused(FirehoseEvent):
    """A call to the source failed. operation: its API name; code: the error's."""

    chatter: ClassVar[bool] = True
    operation: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsOpened(FirehoseEvent):
    """Records entered processing, batches and aggregates taken apart.

    records: as the stream counts them from here on; failed: of these, not to be decompressed, and
    failed_bytes theirs as they came; unpacked: bytes of the others, None where nothing is
    decompressed; function: the transform that the others are for, "" without one.
    """

    chatter: ClassVar[bool] = True
    records: int
    failed: int = 0
    failed_bytes: int = 0
    unpacked: int | None = None
    function: str = ""

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Per function of a transform."""
        yield (
            (("stream", self.stream), ("function", self.function)),
            {"records": self.records, "failed": self.failed},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsBuffered(FirehoseEvent):
    """Records entered a destination buffer.

    held, records: what it then holds; opened_at: when its first record came (epoch ms).
    """

    chatter: ClassVar[bool] = True
    lane: str
    records: int
    held: int
    opened_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferFlushed(FirehoseEvent):
    """A destination buffer was emptied.

    trigger: "size", "interval", "backlog" (it had waited for an earlier delivery) or "update" (its
    configuration ended).
    """

    chatter: ClassVar[bool] = True
    lane: str
    trigger: str
    records: int
    bytes: int
    opened_at: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Per trigger."""
        yield (
            (("stream", self.stream), ("trigger", self.trigger)),
            {"count": 1, "records": self.records, "bytes": self.bytes},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTried(FirehoseEvent):
    """One try to deliver a batch ended.

    delivered, failed: of this try; bytes, failed_bytes: theirs; came: the bytes of the delivered
    records as they came in;
    metric: what its CloudWatch metrics begin with; attempt: from 1, 0 while the key of what lies at
    rest cannot be used; oldest: arrival of its oldest record; code, message: why, "" when all went
    well; again_at: when it is tried again, None when it is not; took_ms: how long the destination
    took.
    """

    chatter: ClassVar[bool] = True
    destination: str
    lane: str
    attempt: int
    delivered: int
    failed: int
    bytes: int
    came: int
    metric: str
    oldest: int
    code: str = ""
    message: str = ""
    again_at: int | None = None
    took_ms: int = 0
    failed_bytes: int = 0
    backup: bool = False

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Per destination, whether to the backup, and outcome."""
        yield (
            (
                ("stream", self.stream),
                ("destination", self.destination),
                ("backup", str(self.backup)),
                ("code", self.code),
            ),
            {"count": 1, "delivered": self.delivered, "bytes": self.bytes},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectWritten(FirehoseEvent):
    """An object reached S3.

    kind: "data", "backup", "staging", "manifest" or an error output type; size: bytes as stored;
    bytes: of the records.
    """

    chatter: ClassVar[bool] = True
    bucket: str
    key: str
    kind: str
    records: int
    bytes: int
    size: int
    oldest: int
    lane: str = ""

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Per kind of object."""
        yield (
            (("stream", self.stream), ("kind", self.kind)),
            {"count": 1, "records": self.records, "bytes": self.bytes},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCalled(FirehoseEvent):
    """A transform function was invoked.

    ok, dropped, failed: its records; code: why the invocation failed as a whole; took_ms: its
    duration; bytes: of the records that came back Ok, as they came in.
    """

    chatter: ClassVar[bool] = True
    function: str
    records: int
    ok: int
    dropped: int
    failed: int
    bytes: int
    took_ms: int
    attempt: int
    code: str = ""

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Per outcome of the invocation."""
        yield (
            (("stream", self.stream), ("code", self.code)),
            {"count": 1, "ok": self.ok, "dropped": self.dropped},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsFailed(FirehoseEvent):
    """Records are on their way to the error output. kind: the error output type."""

    chatter: ClassVar[bool] = True
    kind: str
    code: str
    message: str
    records: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Per error output type."""
        yield (("stream", self.stream), ("kind", self.kind)), {"records": self.records}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsConverted(FirehoseEvent):
    """A batch was written in a columnar format."""

    chatter: ClassVar[bool] = True
    converted: int
    converted_bytes: int
    failed: int
    failed_bytes: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Records and those that failed."""
        yield (("stream", self.stream),), {"converted": self.converted, "failed": self.failed}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsPartitioned(FirehoseEvent):
    """Records were given partition keys.

    active: partitions open then, limit: the most there may be; exceeded: records refused because
    there were too many.
    """

    chatter: ClassVar[bool] = True
    records: int
    active: int
    limit: int
    exceeded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsLost(FirehoseEvent):
    """Records are gone for good.

    reason: "expired" (no destination took them in time), "refused" (an HTTP endpoint's 413),
    "broken" (what nobody could write) or "deleted" (buffered when their stream was deleted).
    """

    chatter: ClassVar[bool] = True
    reason: str
    records: int
    bytes: int
    lane: str = ""

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Per reason."""
        yield (
            (("stream", self.stream), ("reason", self.reason)),
            {"records": self.records, "bytes": self.bytes},
        )
