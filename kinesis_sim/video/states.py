"""The lives of what Kinesis Video Streams keeps: streams."""

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
TABLES: tuple[StateTable[Any], ...] = (VIDEO_STREAM,)
"""All tables of this room."""
