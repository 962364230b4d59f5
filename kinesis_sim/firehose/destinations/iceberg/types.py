"""JSON values → what a column's Iceberg type holds, as Firehose converts them.

Source: AWS's Firehose guide, apache-iceberg-destination-supp and apache-iceberg-considerations,
read 2026-11-25. Times as numbers count microseconds; a list, map or struct may also come as the
text of its JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from pyiceberg import types as t

DEEPEST = 16
"""Levels of nesting that Firehose takes (apache-iceberg-considerations)."""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (of a timestamp without a zone)
_DAY = date(1970, 1, 1)
_TRUE, _FALSE = (True, 1, "true"), (False, 0, "false")


class MissingColumn(ValueError):
    """A record without a column of its table: any at all, or a required one."""


def row(value: Mapping[str, Any], schema: Any, whole: bool = True) -> dict[str, Any]:
    """The columns of a record.

    Members that are no column are left out; a column that is absent is NULL. whole: whether
    required columns must be there, which a delete needs only its keys of (model's choice). Raises
    MissingColumn when nothing fits or a required value is missing, ValueError when a value does
    not fit.
    """
    fields = schema.fields
    if not any(field.name in value for field in fields):
        raise MissingColumn("no member of the record is a column of the table")
    return {field.name: _field(value.get(field.name), field, whole) for field in fields}


def _field(value: Any, field: Any, whole: bool = True) -> Any:
    if value is None:
        if field.required and whole:
            text = f"column {field.name} is required and the record has no value for it"
            raise MissingColumn(text)
        return None
    try:
        return cast(value, field.field_type)
    except (ValueError, TypeError, ArithmeticError, binascii.Error) as error:
        if str(error).startswith("column "):
            raise
        raise ValueError(
            f"column {field.name} is {field.field_type} and {_shown(value)} is not"
        ) from None


def cast(value: Any, kind: Any) -> Any:
    """A value that is not None, as ``kind``. Raises ValueError (or a kin of it)."""
    if isinstance(kind, t.DecimalType):
        return _decimal(value, kind)
    if isinstance(kind, t.StructType | t.ListType | t.MapType):
        return _nested(json.loads(value) if isinstance(value, str) else value, kind)
    return _SCALARS[type(kind)](value)


def _nested(value: Any, kind: Any) -> Any:
    if isinstance(kind, t.StructType) and isinstance(value, Mapping):
        return {field.name: _field(value.get(field.name), field) for field in kind.fields}
    if isinstance(kind, t.ListType) and isinstance(value, list):
        return [_member(member, kind.element_type) for member in value]
    if isinstance(kind, t.MapType) and isinstance(value, Mapping):
        return [
            (cast(key, kind.key_type), _member(member, kind.value_type))
            for key, member in value.items()
        ]
    raise ValueError(value)


def _member(value: Any, kind: Any) -> Any:
    return None if value is None else cast(value, kind)


def _boolean(value: Any) -> bool:
    text = value.lower() if isinstance(value, str) else value
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(value)


def _integer(bits: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool | float) or not isinstance(value, int | str):
            raise ValueError(value)
        number = int(value)
        if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            raise ValueError(value)
        return number

    return read


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError(value)
    return float(value)


def _decimal(value: Any, kind: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise ValueError(value)
    try:
        number = Decimal(str(value)).quantize(Decimal(1).scaleb(-kind.scale), ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueError(value) from None
    if number.adjusted() >= kind.precision - kind.scale:
        raise ValueError(value)
    return number


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _binary(value: Any) -> bytes:
    """Base64 (plain, MIME or safe for URLs) or hex; hex where it could be both."""
    text = "".join(_string(value).split())
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", text):
        return bytes.fromhex(text)
    return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)


def _date(value: Any) -> date:
    if isinstance(value, int) and not isinstance(value, bool):
        return _DAY + timedelta(days=value)
    return date.fromisoformat(_string(value))


def _time(value: Any) -> time:
    if isinstance(value, int) and not isinstance(value, bool):
        return (_EPOCH + timedelta(microseconds=value)).time()
    return time.fromisoformat(_string(value))


def _timestamp(value: Any) -> datetime:
    """Without a zone: what has one is told in UTC (model's choice)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _EPOCH + timedelta(microseconds=value)
    found = datetime.fromisoformat(_string(value))
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _timestamp_with_zone(value: Any) -> datetime:
    return _timestamp(value).replace(tzinfo=UTC)


_SCALARS: dict[type, Callable[[Any], Any]] = {
    t.BooleanType: _boolean,
    t.IntegerType: _integer(32),
    t.LongType: _integer(64),
    t.FloatType: _float,
    t.DoubleType: _float,
    t.StringType: _string,
    t.BinaryType: _binary,
    t.FixedType: _binary,
    t.DateType: _date,
    t.TimeType: _time,
    t.TimestampType: _timestamp,
    t.TimestamptzType: _timestamp_with_zone,
    t.UUIDType: lambda value: UUID(_string(value)).bytes,
}


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)[:60]
