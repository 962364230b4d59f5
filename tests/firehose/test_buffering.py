"""Buffers: the laws at the top of ``firehose/buffering.py``, to the record."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.clock import Clock
from kinesis_sim.firehose.buffering import BufferLane, Hints, Shipment
from kinesis_sim.firehose.record import Record
from tests.effort import examples

ARRIVALS = st.lists(st.tuples(st.integers(0, 700), st.integers(0, 120)), min_size=1, max_size=40)


class Yard:
    """Takes batches over, at once or when told."""

    def __init__(self, clock: Clock, *, at_once: bool) -> None:
        self.clock = clock
        self.at_once = at_once
        self.seen: list[tuple[int, Shipment]] = []
        self.waiting: list[tuple[BufferLane, Shipment]] = []
        self.failed: list[Record] = []

    def send(self, lane: BufferLane, shipment: Shipment) -> None:
        self.seen.append((self.clock.now, shipment))
        if self.at_once:
            lane.done(shipment)
        else:
            self.waiting.append((lane, shipment))

    def broken(self, lane: BufferLane, shipment: Shipment, error: Exception) -> None:
        self.failed += shipment.records
        shipment.records = []

    def finish(self) -> None:
        lane, shipment = self.waiting.pop(0)
        lane.done(shipment)


@settings(max_examples=examples(150))
@given(arrivals=ARRIVALS, size=st.integers(50, 300), interval=st.integers(1, 900))
def test_no_flush_before_a_condition_none_after_it(
    arrivals: list[tuple[int, int]], size: int, interval: int
) -> None:
    """A reference that knows only the rule says when each object leaves, with which records."""
    clock = Clock(0)
    yard = Yard(clock, at_once=True)
    lane = BufferLane("", Hints(size, interval), 10 * size, clock, yard.send, yard.broken)
    expected: list[tuple[int, int]] = []
    held: list[int] = []
    opened = 0
    for pause, length in arrivals:
        moment = clock.now + pause
        if held and opened + interval <= moment:
            expected.append((opened + interval, len(held)))
            held = []
        clock.advance(pause)
        if not held:
            opened = moment
        held.append(length)
        if sum(held) >= size:
            expected.append((moment, len(held)))
            held = []
        lane.add([Record(bytes(length), clock.now)])
    assert [(at, len(shipment.records)) for at, shipment in yard.seen] == expected
    assert lane.held == len(held)


def test_size_is_met_by_the_record_that_reaches_it() -> None:
    clock = Clock(0)
    yard = Yard(clock, at_once=True)
    lane = BufferLane("", Hints(100, 1_000), 1_000, clock, yard.send, yard.broken)
    lane.add([Record(bytes(60), 0), Record(bytes(60), 0), Record(bytes(10), 0)])
    ((_, shipment),) = yard.seen
    assert shipment.bytes == 120
    assert shipment.trigger == "size"
    assert lane.held == 1


def test_zero_buffering_is_a_few_seconds() -> None:
    clock = Clock(0)
    yard = Yard(clock, at_once=True)
    lane = BufferLane("", Hints(100, 0), 1_000, clock, yard.send, yard.broken)
    lane.add([Record(b"a", 0)])
    clock.advance(2_999)
    assert yard.seen == []
    clock.advance(1)
    assert len(yard.seen) == 1


def test_a_lane_that_waits_lets_its_buffer_grow_to_the_raised_size() -> None:
    clock = Clock(0)
    yard = Yard(clock, at_once=False)
    lane = BufferLane("", Hints(100, 1_000), 300, clock, yard.send, yard.broken)
    lane.add([Record(bytes(100), 0)] * 3)
    assert [shipment.bytes for _, shipment in yard.seen] == [100]
    assert lane.bytes == 200
    clock.advance(2_000)
    assert lane.bytes == 200  # the interval is over, and the first batch is still under way
    lane.add([Record(bytes(100), 0)])
    assert lane.bytes == 0
    yard.finish()
    assert [shipment.bytes for _, shipment in yard.seen] == [100, 300]


def test_what_was_due_meanwhile_leaves_as_soon_as_the_way_is_free() -> None:
    clock = Clock(0)
    yard = Yard(clock, at_once=False)
    lane = BufferLane("", Hints(100, 1_000), 300, clock, yard.send, yard.broken)
    lane.add([Record(bytes(100), 0), Record(bytes(10), 0)])
    clock.advance(5_000)
    yard.finish()
    at, shipment = yard.seen[-1]
    assert (at, shipment.bytes, shipment.trigger) == (5_000, 10, "backlog")


def test_a_thousand_batches_in_a_row_need_no_deep_stack() -> None:
    clock = Clock(0)
    yard = Yard(clock, at_once=False)
    lane = BufferLane("", Hints(1, 1_000), 1, clock, yard.send, yard.broken)
    lane.add([Record(b"a", 0)] * 3_000)
    yard.at_once = True
    yard.finish()
    assert len(yard.seen) == 3_000
    assert lane.idle


def test_a_batch_is_told_of_when_it_leaves_its_buffer_not_when_its_turn_comes() -> None:
    clock = Clock(0)
    yard = Yard(clock, at_once=False)
    told: list[int] = []
    lane = BufferLane(
        "",
        Hints(100, 1_000),
        300,
        clock,
        yard.send,
        yard.broken,
        flushed=lambda shipment: told.append(clock.now),
    )
    lane.add([Record(bytes(100), 0)])
    clock.advance(10)
    lane.add([Record(bytes(300), 0)])
    clock.advance(10)
    yard.finish()
    assert told == [0, 10]
    assert [at for at, _ in yard.seen] == [0, 20]
