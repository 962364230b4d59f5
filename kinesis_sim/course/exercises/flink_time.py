"""The check of the lesson on event time: rides counted by the minute, although some come late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.running import FedRow, table_reader
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.errors import KinesisSimError
from kinesis_sim.instants import MINUTE, SECOND, to_ms
from kinesis_sim.workloads.scenes import tunnels

MOST_LOST, MOST_SECONDS = 5, 30


@dataclass(slots=True)
class Hour:
    """What a script made of an hour: rows with the instant at which each came, and rides lost."""

    rows: list[tuple[int, Any, Any]]
    lost: int

    @property
    def counted(self) -> Counter[Any]:
        """Rides by minute."""
        counted: Counter[Any] = Counter()
        for _, start, number in self.rows:
            counted[start] += number
        return counted

    @property
    def slowest(self) -> float:
        """The longest that a minute's row came after its end (s)."""
        return float(max(at - start - MINUTE for at, start, _ in self.rows)) / SECOND


def late_rows(script: str) -> Verdict:
    """One final row a minute, hardly a ride lost, none of the rows long after its minute."""
    if not isinstance(script, str):
        return not_yet("shape")
    try:
        session = FlinkSession()
        session.execute(script)
        if fault := _form(session):
            return fault
        hour = _played(session)
    except KinesisSimError as error:
        return not_yet("refused", told=error)
    return _windows(hour) or _bet(hour)


def _form(session: FlinkSession) -> Verdict | None:
    """What is wrong with the query before any ride has come."""
    if not session.answers:
        return not_yet("nothing-asked")
    answer = session.answers[-1]
    if answer.changing:
        return not_yet("updates")
    if tunnels.TABLE not in session.catalog.tables:
        return not_yet("no-rides")
    kinds = [one.kind for one in answer.fields if not one.hidden]
    if len(kinds) != 2 or not kinds[0].instant or kinds[1].instant:
        return not_yet("columns", columns=", ".join(answer.columns))
    return None


def _windows(hour: Hour) -> Verdict | None:
    """Whether the rows are the minutes, each once, of event time."""
    if not hour.rows:
        return not_yet("no-rows")
    starts = [start for _, start, _ in hour.rows]
    if len(set(starts)) < len(starts) or sum(hour.counted.values()) > len(rides()):
        return not_yet("twice", rows=len(starts), rides=sum(hour.counted.values()))
    truth = minutes()
    apart = {later - earlier for earlier, later in pairwise(sorted(starts))}
    if not set(starts) <= set(truth) or apart - {MINUTE}:
        return not_yet("not-minutes", rows=len(starts))
    wrong = sum(truth[start] != number for start, number in hour.counted.items())
    if wrong > hour.lost:
        return not_yet("arrival", wrong=wrong, minutes=len(starts))
    return None


def _bet(hour: Hour) -> Verdict:
    """Whether the watermark waits long enough, and not longer."""
    slowest = round(hour.slowest, 1)
    if hour.lost > MOST_LOST:
        return not_yet("lost", lost=hour.lost, slowest=slowest)
    if hour.slowest > MOST_SECONDS:
        return not_yet("slow", lost=hour.lost, slowest=slowest)
    return passed(lost=hour.lost, slowest=slowest)


def _played(session: FlinkSession) -> Hour:
    job, answer = session.job(), session.answers[-1]
    read = table_reader(session.catalog.tables[tunnels.TABLE])
    now, hour = 0, Hour([], 0)
    visible = [place for place, one in enumerate(answer.fields) if not one.hidden]
    answer.tell(lambda _, row: hour.rows.append((now, *(row[place] for place in visible))))
    for ride in rides():
        now = ride.at or 0
        job.put(tunnels.TABLE, read(ride.row), at=now)
    hour.lost = sum(job.lost.values())
    return hour


@cache
def rides() -> Sequence[FedRow]:
    """The recorded hour."""
    return tunnels.minutes(60)


@cache
def minutes() -> Counter[int]:
    """How many rides ended in each minute, late or not; by its beginning (epoch ms)."""
    ended = [to_ms(str(ride.row["ended"]).replace(" ", "T") + "Z") for ride in rides()]
    return Counter(at - at % MINUTE for at in ended)
