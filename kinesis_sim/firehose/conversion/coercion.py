"""Values of JSON, made values of a schema's types, or refused (see ``serde``)."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Protocol

from kinesis_sim.firehose.conversion import timestamps
from kinesis_sim.firehose.conversion.schema import INTEGERS, HiveKind

MISMATCH = "Data does not match the schema."
NO_COMPLEX = "A scalar type was found in the data but a complex type was specified on the schema."
NO_TIMESTAMP = (
    "Encountered invalid or unsupported timestamp format. Please see the Firehose developer guide "
    "for supported timestamp formats."
)
NO_DATE = "Data does not match the schema. Invalid format for one or more dates."
NO_CHARACTERS = "Encountered invalid characters."
_DIGITS = Context(prec=80, rounding=ROUND_HALF_UP)

Coercer = Callable[[Any], Any]
"""Takes a JSON value that is not null; gives the value of a column. Raises Refused."""


class UnfitRecord(Exception):
    """A record that cannot become rows. code: without its DataFormatConversion prefix."""

    def __init__(self, message: str, code: str = "MalformedData") -> None:
        super().__init__(message)
        self.message = message
        self.code = f"DataFormatConversion.{code}"


class Leniency(Protocol):
    """What coercion asks of a deserializer."""

    @property
    def openx(self) -> bool:
        """Whether texts of numbers are numbers, and structures may become text."""

    def fold(self, key: str) -> str:
        """A JSON key as columns are compared with it."""

    def timestamp(self) -> timestamps.Reader:
        """The reader of timestamps."""


def folded(value: dict[str, Any], how: Leniency) -> dict[str, Any]:
    """Keys as columns are compared with them; of keys that become the same, the last one counts."""
    return {how.fold(key): inner for key, inner in value.items()}


def coercer(kind: HiveKind, how: Leniency) -> Coercer:
    """How JSON values become values of a type."""
    if kind.name in INTEGERS:
        return _integer(INTEGERS[kind.name], how.openx)
    if kind.name in {"string", "char", "varchar"}:
        return _string(kind.sizes[0] if kind.sizes else None, how.openx)
    build: dict[str, Callable[[HiveKind, Leniency], Coercer]] = {
        "float": _float,
        "double": _float,
        "decimal": _decimal,
        "boolean": _boolean,
        "binary": lambda kind, how: _binary,
        "date": lambda kind, how: _date,
        "timestamp": _timestamp,
        "array": _array,
        "map": _map,
        "struct": _struct,
    }
    return build[kind.name](kind, how)


def _mismatch(value: Any) -> UnfitRecord:
    """As AWS words it: ``Data does not match the schema. For input string: "abc"``."""
    text = value if isinstance(value, str) else _text(value)
    return UnfitRecord(f'{MISMATCH} For input string: "{text[:80]}"')


def _integer(bits: int, lenient: bool) -> Coercer:
    largest = 2 ** (bits - 1)

    def coerce(value: Any) -> int:
        if type(value) is str and lenient:
            try:
                value = int(value) if value.isascii() and "_" not in value else value
            except ValueError:
                raise _mismatch(value) from None
        if type(value) is not int or not -largest <= value < largest:
            raise _mismatch(value)
        return value

    return coerce


def _number(value: Any, lenient: bool) -> Any:
    """A number, or the text of one where a deserializer takes that."""
    if type(value) is str and lenient and value.isascii() and "_" not in value:
        try:
            return Decimal(value)
        except InvalidOperation:
            raise _mismatch(value) from None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _mismatch(value)
    return value


def _float(kind: HiveKind, how: Leniency) -> Coercer:
    largest = 3.4028235677973366e38 if kind.name == "float" else float("inf")

    def coerce(value: Any) -> float:
        try:
            found = float(_number(value, how.openx))
        except (OverflowError, ValueError):
            raise _mismatch(value) from None
        if not abs(found) < largest:
            raise _mismatch(value)
        return (
            found
            if kind.name == "double"
            else float(struct.unpack("f", struct.pack("f", found))[0])
        )

    return coerce


def _decimal(kind: HiveKind, how: Leniency) -> Coercer:
    precision, scale = kind.sizes
    unit = Decimal(1).scaleb(-scale)

    def coerce(value: Any) -> Decimal:
        found = _number(value, how.openx)
        try:
            found = (Decimal(repr(found)) if isinstance(found, float) else Decimal(found)).quantize(
                unit, context=_DIGITS
            )
        except InvalidOperation:
            raise _mismatch(value) from None
        if not found.is_finite() or found.adjusted() >= precision - scale:
            raise _mismatch(value)
        return found

    return coerce


def _boolean(kind: HiveKind, how: Leniency) -> Coercer:
    def coerce(value: Any) -> bool:
        if type(value) is bool:
            return value
        if how.openx and value in ("true", "false"):
            return bool(value == "true")
        raise _mismatch(value)

    return coerce


def _string(length: int | None, lenient: bool) -> Coercer:
    """Text, cut to a length. Numbers and booleans become text; so do structures with OpenX."""

    def coerce(value: Any) -> str:
        if type(value) is not str:
            if isinstance(value, dict | list) and not lenient:
                raise _mismatch(value)
            value = _text(value)
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise UnfitRecord(NO_CHARACTERS) from None
        return str(value[:length])

    return coerce


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=float)


def _binary(value: Any) -> bytes:
    """The text's own bytes."""
    if type(value) is not str:
        raise _mismatch(value)
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise UnfitRecord(NO_CHARACTERS) from None


