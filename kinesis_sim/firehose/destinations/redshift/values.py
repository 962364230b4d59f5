"""Text of a loaded field → the text that the column's type reads, as COPY converts it.

Source: AWS's Redshift guide, copy-parameters-data-conversion, read 2026-11-25.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple

from kinesis_sim.firehose.destinations.redshift.codes import FieldError
from kinesis_sim.firehose.destinations.redshift.statement import Copy

INTEGERS = {"SMALLINT": 15, "INTEGER": 31, "BIGINT": 63}
_TRUE = frozenset({"true", "t", "yes", "y", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "0"})
_PARTS = (
    ("YYYY", "%Y"),
    ("MM", "%m"),
    ("DD", "%d"),
    ("HH24", "%H"),
    ("HH12", "%I"),
    ("HH", "%H"),
    ("MI", "%M"),
    ("SS", "%S"),
    ("AM", "%p"),
    ("PM", "%p"),
    ("YY", "%y"),
)
_DEFAULT_TIME = "YYYY-MM-DD HH:MI:SS"
_DEFAULT_DATE = "YYYY-MM-DD"
_ANY_DATE = ("%Y-%m-%d", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d", "%d-%b-%Y", "%B %d, %Y")


class Column(NamedTuple):
    """A column of the table. kind: DuckDB's name of its type; length: of CHAR and VARCHAR, bytes.

    default: whether one is declared.
    """

    name: str
    kind: str
    nullable: bool
    default: bool
    length: int | None


def converted(text: str | None, column: Column, copy: Copy) -> str | None:
    """The value to load, as text of the column's type. Raises FieldError."""
    text = _null(text, column, copy)
    if text is None:
        if not column.nullable:
            raise FieldError(1213)
        return None
    base = column.kind.partition("(")[0]
    return _CONVERSIONS.get(base, _as_it_is)(text, column, copy)


def _null(text: str | None, column: Column, copy: Copy) -> str | None:
    """NULL where the options say so; a blank field of a type without letters always is."""
    if text is None or text == _null_text(copy):
        return None
    if column.kind == "VARCHAR":
        if (copy.has("EMPTYASNULL") and not text) or (
            copy.has("BLANKSASNULL") and not text.strip()
        ):
            return None
        return text
    return text if text.strip() else None


def _null_text(copy: Copy) -> str:
    text = copy.text("NULL", r"\N")
    return "\0" if text in (r"\0", r"\000") else text


def _integer(text: str, column: Column, copy: Copy) -> str:
    if not re.fullmatch(r"\s*[+-]?[0-9]+\s*", text):
        raise FieldError(1207)
    value = int(text)
    if not -(2 ** INTEGERS[column.kind]) <= value < 2 ** INTEGERS[column.kind]:
        raise FieldError(1222)
    return str(value)


def _decimal(text: str, column: Column, copy: Copy) -> str:
    sizes = re.findall(r"\d+", column.kind) or ["18", "0"]
    digits, scale = int(sizes[0]), int(sizes[1])
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise FieldError(1209) from None
    if not value.is_finite():
        raise FieldError(1209)
    rounding = ROUND_HALF_UP if copy.has("ROUNDEC") else ROUND_DOWN
    if value.adjusted() >= digits - scale:
        raise FieldError(1204)
    value = value.quantize(Decimal(1).scaleb(-scale), rounding)
    if value.adjusted() >= digits - scale:  # rounded up to one digit more
        raise FieldError(1204)
    return str(value)


def _float(text: str, column: Column, copy: Copy) -> str:
    try:
        return repr(float(text))
    except ValueError:
        raise FieldError(1208) from None


def _boolean(text: str, column: Column, copy: Copy) -> str:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise FieldError(1210)
    return "true" if word in _TRUE else "false"


def _varchar(text: str, column: Column, copy: Copy) -> str:
    if copy.has("TRIMBLANKS"):
        text = text.rstrip()
    body = text.encode("utf-8", "surrogatepass")
    if column.length is None or len(body) <= column.length:
        return text
    if not copy.has("TRUNCATECOLUMNS"):
        raise FieldError(1204)
    return body[: column.length].decode("utf-8", "ignore")


def _date(text: str, column: Column, copy: Copy) -> str | None:
    wanted = copy.text("DATEFORMAT", _DEFAULT_DATE)
    try:
        return _moment(text, wanted, _DEFAULT_DATE).date().isoformat()
    except ValueError:
        if copy.has("ACCEPTANYDATE"):
            return None
        raise FieldError(1205) from None


def _timestamp(text: str, column: Column, copy: Copy) -> str | None:
    wanted = copy.text("TIMEFORMAT", _DEFAULT_TIME)
    try:
        found = _moment(text, wanted, _DEFAULT_TIME)
    except (ValueError, OverflowError, OSError):
        if copy.has("ACCEPTANYDATE"):
            return None
        raise FieldError(1206) from None
    if found.tzinfo is not None:
        found = found.astimezone(UTC)
        if column.kind == "TIMESTAMP":
            found = found.replace(tzinfo=None)
    return found.isoformat(" ")


def _moment(text: str, wanted: str, default: str) -> datetime:
    """A date or time in the format that is wanted. Raises ValueError."""
    text = text.strip()
    if wanted == "epochsecs":
        return datetime.fromtimestamp(float(text), UTC).replace(tzinfo=None)
    if wanted == "epochmillisecs":
        return datetime.fromtimestamp(int(text) / 1000, UTC).replace(tzinfo=None)
    if wanted == "auto":
        return _any(text)
    if wanted == default and default == _DEFAULT_TIME:
        return _usual(text)
    return datetime.strptime(text, _pattern(wanted))  # noqa: DTZ007 (a TIMESTAMP has no zone)


def _usual(text: str) -> datetime:
    """``YYYY-MM-DD HH:MI:SS``, with a fraction or an offset if there is one; no letter T."""
    if not re.fullmatch(
        r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([+-]\d{2}(:?\d{2})?)?)?", text
    ):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _any(text: str) -> datetime:
    """What ``'auto'`` recognises: ISO 8601 and the common orders of day, month and year."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for pattern in _ANY_DATE:
        for clock in ("", " %H:%M", " %H:%M:%S"):
            try:
                return datetime.strptime(text, pattern + clock)  # noqa: DTZ007
            except ValueError:
                continue
    raise ValueError(text)


def _pattern(wanted: str) -> str:
    """Redshift's format string as strptime's."""
    pattern = wanted.replace("%", "%%")
    for part, code in _PARTS:
        pattern = re.sub(f"(?<!%){part}", code, pattern)
    return pattern


def _super(text: str, column: Column, copy: Copy) -> str:
    """SUPER: of JSON data the member itself; elsewhere the text must be JSON."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        if not copy.has("JSON"):
            raise FieldError(1224) from None
        return json.dumps(text)
    return text


def _as_it_is(text: str, column: Column, copy: Copy) -> str:
    return text


_CONVERSIONS: dict[str, Callable[[str, Column, Copy], str | None]] = {
    **dict.fromkeys(INTEGERS, _integer),
    "DECIMAL": _decimal,
    "FLOAT": _float,
    "DOUBLE": _float,
    "BOOLEAN": _boolean,
    "VARCHAR": _varchar,
    "DATE": _date,
    "TIMESTAMP": _timestamp,
    "TIMESTAMP WITH TIME ZONE": _timestamp,
    "JSON": _super,
}
