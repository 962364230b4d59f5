"""The fast way through a format conversion: a whole batch of clean JSON, column by column.

pyarrow reads the joined records at once. It is stricter than the deserializers, so a batch that it
takes has rows that ``serde`` would make just the same; any doubt, and there is no answer here and
the batch is read record by record. A test compares both on whatever hypothesis thinks of.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kinesis_sim.firehose.conversion.schema import INTEGERS, HiveKind, Schema, pyarrow
from kinesis_sim.firehose.conversion.serde import LONGEST_KEY, Deserializer
from kinesis_sim.firehose.conversion.timestamps import MILLISECONDS_FROM
from kinesis_sim.units import MIB

_PLAIN = frozenset({*INTEGERS, "float", "double", "boolean", "string"})
_BLOCK = MIB
MOST_BRACES = 500
"""In a record, which cannot be nested deeper; one that has more is read with care."""
_ISO = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$"
_SQL = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,9})?$"
_DATE = r"^([1-9]\d{3}|0[1-9]\d\d|00[1-9]\d|000[1-9])-\d\d-\d\d$"


class Columns:
    """Reads clean batches into a table; made once for a schema and a deserializer."""

    def __init__(self, schema: Schema, how: Deserializer) -> None:
        self._schema = schema
        self._how = how
        self._keys = [how.key_of(name) for name, _ in schema.columns]
        self._possible = len(set(self._keys)) == len(self._keys) and all(
            _plain(kind) or kind.name == "date" or (kind.name == "timestamp" and how.openx)
            for _, kind in schema.columns
        )

    def table(self, records: Sequence[bytes]) -> Any | None:
        """The rows of all records as a pyarrow Table; None where they need a closer look."""
        body = b"\n".join(records)
        if not (self._possible and records and _clean(records, body)):
            return None
        pa = pyarrow()
        try:
            spelled = self._spelled(records[0])
            read = self._read(body, max(map(len, records)), spelled)
            return self._typed(read, spelled)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError, ValueError):
            return None

    def _spelled(self, first: bytes) -> list[tuple[str, Any]]:
        """Each column's JSON key as the first record writes it, and the type to read it as."""
        value, _ = json.JSONDecoder().raw_decode(first.decode())
        found = {self._how.fold(key): (key, inner) for key, inner in value.items()}
        return [
            (found.get(key, (key, None))[0], _read_as(kind, found.get(key, (key, None))[1]))
            for key, (_, kind) in zip(self._keys, self._schema.columns, strict=True)
        ]

    def _read(self, body: bytes, largest: int, spelled: list[tuple[str, Any]]) -> Any:
        pa = pyarrow()
        from pyarrow import json as files

        return files.read_json(
            pa.BufferReader(body),
            read_options=files.ReadOptions(block_size=max(_BLOCK, 2 * largest)),
            parse_options=files.ParseOptions(
                explicit_schema=pa.schema(spelled), unexpected_field_behavior="infer"
            ),
        )

    def _typed(self, read: Any, spelled: list[tuple[str, Any]]) -> Any | None:
        """The columns in the schema's types; None where a record spells a key in another way."""
        names = {key for key, _ in spelled}
        others = [name for name in read.schema.names if name not in names]
        if any(self._how.fold(name) in self._keys for name in others):
            return None
        columns = []
        for (key, _), (_, kind) in zip(spelled, self._schema.columns, strict=True):
            column = _cast(read.column(key), kind)
            if column is None:
                return None
            columns.append(column)
        return pyarrow().table(columns, schema=self._schema.arrow()).combine_chunks()


def _clean(records: Sequence[bytes], body: bytes) -> bool:
    """Whether pyarrow can be trusted with a batch.

    Each record begins and ends like an object, so that no two can make a third together: what
    follows a closing brace within an array or an object never is an opening one. No key can be too
    long, there is nothing that pyarrow alone takes for a number, and nothing so deep that reading
    it could take more stack than a process has, which ends in no error but in its end.
    """
    if b"NaN" in body or b"Inf" in body or max(map(len, records)) > LONGEST_KEY:
        return False
    return all(
        record[:1] == b"{" and record.endswith((b"}", b"}\n")) and _is_shallow(record)
        for record in records
    )


def _is_shallow(record: bytes) -> bool:
    return record.count(b"{") + record.count(b"[") <= MOST_BRACES


def _plain(kind: HiveKind) -> bool:
    """Floats are looked at one by one; those within others would not be."""
    if kind.name in {"array", "struct"}:
        return all(inner.name != "float" and _plain(inner) for _, inner in kind.fields)
    return kind.name in _PLAIN


def _read_as(kind: HiveKind, sample: Any) -> Any:
    """What a column is read as before it gets its type.

    A float as a double, to be rounded once; a time as what the first record has in its place.
    """
    pa = pyarrow()
    if kind.name in {"array", "struct"}:
        return _widened(kind)
    if kind.name in {"float", "double"}:
        return pa.float64()
    if kind.name == "timestamp" and type(sample) is int:
        return pa.int64()
    if kind.name == "timestamp" and type(sample) is float:
        return pa.float64()
    return pa.string() if kind.name in {"timestamp", "date"} else kind.arrow()


def _widened(kind: HiveKind) -> Any:
    pa = pyarrow()
    inner = [(name, _read_as(field, None)) for name, field in kind.fields]
    return pa.list_(inner[0][1]) if kind.name == "array" else pa.struct(inner)


def _cast(column: Any, kind: HiveKind) -> Any | None:
    """A column in the schema's type; None where it cannot be told here."""
    if kind.name == "timestamp":
        return _timestamps(column)
    if kind.name == "date":
        return column.cast("date32") if _all_match(column, _DATE) else None
    wanted = kind.arrow()
    if kind.name in {"array", "struct"} and column.type != _widened(kind):
        return None  # fields that the schema does not name
    cast = column if column.type == wanted else column.cast(wanted)
    return None if kind.name == "float" and not _all_finite(cast) else cast


def _all_finite(column: Any) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(pc.is_finite(column)).as_py() in {True, None})


def _all_match(column: Any, pattern: str) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py() in {True, None})


def _timestamps(column: Any) -> Any | None:
    import pyarrow.compute as pc

    pa = pyarrow()
    nanoseconds = pa.timestamp("ns")
    if pa.types.is_int64(column.type):
        whole = pc.greater_equal(pc.abs_checked(column), MILLISECONDS_FROM)
        unit = pc.if_else(whole, 1_000_000, 1_000_000_000)
        return pc.multiply_checked(column, unit).cast(nanoseconds)
    if pa.types.is_float64(column.type):
        micros = pc.round(pc.multiply(column, 1e6)).cast(pa.int64())
        return pc.multiply_checked(micros, 1_000).cast(nanoseconds)
    if _all_match(column, _ISO):
        return pc.utf8_rtrim(column, "Z").cast(nanoseconds)
    return column.cast(nanoseconds) if _all_match(column, _SQL) else None
