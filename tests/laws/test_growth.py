"""What grows with the number of shards, dead shards or partitions grows no faster than they do.

Counted in calls of functions, not in seconds: four times as much of something may take a little
over four times as many calls.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.instants import HOUR
from kinesis_sim.streams import resharding
from kinesis_sim.streams.stream import Stream


def calls(act: Callable[[], object]) -> int:
    """How many functions are called, built-in ones included."""
    count = 0

    def tell(frame: Any, what: str, arg: Any) -> None:
        nonlocal count
        count += what in ("call", "c_call")

    sys.setprofile(tell)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def made(shards: int = 4) -> tuple[Simulator, Stream]:
    sim = Simulator(latency=None, delays="instant", limits="off")
    stream = {"StreamName": "s", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    sim.gate.call("kinesis", "CreateStream", stream)
    sim.advance(seconds=2)
    found = sim.streams["s"]
    if shards > 4:
        sim.streams.scaler.resize(found, shards)
    return sim, found


def resized(start: int, end: int) -> int:
    sim, stream = made(start)
    count = calls(lambda: sim.streams.scaler.resize(stream, end))
    assert stream.open_count == end
    return count


def test_splitting_and_merging_many_shards_is_nearly_linear() -> None:
    assert resized(4, 1_024) < 5 * resized(4, 256)
    assert resized(1_024, 4) < 5 * resized(256, 4)


def reshaped(times: int) -> Callable[[], object]:
    """A put after so many reshards, a day apart, all of them expired."""
    sim, stream = made()
    for _ in range(times):
        low, high = resharding.split(
            stream, stream.open_shards[0], 1 << 100, sim.clock.now, sim.events
        )
        resharding.merge(stream, low, high, sim.clock.now, sim.events)
        sim.advance(hours=25)
        stream.trim(sim.clock.now)

    def put() -> None:
        sim.advance(seconds=2)
        stream.put([(b"x", "k", None)], sim.clock.now)

    return put


def test_shards_that_have_expired_cost_nothing() -> None:
    few, many = reshaped(3), reshaped(60)
    assert calls(many) <= calls(few) + 20


def test_a_put_looks_at_no_shard_that_has_nothing_to_trim() -> None:
    counts = []
    for shards in (4, 512):
        sim, stream = made(shards)

        def put(sim: Simulator = sim, stream: Stream = stream) -> None:
            sim.advance(seconds=2)
            stream.put([(b"x", "k", None)], sim.clock.now)

        put()
        counts.append(calls(put))
    assert counts[1] <= counts[0] + 20


@pytest.mark.parametrize("hours", [24, 48])
def test_what_expires_is_trimmed_whenever_it_is_due(hours: int) -> None:
    """The short way out of trimming never skips a record that is due."""
    sim, stream = made()
    stream.settings.retention_hours = hours
    for _ in range(5):
        stream.put([(b"x", str(key), None) for key in range(20)], sim.clock.now)
        sim.advance(hours=7)
    for _ in range(60):
        sim.advance(hours=1)
        stream.trim(sim.clock.now)
        horizon = sim.clock.now - hours * HOUR
        for shard in stream.shards:
            log = shard.log
            assert log.first == log.end or log.time_at(log.first) >= horizon


@pytest.mark.parametrize("ordered", [False, True])
def test_a_message_costs_no_more_the_more_wait_in_its_queue(ordered: bool) -> None:
    name, settings, more = "growth-waits", {}, {}
    if ordered:
        name, more = "growth-waits.fifo", {"MessageGroupId": "g"}
        settings = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    sqs = Simulator(account="868686868686", latency=None, remember=0).client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=settings)["QueueUrl"]
    counts = []
    for number in range(40):
        body = f"{number % 30}"
        counts.append(
            calls(lambda: sqs.send_message(QueueUrl=url, MessageBody=body, **more))  # noqa: B023
        )
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert counts[-1] <= counts[2] + 20
    assert told["ApproximateNumberOfMessages"] == ("30" if ordered else "40")
