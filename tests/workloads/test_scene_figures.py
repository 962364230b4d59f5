"""What scenes are made of, as a learner sees it: how many, how often, how much."""

from __future__ import annotations

from itertools import pairwise

import pytest

from kinesis_sim import Simulator
from kinesis_sim.firehose.events import RecordsTaken
from kinesis_sim.streams.events import RecordsPut
from kinesis_sim.workloads.scenes import audience
from kinesis_sim.workloads.scenes.audience import Audience
from kinesis_sim.workloads.scenes.click_flow import ClickFlow
from kinesis_sim.workloads.scenes.scene import PedalaScene


@pytest.fixture(scope="module")
def room() -> Audience:
    return Audience(Simulator(latency=None))


@pytest.fixture(scope="module")
def scene() -> PedalaScene:
    return PedalaScene(warm_seconds=15)


def test_an_audience_rides_twice_a_second_for_67_seconds_on_two_shards(room: Audience) -> None:
    shards = room.sim.streams[audience.STREAM].shards
    assert len(shards) == 2
    assert sum(shard.log.end for shard in shards) == 2 * 67


def test_it_has_forty_bikes(room: Audience) -> None:
    shards = room.sim.streams[audience.STREAM].shards
    keys = {str(record[1]) for put in shards for record in zip(*put.log.rows(0, put.log.end))}  # noqa: B905
    assert 30 < len(keys) <= 40


def test_its_function_is_asked_at_ten_records_or_after_ten_seconds(
    room: Audience,
) -> None:
    asked = room.sim.gate.call("lambda", "GetEventSourceMapping", {"UUID": room.mapping.uuid})
    assert isinstance(asked, dict)
    assert (asked["BatchSize"], asked["MaximumBatchingWindowInSeconds"]) == (10, 10)


def test_a_worker_crashed_seven_seconds_ago(room: Audience) -> None:
    """Its leases go to the other ten seconds after they were last renewed."""
    assert room.alive == {"worker-1": True, "worker-2": False}


def test_a_click_flow_has_four_clicks_every_ten_seconds_for_ten_minutes() -> None:
    sim = Simulator(latency=None)
    ClickFlow(sim, broken=False)
    puts = [each for each in sim.events.of(RecordsTaken) if each.stream == "pedala-desk"]
    assert {each.records for each in puts} == {4}
    assert {after.at - before.at for before, after in pairwise(puts)} == {10_000}
    assert len(puts) in (60, 61)


def test_the_control_room_has_four_shards_480_records_a_second_of_5_kb(scene: PedalaScene) -> None:
    puts = scene.sim.events.of(RecordsPut)
    shares = [share for each in puts for share in each.shares]
    assert {share.shard for share in shares} == {0, 1, 2, 3}
    size = sum(share.bytes for share in shares) / sum(share.records for share in shares)
    assert 5_000 < size < 5_020  # keys are counted, too
    seconds = list(scene.rows)[-10:]
    offered = [sum(row.senders[n].offered for row in seconds) / len(seconds) for n in range(3)]
    assert offered == pytest.approx([300, 180, 0], rel=0.1)


def test_its_hot_key_brings_240_more_and_rows_of_ten_minutes_are_kept(scene: PedalaScene) -> None:
    scene.hot_key()
    scene.sim.advance(seconds=10)
    seconds = list(scene.rows)[-10:]
    assert sum(row.senders[2].offered for row in seconds) / 10 == pytest.approx(240, rel=0.15)
    scene.undo("hot_key")
    assert scene.rows.maxlen == 600


def test_a_record_costs_its_slow_poller_twenty_milliseconds(scene: PedalaScene) -> None:
    scene.slow_consumer()
    assert scene.dashboard.work_ms == 20
