"""Pedala's dock camera: a row of bikes that come and go, and a clock that can be read.

>>> camera = DockCamera(seed=7)
>>> media = b"".join(camera.media(0, seconds=60))     # Matroska, thirty fragments of two seconds
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from kinesis_sim.arguments import whole
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import DAY, to_ms
from kinesis_sim.video import matroska
from kinesis_sim.video.matroska import MediaTrack
from kinesis_sim.workloads.camera.h264 import PictureEncoder
from kinesis_sim.workloads.camera.picture import CameraPicture

WIDTH, HEIGHT = 160, 96
FPS = 5
GOP_MS = 2_000
"""How far apart key frames are, and so how long a fragment is."""
DOCKS = 6
CLOCK_AT, CLOCK_SIZE = (16, 12), 4
SKY = 44
"""Rows of pixels above the bikes: those of the clock are among them."""
_NIGHT, _LIGHT, _STREET = (40, 128, 128), (220, 128, 128), (70, 122, 134)
_POST, _BIKE, _WHEEL = (120, 128, 128), (110, 90, 200), (20, 128, 128)


class DockCamera:
    """A camera at a dock of six places. seed: which bikes come and go when.

    gop: ms between key frames; fps: pictures a second.
    """

    def __init__(self, seed: int = 0, *, gop: int = GOP_MS, fps: int = FPS) -> None:
        self._seed = whole("seed", seed)
        self.gop, self.fps = whole("gop", gop, least=200), whole("fps", fps, least=1)
        if self.fps > 25 or self.gop * self.fps % 1_000:
            raise UsageError(
                f"gop={gop}, fps={fps}: give whole pictures in a gop, 25 a second at most."
            )
        self._encoder = PictureEncoder(WIDTH, HEIGHT)

    @property
    def track(self) -> MediaTrack:
        """The one track of its media."""
        return MediaTrack(
            1,
            matroska.VIDEO_TYPE,
            "V_MPEG4/ISO/AVC",
            self._encoder.private,
            "dock-camera",
            duration=1_000_000_000 // self.fps,
            width=WIDTH,
            height=HEIGHT,
        )

    def docked(self, at: int) -> tuple[bool, ...]:
        """Which places have a bike at an instant (epoch ms); each may change every ten seconds."""
        second = at // 1_000
        return tuple(
            Random(f"{self._seed}/{place}/{(second + 7 * place) // 10}").random() < 0.6
            for place in range(DOCKS)
        )

    def picture(self, at: int) -> CameraPicture:
        """What it sees at an instant (epoch ms)."""
        picture = CameraPicture(WIDTH, HEIGHT, _NIGHT)
        picture.box(0, 72, WIDTH, 24, _STREET)
        picture.text(*CLOCK_AT, clock_text(at), CLOCK_SIZE, _LIGHT)
        for place, there in enumerate(self.docked(at)):
            x = _left(place)
            picture.box(x, SKY, 2, 32, _POST)
            if there:
                picture.box(x + 4, 56, 16, 6, _BIKE)
                for wheel in (x + 4, x + 14):
                    picture.box(wheel, 64, 6, 10, _WHEEL)
        return picture

    def fragment(self, at: int, timecode: int) -> bytes:
        """One cluster of pictures from an instant on (epoch ms). timecode: its own time (ms)."""
        step = 1_000 // self.fps
        frames = []
        for number in range(self.gop * self.fps // 1_000):
            blocks = self.picture(at + number * step).blocks()
            key = number == 0
            data = self._encoder.key(blocks) if key else self._encoder.next(blocks)
            frames.append((1, number * step, key, data))
        return matroska.cluster(timecode, frames)

    def header(self) -> bytes:
        """How its media begins."""
        return matroska.header([self.track])

    def media(self, start: int | str, *, seconds: int, absolute: bool = False) -> Iterator[bytes]:
        """Matroska from an instant on: the header, then a fragment at a time.

        absolute: whether its times are since 1970, else since ``start``.
        """
        begin = start if isinstance(start, int) else to_ms(start)
        yield self.header()
        for passed in range(0, whole("seconds", seconds, least=1) * 1_000, self.gop):
            at = begin + passed
            yield self.fragment(at, at if absolute else passed)


def saddle(place: int) -> tuple[int, int]:
    """A pixel (x, y) that is a bike's when one stands at a place, the night's when none does."""
    return _left(place) + 12, 59


def _left(place: int) -> int:
    return 4 + 26 * place


def clock_text(at: int) -> str:
    """The clock in the picture: hours, minutes and seconds in UTC."""
    second = at % DAY // 1_000
    return f"{second // 3_600:02}:{second // 60 % 60:02}:{second % 60:02}"
