"""A function that looks at a stream's pictures, and whose findings go to a data stream.

It reads live media as GetMedia's callers do, so it needs no retention. Each finding is a record of
JSON that says where it was seen in the members of Rekognition's records
(facts/video/8/rekognition-output), and what, as the function said it. What goes wrong with one
picture, one fragment or one record is counted, and harms no other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.calls import Request
from kinesis_sim.arguments import whole
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import SECOND
from kinesis_sim.interruption import Held
from kinesis_sim.mishaps import text_of
from kinesis_sim.video.events import FindingSent, FramesWatched
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.pictures.decoding import Undecodable, pictures
from kinesis_sim.video.pictures.picture import DecodedPicture, pyav
from kinesis_sim.video.video_stream import VideoStream

if TYPE_CHECKING:
    import numpy

    from kinesis_sim.video.catalog import VideoCatalog

TRIES, WAIT_MS = 5, SECOND
"""How often, and after how long again, a record that is throttled is put (model's choices)."""
_THROTTLED = frozenset(
    {"ProvisionedThroughputExceededException", "LimitExceededException", "KMSThrottlingException"}
)


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """One frame, as a function gets it. number: its fragment's.

    at: when it was seen by the camera's clock, received: when its fragment came in (epoch ms).
    """

    stream: str
    number: str
    at: int
    received: int
    picture: DecodedPicture

    @property
    def width(self) -> int:
        """Pixels."""
        return self.picture.width

    @property
    def height(self) -> int:
        """Pixels."""
        return self.picture.height

    @property
    def luma(self) -> bytes:
        """How light each pixel is, a byte each (16 black, 235 white), row by row."""
        return self.picture.luma

    def array(self) -> numpy.ndarray[Any, Any]:
        """Height × width × 3 bytes of red, green and blue. Raises MissingPackage without numpy."""
        return self.picture.array()

    def jpeg(self, quality: int = 80) -> bytes:
        """The frame as a file."""
        return self.picture.image(quality=whole("quality", quality, least=1, most=100))


class FrameWatch:
    """One function that watches one stream; ``stop()`` ends it.

    frames, findings, errors, lost: how many so far; of frames that the function was given, findings
    that it made, calls or fragments that failed, findings that reached no data stream. error: what
    went wrong last; empty for nothing.
    """

    def __init__(
        self, catalog: VideoCatalog, stream: VideoStream, function: str, to: str, every: int
    ) -> None:
        self.function, self.to, self.every = function, to, every
        self.frames = self.findings = self.errors = self.lost = 0
        self.error = ""
        self._catalog, self._stream = catalog, stream
        self._next = 0
        self._end = stream.archive.on_more(self._came)
        self._over = False

    def __repr__(self) -> str:
        return (
            f"<FrameWatch {self._stream.name} → {self.to}: {self.frames} frames, "
            f"{self.findings} findings, {self.errors} errors, {self.lost} lost>"
        )

    def stop(self) -> None:
        """Look at nothing more."""
        self._over = True
        self._end()

    def _came(self) -> None:
        fragment = self._stream.archive.newest
        if fragment is not None:
            delay = self._catalog.delays["video.watch"]
            self._catalog.clock.after(delay, lambda: self._look(fragment))

    def _look(self, fragment: Fragment) -> None:
        """Have the function look at a fragment, and send what it found."""
        if self._over or self._catalog.streams.get(self._stream.name) is not self._stream:
            return
        before = self.frames, self.findings, self.errors
        records: list[bytes] = []
        try:
            for frame in self._due(fragment):
                records += self._asked(fragment, frame)
        except Undecodable as error:
            self._failed(str(error))
        except Exception as error:  # a frame's fault is no reason to stop the clock
            self._failed(self._catalog.clock.mishaps.note(error, f"watch of {self._stream.name}"))
        frames, findings, errors = self.frames, self.findings, self.errors
        self._catalog.events.append(
            FramesWatched(
                at=self._catalog.now,
                stream=self._stream.name,
                sequence=fragment.sequence,
                frames=frames - before[0],
                findings=findings - before[1],
                errors=errors - before[2],
            )
        )
        for record in records:
            self._send(record, 1)

    def _due(self, fragment: Fragment) -> Iterator[SeenFrame]:
        """The frames that are so far apart by the camera's clock; after a jump back it begins anew.

        The media's own times are its producer's to say, so none of them holds the watch up.
        """
        if fragment.produced < self._next - self.every:
            self._next = fragment.produced
        for picture in pictures(fragment):
            at = fragment.produced + picture.at
            if at >= self._next:
                self._next = at + self.every
                yield SeenFrame(self._stream.name, fragment.number, at, fragment.received, picture)

    def _asked(self, fragment: Fragment, frame: SeenFrame) -> list[bytes]:
        """The function's finding as a record, if it made one."""
        self.frames += 1
        seen: Any = frame
        with Held():  # as Lambda's callers do: an interruption is the function's own error
            try:
                found = self._catalog.around.functions.invoke(self.function, seen)
                if found is None:
                    return []
                data = json.dumps(self._record(fragment, frame, found), allow_nan=False).encode()
            except (Exception, SystemExit) as error:
                self._failed(text_of(error))
                return []
        self.findings += 1
        return [data]

    def _record(self, fragment: Fragment, frame: SeenFrame, found: Any) -> Request:
        where = {
            "StreamArn": self._stream.arn,
            "FragmentNumber": fragment.number,
            "ServerTimestamp": fragment.received / SECOND,
            "ProducerTimestamp": fragment.produced / SECOND,
            "FrameOffsetInSeconds": frame.picture.at / SECOND,
        }
        return {"InputInformation": {"KinesisVideo": where}, "Finding": found}

    def _send(self, record: bytes, tries: int) -> None:
        """Put a record, by the camera's name, so that a camera's findings keep their order."""
        request = {"StreamName": self.to, "PartitionKey": self._stream.name, "Data": record}
        try:
            self._catalog.around.call("kinesis", "PutRecord", request)
        except ServiceError as error:
            if tries < TRIES and (error.code in _THROTTLED or error.fault):
                self._catalog.clock.after(WAIT_MS, lambda: self._send(record, tries + 1))
                return
            self.lost += 1
            self.error = text_of(error)
            self._sent(error.code)
            return
        self._sent("")

    def _sent(self, error: str) -> None:
        now = self._catalog.now
        self._catalog.events.append(
            FindingSent(at=now, stream=self._stream.name, to=self.to, error=error)
        )

    def _failed(self, text: str) -> None:
        self.errors += 1
        self.error = text


def watch(
    catalog: VideoCatalog, stream: str, function: Callable[[SeenFrame], Any], to: str, every: int
) -> FrameWatch:
    """See ``VideoCatalog.watch``."""
    found = catalog[stream]
    whole("every", every, least=1)
    pyav()
    catalog.around.call("kinesis", "DescribeStreamSummary", {"StreamName": to})
    name = f"watch-{stream}-{catalog.count_watch()}"
    return FrameWatch(catalog, found, catalog.around.functions.register(name, function), to, every)
