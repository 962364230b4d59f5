"""A SQL type, and what type two of them come to.

Values of the types, as rows hold them: BOOLEAN bool; integers int; DECIMAL decimal.Decimal; FLOAT
and DOUBLE float; characters str; binary bytes; DATE days since 1970-01-01; TIME ms of the day;
TIMESTAMP and TIMESTAMP_LTZ ms since 1970-01-01T00:00:00Z (int; finer fractions are cut off: the
model's choice); INTERVAL ms, or months for years and months; ARRAY tuple; ROW tuple; MAP dict.
"""

from __future__ import annotations

from dataclasses import dataclass

INTEGERS = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64}
"""Integer types by name, with their bits."""
APPROXIMATE = ("FLOAT", "DOUBLE")
CHARACTERS = ("CHAR", "VARCHAR")
BINARIES = ("BINARY", "VARBINARY")
INSTANTS = ("TIMESTAMP", "TIMESTAMP_LTZ")
INTERVALS = ("INTERVAL_MS", "INTERVAL_MONTHS")
MOST_DIGITS = 38
"""Digits of the widest DECIMAL."""
LONGEST = 2_147_483_647
"""Characters of STRING, which is VARCHAR of the greatest length."""


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type.

    name: see the module. precision: digits, characters, or fractional digits of a second. scale: of
    a DECIMAL. parts: types of an ARRAY's elements, a MAP's key and value, a ROW's fields, and
    their names.
    """

    name: str
    precision: int | None = None
    scale: int | None = None
    parts: tuple[SqlType, ...] = ()
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.name == "VARCHAR" and self.precision == LONGEST:
            return "STRING"
        if self.name == "ROW":
            inner = zip(self.names, self.parts, strict=True)
            return f"ROW<{', '.join(f'{name} {part}' for name, part in inner)}>"
        if self.parts:
            return f"{self.name}<{', '.join(map(str, self.parts))}>"
        if self.scale is not None:
            return f"{self.name}({self.precision}, {self.scale})"
        return self.name if self.precision is None else f"{self.name}({self.precision})"

    @property
    def integer(self) -> bool:
        """Whether it is one of the integer types."""
        return self.name in INTEGERS

    @property
    def numeric(self) -> bool:
        """Whether one can calculate with it."""
        return self.name in INTEGERS or self.name in APPROXIMATE or self.name == "DECIMAL"

    @property
    def character(self) -> bool:
        """Whether its values are texts."""
        return self.name in CHARACTERS

    @property
    def instant(self) -> bool:
        """Whether its values are points in time: TIMESTAMP, with or without a zone."""
        return self.name in INSTANTS

    @property
    def interval(self) -> bool:
        """Whether its values are durations."""
        return self.name in INTERVALS


BOOLEAN = SqlType("BOOLEAN")
INTEGER = SqlType("INTEGER")
BIGINT = SqlType("BIGINT")
DOUBLE = SqlType("DOUBLE")
FLOAT = SqlType("FLOAT")
STRING = SqlType("VARCHAR", LONGEST)
DATE = SqlType("DATE")
TIME = SqlType("TIME")
TIMESTAMP = SqlType("TIMESTAMP", 3)
TIMESTAMP_LTZ = SqlType("TIMESTAMP_LTZ", 3)
INTERVAL_MS = SqlType("INTERVAL_MS")
INTERVAL_MONTHS = SqlType("INTERVAL_MONTHS")
NULL = SqlType("NULL")
_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19}


def decimal(precision: int, scale: int) -> SqlType:
    """A DECIMAL, never wider than SQL allows."""
    return SqlType("DECIMAL", min(precision, MOST_DIGITS), scale)


def varchar(length: int) -> SqlType:
    """A text of at most so many characters."""
    return SqlType("VARCHAR", max(1, length))


def array(element: SqlType) -> SqlType:
    """An ARRAY of a type."""
    return SqlType("ARRAY", parts=(element,))


def as_decimal(kind: SqlType) -> SqlType:
    """The DECIMAL that holds every value of an exact type."""
    return decimal(_DIGITS[kind.name], 0) if kind.integer else kind


def common(one: SqlType, other: SqlType) -> SqlType | None:
    """The type to which both may be brought without being asked; None when there is none."""
    if one == other or other == NULL:
        return one
    if one == NULL:
        return other
    if one.numeric and other.numeric:
        return _common_number(one, other)
    if one.character and other.character:
        return SqlType("VARCHAR", max(one.precision or 1, other.precision or 1))
    if one.instant and other.instant:
        name = "TIMESTAMP_LTZ" if "TIMESTAMP_LTZ" in (one.name, other.name) else "TIMESTAMP"
        digits = [3 if kind.precision is None else kind.precision for kind in (one, other)]
        return SqlType(name, max(digits))
    if one.name in BINARIES and other.name in BINARIES:
        return SqlType("VARBINARY", max(one.precision or 1, other.precision or 1))
    if {one.name, other.name} <= {"DATE", "TIMESTAMP"}:
        return one if one.name == "TIMESTAMP" else other
    if one.name == other.name and not one.parts:
        return one
    return None


def _common_number(one: SqlType, other: SqlType) -> SqlType:
    if one.name in APPROXIMATE or other.name in APPROXIMATE:
        floats = all(kind.name == "FLOAT" or kind.integer for kind in (one, other))
        return FLOAT if floats else DOUBLE
    if one.integer and other.integer:
        return one if INTEGERS[one.name] >= INTEGERS[other.name] else other
    left, right = as_decimal(one), as_decimal(other)
    scale = max(left.scale or 0, right.scale or 0)
    whole = max(_whole(left), _whole(right))
    return decimal(whole + scale, scale)


def _whole(kind: SqlType) -> int:
    """Digits before the point."""
    return (kind.precision or MOST_DIGITS) - (kind.scale or 0)
