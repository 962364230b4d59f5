"""The check of the lesson on state, and its counter: each likely mistake has its own reason."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.course.exercises.flink_state import plan
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables
from kinesis_sim.workloads.scenes.ride_job import RideJob, script_for


def reason(*given: Any) -> str:
    verdict = plan(*given)
    for language in LANGUAGES:
        said = CourseWords("flink_state", language).say(
            f"check.plan.{verdict.reason}", **verdict.values
        )
        assert "{" not in said
    return verdict.reason


@pytest.mark.parametrize("checkpoint", [30, 40, 60])
@pytest.mark.parametrize("per_kpu", [4, 8])
def test_plans_that_meet_all_five(checkpoint: int, per_kpu: int) -> None:
    assert reason("stream", "files", checkpoint, True, per_kpu) == "passed"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("stream", "s3", 40, True, 4), "sinks"),
        (("stream", "files", "40", True, 4), "shape"),
        (("stream", "files", 40, "yes", 4), "shape"),
        (("stream", "files", 0, True, 4), "refused"),
        (("stream", "files", 40, True, 0), "refused"),
        (("stream", "files", 40, True, 16), "refused"),
        (("stream", "files", 40, True, "4"), "passed"),
        (("stream", "files", 40, True, "four"), "shape"),
        (("stream", "files", 40, True, None), "shape"),
        (("stream", "files", None, None, None), "shape"),
        (("stream", "files", float("nan"), True, 4), "shape"),
        (("stream", None, None, None, None), "sinks"),
        (("files", "files", 40, True, 4), "map-old"),
        (("files", "stream", 40, True, 4), "map-old"),
        (("stream", "stream", 40, True, 4), "twice"),
        (("stream", "files", 120, True, 4), "books-old"),
        (("stream", "files", 240, True, 4), "books-old"),
        (("stream", "files", 600, True, 4), "lost-in-crash"),
        (("stream", "files", 10, True, 4), "files"),
        (("stream", "files", 40, False, 4), "lost"),
        (("stream", "files", 40, True, 1), "dear"),
        (("stream", "files", 40, True, 2), "dear"),
    ],
)
def test_each_mistake_has_its_reason(given: tuple[Any, ...], why: str) -> None:
    assert reason(*given) == why


def test_a_crash_repeats_counts_in_the_stream_and_none_in_files() -> None:
    counter = RideJob(Simulator(latency=None))
    counter.play(100)
    counter.crash()
    counter.play(60)
    assert counter.twice("live") == 4
    assert counter.twice("books") == 0
    assert {row["n"] for row in counter.rows("live")[1:]} == {10}


def test_a_job_that_was_rescaled_and_crashes_goes_back_to_its_snapshot() -> None:
    counter = RideJob(Simulator(latency=None), script=script_for(start="LATEST"))
    counter.play(100)
    counter.update(Parallelism=2)
    counter.play(5)
    counter.crash()
    counter.play(60)
    assert counter.parallelism == 2
    assert {row["n"] for row in counter.rows("live")[1:]} == {10}
    assert counter.twice("books") == 0


def test_rides_go_on_while_nothing_runs() -> None:
    counter = RideJob(Simulator(latency=None))
    counter.play(30)
    counter.stop()
    assert counter.job is None
    assert counter.put > 30
    with pytest.raises(UsageError, match="no job to crash"):
        counter.crash()
    counter.start()
    counter.play(20)
    assert counter.seconds[-1].read == counter.put
    assert counter.twice("live") == 0


def test_a_number_and_what_it_counts_agree() -> None:
    one = plan("files", "stream", 5, True, 4)
    assert (one.reason, one.values) == ("twice", {"count": 1})
    for language, wanted in (("en", " 1 count stands"), ("pt-BR", " 1 contagem está")):
        words = CourseWords("flink_state", language)
        assert wanted in words.say("check.plan.twice", **one.values)


def test_checks_speak_every_language() -> None:
    for exercise, texts in tables("flink_state")["check"].items():
        for why, text in texts.items():
            for each in text if why == "hints" else [text]:
                assert set(each) == set(LANGUAGES), (exercise, why)
