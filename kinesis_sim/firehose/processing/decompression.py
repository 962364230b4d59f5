"""Decompression of CloudWatch Logs subscriptions, and the extraction of their messages.

Sources: DG:decomp-faq and DG:Message_extraction; CAP docs/firehose for what comes out: the JSON of
an envelope as it is, or every message with a new line behind it, and of a CONTROL_MESSAGE an empty
record. JSON that is no envelope passes as it is, and fails where messages are to be extracted. Code
and text of the failure are recorded ones.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

from kinesis_sim.units import MIB

ERROR_TYPE = "decompression-failed"
INVALID = "Decompression failed."
NOT_CONFORMING = "Decompression failed because input data does not conform to cloudwatch log."
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


class _TooLarge(ValueError):
    """More than this model unpacks; the words are its own."""


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
        envelope = json.loads(plain)
        return _messages(envelope) if extract else plain
    except _TooLarge as error:
        return NotDecompressed(INVALID, f"{error}.")
    except (zlib.error, ValueError, LookupError, TypeError, RecursionError):
        return NotDecompressed(INVALID, NOT_CONFORMING)


def _gunzip(data: bytes, most: int) -> bytes:
    """All members of a gzip file. Raises ValueError for one that is cut short, _TooLarge."""
    parts, size = list[bytes](), 0
    while data or not parts:
        machine = zlib.decompressobj(31)
        parts.append(machine.decompress(data, most - size + 1))
        size += len(parts[-1])
        if size > most:
            what = f"{most} bytes" if most == LARGEST else f"the {most} bytes its batch has left"
            raise _TooLarge(f"The record unpacks to more than {what}")
        if not machine.eof:
            raise ValueError("it ends before its content does")
        data = machine.unused_data
    return b"".join(parts)


def _messages(envelope: Any) -> bytes:
    """The messages of an envelope. Raises LookupError, TypeError or ValueError for no such."""
    if envelope["messageType"] == "CONTROL_MESSAGE":
        return b""
    if envelope["messageType"] != "DATA_MESSAGE":
        raise ValueError(envelope["messageType"])
    lines = [event["message"] + "\n" for event in envelope["logEvents"]]
    return "".join(lines).encode("utf-8", "surrogatepass")
