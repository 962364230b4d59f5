"""Files that an agent follows: in memory, on disk, or written by a workload as time passes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from kinesis_sim.errors import UsageError
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.producers.load import Recorded


class LogFile(Protocol):
    """Bytes that only grow, unless the file is rotated: then it starts anew and is smaller."""

    def size(self, now: int) -> int:
        """Bytes in the file at ``now`` (epoch ms)."""

    def read(self, offset: int, most: int) -> bytes:
        """Up to ``most`` bytes from ``offset`` on."""


class MemoryFile:
    """A file in memory, written to by whoever holds it."""

    def __init__(self, text: str = "") -> None:
        self._content = bytearray(text.encode())

    def write(self, text: str) -> None:
        """Append text as UTF-8."""
        self._content += text.encode()

    def rotate(self) -> None:
        """Start anew, empty."""
        self._content.clear()

    def size(self, now: int) -> int:
        """Bytes in the file."""
        return len(self._content)

    def read(self, offset: int, most: int) -> bytes:
        """Up to ``most`` bytes from ``offset`` on."""
        return bytes(self._content[offset : offset + most])


class DiskFile:
    """A file of the learner's: only read, and only this one. Not there yet counts as empty."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        if self._path.exists() and not self._path.is_file():
            raise UsageError(f"{path}: that is no file, but a folder, a pipe or a device.")

    def size(self, now: int) -> int:
        """Bytes in the file."""
        return self._path.stat().st_size if self._path.exists() else 0

    def read(self, offset: int, most: int) -> bytes:
        """Up to ``most`` bytes from ``offset`` on."""
        with self._path.open("rb") as file:
            file.seek(offset)
            return file.read(most)


class WrittenFile:
    """A file to which a workload's events are written as lines, each at its time.

    rebase: as for Recorded; the run begins with the first event's second.
    """

    def __init__(self, arrivals: Iterable[Arrival], *, rebase: bool = True) -> None:
        self.recorded = Recorded(arrivals, rebase=rebase)
        self._content = bytearray()
        self._next = 0
        self._begin: int | None = None

    def size(self, now: int) -> int:
        """Bytes written by ``now``; the first look is when the run begins."""
        if self._begin is None:
            self._begin = now
        arrivals = self.recorded.arrivals
        while (
            self._next < len(arrivals)
            and self.recorded.due(arrivals[self._next], self._begin) <= now
        ):
            self._content += arrivals[self._next].data + b"\n"
            self._next += 1
        return len(self._content)

    def read(self, offset: int, most: int) -> bytes:
        """Up to ``most`` bytes from ``offset`` on."""
        return bytes(self._content[offset : offset + most])
