"""The lives of what Kinesis Data Streams keeps: streams, shards, consumers, queues, channels."""

from __future__ import annotations

from enum import Enum
from typing import Any

from kinesis_sim.states import StateTable


class StreamStatus(Enum):
    """The status of a stream (botocore StreamStatus)."""

    CREATING = "CREATING"
    ACTIVE = "ACTIVE"
    UPDATING = "UPDATING"
    DELETING = "DELETING"


class ShardState(Enum):
    """Where a shard is in its life (facts/data-streams §2.2)."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    EXPIRED = "EXPIRED"


class ConsumerStatus(Enum):
    """The status of a registered consumer (botocore ConsumerStatus)."""

    CREATING = "CREATING"
    ACTIVE = "ACTIVE"
    DELETING = "DELETING"


class QueueStatus(Enum):
    """The status of a queue (botocore QueueStatus)."""

    CREATING = "CREATING"
    ACTIVE = "ACTIVE"
    UPDATING = "UPDATING"
    DELETING = "DELETING"


class ChannelStatus(Enum):
    """The status of a channel (botocore ChannelStatus)."""

    CREATING = "CREATING"
    ACTIVE = "ACTIVE"
    UPDATING = "UPDATING"
    DELETING = "DELETING"
    FAILED = "FAILED"


STREAM = StateTable(
    "stream",
    StreamStatus.CREATING,
    {
        StreamStatus.CREATING: {"created": StreamStatus.ACTIVE, "delete": StreamStatus.DELETING},
        StreamStatus.ACTIVE: {"change": StreamStatus.UPDATING, "delete": StreamStatus.DELETING},
        StreamStatus.UPDATING: {"changed": StreamStatus.ACTIVE, "delete": StreamStatus.DELETING},
        StreamStatus.DELETING: {"deleted": None},
    },
)
SHARD = StateTable(
    "shard",
    ShardState.OPEN,
    {
        ShardState.OPEN: {"split or merge": ShardState.CLOSED},
        ShardState.CLOSED: {"retention passes": ShardState.EXPIRED},
        ShardState.EXPIRED: {},
    },
)
CONSUMER = StateTable(
    "consumer",
    ConsumerStatus.CREATING,
    {
        ConsumerStatus.CREATING: {
            "created": ConsumerStatus.ACTIVE,
            "DeregisterStreamConsumer": ConsumerStatus.DELETING,
            "DeleteStream": None,
        },
        ConsumerStatus.ACTIVE: {
            "DeregisterStreamConsumer": ConsumerStatus.DELETING,
            "DeleteStream": None,
        },
        ConsumerStatus.DELETING: {"deleted": None, "DeleteStream": None},
    },
)
QUEUE = StateTable(
    "queue",
    QueueStatus.CREATING,
    {
        QueueStatus.CREATING: {"created": QueueStatus.ACTIVE, "DeleteQueue": QueueStatus.DELETING},
        QueueStatus.ACTIVE: {
            "UpdateQueue": QueueStatus.UPDATING,
            "DeleteQueue": QueueStatus.DELETING,
        },
        QueueStatus.UPDATING: {"changed": QueueStatus.ACTIVE, "DeleteQueue": QueueStatus.DELETING},
        QueueStatus.DELETING: {"deleted": None},
    },
)
CHANNEL = StateTable(
    "channel",
    ChannelStatus.CREATING,
    {
        ChannelStatus.CREATING: {
            "created": ChannelStatus.ACTIVE,
            "not deliverable": ChannelStatus.FAILED,
            "DeleteChannel": ChannelStatus.DELETING,
        },
        ChannelStatus.ACTIVE: {
            "UpdateChannel": ChannelStatus.UPDATING,
            "DeleteChannel": ChannelStatus.DELETING,
        },
        ChannelStatus.UPDATING: {
            "changed": ChannelStatus.ACTIVE,
            "DeleteChannel": ChannelStatus.DELETING,
        },
        ChannelStatus.DELETING: {"deleted": None},
        ChannelStatus.FAILED: {"DeleteChannel": ChannelStatus.DELETING},
    },
)
TABLES: tuple[StateTable[Any], ...] = (STREAM, SHARD, CONSUMER, QUEUE, CHANNEL)
"""All tables of this room."""
