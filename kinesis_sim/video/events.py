"""What can happen to a video stream. Metrics, bill and pictures are folds over these.

Every event names its stream. sequence counts a stream's fragments from 1; timecodes and lengths are
in ms, produced and received epoch ms by the producer's and the service's clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from kinesis_sim.events import Event, Labels
from kinesis_sim.folded import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoEvent(Event):
    """Something that happened to the video stream of this name."""

    stream: str

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Counted per stream."""
        yield (("stream", self.stream),), {"count": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStreamChanged(VideoEvent):
    """From one status to another; None before it was there, and after."""

    was: str | None
    became: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRetentionChanged(VideoEvent):
    """The retention period went from one number of hours to another."""

    was: int
    became: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaConnectionChanged(VideoEvent):
    """A PutMedia or GetMedia connection was opened, refused or closed. why: it was closed."""

    chatter: ClassVar[bool] = True
    api: str
    became: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentBegan(VideoEvent):
    """The first bytes of a fragment came in: it is buffered."""

    chatter: ClassVar[bool] = True
    sequence: int
    timecode: int
    produced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentReceived(VideoEvent):
    """A fragment came in whole."""

    chatter: ClassVar[bool] = True
    sequence: int
    timecode: int
    produced: int
    received: int
    length: int
    bytes: int
    frames: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Fragments, bytes and frames per stream."""
        measures: dict[str, Number] = {"count": 1, "bytes": self.bytes, "frames": self.frames}
        yield (("stream", self.stream),), measures


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentPersisted(VideoEvent):
    """A fragment was stored: it will be there until retention is over."""

    chatter: ClassVar[bool] = True
    sequence: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentsExpired(VideoEvent):
    """Fragments up to one of them are gone: their retention, or the buffer's time, is over."""

    chatter: ClassVar[bool] = True
    up_to: int
    fragments: int
    bytes: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Fragments and bytes per stream."""
        measures: dict[str, Number] = {"count": self.fragments, "bytes": self.bytes}
        yield (("stream", self.stream),), measures


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRefused(VideoEvent):
    """An ERROR acknowledgement was sent. error: its code; timecode: of the fragment, if of one."""

    chatter: ClassVar[bool] = True
    error: str
    error_id: int | None
    timecode: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRead(VideoEvent):
    """Fragments left for a consumer. api: by which call; behind: ms that it is behind now."""

    chatter: ClassVar[bool] = True
    api: str
    fragments: int
    bytes: int
    frames: int
    behind: int = 0

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Fragments, bytes and frames per stream and call."""
        measures: dict[str, Number] = {
            "count": self.fragments,
            "bytes": self.bytes,
            "frames": self.frames,
        }
        yield (("api", self.api), ("stream", self.stream)), measures


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaPointsUsed(VideoEvent):
    """A call used quota points of a stream, of fragment metadata and of fragment media."""

    chatter: ClassVar[bool] = True
    api: str
    metadata: int
    media: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Points per stream and call."""
        measures: dict[str, Number] = {
            "count": 1,
            "metadata": self.metadata,
            "media": self.media,
        }
        yield (("api", self.api), ("stream", self.stream)), measures


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesDelivered(VideoEvent):
    """Images of a tagged fragment were written to S3. errors: how many were not; error: why."""

    chatter: ClassVar[bool] = True
    sequence: int
    images: int
    bytes: int
    errors: int
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationPublished(VideoEvent):
    """A tagged fragment was told to an SNS topic. error: why it was not."""

    chatter: ClassVar[bool] = True
    sequence: int
    topic: str
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesWatched(VideoEvent):
    """A function looked at a fragment. errors: calls that failed, or the fragment itself."""

    chatter: ClassVar[bool] = True
    sequence: int
    frames: int
    findings: int
    errors: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Fragments, frames, findings and errors per stream."""
        measures: dict[str, Number] = {
            "count": 1,
            "frames": self.frames,
            "findings": self.findings,
            "errors": self.errors,
        }
        yield (("stream", self.stream),), measures


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingSent(VideoEvent):
    """A finding was put to the data stream ``to``. error: why it is lost."""

    chatter: ClassVar[bool] = True
    to: str
    error: str = ""
