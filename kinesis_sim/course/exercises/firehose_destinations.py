"""The check of the lesson on Firehose's destinations: a broken pipeline is mended."""

from __future__ import annotations

import json
from itertools import islice

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.course.exercises.firehose_shaping import (
    keys_of,
    other_folders,
    stream_of,
    worst_of,
)
from kinesis_sim.workloads.scenes.click_lake import clicks

SICK = "clicks-broken"
SECOND_HALF = 100
NEWEST = "select max(event_time) as newest from pedala.clicks"


def repair(ward: Simulator) -> Verdict:
    """Both faults of the broken pipeline are mended, and the second hundred clicks went through."""
    stream = stream_of(ward, SICK)
    if stream is None:
        return not_yet("no-stream", stream=SICK)
    if stream.version == 1:
        return not_yet("unchanged", **worst_of(ward, SICK))
    sent = stream.tally.accepted - SECOND_HALF
    if sent < SECOND_HALF:
        return not_yet("not-sent", sent=max(sent, 0), wanted=SECOND_HALF)
    if stream.held:
        return not_yet("held", held=stream.held)
    if not keys_of(ward, SICK):
        return not_yet("still", **worst_of(ward, SICK, latest=True))
    if stream.settings.transform is None:
        return not_yet("no-function")
    if stream.tally.delivered < SECOND_HALF / 2:
        return not_yet("half", delivered=stream.tally.delivered)
    if named := other_folders(keys_of(ward, SICK)):
        return not_yet("other-key", folders=named)
    if ward.query(NEWEST)["newest"][0].isoformat() < _next_begins():
        return not_yet("again", wanted=SECOND_HALF)
    return passed(delivered=stream.tally.delivered, dropped=stream.tally.dropped)


def _next_begins() -> str:
    """When the first click after the first hundred was made: ISO 8601, UTC, without a zone."""
    made = json.loads(next(islice(clicks(), SECOND_HALF, None)))["event_time"]
    return str(made).removesuffix("Z")
