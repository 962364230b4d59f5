"""Where an insert's rows go: streams, Firehose, a list; each with its promise.

Kinesis and Firehose are written at least once: after a failure, what was sent since the last
checkpoint is sent again. Files are committed with a checkpoint, exactly once. A print has no
promise at all: it shows what came, twice where it came twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from kinesis_sim.analytics.changelog import SIGNS, Row
from kinesis_sim.analytics.flink_sql.tables import FlinkTable
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.analytics.sql.fields import Fields
from kinesis_sim.analytics.types.texts import shown
from kinesis_sim.errors import ServiceError

_MOST = 500
"""Records of a PutRecords or PutRecordBatch (facts/data-streams §4.1)."""


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    return float(value) if isinstance(value, Decimal) else str(value)


class RowSink:
    """Base: keeps what came until it is flushed.

    rows: what has left it, as a learner sees it.
    """

    appends_only = False

    def __init__(self, table: FlinkTable) -> None:
        self.table = table
        self.fields: Fields = Fields(())
        self.waiting: list[tuple[int, Row]] = []
        self.rows: list[dict[str, Any]] = []

    def take(self, kind: int, row: Row) -> None:
        """Keep a change."""
        self.waiting.append((kind, row))

    def flush(self) -> None:
        """Send what is waiting."""
        sent, self.waiting = self.waiting, []
        self.rows += [self.dressed(kind, row) for kind, row in sent]

    def committed(self) -> None:
        """A checkpoint is complete."""

    def failed(self) -> None:
        """The job failed: what was not sent is gone, and comes again from the checkpoint."""
        self.waiting = []

    def dressed(self, kind: int, row: Row) -> dict[str, Any]:
        """A row as a learner sees it."""
        return {
            one.name: shown(one.kind, value) for one, value in zip(self.fields, row, strict=True)
        }


class PrintSink(RowSink):
    """Shows each change with its kind."""

    def dressed(self, kind: int, row: Row) -> dict[str, Any]:
        """The row, with the kind of its change in ``op``."""
        return {"op": SIGNS[kind], **super().dressed(kind, row)}


class BlackholeSink(RowSink):
    """Takes everything, keeps nothing."""

    def flush(self) -> None:
        """Forget what came."""
        self.waiting = []


class FileSink(RowSink):
    """Files: rows are seen once a checkpoint has committed them."""

    appends_only = True

    def flush(self) -> None:
        """Wait for the checkpoint."""

    def committed(self) -> None:
        """What came before the checkpoint is there for good."""
        super().flush()


class StreamSink(RowSink):
    """PutRecords to a data stream; the key is what PARTITIONED BY names, else random."""

    appends_only = True

    def __init__(self, table: FlinkTable, ports: AnalyticsPorts) -> None:
        super().__init__(table)
        self.ports = ports
        self.stream = stream_name(table)

    def flush(self) -> None:
        """Send; what is not taken waits for the next time. Raises ServiceError."""
        self.rows += sent_in_batches(self, self._send)

    def _key(self, row: dict[str, Any]) -> str:
        keys = self.table.statement.partitioned_by
        return "|".join(str(row[key]) for key in keys) if keys else self.ports.new_id()

    def _send(self, rows: list[dict[str, Any]]) -> list[bool]:
        records = [{"Data": data_of(row), "PartitionKey": self._key(row)} for row in rows]
        request = {"StreamName": self.stream, "Records": records}
        answer = self.ports.call("kinesis", "PutRecords", request)
        return ["ErrorCode" not in told for told in answer["Records"]]


class DeliverySink(RowSink):
    """PutRecordBatch to a Firehose stream."""

    appends_only = True

    def __init__(self, table: FlinkTable, ports: AnalyticsPorts) -> None:
        super().__init__(table)
        self.ports = ports
        self.name = table.statement.options.get("delivery-stream", "")
        if not self.name:
            raise SqlValidationError(f"Table {table.name} names no 'delivery-stream'.")

    def flush(self) -> None:
        """Send; what is not taken waits for the next time. Raises ServiceError."""
        self.rows += sent_in_batches(self, self._send)

    def _send(self, rows: list[dict[str, Any]]) -> list[bool]:
        records = [{"Data": data_of(row)} for row in rows]
        request = {"DeliveryStreamName": self.name, "Records": records}
        answer = self.ports.call("firehose", "PutRecordBatch", request)
        return ["ErrorCode" not in told for told in answer["RequestResponses"]]


_PASSING = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
        "KMSThrottlingException",
        "ThrottlingException",
    }
)
"""Refusals that pass: the rows wait. Any other fails the job."""


def sent_in_batches(
    sink: RowSink, send: Callable[[list[dict[str, Any]]], list[bool]]
) -> list[dict[str, Any]]:
    """Send what waits; the rows that were taken. Those that were not wait on, in their order.

    send: tells of each row whether it was taken.
    """
    waiting, sink.waiting = sink.waiting, []
    taken: list[dict[str, Any]] = []
    for at in range(0, len(waiting), _MOST):
        batch = waiting[at : at + _MOST]
        dressed = [sink.dressed(kind, row) for kind, row in batch]
        try:
            told = send(dressed)
        except ServiceError as error:
            sink.waiting += waiting[at:]
            if error.code in _PASSING or error.fault:
                break
            raise
        taken += [row for row, well in zip(dressed, told, strict=True) if well]
        sink.waiting += [one for one, well in zip(batch, told, strict=True) if not well]
    return taken


def data_of(row: dict[str, Any]) -> bytes:
    """A row as the json format writes it."""
    return json.dumps(row, default=plain, ensure_ascii=False).encode()


def stream_name(table: FlinkTable) -> str:
    """The stream of a table: ``stream`` or ``stream.arn``. Raises SqlValidationError."""
    options = table.statement.options
    name = options.get("stream") or options.get("stream.arn", "").rpartition("/")[2]
    if not name:
        raise SqlValidationError(f"Table {table.name} names neither 'stream' nor 'stream.arn'.")
    return name


def sink_of(table: FlinkTable, ports: AnalyticsPorts) -> RowSink:
    """The sink of a table's connector. Raises SqlValidationError for one that only reads."""
    made: dict[str, Callable[[], RowSink]] = {
        "kinesis": lambda: StreamSink(table, ports),
        "firehose": lambda: DeliverySink(table, ports),
        "filesystem": lambda: FileSink(table),
        "print": lambda: PrintSink(table),
        "blackhole": lambda: BlackholeSink(table),
        "": lambda: PrintSink(table),
    }
    if table.connector not in made:
        raise SqlValidationError(f"Connector {table.connector!r} of {table.name} is no sink.")
    return made[table.connector]()
