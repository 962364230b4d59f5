"""Instants and durations as people write them, turned into the clock's milliseconds and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from kinesis_sim.errors import UsageError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)")


def to_ms(when: str | datetime | int) -> int:
    """Epoch milliseconds of an ISO 8601 text, an aware datetime, or milliseconds as they are.

    Raises UsageError for a text that is no date, or a datetime that names no time zone.
    """
    if isinstance(when, int):
        return when
    if isinstance(when, str):
        when = _parse(when)
    if when.tzinfo is None:
        raise UsageError(
            f"{when.isoformat()} names no time zone; add one, e.g. a trailing Z for UTC."
        )
    return (when - EPOCH) // timedelta(milliseconds=1)


def to_datetime(ms: int) -> datetime:
    """The instant as an aware datetime in UTC."""
    return EPOCH + timedelta(milliseconds=ms)


def duration_ms(text: str) -> int:
    """Milliseconds of a duration such as ``25h``, ``90s``, ``1h30m`` or ``500ms``."""
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        raise UsageError(
            f"{text!r} is no duration; write a number and a unit: 500ms, 90s, 5m, 25h, 7d."
        )
    return round(sum(float(number) * _UNITS[unit] for number, unit in parts))


def _parse(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no date; write ISO 8601 such as 2026-01-01T00:00:00Z."
        ) from None
