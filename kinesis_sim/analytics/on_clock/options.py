"""Options of a script and its tables that are numbers, durations or one of some words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import DAY, HOUR, MINUTE, SECOND, duration_ms, to_ms

_UNITS = {
    1: ("", "ms", "milli", "millis", "millisecond", "milliseconds"),
    SECOND: ("s", "sec", "secs", "second", "seconds"),
    MINUTE: ("m", "min", "minute", "minutes"),
    HOUR: ("h", "hour", "hours"),
    DAY: ("d", "day", "days"),
}
_MS = {name: ms for ms, names in _UNITS.items() for name in names}
"""Units as Flink's options write them (org.apache.flink.util.TimeUtils), milliseconds and up."""


def whole_number(
    options: Mapping[str, str], key: str, default: int, *, least: int = 0, most: int | None = None
) -> int:
    """A whole number; the default where nothing is said. Raises SqlValidationError."""
    text = options.get(key, "").strip()
    if not text:
        return default
    value = int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
    if value is None or value < least or (most is not None and value > most):
        bounds = f"from {least:,} to {most:,}" if most is not None else f"of at least {least:,}"
        raise SqlValidationError(f"'{key}' = {text[:60]!r} is no whole number {bounds}.")
    return value


def duration(options: Mapping[str, str], key: str, default: int = 0) -> int:
    """Milliseconds of a duration, of a number without a unit too. Raises SqlValidationError."""
    text = "".join(options.get(key, "").split())
    if not text:
        return default
    found = re.fullmatch(r"([0-9]{1,18})([a-z]*)", text.lower())
    if found is not None and found[2] in _MS:
        text = f"{int(found[1]) * _MS[found[2]]}ms"
    with _named(key):
        return duration_ms(text)


def instant(options: Mapping[str, str], keys: Collection[str]) -> int | None:
    """Epoch ms of the first option that is given; None of none. Raises SqlValidationError."""
    key = next((one for one in keys if one in options), None)
    if key is None:
        return None
    with _named(key):
        return to_ms(options[key])


def word(options: Mapping[str, str], keys: Collection[str], known: Collection[str]) -> str | None:
    """The first option that is given, in capitals. Raises SqlValidationError for unknown words."""
    key = next((one for one in keys if one in options), None)
    if key is None:
        return None
    said = options[key].upper()
    if said not in known:
        raise SqlValidationError(
            f"'{key}' = {options[key][:60]!r} is none of {', '.join(sorted(known))}."
        )
    return said


@contextmanager
def _named(key: str) -> Iterator[None]:
    """Have what an option's value breaks say which option it was."""
    try:
        yield
    except UsageError as error:
        raise SqlValidationError(f"'{key}': {error}") from None
