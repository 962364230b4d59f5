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
BATCH_GROWTH = 20
"""How many times its own size a batch may unpack to, if that is more than LARGEST (the model's
choice): text of logs is five to fifteen times as large as its gzip, a bomb a thousand times."""


@dataclass(frozen=True, slots=True)
class NotDecompressed:
    """A record that goes to the error prefix as it came."""

    code: str
    message: str


class Allowance:
    """What the records of one batch may still unpack to together. packed: bytes of the batch."""

    def __init__(self, packed: int) -> None:
        self.left = max(LARGEST, BATCH_GROWTH * packed)


def decompressed(
    data: bytes, *, extract: bool = False, allowance: Allowance | None = None
) -> bytes | NotDecompressed:
    """A record of a log subscription, unpacked.

    extract: keep the messages only, a line each (DataMessageExtraction of CloudWatchLogProcessing).
    allowance: of its batch.
    """
    allowance = allowance or Allowance(0)
    try:
        plain = _gunzip(data, min(LARGEST, allowance.left))
        allowance.left -= len(plain)
    except (zlib.error, ValueError) as error:
        return NotDecompressed(INVALID, f"The record is not gzip data: {error}.")
    return _messages(plain) if extract else plain


def _gunzip(data: bytes, most: int) -> bytes:
    """All members of a gzip file. Raises ValueError for one that is cut short, or too large."""
    parts, size = list[bytes](), 0
    while data or not parts:
        machine = zlib.decompressobj(31)
        parts.append(machine.decompress(data, most - size + 1))
        size += len(parts[-1])
        if size > most:
            what = f"{most} bytes" if most == LARGEST else f"the {most} bytes its batch has left"
            raise ValueError(f"it unpacks to more than {what}")
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
