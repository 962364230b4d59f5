"""Patterns of Java's DateTimeFormatter, as ``!{timestamp:…}`` takes them (facts/firehose §3).

The letters are java.time's, in English, weeks from Sunday on (CAP docs/firehose). All 52 were tried
on AWS, each alone: ``C I J P R T U V b f i j l o p r t`` are refused (facts/firehose §1.7); ``VV``
and a ``p`` before a field are what java.time has beyond that, like sections in square brackets,
which always print. Prefixes have whole seconds, so fractions are zeros (CAP docs/firehose).

Zones' names are those of the tz database (``JST``, ``-03``): Java's own, which are CLDR's, are not
here (the model's choice; of UTC the long name is known).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDINALS = ("1st", "2nd", "3rd", "4th")
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([\[\]{}#])|(')|[^A-Za-z'\[\]{}#]+")


class WrongPattern(ValueError):
    """The text is no pattern that can be formatted; the message is one sentence."""


class Overflow(ValueError):
    """A value has more digits than its fixed width takes, as java.time refuses it, too."""


@dataclass(frozen=True, slots=True)
class DatePattern:
    """A checked pattern. text: as it was written."""

    text: str
    _fields: tuple[Callable[[datetime], str], ...]
    _shapes: tuple[str, ...]

    def format(self, at: datetime) -> str:
        """The instant's text. Raises Overflow, e.g. for ``DD`` from the 100th day of a year on."""
        return "".join(field(at) for field in self._fields)

    @property
    def expression(self) -> str:
        """A regular expression that every text of this pattern matches."""
        return "".join(self._shapes)


def date_pattern(text: str) -> DatePattern:
    """Read a pattern. Raises WrongPattern and names what is wrong with it."""
    fields: list[Callable[[datetime], str]] = []
    shapes: list[str] = []
    depth, width = 0, 0
    for token in _TOKEN.finditer(text):
        quoted, letter, reserved, quote = token.groups()
        if quote:
            raise WrongPattern(f"the pattern '{text}' opens a quote and never closes it")
        if reserved in ("[", "]"):
            depth += 1 if reserved == "[" else -1
            if depth < 0:
                raise WrongPattern(f"the pattern '{text}' closes a section that it never opens")
            continue
        if reserved:
            raise WrongPattern(f"'{reserved}' is reserved in the pattern '{text}'; quote it")
        if letter == "p":
            width = len(token.group())
            continue
        if letter:
            field, shape = _field(letter, len(token.group()), text)
        else:
            field, shape = _literal(token.group() if quoted is None else _unquoted(quoted))
        if width and not letter:
            break
        fields.append(_padded(field, width) if width else field)
        shapes.append(rf" *{shape}" if width else shape)
        width = 0
    if width:
        raise WrongPattern(f"the letter 'p' of the pattern '{text}' pads nothing: a field follows")
    return DatePattern(text, tuple(fields), tuple(shapes))


def _padded(field: Callable[[datetime], str], width: int) -> Callable[[datetime], str]:
    """A field with spaces before it."""

    def padded(at: datetime) -> str:
        text = field(at)
        if len(text) > width:
            raise Overflow(f"'{text}' does not fit the {width} characters it is padded to")
        return text.rjust(width)

    return padded


def _unquoted(text: str) -> str:
    return text.replace("''", "'") or "'"


def _literal(text: str) -> tuple[Callable[[datetime], str], str]:
    return lambda at: text, re.escape(text)


def _field(letter: str, count: int, text: str) -> tuple[Callable[[datetime], str], str]:
    """Formatter and shape of one run of a letter."""
    for letters, build in _BUILDERS:
        if letter in letters:
            built = build(letter, count)
            if built is None:
                raise WrongPattern(f"too many letters '{letter}' ({count}) in the pattern '{text}'")
            return built
    raise WrongPattern(
        f"the letter '{letter}' of the pattern '{text}' names nothing a prefix can have; "
        "put text in single quotes"
    )


