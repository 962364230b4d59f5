"""The frames of a fragment, decoded one after another: only one is held at a time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from kinesis_sim.errors import ServiceError
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.packaging.codecs import PlayableTrack, playable
from kinesis_sim.video.packaging.samples import samples
from kinesis_sim.video.pictures.picture import DecodedPicture, pyav

_DECODERS = {"avc1": "h264", "hvc1": "hevc"}
MOST_PIXELS = 7_680 * 4_320
"""Of a frame that is decoded, whatever its headers say (the model's choice)."""


class Undecodable(Exception):
    """A fragment from which no picture can be taken; the text says why."""


def pictures(fragment: Fragment) -> Iterator[DecodedPicture]:
    """A fragment's frames, in the order in which they are shown.

    Raises Undecodable for media that is no picture, or whose codec is not played, and as soon as a
    decoder gives up; MissingPackage without PyAV.
    """
    av = pyav()
    track, rows = _read(fragment)
    decoder = _decoder(av, track)
    try:
        for sample in rows:
            packet = av.Packet(sample.data)
            packet.pts = packet.dts = sample.decoded + sample.shown
            packet.time_base = Fraction(1, 1_000)
            yield from _shown(decoder.decode(packet))
        yield from _shown(decoder.decode(None))
    except av.FFmpegError as error:
        raise Undecodable(f"A frame cannot be decoded: {error}") from None


def _read(fragment: Fragment) -> tuple[PlayableTrack, list[Any]]:
    try:
        track = playable(fragment.header.tracks)[0]
        return track, samples(fragment, track)
    except ServiceError as error:
        raise Undecodable(error.message) from None


def _decoder(av: Any, track: PlayableTrack) -> Any:
    decoder = av.CodecContext.create(_DECODERS[track.entry], "r")
    decoder.extradata = track.track.private
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(MOST_PIXELS)}
    return decoder


def _shown(frames: list[Any]) -> Iterator[DecodedPicture]:
    for frame in frames:
        yield DecodedPicture(int(frame.pts or 0), frame)
