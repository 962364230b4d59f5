"""The error output: what could not be processed or delivered, as objects in S3 (facts/firehose §3).

Rows wait in a buffer of their own per error output type, with the hints of the bucket they go to,
and are written like any other object. A bucket that takes nothing blocks them, until they are too
old.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kinesis_sim.firehose.buffering import BufferLane, Shipment
from kinesis_sim.firehose.error_rows import OUTPUT_TYPES, Attempt, Kind, Table, error_row
from kinesis_sim.firehose.outcome import Failure
from kinesis_sim.firehose.record import Record
from kinesis_sim.firehose.settings import Bucket, DestinationSettings
from kinesis_sim.firehose.shipping import ObjectShipping
from kinesis_sim.firehose.site import Site


@dataclass(slots=True)
class ErrorOutput:
    """The error output of one version of a stream.

    raised: bytes a buffer may grow to while the bucket takes nothing.
    """

    site: Site
    settings: DestinationSettings
    bucket: Bucket
    key: Callable[[str, Shipment], str]
    raised: int
    lanes: dict[str, BufferLane] = field(default_factory=dict)

    def give_up(self, kind: Kind, failures: Sequence[Failure], attempts: int) -> None:
        """Take failures of one kind, with the tries they had."""
        if not failures:
            return
        first = failures[0]
        rows = [self._row(kind, failure, attempts) for failure in failures]
        self.site.failed(OUTPUT_TYPES[kind], first.code, first.message, len(failures))
        self._lane(OUTPUT_TYPES[kind]).add(rows)

    @property
    def blocked(self) -> bool:
        """Whether its bucket refuses what it was given, and will be tried again."""
        return any(lane.under_way for lane in self.lanes.values())

    def _row(self, kind: Kind, failure: Failure, attempts: int) -> Record:
        """The error row, as a record on its way to the bucket."""
        step, record = self.settings.transform, failure.record
        line = error_row(
            kind,
            record,
            Attempt(failure.code, failure.message, attempts, self.site.now),
            lambda_arn="" if step is None else step.function,
            table=self._table if kind == "conversion" else None,
            document=failure.document,
        )
        return Record(line, record.arrived, record.number, came=record.weight)

    @property
    def _table(self) -> Table | None:
        conversion = self.settings.conversion
        if conversion is None:
            return None
        schema, ports = conversion["SchemaConfiguration"], self.site.ports
        return Table(
            schema.get("CatalogId", ports.account),
            schema["DatabaseName"],
            schema["TableName"],
            schema.get("Region", ports.region),
            schema.get("VersionId", "LATEST"),
        )

    def _lane(self, kind: str) -> BufferLane:
        lane = self.lanes.get(kind)
        if lane is None:
            shipping = ObjectShipping(
                self.site,
                self.bucket,
                kind,
                lambda shipment: self.key(kind, shipment),
                _lines,
                self._settled,
                metric=self.settings.kind.refused,
            )
            lane = self.lanes[kind] = BufferLane(
                f"error:{kind}",
                self.bucket.hints,
                self.raised,
                self.site.ports.clock,
                shipping.send,
                self.site.forgo,
            )
        return lane

    def _settled(self, key: str, shipment: Shipment) -> None:
        self.site.tally.errors += len(shipment.records)


def _lines(shipment: Shipment) -> bytes:
    """Error objects are not compressed (model's choice)."""
    return b"".join([record.data for record in shipment.records])
