"""The check of the lesson on producers."""

from collections import Counter
from itertools import pairwise

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.streams.events import RecordsPut
from kinesis_sim.workloads.readers.read import read

STREAM, COUNT = "pedala-unlocks", 3_000
TRAIN = frozenset(f"unlock {number}".encode() for number in range(COUNT))
MOST_REFUSED = 2 * COUNT
"""Refused attempts that still count as patient. Over 20 seeds, waits that double from 100 ms with
full jitter came to 4,300 at most; waits of up to 100 ms that do not grow, to 10,400 at least."""
CALL_MS = 50
"""From one call to the next of a program that waits for nothing: 10 ms, and the bikes' calls."""
IN_STEP_MS = 5  # waits that differ by less are equal; the calls between take 10 ms each


def resend(trial: Simulator) -> Verdict:
    """All records of the train are stored, each once, without hammering and not in step.

    One of two shards fills first, and bikes report into both meanwhile (PutRecord), so that batches
    fail in part and not at their ends: whoever sends a whole batch again doubles what was stored of
    it, and whoever goes by the count alone sends the wrong entries.
    """
    if STREAM not in trial.streams.streams:
        return not_yet("no-stream", stream=STREAM)
    stored = Counter(record["Data"] for record in read(trial, STREAM))
    if stored.keys().isdisjoint(TRAIN):
        return not_yet("empty")
    doubled = sum(stored[data] - 1 for data in TRAIN & stored.keys())
    if lost := len(TRAIN - stored.keys()):
        if doubled:
            return not_yet("misplaced", lost=lost, doubled=doubled)
        refused = sum(map(_refused, _calls(trial)))
        found = {"lost": lost, "stored": COUNT - lost}
        return not_yet("lost", refused=refused, **found) if refused else not_yet("unsent", **found)
    if doubled:
        return not_yet("doubled", doubled=doubled)
    return _manners(trial)


def _manners(trial: Simulator) -> Verdict:
    puts = _calls(trial)
    if not puts:
        return not_yet("one-by-one")
    seconds = round((puts[-1].at - puts[0].at) / 1000, 1)
    refused = sum(map(_refused, puts))
    if not refused:
        return not_yet("paced", seconds=seconds)
    if refused > MOST_REFUSED:
        return not_yet("hammered", refused=refused, calls=len(puts))
    if unasked := _unasked(puts):
        return not_yet("unasked", wait=unasked)
    waits = _waits(puts)
    if len(waits) > 1 and max(waits) - min(waits) < IN_STEP_MS:
        return not_yet("in-step", wait=waits[0])
    return passed(total=COUNT, calls=len(puts), refused=refused, seconds=seconds)


def _calls(trial: Simulator) -> list[RecordsPut]:
    """The train's calls: the bikes beside it put one record at a time."""
    return [put for put in trial.events.of(RecordsPut, stream=STREAM) if put.api == "PutRecords"]


def _refused(put: RecordsPut) -> int:
    return sum(share.throttled for share in put.shares)


def _waits(puts: list[RecordsPut]) -> list[int]:
    """Milliseconds from each call that was refused something to the next call."""
    return [later.at - put.at for put, later in pairwise(puts) if _refused(put)]


def _unasked(puts: list[RecordsPut]) -> int:
    """The longest wait (ms) after a call that was taken whole; 0 when there was none."""
    gaps = [later.at - put.at for put, later in pairwise(puts) if not _refused(put)]
    return max((gap for gap in gaps if gap > CALL_MS), default=0)
