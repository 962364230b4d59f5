"""A video stream: its settings, the media it keeps, and who is connected to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.states import Life
from kinesis_sim.video import refusals
from kinesis_sim.video.archive import Archive
from kinesis_sim.video.fragment import FragmentNumbers
from kinesis_sim.video.states import VIDEO_STREAM, VideoStreamStatus

_TAKES = (VideoStreamStatus.ACTIVE, VideoStreamStatus.UPDATING)


@dataclass(slots=True)
class VideoStream:
    """One stream. made: epoch ms. version: changes with every setting.

    images, notifications, edge: configurations as the API has them; None for none. images_from,
    notifications_from: since when they are in force (epoch ms).
    """

    name: str
    arn: str
    made: int
    archive: Archive
    numbers: FragmentNumbers
    new_version: Callable[[], str]
    key: str
    media_type: str | None = None
    device: str | None = None
    tier: str = "HOT"
    tags: dict[str, str] = field(default_factory=dict)
    images: Request | None = None
    notifications: Request | None = None
    edge: Request | None = None
    images_from: int = 0
    notifications_from: int = 0
    producers: list[Any] = field(default_factory=list)
    consumers: list[Any] = field(default_factory=list)
    life: Life[VideoStreamStatus] = field(default_factory=lambda: Life(VIDEO_STREAM))
    version: str = ""

    def __post_init__(self) -> None:
        self.version = self.new_version()

    @property
    def takes_media(self) -> bool:
        """Whether media may come and go: a change of settings does not stop it."""
        return self.life.state in _TAKES

    def check_open(self) -> None:
        """Raise ResourceNotFoundException unless its media may be read."""
        if not self.takes_media:
            raise refusals.no_stream()

    def check_version(self, given: str | None) -> None:
        """Raise VersionMismatchException unless it is the present one, or none was given."""
        if given is not None and given != self.version:
            raise refusals.other_version(given)

    def check_active(self) -> None:
        """Raise ResourceInUseException unless it is ACTIVE."""
        if self.life.state is not VideoStreamStatus.ACTIVE:
            raise refusals.in_use(f"The stream {self.name} is {self.life.name}.")

    def row(self) -> Request:
        """StreamInfo, as DescribeStream and ListStreams tell it."""
        told = {
            "DeviceName": self.device,
            "StreamName": self.name,
            "StreamARN": self.arn,
            "MediaType": self.media_type,
            "KmsKeyId": self.key,
            "Version": self.version,
            "Status": self.life.name,
            "CreationTime": self.made,
            "DataRetentionInHours": self.archive.retention,
        }
        return {member: value for member, value in told.items() if value is not None}
