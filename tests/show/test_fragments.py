"""The fragment timeline: two clocks, states over time, and what it says of them."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.events import EventLog
from kinesis_sim.show.fragments.fold import Footage, footage, thinned
from kinesis_sim.show.fragments.scene import Picture
from kinesis_sim.show.fragments.words import STATES, Told
from kinesis_sim.show.kit.words import LANGUAGES, Words, tables_of
from kinesis_sim.workloads.camera.producer import put
from kinesis_sim.workloads.scenes.filming import STREAM, Filming


@pytest.fixture
def filming() -> Filming:
    return Filming(Simulator(latency=None))


def states(filming: Filming, at: int | None = None) -> list[str]:
    rows = footage(filming.sim, STREAM)
    return [rows.state(shot, rows.now if at is None else at) for shot in rows.shots]


def marks(filming: Filming, **found: Any) -> list[Any]:
    """The marks of the widest layout that have these attributes."""
    scene = Picture(footage(filming.sim, STREAM), Words("fragments", "en")).page().scenes[-1]
    return [
        mark for mark in scene.marks
        if all(getattr(mark, name) == value for name, value in found.items())
    ]  # fmt: skip


def test_a_fragment_goes_through_the_states_of_its_acknowledgements(filming: Filming) -> None:
    acks = filming.film(4)
    rows = footage(filming.sim, STREAM)
    [first, second] = rows.shots
    assert [first.state(at) for at in first.times] == ["waiting", "held", "stored"]
    assert first.state(first.began - 1) == ""
    heard = {(ack.event, ack.timecode): ack.at for ack in acks}
    assert second.began == heard["BUFFERING", second.produced]
    assert second.received == heard["RECEIVED", second.produced]
    assert second.persisted == heard["PERSISTED", second.produced]


def test_what_is_uploaded_late_keeps_its_producers_time_and_shares_the_services(
    filming: Filming,
) -> None:
    begin = filming.sim.clock.now
    filming.film_offline(10)
    shots = footage(filming.sim, STREAM).shots
    assert [shot.produced - begin for shot in shots] == [0, 2_000, 4_000, 6_000, 8_000]
    assert {shot.began - begin for shot in shots} == {10_000}
    assert states(filming) == ["stored"] * 5


def test_a_cut_line_loses_the_fragment_that_was_not_whole(filming: Filming) -> None:
    filming.cut()
    assert states(filming) == ["stored", "lost"]
    assert len(marks(filming, role="lost")) == 2  # the two strokes of one cross
    assert "cut off 1" in repr(filming.sim.show.fragments(STREAM))


def test_a_refused_fragment_is_named_with_its_error(filming: Filming) -> None:
    filming.film_long()
    rows = footage(filming.sim, STREAM)
    assert states(filming) == ["failed"]
    assert rows.shots[0].length == 20_000
    [refusal] = rows.refusals
    assert (refusal.error, refusal.error_id) == ("MAX_FRAGMENT_DURATION_REACHED", 4002)
    assert "4002 MAX_FRAGMENT_DURATION_REACHED" in repr(filming.sim.show.fragments(STREAM))


def test_one_refused_before_it_began_is_drawn_where_it_was_filmed(filming: Filming) -> None:
    camera, begin = filming.camera, filming.sim.clock.now
    twice = camera.header() + 2 * camera.fragment(begin, 500)
    assert put(filming.sim, STREAM, twice, start=begin)[-1].error_id == 4004
    shots = footage(filming.sim, STREAM).shots
    assert [shot.produced - begin for shot in shots] == [500, 500]
    assert [shot.sequence for shot in shots] == [1, None]
    acks = marks(filming, data={"ack": "BUFFERING"})
    assert len(acks) == 1, "what was refused first was never acknowledged"


def test_retention_ends_by_the_services_clock(filming: Filming) -> None:
    filming.film_offline(4)
    began = footage(filming.sim, STREAM).shots[0].began
    filming.sim.run_until(began + 3_600_000 - 1)
    assert states(filming) == ["stored", "stored"]
    filming.sim.advance(milliseconds=1)
    assert states(filming) == ["gone", "gone"]
    assert states(filming, at=began + 1_000) == ["stored", "stored"], "it can be looked back"


def test_without_retention_nothing_is_stored_and_the_buffer_forgets_after_five_minutes() -> None:
    filming = Filming(Simulator(latency=None), hours=0)
    filming.film(4)
    assert states(filming) == ["held", "held"]
    assert marks(filming, data={"ack": "PERSISTED"}) == []
    filming.sim.advance(minutes=5)
    assert states(filming) == ["gone", "gone"]
    assert "With retention 0 nothing is stored" in repr(filming.sim.show.fragments(STREAM))


def test_retention_taken_away_leaves_what_the_buffer_has(filming: Filming) -> None:
    filming.film(4)
    before = filming.sim.clock.now
    filming.keep(0)
    assert states(filming) == ["held", "held"]
    assert states(filming, at=before) == ["stored", "stored"]
    filming.keep(24)
    assert footage(filming.sim, STREAM).hours(filming.sim.clock.now) == 24


def test_a_camera_whose_clock_is_ahead_is_found_out(filming: Filming) -> None:
    ahead = filming.sim.clock.now + 60_000
    put(filming.sim, STREAM, b"".join(filming.camera.media(ahead, seconds=2)), start=ahead)
    assert "60 s before it was filmed" in repr(filming.sim.show.fragments(STREAM))


def test_a_stream_made_anew_starts_afresh(filming: Filming) -> None:
    filming.film(4)
    client = filming.sim.client("kinesisvideo")
    client.delete_stream(StreamARN=filming.sim.video[STREAM].arn)
    filming.sim.advance(minutes=1)
    assert len(footage(Filming(filming.sim).sim, STREAM).shots) == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_mark_moment_and_state_is_said_in_every_language(filming: Filming, lang: str) -> None:
    for act in ("film", "film_offline", "cut", "film_long"):
        getattr(filming, act)()
    filming.sim.advance(hours=1)
    filming.film(2)
    words = Words("fragments", lang)
    rows = footage(filming.sim, STREAM)
    page = Picture(rows, words).page()
    assert Told(rows, words).counts(rows.now).keys() >= {"stored", "gone", "lost", "failed"}
    assert all(frame.notice for frame in page.frames)
    assert {f"count.{state}" for state in STATES} <= {f"count.{s}" for s in words.under("count")}
    assert set(words.under("error")) - {"other"} <= _errors()


def _errors() -> set[str]:
    from kinesis_sim.video.acknowledgement import ERRORS

    return {*ERRORS, "MIN_FRAGMENT_DURATION_REACHED"}


def test_all_texts_are_there_in_every_language() -> None:
    def leaves(table: dict[str, Any]) -> list[dict[str, Any]]:
        if "en" in table:
            return [table]
        return [leaf for each in table.values() for leaf in leaves(each)]

    assert [each for each in leaves(tables_of("fragments")) if set(each) != set(LANGUAGES)] == []


def test_a_widget_does_what_its_buttons_say(filming: Filming) -> None:
    desk = filming.sim.show.live_fragments(filming)
    for what in ("film", "late", "cut", "long", "hour"):
        desk._handle_custom_msg({"kind": "act", "what": what}, [])
        assert desk.reply == Words("fragments", "en").say(f"reply.{what}")
    desk._handle_custom_msg({"kind": "keep", "value": 0}, [])
    assert desk.reply == "UpdateDataRetention: from 1 h to 0 h."
    assert filming.hours == 0
    for nonsense in ({}, {"kind": "act", "what": "__init__"}, {"kind": "keep", "value": 9}, "no"):
        desk._handle_custom_msg(nonsense, [])
    assert len(desk.page["controls"]) == 6


def test_a_widget_follows_its_stream(filming: Filming) -> None:
    desk = filming.sim.show.live_fragments(filming)
    filming.film(2)
    desk._follow()
    assert desk.summary() == repr(filming.sim.show.fragments(STREAM))


def test_a_picture_of_an_earlier_instant_knows_nothing_of_later(filming: Filming) -> None:
    filming.film(4)
    early = filming.sim.clock.now
    filming.cut()
    assert "cut" not in repr(filming.sim.show.fragments(STREAM, at=early))
    with pytest.raises(UsageError, match="history of dock-camera runs from"):
        filming.sim.show.fragments(STREAM, at="2030-01-01T00:00:00Z")


def test_other_streams_and_filmings_are_refused(filming: Filming) -> None:
    with pytest.raises(UsageError, match="no video stream 'dock'"):
        filming.sim.show.fragments("dock")
    with pytest.raises(UsageError, match="wants a Filming on this simulator"):
        Simulator().show.live_fragments(filming)
    with pytest.raises(UsageError, match="already"):
        Filming(filming.sim)


def test_a_log_that_forgets_says_since_when_all_is_drawn() -> None:
    sim = Simulator(latency=None)
    sim.events = EventLog(60)
    filming = Filming(sim)
    for _ in range(4):
        filming.film(60)
    rows = footage(filming.sim, STREAM)
    assert rows.whole_from is not None
    assert rows.begin == rows.whole_from
    assert {shot.began >= rows.begin for shot in rows.shots} == {True}
    page = Picture(rows, Words("fragments", "en")).page()
    assert "whole since 2026-01-01 00:0" in page.subtitle


def test_so_many_instants_at_most_and_the_last_always() -> None:
    assert thinned(range(5), 9) == [0, 1, 2, 3, 4]
    few = thinned(range(1_000), 9)
    assert (len(few), few[-1]) == (9, 999)
    assert few == sorted(set(few))


def test_a_footage_without_fragments_can_be_drawn() -> None:
    rows = Footage("empty", 0, 0, 0, 300_000, 20_000, None)
    page = Picture(rows, Words("fragments", "en")).page()
    assert page.frames[-1].notice.startswith("No fragment has come yet.")


def test_no_line_between_the_clocks_runs_through_a_name(filming: Filming) -> None:
    """On a narrow page the names stand beyond the lanes that the lines join."""
    filming.film(4)
    filming.film_offline(10)
    narrow = Picture(footage(filming.sim, STREAM), Words("fragments", "en")).page().scenes[0]
    joins = [mark for mark in narrow.marks if getattr(mark, "role", "") == "step"]
    names = [
        mark.points[0][1] for mark in narrow.marks
        if getattr(mark, "said", "") in ("producer time", "server time")
    ]  # fmt: skip
    assert len(names) == 2
    assert joins
    heights = [y for mark in joins for _, y in mark.points]
    assert not [y for y in names if min(heights) < y < max(heights)]
