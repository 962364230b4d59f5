"""The drip, and the handler that looks at ages."""

from __future__ import annotations

import json

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.ages import Ages
from kinesis_sim.workloads.scenes.drip import Drip

STREAM = "pedala-rides"


@pytest.fixture
def sim() -> Simulator:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    return sim


def test_it_drips_numbers_until_it_is_stopped(sim: Simulator) -> None:
    drip = Drip(sim, STREAM, 100, size=50, keys=3)
    sim.advance(milliseconds=950)
    drip.stop()
    sim.advance(minutes=1)
    records = read(sim, STREAM)
    assert drip.sent == len(records) == 10
    assert [json.loads(record["Data"])["number"] for record in records] == list(range(10))
    assert {len(record["Data"]) for record in records} == {50}
    assert len({record["PartitionKey"] for record in records}) == 3


@pytest.mark.parametrize("wrong", [{"every_ms": 0}, {"size": 0}, {"keys": -1}])
def test_wrong_numbers_are_named(sim: Simulator, wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(wrong))}={next(iter(wrong.values()))}"):
        Drip(sim, STREAM, **{"every_ms": 10, **wrong})


def test_ages_are_measured_on_the_clock_and_repetitions_counted(sim: Simulator) -> None:
    ages = Ages(sim)
    drip = Drip(sim, STREAM, 500)
    Poller(sim, STREAM, ages, every_ms=2_000).start()
    sim.advance(seconds=6)
    assert ages.oldest == 2_000  # a poll comes before the put of the same instant
    assert ages.repeated == 0
    ages("shard", [{"Data": ages.seen[0], "ApproximateArrivalTimestamp": sim.clock.now}])
    assert ages.repeated == 1
    assert len(ages.seen) <= drip.sent + 1
    ages.clear()
    assert (ages.oldest, ages.seen) == (0, [])
