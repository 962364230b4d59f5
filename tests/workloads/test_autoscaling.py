"""Autoscaling follows a load up and down, and what it may not do it leaves."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.workloads.autoscaling import Autoscaling

STREAM = "meu-stream"


SMALL = {"streams.shard_write_records": 100}
"""A tenth of a shard, so that a load is quickly made."""


def made(shards: int = 1, **limits: float) -> Simulator:
    sim = Simulator(latency=None, delays="instant", limits={**SMALL, **limits})
    sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": shards})
    return sim


def load(sim: Simulator, records: int, minutes: int) -> int:
    """So many records a second; how many were refused."""
    stream = sim.streams[STREAM]
    entries = [(b"x" * 90, f"chave{number}", None) for number in range(records)]
    refused = 0
    for _ in range(minutes * 60):
        refused += sum(number is None for _, number in stream.put(entries, sim.clock.now))
        sim.advance(seconds=1)
    return refused


def changes(scaling: Autoscaling) -> list[int]:
    return [row.to for row in scaling.history if row.to is not None]


def test_it_follows_a_load_up_and_down() -> None:
    sim = made()
    scaling = Autoscaling(sim, STREAM, cooldown_minutes=3, up_minutes=2, down_minutes=4)
    load(sim, 40, 5)
    assert scaling.shards == 1
    load(sim, 150, 20)
    assert scaling.shards == 3
    assert load(sim, 150, 5) == 0
    load(sim, 10, 20)
    assert scaling.shards == 1
    assert changes(scaling) == [2, 3, 2, 1]


def test_it_lowers_throttling_that_a_fixed_stream_keeps() -> None:
    alone, helped = made(), made()
    Autoscaling(helped, STREAM, cooldown_minutes=1, up_minutes=1)
    load(alone, 180, 10)
    load(helped, 180, 10)
    assert load(alone, 180, 1) > 0
    assert load(helped, 180, 1) == 0


def test_between_two_changes_lies_the_cool_down() -> None:
    sim = made()
    scaling = Autoscaling(sim, STREAM, cooldown_minutes=5, up_minutes=1)
    load(sim, 300, 14)
    times = [row.at for row in scaling.history if row.to is not None]
    assert len(times) > 1
    assert all((b - a).total_seconds() >= 300 for a, b in itertools.pairwise(times))
    assert "cooling down" in {row.why for row in scaling.history}


def test_an_idle_stream_shrinks_to_the_fewest_and_then_nothing_happens() -> None:
    sim = made(8)
    scaling = Autoscaling(sim, STREAM, cooldown_minutes=1, down_minutes=1, fewest=2)
    load(sim, 1, 1)
    sim.advance(days=1)
    assert scaling.shards == 2
    assert scaling.history[-1].why == "at its bound"
    calls = len(scaling.history)
    sim.advance(days=364)
    assert len(scaling.history) == calls


def test_it_grows_to_the_most() -> None:
    sim = made()
    scaling = Autoscaling(sim, STREAM, cooldown_minutes=0, up_minutes=1, most=2)
    load(sim, 300, 5)
    assert scaling.shards == 2


def test_what_aws_refuses_is_told() -> None:
    sim = made(**{"streams.scalings_per_day": 1})
    scaling = Autoscaling(sim, STREAM, cooldown_minutes=0, up_minutes=1)
    load(sim, 300, 4)
    assert changes(scaling) == [2]
    assert "24 hours" in scaling.history[-1].why or "10 times" in scaling.history[-1].why


def test_stopped_it_leaves_the_shards() -> None:
    sim = made(2)
    scaling = Autoscaling(sim, STREAM, down_minutes=1)
    scaling.stop()
    load(sim, 1, 20)
    assert scaling.shards == 2
    assert list(sim.cloudwatch.alarms) == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"target_utilisation": 0}, "target_utilisation=0"),
        ({"target_utilisation": 1.5}, "target_utilisation=1.5"),
        ({"cooldown_minutes": -1}, "Minutes"),
        ({"up_minutes": 0}, "Minutes"),
        ({"fewest": 3, "most": 2}, "fewest=3"),
    ],
)
def test_impossible_numbers_are_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        Autoscaling(made(), STREAM, **options)


def test_on_demand_streams_scale_by_themselves() -> None:
    sim = Simulator(delays="instant")
    mode = {"StreamMode": "ON_DEMAND"}
    request = {"StreamName": STREAM, "StreamModeDetails": mode}
    sim.gate.call("kinesis", "CreateStream", request)
    with pytest.raises(UsageError, match="on-demand"):
        Autoscaling(sim, STREAM)
