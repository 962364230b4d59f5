"""Two peers read Matroska as we do: ebmlite (recorded), which knows the grammar, and PyAV."""

from __future__ import annotations

import io
import json
from fractions import Fraction
from typing import NamedTuple

import pytest

from kinesis_sim.video import matroska
from kinesis_sim.video.matroska import Header, MediaTrack
from kinesis_sim.video.splitter import MediaSplitter
from tests.video.ebmlite_record import RECORD, films, hashed

av = pytest.importorskip("av")


class Frame(NamedTuple):
    track: int
    at: int
    key: bool
    data: bytes


class Told:
    """What our splitter tells of a stream."""

    def __init__(self, media: bytes) -> None:
        self.tracks: tuple[MediaTrack, ...] = ()
        self.scale = 0
        self.stamps: list[int] = []
        self.frames: list[Frame] = []
        self.named: list[tuple[str, str]] = []
        splitter = MediaSplitter(self, 1 << 24)
        for at in range(0, len(media), 999):
            splitter.feed(media[at : at + 999])
        splitter.finish()

    def header(self, header: Header) -> None:
        self.tracks, self.scale = header.tracks, header.scale

    def cluster(self, timestamp: int) -> None:
        self.stamps.append(timestamp)

    def block(self, track: int, timestamp: int, key: bool) -> None:
        """Told again by the whole cluster."""

    def whole(self, raw: bytes) -> None:
        for block in matroska.blocks_of(raw):
            at = self.stamps[-1] + block.offset
            self.frames.append(Frame(block.track, at, block.key, raw[block.begin : block.end]))

    def tags(self, pairs: list[tuple[str, str]]) -> None:
        self.named += pairs


def encoded(codec: str, seconds: int = 4) -> bytes:
    """Matroska as FFmpeg writes it, with a picture of its own encoder and plain sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        video = container.add_stream(codec, rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.gop_size = 10
        audio = container.add_stream("pcm_s16le", rate=8_000)
        audio.layout = "mono"
        for number in range(10 * seconds):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number % 256]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(video.encode(frame))
        for number in range(10 * seconds):
            sound = av.AudioFrame("s16", "mono", 800)
            sound.planes[0].update(bytes(sound.planes[0].buffer_size))
            sound.sample_rate, sound.pts = 8_000, 800 * number
            sound.time_base = Fraction(1, 8_000)
            container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return file.getvalue()


RECORDED = json.loads(RECORD.read_text())


@pytest.mark.parametrize("name", films())
def test_ebmlite_read_what_we_read(name: str) -> None:
    media, recorded = films()[name], RECORDED[name]
    assert hashed(media) == recorded["media"], "see tests/video/ebmlite_record.py"
    told = Told(media)
    assert [[each.number, each.codec, each.private.hex()] for each in told.tracks] == recorded[
        "tracks"
    ]
    assert told.stamps == recorded["stamps"]
    frames = [[each.track, each.at, each.key, hashed(each.data)] for each in told.frames]
    assert frames == recorded["frames"]
    assert len(frames) >= 20


@pytest.mark.parametrize("name", ["camera", "libx264", "mpeg4"])
def test_pyav_reads_what_we_read(name: str) -> None:
    media = films()[name] if name == "camera" else encoded(name)
    told = Told(media)
    with av.open(io.BytesIO(media), format="matroska") as container:
        numbers = {
            each.index: track for each, track in zip(container.streams, told.tracks, strict=True)
        }
        for each in container.streams:
            track = numbers[each.index]
            assert (each.codec_context.extradata or b"") == track.private
            if each.type == "video":
                assert (each.width, each.height) == (track.width, track.height)
            else:
                assert (each.rate, each.channels) == (track.rate, track.channels)
        packets = [
            Frame(
                numbers[packet.stream.index].number,
                round(packet.pts * packet.time_base * 1_000),
                packet.is_keyframe,
                bytes(packet),
            )
            for packet in container.demux()
            if packet.size
        ]
    assert packets == told.frames
