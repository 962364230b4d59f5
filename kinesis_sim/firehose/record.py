"""A record on its way through Firehose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

Pairs = tuple[tuple[str, str], ...]


class Origin(NamedTuple):
    """Where a record of a data stream came from (``kinesisRecordMetadata`` of the Lambda event).

    arrived: ApproximateArrivalTimestamp in the data stream (epoch ms). subsequence: number of a
    user record within its KPL aggregate, 0 otherwise.
    """

    shard: str
    partition_key: str
    sequence_number: str
    subsequence: int
    arrived: int


class PartitionKeys(NamedTuple):
    """The values that dynamic partitioning found, as sorted (name, value) pairs.

    One active partition is one such value.

    query: by jq (``!{partitionKeyFromQuery:…}``); function: by Lambda
    (``!{partitionKeyFromLambda:…}``).
    """

    query: Pairs = ()
    function: Pairs = ()


@dataclass(slots=True)
class Record:
    """One record.

    data: as it stands at this point of the way; arrived: when Firehose took it (epoch ms), for a
    data stream when the stream took it.

    number: counts the stream's records; ids derive from it. origin: of a record of a data stream.
    keys: after dynamic partitioning. route: Iceberg's ``otfMetadata``, as a transform gave it.
    original: as it came, of one that was decompressed; came: its bytes then, of one that a step
    changed.
    """

    data: bytes
    arrived: int
    number: int = 0
    origin: Origin | None = None
    keys: PartitionKeys | None = None
    route: Mapping[str, str] | None = None
    original: bytes | None = None
    came: int | None = None

    @property
    def weight(self) -> int:
        """Bytes of the record as it came, which is what metrics count."""
        return len(self.data) if self.came is None else self.came
