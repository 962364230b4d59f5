"""What became of each row of a feed: the query is run row by row, and looked at after each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.analytics.answer import SqlAnswer
from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.idleness import IDLE_TIMEOUT, IdleShards
from kinesis_sim.analytics.job import Job
from kinesis_sim.analytics.operators.sessions import SessionAssignment
from kinesis_sim.analytics.operators.windowed import WindowBuffer
from kinesis_sim.analytics.running import FedRow, Feed, arrivals, know_shards, table_reader
from kinesis_sim.analytics.sql.fields import EVENT
from kinesis_sim.errors import UsageError

MOST_ROWS = 90
"""Rows that can be drawn one by one."""
_DELAY = re.compile(
    r"(WATERMARK\s+FOR\s+\S+\s+AS\s+\S+\s*-\s*INTERVAL\s*)'([\d.]+)'(\s*SECOND)", re.IGNORECASE
)
Bounds = tuple[int, int]
Change = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Landed:
    """A row and what it did.

    event, at: its time and when it came (epoch ms); mark: the watermark it met, None before the
    first, and reached: the one it left; lost: whether no operator took it; missed: windows that
    were closed to it; closed: the windows that closed with it; changes: of the last answer.
    """

    number: int
    event: int
    at: int
    split: str
    mark: int | None
    reached: int | None
    lost: bool
    missed: int
    closed: tuple[Bounds, ...]
    changes: tuple[Change, ...]


@dataclass(slots=True)
class Box:
    """A window, with the rows (by number) that opened and closed it; until: None while open."""

    start: int
    end: int
    since: int
    until: int | None = None


@dataclass(slots=True)
class Run:
    """A query over a feed. tables: its rows after each; hidden: rows that were not drawn.

    by_shard: whether each shard has a watermark of its own.
    """

    landed: list[Landed] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    tables: list[list[dict[str, Any]]] = field(default_factory=list)
    hidden: int = 0
    by_shard: bool = False

    @property
    def lost(self) -> int:
        """Rows that no operator took."""
        return sum(one.lost for one in self.landed)


def delay_of(sql: str) -> str:
    """The seconds that a script's watermark waits; empty where it has none in seconds."""
    found = _DELAY.search(sql)
    return found[2] if found else ""


def with_delay(sql: str, seconds: str) -> str:
    """A script with another delay of its watermarks."""
    return _DELAY.sub(rf"\g<1>'{seconds}'\g<3>", sql)


def fed(feed: Feed, arrival: str | None = None) -> list[FedRow]:
    """A feed's rows as they come; without an instant, each a second after the one before."""
    rows = list(arrivals(feed, arrival))
    return [row if row.at is not None else row._replace(at=n * 1_000) for n, row in enumerate(rows)]


def shard_by_shard(rows: Sequence[FedRow]) -> list[FedRow]:
    """The same rows as a backfill reads them: one shard's backlog, then the next one's."""
    begin = max((row.at or 0 for row in rows), default=0)
    ordered = sorted(rows, key=lambda row: row.split)
    return [row._replace(at=begin + 10 * n) for n, row in enumerate(ordered)]


def silenced(rows: Sequence[FedRow]) -> list[FedRow]:
    """The same rows, but that the last shard gives none from a third of the time on."""
    times, shards = [row.at or 0 for row in rows], sorted({row.split for row in rows})
    if len(shards) < 2:
        return list(rows)
    since = min(times) + (max(times) - min(times)) // 3
    return [row for row in rows if row.split != shards[-1] or (row.at or 0) < since]


def with_idle_timeout(sql: str, seconds: int) -> str:
    """A script in which a shard that is silent for so long does not hold the watermark back."""
    return f"SET '{IDLE_TIMEOUT}' = '{seconds} s'; {sql}"