Built = tuple[Callable[[datetime], str], str] | None


def _year(letter: str, count: int) -> Built:
    year = _week_year if letter == "Y" else lambda at: at.year
    if count > _WIDEST:
        return None
    if count == 2:
        return lambda at: f"{year(at) % 100:02}", r"\d{2}"
    return lambda at: f"{year(at):0{count}}", rf"\d{{{max(count, 4)}}}"


def _number(letter: str, count: int) -> Built:
    """One or two letters: a number, padded to two digits by two."""
    if count > 2 or (letter in "WF" and count > 1):
        return None
    value = _NUMBERS[letter]
    return lambda at: f"{value(at):0{count}}", r"\d{2}" if count == 2 else r"\d{1,2}"


def _day_of_year(letter: str, count: int) -> Built:
    if count > 3:
        return None

    def day(at: datetime) -> str:
        text = f"{at.timetuple().tm_yday:0{count}}"
        if len(text) > max(count, 1) and count > 1:
            raise Overflow(f"day {text} of the year does not fit the {count} digits of 'DD'")
        return text

    return day, r"\d{1,3}"


def _month(letter: str, count: int) -> Built:
    if count <= 2:
        return lambda at: f"{at.month:0{count}}", r"\d{1,2}"
    return _text(count, lambda at: MONTHS[at.month - 1], r"[A-Z][a-z]*")


def _quarter(letter: str, count: int) -> Built:
    def quarter(at: datetime) -> int:
        return (at.month + 2) // 3

    if count == 3:
        return lambda at: f"Q{quarter(at)}", r"Q\d"
    if count == 4:
        return lambda at: f"{ORDINALS[quarter(at) - 1]} quarter", r"\d\w\w quarter"
    return None if count > 5 else (lambda at: f"{quarter(at):0{count % 5 or 1}}", r"\d{1,2}")


def _weekday(letter: str, count: int) -> Built:
    if letter == "c" and count == 2:
        return None
    if letter in "ec" and count <= 2:
        return lambda at: f"{at.isoweekday() % 7 + 1:0{count}}", r"\d{1,2}"
    return _text(max(count, 3), lambda at: DAYS[at.weekday()], r"[A-Z][a-z]*")


def _text(count: int, name: Callable[[datetime], str], shape: str) -> Built:
    """Three letters: short, four: full, five: the first letter."""
    length = {3: 3, 4: None, 5: 1}.get(count, 0)
    return None if length == 0 else (lambda at: name(at)[:length], shape)


def _half(letter: str, count: int) -> Built:
    return (lambda at: "AM" if at.hour < 12 else "PM", r"[AP]M") if count == 1 else None


def _fraction(letter: str, count: int) -> Built:
    if count > 9:
        return None
    return lambda at: f"{at.microsecond:06}000"[:count], rf"\d{{{count}}}"


def _era(letter: str, count: int) -> Built:
    names = {4: "Anno Domini", 5: "A"}
    return None if count > 5 else (lambda at: names.get(count, "AD"), names.get(count, "AD"))


def _long_number(letter: str, count: int) -> Built:
    value = _LONG_NUMBERS[letter]
    return None if count > _WIDEST else (lambda at: f"{value(at):0{count}}", r"\d+")


def _part_of_day(letter: str, count: int) -> Built:
    """java.time's day periods; letters make them no longer, in English."""
    if count not in (1, 4, 5):
        return None

    def part(at: datetime) -> str:
        if at.minute == 0 and at.hour in (0, 12):
            return "midnight" if at.hour == 0 else "noon"
        hours = ((6, "at night"), (12, "in the morning"), (18, "in the afternoon"))
        late = "in the evening" if at.hour < 21 else "at night"
        return next((name for hour, name in hours if at.hour < hour), late)

    return part, r"[a-z ]+"


def _zone_id(letter: str, count: int) -> Built:
    return (lambda at: getattr(at.tzinfo, "key", "UTC"), r"[\w/+-]+") if count == 2 else None


