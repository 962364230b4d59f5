"""Small pictures drawn in plain Python: rectangles and digits, as H.264 wants them."""

from __future__ import annotations

from kinesis_sim.workloads.camera.h264 import MACROBLOCK

Colour = tuple[int, int, int]
"""Luma and two chroma, each from 16 to 235 or 240 (ITU-R BT.601)."""
_FONT = {
    "0": "111101101101111",
    "1": "010110010010111",
    "2": "111001111100111",
    "3": "111001111001111",
    "4": "101101111001001",
    "5": "111100111001111",
    "6": "111100111101111",
    "7": "111001001001001",
    "8": "111101111101111",
    "9": "111101111001111",
    ":": "000010000010000",
    ".": "000000000000010",
    " ": "000000000000000",
}
"""Three by five dots a digit."""


class CameraPicture:
    """A picture in YUV 4:2:0. width, height: pixels, whole macroblocks."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.width, self.height = width, height
        luma, blue, red = ground
        self._planes = [
            bytearray([luma]) * (width * height),
            bytearray([blue]) * (width * height // 4),
            bytearray([red]) * (width * height // 4),
        ]

    @property
    def planes(self) -> tuple[bytes, bytes, bytes]:
        """Luma and two chroma, a byte a sample, row by row; chroma has half of each."""
        luma, blue, red = map(bytes, self._planes)
        return luma, blue, red

    def box(self, x: int, y: int, width: int, height: int, colour: Colour) -> None:
        """A rectangle. Its colour is as wide as two pixels, so even numbers look best."""
        for plane, value, half in zip(self._planes, colour, (1, 2, 2), strict=True):
            across, row = self.width // half, bytes([value]) * (width // half)
            for line in range(y // half, (y + height) // half):
                begin = line * across + x // half
                plane[begin : begin + len(row)] = row

    def text(self, x: int, y: int, text: str, size: int, colour: Colour) -> None:
        """Digits and colons; each dot is a square of so many pixels."""
        for place, letter in enumerate(text):
            for dot, on in enumerate(_FONT[letter]):
                if on == "1":
                    left = x + (4 * place + dot % 3) * size
                    self.box(left, y + dot // 3 * size, size, size, colour)

    def blocks(self) -> list[bytes]:
        """Its macroblocks, row by row: 256 bytes of luma, 64 and 64 of chroma."""
        return [
            b"".join(
                self._part(plane, x // half, y // half, MACROBLOCK // half, half)
                for plane, half in zip(self._planes, (1, 2, 2), strict=True)
            )
            for y in range(0, self.height, MACROBLOCK)
            for x in range(0, self.width, MACROBLOCK)
        ]

    def _part(self, plane: bytearray, x: int, y: int, side: int, half: int) -> bytes:
        across = self.width // half
        return b"".join(plane[line * across + x :][:side] for line in range(y, y + side))


def digits_in(luma: bytes, width: int, x: int, y: int, count: int, size: int) -> str:
    """Read digits back from a picture's luma, as ``CameraPicture.text`` wrote them light on dark.

    For whoever wants to know what a player shows.
    """
    letters = {dots: letter for letter, dots in _FONT.items()}
    middle = size // 2
    found = []
    for place in range(count):
        dots = "".join(
            "1"
            if luma[
                (y + dot // 3 * size + middle) * width + x + (4 * place + dot % 3) * size + middle
            ]
            > 128
            else "0"
            for dot in range(15)
        )
        found.append(letters.get(dots, "?"))
    return "".join(found)
