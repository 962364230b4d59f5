"""The inputs of a simulator in this process, in memory, for whoever wants to save it."""

from __future__ import annotations

from kinesis_sim.units import MIB

ROOM_MIB = 64


class Memory:
    """Inputs as bytes, as long as there is room.

    room: bytes; full: whether there was too little, and all was forgotten.
    """

    def __init__(self, room: int = ROOM_MIB * MIB) -> None:
        self.entries: list[bytes] = []
        self.full = False
        self.room = room
        self._size = 0

    def write(self, data: bytes, safe: bool = False) -> None:
        """Take an input."""
        if self.full:
            return
        self._size += len(data) + 64
        self.entries.append(data)
        if self._size > self.room:
            self.full = True
            self.entries.clear()
