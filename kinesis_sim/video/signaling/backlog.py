"""What waits in all channels together: bytes of messages that nobody has taken yet.

A channel keeps a thousand messages, and so does a client that does not read; there may be thousands
of both, and a message may have ten thousand characters. AWS says no limit for them together: this
one is the model's choice.
"""

from __future__ import annotations

from kinesis_sim.units import MIB

BACKLOG_MOST = 32 * MIB
"""Bytes that are kept for those who are not connected, and as many unread (model's choice)."""


class Backlog:
    """The bytes of one account in one Region, and who leaves how many of them unread."""

    def __init__(self) -> None:
        self.kept = self.unread = 0
        self._of: dict[Reader, int] = {}

    def has_room(self, size: int) -> bool:
        """Whether so many bytes more may be kept."""
        return self.kept + size <= BACKLOG_MOST

    def keep(self, size: int) -> None:
        """So many bytes more wait for somebody who is not connected; less, if negative."""
        self.kept += size

    def give(self, reader: Reader, size: int) -> None:
        """A client has so many bytes more to read.

        While there are too many, who has most of them is let go.
        """
        self._of[reader] = self._of.get(reader, 0) + size
        self.unread += size
        while self.unread > BACKLOG_MOST:
            max(self._of, key=self._of.__getitem__).let_go()

    def take(self, reader: Reader, size: int) -> None:
        """A client has read so many bytes."""
        self.unread -= size
        self._of[reader] -= size
        if not self._of[reader]:
            del self._of[reader]

    def drop(self, reader: Reader) -> int:
        """A client reads no more; the bytes that it leaves."""
        left = self._of.pop(reader, 0)
        self.unread -= left
        return left


class Reader:
    """A client that reads what it is given."""

    def let_go(self) -> None:
        """It reads too slowly: what it has not read goes, and so does it.

        Has ``Backlog.drop`` called of it.
        """
        raise NotImplementedError
