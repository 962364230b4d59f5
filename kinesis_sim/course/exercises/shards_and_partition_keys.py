"""The check of the lesson on shards and partition keys."""

from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.events.generators import rides
from kinesis_sim.workloads.readers.read import read

RIDES, SHARDS, MOST_PERCENT = "pedala-rides", 4, 40


def spread_station(trial: Simulator) -> Verdict:
    """No shard holds more than its part of the day; each bike's events are in order on one."""
    if RIDES not in trial.streams.streams:
        return not_yet("no-stream", stream=RIDES)
    if (count := trial.streams[RIDES].open_count) != SHARDS:
        return not_yet("shards", stream=RIDES, count=count)
    per_shard = {
        shard.id: read(trial, RIDES, shards=[shard.id]) for shard in trial.streams[RIDES].shards
    }
    total = sum(map(len, per_shard.values()))
    if not total:
        return not_yet("empty")
    if not all(_is_ride(record) for records in per_shard.values() for record in records):
        return not_yet("foreign", stream=RIDES)
    if total < (whole := _day()) / 2:  # a few may be refused on the way
        return not_yet("part", count=total, whole=whole)
    shard, most = max(per_shard.items(), key=lambda pair: len(pair[1]))
    if (percent := 100 * len(most) / total) > MOST_PERCENT:
        return _crowded(trial, per_shard, shard, round(percent))
    if torn := _torn(per_shard):
        bike, shards = torn
        return not_yet("torn", bike=bike, count=shards)
    if unordered := _disordered(per_shard):
        return not_yet("disordered", bike=unordered)
    return passed(percent=round(percent), total=total)


@cache
def _day() -> int:
    """How many events the day of rides has."""
    return sum(1 for _ in rides())


def _crowded(
    trial: Simulator, per_shard: dict[str, list[dict[str, Any]]], shard: str, percent: int
) -> Verdict:
    """Too few different keys to fill every shard, or one key among many that is hot."""
    keys = {record["PartitionKey"] for records in per_shard.values() for record in records}
    if len(keys) < len(trial.streams[RIDES].shards):
        return not_yet("few-keys", keys=", ".join(sorted(keys)), shard=shard, percent=percent)
    return not_yet("crowded", shard=shard, percent=percent, most=MOST_PERCENT)


def _torn(per_shard: dict[str, list[dict[str, Any]]]) -> tuple[str, int] | None:
    """A bike whose events lie on several shards, and how many."""
    places = {(_event(r)["bike_id"], shard) for shard, rs in per_shard.items() for r in rs}
    counts = Counter(bike for bike, _shard in places)
    return next(((bike, n) for bike, n in sorted(counts.items()) if n > 1), None)


def _disordered(per_shard: dict[str, list[dict[str, Any]]]) -> str | None:
    """A bike whose events are not stored in the order in which they happened."""
    times: dict[str, list[str]] = {}
    for event in (_event(record) for records in per_shard.values() for record in records):
        times.setdefault(event["bike_id"], []).append(event["event_time"])
    unordered = (b for b, ts in sorted(times.items()) if any(a > z for a, z in pairwise(ts)))
    return next(unordered, None)


def _is_ride(record: dict[str, Any]) -> bool:
    """Whether a record is one of the rides: others may have been put by hand beside them."""
    try:
        event: object = _event(record)
    except ValueError:
        return False
    return isinstance(event, dict) and isinstance(event.get("bike_id"), str)


def _event(record: dict[str, Any]) -> dict[str, Any]:
    return Arrival(record["PartitionKey"], record["Data"], 0).event
