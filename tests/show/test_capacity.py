"""Load under the capacity line: rows from events, sentences, money, and the picture of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import MINUTE
from kinesis_sim.show.capacity.fold import water
from kinesis_sim.show.capacity.words import Told, ticks
from kinesis_sim.show.kit.words import LANGUAGES, Words
from kinesis_sim.workloads.producers.shapes import Steps
from kinesis_sim.workloads.scenes.tide import Tide

STREAM = "pedala-docks"


@pytest.fixture
def sim() -> Simulator:
    """With its limits, unlike that of other tests."""
    return Simulator()


@pytest.fixture
def morning() -> Simulator:
    """Two shards, an hour of one MiB a second, then ten minutes of three."""
    sim = Simulator(start="2026-01-01T06:59:00Z")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    sim.run_until("2026-01-01T07:00:00Z")
    Tide(sim, STREAM, Steps([(0, 1), (3_600, 3)])).play(minutes=70)
    return sim


def test_rows_say_what_came_and_what_fitted(morning: Simulator) -> None:
    rows = water(morning, STREAM)
    assert (rows.width, rows.mode, rows.shards, rows.status) == (MINUTE, "PROVISIONED", 2, "ACTIVE")
    calm, wave = rows.bars[10], rows.bars[-1]
    assert (calm.stored, calm.offered, calm.throttled) == (1, 1, 0)
    assert (wave.stored, wave.offered, wave.throttled, wave.hot) == (2, 3, 60 * 64, False)
    assert rows.throttled == 600 * 64
    assert rows.total == morning.bill().total
    assert rows.hourly == Decimal("0.030")


def test_small_records_count_by_their_number(sim: Simulator) -> None:
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    sim.advance(minutes=1)
    rows = [{"Data": b"x", "PartitionKey": "k"}] * 300
    kinesis.put_records(StreamName=STREAM, Records=rows)
    assert max(bar.stored for bar in water(sim, STREAM).bars) >= 300 / 60 / 1_000


def test_a_hot_key_is_told_from_a_small_stream(sim: Simulator) -> None:
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=8)
    sim.advance(minutes=1)
    Tide(sim, STREAM, 3, hot=0.5).play(minutes=5)
    rows = water(sim, STREAM)
    assert rows.latest.hot
    assert "refused below the line" in Told(rows, Words("capacity", "en")).notice


def test_changes_asked_for_are_marked_and_modes_kept(morning: Simulator) -> None:
    kinesis = morning.client("kinesis")
    kinesis.update_shard_count(StreamName=STREAM, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    morning.advance(minutes=2)
    arn = morning.streams[STREAM].arn
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    morning.advance(minutes=2)
    rows = water(morning, STREAM)
    assert [what for _, what in rows.marks] == ["UpdateShardCount", "UpdateStreamMode"]
    assert [mode for _, mode in rows.modes] == ["PROVISIONED", "ON_DEMAND"]
    assert rows.shards == 4
    assert rows.hourly == Decimal("0.04")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_on_demand_line_is_at_the_ceiling_where_shards_could_take_more(
    sim: Simulator, language: str
) -> None:
    """Eight shards after the split, but double of 2.5 MiB a second is all that fits."""
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    sim.advance(minutes=1)
    Tide(sim, STREAM, Steps([(0, 2.5), (30 * 60, 7)])).play(minutes=35)
    rows = water(sim, STREAM)
    lines = [line for _, line in rows.capacity]
    assert (lines[0], max(lines), lines[-1]) == (4, 5, 5)
    assert rows.shards == 8
    assert (rows.line, rows.latest.stored) == (5, pytest.approx(5))
    assert not rows.latest.hot
    notice = Told(rows, Words("capacity", language)).notice
    assert "15 min" in notice
    assert "8 shards" in notice
    arn = sim.streams[STREAM].arn
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": "PROVISIONED"})
    sim.advance(minutes=1)
    assert water(sim, STREAM).line == 8


def test_a_year_has_no_more_bars_than_can_be_seen(sim: Simulator) -> None:
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    sim.advance(days=400)
    assert len(water(sim, STREAM).bars) <= 202


def test_the_notice_says_what_to_notice(morning: Simulator) -> None:
    told = Told(water(morning, STREAM), Words("capacity", "en"))
    assert told.notice == (
        "In the last minute the load was 3.0; the line is at 2. "
        "3,840 records were refused in it: the load is above the line."
    )
    assert told.costs[-1] == ("total", "0.0398")


def test_portuguese_has_a_decimal_comma_in_loads_and_money(morning: Simulator) -> None:
    told = Told(water(morning, STREAM), Words("capacity", "pt-BR"))
    assert "No último minuto a carga foi 3,0; a linha está em 2. 3.840 registros" in told.notice
    assert told.costs[-1] == ("total", "0,0398")
    assert told.summary.endswith("Custo até agora: 0,0398 USD.")


def test_unverified_prices_say_so(sim: Simulator) -> None:
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    sim.advance(minutes=1)
    Tide(sim, STREAM, 1).play(minutes=5)
    told = Told(water(sim, STREAM), Words("capacity", "en"))
    assert dict(told.costs)["data in"].endswith(" ?")
    assert "? unverified price" in told.cost_notes


def test_ticks_are_round_and_few() -> None:
    hour = 60 * MINUTE
    assert [label for _, label in ticks(0, 3 * hour)] == [
        "00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00"
    ]  # fmt: skip
    assert next(label for _, label in ticks(15_000, hour)) == "00:10"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figure_speaks_and_is_the_same_in_every_run(morning: Simulator, language: str) -> None:
    one, other = (morning.show.capacity(STREAM, lang=language) for _ in range(2))
    assert one.png() == other.png()
    assert repr(one) == Told(water(morning, STREAM), Words("capacity", language)).summary


def test_an_unknown_stream_is_named(sim: Simulator) -> None:
    with pytest.raises(UsageError, match="no-such"):
        sim.show.capacity("no-such")
