"""Decompression of CloudWatch Logs subscriptions, and the extraction of their messages.

Sources: DG:decomp-faq and DG:Message_extraction; that each message ends in a new line, and that a
CONTROL_MESSAGE is extracted to nothing, is how public code replays what AWS delivered. Error code
and texts are the model's: AWS documents only the prefix ``decompression-failed``.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass

from kinesis_sim.units import MIB

ERROR_TYPE = "decompression-failed"
INVALID = "Decompression.InvalidData"
LARGEST = 64 * MIB
"""Bytes that a record may grow to (the model's choice): a megabyte of gzip can hold a thousand."""


@dataclass(frozen=True, slots=True)
class NotDecompressed:
    """A record that goes to the error prefix as it came."""

    code: str
    message: str


def decompressed(data: bytes, *, extract: bool = False) -> bytes | NotDecompressed:
    """A record of a log subscription, unpacked. extract: keep the messages only, a line each
    (DataMessageExtraction of CloudWatchLogProcessing)."""
    try:
        plain = _gunzip(data)
    except (zlib.error, ValueError) as error:
        return NotDecompressed(INVALID, f"The record is not gzip data: {error}.")
    return _messages(plain) if extract else plain


def _gunzip(data: bytes) -> bytes:
    """All members of a gzip file. Raises ValueError for one that is cut short, or too large."""
    parts, size = list[bytes](), 0
    while data or not parts:
        machine = zlib.decompressobj(31)
        parts.append(machine.decompress(data, LARGEST - size + 1))
        size += len(parts[-1])
        if size > LARGEST:
            raise ValueError(f"it unpacks to more than {LARGEST} bytes")
        if not machine.eof:
            raise ValueError("it ends before its content does")
        data = machine.unused_data
    return b"".join(parts)


def _messages(plain: bytes) -> bytes | NotDecompressed:
    try:
        envelope = json.loads(plain)
        if envelope["messageType"] == "CONTROL_MESSAGE":
            return b""
        lines = [event["message"] + "\n" for event in envelope["logEvents"]]
    except (ValueError, LookupError, TypeError, RecursionError):
        return NotDecompressed(
            INVALID, "The record is not a CloudWatch Logs subscription: no logEvents with messages."
        )
    return "".join(lines).encode("utf-8", "surrogatepass")
