"""Parts of instants and steps of a calendar, in UTC."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime

from kinesis_sim.instants import DAY, HOUR, MINUTE, SECOND, to_datetime, to_ms

UNITS = ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
LONG = {"DECADE": 10, "CENTURY": 100, "MILLENNIUM": 1_000}
"""Years of the units that FLOOR, CEIL and EXTRACT know besides. A century begins in a year 1."""
_MS = {"SECOND": SECOND, "MINUTE": MINUTE, "HOUR": HOUR, "DAY": DAY}
_THURSDAY = 4
"""1970-01-01 as a day of the week, Sunday being 0."""


def add_months(ms: int, months: int) -> int:
    """An instant so many months later; the last of a month where it has no such day."""
    moment = to_datetime(ms)
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return to_ms(moment.replace(year=year, month=month + 1, day=day))


def floor(ms: int, unit: str) -> int:
    """The beginning of the unit that an instant lies in."""
    if unit in _MS:
        return ms - ms % _MS[unit]
    if unit == "WEEK":
        day = ms // DAY
        return (day - (day + _THURSDAY) % 7) * DAY
    moment = to_datetime(ms)
    if unit in LONG:
        first = unit != "DECADE"
        year = (moment.year - first) // LONG[unit] * LONG[unit] + first
        return to_ms(datetime(max(year, 1), 1, 1, tzinfo=UTC))
    month = {"MONTH": moment.month, "QUARTER": (moment.month - 1) // 3 * 3 + 1, "YEAR": 1}[unit]
    return to_ms(datetime(moment.year, month, 1, tzinfo=UTC))


def ceil(ms: int, unit: str) -> int:
    """The end of the unit that an instant lies in; the instant itself where it is a beginning."""
    start = floor(ms, unit)
    if start == ms:
        return ms
    if unit in _MS:
        return start + _MS[unit]
    if unit == "WEEK":
        return start + 7 * DAY
    if unit in LONG:
        return add_months(start, 12 * LONG[unit])
    return add_months(start, {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit])


def part(ms: int, unit: str) -> int | None:
    """EXTRACT: a part of an instant; None for a part that there is not."""
    moment = to_datetime(ms)
    iso = moment.isocalendar()
    parts = {
        "YEAR": moment.year,
        "QUARTER": (moment.month + 2) // 3,
        "MONTH": moment.month,
        "WEEK": iso.week,
        "DAY": moment.day,
        "DOY": moment.timetuple().tm_yday,
        "DAYOFYEAR": moment.timetuple().tm_yday,
        "DOW": iso.weekday % 7 + 1,
        "DAYOFWEEK": iso.weekday % 7 + 1,
        "HOUR": moment.hour,
        "MINUTE": moment.minute,
        "SECOND": moment.second,
        "MILLISECOND": ms % SECOND,
        "MICROSECOND": ms % SECOND * 1_000,
        "ISODOW": iso.weekday,
        "ISOYEAR": iso.year,
        "DECADE": moment.year // 10,
        "CENTURY": (moment.year + 99) // 100,
        "MILLENNIUM": (moment.year + 999) // 1_000,
        "EPOCH": ms // SECOND,
    }
    return parts.get(unit)


def between(unit: str, start: int, end: int) -> int:
    """TIMESTAMPDIFF: whole units from one instant to another, cut towards zero."""
    if unit in _MS or unit == "WEEK":
        step = _MS.get(unit, 7 * DAY)
        return abs(end - start) // step * (1 if end >= start else -1)
    sign, (early, late) = (1, (start, end)) if end >= start else (-1, (end, start))
    one, other = to_datetime(early), to_datetime(late)
    months = (other.year - one.year) * 12 + other.month - one.month
    if add_months(early, months) > late:
        months -= 1
    return sign * (months // {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit])
