"""A staged object as rows of texts, before they have types: delimited, CSV, fixed width or JSON."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from kinesis_sim.firehose.destinations.redshift.codes import CopyError, FieldError
from kinesis_sim.firehose.destinations.redshift.statement import Copy, character

_DECODER = json.JSONDecoder()
_GAP = re.compile(r"\s*")


class LoadLine(NamedTuple):
    """One row. number: of its last line in the object; values: one per column, or what is wrong."""

    number: int
    raw: str
    values: Sequence[str | None] | FieldError


def unpacked(body: bytes, copy: Copy, name: str) -> bytes:
    """The object as the statement says it is compressed. Raises CopyError (DataLoadFailed)."""
    try:
        if copy.has("GZIP"):
            return gzip.decompress(body)
        return bz2.decompress(body) if copy.has("BZIP2") else body
    except (OSError, EOFError, ValueError, zlib.error):
        kind = "GZIP" if copy.has("GZIP") else "BZIP2"
        raise CopyError("DataLoadFailed", f"{name} is not compressed with {kind}.") from None


def rows(body: bytes, columns: Sequence[str], copy: Copy) -> Iterator[LoadLine]:
    """The rows of an object. columns: the names that a row has values for."""
    if copy.has("JSON"):
        yield from _json(body, columns, copy)
        return
    header = copy.number("IGNOREHEADER")
    for number, raw in _lines(body, copy):
        text = raw.rstrip("\r")
        if number <= header or (copy.has("IGNOREBLANKLINES") and not text.strip()):
            continue
        yield LoadLine(number, text, _fields(text, len(columns), copy))


def _lines(body: bytes, copy: Copy) -> Iterator[tuple[int, str]]:
    """Lines of text; a quoted (CSV) or escaped line end does not end one."""
    pending, number, is_open = list[str](), 0, False
    parts = body.split(b"\n")
    for part in parts[:-1] if not parts[-1] else parts:
        number += 1
        text = part.decode("utf-8", "surrogateescape")
        pending.append(text)
        is_open = _is_open(text, copy, is_open)
        if not is_open:
            yield number, "\n".join(pending)
            pending = []
    if any(pending):
        yield number, "\n".join([*pending, ""])


def _is_open(text: str, copy: Copy, before: bool) -> bool:
    """Whether a line goes on in the next one. before: whether it is itself such a next one."""
    if copy.has("CSV"):
        return before ^ (text.count(character(copy.text("QUOTE", '"'))) % 2 == 1)
    trailing = len(text) - len(text.rstrip("\\"))
    return copy.has("ESCAPE") and trailing % 2 == 1


def _fields(text: str, width: int, copy: Copy) -> Sequence[str | None] | FieldError:
    if _is_invalid(text):
        if not copy.has("ACCEPTINVCHARS"):
            return FieldError(1220)
        text = _replaced(text, copy.text("ACCEPTINVCHARS", "?"))
    if not text.strip():
        return FieldError(1211)
    try:
        found = _splitter(copy)(text)
    except FieldError as error:
        return error
    if len(found) > width:
        return FieldError(1202)
    if len(found) < width and not copy.has("FILLRECORD"):
        return FieldError(1214)
    return [*found, *[""] * (width - len(found))]


def _is_invalid(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _replaced(text: str, by: str) -> str:
    return re.sub("[\ud800-\udfff]", lambda _: by, text)


def _splitter(copy: Copy) -> Callable[[str], list[str]]:
    if copy.has("FIXEDWIDTH"):
        return lambda text: _fixed(text, copy.text("FIXEDWIDTH", ""))
    delimiter = character(copy.text("DELIMITER", "," if copy.has("CSV") else "|"))
    if copy.has("CSV"):
        quote = character(copy.text("QUOTE", '"'))
        return lambda text: _csv(text, delimiter, quote)
    if copy.has("ESCAPE"):
        return lambda text: _escaped(text, delimiter)
    if copy.has("REMOVEQUOTES"):
        return lambda text: _unquoted(text, delimiter)
    return lambda text: text.split(delimiter)


def _csv(text: str, delimiter: str, quote: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, quotechar=quote, skipinitialspace=True))
    except csv.Error:  # a bare carriage return, or a field of more than 128 KiB
        raise FieldError(1216) from None


def _fixed(text: str, widths: str) -> list[str]:
    fields, at = [], 0
    for part in widths.split(","):
        width = int(part.rpartition(":")[2])
        fields.append(text[at : at + width].rstrip())
        at += width
    if at < len(text):
        raise FieldError(1202)
    return fields


def _escaped(text: str, delimiter: str) -> list[str]:
    r"""Split where the delimiter is not escaped; ``\N`` stays as it is."""
    pattern = re.compile(rf"(?:\\.|(?!{re.escape(delimiter)}).)*", re.DOTALL)
    fields, at = [], 0
    while True:
        found = pattern.match(text, at)
        raw = found[0] if found else ""
        fields.append(raw if raw == r"\N" else re.sub(r"\\(.)", r"\1", raw, flags=re.DOTALL))
        at += len(raw)
        if at >= len(text):
            return fields
        at += len(delimiter)


def _unquoted(text: str, delimiter: str) -> list[str]:
    """Without the quotes around fields; what is inside them is kept, delimiters too."""
    fields, at = [], 0
    while at <= len(text):
        quote = text[at : at + 1]
        if quote in ("'", '"') and quote:
            end = text.find(quote, at + 1)
            if end < 0:
                raise FieldError(1216)
            fields.append(text[at + 1 : end])
            at = end + 1 + len(delimiter)
            continue
        end = text.find(delimiter, at)
        end = len(text) if end < 0 else end
        fields.append(text[at:end])
        at = end + len(delimiter)
    return fields


def _json(body: bytes, columns: Sequence[str], copy: Copy) -> Iterator[LoadLine]:
    """One row per object; between objects only white space, or nothing at all."""
    text = body.decode("utf-8", "surrogateescape")
    at = _GAP.match(text)
    place, number = at.end() if at else 0, 1
    number += text.count("\n", 0, place)
    while place < len(text):
        try:
            value, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):  # the latter: nested deeper than anybody reads
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            yield LoadLine(number, text[place:end], FieldError(1216))
            value = None
        else:
            number += text.count("\n", place, end)
            yield LoadLine(number, text[place:end], _members(value, columns, copy))
        gap = _GAP.match(text, end)
        after = gap.end() if gap else end
        number += text.count("\n", end, after)
        place = after


def _members(value: Any, columns: Sequence[str], copy: Copy) -> Sequence[str | None] | FieldError:
    if not isinstance(value, dict):
        return FieldError(1216)
    if copy.text("JSON", "auto") == "auto ignorecase":
        value = {name.lower(): member for name, member in value.items()}
    texts = [_text(value.get(name)) for name in columns]
    if not any(text is not None and _is_invalid(text) for text in texts):
        return texts
    if not copy.has("ACCEPTINVCHARS"):
        return FieldError(1220)
    other = copy.text("ACCEPTINVCHARS", "?")
    return [None if text is None else _replaced(text, other) for text in texts]


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
