"""Records in batches that PutRecords and PutRecordBatch take: cut by number and by bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.units import MIB

Row = TypeVar("Row")
PutRecord = dict[str, Any]
"""A record of a request: ``Data`` and, for a data stream, ``PartitionKey``."""


@dataclass(frozen=True, slots=True)
class BatchKind:
    """An operation that takes many records.

    name, answers: the members that name the stream and answer for each record. most, most_bytes:
    records of a call, and bytes of their data (and keys, where they have any).
    """

    service: str
    operation: str
    name: str
    answers: str
    most: int
    most_bytes: int
    keyed: bool


TO_STREAM = BatchKind("kinesis", "PutRecords", "StreamName", "Records", 500, 10 * MIB, True)
"""facts/data-streams §4.1, §4.2: data and keys count."""
TO_DELIVERY = BatchKind(
    "firehose", "PutRecordBatch", "DeliveryStreamName", "RequestResponses", 500, 4 * MIB, False
)
"""facts/firehose §1.1, §1.4: data counts as it is before base64."""


class Outlet(Generic[Row]):
    """Sends rows to a stream. encode: a row's data; key: its partition key, drawn where None."""

    def __init__(
        self,
        ports: AnalyticsPorts,
        kind: BatchKind,
        stream: str,
        encode: Callable[[Row], bytes],
        key: Callable[[Row], str] | None = None,
    ) -> None:
        self._ports, self.kind, self.stream = ports, kind, stream
        self._encode = encode
        self._key = key or (lambda row: ports.new_id())

    def sent(self, rows: list[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
        """Send rows, batch by batch: of each those that were taken, and those that were not.

        Raises ServiceError for a batch that was refused as a whole; what was told before has left.
        """
        for batch, records in self._batches(rows):
            told = self._put(records)
            yield (
                [row for row, well in zip(batch, told, strict=True) if well],
                [row for row, well in zip(batch, told, strict=True) if not well],
            )

    def _batches(self, rows: list[Row]) -> Iterator[tuple[list[Row], list[PutRecord]]]:
        batch: list[Row] = []
        records: list[PutRecord] = []
        total = 0
        for row in rows:
            record, size = self._record(row)
            if batch and total + size > self.kind.most_bytes:
                yield batch, records
                batch, records, total = [], [], 0
            batch.append(row)
            records.append(record)
            total += size
            if len(batch) == self.kind.most:
                yield batch, records
                batch, records, total = [], [], 0
        if batch:
            yield batch, records

    def _record(self, row: Row) -> tuple[PutRecord, int]:
        """A row as a record, and the bytes that it counts for."""
        data = self._encode(row)
        if not self.kind.keyed:
            return {"Data": data}, len(data)
        key = self._key(row)
        return {"Data": data, "PartitionKey": key}, len(data) + len(key.encode())

    def _put(self, records: list[PutRecord]) -> list[bool]:
        request = {self.kind.name: self.stream, "Records": records}
        answer = self._ports.call(self.kind.service, self.kind.operation, request)
        return ["ErrorCode" not in told for told in answer[self.kind.answers]]
