"""Deserializers of a format conversion: from JSON to rows of a schema, OpenX or Hive.

Options: BC:OpenXJsonSerDe and BC:HiveJsonSerDe; behaviour: DG:record-format-conversion (facts/
firehose §5). Where neither says what a deserializer makes of a value, the model's choice is to
refuse it rather than to change it. Codes and texts: DG:monitoring-with-cloudwatch-logs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose.conversion import timestamps
from kinesis_sim.firehose.conversion.coercion import MISMATCH, UnfitRecord, coercer
from kinesis_sim.firehose.conversion.schema import HiveKind, Schema, SchemaError

LONGEST_KEY = 262_144
"""Characters of a JSON key (DG:monitoring-with-cloudwatch-logs)."""
MOST_PLANS = 1_024
"""Sets of keys that a reader remembers; records may have as many as they like."""


@dataclass(frozen=True, slots=True)
class Deserializer:
    """How JSON is read. openx: OpenX's JSON SerDe, else Hive's.

    mappings: column name -> JSON key. formats: TimestampFormats of Hive.
    """

    openx: bool = True
    case_insensitive: bool = True
    dots_to_underscores: bool = False
    mappings: Mapping[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()

    def fold(self, key: str) -> str:
        """A JSON key as columns are compared with it."""
        return _folded(key, self.case_insensitive, self.dots_to_underscores)

    def key_of(self, column: str) -> str:
        """The folded JSON key that a column takes its values from."""
        return self.fold(self.mappings.get(column, column))

    def check(self, schema: Schema) -> None:
        """Raises SchemaError where Hive's SerDe cannot read into a schema at all."""
        if not self.openx and any("." in name for name, _ in schema.columns):
            raise SchemaError("InvalidSchema", "The schema is invalid.")

    def timestamp(self) -> timestamps.Reader:
        """The reader of its timestamps."""
        return timestamps.openx if self.openx else timestamps.hive(self.formats)


@lru_cache(maxsize=4_096)
def _folded(key: str, lower: bool, dots: bool) -> str:
    key = key.replace(".", "_") if dots else key
    return key.lower() if lower else key


def deserializer(given: Mapping[str, Any]) -> Deserializer:
    """Read a Deserializer block of InputFormatConfiguration.

    Raises InvalidArgumentException unless exactly one SerDe is given (facts/firehose §5), or for a
    timestamp pattern that is not read here (both texts are the model's).
    """
    given = {name: value for name, value in given.items() if value is not None}
    if len(given) != 1 or not given.keys() <= {"OpenXJsonSerDe", "HiveJsonSerDe"}:
        raise _wrong("Deserializer must name either OpenXJsonSerDe or HiveJsonSerDe")
    if "OpenXJsonSerDe" in given:
        options = given["OpenXJsonSerDe"]
        return Deserializer(
            case_insensitive=options.get("CaseInsensitive", True),
            dots_to_underscores=options.get("ConvertDotsInJsonKeysToUnderscores", False),
            mappings=dict(options.get("ColumnToJsonKeyMappings") or {}),
        )
    formats = tuple(given["HiveJsonSerDe"].get("TimestampFormats") or ())
    try:
        timestamps.hive(formats)
    except ValueError as error:
        raise _wrong(f"TimestampFormats: {error}") from None
    return Deserializer(openx=False, formats=formats)


def _wrong(text: str) -> ServiceError:
    return ServiceError("InvalidArgumentException", f"{text}.")


class RowReader:
    """Records to rows of one schema. Raises SchemaError for a schema that it cannot read into."""

    def __init__(self, schema: Schema, how: Deserializer) -> None:
        how.check(schema)
        self._how = how
        self._columns = tuple(
            (how.key_of(name), coercer(kind, how)) for name, kind in schema.columns
        )
        self._plans: dict[tuple[str, ...], tuple[str | None, ...]] = {}
        exact = any(_has(kind, "decimal") for _, kind in schema.columns)
        self._decode = json.JSONDecoder(
            parse_float=Decimal if exact else None, parse_constant=_no_constant
        ).raw_decode

    def rows(self, data: bytes) -> list[tuple[Any, ...]]:
        """The rows of a record: one a JSON object. Raises Refused, and then none of them count."""
        rows = [self._row(value, len(data)) for value in self._objects(data)]
        if b"\\ud" in data.lower() and not _is_text(rows):
            raise UnfitRecord("Data contains half of a surrogate pair, which is no text.")
        return rows

    def _objects(self, data: bytes) -> Iterable[dict[str, Any]]:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise UnfitRecord("The data cannot be decoded as UTF-8.") from None
        at = _next(text, 0)
        if at == len(text):
            raise UnfitRecord("The record was empty or contained only whitespace.")
        while at < len(text):
            value, at = self._value(text, at)
            yield value
            at = _next(text, at)

    def _value(self, text: str, at: int) -> tuple[dict[str, Any], int]:
        if at and text[at] != "{":
            raise UnfitRecord("Illegal character found between tokens.")
        try:
            value, end = self._decode(text, at)
        except RecursionError:
            raise UnfitRecord(
                "Data contains a highly nested JSON structure that is not supported."
            ) from None
        except (ValueError, InvalidOperation):
            raise UnfitRecord("Encountered malformed JSON.", "ParseError") from None
        if isinstance(value, list):
            raise UnfitRecord(MISMATCH)
        if not isinstance(value, dict):
            raise UnfitRecord(
                "The input JSON contained a primitive at the top level. The top level must be an "
                "object or array."
            )
        return value, end

    def _row(self, value: dict[str, Any], size: int) -> tuple[Any, ...]:
        if size > LONGEST_KEY and any(len(key) > LONGEST_KEY for key in value):
            raise UnfitRecord(f"Length of json key must not be greater than {LONGEST_KEY}")
        keys = self._keys_in(tuple(value))
        return tuple(
            None if key is None or (found := value[key]) is None else coerce(found)
            for key, (_, coerce) in zip(keys, self._columns, strict=True)
        )

    def _keys_in(self, names: tuple[str, ...]) -> tuple[str | None, ...]:
        """For each column its key among a document's, None where it has none.

        Most documents have the keys of the one before.
        """
        found = self._plans.get(names)
        if found is None:
            spelled = {self._how.fold(name): name for name in names}
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            found = self._plans[names] = tuple(spelled.get(key) for key, _ in self._columns)
        return found


def _no_constant(text: str) -> float:
    raise ValueError(text)


def _next(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _is_text(rows: list[tuple[Any, ...]]) -> bool:
    """Whether all texts can be written.

    An escape of JSON may name half a character (the message is the model's).
    """
    try:
        json.dumps(rows, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _has(kind: HiveKind, name: str) -> bool:
    return kind.name == name or any(_has(inner, name) for _, inner in kind.fields)