def followed(sql: str, rows: Sequence[FedRow], *, by_shard: bool = False) -> Run:
    """Run a script's last query over rows. Raises SqlError, UsageError."""
    session = FlinkSession(by_split=by_shard)
    session.execute(sql)
    if not session.answers:
        raise UsageError("The text has neither SELECT nor INSERT INTO: there is nothing to draw.")
    run = _Follower(session).over(rows)
    run.by_shard = by_shard
    return run


class _Follower:
    def __init__(self, session: FlinkSession) -> None:
        self._session = session
        self._job: Job = session.job()
        self._answer: SqlAnswer = session.answers[-1]
        self._idle = IdleShards(self._job, session.options)
        self._readers = {n: table_reader(t) for n, t in session.catalog.tables.items()}
        self._windows = [
            one
            for one in self._job.operators.values()
            if isinstance(one, SessionAssignment)
            or (isinstance(one, WindowBuffer) and one.time == EVENT)
        ][:1]  # behind a session its aggregate closes with it
        self._run = Run()
        self._open: list[tuple[Any, Box]] = []

    def over(self, rows: Sequence[FedRow]) -> Run:
        know_shards(self._job, rows)
        for number, row in enumerate(rows[:MOST_ROWS]):
            self._put(number, row)
        self._run.hidden = max(0, len(rows) - MOST_ROWS)
        return self._run

    def _put(self, number: int, row: FedRow) -> None:
        if row.table not in self._readers:
            raise UsageError(f"Rows for {row.table!r}, which no CREATE TABLE declares.")
        at, mark = row.at or 0, self._job.watermark
        before = sum(self._job.lost.values()), self._pairs, len(self._answer)
        self._idle.before(at, row.split)
        self._job.put(row.table, self._readers[row.table](row.row), at=at, split=row.split)
        lost = sum(self._job.lost.values()) - before[0]
        self._run.landed.append(
            Landed(
                number=number,
                event=self._event(row),
                at=at,
                split=row.split,
                mark=mark,
                reached=self._job.watermark,
                lost=lost > 0,
                missed=self._pairs - before[1],
                closed=tuple(self._looked(number)),
                changes=tuple(self._answer.changelog[before[2] :]),
            )
        )
        self._run.tables.append(self._answer.rows)

    @property
    def _pairs(self) -> int:
        return sum(one.late_pairs for one in self._windows if isinstance(one, WindowBuffer))

    def _event(self, row: FedRow) -> int:
        """A row's event time (epoch ms); when it came, where its table has no watermark."""
        table = self._session.catalog.tables[row.table]
        if table.statement.watermark is None:
            return row.at or 0
        name = table.statement.watermark[0]
        for place, column in enumerate(table.given):
            if column.name == name:
                value = table.readers[place](row.row.get(column.metadata or name))
                return int(value) if isinstance(value, int) else row.at or 0
        return row.at or 0

    def _looked(self, number: int) -> Iterator[Bounds]:
        """Note the windows that are open now; give those that no longer are."""
        before, self._open = self._open, []
        for key, (start, end) in [pair for one in self._windows for pair in _open(one)]:
            same = [one for one in before if one[0] == key and _meet(one[1], (start, end))]
            for one in same[1:]:  # sessions that became one
                self._run.boxes.remove(one[1])
            box = same[0][1] if same else Box(start, end, number)
            if not same:
                self._run.boxes.append(box)
            box.start, box.end = start, end
            self._open.append((key, box))
            before = [one for one in before if one not in same]
        for _, box in before:
            box.until = number
            yield box.start, box.end


def _meet(box: Box, bounds: Bounds) -> bool:
    return box.start <= bounds[1] and bounds[0] <= box.end


def _open(operator: Any) -> Iterable[tuple[Any, Bounds]]:
    """The open windows of an operator, each with what it is known by."""
    if isinstance(operator, SessionAssignment):
        for key, sessions in operator.sessions.items():
            yield from ((key, (one[0], one[1])) for one in sessions)
        return
    for end, groups in operator.windows.items():
        starts = {group[0] for group in groups if isinstance(group[0], int)}
        yield from (((start, end), (start, end)) for start in starts)
