"""Times in JSON records, as the two deserializers of a format conversion read them.

OpenX takes ISO-like text and epoch numbers, Hive ``java.sql.Timestamp.valueOf`` or Joda patterns
(DG:record-format-conversion). All become nanoseconds since the epoch, without a zone: UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from kinesis_sim.firehose.naming.date_patterns import DAYS, MONTHS

ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
SQL = re.compile(r"(\d{4})-(\d\d?)-(\d\d?) (\d\d?):(\d\d?):(\d\d?)(?:\.(\d{1,9}))?", re.ASCII)
DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
MILLISECONDS_FROM = 10**11
"""Whole numbers from here on are milliseconds, smaller ones seconds (the model's choice: AWS names
both and not where one ends; seconds reach it in the year 5138)."""
LARGEST = 2**63 - 1
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPES = {"a": "(?:[AaPp][Mm])", "Z": r"(?:Z|[+-]\d\d:?\d\d)", "S": r"\d+"}
_LETTERS = "yYMdHhkKmsSaEZD"

Reader = Callable[[Any], int]
"""Takes a JSON value; nanoseconds since the epoch. Raises ValueError."""


def openx(value: Any) -> int:
    """Any of the five notations that the OpenX deserializer reads."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(value)
    if isinstance(value, str):
        if found := ISO.fullmatch(value) or SQL.fullmatch(value):
            return _whole(found)
        if not _NUMBER.fullmatch(value):
            raise ValueError(value)
        value = float(value) if "." in value else int(value)
    return _within(number(value))


def number(value: int | float) -> int:
    """Epoch seconds, milliseconds, or seconds with a fraction (to the microsecond).

    Raises ValueError for what is infinite or no number.
    """
    if isinstance(value, float):
        if not isfinite(value * 1e6):
            raise ValueError(value)
        return round(value * 1e6) * 1_000
    return value * (1_000_000 if abs(value) >= MILLISECONDS_FROM else 1_000_000_000)


def sql(value: Any) -> int:
    """The text that java.sql.Timestamp.valueOf reads: ``2017-02-07 15:13:01.14``."""
    found = SQL.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(value)
    return _whole(found)


def millis(value: Any) -> int:
    """Epoch milliseconds, as a number or its text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(value)
    return _within(int(value) * 1_000_000)


def hive(formats: list[str] | tuple[str, ...]) -> Reader:
    """A reader that tries TimestampFormats in turn; without any, ``sql``.

    Raises ValueError for a pattern with a letter that is not read here.
    """
    readers = [millis if text == "millis" else joda(text) for text in formats] or [sql]

    def read(value: Any) -> int:
        for reader in readers:
            try:
                return reader(value)
            except ValueError:
                continue
        raise ValueError(value)

    return read


def joda(pattern: str) -> Reader:
    """A reader of one Joda-Time pattern. Names are English; a zone is an offset or Z."""
    shape, letters = "", list[str]()
    for token in _TOKEN.finditer(pattern):
        quoted, letter = token.groups()
        if letter is None:
            text = token.group() if quoted is None else quoted.replace("''", "'") or "'"
            shape += re.escape(text)
            continue
        if letter not in _LETTERS:
            raise ValueError(f"the letter '{letter}' of the pattern '{pattern}' is not read")
        letters.append(letter)
        shape += f"({_shape(letter, len(token.group()))})"
    expression = re.compile(shape, re.ASCII)

    def read(value: Any) -> int:
        found = expression.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(value)
        return _fields(dict(zip(letters, found.groups(), strict=True)))

    return read


def _shape(letter: str, count: int) -> str:
    if letter in _SHAPES:
        return _SHAPES[letter]
    if letter == "E" or (letter == "M" and count > 2):
        names = DAYS if letter == "E" else MONTHS
        return "(?i:" + "|".join((*names, *(name[:3] for name in names))) + ")"
    if letter in "yY":
        return rf"\d{{{count}}}" if count in {2, 4} else r"\d{1,9}"
    return rf"\d{{1,{max(count, 2)}}}"


def _fields(values: dict[str, str]) -> int:
    """Nanoseconds of the fields that a text gave; those it did not give are the epoch's."""
    year = values.get("y") or values.get("Y") or "1970"
    years = int(year) + (0 if len(year) != 2 else 2000 if int(year) < 70 else 1900)
    month = values.get("M", "1")
    if not month.isdecimal():
        month = str([name[:3].lower() for name in MONTHS].index(month[:3].lower()) + 1)
    at = datetime(
        years,
        int(month),
        int(values.get("d", "1")),
        _hour(values),
        int(values.get("m", "0")),
        int(values.get("s", "0")),
        tzinfo=UTC,
    )
    at += timedelta(days=int(values["D"]) - 1) if "D" in values else timedelta()
    return _nanoseconds(at - _offset(values.get("Z", "Z")), values.get("S") or "0")


def _hour(values: dict[str, str]) -> int:
    if "H" in values or "k" in values:
        return int(values.get("H") or values["k"]) % 24
    hour = int(values.get("h") or values.get("K") or "0") % 12
    return hour + 12 * (values.get("a", "am").lower() == "pm")


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1)


def _whole(found: re.Match[str]) -> int:
    *fields, fraction = found.groups()
    year, month, day, hour, minute, second = map(int, fields)
    at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    return _nanoseconds(at, fraction or "0")


def _nanoseconds(at: datetime, fraction: str) -> int:
    seconds = (at - _EPOCH) // timedelta(seconds=1)
    return _within(seconds * 10**9 + int(fraction[:9].ljust(9, "0")))


def _within(nanoseconds: int) -> int:
    """What 64 bits of nanoseconds hold: the years 1677 to 2262."""
    if abs(nanoseconds) > LARGEST:
        raise ValueError(nanoseconds)
    return nanoseconds
