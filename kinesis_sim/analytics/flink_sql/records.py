"""Records of a stream as rows of a table: Flink's JSON format, and what the connector adds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.flink_sql.tables import FlinkTable
from kinesis_sim.analytics.refusals import RowFault, SqlValidationError

_METADATA: dict[str, Callable[[str, Request], Any]] = {
    "timestamp": lambda shard, record: record["ApproximateArrivalTimestamp"],
    "sequence-number": lambda shard, record: record["SequenceNumber"],
    "shard-id": lambda shard, record: shard,
}
"""Columns that the connector fills (``METADATA FROM 'timestamp' VIRTUAL``)."""


class RecordReader:
    """Reads the records of a table's stream.

    A record that does not fit fails the job, as in Flink; with the options
    ``json.ignore-parse-errors`` a value that does not fit is NULL and a record that is no JSON
    object is left out. Raises SqlValidationError for a format or a metadata column it has not.
    """

    def __init__(self, table: FlinkTable) -> None:
        options = table.statement.options
        if options.get("format", "json") != "json":
            raise SqlValidationError(
                f"Table {table.name}: the format {options['format']!r} is not read here; write "
                "'format' = 'json'."
            )
        self._table = table
        self._lenient = options.get("json.ignore-parse-errors") == "true"
        self._strict = options.get("json.fail-on-missing-field") == "true"
        self._columns = [
            (column.name, column.metadata, read)
            for column, read in zip(table.given, table.readers, strict=True)
        ]
        for name, metadata, _ in self._columns:
            if metadata is not None and metadata not in _METADATA:
                known = ", ".join(_METADATA)
                raise SqlValidationError(
                    f"Column {name}: there is no metadata {metadata!r} ({known})."
                )

    def __call__(self, shard: str, record: Request) -> Row | None:
        """The row of a record; None for one that is left out. Raises RowFault."""
        try:
            told = json.loads(record["Data"])
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            if self._lenient:
                return None
            raise RowFault(f"Record {record['SequenceNumber']} of {shard} is no JSON object.")
        return tuple(
            self._value(name, metadata, read, told, shard, record)
            for name, metadata, read in self._columns
        )

    def _value(
        self,
        name: str,
        metadata: str | None,
        read: Callable[[Any], Any],
        told: dict[str, Any],
        shard: str,
        record: Request,
    ) -> Any:
        if metadata is not None:
            value = _METADATA[metadata](shard, record)
            return value if metadata == "timestamp" else read(value)
        if self._strict and name not in told:
            raise RowFault(f"Record {record['SequenceNumber']} of {shard} has no {name!r}.")
        try:
            return read(told.get(name))
        except ValueError as error:
            if self._lenient:
                return None
            raise RowFault(
                f"Record {record['SequenceNumber']} of {shard}, column {name}: {error}."
            ) from None
