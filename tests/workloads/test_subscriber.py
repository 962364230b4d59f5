"""An enhanced fan-out consumer on the clock: pushed, renewed, resumed, through a split."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.errors import ServiceError
from kinesis_sim.streams.events import RecordsRead
from kinesis_sim.workloads.readers.subscriber import PUSH_MS, Subscriber

STREAM = "pedala-rides"


class Ledger:
    """What arrived, how old it was, and what cannot be read."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.seen: list[int] = []
        self.ages: list[int] = []
        self.poison: set[int] = set()

    def __call__(self, shard: str, records: list[dict[str, Any]]) -> None:
        numbers = [int(record["Data"]) for record in records]
        if self.poison.intersection(numbers):
            raise ValueError(f"cannot read {numbers}")
        self.seen += numbers
        now = self.sim.clock.now
        self.ages += [now - record["ApproximateArrivalTimestamp"] for record in records]


def begun(shards: int = 1, **options: Any) -> tuple[Simulator, Ledger, Subscriber]:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=shards)
    ledger = Ledger(sim)
    return sim, ledger, Subscriber(sim, STREAM, ledger, **options)


def put(sim: Simulator, numbers: range, every_ms: int = 100) -> None:
    for number in numbers:
        sim.streams[STREAM].put([(b"%d" % number, f"bike-{number % 5}", None)], sim.clock.now)
        sim.advance(milliseconds=every_ms)


def test_records_arrive_70_ms_after_they_were_stored_without_a_poll() -> None:
    sim, ledger, consumer = begun(name="alerts")
    consumer.start()
    put(sim, range(50))
    assert ledger.seen == list(range(50))
    assert set(ledger.ages) == {PUSH_MS}
    assert list(sim.events.of(RecordsRead)) == []


def test_a_dense_stream_starves_nobody() -> None:
    sim, ledger, consumer = begun()
    consumer.start()
    put(sim, range(300), every_ms=10)
    sim.advance(seconds=1)
    assert ledger.seen == list(range(300))
    assert max(ledger.ages) <= PUSH_MS


def test_a_subscription_is_renewed_after_five_minutes_and_loses_nothing() -> None:
    sim, ledger, consumer = begun()
    consumer.start()
    put(sim, range(12), every_ms=60_000)
    sim.advance(seconds=1)
    assert ledger.seen == list(range(12))
    assert consumer.renewals == 2


def test_it_resumes_after_a_stop_and_after_a_handler_that_raises() -> None:
    sim, ledger, consumer = begun()
    consumer.start()
    put(sim, range(5))
    sim.advance(seconds=10)
    consumer.stop()
    put(sim, range(5, 10))
    assert ledger.seen == list(range(5))
    ledger.poison = {7}
    consumer.start()
    sim.advance(seconds=30)
    assert ledger.seen == list(range(5))
    assert consumer.reading.errors[-1].startswith("ValueError: cannot read")
    ledger.poison.clear()
    sim.advance(seconds=10)
    assert ledger.seen == list(range(10))


def test_it_follows_a_split_in_order() -> None:
    sim, ledger, consumer = begun()
    consumer.start()
    put(sim, range(10))
    sim.client("kinesis").split_shard(
        StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127)
    )
    put(sim, range(10, 30))
    sim.advance(seconds=10)
    assert sorted(ledger.seen) == list(range(30))
    for bike in range(5):
        mine = [number for number in ledger.seen if number % 5 == bike]
        assert mine == sorted(mine)
    assert consumer.behind == 0


def test_the_21st_consumer_is_refused() -> None:
    sim, ledger, _ = begun()
    for number in range(20):
        Subscriber(sim, STREAM, ledger, name=f"reader-{number}").start()
        sim.advance(seconds=1)
    with pytest.raises(ServiceError, match="LimitExceeded"):
        Subscriber(sim, STREAM, ledger, name="reader-20").start()


def test_wrong_starts_are_named() -> None:
    sim, ledger, _ = begun()
    with pytest.raises(UsageError, match="start='OLDEST'"):
        Subscriber(sim, STREAM, ledger, start="OLDEST")


def test_who_subscribes_later_under_the_same_name_takes_over() -> None:
    sim, ledger, first = begun(name="alerts")
    first.start()
    put(sim, range(10))
    other = Ledger(sim)
    second = Subscriber(sim, STREAM, other, name="alerts", start="LATEST").start()
    sim.advance(seconds=1)
    assert (first.taken, second.reading.throttled > 0) == (
        [],
        True,
    )  # less than 5 s after a success
    put(sim, range(10, 70))
    sim.advance(seconds=10)
    assert first.taken == ["shardId-000000000000"]
    assert ledger.seen[-1] < other.seen[-1] == 69
    assert other.seen == list(range(other.seen[0], 70))
    first.stop()
    first.start()
    sim.advance(seconds=10)
    assert ledger.seen == list(range(70))
    assert second.taken == ["shardId-000000000000"]


def test_a_renewal_without_records_goes_on_from_the_continuation_number() -> None:
    """From LATEST once more, what came while nobody was subscribed would be lost."""
    sim, ledger, consumer = begun(start="LATEST")
    put(sim, range(3))
    consumer.start()
    sim.advance(minutes=4)
    consumer.stop()
    put(sim, range(3, 6))
    consumer.start()
    sim.advance(minutes=1)
    assert ledger.seen == [3, 4, 5]


def test_children_wait_for_both_parents() -> None:
    sim, ledger, consumer = begun(shards=2)
    put(sim, range(40), every_ms=10)
    sim.client("kinesis").merge_shards(
        StreamName=STREAM,
        ShardToMerge="shardId-000000000000",
        AdjacentShardToMerge="shardId-000000000001",
    )
    put(sim, range(40, 60), every_ms=10)
    ledger.poison = {38}
    consumer.start()
    sim.advance(minutes=1)
    assert not {40, 41, 42} & set(ledger.seen)
    ledger.poison.clear()
    sim.advance(minutes=1)
    assert sorted(ledger.seen) == list(range(60))


def test_a_slow_handler_is_pushed_no_faster_than_it_works() -> None:
    sim, ledger, _ = begun()
    consumer = Subscriber(sim, STREAM, ledger, name="slow", work_ms=200).start()
    put(sim, range(100))
    assert len(ledger.seen) <= 70  # ten seconds' work, and the batch in hand
    sim.advance(minutes=1)
    assert ledger.seen == list(range(100))
    assert max(ledger.ages) > 5_000
    assert consumer.behind == 0


def test_a_registration_ends_and_begins_anew() -> None:
    sim, ledger, consumer = begun(name="alerts")
    consumer.start()
    consumer.deregister()
    put(sim, range(3))
    assert sim.streams.consumers_of(sim.streams[STREAM]) == []
    consumer.start()
    sim.advance(seconds=10)
    assert ledger.seen == [0, 1, 2]


def test_two_registrations_at_realistic_delays_wait_until_active() -> None:
    sim = Simulator(latency=None, limits="off")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    sim.advance(seconds=60)
    before, ledger = sim.clock.now, Ledger(sim)
    Subscriber(sim, STREAM, ledger, name="alerts").start()
    looked = -(-sim.delays["streams.register_consumer"] // 1_000) * 1_000  # once a second
    assert sim.clock.now - before == looked > 0
    put(sim, range(3))
    assert ledger.seen == [0, 1, 2]


def test_a_negative_cost_is_named() -> None:
    sim, ledger, _ = begun()
    with pytest.raises(UsageError, match="work_ms=-1"):
        Subscriber(sim, STREAM, ledger, work_ms=-1)
