"""EBML, the grammar of Matroska: elements read from bytes that are there, and written.

An element is an id, a size, and that many bytes (RFC 8794). Ids keep their length marker, as
Matroska's specification writes them (RFC 9559); a size of all ones is "unknown".
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack
from typing import NamedTuple

Bytes = bytes | bytearray | memoryview
UNKNOWN = -1
"""The size of an element that ends where something begins that cannot lie in it."""

EBML, SEGMENT = 0x1A45DFA3, 0x18538067
SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES = 0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1F43B675, 0x1C53BB6B
TAGS, CHAPTERS, ATTACHMENTS = 0x1254C367, 0x1043A770, 0x1941A469
VOID, CRC32 = 0xEC, 0xBF
TIMESTAMP_SCALE = 0x2AD7B1
TRACK_ENTRY, TRACK_NUMBER, TRACK_UID, TRACK_TYPE, TRACK_NAME = 0xAE, 0xD7, 0x73C5, 0x83, 0x536E
CODEC_ID, CODEC_PRIVATE, DEFAULT_DURATION = 0x86, 0x63A2, 0x23E383
VIDEO, PIXEL_WIDTH, PIXEL_HEIGHT = 0xE0, 0xB0, 0xBA
AUDIO, SAMPLING_FREQUENCY, CHANNELS = 0xE1, 0xB5, 0x9F
TIMESTAMP, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, REFERENCE_BLOCK = 0xE7, 0xA3, 0xA0, 0xA1, 0xFB
TAG, SIMPLE_TAG, TAG_NAME, TAG_STRING = 0x7373, 0x67C8, 0x45A3, 0x4487
DOC_TYPE = 0x4282


class MalformedMedia(ValueError):
    """Bytes that are no EBML."""


class Head(NamedTuple):
    """An element's id and size, and where its content begins and ends.

    size: UNKNOWN for one that says so; end is then where it begins.
    """

    id: int
    size: int
    begin: int
    end: int


def head(data: Bytes, at: int, limit: int) -> Head | None:
    """The head of the element at ``at``; None when its bytes, up to ``limit``, are not all there.

    Raises MalformedMedia for what is no id, or a size of more than eight bytes.
    """
    if at >= limit:
        return None
    first = data[at]
    width = 9 - first.bit_length()
    if width > 4:
        raise MalformedMedia(f"No element begins with the byte {first:#04x}.")
    begin = at + width
    if begin >= limit:
        return None
    first = data[begin]
    wide = 9 - first.bit_length()
    if wide > 8:
        raise MalformedMedia("An element's size has more than eight bytes.")
    content = begin + wide
    if content > limit:
        return None
    name = int.from_bytes(data[at:begin], "big")
    ones = (1 << 7 * wide) - 1
    size = int.from_bytes(data[begin:content], "big") & ones
    if size == ones:
        return Head(name, UNKNOWN, content, content)
    return Head(name, size, content, content + size)


def elements(data: Bytes, begin: int = 0, end: int | None = None) -> Iterator[Head]:
    """The elements side by side in a stretch of bytes.

    Raises MalformedMedia for one that does not end in it.
    """
    at, end = begin, len(data) if end is None else end
    while at < end:
        found = head(data, at, end)
        if found is None or found.size == UNKNOWN or found.end > end:
            raise MalformedMedia("An element does not end within the one that holds it.")
        yield found
        at = found.end


def unsigned(data: Bytes, found: Head) -> int:
    """The content as a number. Raises MalformedMedia for one of more than eight bytes."""
    if found.size > 8:
        raise MalformedMedia("A number has more than eight bytes.")
    return int.from_bytes(data[found.begin : found.end], "big")


def floating(data: Bytes, found: Head) -> float:
    """The content as a number with a fraction, of four or eight bytes, or none for 0."""
    form = {0: "", 4: ">f", 8: ">d"}.get(found.size)
    if form is None:
        raise MalformedMedia("A floating-point number has neither four nor eight bytes.")
    value: float = unpack(form, bytes(data[found.begin : found.end]))[0] if form else 0.0
    return value


def text(data: Bytes, found: Head) -> str:
    """The content as text. Raises MalformedMedia for what is no UTF-8."""
    try:
        return bytes(data[found.begin : found.end]).decode().rstrip("\0")
    except UnicodeDecodeError:
        raise MalformedMedia("A text is no UTF-8.") from None


def vint(data: Bytes, at: int, limit: int) -> tuple[int, int]:
    """A number with its length in its first bits, and where it ends. Raises MalformedMedia."""
    if at >= limit or not data[at]:
        raise MalformedMedia("A number of variable length is missing.")
    width = 9 - data[at].bit_length()
    if at + width > limit:
        raise MalformedMedia("A number of variable length is cut off.")
    value = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
    return value, at + width


# --- writing --------------------------------------------------------------------------------------


def element(name: int, *content: bytes) -> bytes:
    """An element that holds these bytes."""
    body = b"".join(content)
    return _id(name) + _size(len(body)) + body


def open_element(name: int) -> bytes:
    """The head of an element of unknown size."""
    return _id(name) + b"\x01\xff\xff\xff\xff\xff\xff\xff"


def number(name: int, value: int) -> bytes:
    """An element that holds a number, in as few bytes as it takes."""
    return element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def string(name: int, value: str) -> bytes:
    """An element that holds a text."""
    return element(name, value.encode())


def _id(name: int) -> bytes:
    return name.to_bytes((name.bit_length() + 7) // 8, "big")


def _size(size: int) -> bytes:
    width = next(width for width in range(1, 9) if size < (1 << 7 * width) - 1)
    return (size | 1 << 7 * width).to_bytes(width, "big")
