"""Instants and durations as people write them, turned into the clock's milliseconds and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from numbers import Integral

from kinesis_sim.arguments import number, said, whole
from kinesis_sim.errors import UsageError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY}
LAST = 253_370_764_799_999
"""The last instant of a clock's calendar (epoch ms): 9998-12-31T23:59:59.999Z. The first is 0."""
_NAMED = {
    "days": DAY,
    "hours": HOUR,
    "minutes": MINUTE,
    "seconds": SECOND,
    "milliseconds": 1,
}
_PART = re.compile(r"\s*(\d{1,20}(?:\.\d{1,20})?)\s*(ms|s|min|m|h|d)\s*")
_LONGEST_DURATION = 100
"""Characters: more than any duration takes, so that none is long to read."""


def to_ms(when: str | datetime | int) -> int:
    """Epoch milliseconds of an ISO 8601 text, an aware datetime, or milliseconds as they are.

    Raises UsageError for what is none of these, a text that is no date, and a datetime that names
    no time zone.
    """
    remedy = "tzinfo=UTC"
    if isinstance(when, str):
        when, remedy = _parse(when), "a trailing Z for UTC"
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise UsageError(f"{when.isoformat()} names no time zone; add one, e.g. {remedy}.")
        when = (when - EPOCH) // timedelta(milliseconds=1)
    if isinstance(when, bool) or not isinstance(when, Integral):
        raise UsageError(
            f"{said(when)} is no instant; give ISO 8601 text such as 2026-01-01T00:00:00Z, an "
            "aware datetime, or whole milliseconds since 1970."
        )
    return int(when)


def on_calendar(ms: int) -> int:
    """An instant that a clock can show (epoch ms). Raises UsageError outside 1970 to 9998."""
    if isinstance(ms, Integral) and 0 <= ms <= LAST:
        return ms
    raise UsageError(
        f"{said(ms)} ms since 1970 is outside the clock's calendar; give an instant of the years "
        "1970 to 9998."
    )


def milliseconds(name: str, value: int, why: str = "") -> int:
    """Whole milliseconds of a duration, 0 or more. Raises UsageError for anything else."""
    return whole(name, value, least=0, most=LAST, why=why)


def total(**parts: float) -> int:
    """Milliseconds of a sum such as ``days=1, hours=2``, rounded to whole ones.

    Raises UsageError for a part that is no number, and for a sum longer than the calendar.
    """
    for name, value in parts.items():
        number(name, value)
    try:
        ms = sum(value * _NAMED[name] for name, value in parts.items())
        if abs(ms) <= LAST:
            return round(ms)
    except OverflowError:
        pass
    given = ", ".join(f"{name}={said(value)}" for name, value in parts.items() if value)
    raise UsageError(
        f"{given} is longer than the clock's calendar, which ends with the year 9998; give less."
    )


def to_datetime(ms: int) -> datetime:
    """The instant as an aware datetime in UTC."""
    return EPOCH + timedelta(milliseconds=ms)


def written(ms: int) -> str:
    """An instant as people read it: ISO 8601 in UTC with milliseconds."""
    return to_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def duration_ms(text: str) -> int:
    """Milliseconds of a duration such as ``25h``, ``90s``, ``1h30m`` or ``500ms``.

    Raises UsageError for what is none, or is longer than the clock's calendar.
    """
    parts = _parts(text) if isinstance(text, str) and len(text) <= _LONGEST_DURATION else []
    if not parts:
        raise UsageError(
            f"{said(text)} is no duration; write a number and a unit: 500ms, 90s, 5m, 25h, 7d."
        )
    ms = round(sum(float(number) * _UNITS[unit] for number, unit in parts))
    if ms > LAST:
        raise UsageError(
            f"{said(text)} is longer than the clock's calendar, which ends with the year 9998; "
            "give fewer days."
        )
    return ms


def _parts(text: str) -> list[tuple[str, str]]:
    """The numbers and units that a text is made of; none if there is anything else in it."""
    parts, at = [], 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            return []
        parts.append((found[1], found[2]))
        at = found.end()
    return parts


def _parse(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{said(text)} is no date; write ISO 8601 such as 2026-01-01T00:00:00Z."
        ) from None
