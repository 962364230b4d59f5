"""RecordDeAggregation: one record that holds several, taken apart before Lambda sees it.

Sources: facts/firehose §1.4 and §4, DG:dynamic-partitioning-multirecord-deaggergation. What cannot
be taken apart goes on whole, as AWS documents for more than 500 parts; that text which is no
sequence of JSON objects does so, too, is the model's choice (jq then refuses it).
"""

from __future__ import annotations

import binascii
import json
from dataclasses import dataclass
from typing import Literal

from kinesis_sim.errors import ServiceError

MOST_PARTS = 500
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Splitter:
    """delimiter: the bytes between the parts; None for JSON objects back to back."""

    delimiter: bytes | None

    def parts(self, data: bytes) -> list[bytes]:
        """The parts in order, or the record as it is: where it has more than 500 parts, or none.

        White space between JSON objects, and empty parts between delimiters, are left out.
        """
        found = _objects(data) if self.delimiter is None else _pieces(data, self.delimiter)
        return found if 0 < len(found) <= MOST_PARTS else [data]


def splitter(
    sub_record_type: Literal["JSON", "DELIMITED"] | str, delimiter: str | None = None
) -> Splitter:
    """The splitter of a RecordDeAggregation processor. delimiter: base64, as ``IyMjIw==``.

    Raises InvalidArgumentException (the model's wording) for another type, or a delimiter that is
    missing, empty or not base64.
    """
    kind = sub_record_type.upper()
    if kind == "JSON":
        return Splitter(None)
    if kind != "DELIMITED":
        raise _wrong(f"SubRecordType '{sub_record_type}' is unknown; it is JSON or DELIMITED")
    try:
        text = binascii.a2b_base64((delimiter or "").encode("ascii"), strict_mode=bool(delimiter))
    except ValueError:
        raise _wrong(f"Delimiter '{delimiter}' is not base64; '####' is IyMjIw==") from None
    if not text:
        raise _wrong("SubRecordType DELIMITED needs a Delimiter, base64-encoded")
    return Splitter(text)


def append_delimiter(data: bytes) -> bytes:
    """What AppendDelimiterToRecord makes of a record: a new line after it (facts/firehose §4)."""
    return data + b"\n"


def _wrong(text: str) -> ServiceError:
    return ServiceError("InvalidArgumentException", f"RecordDeAggregation: {text}.")


def _pieces(data: bytes, delimiter: bytes) -> list[bytes]:
    return [piece for piece in data.split(delimiter) if piece]


def _refused(text: str) -> float:
    raise ValueError(text)


_decode = json.JSONDecoder(parse_constant=_refused).raw_decode


def _objects(data: bytes) -> list[bytes]:
    """The JSON objects that a record consists of; none if it is anything else."""
    try:
        text = data.decode()
        found, at = list[bytes](), _next(text, 0)
        while at < len(text) and len(found) <= MOST_PARTS:
            if text[at] != "{":
                return []
            _, end = _decode(text, at)
            found.append(text[at:end].encode())
            at = _next(text, end)
    except (ValueError, RecursionError):
        return []
    return found


def _next(text: str, at: int) -> int:
    """Where the white space from a place on ends."""
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
