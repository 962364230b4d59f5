"""A learner's CREATE TABLE, in Athena's words, as an Iceberg schema."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

from pyiceberg import types as t
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform

from kinesis_sim.errors import UsageError

if TYPE_CHECKING:
    from sqlglot import exp

_SCALARS = {
    "BOOLEAN": t.BooleanType,
    "TINYINT": t.IntegerType,
    "SMALLINT": t.IntegerType,
    "INT": t.IntegerType,
    "BIGINT": t.LongType,
    "FLOAT": t.FloatType,
    "DOUBLE": t.DoubleType,
    "TEXT": t.StringType,
    "VARCHAR": t.StringType,
    "CHAR": t.StringType,
    "BINARY": t.BinaryType,
    "VARBINARY": t.BinaryType,
    "DATE": t.DateType,
    "TIME": t.TimeType,
    "TIMESTAMP": t.TimestampType,
    "TIMESTAMPNTZ": t.TimestampType,
    "TIMESTAMPTZ": t.TimestamptzType,
    "TIMESTAMPLTZ": t.TimestamptzType,
    "UUID": t.UUIDType,
}


def schema(columns: list[exp.ColumnDef], keys: tuple[str, ...] = ()) -> Schema:
    """keys: the identifier fields, columns that are NOT NULL.

    Raises UsageError for a type that Iceberg does not have or a key that is no such column.
    """
    from sqlglot import exp

    ids = count(1)
    fields = []
    for column in columns:
        required = column.find(exp.NotNullColumnConstraint) is not None or column.name in keys
        kind = column.args.get("kind")
        if kind is None:
            raise UsageError(f"Column {column.name} has no type.")
        fields.append(t.NestedField(next(ids), column.name, _type(kind, ids), required=required))
    found = {field.name: field.field_id for field in fields}
    missing = [key for key in keys if key not in found]
    if missing:
        raise UsageError(f"{missing[0]!r} is no column: keys are among {', '.join(found)}.")
    return Schema(*fields, identifier_field_ids=[found[key] for key in keys])


def partition(found: Schema, names: tuple[str, ...]) -> PartitionSpec:
    """Of columns as they are (identity transforms). Raises UsageError for what is no column."""
    fields = []
    for number, name in enumerate(names):
        try:
            source = found.find_field(name)
        except ValueError:
            raise UsageError(f"PARTITIONED BY takes columns as they are: not {name!r}.") from None
        fields.append(PartitionField(source.field_id, 1000 + number, IdentityTransform(), name))
    return PartitionSpec(*fields)


def _type(kind: exp.DataType, ids: Iterator[int]) -> Any:
    name = kind.this.value
    inner = kind.expressions
    if name == "DECIMAL":
        sizes = [int(size.name) for size in inner] or [10, 0]
        return t.DecimalType(sizes[0], sizes[1] if len(sizes) > 1 else 0)
    if name == "STRUCT":
        return t.StructType(
            *(t.NestedField(next(ids), f.name, _type(f.args["kind"], ids)) for f in inner)
        )
    if name in ("ARRAY", "LIST"):
        return t.ListType(next(ids), _type(inner[0], ids), element_required=False)
    if name == "MAP":
        return t.MapType(
            next(ids), _type(inner[0], ids), next(ids), _type(inner[1], ids), value_required=False
        )
    if name not in _SCALARS:
        raise UsageError(f"Iceberg has no type {kind.sql('hive')}.")
    return _SCALARS[name]()
