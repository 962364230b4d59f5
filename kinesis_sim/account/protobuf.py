"""Just enough of the protocol buffers wire format for the KPL's aggregates, safe on any bytes.

Written from the format's public description (protobuf.dev, "Encoding"): varints of up to ten bytes,
and fields of the wire types 0, 1, 2 and 5. The group types 3 and 4 are refused.
"""

from __future__ import annotations

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_WIDTHS = {FIXED64: 8, FIXED32: 4}
_LONGEST = 70  # bits of a ten-byte varint


class Malformed(ValueError):
    """These bytes are not a message of the wire format."""


def varint(number: int) -> bytes:
    """A number from 0 on in seven bits a byte, the least significant first."""
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def sized(tag: int, content: bytes) -> bytes:
    """A field of bytes: its tag (number × 8 + 2), the length, the content."""
    return bytes((tag,)) + varint(len(content)) + content


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of every field in order; Malformed where the bytes end or lie too soon."""
    at, end = 0, len(message)
    while at < end:
        tag, at = _read_varint(message, at)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise Malformed("a field has the number 0")
        if kind == VARINT:
            value, at = _read_varint(message, at)
            yield number, value
            continue
        if kind == BYTES:
            width, at = _read_varint(message, at)
        elif kind in _WIDTHS:
            width = _WIDTHS[kind]
        else:
            raise Malformed(f"wire type {kind} is not supported")
        if width > end - at:
            raise Malformed(f"a field of {width} bytes where {end - at} are left")
        yield number, message[at : at + width]
        at += width


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    for place in range(at, min(len(message), at + _LONGEST // 7)):
        byte = message[place]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, place + 1
        shift += 7
    raise Malformed("a number has no end")
