"""Proofs of questions whose numbers are drawn: Firehose's buffers and calls."""

from __future__ import annotations

from math import ceil
from typing import Any

from kinesis_sim.course.drawing import Drawing
from kinesis_sim.course.proofs.bench import refusal
from kinesis_sim.course.proofs.drawn_streams import agreeing, drawing
from kinesis_sim.course.proofs.hoses import HOSE, hose
from kinesis_sim.firehose.events import ObjectWritten
from kinesis_sim.instants import SECOND
from kinesis_sim.units import KIB, MIB
from kinesis_sim.workloads.scenes.hose import Hose


def which_first(rate: int, size: int, interval: int) -> Drawing:
    """F02: that flow into that buffer; when the first object is written."""
    sim, _ = hose(size, interval)
    begin = sim.clock.now
    Hose(sim, HOSE, rate).play(minutes=6)
    first = (sim.events.of(ObjectWritten)[0].at - begin) / SECOND
    by_size = size * 60 // rate
    fills = {"by_size": by_size, "both": interval + by_size, "most": 900}
    told = {"time": interval, "size": by_size, "both": interval + by_size, "most": 900}
    return Drawing(agreeing(told, first, within=4), fills)


def objects_an_hour(interval: int) -> Drawing:
    """F20: an hour of that flow; the objects."""
    sim, _ = hose(64, interval)
    Hose(sim, HOSE, 0.5).play(hours=1)
    right = 3_600 // interval
    told = {"right": right, "twice": 2 * right, "half": right // 2, "one": 1}
    return drawing(told, len(sim.events.of(ObjectWritten)), within=1)


def fewest_batches(records: int, kb: int) -> Drawing:
    """F17: the calls that each rule wants; the fewest that are all taken."""
    count, size = ceil(records / 500), ceil(records * kb * KIB / (4 * MIB))
    told = {"count": count, "size": size, "sum": count + size, "twice": 2 * max(count, size)}
    _, firehose = hose(5, 60, limits="off")
    able = [calls for calls in told.values() if _all_taken(firehose, records, kb, calls)]
    return drawing(told, min(able))


def _all_taken(firehose: Any, records: int, kb: int, calls: int) -> bool:
    """Whether the largest of so many even calls is taken."""
    batch = [{"Data": bytes(kb * KIB)}] * ceil(records / calls)
    return not refusal(firehose.put_record_batch, DeliveryStreamName=HOSE, Records=batch)
