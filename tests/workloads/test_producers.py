"""Producers keep their books: what was offered is stored, buffered or lost, whatever the load."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.aggregation import user_records
from kinesis_sim.errors import UsageError
from kinesis_sim.streams.stream import Entry, Stream
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.producers.agent import Agent, FollowingAgent
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.producers.keys import hot_key, uniform_keys
from kinesis_sim.workloads.producers.kpl import Kpl
from kinesis_sim.workloads.producers.load import Load, Recorded
from kinesis_sim.workloads.producers.log_file import MemoryFile, WrittenFile
from kinesis_sim.workloads.producers.producer import (
    MOST_BYTES,
    MOST_RECORDS,
    SAFE_BYTES,
    TICK_MS,
    Producer,
    Sender,
    backoff_ms,
    calls,
)
from kinesis_sim.workloads.producers.sdk_loop import SdkLoop
from kinesis_sim.workloads.producers.shapes import Poisson
from tests.effort import examples

FEW = {"streams.shard_write_records": 20, "streams.shard_write_bytes": 4_000}


def stream(shards: int = 1, **options: Any) -> tuple[Simulator, Stream]:
    sim = Simulator(latency=None, delays="instant", **options)
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": shards})
    return sim, sim.streams["s"]


def drive(sim: Simulator, sender: Sender, ticks: int) -> None:
    for _ in range(ticks):
        sim.clock.advance(TICK_MS)
        sender.tick(sim.clock.now)
        assert_balanced(sender)


def assert_balanced(sender: Sender) -> None:
    counts = sender.counts
    assert counts.offered == counts.stored + sender.buffered + counts.lost
    assert counts.sent == counts.stored + counts.throttled
    assert min(counts.stored, counts.throttled, counts.retried, sender.buffered) >= 0


def started(
    producer: Producer, shards: int = 1, **options: Any
) -> tuple[Simulator, Stream, Sender]:
    sim, target = stream(shards, **options)
    return sim, target, producer.start(target, Random(0), sim.clock.now)


def stored_data(target: Stream) -> list[bytes]:
    return [data for shard in target.shards for data in shard.log.data]


LOADS = st.builds(
    lambda rate, size, share: Load(Poisson(rate), hot_key(share, others=20), size),
    st.floats(0, 120),
    st.integers(0, 300),
    st.floats(0, 1),
)
PRODUCERS = st.one_of(
    st.builds(
        Batcher,
        LOADS,
        batch=st.integers(1, 500),
        linger_ms=st.sampled_from([0, 100, 700]),
        retries=st.integers(0, 6),
        buffer=st.integers(0, 60),
        jitter=st.booleans(),
    ),
    st.builds(
        SdkLoop, LOADS, workers=st.integers(1, 8), attempts=st.integers(1, 4), buffer=st.just(30)
    ),
    st.builds(
        Kpl,
        LOADS,
        aggregation=st.booleans(),
        aggregation_max_size=st.sampled_from([500, 51_200]),
        record_max_buffered_time=st.sampled_from([100, 400]),
        record_ttl=st.sampled_from([500, 30_000]),
    ),
)


@settings(max_examples=examples(60))
@given(PRODUCERS, st.integers(1, 3))
def test_every_offered_record_is_stored_buffered_or_lost(producer: Producer, shards: int) -> None:
    sim, target, sender = started(producer, shards, limits=FEW)
    drive(sim, sender, 60)
    users = sum(len(user_records(data) or [data]) for data in stored_data(target))
    assert users == sender.counts.stored


@pytest.mark.parametrize(
    "producer",
    [Batcher(Load(50)), SdkLoop(Load(50)), Kpl(Load(50)), Kpl(Load(50), aggregation=False)],
    ids=["batcher", "sdk-loop", "kpl", "kpl without aggregation"],
)
def test_without_limits_everything_arrives_at_once(producer: Producer) -> None:
    sim, _target, sender = started(producer)
    drive(sim, sender, 100)
    assert (sender.counts.stored, sender.buffered) == (500, 0)
    assert sender.counts.throttled == sender.counts.lost == 0


def test_the_same_seed_sends_the_same_records() -> None:
    def run() -> list[bytes]:
        producer = Batcher(Load(Poisson(60), hot_key(0.5), (10, 200)))
        sim, target, sender = started(producer, 2, limits=FEW)
        drive(sim, sender, 100)
        return stored_data(target)

    assert run() == run() != []


# --- batching -------------------------------------------------------------------------------------


def test_a_batch_waits_until_it_is_full_or_old() -> None:
    sim, _, sender = started(Batcher(Load(50), linger_ms=1_000, batch=500))
    drive(sim, sender, 9)
    assert (sender.counts.calls, sender.buffered) == (0, 45)
    drive(sim, sender, 1)
    assert (sender.counts.calls, sender.counts.stored) == (1, 50)


def test_a_batch_is_no_larger_than_a_call_may_be() -> None:
    entries: list[Entry] = [(bytes(1_000_000), f"key-{n}", None) for n in range(25)]
    parts = list(calls(entries))
    assert [len(part) for part in parts] == [10, 10, 5]
    assert all(sum(len(d) + len(k or "") for d, k, _ in part) <= MOST_BYTES for part in parts)
    assert [len(part) for part in calls([(b"", "k", None)] * 1_100)] == [500, 500, 100]


def test_no_retry_loses_what_is_refused() -> None:
    sim, _, sender = started(Batcher(Load(100), retries=0), limits=FEW)
    drive(sim, sender, 20)
    assert sender.counts.expired == sender.counts.throttled > 0
    assert sender.counts.retried == 0


def test_retries_carry_a_burst_over() -> None:
    """60 records at once into a shard of 20 a second: late, but none is lost."""
    burst = Recorded([Arrival("k", b"%d" % n, 500) for n in range(60)])
    sim, target, sender = started(
        Batcher(burst, retries=20), limits={"streams.shard_write_records": 20}
    )
    drive(sim, sender, 600)
    assert Counter(stored_data(target)) == Counter(b"%d" % n for n in range(60))
    assert sender.counts.lost == 0


def test_backoff_is_between_nothing_and_a_growing_cap() -> None:
    chance = Random(1)
    for attempt, most in [(1, 100), (2, 200), (5, 1_600), (40, 20_000)]:
        drawn = [backoff_ms(attempt, 100, 20_000, chance) for _ in range(500)]
        assert 0 <= min(drawn) < most * 0.1
        assert most * 0.9 < max(drawn) <= most
    assert backoff_ms(3, 100, 20_000, chance, jitter=False) == 400


def test_a_full_buffer_drops_what_comes_next() -> None:
    sim, _, sender = started(Batcher(Load(200), buffer=50, retries=30), limits=FEW)
    drive(sim, sender, 50)
    assert sender.counts.dropped > 0
    assert sender.buffered <= 50


# --- the SDK's loop -------------------------------------------------------------------------------


def test_one_worker_makes_a_hundred_calls_a_second() -> None:
    sim, _, sender = started(SdkLoop(Load(500), workers=1))
    drive(sim, sender, 100)
    assert sender.counts.calls == pytest.approx(1_000, abs=2)


def test_the_sdk_gives_up_after_three_attempts() -> None:
    sim, _, sender = started(SdkLoop(Load(5)), limits={"streams.shard_write_bytes": 1})
    drive(sim, sender, 1_000)
    done = sender.counts.expired
    assert done > 10
    assert 3 * done <= sender.counts.sent <= 3 * done + 2
    assert sender.counts.stored == 0


# --- KPL ------------------------------------------------------------------------------------------


def test_aggregation_packs_a_tick_into_one_record_per_shard() -> None:
    sim, target, sender = started(Kpl(Load(1_000, uniform_keys(100), 100)), 2)
    drive(sim, sender, 10)
    packed = [user_records(data) for data in stored_data(target)]
    assert len(packed) == 20
    assert sum(len(users or []) for users in packed) == sender.counts.stored == 1_000


def test_aggregated_records_lie_in_the_shard_of_each_of_their_keys() -> None:
    sim, target, sender = started(Kpl(Load(1_000, uniform_keys(100), 100)), 4)
    drive(sim, sender, 20)
    for shard in target.shards:
        for data in shard.log.data:
            assert all(user.hash in shard.hashes for user in user_records(data) or [])


def test_an_aggregate_is_no_larger_than_its_limit() -> None:
    sim, target, sender = started(Kpl(Load(900, size=1_000), aggregation_max_size=20_000))
    drive(sim, sender, 10)
    assert 10_000 < max(map(len, stored_data(target))) <= 20_000
    assert sender.counts.stored == 900


def test_kpl_records_expire_after_their_ttl() -> None:
    kpl = Kpl(Load(1_500), aggregation=False, record_ttl=2_000)
    sim, _, sender = started(kpl)
    drive(sim, sender, 100)
    assert sender.counts.expired > 0
    assert sender.buffered <= 1_500 * 2.2


def test_kpl_holds_to_its_rate_limit() -> None:
    """150 % of a shard: of 5,000 a second no more than 1,500 are tried (one second's tokens up
    front)."""
    sim, _, sender = started(Kpl(Load(5_000), aggregation=False))
    drive(sim, sender, 100)
    assert sender.counts.sent <= 1_500 * 10
    assert sender.counts.stored == pytest.approx(1_000 * 10, rel=0.02)


# --- agent ----------------------------------------------------------------------------------------


def agent(file: Any, **options: Any) -> tuple[Simulator, Stream, FollowingAgent]:
    sim, target = stream(limits=options.pop("limits", "on"))
    options.setdefault("position", "START_OF_FILE")
    return sim, target, Agent(file, **options).start(target, Random(0), sim.clock.now)


def test_an_agent_sends_each_line_once_its_buffer_is_old() -> None:
    sim, target, sender = agent(MemoryFile("one\ntwo\r\nhalf a li"), max_buffer_age_millis=1_000)
    drive(sim, sender, 10)
    assert stored_data(target) == []
    drive(sim, sender, 2)
    assert stored_data(target) == [b"one", b"two"]
    assert sender.checkpoint == len("one\ntwo\r\n")


def test_an_agent_goes_on_from_a_checkpoint() -> None:
    file = MemoryFile("a\nb\n")
    sim, target, first = agent(file, max_buffer_age_millis=1_000)
    drive(sim, first, 12)
    file.write("c\n")
    again = Agent(file, checkpoint=first.checkpoint, max_buffer_age_millis=1_000)
    second = again.start(target, Random(0), sim.clock.now)
    drive(sim, second, 12)
    assert stored_data(target) == [b"a", b"b", b"c"]


def test_an_agent_starts_at_the_end_unless_told_otherwise() -> None:
    file = MemoryFile("old\n")
    sim, target, sender = agent(file, position="END_OF_FILE", max_buffer_age_millis=1_000)
    file.write("new\n")
    drive(sim, sender, 12)
    assert stored_data(target) == [b"new"]


def test_an_agent_follows_a_rotated_file() -> None:
    file = MemoryFile("first line\n")
    sim, target, sender = agent(file, max_buffer_age_millis=1_000)
    drive(sim, sender, 12)
    file.rotate()
    file.write("x\n")
    drive(sim, sender, 12)
    assert stored_data(target) == [b"first line", b"x"]


def test_an_agent_follows_a_real_file(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("".join(f"line {n}\n" for n in range(1_200)))
    sim, target, sender = agent(path, limits="off")
    drive(sim, sender, 3)
    assert len(stored_data(target)) == 1_000
    assert (sender.buffered, sender.counts.calls) == (0, 2) or sender.buffered <= 500


def test_an_agent_keeps_sending_what_is_refused() -> None:
    lines = "".join(f"{n}\n" for n in range(60))
    sim, target, sender = agent(MemoryFile(lines), limits=FEW, max_buffer_age_millis=1_000)
    drive(sim, sender, 400)
    assert sorted(stored_data(target)) == sorted(b"%d" % n for n in range(60))
    assert sender.counts.throttled > 0
    assert sender.checkpoint == len(lines)


def test_an_endless_line_is_dropped_and_not_kept() -> None:
    sim, target, sender = agent(MemoryFile("x" * 5_000_000 + "\nnext\n"), limits="off")
    drive(sim, sender, 700)
    assert stored_data(target)[-1] == b"next"
    assert sender.counts.dropped >= 1


def test_an_agent_follows_what_a_workload_writes() -> None:
    events = [Arrival("k", b"%d" % n, n * 1_000) for n in range(5)]
    sim, target, sender = agent(WrittenFile(events), max_buffer_age_millis=1_000)
    drive(sim, sender, 80)
    assert stored_data(target) == [b"0", b"1", b"2", b"3", b"4"]


# --- impossible settings --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Batcher(Load(1), batch=501), "500"),
        (lambda: Batcher(Load(1), retries=-1), "retries=-1"),
        (lambda: SdkLoop(Load(1), workers=0), "workers=0"),
        (lambda: Kpl(Load(1), record_ttl=0), "record_ttl=0"),
        (lambda: Agent("f", max_buffer_age_millis=10), "1,000 to 900,000"),
        (lambda: Agent("f", position="MIDDLE"), "START_OF_FILE"),
        (lambda: Load(-1), "per_second=-1"),
        (lambda: Load(float("nan")), "nan"),
        (lambda: Load(1, size=-5), "size=-5"),
        (lambda: Load(1, size={}), "size"),
        (lambda: hot_key(1.5), "share=1.5"),
        (lambda: uniform_keys(0), "count=0"),
    ],
)
def test_impossible_numbers_are_named(make: Any, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        make()


def test_so_many_records_of_a_safe_size_fit_a_call_with_the_longest_keys() -> None:
    key = 256 * 4  # characters, bytes of each
    assert MOST_RECORDS * (SAFE_BYTES + key) <= MOST_BYTES < MOST_RECORDS * (SAFE_BYTES + key + 1)
