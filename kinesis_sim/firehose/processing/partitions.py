"""Which active partition, or Iceberg table, a record belongs to (facts/firehose §3, §4, §6)."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from kinesis_sim.firehose.naming.object_names import Naming
from kinesis_sim.firehose.outcome import Failure
from kinesis_sim.firehose.processing.partitioning import EXTRACTION_FAILED, NoKeys, Query
from kinesis_sim.firehose.record import Pairs, PartitionKeys, Record

TOO_MANY = "DynamicPartitioning.ActivePartitionLimitExceeded"


class Partitions:
    """Sorts records.

    query: of MetadataExtraction, None where keys come from Lambda alone; naming: whose prefix needs
    the keys; most: active partitions that there may be; puzzled: takes an error that nobody
    expected, which is its record's.
    """

    def __init__(
        self,
        query: Query | None,
        naming: Naming,
        most: int,
        puzzled: Callable[[Exception], str],
    ) -> None:
        self.most = most
        self._query = query
        self._naming = naming
        self._puzzled = puzzled

    def sort(
        self, records: Sequence[Record], known: Container[object]
    ) -> tuple[dict[PartitionKeys, list[Record]], list[Failure]]:
        """Records by partition, and those that have none.

        known: partitions whose keys fit the prefix.
        """
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
        """Iceberg: jq says which table a record is for, and what it does there.

        What a transform said goes first (model's choice).
        """
        routed: list[Record] = []
        failures: list[Failure] = []
        for record in records:
            found = self._queried(record)
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
        found = self._queried(record)
        if isinstance(found, NoKeys):
            return found
        keys = PartitionKeys(found, function)
        try:
            why = "" if keys in known else self._naming.refused(keys)
        except Exception as error:
            why = self._puzzled(error)
        return NoKeys(EXTRACTION_FAILED, why) if why else keys

    def _queried(self, record: Record) -> Pairs | NoKeys:
        """What the query says of a record."""
        if self._query is None:
            return ()
        try:
            return self._query.keys(record.data)
        except Exception as error:
            return NoKeys(EXTRACTION_FAILED, self._puzzled(error))


def _failure(record: Record, why: NoKeys) -> Failure:
    return Failure(record, why.code, why.message, retry=False)
