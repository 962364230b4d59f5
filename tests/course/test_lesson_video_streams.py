"""The check of the lesson on video streams: each likely mistake is met with its own reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, check_of
from kinesis_sim.course.exercises.video_streams import theft_clip
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables
from kinesis_sim.instants import to_ms
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.scenes.filming import Filming
from kinesis_sim.workloads.scenes.theft import (
    BEGIN,
    END,
    FPS,
    GOP_MS,
    SEED,
    STREAM,
    morning_at_the_dock,
)

SECOND = timedelta(seconds=1)
FIRST = BEGIN - 4 * SECOND


@pytest.fixture(scope="module")
def trial() -> Simulator:
    """The account as the lesson makes it."""
    return morning_at_the_dock()[0]


def archived(trial: Simulator) -> Any:
    return trial.client("kinesis-video-archived-media")


def chosen(begin: Any, end: Any, kind: str = "PRODUCER_TIMESTAMP") -> dict[str, Any]:
    span = {"StartTimestamp": begin, "EndTimestamp": end}
    return {"FragmentSelectorType": kind, "TimestampRange": span}


def clip(trial: Simulator, *span: Any) -> bytes:
    selector = chosen(*span)
    answer = archived(trial).get_clip(StreamName=STREAM, ClipFragmentSelector=selector)
    return bytes(answer["Payload"].read())


def verdict(trial: Any, given: object) -> Verdict:
    """The check's verdict; KeyError when a text or a value is missing in a language."""
    found = theft_clip(trial, given)
    for language in LANGUAGES:
        words = CourseWords("video_streams", language)
        assert words.say(f"check.theft-clip.{found.reason}", **found.values)
    return found


def test_a_bike_goes_in_those_seconds() -> None:
    camera = DockCamera(SEED, gop=GOP_MS, fps=FPS)
    before, after = (camera.docked(to_ms(at)) for at in (BEGIN, END))
    assert (before[0], after[0]) == (True, False)


@pytest.mark.parametrize("begin", [FIRST, FIRST - 4 * SECOND, BEGIN - SECOND])
def test_every_fragment_that_shows_the_theft_passes(trial: Simulator, begin: datetime) -> None:
    assert verdict(trial, clip(trial, begin, END)).reason == "passed"


def test_a_range_from_the_theft_on_begins_too_late(trial: Simulator) -> None:
    assert verdict(trial, clip(trial, BEGIN, END)) == Verdict("late-start", {"seconds": 3})


def test_a_range_that_ends_before_the_theft_does(trial: Simulator) -> None:
    found = verdict(trial, clip(trial, FIRST, END - 8 * SECOND))
    assert found == Verdict("early-end", {"count": 2})


def test_the_services_clock_knows_nothing_of_that_minute(trial: Simulator) -> None:
    with pytest.raises(ClientError, match="No fragments found in the stream for the clip request"):
        clip(trial, BEGIN, END, "SERVER_TIMESTAMP")


def test_by_the_services_clock_the_whole_upload_came_at_once(trial: Simulator) -> None:
    back = datetime(2026, 1, 2, 8, 30, tzinfo=UTC)
    found = verdict(trial, clip(trial, back, back + SECOND, "SERVER_TIMESTAMP"))
    assert found == Verdict("everything", {"count": 90, "need": 4})


def test_minutes_around_it_are_too_much(trial: Simulator) -> None:
    around = clip(trial, BEGIN - 60 * SECOND, END + 60 * SECOND)
    assert verdict(trial, around).reason == "too-much"


def test_another_minute_shows_nothing_of_it(trial: Simulator) -> None:
    early = clip(trial, BEGIN - 400 * SECOND, BEGIN - 300 * SECOND)
    assert verdict(trial, early).reason == "elsewhere"


def test_the_film_of_another_camera_is_told_so() -> None:
    first, other = morning_at_the_dock()[0], Simulator(start="2026-01-02T07:00:00Z", latency=None)
    filming = Filming(other)
    begin = other.now
    filming.film(seconds=4)
    selector = chosen(begin, other.now)
    answer = archived(other).get_clip(StreamName=filming.stream, ClipFragmentSelector=selector)
    assert verdict(first, answer["Payload"].read()).reason == "other-film"


def test_media_by_number_is_matroska(trial: Simulator) -> None:
    client = archived(trial)
    rows = client.list_fragments(StreamName=STREAM, FragmentSelector=chosen(FIRST, END))
    numbers = [row["FragmentNumber"] for row in rows["Fragments"]]
    media = client.get_media_for_fragment_list(StreamName=STREAM, Fragments=numbers)
    assert verdict(trial, media["Payload"].read()).reason == "matroska"


def test_a_body_read_twice_is_empty_and_an_address_is_no_film(trial: Simulator) -> None:
    client = archived(trial)
    answer = client.get_clip(StreamName=STREAM, ClipFragmentSelector=chosen(FIRST, END))
    assert verdict(trial, answer).values == {"kind": "dict"}
    assert verdict(trial, answer["Payload"]).reason == "no-bytes"
    answer["Payload"].read()
    assert verdict(trial, answer["Payload"].read()).reason == "empty"
    url = client.get_hls_streaming_session_url(
        StreamName=STREAM, PlaybackMode="ON_DEMAND", HLSFragmentSelector=chosen(FIRST, END)
    )
    assert verdict(trial, url["HLSStreamingSessionURL"]).reason == "address"
    assert theft_clip(trial, None).reason == "untouched"
    assert verdict(trial, b"#EXTM3U\n").reason == "no-film"


def test_a_day_later_nothing_is_left() -> None:
    late = morning_at_the_dock()[0]
    film = clip(late, FIRST, END)
    late.advance(hours=24)
    assert verdict(late, film).reason == "forgotten"


@pytest.mark.parametrize("wrong", [None, 7, Simulator()])
def test_other_things_are_refused(wrong: Any) -> None:
    assert verdict(wrong, b"film").reason == "shape"


def test_the_lesson_finds_its_check_and_it_speaks_every_language() -> None:
    assert check_of("video_streams", "theft-clip") is theft_clip
    texts = tables("video_streams")["check"]["theft-clip"]
    for why, text in texts.items():
        for each in text if why == "hints" else [text]:
            assert set(each) == set(LANGUAGES), why
