"""CAST: a function from values of one type to values of another, as Flink converts them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from kinesis_sim.analytics.types import texts
from kinesis_sim.analytics.types.sqltype import INTEGERS, SqlType
from kinesis_sim.instants import DAY, SECOND

Conversion = Callable[[Any], Any]
"""From a value that is not NULL to one of another type; raises ValueError, ArithmeticError."""

NUMBERS = Context(prec=76)
"""Wide enough for a product of two of the widest DECIMALs."""
_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")


def same(value: Any) -> Any:
    """The value as it is."""
    return value


def cast(source: SqlType, target: SqlType) -> Conversion | None:
    """How values of one type become values of another; None when there is no such CAST."""
    if source == target or source.name == "NULL":
        return same
    maker = _MAKERS.get(target.name)
    return maker(source, target) if maker is not None else None


def wrap(value: int, bits: int) -> int:
    """A whole number in so many bits, overflowing silently as Java's does."""
    half = 1 << bits - 1
    return value if -half <= value < half else (value + half) % (half * 2) - half


def without_sign(value: Decimal) -> Decimal:
    """A zero without a sign: Java's BigDecimal, and so SQL, has one zero."""
    return value if value else abs(value)


def fit_decimal(value: Decimal, target: SqlType) -> Decimal | None:
    """Rounded half up to the type's scale; None when there are too many digits, as in Flink."""
    scale = target.scale or 0
    rounded = without_sign(value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, NUMBERS))
    digits = len(rounded.as_tuple().digits)
    return rounded if digits <= (target.precision or 38) or not rounded else None


def _to_integer(source: SqlType, target: SqlType) -> Conversion | None:
    bits = INTEGERS[target.name]
    if source.numeric:
        return lambda value: wrap(int(value), bits)
    if source.name == "BOOLEAN":
        return int
    if source.character:
        return lambda value: _whole(value, bits)
    if source.instant:
        return lambda value: wrap(value // SECOND, bits)
    if source.interval:
        return lambda value: wrap(value, bits)
    return None


def _whole(text: str, bits: int) -> int:
    """A text as a whole number; a fraction is cut off, as Flink does."""
    number = _number(text)
    value = int(number)
    if wrap(value, bits) != value:
        raise ValueError(f"{text[:60]!r} is out of range")
    return value


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.strip()) if len(text) <= 400 else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number.adjusted()) > 400:
        raise ValueError(f"{text[:60]!r} is no number")
    return number


def _to_double(source: SqlType, target: SqlType) -> Conversion | None:
    if source.numeric or source.name == "BOOLEAN":
        return float
    if source.character:
        return _double
    return None


def _double(text: str) -> float:
    try:
        return float(text.strip().replace("_", "?"))
    except ValueError:
        raise ValueError(f"{text[:60]!r} is no number") from None


def _to_decimal(source: SqlType, target: SqlType) -> Conversion | None:
    if source.integer or source.name == "DECIMAL" or source.name == "BOOLEAN":
        return lambda value: fit_decimal(Decimal(value), target)
    if source.numeric:
        return lambda value: fit_decimal(Decimal(repr(value)), target)
    if source.character:
        return lambda value: fit_decimal(_number(value), target)
    return None


def _to_text(source: SqlType, target: SqlType) -> Conversion | None:
    longest = target.precision or 1
    if source.character:
        if (source.precision or 1) <= longest and target.name == "VARCHAR":
            return same
        return lambda value: _fitted(value, target)
    return lambda value: _fitted(texts._written(source, value), target)


def _fitted(text: str, target: SqlType) -> str:
    """Cut off at the type's length; a CHAR is filled up with blanks."""
    longest = target.precision or 1
    return text[:longest].ljust(longest) if target.name == "CHAR" else text[:longest]


def _to_boolean(source: SqlType, target: SqlType) -> Conversion | None:
    if source.numeric:
        return bool
    return _boolean if source.character else None


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f"{text[:60]!r} is no boolean")


def _to_instant(source: SqlType, target: SqlType) -> Conversion | None:
    if source.instant:
        return _cut(target)
    if source.character:
        return texts.read_instant
    if source.name == "DATE":
        return lambda value: value * DAY
    return None


def _cut(target: SqlType) -> Conversion:
    digits = 3 if target.precision is None else target.precision
    if digits >= 3:
        return same
    step = 10 ** (3 - digits)
    return lambda value: value - value % step


def _to_date(source: SqlType, target: SqlType) -> Conversion | None:
    if source.character:
        return texts.read_date
    return (lambda value: value // DAY) if source.instant else None


def _to_time(source: SqlType, target: SqlType) -> Conversion | None:
    if source.character:
        return texts.read_time
    return (lambda value: value % DAY) if source.instant else None


def _to_bytes(source: SqlType, target: SqlType) -> Conversion | None:
    if source.character:
        return lambda value: value.encode()
    return same if source.name in ("BINARY", "VARBINARY") else None


def _to_interval(source: SqlType, target: SqlType) -> Conversion | None:
    return same if source.name == target.name else None


_MAKERS: dict[str, Callable[[SqlType, SqlType], Conversion | None]] = {
    **dict.fromkeys(INTEGERS, _to_integer),
    "FLOAT": _to_double,
    "DOUBLE": _to_double,
    "DECIMAL": _to_decimal,
    "CHAR": _to_text,
    "VARCHAR": _to_text,
    "BOOLEAN": _to_boolean,
    "TIMESTAMP": _to_instant,
    "TIMESTAMP_LTZ": _to_instant,
    "DATE": _to_date,
    "TIME": _to_time,
    "BINARY": _to_bytes,
    "VARBINARY": _to_bytes,
    "INTERVAL_MS": _to_interval,
    "INTERVAL_MONTHS": _to_interval,
}
