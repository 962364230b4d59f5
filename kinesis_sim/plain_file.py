"""A file that somebody named: it may be a stranger's, or no file at all but a pipe or a device.

A pipe waits for ever for its other end, and a device may have no end: neither is opened to be read,
and a pipe that nobody reads is not written to. What cannot be used is an ``OSError``, whatever it
is, so that each room says in its own words why.
"""

from __future__ import annotations

import errno
import os
from io import BufferedReader, BufferedWriter
from pathlib import Path
from stat import S_ISDIR, S_ISREG

_PATIENT = getattr(os, "O_NONBLOCK", 0)
"""Opens a pipe without waiting for its other end; Windows has no such pipes."""


class NoPlainFile(OSError):
    """What was named is a pipe, a device or a socket."""

    def __init__(self, path: Path) -> None:
        why = "it is a pipe or a device, which may have no end"
        super().__init__(errno.EINVAL, why, str(path))


def reading(path: Path) -> BufferedReader:
    """A file, opened to be read; to be closed by the caller.

    Raises OSError: NoPlainFile for a pipe or a device, IsADirectoryError for a folder.
    """
    found = _opened(path, os.O_RDONLY)
    try:
        kind = os.fstat(found).st_mode
        if not S_ISREG(kind) and not S_ISDIR(kind):
            raise NoPlainFile(path)
        return open(found, "rb")  # refuses a folder
    except OSError:
        os.close(found)
        raise


def read_whole(path: Path, most: int) -> bytes:
    """What a file holds, one byte more than ``most`` at most. Raises OSError as ``reading``.

    What a file says of its size is not asked: some of the system's say none.
    """
    with reading(path) as file:
        return file.read(most + 1)


def writing(path: Path, *, more: bool = False) -> BufferedWriter:
    """A file, opened to be written anew, or ``more`` to it; to be closed by the caller.

    Raises OSError, also for a pipe that nobody reads. One that is read is written to.
    """
    found = _opened(path, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if more else os.O_TRUNC))
    if _PATIENT:
        os.set_blocking(found, True)
    return open(found, "ab" if more else "wb")


def write_whole(path: Path, data: bytes) -> None:
    """Have a file hold this and nothing else. Raises OSError as ``writing``."""
    with writing(path) as file:
        file.write(data)


def _opened(path: Path, how: int) -> int:
    try:
        return os.open(path, how | _PATIENT | getattr(os, "O_BINARY", 0), 0o666)
    except ValueError:  # a name that no file of this system can have
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None
