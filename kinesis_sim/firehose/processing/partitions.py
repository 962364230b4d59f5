"""Which active partition a record belongs to, or, for Iceberg, which table (facts/firehose §3, §4,
§6)."""

from __future__ import annotations

from collections.abc import Container, Sequence

from kinesis_sim.firehose.naming.object_names import Naming
from kinesis_sim.firehose.outcome import Failure
from kinesis_sim.firehose.processing.partitioning import EXTRACTION_FAILED, NoKeys, Query
from kinesis_sim.firehose.record import PartitionKeys, Record

TOO_MANY = "DynamicPartitioning.ActivePartitionLimitExceeded"


class Partitions:
    """Sorts records. query: of MetadataExtraction, None where keys come from Lambda alone; naming:
    whose prefix needs the keys; most: active partitions that there may be."""

    def __init__(self, query: Query | None, naming: Naming, most: int) -> None:
        self.most = most
        self._query = query
        self._naming = naming

    def sort(
        self, records: Sequence[Record], known: Container[object]
    ) -> tuple[dict[PartitionKeys, list[Record]], list[Failure]]:
        """Records by partition, and those that have none. known: partitions whose keys fit the
        prefix."""
        found: dict[PartitionKeys, list[Record]] = {}
        failures: list[Failure] = []
        for record in records:
            keys = self._keys(record, known)
            if isinstance(keys, NoKeys):
                failures.append(_failure(record, keys))
            else:
                record.keys = keys
                found.setdefault(keys, []).append(record)
        return found, failures

    def route(self, records: Sequence[Record]) -> tuple[list[Record], list[Failure]]:
        """Iceberg: jq says which table a record is for, and what it does there; what a transform
        said goes first (model's choice)."""
        routed: list[Record] = []
        failures: list[Failure] = []
        for record in records:
            found = () if self._query is None else self._query.keys(record.data)
            if isinstance(found, NoKeys):
                failures.append(_failure(record, found))
            else:
                record.route = {**dict(found), **(record.route or {})}
                routed.append(record)
        return routed, failures

    def exceed(self, records: Sequence[Record]) -> list[Failure]:
        """The failures of records whose partition would be one too many."""
        text = f"The stream has {self.most} active partitions, the most there may be."
        return [Failure(record, TOO_MANY, text, retry=False) for record in records]

    def _keys(self, record: Record, known: Container[object]) -> PartitionKeys | NoKeys:
        function = () if record.keys is None else record.keys.function
        found = () if self._query is None else self._query.keys(record.data)
        if isinstance(found, NoKeys):
            return found
        keys = PartitionKeys(found, function)
        why = "" if keys in known else self._naming.refused(keys)
        return NoKeys(EXTRACTION_FAILED, why) if why else keys


def _failure(record: Record, why: NoKeys) -> Failure:
    return Failure(record, why.code, why.message, retry=False)
