"""H.264 as calls carry it (ITU-T H.264, annex B), and as Matroska holds it (ISO/IEC 14496-15)."""

from __future__ import annotations

from collections.abc import Iterable

SEQUENCE, PICTURE, KEY = 7, 8, 5
"""Types of NAL units: the two parameter sets, and a part of a picture that stands alone."""
_PICTURES = range(1, 6)
_BARE = (9, 10, 11, 12)
"""Delimiters, ends and filling: a container says the same in its own way."""
_START = b"\0\0\1"
_HIGH = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)
"""Profiles whose sequence sets say more of colours (7.3.2.1.1)."""
_LARGEST = 1 << 14
"""Macroblocks of a side: more than any level has, so that a size is never believed beyond it."""


def units(data: bytes) -> list[bytes]:
    """The NAL units of an access unit."""
    parts = data.split(_START)[1:]
    return [unit for part in parts if (unit := part.rstrip(b"\0"))]


def kind(unit: bytes) -> int:
    """The type of a NAL unit."""
    return unit[0] & 0x1F


def framed(found: Iterable[bytes]) -> bytes:
    """Pictures' units, each after its length; without parameter sets, which the header has."""
    kept = (each for each in found if kind(each) not in (SEQUENCE, PICTURE, *_BARE))
    return b"".join(len(each).to_bytes(4, "big") + each for each in kept)


def is_picture(found: Iterable[bytes]) -> bool:
    """Whether there is something of a picture in an access unit."""
    return any(kind(each) in _PICTURES for each in found)


def private(sequence: bytes, picture: bytes) -> bytes:
    """The codec's own data of a track (avcC)."""
    head = b"\1" + sequence[1:4] + b"\xff\xe1"
    first = len(sequence).to_bytes(2, "big") + sequence
    return head + first + b"\1" + len(picture).to_bytes(2, "big") + picture


def size(sequence: bytes) -> tuple[int, int]:
    """Width and height of the pictures (pixels), as a sequence set says.

    Raises ValueError for one that is cut off, or of no size that there is.
    """
    bits = _Reader(sequence[4:].replace(b"\0\0\3", b"\0\0"))
    bits.ue()
    chroma = 1
    if sequence[1] in _HIGH:
        chroma = _colours(bits)
    bits.ue()
    _order(bits)
    bits.ue()
    bits.take(1)
    across, down = bits.ue() + 1, bits.ue() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
    bits.take(1)
    left, right, top, bottom = (bits.ue() for _ in range(4)) if bits.take(1) else (0, 0, 0, 0)
    if max(across, down) > _LARGEST:
        raise ValueError("no such size")
    step = (1 if chroma in (0, 3) else 2), (2 if chroma == 1 else 1) * (2 - frames_only)
    width = 16 * across - step[0] * (left + right)
    height = 16 * down * (2 - frames_only) - step[1] * (top + bottom)
    if width < 1 or height < 1:
        raise ValueError("nothing is left of the picture")
    return width, height


def _colours(bits: _Reader) -> int:
    """chroma_format_idc, and past what is said of scaling."""
    chroma = bits.ue()
    if chroma == 3:
        bits.take(1)
    bits.ue()
    bits.ue()
    bits.take(1)
    if bits.take(1):
        for place in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _scaling(bits, 16 if place < 6 else 64)
    return chroma


def _scaling(bits: _Reader, count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _order(bits: _Reader) -> None:
    """Past how the order of pictures is told."""
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.take(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()


class _Reader:
    """Bits and Exp-Golomb codes (9.1). Raises ValueError at the end."""

    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("cut off")
        self._left -= count
        return self._bits >> self._left & (1 << count) - 1

    def ue(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise ValueError("no number")
        return (1 << zeros) - 1 + self.take(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)
