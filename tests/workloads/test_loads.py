"""Loads: shapes give the rates they promise, keys come as often as they should, sizes fit."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.account.hashing import even_ranges, hash_key
from kinesis_sim.instants import HOUR, to_ms
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.events.rhythm import RHYTHM
from kinesis_sim.workloads.pipeline.layout import Layout, Spread
from kinesis_sim.workloads.producers.keys import (
    FreshKeys,
    KeyChooser,
    hot_key,
    uniform_keys,
    zipf_keys,
)
from kinesis_sim.workloads.producers.load import Load, Recorded
from kinesis_sim.workloads.producers.shapes import (
    Bursts,
    Constant,
    Daily,
    Poisson,
    Ramp,
    Shape,
    Steps,
)

BEGIN = to_ms("2026-01-01T00:00:00Z")
SHAPES = [
    Constant(37.3),
    Ramp(5, 120, 30),
    Steps([(0, 10), (20, 90.5), (40, 0)]),
    Bursts(20, 200, every_s=30, last_s=4),
    Daily(50),
]


def counts(shape: Shape, seconds: int = 60, seed: int = 0) -> list[int]:
    """Records in each tick."""
    source = Load(shape).start(Random(seed), BEGIN)
    return [len(source.take(BEGIN + tick * 100)) for tick in range(1, seconds * 10 + 1)]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
def test_as_many_records_come_as_the_rate_says(shape: Shape) -> None:
    expected = sum(shape.rate(BEGIN + 50 + tick * 100, BEGIN) / 10 for tick in range(600))
    assert sum(counts(shape)) == pytest.approx(expected, abs=1)


def test_poisson_arrivals_scatter_around_their_rate() -> None:
    few, many = counts(Poisson(5), 2_000), counts(Poisson(900), 200)
    for found, mean in ((few, 0.5), (many, 90)):
        average = sum(found) / len(found)
        variance = sum((n - average) ** 2 for n in found) / len(found)
        assert average == pytest.approx(mean, rel=0.05)
        assert variance == pytest.approx(mean, rel=0.1)


def test_a_day_has_the_rhythm_of_the_rides() -> None:
    day = Daily(22)
    rates = [day.rate(BEGIN + hour * HOUR, BEGIN) for hour in range(24)]
    assert rates == pytest.approx(list(RHYTHM))


@pytest.mark.parametrize(
    "keys", [uniform_keys(50), zipf_keys(50, 1.2), hot_key(0.4, others=20)], ids=str
)
def test_keys_come_as_often_as_their_weight(keys: KeyChooser) -> None:
    drawn = keys.draw(50_000, Random(3))
    weights = keys.weights()
    assert weights is not None
    assert sum(weights.values()) == pytest.approx(1)
    for key, weight in weights.items():
        assert drawn.count(key) / len(drawn) == pytest.approx(weight, abs=0.006)
    assert keys.mean_bytes == pytest.approx(sum(map(len, drawn)) / len(drawn), rel=0.01)


def test_fresh_keys_never_come_twice() -> None:
    drawn = FreshKeys("id-").draw(10_000, Random(0))
    assert len(set(drawn)) == 10_000
    assert {len(key) for key in drawn} == {FreshKeys("id-").mean_bytes}


def test_sizes_are_those_asked_for() -> None:
    source = Load(1_000, size={10: 3, 5_000: 1}).start(Random(0), BEGIN)
    sizes = [len(data) for data, _, _ in source.take(BEGIN + 10_000)]
    assert set(sizes) == {10, 5_000}
    assert sizes.count(10) / len(sizes) == pytest.approx(0.75, abs=0.02)
    ranged = Load(1_000, size=(100, 400))
    drawn = [len(data) for data, _, _ in ranged.start(Random(0), BEGIN).take(BEGIN + 10_000)]
    assert (min(drawn), max(drawn)) == (100, 400)
    assert sum(drawn) / len(drawn) == pytest.approx(ranged.mean_bytes, rel=0.01)


def test_recorded_events_keep_their_order_and_their_gaps() -> None:
    events = [Arrival("k", b"%d" % at, 7_000_000 + at) for at in (2_500, 0, 900, 900)]
    source = Recorded(events).start(Random(0), BEGIN)
    assert [data for data, _, _ in source.take(BEGIN + 899)] == [b"0"]
    assert [data for data, _, _ in source.take(BEGIN + 900)] == [b"900", b"900"]
    assert source.take(BEGIN + 2_499) == []
    assert len(source.take(BEGIN + 99_999)) == 1


# --- where keys fall ------------------------------------------------------------------------------


@given(st.integers(1, 40), st.integers(1, 300))
def test_a_loads_parts_are_those_of_its_keys(shards: int, count: int) -> None:
    keys = zipf_keys(count)
    weights = keys.weights()
    parts = Spread(keys).over(Layout.even(shards))
    for part, (start, end) in zip(parts, even_ranges(shards), strict=True):
        mine = [weight for key, weight in weights.items() if start <= hash_key(key) <= end]
        assert part == pytest.approx(sum(mine), abs=1e-9)


@given(st.lists(st.integers(0, 5), max_size=5), st.integers(1, 12))
def test_layouts_tile_the_hash_space_and_moves_keep_everything(
    splits: list[int], target: int
) -> None:
    layout = Layout.even(3)
    for choice in splits:
        layout = layout.split(layout.numbers[choice % len(layout)])
    assert len(layout) == 3 + len(splits)
    other = layout.scaled(target)
    assert len(other) == target
    assert len(set(other.numbers)) == target
    assert layout.moves(other).sum(axis=1) == pytest.approx([1.0] * len(layout))
    assert Spread(FreshKeys()).over(layout).sum() == pytest.approx(1)