def _zone_name(letter: str, count: int) -> Built:
    """Short or, with four letters, long: of UTC alone is that another one."""
    if count > 4 or (letter == "v" and count not in (1, 4)):
        return None

    def name(at: datetime) -> str:
        short = at.tzname() or "UTC"
        return "Coordinated Universal Time" if count == 4 and short == "UTC" else short

    return name, r"[\w +-]+"


def _offset(letter: str, count: int) -> Built:
    """Hours and minutes from UTC, in the styles of X, x, Z and O."""
    if count > 5 or (letter == "O" and count not in (1, 4)):
        return None
    localized = letter == "O" or (letter == "Z" and count == 4)

    def offset(at: datetime) -> str:
        minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
        if minutes == 0 and localized:
            return "GMT"
        if minutes == 0 and (letter == "X" or (letter == "Z" and count == 5)):
            return "Z"
        sign, (hours, rest) = "+-"[minutes < 0], divmod(abs(minutes), 60)
        if localized:
            return f"GMT{sign}" + (
                f"{hours:02}:{rest:02}"
                if letter == "Z" or count == 4
                else f"{hours}:{rest:02}"
                if rest
                else str(hours)
            )
        if letter != "Z" and count == 1 and not rest:
            return f"{sign}{hours:02}"
        colon = ":" if count in (3, 5) and (letter != "Z" or count == 5) else ""
        return f"{sign}{hours:02}{colon}{rest:02}"

    return offset, r"[A-Z0-9:+-]+"


def _first_sunday(year: int) -> date:
    """First day of week 1 of a year: weeks begin on Sunday, the first holds January 1."""
    start = date(year, 1, 1)
    return start - timedelta(days=start.isoweekday() % 7)


def _week_year(at: datetime) -> int:
    following = at.year + 1
    return following if at.date() >= _first_sunday(following) else at.year


def _week_of_year(at: datetime) -> int:
    return (at.date() - _first_sunday(_week_year(at))).days // 7 + 1


def _week_of_month(at: datetime) -> int:
    return (at.day - 1 + at.replace(day=1).isoweekday() % 7) // 7 + 1


_NUMBERS: dict[str, Callable[[datetime], int]] = {
    "d": lambda at: at.day,
    "H": lambda at: at.hour,
    "h": lambda at: (at.hour + 11) % 12 + 1,
    "K": lambda at: at.hour % 12,
    "k": lambda at: at.hour or 24,
    "m": lambda at: at.minute,
    "s": lambda at: at.second,
    "w": _week_of_year,
    "W": _week_of_month,
    "F": lambda at: (at.day - 1) % 7 + 1,
}
_JULIAN: int = date(1858, 11, 17).toordinal()
_WIDEST = 19
"""Letters of one field at most, where java.time knows no narrower bound."""
_LONG_NUMBERS: dict[str, Callable[[datetime], int]] = {
    "A": lambda at: _seconds(at) * 1_000 + at.microsecond // 1_000,
    "N": lambda at: (_seconds(at) * 1_000_000 + at.microsecond) * 1_000,
    "n": lambda at: at.microsecond * 1_000,
    "g": lambda at: at.toordinal() - _JULIAN,
}


def _seconds(at: datetime) -> int:
    """Of the day."""
    return (at.hour * 60 + at.minute) * 60 + at.second


_BUILDERS: tuple[tuple[str, Callable[[str, int], Built]], ...] = (
    ("yuY", _year),
    ("dHhKkmswWF", _number),
    ("ANng", _long_number),
    ("G", _era),
    ("B", _part_of_day),
    ("V", _zone_id),
    ("zv", _zone_name),
    ("XxZO", _offset),
    ("D", _day_of_year),
    ("ML", _month),
    ("Qq", _quarter),
    ("Eec", _weekday),
    ("a", _half),
    ("S", _fraction),
)
