"""What peers of a call need besides ``aws/webrtc``: a film, and what is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from kinesis_sim.aws.webrtc import needed
from kinesis_sim.video import matroska
from kinesis_sim.video.packaging.codecs import playable
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.picture import CameraPicture

FPS = 30
"""Frames a second that aiortc's tracks have."""


def film(camera: DockCamera, start: int, frames: int) -> Any:
    """A track of what a camera sees from an instant on (epoch ms); it ends after so many frames.

    ``sent`` counts those that were taken from it.
    """
    aiortc = needed()

    base: Any = aiortc.VideoStreamTrack

    class Film(base):  # type: ignore[misc]
        sent = 0

        async def recv(self) -> Any:
            if self.sent >= frames:
                raise aiortc.mediastreams.MediaStreamError
            stamp, base = await self.next_timestamp()
            found = frame(camera.picture(start + 1_000 * self.sent // FPS))
            found.pts, found.time_base = stamp, base
            self.sent += 1
            return found

    return Film()


def reel(camera: DockCamera, start: int, seconds: int, speed: float = 1) -> Any:
    """A track of what a camera sees: its own H.264, as it came: nothing is encoded again.

    speed: how often faster than the camera filmed it is sent. ``sent`` counts frames.
    """
    return _packets("video", units(camera, start, seconds), speed)


def silence(seconds: int, speed: float = 1) -> Any:
    """A track of Opus in which nothing is heard."""
    return _packets("audio", ((at, _SILENCE) for at in range(0, seconds * 1_000, 20)), speed)


_SILENCE = b"\xf8\xff\xfe"
"""Twenty milliseconds of nothing, in Opus (RFC 6716: CELT, full band, one frame)."""
_START = b"\0\0\0\1"


def units(camera: DockCamera, start: int, seconds: int) -> Iterator[tuple[int, bytes]]:
    """The camera's pictures as access units (annex B), each with its time (ms)."""
    sets = b"".join(_START + each for each in playable((camera.track,))[0].sets)
    for begin in range(0, seconds * 1_000, camera.gop):
        cluster = camera.fragment(start + begin, begin)
        for block in matroska.blocks_of(cluster):
            unit = _START + cluster[block.begin + 4 : block.end]
            yield begin + block.offset, sets + unit if block.key else unit


def _let(due: asyncio.Future[None]) -> None:
    if not due.done():  # who waited may have been cancelled
        due.set_result(None)


def _packets(kind: str, rows: Iterable[tuple[int, bytes]], speed: float) -> Any:
    aiortc = needed()
    from av import Packet

    base: Any = aiortc.MediaStreamTrack

    class Packets(base):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.kind, self._rows, self._begun = kind, iter(rows), 0.0
            self.sent = 0

        async def recv(self) -> Any:
            row = next(self._rows, None)
            if row is None:
                raise aiortc.mediastreams.MediaStreamError
            at, data = row
            loop = asyncio.get_running_loop()
            self._begun = self._begun or loop.time()
            due: asyncio.Future[None] = loop.create_future()
            loop.call_at(self._begun + at / 1_000 / speed, _let, due)
            await due
            packet = Packet(data)
            packet.pts, packet.time_base = at, Fraction(1, 1_000)
            self.sent += 1
            return packet

    return Packets()


def frame(picture: CameraPicture) -> Any:
    """A picture as a frame of PyAV's."""
    from av import VideoFrame

    made = VideoFrame(picture.width, picture.height, "yuv420p")
    for plane, rows in zip(made.planes, picture.planes, strict=True):
        padding = bytes(plane.line_size - plane.width)
        lines = (rows[at : at + plane.width] for at in range(0, len(rows), plane.width))
        plane.update(b"".join(line + padding for line in lines))
    return made
