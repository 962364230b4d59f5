"""What scenes of the course are made of, by what they do to a stream: each number its own test."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.producers.batcher import Batcher
from kinesis_sim.workloads.scenes import audience, theft
from kinesis_sim.workloads.scenes.audience import Audience
from kinesis_sim.workloads.scenes.cures import impatient
from kinesis_sim.workloads.scenes.filming import Filming
from kinesis_sim.workloads.scenes.scene import PedalaScene
from kinesis_sim.workloads.scenes.turns import Crowd, silence_after_a_large_read, take_turns


@pytest.fixture(scope="module")
def scene() -> PedalaScene:
    return PedalaScene(warm_seconds=2)


def stored(sim: Simulator, name: str) -> tuple[int, int]:
    """Records of a stream's first shard, and their bytes of data. A drip's first comes at once."""
    log = sim.streams[name].shards[0].log
    return log.end, sum(map(len, log.rows(0, log.end)[0]))


def test_the_control_room_begins_after_a_minute() -> None:
    began = Simulator().clock.now
    assert PedalaScene().sim.clock.now - began == 60_000


def test_a_crowd_of_four_asks_every_shard_five_times_a_second(scene: PedalaScene) -> None:
    scene.crowd()
    teams = scene._teams
    assert len(teams) == 4
    before = [team.reading.calls + team.reading.throttled for team in teams]
    scene.sim.advance(seconds=10)
    asked = [team.reading.calls + team.reading.throttled for team in teams]
    assert [after - was for after, was in zip(asked, before, strict=True)] == [
        4 * (5 * 10 + 1)
    ] * 4, "the first asks at once"
    scene.undo("crowd")


def test_workers_are_added_until_there_are_four(scene: PedalaScene) -> None:
    for name in ("worker-3", "worker-4"):
        assert scene.cure("more_consumers") == {"worker": name}
    assert scene.cure("more_consumers") == {}


def test_the_scene_begins_with_one_retry_after_a_second() -> None:
    begun = impatient(Batcher(1))
    assert (begun.retries, begun.base_ms) == (1, 1_000)


def test_an_audiences_dashboard_looks_every_five_seconds() -> None:
    sim = Simulator(latency=None)
    room = Audience(sim)
    before = room.poller.reading.calls
    sim.advance(seconds=50)
    assert room.poller.reading.calls - before == 10 * len(sim.streams[audience.STREAM].shards)


def test_a_morning_at_the_dock_is_six_minutes_of_a_frame_a_second_kept_for_a_day() -> None:
    sim, _, _ = theft.morning_at_the_dock()
    archive = sim.video[theft.STREAM].archive
    assert archive.retention == 24
    film = [each for each in archive.persisted() if each.length]
    assert sum(each.length for each in film) == (60 + 360) * 1_000
    assert {each.length for each in film} == {4_000}
    camera = DockCamera(7, gop=4_000, fps=1)
    assert camera.fragment(film[0].produced, 0)[-200:] in film[0].raw


def test_what_is_filmed_is_the_seventh_cameras() -> None:
    own = Filming(Simulator(latency=None))
    begin = own.sim.clock.now
    assert list(own.camera.media(begin, seconds=2)) == list(DockCamera(7).media(begin, seconds=2))


def test_who_takes_turns_reads_for_a_minute_of_twenty_records_a_second() -> None:
    sim = Simulator(latency=None)
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    sim.advance(seconds=30)
    turns = take_turns(sim, "s", 1_000, pollers=1)
    assert turns.answered == 62, "at once, and at both ends of the minute"
    assert stored(sim, "s")[0] == 61 * 20 + 1


def test_a_large_read_is_of_fifteen_photos_of_a_megabyte() -> None:
    sim = Simulator(latency=None)
    silence_after_a_large_read(sim, "s")
    assert stored(sim, "s") == (1 + 15, 16 * 1_000_000)


def test_a_crowd_reads_for_a_minute_what_nearly_fills_a_shard() -> None:
    sim = Simulator(latency=None)
    Crowd(sim, "s")
    count, size = stored(sim, "s")
    assert (count, size) == (1 + 60 * 20, 1_201 * 52_000)
