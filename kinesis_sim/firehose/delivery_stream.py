"""One Firehose stream: its states, its configuration, and the records that go through it.

Source: facts/firehose §1.2 to §1.6. UpdateDestination takes effect after a while; what was buffered
until then goes out as it was configured when it came (model's choice: AWS says "within minutes").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, repeat
from typing import Any

from kinesis_sim.account.rates import Rates
from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.delivery import Delivery
from kinesis_sim.firehose.events import (
    DeliveryStreamChanged,
    DestinationChanged,
    RecordsTaken,
)
from kinesis_sim.firehose.metering import billed
from kinesis_sim.firehose.record import Record
from kinesis_sim.firehose.settings import DestinationSettings
from kinesis_sim.firehose.site import Site
from kinesis_sim.firehose.source import StreamSource
from kinesis_sim.firehose.states import (
    DELIVERY_STREAM,
    ENCRYPTION,
    DeliveryStreamStatus,
    EncryptionStatus,
)
from kinesis_sim.firehose.tally import Tally
from kinesis_sim.firehose.throughput import DirectPutMeter
from kinesis_sim.instants import DAY
from kinesis_sim.states import Life

DESTINATION_ID = "destinationId-000000000001"
"""The one literal, as recorded (facts/firehose §1.3)."""


@dataclass(slots=True)
class Encryption:
    """Server-side encryption: the key in force, if any, and why the last one asked for is not."""

    life: Life[EncryptionStatus] = field(default_factory=lambda: Life(ENCRYPTION))
    key_type: str | None = None
    key_arn: str | None = None
    failure: dict[str, str] | None = None

    @property
    def status(self) -> EncryptionStatus | None:
        """Its status; it has no end."""
        return self.life.state

    def use(self, key_type: str | None, key_arn: str | None) -> None:
        """Have a key be in force from now on; None: none is."""
        self.key_type, self.key_arn = key_type, key_arn

    @property
    def on(self) -> bool:
        """Whether records are encrypted now: an old key is in force until another one is."""
        return self.key_type is not None


@dataclass(slots=True)
class DeliverySource:
    """Where records come from. request: the source's block of CreateDeliveryStream."""

    kind: str = "DirectPut"
    request: dict[str, Any] = field(default_factory=dict)
    reader: StreamSource | None = None


