"""Records of a stream as rows of a Flink table, which its format 'json' reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.flink_sql.tables import FlinkTable
from kinesis_sim.analytics.on_clock.reader import Record
from kinesis_sim.analytics.refusals import RowFault

QUIET = "json.ignore-parse-errors"


class JsonRows:
    """Reads a table's records. Where the table is quiet, records that are no rows are left out."""

    def __init__(self, table: FlinkTable) -> None:
        self._columns: list[tuple[str, str | None, Callable[[Any], Any]]] = [
            (column.name, column.metadata, take)
            for column, take in zip(table.given, table.readers, strict=True)
        ]
        self._quiet = table.statement.options.get(QUIET) == "true"

    def row(self, shard: str, record: Record) -> Row | None:
        """A record as a row. Raises RowFault for what is no JSON, unless told to be quiet."""
        metadata = {
            "timestamp": record["ApproximateArrivalTimestamp"],
            "shard-id": shard,
            "sequence-number": record["SequenceNumber"],
        }
        return self.read(record["Data"], metadata, shard)

    def read(self, data: bytes, metadata: dict[str, Any], place: str) -> Row | None:
        """A text of JSON as a row; place: where it was found. Raises RowFault as ``row`` does."""
        try:
            values = json.loads(data)
            return tuple(
                [
                    take(metadata.get(key) if key is not None else values.get(name))
                    for name, key, take in self._columns
                ]
            )
        except RecursionError:
            why = "it nests too deeply"
        except (ValueError, AttributeError) as error:
            why = str(error)
        if self._quiet:
            return None
        raise RowFault(
            f"A record of {place} is not as the table says ({why}); Flink fails the job. "
            f"'{QUIET}' = 'true' leaves such records out."
        )
