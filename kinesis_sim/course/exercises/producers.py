"""The check of the lesson on producers."""

from collections import Counter
from itertools import pairwise

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.streams.events import RecordsPut
from kinesis_sim.workloads.readers.read import read

STREAM, COUNT = "pedala-unlocks", 3_000
TRAIN = frozenset(f"unlock {number}".encode() for number in range(COUNT))
MOST_REFUSED = 3 * COUNT
"""Refused attempts that still count as patient. Over 40 seeds, waits that double from 100 ms with
full jitter came to 6,000 at most; waits of up to 100 ms that do not grow, to 14,500 at least."""
IN_STEP_MS = 5  # waits that differ by less are equal; the calls between take 10 ms each


def resend(trial: Simulator) -> Verdict:
    """All records of the train are stored, each once, without hammering and not in step.

    Bikes report into the same shard meanwhile (PutRecord), so that batches fail in part: whoever
    sends a whole batch again doubles what was stored of it.
    """
    if STREAM not in trial.streams.streams:
        return not_yet("no-stream", stream=STREAM)
    stored = Counter(record["Data"] for record in read(trial, STREAM))
    if stored.keys().isdisjoint(TRAIN):
        return not_yet("empty")
    if lost := len(TRAIN - stored.keys()):
        return not_yet("lost", lost=lost, stored=COUNT - lost)
    if doubled := sum(stored[data] - 1 for data in TRAIN):
        return not_yet("doubled", doubled=doubled)
    return _manners(trial)


def _manners(trial: Simulator) -> Verdict:
    puts = [put for put in trial.events.of(RecordsPut, stream=STREAM) if put.api == "PutRecords"]
    if not puts:
        return not_yet("one-by-one")
    refused = sum(share.throttled for put in puts for share in put.shares)
    if refused > MOST_REFUSED:
        return not_yet("hammered", refused=refused, calls=len(puts))
    waits = _waits(puts)
    if len(waits) > 1 and max(waits) - min(waits) < IN_STEP_MS:
        return not_yet("in-step", wait=waits[0])
    seconds = (puts[-1].at - puts[0].at) / 1000
    return passed(total=COUNT, calls=len(puts), refused=refused, seconds=round(seconds, 1))


def _waits(puts: list[RecordsPut]) -> list[int]:
    """Milliseconds from each call that was refused something to the next call."""
    return [
        later.at - put.at
        for put, later in pairwise(puts)
        if any(share.throttled for share in put.shares)
    ]
