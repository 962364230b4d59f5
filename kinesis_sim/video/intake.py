"""What a PutMedia connection needs of its stream: whether media is taken, and within which limits.

Figures: facts/video/3/fragment-limits and facts/video/3/fragment-metadata, as quotas say them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kinesis_sim.clock import Clock
from kinesis_sim.events import EventLog
from kinesis_sim.video.events import VideoEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One stream, as its producers meet it.

    most_ms, least_ms: how long a fragment may last. most_tags: how many tags it may have.
    persist_ms: how long storing one takes. check: raises MediaFault while the stream takes nothing.
    gone: whether the stream is there no more.
    """

    stream: str
    clock: Clock
    events: EventLog
    most_bytes: int
    most_ms: int
    least_ms: int
    most_tracks: int
    most_tags: int
    tag_name_bytes: int
    tag_value_bytes: int
    persist_ms: int
    check: Callable[[], None]
    gone: Callable[[], bool]

    @property
    def now(self) -> int:
        """Epoch ms."""
        return self.clock.now

    def tell(self, kind: type[VideoEvent], **said: Any) -> None:
        """Enter an event of this stream into the log."""
        self.events.append(kind(at=self.now, stream=self.stream, **said))

    def takes(self, tags: list[tuple[str, str]]) -> bool:
        """Whether a fragment may have these tags. Names that begin with AWS are AWS's."""
        return len(tags) <= self.most_tags and all(
            len(name.encode()) <= self.tag_name_bytes
            and len(value.encode()) <= self.tag_value_bytes
            and (not name.startswith("AWS") or name.startswith(_FOR_AWS))
            for name, value in tags
        )


_FOR_AWS = ("AWS_KINESISVIDEO_IMAGE", "AWS_KINESISVIDEO_NOTIFICATION")
"""Tags by which a producer asks AWS for an image or a notification."""
