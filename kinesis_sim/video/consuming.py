"""A GetMedia connection: fragments leave as they are there, and it stays open for those to come.

AWS does not say when a connection is closed at which nothing comes in; 30 s is the model's choice,
after PutMedia's.
"""

from __future__ import annotations

from collections.abc import Callable

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.account.rates import Rate
from kinesis_sim.instants import SECOND
from kinesis_sim.video import refusals, wire
from kinesis_sim.video.allowance import MediaAllowance
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.events import MediaConnectionChanged, MediaRead
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.video_stream import VideoStream

CONTENT_TYPE = "video/webm"
"""As AWS answers (botocore kinesis-video-media GetMediaOutput)."""
QUIET_MS = 30_000
"""How long a connection stays open at which nothing comes in (model's choice)."""


class Consuming:
    """One GetMedia connection (a ``Pushing`` of bytes). after: the count it starts past."""

    def __init__(self, catalog: VideoCatalog, stream: VideoStream, after: int) -> None:
        self.on_ready: Callable[[], None] | None = None
        self.ended = False
        self._catalog, self._stream, self._after = catalog, stream, after
        limits = catalog.limits
        self._rate = Rate(limits["video.get_fragment_rate"]) if limits.throttling else None
        self._allowance = (
            MediaAllowance(limits["video.get_byte_rate"]) if limits.throttling else None
        )
        self._heard = catalog.now
        self._end = stream.archive.on_more(self._more)
        stream.consumers.append(self)
        self._tell("open")

    def next_event(self) -> bytes | None:
        """The next fragment with its tags, when it is there and may leave."""
        now, fragment = self._catalog.now, self._stream.archive.after(self._after)
        if fragment is None or self.ended:
            if not self.ended and now - self._heard >= QUIET_MS and not self._stream.producers:
                self.close("nothing came in")
            return None
        if self._allowance is not None and self._allowance.next_at > now:
            return None
        if self._rate is not None and not self._rate.admit(now):
            return None
        self._after, self._heard = fragment.sequence, now
        newest = self._stream.archive.newest
        behind = 0 if newest is fragment else max(0, now - fragment.received)
        data = wire.live(fragment, behind)
        if self._allowance is not None:
            self._allowance.add(now, len(data))
        self._catalog.events.append(
            MediaRead(
                at=now,
                stream=self._stream.name,
                api="GetMedia",
                fragments=1,
                bytes=len(data),
                frames=fragment.frames,
                behind=behind,
            )
        )
        return data

    def next_at(self) -> int:
        """When to look again: at the next second's share, or when it has been quiet for long."""
        now = self._catalog.now
        if self._stream.archive.after(self._after) is not None:
            soon = now + SECOND // self._catalog.limits["video.get_fragment_rate"]
            return soon if self._allowance is None else max(soon, self._allowance.next_at)
        return max(now + 1, self._heard + QUIET_MS) if not self._stream.producers else now + SECOND

    def close(self, why: str) -> None:
        """Nobody reads any more, or nothing will come."""
        if self.ended:
            return
        self.ended = True
        self._end()
        if self in self._stream.consumers:
            self._stream.consumers.remove(self)
        self._tell("closed", why)
        self._more()

    def _more(self) -> None:
        if self.on_ready is not None:
            self.on_ready()

    def _tell(self, became: str, why: str = "") -> None:
        self._catalog.events.append(
            MediaConnectionChanged(
                at=self._catalog.now,
                stream=self._stream.name,
                api="GetMedia",
                became=became,
                why=why,
            )
        )


def get_media(catalog: VideoCatalog, request: Request) -> Answer:
    """Open a GetMedia connection.

    Raises ResourceNotFoundException, InvalidArgumentException for a selector that lacks what its
    type needs, ConnectionLimitExceededException for the newest of too many.
    """
    stream = catalog.find(request)
    stream.check_open()
    after = _start(stream, request["StartSelector"])
    most = catalog.limits["video.get_connections"]
    if len(stream.consumers) >= most:
        raise refusals.too_many_connections("GetMedia", most)
    return {"ContentType": CONTENT_TYPE, "Payload": Consuming(catalog, stream, after)}


def _start(stream: VideoStream, selector: Request) -> int:
    """The count of the fragment before the one to begin with (facts/video/4/start-selector-type).

    A number or token that is gone means whatever is there past it.
    """
    kind, archive = selector["StartSelectorType"], stream.archive
    if kind == "NOW":
        return archive.newest.sequence - 1 if archive.newest else stream.numbers.count
    if kind == "EARLIEST":
        return 0
    member = _NEEDS[kind]
    value = selector.get(member)
    if value is None:
        raise refusals.invalid(f"A StartSelector of the type {kind} needs {member}.")
    if member == "StartTimestamp":
        return _at(stream, value, server=kind == "SERVER_TIMESTAMP")
    if not (value.isascii() and value.isdecimal()):
        raise refusals.invalid(f"{member} {value[:60]!r} is not what an answer gave.")
    found = archive.past(value)
    return found.sequence - 1 if found else stream.numbers.count


_NEEDS = {
    "FRAGMENT_NUMBER": "AfterFragmentNumber",
    "CONTINUATION_TOKEN": "ContinuationToken",
    "SERVER_TIMESTAMP": "StartTimestamp",
    "PRODUCER_TIMESTAMP": "StartTimestamp",
}


def _at(stream: VideoStream, when: int, *, server: bool) -> int:
    """Before the first fragment that lasts beyond an instant (epoch ms)."""

    def lasts(each: Fragment) -> bool:
        begins = each.received if server else each.produced
        return begins + each.length > when or begins >= when

    found = next((each for each in stream.archive if lasts(each)), None)
    return found.sequence - 1 if found else stream.numbers.count