class DeliveryStream:
    """A Firehose stream. ``put`` is its native way in; ``tally`` says where its records are."""

    def __init__(
        self,
        site: Site,
        source: DeliverySource,
        settings: DestinationSettings,
        throughput: DirectPutMeter | None,
    ) -> None:
        self.site = site
        self.name = site.name
        self.arn = site.arn
        self.source = source
        self.settings = settings
        self.life = Life(DELIVERY_STREAM)
        self.created_at = site.now
        self.updated_at: int | None = None
        self.encryption = Encryption()
        self.encryption_calls = Rates(DAY)
        self.tags: dict[str, str] = {}
        self.failure: dict[str, str] | None = None
        self.delivery_started_at = site.now
        self._throughput = throughput
        self._delivery: Delivery | None = None
        self._leaving: list[Delivery] = []

    # --- states -------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """VersionId: 1 at first, one more with each change of configuration."""
        return self.site.version

    @property
    def source_arn(self) -> str | None:
        """The data stream that it reads."""
        arn = self.source.request.get("KinesisStreamARN")
        return None if arn is None else str(arn)

    @property
    def status(self) -> DeliveryStreamStatus | None:
        """Its status; None once it is gone."""
        return self.life.state

    def step(self, why: str) -> None:
        """Take a step of its life and tell so."""
        was = self.life.name
        self.life.step(why)
        self.tell_status(was)

    def tell_status(self, was: str | None = None) -> None:
        """Tell its status. was: the one before, None for a stream that is new."""
        status = self.status
        self.site.tell(
            DeliveryStreamChanged(
                at=self.site.now,
                stream=self.name,
                was=was,
                became=None if status is None else status.value,
                kind=self.source.kind,
            )
        )

    def start(self) -> None:
        """Become ACTIVE: begin to take records, or to read those since it was created."""
        self.step("created")
        self.apply()
        if self.source.reader is not None:
            self.source.reader.start()

    def apply(self) -> None:
        """Have the configuration as it is now rule from now on, what is buffered included."""
        before = self._delivery
        self._delivery = Delivery(self.site, self.settings, self.source_arn, self.version)
        if before is not None:
            self._leaving = [old for old in (*self._leaving, before) if not old.idle]
        settings = self.settings
        self.site.tell(
            DestinationChanged(
                at=self.site.now,
                stream=self.name,
                version=self.version,
                destination=settings.kind.name,
                size_bytes=settings.hints.size,
                interval_ms=settings.hints.patience,
                conversion=settings.conversion is not None,
                partitioning=settings.partitioned,
                jq=settings.query is not None,
                subnets=settings.subnets,
            )
        )
        if before is not None:
            before.hand_over(self._delivery)

    def stop(self) -> None:
        """Take and read no more; what is buffered is lost."""
        if self.source.reader is not None:
            self.source.reader.stop()
        for delivery in self._deliveries():
            delivery.discard()

    # --- what is where ------------------------------------------------------------------------

    @property
    def tally(self) -> Tally:
        """Where its records are."""
        return self.site.tally

    @property
    def held(self) -> int:
        """Records in its buffers or under way, counted one by one."""
        return sum(delivery.held for delivery in self._deliveries())

    @property
    def freshness(self) -> int:
        """Age of the oldest record that its destination has not taken (ms).

        0 when there is none: what DataFreshness reports.
        """
        ages = [old for delivery in self._deliveries() if (old := delivery.oldest) is not None]
        return self.site.now - min(ages) if ages else 0

    @property
    def full(self) -> bool:
        """Whether a further request within this second is one too many, whatever it holds."""
        return self._throughput is not None and self._throughput.full(self.site.now)

    @property
    def delivery(self) -> Delivery | None:
        """The configuration at work; None before the stream is ACTIVE."""
        return self._delivery

    def _deliveries(self) -> Iterable[Delivery]:
        current = () if self._delivery is None else (self._delivery,)
        return (*current, *self._leaving)

    # --- records ------------------------------------------------------------------------------

    def put(self, blobs: Sequence[bytes], api: str = "PutRecordBatch") -> list[int | None]:
        """Take records as one call of Direct PUT does: a number for each, None for a throttled one.

        Takes what it is given: sizes and counts of a call are checked by the operations. Raises
        UsageError for what is no list of bytes.
        """
        if not isinstance(blobs, list | tuple) or not all(isinstance(row, bytes) for row in blobs):
            raise UsageError(f"blobs={said(blobs)}: give a list of bytes.")
        inputs = self.site.ports.events.inputs
        if inputs is None or inputs.is_taken:
            return self._put(blobs, api)
        with inputs.taken("put", "firehose", self.name, list(blobs), api):
            return self._put(blobs, api)

    def _put(self, blobs: Sequence[bytes], api: str) -> list[int | None]:
        now = self.site.now
        sizes = [len(blob) for blob in blobs]
        if self._throughput is None or all(taken := self._throughput.admit(now, sizes)):
            given = list(islice(self.site.numbers, len(blobs)))
            records = list(map(Record, blobs, repeat(now), given))
            numbers: list[int | None] = [*given]
        else:
            numbers = [next(self.site.numbers) if fits else None for fits in taken]
            pairs = zip(blobs, numbers, strict=True)
            records = [Record(blob, now, number) for blob, number in pairs if number is not None]
            sizes = [size for size, fits in zip(sizes, taken, strict=True) if fits]
        self._tell_taken(api, sizes, len(blobs))
        if records and self._delivery is not None:
            self._delivery.take(records)
        return numbers

    def take(self, shard: str, records: Sequence[Record]) -> None:
        """Take records that were read from a data stream."""
        for record in records:
            record.number = next(self.site.numbers)
        if self._delivery is not None:
            self._delivery.take(records, shard)

    def record_id(self, number: int) -> str:
        """The RecordId of a record: opaque, unique in the stream."""
        return f"{self._prefix}{number:018d}"

    @property
    def _prefix(self) -> str:
        return f"{self.created_at:013d}".ljust(38, "0")

    def _tell_taken(self, api: str, sizes: Sequence[int], asked: int) -> None:
        self.site.tell(
            RecordsTaken(
                at=self.site.now,
                stream=self.name,
                api=api,
                records=len(sizes),
                bytes=sum(sizes),
                billed_bytes=billed(sizes),
                throttled=asked - len(sizes),
            )
        )
