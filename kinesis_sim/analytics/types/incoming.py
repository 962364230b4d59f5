"""Values as they come from JSON, CSV or Python, as values of a type.

Both ways of failing are here: ``strict`` raises ValueError with a sentence, as Flink's JSON format
does; Kinesis SQL's coercion (facts/analytics §5) cuts long texts silently.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from kinesis_sim.analytics.types import casts, texts
from kinesis_sim.analytics.types.sqltype import INTEGERS, SqlType
from kinesis_sim.analytics.types.values import SqlMap
from kinesis_sim.instants import EPOCH, HOUR, MINUTE, SECOND, to_ms

Reader = Callable[[Any], Any]
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999
"""The instants that can be written (epoch ms): 0001-01-01 to the end of 9999."""


def reader(kind: SqlType) -> Reader:
    """A function from a value that came in to a value of the type; NULL stays NULL.

    It raises ValueError, and nothing else, for a value that is none of the type.
    """
    convert = _READERS.get(kind.name, _parts)(kind)

    def read(value: Any) -> Any:
        if value is None:
            return None
        try:
            return convert(value)
        except ArithmeticError:
            raise ValueError(f"{str(value)[:60]!r} is out of {kind}'s range") from None
        except RecursionError:
            raise ValueError(f"a value for {kind} nests too deeply") from None

    return read


def _integer(kind: SqlType) -> Reader:
    bits = INTEGERS[kind.name]

    def read(value: Any) -> int:
        if isinstance(value, str):
            number = _whole(value)
        elif isinstance(value, bool | int) or (
            isinstance(value, float | Decimal) and value == int(value)
        ):
            number = int(value)
        else:
            raise ValueError(f"{value!r} is no {kind}")
        if casts.wrap(number, bits) != number:
            raise ValueError(f"{value!r} is out of {kind}'s range")
        return number

    return read


def _whole(text: str) -> int:
    try:
        return int(text.strip()[:40])
    except ValueError:
        raise ValueError(f"{text[:60]!r} is no whole number") from None


def _fail(value: Any, what: str) -> Any:
    raise ValueError(f"{str(value)[:60]!r} is no {what}")


def _double(kind: SqlType) -> Reader:
    def read(value: Any) -> float:
        if isinstance(value, int | float | Decimal):
            return float(value)
        return casts._double(value) if isinstance(value, str) else _fail(value, "number")

    return read


def _decimal(kind: SqlType) -> Reader:
    def read(value: Any) -> Decimal | None:
        text = str(value) if isinstance(value, int | float | Decimal | str) else ""
        return casts.fit_decimal(casts._number(text), kind)

    return read


def _text(kind: SqlType) -> Reader:
    longest = kind.precision or 1

    def read(value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, dict | list):
            value = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        return str(value)[:longest]

    return read


def _boolean(kind: SqlType) -> Reader:
    def read(value: Any) -> bool:
        if isinstance(value, str):
            return casts._boolean(value)
        return bool(value) if isinstance(value, bool | int | float) else _fail(value, "boolean")

    return read


def _instant(kind: SqlType) -> Reader:
    cut = casts._cut(kind)

    def read(value: Any) -> int:
        ms = instant(value)
        if not _FIRST <= ms <= _LAST:
            raise ValueError(f"{str(value)[:60]!r} is out of the calendar, years 1 to 9999")
        return int(cut(ms))

    def instant(value: Any) -> int:
        if isinstance(value, str):
            return texts.read_instant(value)
        if isinstance(value, datetime):
            ms = (
                (value - EPOCH.replace(tzinfo=None)).total_seconds() * SECOND
                if (value.tzinfo is None)
                else to_ms(value)
            )
            return int(ms)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return int(_fail(value, "timestamp"))

    return read


def _date(kind: SqlType) -> Reader:
    def read(value: Any) -> int:
        if isinstance(value, date):
            return value.toordinal() - date(1970, 1, 1).toordinal()
        return texts.read_date(value) if isinstance(value, str) else int(_fail(value, "date"))

    return read


def _time(kind: SqlType) -> Reader:
    def read(value: Any) -> int:
        if isinstance(value, time):
            whole = value.hour * HOUR + value.minute * MINUTE + value.second * SECOND
            return whole + value.microsecond // 1000
        return texts.read_time(value) if isinstance(value, str) else int(_fail(value, "time"))

    return read


def _bytes(kind: SqlType) -> Reader:
    return lambda value: value if isinstance(value, bytes) else str(value).encode()


def _parts(kind: SqlType) -> Reader:
    """ARRAY, ROW and MAP."""
    inner = [reader(part) for part in kind.parts]
    if kind.name == "ARRAY":
        return lambda value: (
            tuple(map(inner[0], value))
            if isinstance(value, list | tuple)
            else _fail(value, "array")
        )
    if kind.name == "ROW":
        return lambda value: (
            tuple(read(value.get(name)) for name, read in zip(kind.names, inner, strict=True))
            if isinstance(value, Mapping)
            else _fail(value, "row")
        )
    if kind.name == "MAP":
        return lambda value: (
            SqlMap((inner[0](key), inner[1](one)) for key, one in value.items())
            if isinstance(value, Mapping)
            else _fail(value, "map")
        )
    return casts.same


_READERS: dict[str, Callable[[SqlType], Reader]] = {
    **dict.fromkeys(INTEGERS, _integer),
    "FLOAT": _double,
    "DOUBLE": _double,
    "DECIMAL": _decimal,
    "CHAR": _text,
    "VARCHAR": _text,
    "BOOLEAN": _boolean,
    "TIMESTAMP": _instant,
    "TIMESTAMP_LTZ": _instant,
    "DATE": _date,
    "TIME": _time,
    "BINARY": _bytes,
    "VARBINARY": _bytes,
}
