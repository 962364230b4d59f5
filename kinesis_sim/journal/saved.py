"""A saved simulator: one file, to be gone on with here, elsewhere or later.

    kinesis-lab-saved 2\n
    a line of JSON   what the simulator was made with, how many inputs and bytes follow
    zlib             the inputs, each after its length in four bytes
    32 bytes         SHA-256 of all that comes before

It holds inputs, not state and nothing that could be run: ``load`` makes a new simulator and takes
every input again. So it costs what its inputs cost, and a stranger's file may cost no more than the
limits below. The checksum tells a file that is cut off or damaged; it is no signature.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import Any

from kinesis_sim.errors import UsageError
from kinesis_sim.journal.entry import Entry, decoded
from kinesis_sim.journal.folding import FOLDED
from kinesis_sim.plain_file import read_whole, writing
from kinesis_sim.units import MIB

FORMAT = 2
"""The newest format; 1 had neither other Regions and accounts nor planned faults."""
MAGIC = b"kinesis-lab-saved "
LARGEST_FILE = 256 * MIB
LARGEST_INPUTS = 512 * MIB
"""Bytes that a file's inputs may come to."""
MOST_INPUTS = 5_000_000
SECONDS = 120
"""How long a load may take, on the machine's clock, unless it is told otherwise."""
_LENGTH = Struct(">I")
_DIGEST = 32
_LONGEST_LINE = 100_000
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Saved:
    """What a file holds. settings: what the simulator was made with; count: how many inputs."""

    settings: dict[str, Any]
    count: int
    size: int
    packed: memoryview

    def entries(self) -> Iterator[Entry]:
        """The inputs, in order. Raises UsageError for what are none, or more than was said."""
        left, found, gone = bytearray(), 0, 0
        for part in _unpacked(self.packed, self.size):
            left += part
            place = 0
            while len(left) - place >= 4:
                end = place + 4 + int(_LENGTH.unpack_from(left, place)[0])
                if gone + end > self.size:  # before the rest of it is unpacked to be held
                    raise UsageError("An input is longer than the file says: it is damaged.")
                if end > len(left):
                    break
                entry = decoded(bytes(left[place + 4 : end]))
                if entry.kind in FOLDED:
                    raise UsageError("The file holds what only a data folder holds: it is no lab.")
                yield entry
                place, found = end, found + 1
            del left[:place]
            gone += place
        if left or found != self.count:
            raise UsageError("The file does not hold the inputs that it says: it is damaged.")


def write(path: str | Path, settings: dict[str, Any], entries: Iterable[bytes]) -> int:
    """Save inputs; returns the file's bytes. It is there wholly or not at all.

    Raises UsageError when it would be larger than may be loaded, or cannot be written.
    """
    packer, parts, size, count = zlib.compressobj(), list[bytes](), 0, 0
    for data in entries:
        parts += packer.compress(_LENGTH.pack(len(data))), packer.compress(data)
        size, count = size + 4 + len(data), count + 1
    parts.append(packer.flush())
    packed = sum(map(len, parts))
    if size > LARGEST_INPUTS or count > MOST_INPUTS or packed > LARGEST_FILE - MIB:
        raise UsageError(
            f"{count} inputs of {size} bytes, {packed} when packed, are more than a file may hold "
            f"({MOST_INPUTS}, {LARGEST_INPUTS}, {LARGEST_FILE - MIB})."
        )
    head = {"settings": settings, "count": count, "size": size}
    begins = b"%s%d\n%s\n" % (MAGIC, FORMAT, json.dumps(head).encode())
    place, digest = Path(path), sha256()
    aside = place.with_name(f"{place.name}.part")
    try:
        with writing(aside) as file:
            for part in (begins, *parts):
                digest.update(part)
                file.write(part)
            file.write(digest.digest())
            file.flush()
            os.fsync(file.fileno())
        aside.replace(place)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise UsageError(f"{place} cannot be written: {error.strerror}.") from None
    return len(begins) + packed + _DIGEST


def read(path: str | Path) -> Saved:
    """What a file holds.

    Raises UsageError for none of ours, one of a later version, one that is damaged or too large.
    """
    place = Path(path)
    try:
        data = read_whole(place, LARGEST_FILE)
    except OSError as error:
        raise UsageError(f"{place} cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST_FILE:
        raise UsageError(f"{place} has more than {LARGEST_FILE} bytes, the most a file may have.")
    line = data[:_LONGEST_LINE].partition(b"\n")[0]
    version = line.removeprefix(MAGIC)
    if not line.startswith(MAGIC) or not version.isdigit() or len(version) > 9:
        raise UsageError(f"{place} is no simulator that sim.save() wrote, or is cut off.")
    if int(version) > FORMAT:
        raise UsageError(
            f"{place} was saved by a later version (format {int(version)}, this one reads "
            f"{FORMAT}); load it with that."
        )
    held = memoryview(data)[:-_DIGEST]  # of 256 MiB one copy is enough
    if len(data) < _DIGEST or sha256(held).digest() != data[-_DIGEST:]:
        raise UsageError(f"{place} is cut off or damaged: its checksum is another one.")
    return _parsed(place, held[len(line) + 1 :])


def _parsed(place: Path, rest: memoryview) -> Saved:
    text = bytes(rest[: _LONGEST_LINE + 1]).partition(b"\n")[0]
    packed = rest[len(text) + 1 :]
    try:
        if len(text) > _LONGEST_LINE:
            raise ValueError
        head = json.loads(text)
        settings, count, size = head["settings"], head["count"], head["size"]
        if not isinstance(settings, dict) or type(count) is not int or type(size) is not int:
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{place} does not say what it holds: it is damaged.") from None
    if not 0 <= count <= MOST_INPUTS or not 0 <= size <= LARGEST_INPUTS:
        raise UsageError(
            f"{place} says that it holds {count} inputs of {size} bytes; a file may hold "
            f"{MOST_INPUTS}, {LARGEST_INPUTS}."
        )
    return Saved(settings, count, size, packed)


def _unpacked(packed: memoryview, size: int) -> Iterator[bytes]:
    unpacker, place, left = zlib.decompressobj(), 0, b""
    try:
        while (left or place < len(packed)) and not unpacker.eof:
            if not left:  # piece by piece: what zlib leaves untaken it copies
                left, place = bytes(packed[place : place + _PIECE]), place + _PIECE
            part = unpacker.decompress(left, _PIECE)
            left = unpacker.unconsumed_tail
            size -= len(part)
            if size < 0:
                raise UsageError("The file holds more than it says: it is damaged.")
            yield part
        part = unpacker.flush()
    except zlib.error:
        raise UsageError("The file's inputs cannot be unpacked: it is damaged.") from None
    if part or size or not unpacker.eof:
        raise UsageError("The file does not hold what it says: it is damaged.")
