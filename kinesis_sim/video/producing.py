"""A PutMedia connection: media comes in, acknowledgements leave, silence is noticed.

AWS sends IDLE "periodically" and closes after 30 s of silence (facts/video/3/events); every how
many seconds is the model's choice. A producer that sends more bytes or fragments a second than its
stream may take gets no error but is slowed down, as facts/video/3/too-much tells: the rest waits in
its socket. Within the process, and on a clock that stands still, nothing can wait: all is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kinesis_sim.account.calls import Request
from kinesis_sim.clock import Clock
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.instants import LAST, to_ms
from kinesis_sim.video import refusals
from kinesis_sim.video.allowance import MediaAllowance
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.events import MediaConnectionChanged
from kinesis_sim.video.ingest import Ingest
from kinesis_sim.video.video_stream import VideoStream

IDLE_EVERY_MS = 5_000
"""Silence after which IDLE is said, and said again (model's choice)."""
HEADERS = {
    "x-amzn-stream-name": "StreamName",
    "x-amzn-stream-arn": "StreamARN",
    "x-amzn-fragment-timecode-type": "FragmentTimecodeType",
    "x-amzn-producer-start-timestamp": "ProducerStartTimestamp",
}
"""The headers of PutMedia (facts/video/3/headers)."""
_SECONDS = re.compile(r"\d{1,12}(\.\d{1,9})?", re.ASCII)


class Producing:
    """One PutMedia connection (a ``Conversation``)."""

    def __init__(self, catalog: VideoCatalog, stream: VideoStream, base: int) -> None:
        self.on_ready: Callable[[], None] | None = None
        self._catalog, self._stream = catalog, stream
        self._clock: Clock = catalog.clock
        intake = catalog.intake(stream)
        self._ingest = Ingest(intake, stream.archive, stream.numbers, base, self._ready)
        self._heard = self._clock.now
        self._left = False
        self._bytes = MediaAllowance(catalog.limits["video.put_byte_rate"])
        self._fragments = MediaAllowance(catalog.limits["video.put_fragment_rate"])
        self._idle_ms = catalog.limits["video.idle_seconds"] * 1_000
        self._silence = self._clock.schedule(self._heard + IDLE_EVERY_MS, self._silent)
        lasts = catalog.limits["video.connection_seconds"] * 1_000
        self._last = self._clock.schedule(self._heard + lasts, self._too_long)
        stream.producers.append(self)
        self._tell("open")

    @property
    def ended(self) -> bool:
        """Whether no acknowledgement follows but those that are due."""
        return self._left or self._ingest.ended

    def take(self, part: bytes) -> None:
        """The next part of the media."""
        now, begun = self._clock.now, self._stream.numbers.count
        self._ingest.feed(part)
        self._bytes.add(now, len(part))
        self._fragments.add(now, self._stream.numbers.count - begun)
        self._heard = max(now, self.takes_at())
        self._look()

    def takes_at(self) -> int:
        """When the stream's share of a second has room again; at once for what is thrown away."""
        if self._ingest.over or self._clock.is_manual or not self._catalog.limits.throttling:
            return 0
        return max(self._bytes.next_at, self._fragments.next_at)

    def finish(self) -> None:
        """The media has ended."""
        self._ingest.finish()
        self._look()

    def next_event(self) -> bytes | None:
        """The acknowledgements that are due, each a line."""
        acks = self._ingest.acks
        if not acks:
            return None
        lines = b"".join(ack.line for ack in acks)
        acks.clear()
        return lines

    def next_at(self) -> int:
        """There is nothing to look for: ``on_ready`` tells."""
        return LAST

    def close(self, why: str) -> None:
        """The connection is gone: what was not received whole is lost."""
        if why == "stream deleted":
            self._ingest.refuse("STREAM_DELETED")
        self._ingest.cut()
        self._leave(why)
        self._ready()

    def _ready(self) -> None:
        if self.on_ready is not None:
            self.on_ready()

    def _look(self) -> None:
        if self._ingest.over:
            self._leave("ended")

    def _leave(self, why: str) -> None:
        """The stream has room for another producer."""
        self._silence.cancel()
        self._last.cancel()
        if self in self._stream.producers:
            self._stream.producers.remove(self)
            self._tell("closed", why)
        self._left = self._left or why not in ("ended", "stream deleted")

    def _silent(self) -> None:
        """The clock says that it is time to look whether anything came."""
        now = self._clock.now
        silence = now - self._heard
        if silence >= self._idle_ms:
            self._ingest.idle()
            self._ingest.over = True
            self._leave("ended")
            self._ready()
            return
        if silence >= IDLE_EVERY_MS:
            self._ingest.idle()
        beat = self._heard + (silence // IDLE_EVERY_MS + 1) * IDLE_EVERY_MS
        self._silence = self._clock.schedule(min(beat, self._heard + self._idle_ms), self._silent)

    def _too_long(self) -> None:
        self._ingest.refuse("MAX_CONNECTION_DURATION_REACHED")
        self._leave("ended")

    def _tell(self, became: str, why: str = "") -> None:
        self._catalog.events.append(
            MediaConnectionChanged(
                at=self._clock.now, stream=self._stream.name, api="PutMedia", became=became, why=why
            )
        )


def put_media(catalog: VideoCatalog, request: Request) -> Producing:
    """Open a PutMedia connection.

    Raises InvalidArgumentException for headers that say too little or too much,
    ResourceNotFoundException, and ConnectionLimitExceededException for the newest of too many.
    """
    if request.get("StreamName") and request.get("StreamARN"):
        raise refusals.invalid("Give x-amzn-stream-name or x-amzn-stream-arn, not both.")
    stream = catalog.find(request)
    base = _base(request)
    stream.check_open()
    most = catalog.limits["video.put_connections"]
    if len(stream.producers) >= most:
        catalog.events.append(
            MediaConnectionChanged(
                at=catalog.now, stream=stream.name, api="PutMedia", became="refused"
            )
        )
        raise refusals.too_many_connections("PutMedia", most)
    return Producing(catalog, stream, base)


def _base(request: Request) -> int:
    """What the media's timecodes count from (epoch ms)."""
    kind = request.get("FragmentTimecodeType")
    if kind not in ("ABSOLUTE", "RELATIVE"):
        raise refusals.invalid(
            f"x-amzn-fragment-timecode-type is {kind!r}: it must be ABSOLUTE or RELATIVE."
        )
    start = _moment(request.get("ProducerStartTimestamp"))
    return start if kind == "RELATIVE" else 0


def _moment(text: str | None) -> int:
    """Seconds since 1970, as most write it, or ISO 8601, as AWS's Java client does."""
    if text is None:
        raise refusals.invalid("x-amzn-producer-start-timestamp is missing.")
    try:
        found = round(float(text) * 1_000) if _SECONDS.fullmatch(text) else to_ms(text)
    except (UsageError, ServiceError):
        found = -1
    if not 0 <= found <= LAST:
        raise refusals.invalid(
            f"x-amzn-producer-start-timestamp {text[:60]!r} is no time: write seconds since 1970."
        )
    return found
