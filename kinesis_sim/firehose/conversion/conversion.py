"""Record format conversion: JSON records in, the body of one Parquet or ORC file out.

A record is converted whole or not at all; several JSON objects in one are several rows. What
cannot be converted is a failure with the code of DG:monitoring-with-cloudwatch-logs and leaves
the others alone (facts/firehose §5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kinesis_sim.firehose.conversion.coercion import UnfitRecord
from kinesis_sim.firehose.conversion.columns import Columns
from kinesis_sim.firehose.conversion.schema import Schema, pyarrow
from kinesis_sim.firehose.conversion.serde import RowReader, deserializer
from kinesis_sim.firehose.conversion.serializer import serializer


@dataclass(frozen=True, slots=True)
class Unconverted:
    """A record that became no row.

    index: its place in the batch; code: e.g. ``DataFormatConversion.ParseError``.
    """

    index: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Converted:
    """body: of the file; None where not one row came out. rows: how many it has."""

    body: bytes | None
    rows: int
    failures: tuple[Unconverted, ...] = ()


class Converter:
    """A DataFormatConversionConfiguration over a schema.

    given: the configuration's InputFormatConfiguration and OutputFormatConfiguration. Raises
    InvalidArgumentException for SerDes that are not one each, ``schema.SchemaError`` for a schema
    that the deserializer cannot read into, MissingPackage without pyarrow.
    """

    def __init__(self, schema: Schema, given: Mapping[str, Any]) -> None:
        how = deserializer(given["InputFormatConfiguration"]["Deserializer"])
        self.format, self._write = serializer(given["OutputFormatConfiguration"]["Serializer"])
        """``Parquet`` or ``ORC``."""
        self._reader = RowReader(schema, how)
        self._columns = Columns(schema, how)
        self._types = schema.arrow()

    def convert(self, records: Sequence[bytes]) -> Converted:
        """Convert the data of a batch."""
        table = self._columns.table(records)
        failures: tuple[Unconverted, ...] = ()
        if table is None:
            table, failures = self.one_by_one(records)
        if not table.num_rows:
            return Converted(None, 0, failures)
        return Converted(self._write(table), table.num_rows, failures)

    def one_by_one(self, records: Sequence[bytes]) -> tuple[Any, tuple[Unconverted, ...]]:
        """The pyarrow Table of a batch read record by record, and what could not be read."""
        rows: list[tuple[Any, ...]] = []
        failures: list[Unconverted] = []
        for index, data in enumerate(records):
            try:
                rows += self._reader.rows(data)
            except UnfitRecord as refusal:
                failures.append(Unconverted(index, refusal.code, refusal.message))
        columns = zip(*rows, strict=True) if rows else [()] * len(self._types)
        pa = pyarrow()
        arrays = [
            pa.array(column, kind.type) for column, kind in zip(columns, self._types, strict=True)
        ]
        return pa.table(arrays, schema=self._types), tuple(failures)
