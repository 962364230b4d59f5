"""The check of the lesson on exams."""

from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.arguments import said
from kinesis_sim.aws.gate import CallRefused
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.streams.events import RecordsPut
from kinesis_sim.words import whole_from

STREAM, SENT, SIZE = "doubt", 1_200, 100


def doubt(refused: Any, sim: Simulator) -> Verdict:
    """1,200 records of 100 bytes were put on one shard at once; how many it refused was counted."""
    stream = sim.streams.streams.get(STREAM)
    if refused is None and not sim.streams.streams and not any(sim.events.of(CallRefused)):
        return not_yet("untouched")
    if stream is None or not stream.usable:
        return not_yet("no-stream", stream=STREAM)
    if (count := len(stream.open_shards)) != 1:
        return not_yet("shards", count=count)
    shares = [share for put in sim.events.of(RecordsPut, stream=STREAM) for share in put.shares]
    stored, lost = (sum(getattr(s, name) for s in shares) for name in ("records", "throttled"))
    data = sum(share.bytes + share.throttled_bytes for share in shares)
    if stored + lost != SENT:
        return not_yet("sent", sent=stored + lost)
    if not SENT * SIZE <= data < 2 * SENT * SIZE:
        return not_yet("size", bytes=data)
    if not lost:
        return not_yet("spread")
    if refused is None:
        return not_yet("uncounted")
    return _counted(refused, lost)


def _counted(refused: Any, lost: int) -> Verdict:
    counted = whole_from(refused)
    if counted is None:
        return not_yet("no-number", refused=said(refused))
    return passed(refused=lost) if counted == lost else not_yet("counted", counted=counted)
