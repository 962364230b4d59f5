"""A tide: as high as it says, evenly spread, on full seconds, nothing sent twice."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.workloads.producers.shapes import Steps
from kinesis_sim.workloads.scenes.tide import PER_MIB, Tide

STREAM = "pedala-docks"


@pytest.fixture
def sim() -> Simulator:
    """With its limits, unlike that of other tests."""
    return Simulator()


def stream(sim: Simulator, shards: int) -> None:
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=shards)
    sim.run_until("2026-01-01T00:01:00Z")


@pytest.mark.parametrize("shards", [1, 2, 4, 8])
def test_a_load_as_high_as_the_shards_fits_exactly(sim: Simulator, shards: int) -> None:
    stream(sim, shards)
    fed = Tide(sim, STREAM, shards).play(minutes=2)
    assert (fed.stored, fed.refused) == (120 * shards * PER_MIB, 0)


def test_what_is_too_much_is_refused_and_not_sent_again(sim: Simulator) -> None:
    stream(sim, 2)
    fed = Tide(sim, STREAM, 3).play(minutes=1)
    assert (fed.stored, fed.refused) == (60 * 2 * PER_MIB, 60 * PER_MIB)


def test_it_follows_its_shape_from_where_it_was(sim: Simulator) -> None:
    stream(sim, 2)
    tide = Tide(sim, STREAM, Steps([(0, 1), (60, 0), (120, 2)]))
    assert [tide.play(minutes=1).stored // PER_MIB for _ in range(3)] == [60, 0, 120]


def test_a_hot_key_fills_one_shard_while_others_have_room(sim: Simulator) -> None:
    stream(sim, 8)
    assert Tide(sim, STREAM, 3, hot=0.5).play(minutes=1).refused > 0


def test_calls_between_plays_do_not_bunch_records(sim: Simulator) -> None:
    stream(sim, 1)
    sim.advance(milliseconds=350)
    tide = Tide(sim, STREAM, 0.9)
    for _ in range(5):
        sim.client("kinesis").describe_stream_summary(StreamName=STREAM)
        assert tide.play(minutes=1).refused == 0
        assert sim.clock.now % 1000 == 0


def test_impossible_parts_are_named(sim: Simulator) -> None:
    stream(sim, 1)
    with pytest.raises(UsageError, match=r"hot=1\.5: give the hot key's part"):
        Tide(sim, STREAM, 1, hot=1.5)


@pytest.mark.parametrize("mib", [5, 20, 32])
def test_a_warm_stream_takes_an_even_load_of_what_it_is_warm_for(sim: Simulator, mib: int) -> None:
    kinesis = sim.client("kinesis")
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    kinesis.create_stream(StreamName=STREAM, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    sim.run_until("2026-01-01T00:01:00Z")
    kinesis.update_stream_warm_throughput(StreamName=STREAM, WarmThroughputMiBps=mib)
    sim.run_until("2026-01-01T00:05:00Z")
    assert Tide(sim, STREAM, mib).play(minutes=1).refused == 0
