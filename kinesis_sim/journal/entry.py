"""One input as the journal keeps it: what came, and exactly when; as bytes and back.

An entry is a document of JSON, and after it the blobs that the document refers to by number:

    4 bytes   length of the document
    document  [kind, at, steps, slot, drawn, appended, given, lengths of the blobs]
    blobs

One that came into another Region, or another account, than the journal's own has its ``place``
before what was given.

Nothing in it can be run: it holds texts, numbers, lists, maps and bytes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from struct import Struct
from typing import Any, NamedTuple

from kinesis_sim.errors import UsageError

LARGEST = 512 * 1024 * 1024
"""Bytes of one entry at most: twice what the largest request may bring."""
SETTLED, AFTER_STEP, MIDWAY = -1, -2, -3
"""Slots of inputs that came between moves, between two actions of a move, and after a move that was
stopped between two actions: what was due besides had not fired."""
_BLOB = "\0b"
_MARK = '{"\\u0000b": '
_ESCAPED = "\\u0000b"
_LENGTH = Struct(">I")


class Damaged(UsageError):
    """Bytes that are no entry."""


class Entry(NamedTuple):
    """One input.

    kind: who takes it again; given: what it needs for that, plain values. at: epoch ms. steps: how
    many actions of the clock had fired. slot: SETTLED when all that was due had fired; AFTER_STEP
    in the middle of a move, right after the ``steps``-th; MIDWAY after it was stopped there; else
    the foreign action that it came from. drawn: how many request ids had been drawn; appended: how
    many events there were; both where it came in. place: that is ``account/region``, empty for the
    journal's own.
    """

    kind: str
    at: int
    steps: int
    slot: int
    drawn: int
    appended: int
    given: list[Any]
    place: str = ""


class _Writer:
    """Writes documents; blobs are put aside."""

    def __init__(self) -> None:
        self.blobs: list[bytes] = []
        self.encode = json.JSONEncoder(default=self._place).encode

    def _place(self, value: object) -> dict[str, int]:
        if not isinstance(value, bytes | bytearray | memoryview):
            raise UsageError(f"A {type(value).__name__} cannot be kept in a journal.")
        self.blobs.append(bytes(value))
        return {_BLOB: len(self.blobs) - 1}


_WRITERS = threading.local()


def encoded(entry: Entry) -> bytes:
    """An entry as bytes. Raises UsageError for what is no plain value."""
    writer: _Writer | None = getattr(_WRITERS, "own", None)
    if writer is None:
        writer = _WRITERS.own = _Writer()
    blobs: list[bytes] = []
    writer.blobs = blobs
    given = writer.encode(entry.given)
    if blobs and given.count(_MARK) != len(blobs):
        raise UsageError("A map with the key '\\0b' cannot be kept in a journal.")
    place = f'"{entry.place}", ' if entry.place else ""
    text = (
        f'["{entry.kind}", {entry.at}, {entry.steps}, {entry.slot}, {entry.drawn}, '
        f"{entry.appended}, {place}{given}, {[len(blob) for blob in blobs]}]"
    ).encode()
    return b"".join((_LENGTH.pack(len(text)), text, *blobs))


def decoded(data: bytes) -> Entry:
    """An entry from bytes. Raises Damaged."""
    try:
        return _decoded(data)
    except (ValueError, TypeError, LookupError, RecursionError, AttributeError) as error:
        raise Damaged(f"An entry cannot be read: {error}.") from None


class _Reader:
    """Reads documents; the blobs that one refers to are put in their places."""

    def __init__(self) -> None:
        self.blobs: list[bytes] = []
        self.scan = _scanner(json.JSONDecoder())
        self.scan_blobs = _scanner(json.JSONDecoder(object_hook=self._back))

    def _back(self, row: dict[str, Any]) -> Any:
        if len(row) != 1:
            return row
        number = row.get(_BLOB)
        return self.blobs[number] if type(number) is int and number >= 0 else row


def _scanner(decoder: json.JSONDecoder) -> Callable[[str, int], tuple[Any, int]]:
    """What ``decode`` calls between two looks for blanks, of which there are none here."""
    scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once  # type: ignore[attr-defined]
    return scan


_READERS = threading.local()


def _decoded(data: bytes) -> Entry:
    if not 4 <= len(data) <= LARGEST:
        raise ValueError(f"it has {len(data)} bytes")
    reader: _Reader | None = getattr(_READERS, "own", None)
    if reader is None:
        reader = _READERS.own = _Reader()
    (size,) = _LENGTH.unpack_from(data)
    at, scan = 4 + size, reader.scan
    text = data[4:at].decode()
    if _ESCAPED in text:
        reader.blobs, scan = (blobs := list[bytes]()), reader.scan_blobs
        for length in _lengths(text):
            blobs.append(data[at : at + length])
            at += length
    try:
        document, end = scan(text, 0)
    except StopIteration:
        raise ValueError("it is no document") from None
    kind, *numbers, given, lengths = document
    place = numbers.pop() if len(numbers) == 6 else ""
    if type(kind) is not str or type(given) is not list or type(place) is not str:
        raise ValueError("its kind is not told")
    if list(map(type, numbers)) != _FIVE or at != len(data) or end != len(text):
        raise ValueError("its length is not what it says")
    if sum(lengths) != at - 4 - size:
        raise ValueError("its blobs are not what it says")
    at_ms, steps, slot, drawn, appended = numbers
    return Entry(kind, at_ms, steps, slot, drawn, appended, given, place)


_FIVE = [int] * 5


def _lengths(text: str) -> list[int]:
    """The lengths of the blobs, which the document ends with."""
    told = text[text.rindex("[") + 1 : -2]
    if told.isdecimal():
        return [int(told)]
    found = [int(length) for length in told.split(",")] if told else []
    if found and min(found) < 0:
        raise ValueError("a blob has no length")
    return found
