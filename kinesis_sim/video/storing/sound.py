"""Opus as calls carry it, made into AAC as streams keep it (facts/video/7/ingestion-storage)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from kinesis_sim.video.pictures.picture import pyav
from kinesis_sim.video.storing.call_media import CHANNELS, RATE

BITS = 64_000
"""A second, of the AAC (model's choice)."""
_FRAME = 1_024
"""Samples of a frame of AAC (ISO/IEC 14496-3)."""
_LAYOUT = {1: "mono", 2: "stereo"}[CHANNELS]


class SoundRecoder:
    """One call's sound. Raises MissingPackage without PyAV."""

    def __init__(self) -> None:
        av = self._av = pyav()
        self._decoder: Any = av.CodecContext.create("opus", "r")
        self._decoder.sample_rate, self._decoder.layout = RATE, _LAYOUT
        self._encoder: Any = av.CodecContext.create("aac", "w")
        self._encoder.sample_rate, self._encoder.layout = RATE, _LAYOUT
        self._encoder.format, self._encoder.bit_rate = "fltp", BITS
        self._encoder.time_base = Fraction(1, RATE)
        self._encoder.options = {"flags": "+bitexact"}
        self._encoder.open()
        self._resampler: Any = av.AudioResampler(format="fltp", layout=_LAYOUT, rate=RATE)
        self._waiting: Any = av.AudioFifo()
        self._heard = self._given = self._shift = 0

    @property
    def private(self) -> bytes:
        """The codec's own data (AudioSpecificConfig)."""
        return bytes(self._encoder.extradata)

    def take(self, at: int, packet: bytes) -> list[tuple[int, bytes]]:
        """A packet; the frames of AAC that are whole now, each with when it is heard.

        Times count samples at 48 kHz. A pause, or a packet that was lost, leaves a gap. What
        cannot be decoded is left out.
        """
        self._shift = max(self._shift, at - self._heard)
        try:
            decoded = self._decoder.decode(self._av.Packet(packet))
        except self._av.FFmpegError:
            return []
        for frame in decoded:
            frame.pts = None
            for part in self._resampler.resample(frame):
                part.pts = None
                self._heard += part.samples
                self._waiting.write(part)
        found = []
        while (whole := self._waiting.read(_FRAME)) is not None:
            whole.pts, whole.time_base = self._given, Fraction(1, RATE)
            self._given += _FRAME
            found += self._encoder.encode(whole)
        rows = [(int(each.pts), bytes(each)) for each in found]
        return [(at + self._shift, data) for at, data in rows if at >= 0]
