"""Numbers that AWS does not name, each at its edge: pushes, pauses, and objects of channels."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.streams.channels import _parts
from kinesis_sim.streams.growth import Growth
from kinesis_sim.units import MIB
from kinesis_sim.watch import MoveProgress, Watch
from tests.streams.test_subscriptions import consumer as consumer
from tests.streams.test_subscriptions import native, subscribe


def test_an_idle_subscription_says_so_every_five_seconds(
    sim: Simulator, kinesis: Any, consumer: str
) -> None:
    began = sim.clock.now
    seen = [sim.clock.now - began for _ in subscribe(kinesis, consumer, "LATEST")]
    assert seen == list(range(0, 300_000, 5_000))


def test_a_pushed_event_carries_up_to_a_thousand_records(sim: Simulator, consumer: str) -> None:
    sim.streams["s"].put([(b"x", "k", None)] * 1_001, sim.clock.now)
    events = native(sim, consumer, "TRIM_HORIZON")
    sizes = []
    while event := events.next_event():
        sizes.append(len(event["SubscribeToShardEvent"]["Records"]))
    assert sizes == [1_000, 1]


@pytest.mark.parametrize(("more", "objects"), [(1, 1), (2, 2)])
def test_an_object_of_a_channel_has_64_mib(more: int, objects: int) -> None:
    line = bytes(MIB - 1)  # each but the last has a line end
    assert len(_parts([line] * 63 + [bytes(MIB - 1 + more)])) == objects


def test_who_looks_on_is_told_every_10000_actions() -> None:
    told: list[MoveProgress] = []
    watch = Watch(told.append)
    for action in range(20_000):
        watch.count(action, 20_000)
    assert [each.fired for each in told] == [10_000, 20_000]


def test_a_channel_delivers_every_five_minutes_unless_told_otherwise(sim: Simulator) -> None:
    from tests.streams.test_channels import Lake, a_channel

    lake = Lake(sim)
    kinesis, _ = a_channel(sim)
    kinesis.put_record(StreamName="cliques", PartitionKey="k", Data=b'{"n": 1}')
    sim.advance(seconds=299)
    assert not lake.objects
    sim.advance(seconds=1)
    assert len(lake.objects) == 1


def test_growth_is_remembered_for_whole_days(sim: Simulator) -> None:
    growth = Growth(sim.limits, 4)
    assert growth._memory == sim.limits["streams.on_demand_memory_days"] * 1_440


def test_what_idle_readers_would_have_been_pushed_counts_once_each(sim: Simulator) -> None:
    """Heartbeats and renewals that nobody made are samples like those that somebody made."""
    from kinesis_sim.workloads.readers.subscriber import Subscriber

    sim.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    sim.advance(seconds=1)
    Subscriber(sim, "s", lambda *_: None, name="c").start()
    sim.advance(hours=5)
    rows = sim.metrics(period=3_600, ConsumerName="c").set_index("metric")
    beats, opened = rows.loc["SubscribeToShardEvent.Success"], rows.loc["SubscribeToShard.Success"]
    assert set(beats["Maximum"]) == set(opened["Maximum"]) == {1}
    assert list(beats["Sum"])[1:4] == [720] * 3
    assert list(opened["Sum"])[1:4] == [12] * 3
    assert set(rows.loc["SubscribeToShard.RateExceeded"]["Sum"]) == {0}
