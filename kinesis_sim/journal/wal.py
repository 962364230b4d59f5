"""What of a SQLite write-ahead log SQLite will drop when it opens it: to say so, not to mend it.

After a crash, frames behind the last commit are dropped, and so is all that follows a frame whose
checksum is wrong. Format: https://sqlite.org/fileformat2.html#walformat (read 2026-11-29).
"""

from __future__ import annotations

from array import array
from pathlib import Path
from struct import unpack

_HEADER, _FRAME = 32, 24


def torn(database: Path) -> int:
    """Bytes of the log beside a database that belong to no whole transaction; 0 without a log.

    What is left of an earlier round of the log, which SQLite overwrites from the start, is told by
    its salt and does not count.
    """
    try:
        data = database.with_name(database.name + "-wal").read_bytes()
    except OSError:
        return 0
    if len(data) < _HEADER:
        return len(data)
    magic, _, size = unpack(">III", data[:12])
    if magic not in (0x377F0682, 0x377F0683) or not 512 <= size <= 65536:
        return len(data)
    order = "big" if magic & 1 else "little"
    sums = _summed(data[:24], (0, 0), order)
    if sums != unpack(">II", data[24:32]):
        return len(data)
    salts, place, whole, dropped = data[16:24], _HEADER, _HEADER, 0
    valid = True
    while place < len(data):
        head = data[place : place + _FRAME]
        frame = data[place : place + _FRAME + size]
        if len(head) == _FRAME and head[8:16] != salts and valid:
            break
        if valid and len(frame) == _FRAME + size:
            sums = _summed(frame[_FRAME:], _summed(frame[:8], sums, order), order)
            valid = sums == unpack(">II", head[16:24])
        else:
            valid = False
        place += _FRAME + size
        if valid and unpack(">I", head[4:8])[0]:
            whole, dropped = place, 0
        elif not valid and head[8:16] == salts[: len(head[8:16])]:
            dropped = min(place, len(data)) - whole
    return dropped


def _summed(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    words = array("I", data)
    if order != _native():
        words.byteswap()
    first, second = sums
    for at in range(0, len(words), 2):
        first = (first + words[at] + second) & 0xFFFFFFFF
        second = (second + words[at + 1] + first) & 0xFFFFFFFF
    return first, second


def _native() -> str:
    import sys

    return sys.byteorder
