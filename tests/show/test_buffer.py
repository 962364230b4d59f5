"""Buffers and the lake: rows from events, sentences, the figure and what the widgets are told."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.events import ObjectWritten
from kinesis_sim.instants import HOUR, MINUTE, SECOND
from kinesis_sim.show.buffer.fold import Buffers, buffers
from kinesis_sim.show.buffer.mix import LENGTH, STEPS, STREAM, BufferMix, mixed
from kinesis_sim.show.buffer.scene import FRAMES, MOST_MOMENTS, page
from kinesis_sim.show.buffer.words import Told, axis_end, span, top_of
from kinesis_sim.show.kit.page import Page, figure
from kinesis_sim.show.kit.scene import Mark
from kinesis_sim.show.kit.words import LANGUAGES, Words
from kinesis_sim.units import MIB
from kinesis_sim.workloads.scenes.hose import Hose
from tests.show.test_figures import outside, overlapping


def rows(**settings: Any) -> Buffers:
    return mixed(BufferMix.of(settings))


def create(sim: Simulator, name: str = STREAM) -> Any:
    firehose = sim.client("firehose")
    block = {
        "RoleARN": f"arn:aws:iam::{sim.account}:role/firehose",
        "BucketARN": "arn:aws:s3:::lake-of-buffers",
        "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
    }
    firehose.create_delivery_stream(
        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=block
    )
    return firehose


@pytest.fixture
def sim() -> Simulator:
    made = Simulator(latency=None, delays="instant", account="210987654307")
    s3 = made.client("s3")
    if "lake-of-buffers" not in [row["Name"] for row in s3.list_buckets()["Buckets"]]:
        made.buckets.create("lake-of-buffers")
    return made


# --- rows ---------------------------------------------------------------------------------------


def test_two_mib_a_minute_fill_five_after_150_seconds() -> None:
    run = rows()
    assert [each.trigger for each in run.objects] == ["size"] * 12
    assert {each.bytes for each in run.objects} == {5 * MIB}
    assert run.objects[0].at - (run.now - LENGTH) == 150 * SECOND
    assert run.classes(run.now) == [0, 0, 0, 0, 12, 0, 0]


def test_little_traffic_is_closed_by_time() -> None:
    run = rows(traffic=0.5)
    assert {each.trigger for each in run.objects} == {"interval"}
    assert {each.wait for each in run.objects} == {300 * SECOND}


def test_a_level_knows_what_fires_next_and_when() -> None:
    run = rows()
    first = run.objects[0]
    level = run.level(0, first.at - MINUTE)
    assert (level.first, level.due) == ("size", first.at)
    assert level.held == pytest.approx(3 * MIB, rel=0.02)
    slow = rows(traffic=0.5)
    last = slow.level(0, slow.now)
    assert last.opened is not None
    assert (last.first, last.due) == ("interval", last.opened + 300 * SECOND)


def test_the_scale_that_fired_is_told_at_that_instant() -> None:
    run = rows()
    level = run.level(0, run.objects[0].at)
    assert (level.held, level.fired) == (0, "size")


def test_a_refusal_grows_the_backlog_and_ends_in_larger_objects() -> None:
    run = rows(happens="refused")
    assert run.tries
    assert run.losses == ()
    late = [each for each in run.objects if each.trigger == "backlog"]
    assert [each.tries for each in run.objects if each.tries > 1] == [len(run.tries) + 1]
    assert late[0].bytes > 5 * MIB
    assert max(held for _, held in run.backlog) >= late[0].bytes
    assert run.level(0, run.tries[-1].at).first == "backlog"


def test_a_day_of_refusal_loses_what_came_first_and_no_more() -> None:
    run = rows(happens="lost")
    begin = run.now - 27 * HOUR
    lost = sum(loss.records for loss in run.losses)
    assert run.losses[0].at >= begin + HOUR + 24 * HOUR - 5 * MINUTE
    stored = sum(each.records for each in run.objects)
    held = run.level(0, run.now).held // (16 * 1024)
    assert lost + stored + held == 27 * 60 * 2 * 64 // 100
    assert lost == pytest.approx(2 * 64 * 60 / 100, rel=0.2)  # an hour's
    assert max(each.wait for each in run.objects) < 24 * HOUR


def test_each_shard_has_a_buffer_of_its_own() -> None:
    run, alone = rows(happens="shards"), rows()
    assert [Told(run, Words("buffer", "en")).lane(n) for n in range(4)] == [
        f"shard {n}" for n in range(4)
    ]
    assert {each.lane for each in run.objects} == {0, 1, 2, 3}
    assert len(run.objects) > len(alone.objects)


def test_histogram_and_objects_are_those_of_the_event_log(sim: Simulator) -> None:
    create(sim)
    Hose(sim, STREAM, 3).play(minutes=20)
    run = buffers(sim, STREAM)
    written = sim.events.of(ObjectWritten)
    assert [(o.at, o.bytes, o.records) for o in run.objects] == [
        (e.at, e.bytes, e.records) for e in written
    ]
    assert sum(run.classes(run.now)) == len(written)
    assert run.backlog[-1][1] == run.level(0, run.now).held


def test_new_hints_are_known_from_when_on(sim: Simulator) -> None:
    firehose = create(sim)
    Hose(sim, STREAM, 1).play(minutes=1)
    changed = sim.clock.now
    firehose.update_destination(
        DeliveryStreamName=STREAM,
        CurrentDeliveryStreamVersionId="1",
        DestinationId="destinationId-000000000001",
        ExtendedS3DestinationUpdate={"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}},
    )
    Hose(sim, STREAM, 0.5).play(minutes=5)
    run = buffers(sim, STREAM)
    assert [(each.size, each.interval) for each in run.hints][-1] == (MIB, 60 * SECOND)
    assert run.hinted(changed - 1).interval == 300 * SECOND
    assert run.objects[0].trigger == "size"  # what is buffered meets the smaller hint at once


def test_a_stream_made_anew_starts_afresh(sim: Simulator) -> None:
    firehose = create(sim)
    Hose(sim, STREAM, 6).play(minutes=2)
    firehose.delete_delivery_stream(DeliveryStreamName=STREAM)
    sim.advance(minutes=5)
    create(sim)
    assert buffers(sim, STREAM).objects == ()


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("happens", STEPS["happens"])
def test_every_run_is_told_in_every_language(language: str, happens: str) -> None:
    told = Told(rows(happens=happens), Words("buffer", language))
    for since, text in told.notices:
        assert told.rows.begin <= since <= told.rows.now
        assert text
        assert "{" not in text
    assert all(told.classes())


def test_the_notice_says_what_fired_first() -> None:
    told = Told(rows(), Words("buffer", "en"))
    assert told.notice(told.rows.objects[0].at) == (
        "08:02:30: size fired first. The buffer was full 149 s after its first record; the object "
        "has 5 MiB. 1 object so far, of 5 MiB; its oldest record waited 149 s."
    )


def test_refusal_and_loss_are_told() -> None:
    told = Told(rows(happens="lost"), Words("buffer", "en"))
    refusal = told.notice(told.rows.tries[99].at)
    assert "S3 refused an object (S3.AccessDenied)" in refusal
    assert "tries again in 300 s" in refusal
    assert "Direct PUT keeps them for 24 hours at most." in told.notice(told.rows.losses[-3].at)
    assert told.notice(told.rows.now).endswith(" records were lost.")


def test_the_axis_has_room_for_what_comes() -> None:
    run = rows(traffic=0.5)
    assert axis_end(run) > max(run.now, run.level(0, run.now).due or 0)
    assert top_of(rows(traffic=0.1)) < 5 * MIB
    assert top_of(rows()) > 5 * MIB


@pytest.mark.parametrize(
    ("ms", "said"), [(0, "0 s"), (299_600, "300 s"), (25 * MINUTE, "25 min"), (26 * HOUR, "26 h")]
)
def test_spans_are_short(ms: int, said: str) -> None:
    assert span(ms).startswith(said)


# --- pictures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figure_speaks_and_is_the_same_in_every_run(sim: Simulator, language: str) -> None:
    create(sim)
    Hose(sim, STREAM, 2).play(minutes=6)
    one, other = (sim.show.buffer(STREAM, lang=language) for _ in range(2))
    assert one.png() == other.png()
    told = Told(buffers(sim, STREAM), Words("buffer", language))
    assert repr(one) == told.summary(sim.clock.now)


def test_the_figure_shows_an_earlier_instant(sim: Simulator) -> None:
    create(sim)
    Hose(sim, STREAM, 2).play(minutes=6)
    assert "1 object so far" in repr(sim.show.buffer(STREAM, at=sim.clock.now - 3 * MINUTE))
    with pytest.raises(UsageError, match="history"):
        sim.show.buffer(STREAM, at=0)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("happens", STEPS["happens"])
def test_every_word_of_the_figure_lies_inside_it_and_apart(language: str, happens: str) -> None:
    drawn = page(rows(happens=happens), Words("buffer", language))
    sheet = figure(drawn, Words("kit", language))
    assert outside(sheet) == []
    assert overlapping(sheet) == []


def test_an_empty_stream_has_a_picture(sim: Simulator) -> None:
    create(sim)
    assert "No record has come yet" in repr(sim.show.buffer(STREAM))
    assert "No record has come yet" in sim.show.live_buffer(STREAM).summary()


def marks(drawn: Page, role: str, at: int | None) -> list[Mark]:
    """Of the wide layout and what is under its slider."""
    scenes = drawn.scenes[-1], *drawn.below[-1:]
    return [
        each for scene in scenes for each in scene.marks if each.role == role and each.lives(at)
    ]


@pytest.mark.parametrize("happens", STEPS["happens"])
def test_every_object_is_a_mark_of_what_closed_it_from_its_arrival_on(happens: str) -> None:
    run = rows(happens=happens)
    drawn = page(run, Words("buffer", "en"))
    for trigger, role in {"size": "stored", "interval": "pale", "backlog": "held-up"}.items():
        bars = [mark.alive for mark in marks(drawn, role, None) if mark.alive != (None, None)]
        assert bars == [(each.at, None) for each in run.objects if each.trigger == trigger]


@pytest.mark.parametrize("settings", [{}, {"happens": "shards"}, {"interval": 10}, {"interval": 0}])
def test_frames_stay_few_and_stand_at_every_object(settings: dict[str, Any]) -> None:
    run = rows(**settings)
    drawn = page(run, Words("buffer", "en"))
    instants = [frame.at for frame in drawn.frames]
    arrived = {each.at for each in run.objects}
    if len(arrived) <= MOST_MOMENTS:
        assert arrived < set(drawn.moments)
    assert set(drawn.moments) <= set(instants)
    assert len(drawn.moments) <= MOST_MOMENTS + 4
    assert len(instants) <= max(FRAMES, len(drawn.moments) + FRAMES // 4) + 1
    assert instants == sorted(instants)


def test_who_does_not_see_it_is_told_what_buffers_hold_and_how_large_objects_are() -> None:
    run = rows()
    drawn = page(run, Words("buffer", "en"), run.objects[1].at + MINUTE)
    assert [frame.heard for frame in drawn.frames] == [
        "size: 2.0 MiB, time: 59 s (fires first, in 90 s); File sizes: 4–16 MiB: 2"
    ]


def test_the_strip_adds_up_to_what_is_behind() -> None:
    run = rows(happens="refused")
    drawn = page(run, Words("buffer", "en"))
    strip = marks(drawn, "outside", None)
    most = max(one[1] - other[1] for other, one in (mark.points for mark in strip))
    assert most == pytest.approx(36, abs=2)
    assert len(marks(drawn, "refusal", None)) == 5  # of 7, those that meet none before them
    assert marks(drawn, "outside", run.begin) == []


def test_the_live_picture_follows_its_stream(sim: Simulator) -> None:
    create(sim)
    widget = sim.show.live_buffer(STREAM)
    Hose(sim, STREAM, 2).play(minutes=6)
    widget._follow()
    assert len(marks(widget._page, "stored", sim.clock.now)) == 2
    assert "image/png" in widget._repr_mimebundle_()[0]  # type: ignore[index]
    sim.client("firehose").delete_delivery_stream(DeliveryStreamName=STREAM)
    sim.advance(minutes=5)
    before = widget.page
    widget._follow()
    assert widget.page == before  # its last picture stays
    widget.close()


def test_the_mixer_opens_on_a_buffer_that_closes_both_ways() -> None:
    widget = Simulator().show.buffer_mixer()
    reasons = {each.trigger for each in mixed(widget.mix).objects}
    assert len(reasons) == 2


def test_the_mixer_plays_what_it_is_asked_for() -> None:
    widget = Simulator().show.buffer_mixer(traffic=0.5)
    assert widget.mix == BufferMix(traffic=0.5)
    wish = dict.fromkeys(STEPS, 0) | {"happens": STEPS["happens"].index("well")}
    widget._wished({"kind": "mix", "places": wish})
    assert widget.mix == BufferMix(1, 0, 0.1, "well")
    assert {row["id"]: row["value"] for row in widget.page["controls"]} == wish
    for bad in ({**wish, "size": 6}, {**wish, "size": True}, {"size": 0}):
        widget._wished({"kind": "mix", "places": bad})
    assert widget.mix == BufferMix(1, 0, 0.1, "well")


def test_bad_settings_and_streams_are_named(sim: Simulator) -> None:
    with pytest.raises(UsageError, match="size=3"):
        sim.show.buffer_mixer(size=3)
    with pytest.raises(UsageError, match="no shards"):
        sim.show.buffer_mixer(shards=3)
    with pytest.raises(UsageError, match="no-such"):
        sim.show.buffer("no-such")


def test_more_buffers_than_the_picture_has_room_for_are_said(sim: Simulator) -> None:
    sim.client("kinesis").create_stream(StreamName="wide", ShardCount=14)
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName="from-wide",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": sim.streams.arn("wide"),
            "RoleARN": f"arn:aws:iam::{sim.account}:role/firehose",
        },
        S3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{sim.account}:role/firehose",
            "BucketARN": "arn:aws:s3:::nobody",
        },
    )
    sim.advance(minutes=1)
    sim.streams["wide"].put([(b"x", f"bike-{n}", None) for n in range(400)], sim.clock.now)
    sim.advance(seconds=2)
    assert "and 2 more buffers" in repr(sim.show.buffer("from-wide"))
