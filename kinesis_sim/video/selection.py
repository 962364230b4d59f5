"""Which stored fragments a request means: by whose clock, and from when to when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kinesis_sim.account.calls import Request
from kinesis_sim.instants import HOUR
from kinesis_sim.video import refusals
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.video_stream import VideoStream

LONGEST_MS = 24 * HOUR
"""How long a range of playback may be (facts/video/5/selector)."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Fragments by the time at which they begin. start, end: epoch ms, both included; None: open.

    server: by the service's clock, else by the producer's.
    """

    server: bool
    start: int | None = None
    end: int | None = None

    @property
    def begins(self) -> Callable[[Fragment], int]:
        """When a fragment begins by the chosen clock."""
        return _received if self.server else _produced

    def holds(self, fragment: Fragment) -> bool:
        """Whether a fragment begins in the range."""
        at = self.begins(fragment)
        return (self.start is None or at >= self.start) and (self.end is None or at <= self.end)

    def of(self, fragments: Iterable[Fragment]) -> list[Fragment]:
        """Those of the range in order of time. Of two with one producer time the later one counts.

        See facts/video/5/same-producer-timestamp-twice.
        """
        found = sorted(
            filter(self.holds, fragments), key=lambda each: (self.begins(each), each.number)
        )
        if self.server:
            return found
        newest = {self.begins(each): each for each in found}
        return list(newest.values())


def _received(fragment: Fragment) -> int:
    return fragment.received


def _produced(fragment: Fragment) -> int:
    return fragment.produced


def selection(selector: Request | None, *, most: int | None = LONGEST_MS) -> Selection:
    """The selection that a selector's members say; the service's clock when it does not say whose.

    most: the longest range (ms). Raises InvalidArgumentException for one that ends before it
    begins, or is longer.
    """
    selector = selector or {}
    kind = selector.get("FragmentSelectorType", "SERVER_TIMESTAMP")
    span = selector.get("TimestampRange") or {}
    start, end = span.get("StartTimestamp"), span.get("EndTimestamp")
    if start is not None and end is not None:
        if end < start or (end == start and most is not None):
            raise refusals.invalid("EndTimestamp must be later than StartTimestamp.")
        if most is not None and end - start > most:
            raise refusals.invalid(
                "The range from StartTimestamp to EndTimestamp is over 24 hours."
            )
    return Selection(kind == "SERVER_TIMESTAMP", start, end)


def stored(stream: VideoStream) -> list[Fragment]:
    """What a stream has stored. Raises NoDataRetentionException when it stores nothing.

    Raises ResourceNotFoundException while it is being made, or deleted: its data is out of reach
    at once (botocore kinesisvideo, DeleteStream).
    """
    stream.check_open()
    if not stream.archive.retention:
        raise refusals.no_retention(stream.name)
    return stream.archive.persisted()
