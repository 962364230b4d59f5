"""What is kept, until when, and what is gone then."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.video.events import FragmentPersisted, FragmentsExpired
from tests.video.media import NAME, cluster, connect, put, stream


def keeping(hours: int, account: str = "123456789012", **limits: float) -> Simulator:
    sim = Simulator(latency=None, limits=limits or "on", account=account)
    sim.client("kinesisvideo").create_stream(StreamName=NAME, DataRetentionInHours=hours)
    sim.advance(seconds=10)
    return sim


@given(st.integers(1, 48), st.integers(1, 5))
def test_a_fragment_is_there_byte_for_byte_until_retention_is_over(hours: int, count: int) -> None:
    sim = keeping(hours)
    put(sim, stream(count))
    archive = sim.video[NAME].archive
    numbers = [each.number for each in archive]
    sim.advance(milliseconds=hours * 3_600_000 - 1_001)
    found = [archive.stored(number) for number in numbers]
    assert [each.raw for each in found if each] == [cluster(2_000 * n) for n in range(count)]
    sim.advance(milliseconds=1)
    assert [archive.stored(number) for number in numbers] == [None] * count
    assert (len(archive), archive.bytes) == (0, 0)
    [gone] = sim.events.of(FragmentsExpired)
    assert (gone.up_to, gone.fragments) == (count, count)


def test_without_retention_live_media_is_there_for_five_minutes() -> None:
    sim = keeping(0)
    put(sim, stream(2))
    archive = sim.video[NAME].archive
    assert archive.persisted() == []
    sim.advance(milliseconds=300_000 - 1_001)
    assert len(archive) == 2
    sim.advance(milliseconds=1)
    assert len(archive) == 0


def test_without_retention_the_newest_bytes_are_kept() -> None:
    size = len(cluster(90_000))
    sim = keeping(0, **{"video.buffer_bytes": 3 * size})
    connection = connect(sim)
    connection.take(stream(50))
    connection.finish()
    archive = sim.video[NAME].archive
    assert [each.sequence for each in archive] == [48, 49, 50]
    assert archive.bytes <= 3 * size


def test_shorter_retention_lets_old_media_go_and_longer_keeps_what_is_there() -> None:
    sim = keeping(24)
    client = sim.client("kinesisvideo")
    put(sim, stream(1))
    sim.advance(hours=5)
    put(sim, stream(1, begin=60_000))
    version = client.describe_stream(StreamName=NAME)["StreamInfo"]["Version"]
    change = {"StreamName": NAME, "CurrentVersion": version, "DataRetentionChangeInHours": 20}
    client.update_data_retention(**change, Operation="DECREASE_DATA_RETENTION")
    sim.advance(seconds=10)
    archive = sim.video[NAME].archive
    assert [each.sequence for each in archive] == [2]
    version = client.describe_stream(StreamName=NAME)["StreamInfo"]["Version"]
    change = {"StreamName": NAME, "CurrentVersion": version, "DataRetentionChangeInHours": 44}
    client.update_data_retention(**change, Operation="INCREASE_DATA_RETENTION")
    sim.advance(hours=47)
    assert [each.sequence for each in archive] == [2]
    sim.advance(hours=1)
    assert len(archive) == 0


def test_numbers_grow_and_tell_what_was_observed() -> None:
    """facts/video/4/fragment-number-observed-undocumented"""
    sim = keeping(24)
    put(sim, stream(3))
    numbers = [each.number for each in sim.video[NAME].archive]
    assert numbers == sorted(numbers)
    digits = [f"{int(number):x}" for number in numbers]
    assert [len(number) for number in numbers] == [47] * 3
    assert [text[0] for text in digits] == ["1"] * 3
    assert [int(text[1:17], 16) for text in digits] == [1, 2, 3]
    assert {int(text[17:33], 16) for text in digits} == {sim.clock.now - 1_000}


def test_what_is_persisted_is_told() -> None:
    sim = keeping(24)
    put(sim, stream(3))
    assert [event.sequence for event in sim.events.of(FragmentPersisted)] == [1, 2, 3]


def test_a_saved_simulator_has_its_media_again(tmp_path: object) -> None:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    sim = keeping(24, account="765432109876")  # the file is loaded beside what this process has
    put(sim, stream(3))
    sim.save(tmp_path / "lab.sim")
    again = Simulator.load(tmp_path / "lab.sim")
    assert [each.raw for each in again.video[NAME].archive] == [
        each.raw for each in sim.video[NAME].archive
    ]
    assert [each.number for each in again.video[NAME].archive.persisted()] == [
        each.number for each in sim.video[NAME].archive.persisted()
    ]
