"""Heat maps and mixes: what rows say of puts, what sentences say of rows, and how figures look."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from kinesis_sim import Simulator
from kinesis_sim.account.hashing import hash_key
from kinesis_sim.errors import UsageError
from kinesis_sim.show.heat.fold import MOST_COLUMNS, HeatMap, heat_map
from kinesis_sim.show.heat.mix import STEPS, Mix, mixed
from kinesis_sim.show.heat.notices import mixed_notice, notice, percent
from kinesis_sim.show.kit.words import LANGUAGES, Words
from tests.show.test_figures import outside, overlapping, texts, written

STREAM = "meu-stream"
ENGLISH = Words("heat", "en")


def begun(shards: int = 1, limits: str = "on") -> Simulator:
    sim = Simulator(latency=None, delays="instant", limits=limits)
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=shards)
    sim.advance(seconds=20)
    return sim


def put(sim: Simulator, count: int, size: int, place: int = 0) -> None:
    entry = {"PartitionKey": "pk", "ExplicitHashKey": str(place), "Data": bytes(size)}
    entries = [entry] * count
    while entries:
        sim.client("kinesis").put_records(StreamName=STREAM, Records=entries[:500])
        entries = entries[500:]


def heat(sim: Simulator) -> HeatMap:
    return heat_map(sim.show.history(STREAM), sim.streams.shard_limits)


def test_a_cell_tells_what_a_second_stored_and_refused() -> None:
    sim = begun()
    put(sim, 1_100, 2)
    [cell] = heat(sim).cells
    assert (cell.records, cell.bytes, cell.throttled) == (1_000, 4_000, 100)
    assert (cell.full, cell.limit) == (1.0, "records")
    assert cell.refused == pytest.approx(1 / 11)


def test_the_nearer_limit_is_named() -> None:
    sim = begun()
    put(sim, 12, 100_000)
    assert heat(sim).cells[0].limit == "bytes"
    assert "its 1 MiB a second were used up" in notice(heat(sim), ENGLISH)
    sim.advance(seconds=2)
    put(sim, 1_001, 2)
    said = notice(heat(sim), ENGLISH)
    assert "in some seconds its 1,000 records were used up, in others its 1 MiB" in said


def test_a_rush_in_a_long_column_is_compared_with_its_own_second() -> None:
    sim = begun()
    put(sim, 1, 98)
    sim.advance(hours=1)
    put(sim, 1_001, 98)
    map_ = heat(sim)
    assert map_.width > 1_000
    said = notice(map_, ENGLISH)
    assert "it was at 1,000 records a second, its bytes at 10 % of 1 MiB" in said


def test_calm_is_said_and_so_is_nothing() -> None:
    sim = begun(shards=2)
    assert notice(heat(sim), ENGLISH) == "Nothing has been put into this stream yet."
    put(sim, 500, 2, place=2**127)
    assert notice(heat(sim), ENGLISH) == (
        "No shard refused anything. The fullest was shard 1, at 50 % of the records that it takes."
    )


def test_without_limits_nothing_is_full() -> None:
    sim = begun(limits="off")
    put(sim, 2_000, 2)
    [cell] = heat(sim).cells
    assert (cell.records, cell.throttled, cell.full) == (2_000, 0, 0)
    assert "limits are off" in notice(heat(sim), ENGLISH)


def test_a_long_history_has_few_columns_and_loses_no_record() -> None:
    sim = begun()
    for _ in range(300):
        put(sim, 3, 10)
        sim.advance(minutes=7)
    rows = heat(sim)
    assert rows.columns <= MOST_COLUMNS
    assert sum(cell.records for cell in rows.cells) == 900
    assert all(0 <= cell.column < rows.columns for cell in rows.cells)


def test_the_last_column_is_that_of_the_last_put() -> None:
    sim = begun()
    put(sim, 1, 1)
    rows = heat(sim)
    assert [cell.column for cell in rows.cells] == [rows.columns - 1]


def test_percent_keeps_all_and_nothing_for_all_and_nothing() -> None:
    assert [percent(part) for part in (0, 0.001, 0.5, 0.9999, 1)] == [0, 1, 50, 99, 100]


# --- mixes ----------------------------------------------------------------------------------------


def test_a_hot_key_overloads_its_shard_only() -> None:
    result = mixed(Mix())
    refusing = [row for row in result.heat.sums if row.throttled]
    assert len(refusing) == 1
    assert result.counts.stored + result.counts.lost == result.counts.offered
    assert "25,570 records are lost" in mixed_notice(Mix(), result, ENGLISH)


def test_in_a_rush_waiting_loses_least() -> None:
    rush = {"rate": 500, "shards": 1, "rhythm": "rush"}
    lost = {retry: mixed(Mix.of(rush | {"retry": retry})).counts.lost for retry in STEPS["retry"]}
    assert lost["back-off"] < lost["at-once"] < lost["none"]


def test_places_are_the_mix() -> None:
    assert Mix.at(Mix().places) == Mix()


@pytest.mark.parametrize(
    "settings", [{"rate": 7}, {"shards": 0}, {"retry": "never"}, {"colour": 1}]
)
def test_what_the_mixer_does_not_have_is_refused(settings: dict[str, int | str]) -> None:
    with pytest.raises(UsageError, match=r"(?i)the mixer has"):
        Simulator().show.mixer(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_widget_says_the_same_in_every_run_and_brings_a_picture(lang: str) -> None:
    one, other = (Simulator().show.mixer(lang=lang) for _ in range(2))
    assert repr(one) == repr(other)
    bundle = one._repr_mimebundle_()
    assert bundle is not None
    assert bundle[0]["image/png"] == other._repr_mimebundle_()[0]["image/png"]  # type: ignore[index]


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("shards", [1, 4, 24])
def test_figures_can_be_read(shards: int, lang: str) -> None:
    sim = begun(shards)
    put(sim, 1_100, 2)
    sim.advance(seconds=25)
    put(sim, 12, 100_000)
    sheet = sim.show.heat(STREAM, lang=lang)
    assert overlapping(sheet) == []
    assert outside(sheet) == []
    assert min(float(text.get_fontsize()) for text in texts(sheet)) >= 11 * 72 / 100
    assert "102" in written(sheet)


def test_shards_without_a_lane_are_counted() -> None:
    said = {
        shards: " ".join(text.get_text() for text in texts(begun(shards).show.heat(STREAM)))
        for shards in (24, 26)
    }
    assert "2 more shards are not drawn." in said[26]
    assert "not drawn" not in said[24]


def test_an_unknown_stream_has_no_heat() -> None:
    with pytest.raises(UsageError, match="no stream"):
        Simulator().show.heat("nowhere")


def test_a_hot_key_is_seen_far_from_any_limit_and_named() -> None:
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=3)
    for ride in range(90):
        key = "station-9" if ride % 2 else f"bike-{ride}"
        kinesis.put_record(StreamName="s", PartitionKey=key, Data=b".")
        sim.advance(seconds=1)
    rows = heat_map(sim.show.history("s"), sim.streams.shard_limits)
    assert 0 < rows.top < 0.25
    hot = sim.streams["s"].shard_for(hash_key("station-9")).index
    assert max(rows.cells, key=lambda cell: cell.full).shard == hot
    said = repr(sim.show.heat("s", keys=["station-9"]))
    assert re.search(rf"Shard {hot} got \d\d % of all that came, \d\.\d times its even share", said)
    assert said.endswith("station-9 goes there: one key, one shard.")
    assert "station-9 vai para lá" in repr(sim.show.heat("s", keys=["station-9"], lang="pt-BR"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_instants_with_their_days_and_the_present_have_room(lang: str) -> None:
    """A map over midnight, nearly empty: its heading is longest, and so are its instants."""
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    sim.client("kinesis").put_record(StreamName=STREAM, PartitionKey="pk", Data=b".")
    sheet = sim.show.heat(STREAM, lang=lang)
    assert overlapping(sheet) == []
    say = Words("heat", lang).say
    boxes = {text.get_text(): text.get_window_extent() for text in texts(sheet)}
    ticks = sorted(box.intervalx.tolist() for said, box in boxes.items() if ":" in said[-3:-2])
    assert len(ticks) > 2
    assert all(right[0] - left[1] > 10 for left, right in pairwise(ticks))
    caption = [box for said, box in boxes.items() if said in say("caption", width="1 s")]
    assert all(boxes[say("now")].y1 < box.y0 for box in [*caption, boxes[STREAM]])
