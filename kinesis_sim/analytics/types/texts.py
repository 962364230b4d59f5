"""Values as SQL writes and reads them as text: numbers as Java prints them, instants in UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from kinesis_sim.analytics.types.sqltype import SqlType
from kinesis_sim.instants import DAY, EPOCH, HOUR, MINUTE, SECOND, to_datetime

_DAY_ZERO = date(1970, 1, 1)
_INSTANT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?)?"
    r"(Z|[+-]\d{2}:?\d{2})?"
)
_TIME = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?")
_SMALLEST_PLAIN, _LARGEST_PLAIN = 1e-3, 1e7
"""Between these Java writes a double without an exponent."""


def written(kind: SqlType, value: Any) -> str | None:
    """A value as CAST(… AS STRING) gives it; None for NULL."""
    if value is None:
        return None
    return _written(kind, value)


def _written(kind: SqlType, value: Any) -> str:
    if kind.name == "BOOLEAN":
        return "TRUE" if value else "FALSE"
    if kind.name in ("FLOAT", "DOUBLE"):
        return double_text(value)
    if kind.instant:
        return instant_text(value, kind.precision if kind.precision is not None else 3)
    if kind.name == "DATE":
        return date.fromordinal(_DAY_ZERO.toordinal() + value).isoformat()
    if kind.name == "TIME":
        return time_text(value)
    if kind.name == "DECIMAL":
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if kind.name == "ARRAY":
        return f"[{', '.join(_within(kind.parts[0], one) for one in value)}]"
    if kind.name == "MAP":
        key, member = kind.parts
        return (
            f"{{{', '.join(f'{_within(key, k)}={_within(member, v)}' for k, v in value.items())}}}"
        )
    if kind.name == "ROW":
        return f"({', '.join(map(_within, kind.parts, value))})"
    if kind.interval:
        return interval_text(value, months=kind.name == "INTERVAL_MONTHS")
    return str(value)


def _within(kind: SqlType, value: Any) -> str:
    """A value within an array, map or row."""
    return "NULL" if value is None else _written(kind, value)


def interval_text(value: int, *, months: bool) -> str:
    """An interval as SQL writes it: ``+1-03``, years and months, or ``+1 02:03:04.500``."""
    sign, size = "-" if value < 0 else "+", abs(value)
    if months:
        return f"{sign}{size // 12}-{size % 12:02d}"
    clock = f"{size // HOUR % 24:02d}:{size // MINUTE % 60:02d}:{size // SECOND % 60:02d}"
    return f"{sign}{size // DAY} {clock}.{size % SECOND:03d}"


def whole_number(text: str) -> int | None:
    """A whole number of nine figures at most, as a text has it; None for any other text.

    Python's own refuses texts of over 4,300 figures with an error of its own.
    """
    fits = text.isascii() and text.isdecimal() and len(text) <= 9
    return int(text) if fits else None


def double_text(value: float) -> str:
    """A double as Java's Double.toString writes it: 1.0, 1.5E10, Infinity."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _SMALLEST_PLAIN <= abs(value) < _LARGEST_PLAIN:
        text = f"{Decimal(repr(value)):f}"
        return text if "." in text else text + ".0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    shift = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{shift}"


def instant_text(ms: int, digits: int) -> str:
    """``2026-01-01 00:00:00.000``, with so many digits of the second's fraction."""
    text = to_datetime(ms).strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    if digits <= 0:
        return text
    return f"{text}.{ms % SECOND:03d}".ljust(20 + digits, "0")[: 20 + digits]


def java_instant(ms: int) -> str:
    """``2026-01-01T00:00:01.5``: as ISO 8601 has it, without zeros behind a fraction."""
    text = to_datetime(ms).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return f"{text}.{ms % SECOND:03d}".rstrip("0") if ms % SECOND else text


def time_text(ms: int) -> str:
    """``12:30:00``, with the fraction of a second when there is one."""
    text = f"{ms // HOUR:02d}:{ms // MINUTE % 60:02d}:{ms // SECOND % 60:02d}"
    return text if ms % SECOND == 0 else f"{text}.{ms % SECOND:03d}"


def read_instant(text: str) -> int:
    """Epoch ms of a text such as ``2026-01-01 00:00:00.5`` or ISO 8601; UTC unless it says so.

    Raises ValueError for what is no instant.
    """
    found = _INSTANT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:60]!r} is no timestamp")
    parts = [int(part or 0) for part in found.groups()[:6]]
    moment = datetime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], tzinfo=UTC)
    ms = int((moment - EPOCH).total_seconds()) * SECOND
    return ms + int((found[7] or "0").ljust(3, "0")[:3]) - _offset(found[8])


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    ms = int(zone[1:3]) * HOUR + int(zone[-2:]) * MINUTE
    return ms if zone[0] == "+" else -ms


def read_date(text: str) -> int:
    """Days since 1970 of ``2026-01-01``; what follows a date is cut off. Raises ValueError."""
    return read_instant(text) // DAY


def read_time(text: str) -> int:
    """Milliseconds of the day of ``12:30[:15[.5]]``. Raises ValueError."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:60]!r} is no time")
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"{text[:60]!r} is no time")
    fraction = int((found[4] or "0").ljust(3, "0")[:3])
    return hours * HOUR + minutes * MINUTE + seconds * SECOND + fraction


def shown(kind: SqlType, value: Any) -> Any:
    """A value as a learner sees it in a row: texts for instants, numbers as they are."""
    if value is None or kind.numeric or kind.name in ("BOOLEAN", "VARCHAR", "CHAR"):
        return value
    if kind.name == "ARRAY":
        return [shown(kind.parts[0], one) for one in value]
    if kind.name == "ROW":
        return {
            name: shown(part, one)
            for name, part, one in zip(kind.names, kind.parts, value, strict=True)
        }
    if kind.name == "MAP":
        return {
            written(kind.parts[0], key): shown(kind.parts[1], one) for key, one in value.items()
        }
    if kind.name == "MULTISET":
        return {written(kind.parts[0], key): number for key, number in value.items()}
    return _written(kind, value)
