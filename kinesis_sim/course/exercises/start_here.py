"""The checks of lesson 00."""

from datetime import UTC, datetime, timedelta
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.instants import to_datetime, to_ms
from kinesis_sim.streams.sequence import parse

STREAM = "lost-and-found"
CLOSE = timedelta(seconds=2)  # a sequence number tells its second, and "to the second" was asked


def lose_one(receipt: Any, lost_at: Any, sim: Simulator) -> Verdict:
    """``receipt`` is of a record that cannot be read any more, since ``lost_at``."""
    if STREAM not in sim.streams.streams:
        untouched = receipt is None and lost_at is None
        return not_yet("untouched") if untouched else not_yet("no-stream", stream=STREAM)
    if not isinstance(receipt, dict) or not _is_number(receipt.get("SequenceNumber")):
        return not_yet("no-receipt")
    if (count := len(sim.streams[STREAM].shards)) > 1:
        return not_yet("shards", stream=STREAM, count=count)
    [shard] = sim.streams[STREAM].shards
    number = parse(receipt["SequenceNumber"])
    if number.born != shard.born or number.index > shard.log.end:
        return not_yet("other-stream", stream=STREAM)
    shard.trim(sim.streams[STREAM].horizon(sim.clock.now))
    if number.index > shard.log.first:
        return not_yet("still-there", now=f"{sim.now:%Y-%m-%d %H:%M:%S}")
    if not isinstance(lost_at, datetime):
        return not_yet("no-time")
    if lost_at.tzinfo is None:
        lost_at = lost_at.replace(tzinfo=UTC)  # the simulator's clock has no other zone
    put = to_datetime(number.time * 1000)
    kept = to_datetime(to_ms(lost_at)) - put
    return _judged(kept, timedelta(hours=sim.streams[STREAM].settings.retention_hours))


def _is_number(sequence: object) -> bool:
    """Whether it can be a sequence number: up to 129 digits."""
    if not isinstance(sequence, str) or len(sequence) > 129:
        return False
    return sequence.isascii() and sequence.isdecimal()


def _judged(kept: timedelta, retention: timedelta) -> Verdict:
    if abs(kept - retention) <= CLOSE:
        return passed(hours=round(retention / timedelta(hours=1)))
    if kept < timedelta():
        return not_yet("before-it-came")
    word = "too-early" if kept < retention else "too-late"
    return not_yet(word, kept=_clock(kept))


def _clock(span: timedelta) -> str:
    """Hours, minutes and seconds: a few seconds too late is not "24 hours" then."""
    minutes, seconds = divmod(round(span / timedelta(seconds=1)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
