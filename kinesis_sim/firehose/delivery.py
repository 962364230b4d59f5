"""The way of a record through one version of a stream's configuration.

intake → copy to the backup → opening of aggregates and batches → Lambda → partitions → buffer →
conversion → S3, or the destination's adapter; whatever fails on the way goes to the error output.
The order is AWS's (facts/firehose §4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kinesis_sim.firehose.buffering import Broken, BufferLane, Send, Shipment
from kinesis_sim.firehose.copying import CopyShipping
from kinesis_sim.firehose.destinations.s3.kind import EXTENDED_S3
from kinesis_sim.firehose.error_output import ErrorOutput
from kinesis_sim.firehose.error_rows import Kind
from kinesis_sim.firehose.events import (
    BufferFlushed,
    RecordsBuffered,
    RecordsOpened,
    RecordsPartitioned,
)
from kinesis_sim.firehose.naming.object_names import Naming, random_string
from kinesis_sim.firehose.objects import ObjectMaker
from kinesis_sim.firehose.outcome import Failure
from kinesis_sim.firehose.patience import patience
from kinesis_sim.firehose.processing.deaggregation import append_delimiter
from kinesis_sim.firehose.processing.opening import Opening
from kinesis_sim.firehose.processing.partitioning import Query
from kinesis_sim.firehose.processing.partitions import Partitions
from kinesis_sim.firehose.processing.transforming import Transforming
from kinesis_sim.firehose.record import PartitionKeys, Record
from kinesis_sim.firehose.settings import Bucket, DestinationSettings
from kinesis_sim.firehose.shipping import EndpointShipping, ObjectShipping
from kinesis_sim.firehose.site import Site, size


class Delivery:
    """One version of a stream at work: its processing, its buffers, and what is under way.

    source_arn: of the data stream it reads, if it reads one.
    """

    def __init__(
        self, site: Site, settings: DestinationSettings, source_arn: str | None, stream_version: int
    ) -> None:
        self.settings = settings
        self._site = site
        self._bucket = settings.bucket
        self._naming = self._bucket.naming(site.name, stream_version)
        self._objects = ObjectMaker(site, settings, self._failed_conversion)
        self._opening = Opening(settings, site.numbers, site.puzzled)
        self._delimited = settings.delimited and bool(settings.kind.failed)
        query = None if settings.query is None else Query(settings.query, site.ports.jq)
        self._partitions = Partitions(query, self._naming, site.most_partitions, site.puzzled)
        self.lanes: dict[object, BufferLane] = {}
        self.errors = self._error_output()
        self._copying = self._copier()
        self._send, self._broken = self._sender()
        self._backup = self._backup_lane(settings.backup, stream_version)
        self._transforms: dict[str, BufferLane] = {}
        self._transforming = self._transformer(source_arn)

    # --- what is where ------------------------------------------------------------------------

    @property
    def held(self) -> int:
        """Records that are buffered or under way."""
        return sum(lane.held for lane in self._counted())

    @property
    def idle(self) -> bool:
        """Whether everything that came in has gone out."""
        backup = () if self._backup is None else (self._backup,)
        return all(lane.idle for lane in (*self._counted(), *backup))

    @property
    def oldest(self) -> int | None:
        """Arrival of the oldest record that its destination has not taken (epoch ms)."""
        waiting = [
            shipment.oldest
            for lane in self._counted()
            for shipment in (*lane.queue, *lane.under_way)
            if shipment.records
        ]
        buffered = [lane.buffer[0].arrived for lane in self._counted() if lane.buffer]
        return min((*waiting, *buffered), default=None)

    def _counted(self) -> Iterator[BufferLane]:
        yield from self.lanes.values()
        yield from self._transforms.values()
        yield from self.errors.lanes.values()
        if self._copying is not None:
            yield from self._copying.lanes.values()

    # --- in -----------------------------------------------------------------------------------

    def take(self, records: Sequence[Record], shard: str = "") -> None:
        """Take records in. shard: of the data stream they come from."""
        if self._backup is not None:
            self._backup.add(records)
        opened, failures = self._opening.open(records)
        self._tell_opened(opened, failures)
        self.errors.give_up("decompression", failures, 1)
        if self._transforming is None:
            self._onward(shard, opened)
        else:
            self._transform_lane(shard, self._transforming).add(opened)

    def _tell_opened(self, opened: Sequence[Record], failures: Sequence[Failure]) -> None:
        step = self.settings.transform
        total = len(opened) + len(failures)
        self._site.tally.accepted += total
        packed = self.settings.processor("Decompression") is not None
        self._site.tell(
            RecordsOpened(
                at=self._site.now,
                stream=self._site.name,
                records=total,
                failed=len(failures),
                unpacked=size(opened) if packed else None,
                failed_bytes=size([each.record for each in failures]),
                function="" if step is None else step.function,
            )
        )

    def hand_over(self, later: Delivery) -> None:
        """No more will come, for a later configuration rules.

        What is buffered for the same destination waits on in its buffers and goes out as that
        configuration says, as recorded (facts/firehose/1.3/buffered-records); partitions, and the
        buffers of another destination, are emptied now (model's choice).
        """
        same = self.settings.kind.name == later.settings.kind.name
        if same and not (self.settings.partitioned or later.settings.partitioned):
            for key, lane in self.lanes.items():
                if lane.buffer:
                    later.lane_of(key, lane.keys).adopt(lane)
            if self._backup is not None and later._backup is not None:
                later._backup.adopt(self._backup)
        self.close()

    def discard(self) -> None:
        """The stream is deleted: what is in a buffer never leaves it (as recorded)."""
        for lanes in (self._transforms, self.lanes, self.errors.lanes):
            for lane in lanes.values():
                gone = lane.drop()
                if gone:
                    self._site.lose("deleted", gone, lane.name)
        if self._backup is not None:
            self._backup.drop()

    def close(self) -> None:
        """No more will come: empty every buffer now."""
        for lanes in (self._transforms, self.lanes, self.errors.lanes):
            for lane in list(lanes.values()):
                lane.flush("update")
        if self._backup is not None:
            self._backup.flush("update")

    # --- partitions and buffers ---------------------------------------------------------------

    def _onward(self, shard: str, records: Sequence[Record]) -> None:
        """Records as the destination will get them: into their buffers."""
        if self._delimited:  # in copies: the backup keeps the records as they came
            records = [replace(each, data=append_delimiter(each.data)) for each in records]
        if self.settings.partitioned:
            self._partition(records)
            return
        if self.settings.query is not None:
            records, failures = self._partitions.route(records)
            self._give_up("partitioning", failures)
        self._buffer(shard, None, records)

    def _partition(self, records: Sequence[Record]) -> None:
        found, failures = self._partitions.sort(records, self.lanes)
        self._give_up("partitioning", failures)
        exceeded: list[Record] = []
        if any(keys not in self.lanes for keys in found):
            self._let_go()
        for keys, members in found.items():
            if keys not in self.lanes and len(self.lanes) >= self._partitions.most:
                exceeded += members
            else:
                self._buffer(keys, keys, members)
        self._give_up("exceeded", self._partitions.exceed(exceeded))
        self._site.tell(
            RecordsPartitioned(
                at=self._site.now,
                stream=self._site.name,
                records=len(records),
                active=len(self.lanes),
                limit=self._partitions.most,
                exceeded=len(exceeded),
            )
        )

    def _give_up(self, kind: Kind, failures: Sequence[Failure]) -> None:
        """Records without a partition go to the error output."""
        if failures:
            first = failures[0]
            where = "dynamic partitioning"
            self._site.complain(self.settings.log, first.code, first.message, where)
            self.errors.give_up(kind, failures, 1)

    def _let_go(self) -> None:
        """Idle partitions are active no longer: looked at once for all that came together."""
        for key in [key for key, lane in self.lanes.items() if lane.idle]:
            del self.lanes[key]

    def _buffer(self, key: object, keys: PartitionKeys | None, records: Sequence[Record]) -> None:
        if not records:
            return
        lane = self.lane_of(key, keys)
        lane.add(records)
        self._site.tell(
            RecordsBuffered(
                at=self._site.now,
                stream=self._site.name,
                lane=lane.name,
                records=len(lane.buffer),
                held=lane.bytes,
                opened_at=lane.opened_at,
            )
        )

    def lane_of(self, key: object, keys: PartitionKeys | None) -> BufferLane:
        """The buffer of a shard or of a partition, made when it is missing."""
        lane = self.lanes.get(key)
        if lane is None:
            lane = self.lanes[key] = self._lane(_lane_name(key), keys)
        return lane

    def _lane(self, name: str, keys: PartitionKeys | None) -> BufferLane:
        kind, clock = self.settings.kind, self._site.ports.clock
        raised = max(kind.largest, self.settings.hints.size)
        return BufferLane(
            name,
            self.settings.hints,
            raised,
            clock,
            self._send,
            self._broken,
            keys=keys,
            flushed=self._flushed,
        )

    def _flushed(self, shipment: Shipment) -> None:
        self._site.tell(
            BufferFlushed(
                at=self._site.now,
                stream=self._site.name,
                lane=shipment.lane,
                trigger=shipment.trigger,
                records=len(shipment.records),
                bytes=shipment.bytes,
                opened_at=shipment.opened_at,
            )
        )

    # --- out ----------------------------------------------------------------------------------

    def _sender(self) -> tuple[Send, Broken]:
        """What takes a batch that left its buffer, and what takes one that nobody can send."""
        kind, site = self.settings.kind, self._site
        if not kind.nested or kind.staged:
            shipping = self._object_shipping(
                self._bucket, self._naming, "staging" if kind.staged else "data"
            )
            return shipping.send, self._broken_object
        failed = kind.failed
        assert failed is not None
        endpoint = EndpointShipping(
            site,
            self.settings,
            site.ports.adapters(self.settings, site.arn),
            patience(self.settings, site.ports.random),
            lambda failures, attempts: self.errors.give_up(failed, failures, attempts),
            lambda: self.errors.blocked,
        )
        return endpoint.send, endpoint.broken

    def _broken_object(self, lane: BufferLane, shipment: Shipment, error: Exception) -> None:
        """Records that cannot be in an object, for a reason that nobody expected."""
        kind: Kind = "processing" if self.settings.conversion is None else "conversion"
        failures = self._site.broke(shipment, error, self._bucket.log)
        self.errors.give_up(kind, failures, shipment.attempt)

    def _object_shipping(self, bucket: Bucket, naming: Naming, kind: str) -> ObjectShipping:
        counted = kind != "backup"
        return ObjectShipping(
            self._site,
            bucket,
            kind,
            lambda shipment: self._key(naming, shipment),
            (lambda shipment: self._objects.copy(shipment, bucket.compression))
            if kind == "backup"
            else self._objects.body,
            {"data": self._settled, "staging": self._staged, "backup": _copied}[kind],
            counted=counted,
            metric="DeliveryToS3" if counted else self.settings.kind.copied,
            packed=True,
        )

    def _settled(self, key: str, shipment: Shipment) -> None:
        self._site.tally.delivered += len(shipment.records)

    def _staged(self, key: str, shipment: Shipment) -> None:
        assert self._copying is not None
        self._copying.add(key, shipment.records)

    def _key(self, naming: Naming, shipment: Shipment) -> str:
        ports = self._site.ports
        return naming.key(shipment.oldest, ports.request_id(), self._word, shipment.keys)

    def _error_key(self, kind: str, shipment: Shipment) -> str:
        return self._naming.error_key(
            kind, shipment.oldest, self._site.ports.request_id(), self._word
        )

    def _word(self) -> str:
        """A random-string of a prefix."""
        return random_string(self._site.ports.random)

    def _copier(self) -> CopyShipping | None:
        settings, site = self.settings, self._site
        if not settings.kind.staged:
            return None
        return CopyShipping(
            site,
            settings,
            self._bucket.name,
            site.ports.copies(settings, site.arn),
            patience(settings, site.ports.random),
        )

    # --- the parts ----------------------------------------------------------------------------

    def _error_output(self) -> ErrorOutput:
        return ErrorOutput(
            self._site,
            self.settings,
            self._bucket,
            self._error_key,
            max(self.settings.kind.largest, self._bucket.hints.size),
        )

    def _give_up_processing(self, failures: Sequence[Failure], attempts: int) -> None:
        self.errors.give_up("processing", failures, attempts)

    def _failed_conversion(self, failures: Sequence[Failure]) -> None:
        self.errors.give_up("conversion", failures, 1)

    def _backup_lane(self, bucket: Bucket | None, version: int) -> BufferLane | None:
        if bucket is None:
            return None
        naming = bucket.naming(self._site.name, version)
        shipping = self._object_shipping(bucket, naming, "backup")
        raised = max(EXTENDED_S3.largest, bucket.hints.size)
        clock = self._site.ports.clock
        return BufferLane("backup", bucket.hints, raised, clock, shipping.send, self._uncopied)

    def _uncopied(self, lane: BufferLane, shipment: Shipment, error: Exception) -> None:
        """A copy that cannot be made: the records themselves go their own way."""
        self._site.broke(shipment, error, self._bucket.log)

    def _transformer(self, source_arn: str | None) -> Transforming | None:
        step = self.settings.transform
        if step is None:
            return None
        return Transforming(
            self._site, self.settings, step, source_arn, self._onward, self._give_up_processing
        )

    def _transform_lane(self, shard: str, transforming: Transforming) -> BufferLane:
        lane = self._transforms.get(shard)
        if lane is None:
            hints = transforming.step.hints
            lane = self._transforms[shard] = BufferLane(
                shard,
                hints,
                hints.size,
                self._site.ports.clock,
                transforming.send,
                transforming.broken,
                parallel=transforming.parallel,
            )
        return lane


def _copied(key: str, shipment: Shipment) -> None:
    """A copy is no delivery: the tally counts the records themselves."""


def _lane_name(key: object) -> str:
    """A shard's id, or an active partition as ``name=value`` pairs."""
    if not isinstance(key, PartitionKeys):
        return str(key)
    return ",".join(f"{name}={value}" for name, value in (*key.query, *key.function))
