"""How an on-demand stream grows: which shards are split, when, and what fits (facts/data-streams
§4.3), each number at its edge."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator
from kinesis_sim.account.quotas import Limits
from kinesis_sim.streams.growth import Growth, RecordThroughput
from tests.laws.moves import call

MIB = 1024 * 1024
DAY = 24 * 60


@pytest.mark.parametrize(
    ("puts", "size", "splits"),
    [
        ([500] * 60, 1, False),
        ([500] * 59 + [501], 1, True),
        ([1] * 28, MIB - 1, False),
        ([1] * 29, MIB - 1, True),  # 30,408,675 bytes with the keys: above 60 times 500,000
    ],
)
def test_a_shard_above_500_records_or_kilobytes_a_second_is_split_ten_minutes_later(
    puts: list[int], size: int, splits: bool
) -> None:
    sim = Simulator(latency=None, delays="instant")
    mode = {"StreamMode": "ON_DEMAND"}
    call(sim, "CreateStream", StreamName="s", StreamModeDetails=mode)
    stream, began = sim.streams["s"], sim.clock.now
    for second, count in enumerate(puts):
        sim.advance(milliseconds=began + 1_000 * second - sim.clock.now)
        stream.put([(bytes(size), "k", None)] * count, sim.clock.now)
    sim.advance(milliseconds=began + 11 * 60_000 - 1 - sim.clock.now)
    assert stream.open_count == 4
    sim.advance(milliseconds=1)
    assert stream.open_count == 4 + splits


def test_double_a_minutes_rate_fits_from_fifteen_minutes_later_for_thirty_days() -> None:
    growth = Growth(Simulator().limits, 1)
    growth.remember(0, RecordThroughput(5_000, 3 * MIB))
    assert growth.ceiling(14) == (4_000, 4 * MIB), "what a new stream takes"
    assert growth.ceiling(15) == (10_000, 6 * MIB)
    assert growth.ceiling(30 * DAY) == (10_000, 6 * MIB)
    assert growth.ceiling(30 * DAY + 1) == (4_000, 4 * MIB)


@pytest.mark.parametrize(("region", "shards"), [("us-east-1", 10_240), ("sa-east-1", 200)])
def test_a_regions_ceiling_is_never_passed(region: str, shards: int) -> None:
    growth = Growth(Limits(region=region), 1)
    growth.remember(0, RecordThroughput(1e9, 1e15))
    assert growth.ceiling(15) == (1_000 * shards, MIB * shards)
