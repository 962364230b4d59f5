"""Where an insert's rows go: streams, Firehose, a list; each with its promise.

Kinesis and Firehose are written at least once: after a failure, what was sent since the last
checkpoint is sent again. Files (``file_sink``) are committed with a checkpoint, exactly once. A
print has no promise at all: it shows what came, twice where it came twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from kinesis_sim.analytics.changelog import SIGNS, Row
from kinesis_sim.analytics.flink_sql.tables import FlinkTable
from kinesis_sim.analytics.on_clock.batches import TO_DELIVERY, TO_STREAM, Outlet
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.analytics.sql.fields import Fields
from kinesis_sim.analytics.types.texts import shown
from kinesis_sim.errors import ServiceError


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
        """A checkpoint is taken: what came before it is there for good."""

    def begin(self, held: Iterable[tuple[int, Row]] = ()) -> None:
        """Begin with what a snapshot held; what else was waiting is gone, and comes again."""
        self.waiting = list(held)

    @property
    def unsent(self) -> tuple[tuple[int, Row], ...]:
        """What a flush left here, which a snapshot has to hold: positions lie past it."""
        return ()

    @property
    def columns(self) -> tuple[str, ...]:
        """What its rows are made of: what is held may only go on in rows of the same kind."""
        return tuple(f"{one.name} {one.kind}" for one in self.fields)

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


class SendingSink(RowSink):
    """Sends to a stream in batches; what it does not take waits, in its order."""

    appends_only = True
    outlet: Outlet[tuple[int, Row]]

    def flush(self) -> None:
        """Send; what is not taken waits for the next time.

        Raises ServiceError for a refusal that does not pass.
        """
        refused: list[tuple[int, Row]] = []
        done = 0
        try:
            for taken, left in self.outlet.sent(self.waiting):
                self.rows += [self.dressed(kind, row) for kind, row in taken]
                refused += left
                done += len(taken) + len(left)
        except ServiceError as error:
            if error.code not in _PASSING and not error.fault:
                raise
        finally:
            self.waiting = refused + self.waiting[done:]

    @property
    def unsent(self) -> tuple[tuple[int, Row], ...]:
        """What the stream has not taken yet."""
        return tuple(self.waiting)

    def _data(self, change: tuple[int, Row]) -> bytes:
        return data_of(self.dressed(*change))


class StreamSink(SendingSink):
    """PutRecords to a data stream; the key is what PARTITIONED BY names, else random."""

    def __init__(self, table: FlinkTable, ports: AnalyticsPorts) -> None:
        super().__init__(table)
        keyed = self._key if table.statement.partitioned_by else None
        self.outlet = Outlet(ports, TO_STREAM, stream_name(table), self._data, keyed)

    def _key(self, change: tuple[int, Row]) -> str:
        row = self.dressed(*change)
        return "|".join(str(row[key]) for key in self.table.statement.partitioned_by)


class DeliverySink(SendingSink):
    """PutRecordBatch to a Firehose stream."""

    def __init__(self, table: FlinkTable, ports: AnalyticsPorts) -> None:
        super().__init__(table)
        name = table.statement.options.get("delivery-stream", "")
        if not name:
            raise SqlValidationError(f"Table {table.name} names no 'delivery-stream'.")
        self.outlet = Outlet(ports, TO_DELIVERY, name, self._data)


_PASSING = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
        "KMSThrottlingException",
        "ThrottlingException",
    }
)
"""Refusals that pass: the rows wait. Any other fails the job."""


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
    from kinesis_sim.analytics.on_clock.file_sink import FileSink

    made: dict[str, Callable[[], RowSink]] = {
        "kinesis": lambda: StreamSink(table, ports),
        "firehose": lambda: DeliverySink(table, ports),
        "filesystem": lambda: FileSink(table, ports),
        "print": lambda: PrintSink(table),
        "blackhole": lambda: BlackholeSink(table),
        "": lambda: PrintSink(table),
    }
    if table.connector not in made:
        raise SqlValidationError(f"Connector {table.connector!r} of {table.name} is no sink.")
    return made[table.connector]()
