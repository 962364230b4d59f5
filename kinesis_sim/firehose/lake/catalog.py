"""A table of the Glue catalogue: what its columns are, and how its objects become rows of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.lake.objects import (
    LakeObject,
    columnar,
    delimited,
    joined,
    json_row,
    lines,
    plain,
)

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_MILLISECONDS = 100_000_000_000
"""From here on a number for a time counts milliseconds: as seconds it would be past year 5000."""
Raw = dict[str, str | None]
Inside = Sequence[tuple[LakeObject, Mapping[str, str | None]]]
"""Objects of a table, each with the values of its partition keys."""


class Column(NamedTuple):
    """kind: as sqlglot understands the Hive type."""

    name: str
    kind: exp.DataType

    @property
    def nested(self) -> bool:
        """Whether its values are objects or lists."""
        return self.kind.this.value in ("STRUCT", "ARRAY", "LIST", "MAP")

    def text(self, value: Any) -> str | None:
        """A value of JSON as the text that DuckDB makes this column's type of."""
        value = shaped(value, self.kind)
        if value is None or (isinstance(value, str) and not self.nested):
            return value
        return json.dumps(value)

    def cast(self, texts: bool, strict: bool) -> str:
        """From ``text``, or from an array of a columnar file, to this column's type."""
        kind = "::JSON" if texts and self.nested else ""
        cast = "CAST" if strict else "TRY_CAST"
        return f"{cast}({quoted(self.name)}{kind} AS {self.kind.sql('duckdb')})"


@dataclass(frozen=True)
class GlueTable:
    """columns: of the objects; keys: of their ``name=value`` folders, text in every case."""

    name: str
    bucket: str
    prefix: str
    columns: Sequence[Column]
    keys: Sequence[Column]
    serde: str
    options: Mapping[str, str]

    @classmethod
    def read(cls, name: str, table: Mapping[str, Any]) -> GlueTable:
        """From ``Table`` as Glue's GetTable answers it. Raises UsageError for what is missing."""
        storage = table.get("StorageDescriptor") or {}
        text = storage.get("Location") or ""
        location = re.fullmatch(r"s3a?://([^/]+)(?:/(.*))?", text, re.DOTALL)
        if location is None:
            raise UsageError(f"The Glue table {name} names no S3 location to read from.")
        if not storage.get("Columns"):
            raise UsageError(f"The Glue table {name} has no columns.")
        serde = storage.get("SerdeInfo") or {}
        return cls(
            name,
            location[1],
            location[2].rstrip("/") + "/" if location[2] else "",
            [_column(name, found) for found in storage["Columns"]],
            [_column(name, found) for found in table.get("PartitionKeys") or ()],
            serde.get("SerializationLibrary") or "",
            {**(table.get("Parameters") or {}), **(serde.get("Parameters") or {})},
        )

    def rows(self, objects: Sequence[LakeObject]) -> tuple[pa.Table, str]:
        """All rows as they lie there, and the SQL (DuckDB's) that selects them with their types.

        An object without the folders of the partition keys belongs to no partition: not read.
        Raises UsageError for an object that cannot be read.
        """
        inside = [(found, folders) for found in objects if (folders := self._folders(found))]
        if inside and self._is_columnar(inside[0][0]):
            return self._arrays(inside), self._selected(texts=False)
        return self._texts(inside), self._selected(texts=True)

    def _folders(self, found: LakeObject) -> dict[str, str | None] | None:
        folders = {name.lower(): _folder(value) for name, value in found.partition.items()}
        if not all(key.name in folders for key in self.keys):
            return None
        return {"": None} | {key.name: folders[key.name] for key in self.keys}

    def _selected(self, *, texts: bool) -> str:
        """LazySimpleSerDe reads what does not fit as NULL; with the others the query fails."""
        strict = "LazySimple" not in self.serde
        return ", ".join(
            f"{column.cast(texts, strict)} AS {quoted(column.name)}"
            for column in (*self.columns, *self.keys)
        )

    def _is_columnar(self, found: LakeObject) -> bool:
        if self.serde:
            return "Parquet" in self.serde or "Orc" in self.serde
        return found.body.startswith((b"PAR1", b"ORC"))

    def _arrays(self, objects: Inside) -> pa.Table:
        """Of Parquet and ORC: columns by their names, NULL where a file does not have one."""
        import pyarrow as pa

        parts = []
        for found, folders in objects:
            rows = self._checked(found, columnar)
            if rows is None:
                raise UsageError(f"{found.key} is neither Parquet nor ORC, as {self.name} says.")
            at = {name.lower(): index for index, name in enumerate(rows.column_names)}
            columns = {
                c.name: rows.column(at[c.name]) if c.name in at else pa.nulls(len(rows))
                for c in self.columns
            }
            keys = {
                key.name: pa.array([folders[key.name]] * len(rows), pa.string())
                for key in self.keys
            }
            parts.append(pa.table(columns | keys))
        return joined(parts)

    def _texts(self, objects: Inside) -> pa.Table:
        """Of JSON and delimited text: every column as text."""
        import pyarrow as pa

        values: dict[str, list[str | None]] = {c.name: [] for c in (*self.columns, *self.keys)}
        for found, folders in objects:
            rows = self._checked(found, lambda body: list(self._reader(body)(body)))
            for column in self.columns:
                values[column.name] += [row.get(column.name) for row in rows]
            for key in self.keys:
                values[key.name] += [folders[key.name]] * len(rows)
        return pa.table({name: pa.array(found, pa.string()) for name, found in values.items()})

    def _checked(self, found: LakeObject, read: Callable[[bytes], Any]) -> Any:
        try:
            return read(plain(found))
        except UsageError:
            raise
        except (ValueError, OSError) as error:
            raise UsageError(f"{found.key} is not what {self.name} says: {error}.") from None

    def _reader(self, body: bytes) -> Callable[[bytes], Iterator[Raw]]:
        """By the table's SerDe; text of a table that names none is read as what it is."""
        if "json" in self.serde.lower():
            return self._json
        if "LazySimple" in self.serde or "CSV" in self.serde:
            return self._delimited
        if self.serde:
            raise UsageError(f"The SerDe {self.serde} of {self.name} is not read here.")
        return self._json if body.lstrip().startswith(b"{") else self._delimited

    def _json(self, body: bytes) -> Iterator[Raw]:
        for number, line in enumerate(lines(body), 1):
            row = json_row(line)
            if row is None and self.options.get("ignore.malformed.json", "").lower() != "true":
                raise ValueError(f"line {number} is not a JSON object")
            yield self._shaped(row or {})

    def _shaped(self, row: Mapping[str, Any]) -> Raw:
        members = {str(name).lower(): value for name, value in row.items()}
        found: Raw = {}
        for column in self.columns:
            member = self.options.get(f"mapping.{column.name}", column.name).lower()
            found[column.name] = column.text(members.get(member))
        return found

    def _delimited(self, body: bytes) -> Iterator[Raw]:
        simple = "CSV" not in self.serde
        default = "," if not simple or not self.serde else "\x01"
        delimiter = self.options.get("field.delim" if simple else "separatorChar", default)
        quote = self.options.get("quoteChar", '"')
        header = int(self.options.get("skip.header.line.count", "0"))
        for number, line in enumerate(lines(body)):
            if number >= header:
                fields = line.split(delimiter) if simple else delimited(line, delimiter, quote)
                yield self._named(fields, simple)

    def _named(self, fields: Sequence[str], simple: bool) -> Raw:
        named = zip([column.name for column in self.columns], fields, strict=False)
        return {name: None if simple and field == r"\N" else field for name, field in named}


