"""The lives of what Kinesis Video Streams keeps: streams and signaling channels."""

from __future__ import annotations

from enum import Enum
from typing import Any

from kinesis_sim.states import StateTable


class VideoStreamStatus(Enum):
    """The status of a video stream (botocore kinesisvideo Status)."""

    CREATING = "CREATING"
    ACTIVE = "ACTIVE"
    UPDATING = "UPDATING"
    DELETING = "DELETING"


class SignalingChannelStatus(Enum):
    """The status of a signaling channel (botocore kinesisvideo Status)."""

    CREATING = "CREATING"
    ACTIVE = "ACTIVE"
    UPDATING = "UPDATING"
    DELETING = "DELETING"


VIDEO_STREAM = StateTable(
    "video_stream",
    VideoStreamStatus.CREATING,
    {
        VideoStreamStatus.CREATING: {
            "created": VideoStreamStatus.ACTIVE,
            "DeleteStream": VideoStreamStatus.DELETING,
        },
        VideoStreamStatus.ACTIVE: {
            "change": VideoStreamStatus.UPDATING,
            "DeleteStream": VideoStreamStatus.DELETING,
        },
        VideoStreamStatus.UPDATING: {
            "changed": VideoStreamStatus.ACTIVE,
            "DeleteStream": VideoStreamStatus.DELETING,
        },
        VideoStreamStatus.DELETING: {"deleted": None},
    },
)
SIGNALING_CHANNEL = StateTable(
    "signaling_channel",
    SignalingChannelStatus.CREATING,
    {
        SignalingChannelStatus.CREATING: {
            "created": SignalingChannelStatus.ACTIVE,
            "remove": SignalingChannelStatus.DELETING,
        },
        SignalingChannelStatus.ACTIVE: {
            "change": SignalingChannelStatus.UPDATING,
            "remove": SignalingChannelStatus.DELETING,
        },
        SignalingChannelStatus.UPDATING: {
            "changed": SignalingChannelStatus.ACTIVE,
            "remove": SignalingChannelStatus.DELETING,
        },
        SignalingChannelStatus.DELETING: {"deleted": None},
    },
)
TABLES: tuple[StateTable[Any], ...] = (VIDEO_STREAM, SIGNALING_CHANNEL)
"""All tables of this room."""
