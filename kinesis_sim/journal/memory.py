"""The inputs of a simulator in this process, in memory, for whoever wants to save it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from struct import Struct

from kinesis_sim.units import MIB

ROOM_MIB = 64
_BLOCK = MIB
"""Bytes of inputs that are packed together."""
_LENGTH = Struct(">I")


class Memory:
    """Inputs as bytes, as long as there is room.

    room: bytes; full: whether there was too little, and all was forgotten.
    """

    def __init__(self, room: int = ROOM_MIB * MIB) -> None:
        self.full = False
        self.room = room
        self._size = 0
        self._packed: list[bytes] = []
        self._last: list[bytes] = []
        self._unpacked = 0

    def __iter__(self) -> Iterator[bytes]:
        """The inputs, in order."""
        for block in self._packed:
            data, place = zlib.decompress(block), 0
            while place < len(data):
                end = place + 4 + int(_LENGTH.unpack_from(data, place)[0])
                yield data[place + 4 : end]
                place = end
        yield from self._last

    def write(self, data: bytes, safe: bool = False) -> None:
        """Take an input."""
        if self.full:
            return
        self._size += len(data) + 64
        self._unpacked += len(data)
        self._last.append(data)
        if self._size > self.room:
            self.full = True
            self._packed.clear()
            self._last.clear()

    def write_packed(self, data: bytes) -> None:
        """Take an input of many that come at once: what a small file unpacks to stays small.

        The inputs of a call are not packed: it would wait for that.
        """
        self.write(data)
        if self._unpacked >= _BLOCK and not self.full:
            rows = (part for each in self._last for part in (_LENGTH.pack(len(each)), each))
            self._packed.append(zlib.compress(b"".join(rows), 1))
            self._last.clear()
            self._unpacked = 0
