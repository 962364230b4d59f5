"""In-application streams and pumps: rows from pump to pump, and errors beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.operators.ends import ResultLog, TableEntry
from kinesis_sim.analytics.operators.operator import Inlet, Operator
from kinesis_sim.analytics.refusals import RowFault, SqlError
from kinesis_sim.analytics.sql.fields import CLOCK, Field, Fields
from kinesis_sim.analytics.types.sqltype import TIMESTAMP, varchar

ERROR_STREAM = "error_stream"
ROWTIME_FIELD = Field("ROWTIME", TIMESTAMP, time=CLOCK, hidden=True)
ERROR_COLUMNS = Fields(
    [
        ROWTIME_FIELD,
        Field("ERROR_TIME", TIMESTAMP),
        Field("ERROR_LEVEL", varchar(10)),
        Field("ERROR_NAME", varchar(32)),
        Field("MESSAGE", varchar(4_096)),
        Field("DATA_ROWTIME", TIMESTAMP),
        Field("DATA_ROW", varchar(49_152)),
        Field("PUMP_NAME", varchar(128)),
    ]
)
"""Columns of error_stream (facts/analytics §5)."""
Told = Callable[[str, Row, Exception], None]
"""Hears of a row that failed: in which pump, the row, why."""


@dataclass(slots=True)
class InAppStream:
    """A stream within an application.

    fields: ROWTIME first, hidden. log: the rows that came, as a learner sees them. entries: where
    pumps read it; the order in which they were made is that in which they are told.
    """

    name: str
    fields: Fields
    log: ResultLog
    entries: list[TableEntry] = field(default_factory=list)

    def put(self, row: Row) -> None:
        """Give a row to all that read the stream. Raises SqlLimitExceeded."""
        self.log.take(INSERT, row)
        for entry in self.entries:
            entry.take(INSERT, row)


class PumpEnd(Inlet):
    """Where a pump's rows enter its stream."""

    def __init__(self, stream: InAppStream) -> None:
        self.stream = stream

    def take(self, kind: int, row: Row) -> None:
        """Hand a row over."""
        self.stream.put(row)


class RowGuard(Operator):
    """Sends what a row of a pump raises to error_stream; the pump goes on (facts/analytics §5)."""

    title = "guard"

    def __init__(self, pump: str, told: Told) -> None:
        super().__init__()
        self.pump = pump
        self.told = told

    def take(self, kind: int, row: Row) -> None:
        """Hand a row on, and hear what became of it."""
        try:
            self.emit(kind, row)
        except (RowFault, ArithmeticError) as error:
            self.told(self.pump, row, error)
        except SqlError:
            raise
        except ValueError as error:
            self.told(self.pump, row, error)


def error_row(pump: str, row: Row, error: Exception, now: int) -> Row:
    """A row of error_stream.

    ERROR_NAME is the kind of the fault, DATA_ROW the row as JSON in hex: what they hold exactly is
    the model's choice; AWS says that the row is hex.
    """
    name = {"ZeroDivisionError": "DIVISION_BY_ZERO"}.get(type(error).__name__, "DATA_EXCEPTION")
    try:
        data = json.dumps(list(row[1:]), default=str).encode().hex()[:49_152]
    except RecursionError:  # a record that could be read, but not be written from here
        data = ""
    when = row[0] if row else None
    return (now, now, "ERROR", name, str(error)[:4_096], when, data, pump[:128])


def shown_row(fields: Fields, row: Row) -> dict[str, Any]:
    """A row as a learner sees it, its ROWTIME included."""
    from kinesis_sim.analytics.types.texts import shown

    pairs = zip(fields, row, strict=True)
    return {one.name: shown(one.kind, value) for one, value in pairs}
