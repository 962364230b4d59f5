"""Rows that several answers share: a stream, a shard, its monitoring."""

from __future__ import annotations

from typing import Any

from kinesis_sim.streams.answers import ShardRow
from kinesis_sim.streams.shard import Shard
from kinesis_sim.streams.stream import Stream


def stream_row(stream: Stream) -> dict[str, Any]:
    """botocore StreamSummary.

    StreamCreationTimestamp in epoch ms, whole seconds as AWS answers them.
    """
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "StreamStatus": "DELETING" if stream.status is None else stream.status.value,
        "StreamModeDetails": {"StreamMode": stream.settings.mode},
        "StreamCreationTimestamp": stream.created_at // 1000 * 1000,
    }


def shard_row(shard: Shard) -> ShardRow:
    """botocore Shard."""
    row: ShardRow = {
        "ShardId": shard.id,
        "HashKeyRange": {
            "StartingHashKey": str(shard.hashes.start),
            "EndingHashKey": str(shard.hashes.end),
        },
        "SequenceNumberRange": {"StartingSequenceNumber": shard.starting_sequence_number},
    }
    if shard.parents:
        row["ParentShardId"] = shard.parents[0]
    if len(shard.parents) > 1:
        row["AdjacentParentShardId"] = shard.parents[1]
    ending = shard.ending_sequence_number
    if ending is not None:
        row["SequenceNumberRange"]["EndingSequenceNumber"] = ending
    return row


def enhanced_monitoring(metrics: tuple[str, ...]) -> list[dict[str, Any]]:
    """botocore EnhancedMetrics: one entry, empty while shard-level metrics are off."""
    return [{"ShardLevelMetrics": list(metrics)}]