def shaped(value: Any, kind: exp.DataType) -> Any:
    """A value of JSON with the members that its Hive type has, in any case, and no others.

    Numbers become times where a time is due, in seconds or milliseconds (facts/firehose §5).
    """
    name = kind.this.value
    if name == "STRUCT" and isinstance(value, Mapping):
        members = {str(key).lower(): member for key, member in value.items()}
        return {
            f.name: shaped(members.get(f.name.lower()), f.args["kind"]) for f in kind.expressions
        }
    if name in ("ARRAY", "LIST") and isinstance(value, Sequence) and not isinstance(value, str):
        return [shaped(member, kind.expressions[0]) for member in value]
    if name == "MAP" and isinstance(value, Mapping | list):
        pairs = value.items() if isinstance(value, Mapping) else value
        return {str(key): shaped(member, kind.expressions[1]) for key, member in pairs}
    if name.startswith("TIMESTAMP") and isinstance(value, int | float):
        return _time(value)
    if name in ("TEXT", "VARCHAR", "CHAR") and isinstance(value, Mapping | list):
        return json.dumps(value)
    return value


def _time(value: float) -> str:
    from datetime import UTC, datetime

    seconds = value / 1000 if abs(value) >= _MILLISECONDS else value
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(" ")


def _column(table: str, found: Mapping[str, Any]) -> Column:
    from sqlglot import errors, exp

    column: Column | None
    try:
        kind = exp.DataType.build(found.get("Type") or "string", dialect="hive")
        column = Column(str(found["Name"]).lower(), kind)
    except (errors.ParseError, errors.TokenError, ValueError):
        column = None
    if column is None or (column.nested and not column.kind.expressions):
        raise UsageError(
            f"The type {found.get('Type')!r} of {table}.{found['Name']} is no type of Hive's."
        )
    return column


def _folder(value: str) -> str | None:
    """A partition's value, without the escapes of its folder's name."""
    text = re.sub("%([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), value)
    return None if text == NO_VALUE else text


def quoted(name: str) -> str:
    """An identifier for DuckDB."""
    return '"' + name.replace('"', '""') + '"'
