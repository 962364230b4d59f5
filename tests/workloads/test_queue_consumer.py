"""Workers on a queue: every record at least once, poison aside, time-outs too short shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Clock, Simulator, UsageError
from kinesis_sim.errors import ServiceError
from kinesis_sim.workloads.readers.queue_consumer import QueueConsumer
from tests.effort import examples
from tests.laws.test_idle_readers import Restless

STREAM = "pedala-repairs"


class Workshop:
    """What was repaired, and what cannot be."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.poison: set[int] = set()

    def __call__(self, queue: str, records: list[dict[str, Any]]) -> None:
        [record] = records
        number = int(record["Data"])
        if number in self.poison:
            raise ValueError(f"no such part: {number}")
        self.seen.append(number)


def begun(**options: Any) -> tuple[Simulator, Workshop, QueueConsumer]:
    sim = Simulator(latency=None, delays="instant")
    mode = {"StreamMode": "ON_DEMAND"}
    sim.client("kinesis").create_stream(StreamName=STREAM, StreamModeDetails=mode)
    workshop = Workshop()
    return sim, workshop, QueueConsumer(sim, STREAM, workshop, name="repairs", **options)


def looked(moves: list[tuple[str, int]], clock: Clock) -> tuple[object, ...]:
    """What happened, and when, to two workers on a clock."""
    sim = Simulator(clock=clock, latency=None, delays="instant")
    mode = {"StreamMode": "ON_DEMAND"}
    sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "StreamModeDetails": mode})
    told: list[tuple[int, bytes]] = []

    def work(queue: str, records: list[dict[str, Any]]) -> None:
        told.append((sim.clock.now, records[0]["Data"]))
        if len(told) % 3 == 0:
            raise ValueError("a part is missing")

    consumer = QueueConsumer(
        sim, STREAM, work, name="repairs", workers=2, work_ms=70, visibility_s=5
    ).start()

    def arrive() -> None:
        sim.streams[STREAM].put([(b"x", str(sim.clock.now), None)], sim.clock.now)

    for what, ms in moves:
        if what == "put":
            arrive()
        elif what == "later":
            sim.clock.schedule(sim.clock.now + 400, arrive)
        elif what == "delete" and consumer.arn in sim.streams.queues:
            sim.gate.call("kinesis", "DeleteQueue", {"QueueARN": consumer.arn})
        sim.advance(milliseconds=ms)
    sim.advance(seconds=40)
    rows = sim.metrics(None).sort_values(["namespace", "metric", "time"])
    reading = consumer.reading
    return told, reading.calls, reading.records, reading.failures, rows.to_csv(), str(sim.bill())


LOOKS = st.lists(
    st.tuples(
        st.sampled_from(["put", "later", "wait", "delete"]),
        st.sampled_from([0, 1, 100, 399, 400, 9_000, 9_010, 61_000]),
    ),
    max_size=6,
)


@settings(max_examples=examples(25))
@given(LOOKS)
def test_nobody_can_tell_looks_that_are_skipped(moves: list[tuple[str, int]]) -> None:
    assert looked(moves, Clock()) == looked(moves, Restless())


