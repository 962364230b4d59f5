"""H.264 without a codec: pictures whose changed parts are sent as they are, the rest skipped.

The smallest part of ITU-T H.264 that any decoder plays: I_PCM macroblocks and P_Skip. It compresses
nothing that changes, so pictures are small; nothing is lost, so a test can read them again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MACROBLOCK = 16
"""Pixels of a macroblock's side."""
_PCM, _PCM_IN_P = 25, 30
_LEVEL = 30
_BARRED = re.compile(b"\0\0(?=[\0-\3])")


class Bits:
    """Writes bits, and whole bytes where they are aligned."""

    def __init__(self) -> None:
        self._out = bytearray()
        self._value = self._count = 0

    def put(self, value: int, width: int) -> None:
        """A number in so many bits."""
        self._value = self._value << width | value
        self._count += width
        while self._count >= 8:
            self._count -= 8
            self._out.append(self._value >> self._count & 0xFF)
        self._value &= (1 << self._count) - 1

    def ue(self, value: int) -> None:
        """A number as Exp-Golomb code."""
        self.put(value + 1, 2 * (value + 1).bit_length() - 1)

    def raw(self, data: bytes) -> None:
        """Bytes, after zeros up to the next whole one."""
        if self._count:
            self.put(0, 8 - self._count)
        self._out += data

    def end(self) -> bytes:
        """All of it, with the bit that ends it."""
        self.put(1, 1)
        self.raw(b"")
        return bytes(self._out)


class PictureEncoder:
    """Encodes pictures of one size. width, height: pixels, whole macroblocks."""

    def __init__(self, width: int, height: int) -> None:
        self._across, self._down = width // MACROBLOCK, height // MACROBLOCK
        self._sets = [_unit(0x67, self._sps()), _unit(0x68, self._pps())]
        self._before: Sequence[bytes] = ()
        self._number = self._idr = 0

    @property
    def private(self) -> bytes:
        """The codec's own data for the container (avcC, ISO/IEC 14496-15)."""
        sps, pps = self._sets
        head = b"\1" + sps[1:4] + b"\xff\xe1"
        return head + len(sps).to_bytes(2, "big") + sps + b"\1" + len(pps).to_bytes(2, "big") + pps

    def _sps(self) -> bytes:
        bits = Bits()
        bits.raw(bytes([66, 0xC0, _LEVEL]))
        for value in (0, 0, 2, 1):
            bits.ue(value)
        bits.put(0, 1)
        bits.ue(self._across - 1)
        bits.ue(self._down - 1)
        bits.put(0b1100, 4)
        return bits.end()

    def _pps(self) -> bytes:
        bits = Bits()
        for value in (0, 0):
            bits.ue(value)
        bits.put(0, 2)
        for value in (0, 0, 0):
            bits.ue(value)
        bits.put(0, 3)
        for value in (0, 0, 0):
            bits.ue(value)
        bits.put(0b100, 3)
        return bits.end()

    def key(self, blocks: Sequence[bytes]) -> bytes:
        """A picture that stands alone. blocks: 384 bytes a macroblock, luma, then both chroma."""
        bits = Bits()
        for value in (0, 7, 0):
            bits.ue(value)
        bits.put(0, 4)
        bits.ue(self._idr)
        bits.put(0, 2)
        bits.ue(0)
        bits.ue(1)
        for block in blocks:
            bits.ue(_PCM)
            bits.raw(block)
        self._before, self._number, self._idr = blocks, 0, 1 - self._idr
        return _framed(_unit(0x65, bits.end()))

    def next(self, blocks: Sequence[bytes]) -> bytes:
        """A picture that tells only what changed since the one before."""
        self._number = (self._number + 1) % 16
        bits = Bits()
        for value in (0, 5, 0):
            bits.ue(value)
        bits.put(self._number, 4)
        bits.put(0, 3)
        bits.ue(0)
        bits.ue(1)
        skipped = 0
        for block, before in zip(blocks, self._before, strict=True):
            if block == before:
                skipped += 1
                continue
            bits.ue(skipped)
            bits.ue(_PCM_IN_P)
            bits.raw(block)
            skipped = 0
        if skipped:
            bits.ue(skipped)
        self._before = blocks
        return _framed(_unit(0x41, bits.end()))


def _unit(head: int, content: bytes) -> bytes:
    """A NAL unit: no three bytes in it look like the beginning of one."""
    return bytes([head]) + _BARRED.sub(b"\0\0\3", content)


def _framed(unit: bytes) -> bytes:
    return len(unit).to_bytes(4, "big") + unit
