"""The check of the lesson on buffering: a fresh lake for little, tried for an hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.firehose.events import ObjectWritten, RecordsTaken
from kinesis_sim.firehose.metering import BILLED_STEP
from kinesis_sim.instants import HOUR, SECOND, to_ms
from kinesis_sim.words import whole_from
from kinesis_sim.workloads.events.app_clicks import app_clicks
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.scenes.hose import only_weighed, pour

STREAM = "clicks-to-lake"
OPENING, SESSIONS = "2026-01-01T08:00:00Z", 50_000
FRESH_S, MOST_OBJECTS, MOST_USD = 60, 75, Decimal("0.00014")
SPARE_S = 2
"""Seconds of the minute below which a longer interval is no advice."""


@dataclass(frozen=True, slots=True)
class Hour:
    """What the settings made of the hour.

    stale: the longest that a click waited (seconds); objects; usd; largest: bytes of a record;
    steps: of 5 KB that a record is billed as, on average and rounded up.
    """

    stale: float
    objects: int
    usd: Decimal
    largest: int
    steps: int


def fresh_lake(size: Any, interval: Any, pack: Any) -> Verdict:
    """Every click is in the lake within a minute, in few objects, and hardly any air is billed."""
    size, interval, pack = map(whole_from, (size, interval, pack))
    if size is None or interval is None or pack is None:
        return not_yet("shape")
    if pack < 1:
        return not_yet("pack", pack=pack)
    hour = _played(size, interval, min(pack, len(clicks())))
    if isinstance(hour, str):
        return not_yet("refused", told=hour)
    if hour.stale > FRESH_S:
        return _stale(hour, interval, pack)
    if hour.usd > MOST_USD:
        reason = "over" if hour.steps > 1 and pack * _mean() < 2 * BILLED_STEP else "air"
        return not_yet(reason, pack=pack, bytes=hour.largest, steps=hour.steps, usd=hour.usd)
    if hour.objects > MOST_OBJECTS:
        return _many(hour, interval, pack)
    return passed(
        stale=round(hour.stale, 1),
        objects=hour.objects,
        usd=hour.usd,
        pack=pack,
        bytes=hour.largest,
        steps=hour.steps,
    )


def _stale(hour: Hour, interval: int, pack: int) -> Verdict:
    """Too old: by the interval alone, or with what a click waits before Firehose has it."""
    stale, before = round(hour.stale, 1), round(hour.stale - interval, 1)
    reason = "interval" if interval > FRESH_S else "gathered" if pack > 1 else "second"
    return not_yet(reason, stale=stale, before=before, interval=interval, pack=pack)


def _many(hour: Hour, interval: int, pack: int) -> Verdict:
    """Too many objects: the interval may grow, unless gathering has eaten the minute."""
    stale, before = round(hour.stale, 1), round(hour.stale - interval, 1)
    if hour.stale > FRESH_S - SPARE_S:
        return not_yet("crowded", objects=hour.objects, interval=interval, before=before, pack=pack)
    return not_yet("many", objects=hour.objects, interval=interval, stale=stale)


@cache
def clicks() -> Sequence[Arrival]:
    """The recorded hour."""
    begin = to_ms(OPENING)
    found = app_clicks(begin - HOUR, hours=2, sessions_per_day=SESSIONS)
    return [click for click in found if begin <= click.at < begin + HOUR]


@cache
def _mean() -> float:
    """Bytes of a click and its line end, on average."""
    return sum(len(click.data) + 1 for click in clicks()) / len(clicks())


@lru_cache(maxsize=64)
def _played(size: int, interval: int, pack: int) -> Hour | str:
    """The hour with these settings; what AWS says where it refuses them."""
    from botocore.exceptions import ClientError, ParamValidationError

    sim = Simulator(start=OPENING, latency=None, delays="instant")
    only_weighed(sim)
    try:
        _create(sim, size, interval)
    except (ClientError, ParamValidationError) as error:
        return str(error).splitlines()[-1]
    pour(sim, STREAM, clicks(), pack=pack, end=b"\n")
    sim.advance(minutes=15)
    return _seen(sim, pack)


def _create(sim: Simulator, size: int, interval: int) -> None:
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=STREAM,
        ExtendedS3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{sim.account}:role/firehose",
            "BucketARN": "arn:aws:s3:::lake",
            "BufferingHints": {"SizeInMBs": size, "IntervalInSeconds": interval},
        },
    )


def _seen(sim: Simulator, pack: int) -> Hour:
    hour, written = clicks(), sim.events.of(ObjectWritten)
    stale = first = 0
    for each in written:  # objects hold records in order, and a record holds ``pack`` clicks
        stale = max(stale, each.at - hour[first * pack].at)
        first += each.records
    ends = [hour[at : at + pack] for at in range(0, len(hour), pack)]
    largest = max(sum(len(click.data) + 1 for click in together) for together in ends)
    taken = sim.events.of(RecordsTaken)
    billed = sum(event.billed_bytes for event in taken) // sum(event.records for event in taken)
    return Hour(
        stale=stale / SECOND,
        objects=len(written),
        usd=round(sim.bill().total, 6),
        largest=largest,
        steps=-(-billed // BILLED_STEP),
    )
