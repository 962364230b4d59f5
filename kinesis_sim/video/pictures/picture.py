"""One decoded frame: its pixels, and as an image."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import MissingPackage

if TYPE_CHECKING:
    import numpy

JPEG, PNG = "JPEG", "PNG"
BEST_QUALITY, DEFAULT_QUALITY = 100, 80
"""Of a JPEG (facts/video/5/get-images)."""
_COARSEST, _FINEST = 31, 1
"""The steps of quantisation of FFmpeg's JPEGs; how a quality from 1 to 100 means one is the model's
choice: evenly."""
_BITEXACT = {"flags": "+bitexact"}
"""No name of the encoder's version in the file."""


def pyav() -> Any:
    """The package. Raises MissingPackage where it is absent."""
    try:
        import av
    except ImportError:
        raise MissingPackage('Pictures need PyAV: pip install "kinesis-lab[video]"') from None
    return av


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """One frame. at: ms from its fragment's timecode to when it is shown."""

    at: int
    frame: Any

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.frame.width)

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.frame.height)

    @property
    def luma(self) -> bytes:
        """How light each pixel is, a byte each (16 black, 235 white), row by row."""
        return _packed(self.frame.reformat(format="yuv420p").planes[0], self.width, self.height)

    @property
    def rgb(self) -> bytes:
        """Red, green and blue of each pixel, row by row."""
        plane = self.frame.reformat(format="rgb24").planes[0]
        return _packed(plane, 3 * self.width, self.height)

    def array(self) -> numpy.ndarray[Any, Any]:
        """Height × width × 3 bytes of red, green and blue. Raises MissingPackage without numpy."""
        try:
            import numpy
        except ImportError:
            text = 'Pictures as arrays need numpy: pip install "kinesis-lab[lab]"'
            raise MissingPackage(text) from None
        return numpy.frombuffer(self.rgb, numpy.uint8).reshape(self.height, self.width, 3)

    def image(
        self,
        form: str = JPEG,
        *,
        quality: int = DEFAULT_QUALITY,
        width: int | None = None,
        height: int | None = None,
    ) -> bytes:
        """The picture as a JPEG or a PNG.

        quality: of a JPEG, 1 to 100. width, height: pixels; with both it is stretched, with one
        the other follows from its shape, with none it stays as large as it is.
        """
        wide, high = self.size(width, height)
        encoder = pyav().CodecContext.create("mjpeg" if form == JPEG else "png", "w")
        encoder.width, encoder.height = wide, high
        encoder.pix_fmt = "yuvj420p" if form == JPEG else "rgb24"
        encoder.time_base = Fraction(1, 1_000)
        encoder.options = _BITEXACT
        if form == JPEG:
            span, past = _COARSEST - _FINEST, BEST_QUALITY - 1
            encoder.qmin = encoder.qmax = _COARSEST - round((quality - 1) * span / past)
        frame = self.frame.reformat(wide, high, encoder.pix_fmt)
        frame.pts, frame.time_base = 0, encoder.time_base
        packets = [*encoder.encode(frame), *encoder.encode(None)]
        return b"".join(bytes(packet) for packet in packets)

    def size(self, width: int | None, height: int | None) -> tuple[int, int]:
        """Width and height of an image of which so much is said."""
        if width is None and height is None:
            return self.width, self.height
        if height is None:
            assert width is not None
            return width, max(1, round(self.height * width / self.width))
        if width is None:
            return max(1, round(self.width * height / self.height)), height
        return width, height


def _packed(plane: Any, row: int, rows: int) -> bytes:
    """A plane without what lies between its rows."""
    data, step = bytes(plane), plane.line_size
    if step == row:
        return data[: row * rows]
    return b"".join(data[step * each : step * each + row] for each in range(rows))
