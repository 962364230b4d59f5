"""Java's patterns of dates, such as ``yyyy-MM-dd HH:mm:ss.SSS``; ``hh`` has twelve hours."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from kinesis_sim.instants import SECOND, to_datetime, to_ms

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_NUMBERS = "yMdHhmsSkKD"


@lru_cache(maxsize=256)  # a pattern may be a column, another one in each row
def parts(pattern: str) -> tuple[tuple[str, int], ...]:
    """A pattern as (letter, how often), and ("", 0)-like pairs of literal text (text, 0)."""
    made: list[tuple[str, int]] = []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "'":
            end = pattern.find("'", at + 1)
            end = len(pattern) if end < 0 else end
            made.append((pattern[at + 1 : end] or "'", 0))
            at = end + 1
        elif sign.isalpha():
            end = at
            while end < len(pattern) and pattern[end] == sign:
                end += 1
            made.append((sign, end - at))
            at = end
        else:
            made.append((sign, 0))
            at += 1
    return tuple(made)


def write(ms: int, pattern: str) -> str:
    """An instant as a pattern writes it. Raises ValueError for a letter that is not known."""
    moment = to_datetime(ms)
    return "".join(
        letter if not count else _written(moment, ms, letter, count)
        for letter, count in parts(pattern)
    )


def _written(moment: datetime, ms: int, letter: str, count: int) -> str:
    if letter in "yu":
        return f"{moment.year % 100:02d}" if count == 2 else f"{moment.year:0{count}d}"
    if letter == "M" and count > 2:
        return _MONTHS[moment.month - 1][: 3 if count == 3 else None]
    if letter == "E":
        return _DAYS[moment.weekday()][: 3 if count < 4 else None]
    if letter == "a":
        return "AM" if moment.hour < 12 else "PM"
    if letter == "S":
        return f"{ms % SECOND:03d}".ljust(count, "0")[:count]
    if letter in "zZXV":
        return "UTC" if letter in "zV" else "Z" if letter == "X" else "+0000"
    numbers = {
        "M": moment.month,
        "d": moment.day,
        "H": moment.hour,
        "k": moment.hour or 24,
        "h": moment.hour % 12 or 12,
        "K": moment.hour % 12,
        "m": moment.minute,
        "s": moment.second,
        "D": moment.timetuple().tm_yday,
    }
    if letter not in numbers:
        raise ValueError(f"{letter!r} is no letter of a date pattern")
    return f"{numbers[letter]:0{count}d}"


def read(text: str, pattern: str) -> int:
    """Epoch ms of a text that a pattern describes, in UTC. Raises ValueError."""
    values = {"y": 1970, "M": 1, "d": 1, "H": 0, "h": 0, "m": 0, "s": 0, "S": 0, "a": 0}
    rest = text.strip()
    pieces = parts(pattern)
    for at, (letter, count) in enumerate(pieces):
        if not count:
            if not rest.startswith(letter):
                raise ValueError(f"{text[:60]!r} is not as {pattern!r} says")
            rest = rest[len(letter) :]
        else:
            follows = at + 1 < len(pieces) and pieces[at + 1][1] > 0
            rest = _taken(rest, letter, count, follows, values)
    if rest:
        raise ValueError(f"{text[:60]!r} goes on after what {pattern!r} says")
    hour = values["H"] or values["h"] % 12 + 12 * values["a"]
    moment = datetime(
        values["y"], values["M"], values["d"], hour, values["m"], values["s"], tzinfo=UTC
    )
    return to_ms(moment) + values["S"]


def _taken(rest: str, letter: str, count: int, follows: bool, values: dict[str, int]) -> str:
    """Take one part from the front of a text; what is left."""
    if letter == "a":
        values["a"] = int(rest[:2].upper() == "PM")
        return rest[2:]
    if letter == "E" or (letter == "M" and count > 2):
        names = _DAYS if letter == "E" else _MONTHS
        for at, name in enumerate(names):
            for form in (name, name[:3]):
                if rest.lower().startswith(form.lower()):
                    if letter == "M":
                        values["M"] = at + 1
                    return rest[len(form) :]
        raise ValueError(f"{rest[:20]!r} begins with no name of a day or month")
    if letter in "zZXV":
        return rest[3:] if rest[:3] in ("UTC", "GMT") else rest.removeprefix("Z")
    letter = "y" if letter == "u" else letter
    digits = 0
    while digits < len(rest) and rest[digits].isdigit() and not (follows and digits == count):
        digits += 1
    if not digits or letter not in values:
        raise ValueError(f"{rest[:20]!r} has no number for {letter * count!r}")
    number = rest[:digits]
    values[letter] = int(number.ljust(3, "0")[:3]) if letter == "S" else int(number)
    if letter == "y" and count == 2 and digits == 2:
        values["y"] += 2000
    return rest[digits:]