def _date(value: Any) -> date:
    """A date as a timestamp's is read: ``2026-9-7`` too (facts/firehose/5/date-column)."""
    found = timestamps.DATE.fullmatch(value) if type(value) is str else None
    try:
        if found is None:
            raise ValueError
        year, month, day = map(int, found.groups())
        return date(year, month, day)
    except ValueError:
        raise UnfitRecord(NO_DATE) from None


def _timestamp(kind: HiveKind, how: Leniency) -> Coercer:
    read = how.timestamp()

    def coerce(value: Any) -> int:
        try:
            return read(float(value) if isinstance(value, Decimal) else value)
        except (ValueError, OverflowError):
            raise UnfitRecord(NO_TIMESTAMP) from None

    return coerce


def _array(kind: HiveKind, how: Leniency) -> Coercer:
    inner = coercer(kind.fields[0][1], how)

    def coerce(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise UnfitRecord(NO_COMPLEX if not isinstance(value, dict) else MISMATCH)
        return [None if one is None else inner(one) for one in value]

    return coerce


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnfitRecord(NO_COMPLEX if not isinstance(value, list) else MISMATCH)
    return value


def _map(kind: HiveKind, how: Leniency) -> Coercer:
    (_, key_kind), (_, value_kind) = kind.fields
    key, inner = coercer(key_kind, how), coercer(value_kind, how)

    def coerce(value: Any) -> Sequence[tuple[Any, Any]]:
        pairs = _object(value).items()
        try:
            names = [key(name) for name, _ in pairs]
        except UnfitRecord:
            raise UnfitRecord(
                "Record is not as per schema. One or more map keys were invalid for "
                f"map<{key_kind.name},{value_kind.name}>.",
                "InvalidRecord",
            ) from None
        values = [None if one is None else inner(one) for _, one in pairs]
        return list(zip(names, values, strict=True))

    return coerce


def _struct(kind: HiveKind, how: Leniency) -> Coercer:
    fields = [(name, how.fold(name), coercer(inner, how)) for name, inner in kind.fields]

    def coerce(value: Any) -> dict[str, Any]:
        given = folded(_object(value), how)
        return {
            name: None if (found := given.get(key)) is None else inner(found)
            for name, key, inner in fields
        }

    return coerce
