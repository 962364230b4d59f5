"""What operations answer that pictures, readers and exercises look into (botocore's member names).

Timestamps are epoch ms, data is bytes.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class HashKeyRange(TypedDict):
    """Both ends are within; decimal digits."""

    StartingHashKey: str
    EndingHashKey: str


class SequenceNumberRange(TypedDict):
    """The end is there once the shard is closed."""

    StartingSequenceNumber: str
    EndingSequenceNumber: NotRequired[str]


class ShardRow(TypedDict):
    """A shard as ListShards and DescribeStream have it (botocore Shard)."""

    ShardId: str
    HashKeyRange: HashKeyRange
    SequenceNumberRange: SequenceNumberRange
    ParentShardId: NotRequired[str]
    AdjacentParentShardId: NotRequired[str]


class ChildRow(TypedDict):
    """A shard that follows one that was read to its end (botocore ChildShard)."""

    ShardId: str
    ParentShards: list[str]
    HashKeyRange: HashKeyRange


class Record(TypedDict):
    """A record as GetRecords and SubscribeToShard give it (botocore Record).

    PartitionKey: missing where records are spread without one.
    """

    SequenceNumber: str
    ApproximateArrivalTimestamp: int
    Data: bytes
    PartitionKey: NotRequired[str]
    EncryptionType: NotRequired[str]


class Read(TypedDict):
    """GetRecords. At the end of a closed shard there are ChildShards and no NextShardIterator."""

    Records: list[Record]
    MillisBehindLatest: int
    NextShardIterator: NotRequired[str]
    ChildShards: NotRequired[list[ChildRow]]


class Put(TypedDict):
    """PutRecord."""

    ShardId: str
    SequenceNumber: str
    EncryptionType: NotRequired[str]


class PutRow(TypedDict, total=False):
    """One record's part of PutRecords: where it is, or why it is not."""

    ShardId: str
    SequenceNumber: str
    ErrorCode: str
    ErrorMessage: str


class Puts(TypedDict):
    """PutRecords; rows are in the order of the request."""

    FailedRecordCount: int
    Records: list[PutRow]
    EncryptionType: NotRequired[str]


class IteratorMade(TypedDict):
    """GetShardIterator."""

    ShardIterator: str


class Listed(TypedDict):
    """ListShards. NextToken: missing on the last page."""

    Shards: list[ShardRow]
    NextToken: NotRequired[str]
