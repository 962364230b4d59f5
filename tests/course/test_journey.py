"""One event's way: real calls where a service is built, plain words where it is not."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator
from kinesis_sim.course.journey import STEPS, Journey
from kinesis_sim.course.outline import entry_of
from kinesis_sim.course.widgets.journey import PLACES, SCRIPT, JourneyWidget
from kinesis_sim.course.words import LANGUAGES, CourseWords
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.events import ObjectWritten
from kinesis_sim.workloads.events.generators import rides
from kinesis_sim.workloads.readers.read import read

STREAM = "pedala-rides"


@pytest.fixture
def stream(sim: Simulator) -> Simulator:
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    return sim


def journey(sim: Simulator, language: str = "en") -> Journey:
    return Journey(sim, STREAM, next(rides()), CourseWords("journey", language))


def test_steps_that_work_are_real_calls(stream: Simulator) -> None:
    way = journey(stream)
    way.step()
    assert read(stream, STREAM) == []
    way.step()
    [record] = read(stream, STREAM)
    assert record["Data"] == next(rides()).data
    assert record["SequenceNumber"][-12:] in way.told[-1]
    while not way.ended:
        way.step()
    assert sum("the unlocking is among them" in text for text in way.told) == 3


def test_steps_of_later_lessons_do_nothing_and_say_so(stream: Simulator) -> None:
    way = journey(stream)
    for step in STEPS:
        before = (len(stream.events), stream.now)
        way.step()
        if step.later:
            assert "Nothing happens in this lesson" in way.told[-1]
            assert f"lesson {entry_of(step.later).number}" in way.told[-1]
            assert (len(stream.events), stream.now) == before


def test_firehose_gathers_the_unlocking_into_a_file(stream: Simulator) -> None:
    way = journey(stream)
    for _step in range(5):
        way.step()
    assert "is in a file in the bucket `pedala-way-123456789012`" in way.told[-1]
    [written] = stream.events.of(ObjectWritten)
    assert stream.buckets.read(written.bucket, written.key) == next(rides()).data


def test_the_replay_is_an_hour_later(stream: Simulator) -> None:
    way, before = journey(stream), stream.now
    for _step in STEPS:
        way.step()
    assert (stream.now - before).total_seconds() == 3600 + 61  # a minute is Firehose's


def test_a_reader_who_comes_too_late_is_told_the_truth(stream: Simulator) -> None:
    way = journey(stream)
    for _step in range(7):
        way.step()
    stream.advance(hours=25)
    way.step()
    assert "not among them" in way.told[-1]


def test_after_the_last_step_nothing_more_happens(stream: Simulator) -> None:
    way = journey(stream)
    for _step in range(20):
        way.step()
    assert len(way.told) == len(STEPS)
    way.again()
    assert way.told == []


def test_a_stream_has_to_be_there(sim: Simulator) -> None:
    with pytest.raises(UsageError, match="create it first"):
        journey(sim)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_widget_shows_what_the_kernel_said(stream: Simulator, language: str) -> None:
    words = CourseWords("journey", language)
    widget = JourneyWidget(journey(stream, language), STREAM, words)
    widget._wished({"kind": "next"})
    assert len(widget.told) == 1
    widget._wished({"kind": "again"})
    widget._wished({"kind": "something else"})
    assert widget.told == []
    assert widget.summary().count("\n") == len(STEPS)
    assert words.say("later", lesson=entry_of("flink_time").number) in widget.static_html()


def test_the_picture_and_the_words_name_the_same_places() -> None:
    script = SCRIPT.read_text("utf-8")
    roads = {place for step in STEPS for place in step.road}
    assert roads <= set(PLACES)
    assert all(f"  {place}: [" in script for place in PLACES)
