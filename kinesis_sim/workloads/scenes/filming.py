"""Pedala's dock camera at work on a video stream, and what can go wrong on the way.

Lengths and pauses are this model's choices; what the stream answers is the simulator's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.arguments import whole
from kinesis_sim.errors import UsageError
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import MediaAck, put, record

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

STREAM = "dock-camera"
SECONDS, LONG_MS = 10, 24_000
SEED, SETTLES_S = 7, 3


class Filming:
    """A camera and its stream, made and ACTIVE. hours: the stream's retention.

    UsageError when the simulator has a video stream of this name already.
    """

    def __init__(self, sim: Simulator, *, hours: int = 1, stream: str = STREAM) -> None:
        if stream in sim.video.streams:
            raise UsageError(f"There is a video stream {stream!r} already: take a new Simulator.")
        self.sim, self.stream = sim, stream
        self.camera = DockCamera(SEED)
        self._video = sim.client("kinesisvideo")
        self._video.create_stream(StreamName=stream, DataRetentionInHours=hours)
        sim.advance(seconds=SETTLES_S)

    @property
    def hours(self) -> int:
        """The retention in force."""
        return self.sim.video[self.stream].archive.retention

    def film(self, seconds: int = SECONDS) -> list[MediaAck]:
        """Film, and put each fragment as soon as it is over; the acknowledgements."""
        return record(self.sim, self.stream, self.camera, seconds=seconds)

    def film_offline(self, seconds: int = SECONDS) -> list[MediaAck]:
        """Film without a line, and put all of it at once when the line is back."""
        begin = self.sim.clock.now
        media = b"".join(self.camera.media(begin, seconds=seconds))
        self.sim.advance(seconds=whole("seconds", seconds, least=1))
        acks = put(self.sim, self.stream, media, start=begin)
        self.sim.advance(seconds=1)
        return acks

    def cut(self) -> None:
        """Put one fragment and a half, then lose the line."""
        begin = self.sim.clock.now
        said = {
            "StreamName": self.stream,
            "FragmentTimecodeType": "RELATIVE",
            "ProducerStartTimestamp": f"{begin / 1_000:.3f}",
        }
        connection = self.sim.gate.converse("kinesisvideo", "PutMedia", said)
        first, second = (self.camera.fragment(begin + at, at) for at in (0, self.camera.gop))
        connection.take(self.camera.header())
        self.sim.advance(milliseconds=self.camera.gop)
        connection.take(first)
        self.sim.advance(milliseconds=self.camera.gop)
        connection.take(second[: len(second) // 2])
        self.sim.advance(milliseconds=self.camera.gop // 2)
        connection.close("line cut")
        self.sim.advance(seconds=1)

    def film_long(self) -> list[MediaAck]:
        """Film with key frames too far apart: a fragment longer than a stream takes."""
        camera = DockCamera(SEED, gop=LONG_MS, fps=1)
        acks = record(self.sim, self.stream, camera, seconds=LONG_MS // 1_000)
        self.sim.advance(seconds=1)
        return acks

    def keep(self, hours: int) -> None:
        """Change the retention to so many hours: AWS takes the difference, and a version."""
        change = whole("hours", hours, least=0) - self.hours
        if not change:
            return
        info = self._video.describe_stream(StreamName=self.stream)["StreamInfo"]
        self._video.update_data_retention(
            StreamName=self.stream,
            CurrentVersion=info["Version"],
            Operation="INCREASE_DATA_RETENTION" if change > 0 else "DECREASE_DATA_RETENTION",
            DataRetentionChangeInHours=abs(change),
        )
        self.sim.advance(seconds=SETTLES_S)
