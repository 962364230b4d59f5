"""The schema of a format conversion: Glue columns, read as Hive types, and the Arrow types of them.

Timestamps are nanoseconds without a zone, written to Parquet as INT96, as Hive does. Codes and
texts of what is wrong: DG:monitoring-with-cloudwatch-logs, section DataFormatConversion.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kinesis_sim.errors import MissingPackage

INTEGERS = {"tinyint": 8, "smallint": 16, "int": 32, "integer": 32, "bigint": 64}
"""Bits of the whole-number types."""
PLAIN = frozenset({*INTEGERS, "float", "double", "boolean", "string", "binary", "date"})
MOST_DIGITS = 38
"""Precision that a Hive decimal can have."""
_WORD = re.compile(r"\s*([<>(),:]|[^\s<>(),:]+)\s*")
_NAME = re.compile(r"[^\s,;{}()\n\t=]+")


class SchemaError(Exception):
    """A schema that nothing can be converted with: every record of the batch fails by it.

    code: e.g. ``DataFormatConversion.InvalidSchema``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = f"DataFormatConversion.{code}"
        self.message = message


@dataclass(frozen=True, slots=True)
class HiveKind:
    """A Hive type. name: ``int``, ``decimal``, ``array`` … in lower case.

    sizes: length, or precision and scale. fields: names and types of a struct; an array has one
    unnamed field, a map two (key and value).
    """

    name: str
    sizes: tuple[int, ...] = ()
    fields: tuple[tuple[str, HiveKind], ...] = ()

    def arrow(self) -> Any:
        """The pyarrow DataType. Raises MissingPackage without pyarrow."""
        pa = pyarrow()
        inner = [kind.arrow() for _, kind in self.fields]
        match self.name:
            case "array":
                return pa.list_(inner[0])
            case "map":
                return pa.map_(*inner)
            case "struct":
                names = [name for name, _ in self.fields]
                return pa.struct(list(zip(names, inner, strict=True)))
            case "decimal":
                return pa.decimal128(*self.sizes)
            case "timestamp":
                return pa.timestamp("ns")
        if self.name in INTEGERS:
            return getattr(pa, f"int{INTEGERS[self.name]}")()
        return _simple(pa, self.name)


def _simple(pa: Any, name: str) -> Any:
    return {
        "float": pa.float32,
        "double": pa.float64,
        "boolean": pa.bool_,
        "binary": pa.binary,
        "date": pa.date32,
    }.get(name, pa.string)()


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table, in order."""

    columns: tuple[tuple[str, HiveKind], ...]

    def arrow(self) -> Any:
        """The pyarrow Schema. Raises MissingPackage without pyarrow."""
        return pyarrow().schema([(name, kind.arrow()) for name, kind in self.columns])


def pyarrow() -> Any:
    """The package. Raises MissingPackage where it is absent."""
    try:
        import pyarrow
    except ImportError:
        raise MissingPackage(
            'Format conversion needs pyarrow: pip install "kinesis-lab[firehose]"'
        ) from None
    return pyarrow


def schema(columns: Sequence[tuple[str, str]]) -> Schema:
    """Read name and type of each column of a Glue table (StorageDescriptor.Columns).

    Raises SchemaError for no columns, an empty, odd or doubled name, or a type that is none.
    """
    if not columns:
        raise SchemaError(
            "NonExistentColumns",
            "Could not find a matching schema from glue. Please make sure the table is configured "
            "with a non-null storage descriptor containing the target columns.",
        )
    names = [name for name, _ in columns]
    if not all(names) or not all(text for _, text in columns):
        raise SchemaError(
            "ValidationException", "Column names and types must be non-empty strings."
        )
    if not all(_NAME.fullmatch(name) for name in names):
        raise SchemaError(
            "InvalidSchema",
            "Invalid Schema. Please ensure that there are no special characters or white spaces in "
            "column names.",
        )
    if len({name.lower() for name in names}) < len(names):
        raise SchemaError("InvalidSchema", "The schema is invalid.")
    return Schema(tuple((name, kind(text)) for name, text in columns))


def kind(text: str) -> HiveKind:
    """Read one Hive type, as Glue writes it. Raises SchemaError for a type that is none."""
    words, at = list[str](), 0
    if any("\ud800" <= letter <= "\udfff" for letter in text):  # half a character
        raise _no_type()
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            raise _no_type()
        words.append(found[1])
        at = found.end()
    read, rest = _kind(words)
    if rest:
        raise _no_type()
    return read


def _no_type() -> SchemaError:
    return SchemaError("InvalidTypeFormat", "The type format is invalid. Check the type syntax.")


def _kind(words: list[str]) -> tuple[HiveKind, list[str]]:
    """The type that a list of words begins with, and the words after it."""
    if not words:
        raise _no_type()
    name, rest = words[0].lower(), words[1:]
    if name in {"array", "map", "struct"}:
        return _nested(name, rest)
    if name == "uniontype":
        raise SchemaError("InvalidSchema", "The schema is invalid.")
    sizes, rest = _sizes(rest)
    if name in PLAIN or name == "timestamp":
        if sizes:
            raise _no_type()
        return HiveKind("int" if name == "integer" else name), rest
    if name == "decimal":
        return HiveKind(name, _decimal(sizes)), rest
    if name in {"char", "varchar"} and len(sizes) == 1 and sizes[0] > 0:
        return HiveKind(name, sizes), rest
    raise _no_type()


def _decimal(sizes: tuple[int, ...]) -> tuple[int, int]:
    """Precision and scale; Hive's default is (10, 0)."""
    if len(sizes) > 2:
        raise _no_type()
    precision, scale = (*sizes, 0)[:2] if sizes else (10, 0)
    if not 0 < precision <= MOST_DIGITS or scale > precision:
        raise _no_type()
    return precision, scale


def _sizes(words: list[str]) -> tuple[tuple[int, ...], list[str]]:
    """Numbers in brackets."""
    if words[:1] != ["("] or ")" not in words:
        return (), words
    end = words.index(")")
    inside = words[1:end]
    if not all(word.isdecimal() for word in inside[::2]) or set(inside[1::2]) - {","}:
        raise _no_type()
    return tuple(map(int, inside[::2])), words[end + 1 :]


def _nested(name: str, words: list[str]) -> tuple[HiveKind, list[str]]:
    fields: list[tuple[str, HiveKind]] = []
    expected = "<"
    while words[:1] == [expected]:
        words, label = words[1:], ""
        if name == "struct":
            if len(words) < 2 or words[1] != ":":
                raise _no_type()
            label, words = words[0], words[2:]
        read, words = _kind(words)
        fields.append((label, read))
        expected = ","
    counts = {"array": len(fields) == 1, "map": len(fields) == 2, "struct": bool(fields)}
    if words[:1] != [">"] or not counts[name]:
        raise _no_type()
    return HiveKind(name, (), tuple(fields)), words[1:]