def test_an_empty_wait_is_a_few_steps_of_the_clock() -> None:
    """Counted: waits of nine seconds follow one another for a year, and nothing fires."""
    sim, _, consumer = begun(workers=3)
    consumer.start()
    sim.advance(minutes=1)
    order, calls, told = sim.clock._order, consumer.reading.calls, sim.events.appended
    first = next(order)
    sim.advance(days=365)
    assert next(order) - first < 20
    assert sim.events.appended - told < 20
    rounds = consumer.reading.calls - calls
    assert abs(rounds - 3 * 365 * 86_400 // 9) <= 3
    empty = sim.metrics(metric="EmptyReceives", period=3_600)["Sum"].sum()
    assert abs(empty - rounds - calls) <= 3


def test_a_record_that_arrives_during_a_wait_is_received_at_once() -> None:
    sim, _, consumer = begun()
    consumer.start()
    sim.advance(days=1, seconds=3)
    put(sim, range(1), every_ms=25)
    assert consumer.reading.records == 1
    assert consumer.reading.calls == 1 + 86_403 // 9 + 1


def test_a_queue_that_is_gone_is_asked_no_more() -> None:
    sim, _, consumer = begun()
    consumer.start()
    sim.gate.call("kinesis", "DeleteQueue", {"QueueARN": consumer.arn})
    sim.advance(days=30)
    assert consumer.reading.failures == 1
    assert "ResourceNotFoundException" in consumer.reading.errors[-1]


def put(sim: Simulator, numbers: range, every_ms: int = 50) -> None:
    for number in numbers:
        sim.streams[STREAM].put([(b"%d" % number, f"bike-{number}", None)], sim.clock.now)
        sim.advance(milliseconds=every_ms)


def test_every_record_is_processed_and_acknowledged() -> None:
    sim, workshop, consumer = begun(workers=3)
    consumer.start()
    put(sim, range(200))
    sim.advance(seconds=5)
    assert sorted(workshop.seen) == list(range(200))
    assert consumer.reading.records == 200
    assert sim.streams.queues[consumer.arn].oldest(sim.clock.now) is None
    assert sum(shard.log.end for shard in sim.streams[STREAM].shards) == 200  # nothing is deleted


@given(
    st.lists(st.tuples(st.sampled_from(["put", "crash", "wait"]), st.integers(1, 40)), max_size=8)
)
@settings(max_examples=examples(25), deadline=None)
def test_crashes_lose_nothing(steps: list[tuple[str, int]]) -> None:
    sim, workshop, consumer = begun(workers=2, work_ms=30, visibility_s=20, max_receives=1_000)
    consumer.start()
    count = 0
    for what, value in steps:
        if what == "put":
            put(sim, range(count, count + value))
            count += value
        elif what == "crash":
            consumer.stop()
            consumer.start()
        else:
            sim.advance(seconds=value)
    sim.advance(minutes=3)
    assert set(workshop.seen) == set(range(count))
    assert sim.streams.queues[consumer.arn].oldest(sim.clock.now) is None


def test_poison_goes_aside_as_a_dead_letter_and_blocks_nobody() -> None:
    sim, workshop, consumer = begun(max_receives=3, visibility_s=10)
    workshop.poison = {7}
    consumer.start()
    put(sim, range(20))
    sim.advance(minutes=1)
    assert sorted(workshop.seen) == [n for n in range(20) if n != 7]
    assert consumer.reading.failures == 3
    assert consumer.received_again == 2
    assert consumer.reading.errors[-1] == "ValueError: no such part: 7"
    [dead] = consumer.dead_letters()
    assert (dead["Data"], dead["ReceiveCount"]) == (b"7", 3)
    assert consumer.dead_letters() == []


def test_a_time_out_shorter_than_the_work_processes_records_again() -> None:
    """Ten records of two seconds each are acknowledged after twenty: five are too few."""
    sim, workshop, consumer = begun(work_ms=2_000, visibility_s=5, workers=2, max_receives=50)
    put(sim, range(20))
    consumer.start()
    sim.advance(minutes=2)
    assert len(workshop.seen) > len(set(workshop.seen)) == 20
    assert consumer.too_late > 0
    patient_sim, patient, slow = begun(work_ms=2_000, visibility_s=60, workers=2)
    put(patient_sim, range(20))
    slow.start()
    patient_sim.advance(minutes=2)
    assert sorted(patient.seen) == list(range(20))
    assert slow.too_late == 0


def test_a_queue_that_is_there_is_used_and_latest_skips_what_came_before() -> None:
    sim, workshop, consumer = begun(start="LATEST")
    put(sim, range(5))
    consumer.start()
    consumer.stop()
    put(sim, range(5, 10))
    again = QueueConsumer(sim, STREAM, workshop, name="repairs")
    again.start()
    sim.advance(seconds=5)
    assert again.arn == consumer.arn
    assert sorted(workshop.seen) == [5, 6, 7, 8, 9]


def test_a_provisioned_stream_has_no_queues_and_wrong_numbers_are_named() -> None:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    with pytest.raises(ServiceError, match="ValidationException"):
        QueueConsumer(sim, STREAM, Workshop()).start()
    with pytest.raises(UsageError, match="workers=0"):
        QueueConsumer(sim, STREAM, Workshop(), workers=0)
    with pytest.raises(UsageError, match="start='OLDEST'"):
        QueueConsumer(sim, STREAM, Workshop(), start="OLDEST")


def test_a_worker_that_was_refused_asks_again_a_second_later() -> None:
    """A stream's key that may not be used for 1.5 seconds refuses two receives."""
    sim, _, consumer = begun()
    key = sim.keys.create_key()
    asked = {"StreamName": STREAM, "EncryptionType": "KMS", "KeyId": key}
    sim.gate.call("kinesis", "StartStreamEncryption", asked)
    sim.advance(seconds=1)
    sim.keys.set_state(key, "Disabled")
    consumer.start()
    reading = consumer.reading
    assert (reading.calls, reading.failures) == (1, 1)
    sim.advance(milliseconds=999)
    assert (reading.calls, reading.failures) == (1, 1)
    sim.advance(milliseconds=1)
    assert (reading.calls, reading.failures) == (2, 2)
    sim.keys.set_state(key, "Enabled")
    sim.advance(milliseconds=1_000)
    assert (reading.calls, reading.failures) == (3, 2)
