"""The short way: a text of SQL, rows in the order in which they come, and the answers.

    from kinesis_sim.analytics.running import run

    ran = run(sql, {"ticks": rows})                      # Flink SQL
    ran.rows, ran.changelog, ran.late                    # of the last query
    ran["per_minute"].to_frame()                         # of INSERT INTO per_minute

``sim.analytics.sql`` is the same on a simulator's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from kinesis_sim.analytics.answer import SqlAnswer
from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.flink_sql.tables import FlinkTable
from kinesis_sim.analytics.idleness import IdleShards
from kinesis_sim.analytics.job import Job
from kinesis_sim.analytics.operators.operator import Budget
from kinesis_sim.analytics.refusals import RowFault
from kinesis_sim.analytics.types.sqltype import SqlType
from kinesis_sim.arguments import said
from kinesis_sim.errors import KinesisSimError, UsageError
from kinesis_sim.instants import to_ms

Values = Mapping[str, Any]


class FedRow(NamedTuple):
    """A row that comes to a table at an instant (epoch ms), from a shard."""

    table: str
    row: Values
    at: int | None = None
    split: str = ""


Feed = Mapping[str, Iterable[Values]] | Iterable[FedRow | tuple[str, Values]]
"""Rows by table, or (table, row) pairs or FedRows in the order in which they come."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a text of SQL gave. answers: one for each query and insert, in order."""

    answers: tuple[SqlAnswer, ...]
    job: Job

    def __getitem__(self, name: str) -> SqlAnswer:
        """The answer of the last INSERT INTO a table, or of "query 1". Raises UsageError."""
        found = [one for one in self.answers if one.name == name]
        if not found:
            known = ", ".join(one.name for one in self.answers) or "none"
            raise UsageError(f"There is no answer {name!r}; there are: {known}.")
        return found[-1]

    @property
    def answer(self) -> SqlAnswer:
        """The last one. Raises UsageError when the text asked nothing."""
        if not self.answers:
            raise UsageError("The text has neither SELECT nor INSERT INTO, so there is no answer.")
        return self.answers[-1]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Rows of the last answer."""
        return self.answer.rows

    @property
    def changelog(self) -> list[tuple[str, dict[str, Any]]]:
        """Changes of the last answer."""
        return self.answer.changelog

    @property
    def late(self) -> int:
        """Rows that the last answer lost as late, as Flink's metric counts them."""
        return self.answer.late

    @property
    def lost(self) -> int:
        """Rows that the last answer lost as late, each counted."""
        return self.answer.lost


def run(
    sql: str,
    feed: Feed,
    *,
    arrival: str | None = None,
    functions: Mapping[str, tuple[Callable[..., Any], SqlType]] | None = None,
    limits: Budget | None = None,
    by_shard: bool = False,
    batch: bool = False,
    ends: bool = True,
) -> Ran:
    """Run a text of Flink SQL over rows.

    feed: rows as dicts, by table, in the order in which they come; arrival: the column that says
    when, where several tables come together. functions: by name, the callable and its result's
    type. by_shard: a watermark for each shard, which a silent one holds back unless the text sets
    'table.exec.source.idle-timeout'. batch: no watermarks, so nothing is late, which is
    the truth to compare with. ends: whether the input ends, which closes all windows.

    Raises SqlError, UsageError; RowFault for a value that cannot be computed, which fails the job
    in Flink.
    """
    session = FlinkSession(functions=functions, budget=limits, by_split=by_shard, batch=batch)
    session.execute(sql)
    job = session.job()
    readers = {name: table_reader(table) for name, table in session.catalog.tables.items()}
    rows: Iterable[FedRow] = arrivals(feed, arrival)
    if by_shard:
        rows = list(rows)
        know_shards(job, rows)
    idle = IdleShards(job, session.options)
    try:
        for table, row, at, split in rows:
            read = readers.get(table)
            if read is None:
                known = ", ".join(readers) or "none"
                raise UsageError(
                    f"Rows for {table!r}, which no CREATE TABLE declares; known: {known}."
                )
            idle.before(at, split)
            job.put(table, read(row), at=at, split=split)
        if ends:
            job.finish()
    except (ArithmeticError, ValueError) as error:
        if isinstance(error, KinesisSimError):
            raise
        raise RowFault(
            f"A value cannot be computed ({error}), which fails the job in Flink; leave such rows "
            "out by WHERE, or choose by CASE."
        ) from error
    return Ran(tuple(session.answers), job)


def know_shards(job: Job, rows: Iterable[FedRow]) -> None:
    """Have a job know the shards of all rows: one that has given none yet holds time back."""
    splits: dict[str, set[str]] = {}
    for row in rows:
        if row.split:
            splits.setdefault(row.table, set()).add(row.split)
    for table, known in splits.items():
        for one in job.watermarks_of(table):
            one.know(sorted(known))


def table_reader(table: FlinkTable) -> Callable[[Values], tuple[Any, ...]]:
    """From a dict to a table's row; that raises UsageError for a value that does not fit."""
    pairs = [
        (column.metadata or column.name, column.name, read)
        for column, read in zip(table.given, table.readers, strict=True)
    ]

    def row(values: Values) -> tuple[Any, ...]:
        try:
            return tuple([read(values.get(name)) for _, name, read in pairs])
        except ValueError:
            return tuple(_explained(table.name, values, name, read) for _, name, read in pairs)

    return row


def _explained(table: str, values: Values, name: str, read: Callable[[Any], Any]) -> Any:
    try:
        return read(values.get(name))
    except ValueError as error:
        raise UsageError(f"Column {name} of {table}: {error}.") from None


def arrivals(feed: Feed, arrival: str | None) -> Iterator[FedRow]:
    """A feed's rows, in the order in which they come. Raises UsageError for what is no feed."""
    try:
        yield from _arriving(feed, arrival)
    except TypeError:
        raise UsageError(
            f"feed={said(feed)}: give each table's rows by its name, or (table, row) pairs."
        ) from None


def _arriving(feed: Feed, arrival: str | None) -> Iterator[FedRow]:
    if not isinstance(feed, Mapping):
        for one in feed:
            yield FedRow(*one)
        return
    if len(feed) > 1 and arrival is None:
        raise UsageError(
            "Rows of several tables need an order: give (table, row) pairs, or name the column "
            "that holds the arrival time, arrival='…'."
        )
    pairs = [FedRow(table, row, _at(row, arrival)) for table, rows in feed.items() for row in rows]
    yield from pairs if arrival is None else sorted(pairs, key=lambda one: one.at or 0)


def _at(row: Values, arrival: str | None) -> int | None:
    if arrival is None:
        return None
    value = row.get(arrival)
    if value is None:
        raise UsageError(f"A row has no {arrival!r}, which says when rows arrive: {dict(row)!r}.")
    if isinstance(value, str):
        from kinesis_sim.analytics.types.texts import read_instant

        return read_instant(value)
    return to_ms(value)
