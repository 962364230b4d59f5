"""The check of the lesson on capacity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinesis_sim.account.quotas import TABLE
from kinesis_sim.arguments import said
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.words import whole_from
from kinesis_sim.workloads.pipeline.pipeline import Pipeline
from kinesis_sim.workloads.pipeline.result import Result, Row
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import FreshKeys
from kinesis_sim.workloads.producers.load import Load
from kinesis_sim.workloads.producers.shapes import Daily

PEAK, BYTES = 7_500, 200
MOST_SHARD_HOURS = 100
MOST_SHARDS = 100
"""Of a plan that is tried at all: an hour of more costs more shard hours than the day may have."""
DAY_MINUTES = 1_440
HOURS = 24  # a plan whose minutes all look like hours of the day


def smallest_plan(shards: Any, plan: Any) -> Verdict:
    """The day of rides goes through with nothing refused, in at most a hundred shard hours."""
    begin = whole_from(shards)
    if begin is None or begin < 1 or not isinstance(plan, Mapping):
        return not_yet("shape")
    calls: dict[int, int] = {}
    for minute, target in plan.items():
        at, wanted = whole_from(minute), whole_from(target)
        if at is None or wanted is None or not 0 <= at < DAY_MINUTES or wanted < 0:
            return not_yet("row", minute=said(minute), target=said(target))
        calls[at] = wanted
    if calls and max(calls) < HOURS:
        return not_yet("hours", minute=max(calls), time=_clock(max(calls)))
    return _judged(begin, calls)


def _judged(shards: int, plan: Mapping[int, int]) -> Verdict:
    if (many := max(shards, *plan.values(), 0)) > MOST_SHARDS:
        return not_yet("too-many", shards=said(many), most=MOST_SHARDS)
    if len(plan) > (most := int(TABLE["streams.scalings_per_day"].value)):
        return not_yet("calls", count=len(plan), most=most)
    if wrong := _out_of_bounds(shards, plan):
        return not_yet("bounds", **wrong)
    day = _day(shards, plan)
    if refused := next((row for row in day.rows if row["throttled"] >= 1), None):
        return not_yet("throttled", **_told(refused))
    hours = sum(row["shards"] for row in day.rows) / 60
    if hours > MOST_SHARD_HOURS:
        return not_yet("dear", hours=_tenths(hours), **_idlest(day))
    return passed(hours=_tenths(hours), calls=len(plan), flat=8 * 24)


def _out_of_bounds(shards: int, plan: Mapping[int, int]) -> dict[str, object]:
    """The first call that UpdateShardCount would refuse, or nothing."""
    for minute, target in sorted(plan.items()):
        if not max(shards, 2) <= 2 * target <= 4 * shards:
            return {"time": _clock(minute), "shards": shards, "target": target}
        shards = target
    return {}


def _day(shards: int, plan: Mapping[int, int]) -> Result:
    load = Load(Daily(PEAK), FreshKeys(), BYTES)
    producer = Batcher(load, retries=0)
    return Pipeline(producers=[producer], shards=shards, scaling=plan).flow(days=1)


def _told(row: Row) -> dict[str, object]:
    return {
        "time": _clock(row["minute"]),
        "load": round(row["offered"] / 60),
        "shards": row["shards"],
    }


def _idlest(day: Result) -> dict[str, Any]:
    """The full hour in which most shards stood idle."""
    hours = [day.rows[first : first + 60] for first in range(0, DAY_MINUTES, 60)]
    idle = [sum(row["shards"] - row["offered"] / 60_000 for row in rows) / 60 for rows in hours]
    worst = max(range(len(idle)), key=idle.__getitem__)
    rows = hours[worst]
    return {
        "time": _clock(60 * worst),
        "load": round(max(row["offered"] for row in rows) / 60),
        "shards": _tenths(sum(row["shards"] for row in rows) / 60),
    }


def _tenths(value: float) -> float:
    """One place behind the point, and none where it would be a zero."""
    rounded = round(value, 1)
    return int(rounded) if rounded.is_integer() else rounded


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
