"""Object bodies: records one after another, compressed, or written in a columnar format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from kinesis_sim.account.storage import Undelivered
from kinesis_sim.firehose.buffering import Shipment
from kinesis_sim.firehose.compression import compress
from kinesis_sim.firehose.conversion.conversion import Converter
from kinesis_sim.firehose.conversion.schema import SchemaError, schema
from kinesis_sim.firehose.events import RecordsConverted
from kinesis_sim.firehose.outcome import Failure
from kinesis_sim.firehose.record import Record
from kinesis_sim.firehose.settings import DestinationSettings
from kinesis_sim.firehose.site import Site, size


class ObjectMaker:
    """Makes the bodies of one stream's objects. failed: takes what cannot be converted."""

    def __init__(
        self, site: Site, settings: DestinationSettings, failed: Callable[[Sequence[Failure]], None]
    ) -> None:
        self._site = site
        self._settings = settings
        self._failed = failed
        self._conversion = settings.conversion

    def copy(self, shipment: Shipment, compression: str) -> bytes:
        """The records as they are. compression: of the backup bucket."""
        return compress(compression, _joined(shipment))

    def body(self, shipment: Shipment) -> bytes:
        """The body of a data object; what cannot be converted leaves the batch.

        A delimiter stands between records, none behind the last (CAP docs/firehose).
        """
        if self._conversion is None:
            between = b"\n" if self._settings.delimited else b""
            return compress(self._compression, _joined(shipment, between))
        return self._converted(shipment)

    @cached_property
    def _compression(self) -> str:
        return self._settings.bucket.compression

    def _converted(self, shipment: Shipment) -> bytes:
        records, total = shipment.records, shipment.bytes
        body, failures = self._convert(records)
        bad = {id(failure.record) for failure in failures}
        if bad:
            shipment.records = [record for record in records if id(record) not in bad]
            shipment.bytes = size(shipment.records)
            self._failed(failures)
            first = failures[0]
            self._site.complain(self._settings.log, first.code, first.message, "format conversion")
        self._site.tell(
            RecordsConverted(
                at=self._site.now,
                stream=self._site.name,
                converted=len(shipment.records),
                converted_bytes=shipment.bytes,
                failed=len(failures),
                failed_bytes=total - shipment.bytes,
            )
        )
        return body

    def _convert(self, records: Sequence[Record]) -> tuple[bytes, list[Failure]]:
        try:
            done = self._converter().convert([record.data for record in records])
        except (SchemaError, Undelivered) as error:
            code, text = error.code, error.message
            return b"", [Failure(record, code, text, retry=False) for record in records]
        failures = [
            Failure(records[each.index], each.code, each.message, retry=False)
            for each in done.failures
        ]
        return done.body or b"", failures

    def _converter(self) -> Converter:
        """For the table now: ``VersionId`` LATEST follows its changes (facts/firehose §5)."""
        assert self._conversion is not None
        table = self._site.ports.schemas(self._conversion["SchemaConfiguration"])
        columns = table.get("StorageDescriptor", {}).get("Columns", [])
        found = schema([(each["Name"], each.get("Type", "")) for each in columns])
        return Converter(found, self._conversion)


def _joined(shipment: Shipment, between: bytes = b"") -> bytes:
    return between.join([record.data for record in shipment.records])
