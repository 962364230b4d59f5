"""The readers' picture: places and lags are those of the readers, and the sentences are true."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.readers.fold import Readers
from kinesis_sim.show.readers.notices import lag_said
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.scenes.audience import (
    APPLICATION,
    FANOUT,
    FUNCTION,
    POLLER,
    STREAM,
    Audience,
)


@pytest.fixture
def audience() -> Audience:
    return Audience(Simulator(latency=None, delays="instant"))


def fold(audience: Audience) -> Readers:
    return Readers(audience.sim.streams[STREAM], audience.sim.events)


def application(readers: Readers) -> str:
    return next(name for name in readers.kinds if name.startswith(APPLICATION))


def test_each_reader_is_known_for_what_it_is(audience: Audience) -> None:
    readers = fold(audience)
    kinds = {POLLER: "poller", FANOUT: "fan-out", FUNCTION: "lambda", application(readers): "kcl"}
    assert readers.kinds == kinds


def test_a_lag_is_the_age_of_the_oldest_record_not_dealt_with() -> None:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    poller = Poller(sim, STREAM, lambda shard, records: None, limit=2, every_ms=10_000).start()
    begin = sim.clock.now
    for _ in range(6):
        sim.advance(seconds=1)
        sim.streams[STREAM].put([(b"x", "k", None)], sim.clock.now)
    sim.advance(seconds=6)
    readers = Readers(sim.streams[STREAM], sim.events)
    assert poller.places["shardId-000000000000"].checkpoint is not None
    spot = readers.spot(poller.name, 0, begin + 12_000)
    assert spot is not None
    assert (spot.place - begin, spot.lag, spot.waiting) == (3_000, 9_000, 4)
    assert readers.spot(poller.name, 0, begin + 9_000) is None
    sim.advance(seconds=20)
    spot = Readers(sim.streams[STREAM], sim.events).spot(poller.name, 0, sim.clock.now)
    assert spot is not None
    assert (spot.lag, spot.waiting) == (0, 0)


def test_a_crashed_worker_holds_its_place_and_nobody_else_does(audience: Audience) -> None:
    readers, now = fold(audience), audience.sim.clock.now
    app = application(readers)
    down = [shard for shard in (0, 1) if readers.spot(app, shard, now).state == "crashed"]  # type: ignore[union-attr]
    assert len(down) == 1
    was = readers.spot(app, down[0], now)
    audience.sim.advance(seconds=5)
    readers = fold(audience)
    still = readers.spot(app, down[0], now + 5_000)
    assert was is not None
    assert still is not None
    assert still.place == was.place
    assert still.lag == was.lag + 5_000
    others = [readers.spot(name, down[0], now + 5_000) for name in (POLLER, FANOUT, FUNCTION)]
    assert all(spot is not None and spot.place > still.place for spot in others)


def test_the_successor_goes_on_from_the_checkpoint(audience: Audience) -> None:
    audience.sim.advance(seconds=30)
    readers, now = fold(audience), audience.sim.clock.now
    app = application(readers)
    spots = [readers.spot(app, shard, now) for shard in (0, 1)]
    assert {spot.worker for spot in spots if spot} == {"worker-1"}
    assert all(spot and spot.lag < 3_000 and spot.state == "" for spot in spots)


def test_poison_holds_the_function_and_no_other_reader(audience: Audience) -> None:
    audience.poison()
    audience.sim.advance(minutes=2)
    readers, now = fold(audience), audience.sim.clock.now
    stuck = [readers.spot(FUNCTION, shard, now) for shard in (0, 1)]
    assert sorted(spot.state for spot in stuck if spot) == ["", "failing"]
    assert max(spot.lag for spot in stuck if spot) > 110_000
    assert all(
        spot and spot.lag < 10_000
        for spot in (
            readers.spot(name, shard, now) for name in (POLLER, FANOUT) for shard in (0, 1)
        )
    )
    audience.mend()
    audience.sim.advance(minutes=2)
    after = fold(audience).spot(FUNCTION, 1, audience.sim.clock.now)
    assert after is not None
    assert after.lag < 15_000


def test_what_the_stream_forgot_is_no_place_to_stand() -> None:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    stream = sim.streams[STREAM]
    stream.put([(b"x", "k", None)], sim.clock.now)
    poller = Poller(sim, STREAM, lambda shard, records: None).start()
    sim.advance(seconds=2)
    poller.stop()
    for _ in range(26):
        sim.advance(hours=1)
        stream.put([(b"x", "k", None)], sim.clock.now)
    stream.shards[0].trim(stream.horizon(sim.clock.now))
    spot = Readers(stream, sim.events).spot(poller.name, 0, sim.clock.now)
    assert spot is not None
    assert spot.lag == 24 * 3_600_000
    assert spot.waiting == 26


# --- what is drawn --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "worker-2 crashed 7 s ago"), ("pt-BR", "worker-2 caiu há 7 s")]
)
def test_the_figure_says_what_it_shows(audience: Audience, lang: str, said: str) -> None:
    sheet = audience.sim.show.readers(STREAM, lang=lang)
    assert said in repr(sheet)
    assert "alerts 0" in repr(sheet)
    assert sheet.png() == audience.sim.show.readers(STREAM, lang=lang).png()


def test_a_stream_without_readers_says_so() -> None:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    sim.streams[STREAM].put([(b"x", "k", None)], sim.clock.now)
    assert "Nobody has read anything" in repr(sim.show.readers(STREAM))


def test_the_shard_map_draws_readers_when_asked(audience: Audience) -> None:
    plain, peopled = (audience.sim.show.shards(STREAM, readers=on) for on in (False, True))
    assert peopled.get_size_inches()[1] > plain.get_size_inches()[1]
    drawn = {text.get_text() for text in peopled.axes[0].texts}
    assert "alerts  0.0 s" in drawn


def test_an_earlier_instant_is_shown_as_it_was(audience: Audience) -> None:
    before = audience.sim.clock.now - 20_000
    sheet = audience.sim.show.readers(STREAM, at=before)
    assert "crashed" not in repr(sheet)
    with pytest.raises(UsageError, match="history"):
        audience.sim.show.readers(STREAM, at=before - 3_600_000)


# --- the widget's Python side ---------------------------------------------------------------------


def test_rows_are_json_and_small_and_have_a_frame_a_second(audience: Audience) -> None:
    desk = audience.sim.show.live_readers(audience)
    assert len(json.dumps(desk.page)) < 200_000
    instants = [at for at, _, _ in desk.page["frames"]]
    assert {b - a for a, b in pairwise(instants)} == {1_000}
    for scene in desk._page.scenes:
        lags = [mark for mark in scene.marks if mark.role == "lag"]
        assert 4 * len(instants) < len(lags) <= 8 * len(instants)
        for mark in lags:
            [(begin, _), (end, _)] = mark.points
            assert scene.left <= begin.on(800) <= end.on(800) <= 800 - scene.right


def test_switches_do_what_they_say_in_both_languages(audience: Audience) -> None:
    desk = audience.sim.show.live_readers(audience, lang="pt-BR")
    labels = [row["label"] for row in desk.page["controls"][2:]]
    assert labels == ["derrubar worker-1", "reiniciar worker-2", "envenenar billing"]
    for what in ("worker-1", "worker-2", "poison"):
        desk.switch(what)
        assert desk.reply
    assert [row["pressed"] for row in desk.page["controls"][2:]] == [True, False, True]
    assert audience.alive == {"worker-1": False, "worker-2": True}


def test_it_belongs_to_one_simulator(audience: Audience) -> None:
    other = Simulator(latency=None, delays="instant")
    with pytest.raises(UsageError, match="another simulator"):
        other.show.live_readers(audience)
    with pytest.raises(UsageError, match="already"):
        Audience(audience.sim)


def test_texts_are_there_in_both_languages() -> None:

    from kinesis_sim.show.kit.words import LANGUAGES, tables_of

    def leaves(table: dict[str, Any]) -> Any:
        for entry in table.values():
            yield from [entry] if "en" in entry else leaves(entry)

    tables = tables_of("readers")
    assert all(set(entry) == set(LANGUAGES) for entry in leaves(tables))


def test_a_deleted_namesake_s_readers_are_not_in_the_picture() -> None:
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    for name in ("before", "after"):
        kinesis.create_stream(StreamName=STREAM, ShardCount=1)
        poller = Poller(sim, STREAM, lambda shard, records: None, name=name).start()
        sim.streams[STREAM].put([(b"x", "k", None)], sim.clock.now)
        sim.advance(seconds=5)
        poller.stop()
        readers = Readers(sim.streams[STREAM], sim.events)
        assert [reader for reader in readers.kinds if reader in ("before", "after")] == [name]
        kinesis.delete_stream(StreamName=STREAM)
        sim.advance(seconds=1)


@pytest.mark.parametrize(
    ("ms", "said"),
    [(640, "0.6 s"), (7_300, "7.3 s"), (9_900, "9.9 s"), (10_400, "10 s"), (119_000, "119 s")],
)
def test_a_lag_is_told_in_tenths_below_ten_seconds(ms: int, said: str) -> None:
    assert lag_said(ms, Words("readers", "en")) == said
